"""How well the instrument measures, as data."""
