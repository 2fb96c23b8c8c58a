"""Results in a program or a notebook: typed objects with tables, arrays, figures, and a way to show themselves."""
