"""How the members of a pool are asked, live or from recorded answers."""
