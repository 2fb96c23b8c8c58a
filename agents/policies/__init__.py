"""Which moves a round makes: one policy a file, each a pure function of what is known (METHOD.md section 3.1)."""
