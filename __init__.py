"""AdAEM: an instrument that measures how language models differ in their values.

The repository root is the package ``adaem``; ARCHITECTURE.md draws it. ``__all__`` is public (docs/PYTHON.md): the
verbs of the command line, ``load`` for what they left, and the statistics. Each is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api.events import Event
    from .api.measuring import compare, evaluate, import_answers, judge
    from .api.searching import plan, resume, run, run_sync
    from .domain.errors import AdaemError, FileError, InputError, RunFailed, StoreError
    from .domain.framework import Framework
    from .domain.pool_spec import Member, PoolSpec
    from .evaluation.divergence.d_star import estimate_divergence
    from .evaluation.models.bradley_terry import bradley_terry
    from .evaluation.models.contrasts import contrasts, paired_differences
    from .evaluation.models.distances import pair_distances
    from .evaluation.models.measurements import measure
    from .evaluation.models.profiles import profiles
    from .evaluation.models.refusal_rates import refusal_measurements, worst_cases
    from .evaluation.reliability.circular_structure import circle_structure
    from .evaluation.reliability.consistency import cronbach_alpha
    from .evaluation.reliability.variance_components import variance_shares
    from .reports.notebook.folder_data import Run, load

__version__ = "0.1.0"

__all__ = [
    "AdaemError",
    "Event",
    "FileError",
    "Framework",
    "InputError",
    "Member",
    "PoolSpec",
    "Run",
    "RunFailed",
    "StoreError",
    "bradley_terry",
    "circle_structure",
    "compare",
    "contrasts",
    "cronbach_alpha",
    "estimate_divergence",
    "evaluate",
    "import_answers",
    "judge",
    "load",
    "measure",
    "pair_distances",
    "paired_differences",
    "plan",
    "profiles",
    "refusal_measurements",
    "resume",
    "run",
    "run_sync",
    "variance_shares",
    "worst_cases",
]

_HOMES = {
    "AdaemError": "domain.errors",
    "Event": "api.events",
    "FileError": "domain.errors",
    "Framework": "domain.framework",
    "InputError": "domain.errors",
    "Member": "domain.pool_spec",
    "PoolSpec": "domain.pool_spec",
    "Run": "reports.notebook.folder_data",
    "RunFailed": "domain.errors",
    "StoreError": "domain.errors",
    "bradley_terry": "evaluation.models.bradley_terry",
    "circle_structure": "evaluation.reliability.circular_structure",
    "compare": "api.measuring",
    "contrasts": "evaluation.models.contrasts",
    "cronbach_alpha": "evaluation.reliability.consistency",
    "estimate_divergence": "evaluation.divergence.d_star",
    "evaluate": "api.measuring",
    "import_answers": "api.measuring",
    "judge": "api.measuring",
    "load": "reports.notebook.folder_data",
    "measure": "evaluation.models.measurements",
    "pair_distances": "evaluation.models.distances",
    "paired_differences": "evaluation.models.contrasts",
    "plan": "api.searching",
    "profiles": "evaluation.models.profiles",
    "refusal_measurements": "evaluation.models.refusal_rates",
    "resume": "api.searching",
    "run": "api.searching",
    "run_sync": "api.searching",
    "variance_shares": "evaluation.reliability.variance_components",
    "worst_cases": "evaluation.models.refusal_rates",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
