"""Simulated members with planted value priorities (METHOD.md section 6). Versioned; docs/SIMULATOR.md describes it."""

from .identity import Identity as Identity
from .parameters import SIMULATOR_VERSION as SIMULATOR_VERSION
from .simulated_model import make_simulated as make_simulated
