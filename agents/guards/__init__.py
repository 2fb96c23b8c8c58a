"""What is checked of every agent's work before it is used."""
