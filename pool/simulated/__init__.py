"""Simulated members with planted value priorities (METHOD.md section 6). Versioned; docs/SIMULATOR.md describes it."""

from .identity import Identity as Identity
from .identity import simulator_version as simulator_version
from .simulated_model import make_simulated as make_simulated
from .vocabulary import check_simulated as check_simulated
