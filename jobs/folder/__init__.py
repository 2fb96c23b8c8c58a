"""A job's folder: its life, its manifest, and what becomes of it after a crash."""
