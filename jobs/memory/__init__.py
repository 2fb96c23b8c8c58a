"""The care of a memory over many runs."""
