"""What ``import adaem`` can do: the verbs of the command line as functions, with objects where it has names."""
