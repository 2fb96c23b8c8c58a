"""How requests are sent: paced, tried again, broken off, recorded."""
