"""How models are reached: members, limits, outcomes and recorded calls. Simulated members live in ``simulated``."""

from .member_pool import Pool as Pool
