"""The checks of ``adaem doctor``."""
