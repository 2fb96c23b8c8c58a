"""``adaem view``: a local web app over the folders of runs. It reads, computes what is shown, and writes nothing."""
