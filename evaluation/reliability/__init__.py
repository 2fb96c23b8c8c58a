"""How far the instrument can be trusted: consistency, split halves, variance shares, structure, priming."""
