"""How well judges agree with people and with each other, and what their errors do to the figures."""
