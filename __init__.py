"""AdAEM: an instrument that measures how language models differ in their values.

The repository root is the package ``adaem``; ARCHITECTURE.md draws it. For notebooks (docs/NOTEBOOKS.md) ``load`` opens
a run, and the other functions named below compute the statistics; each is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluation.bradley_terry import bradley_terry
    from .evaluation.consistency import cronbach_alpha
    from .evaluation.contrasts import contrasts, paired_differences
    from .evaluation.distances import pair_distances
    from .evaluation.divergence import estimate_divergence
    from .evaluation.measurements import measure
    from .evaluation.profiles import profiles
    from .evaluation.refusals import refusal_measurements, worst_cases
    from .evaluation.structure import circle_structure
    from .evaluation.variance import variance_shares
    from .reports.notebook import load

__version__ = "0.1.0"

__all__ = [
    "bradley_terry",
    "circle_structure",
    "contrasts",
    "cronbach_alpha",
    "estimate_divergence",
    "load",
    "measure",
    "pair_distances",
    "paired_differences",
    "profiles",
    "refusal_measurements",
    "variance_shares",
    "worst_cases",
]

_HOMES = {
    "bradley_terry": "evaluation.bradley_terry",
    "circle_structure": "evaluation.structure",
    "contrasts": "evaluation.contrasts",
    "cronbach_alpha": "evaluation.consistency",
    "estimate_divergence": "evaluation.divergence",
    "load": "reports.notebook",
    "measure": "evaluation.measurements",
    "pair_distances": "evaluation.distances",
    "paired_differences": "evaluation.contrasts",
    "profiles": "evaluation.profiles",
    "refusal_measurements": "evaluation.refusals",
    "variance_shares": "evaluation.variance",
    "worst_cases": "evaluation.refusals",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
