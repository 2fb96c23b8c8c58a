"""Small real models on this machine: which are known, how their weights get here, and how they are served."""
