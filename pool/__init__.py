"""How models are reached: members, limits, outcomes and recorded calls. Simulated members live in ``simulated``."""

from .pool import Pool as Pool
