"""AdAEM: an instrument that measures how language models differ in their values.

The repository root is the package ``adaem``; ARCHITECTURE.md draws it. For notebooks (docs/NOTEBOOKS.md) ``load`` opens
a run, and the other functions named below compute the statistics; each is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from .reports.notebook.folder_data import load

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
    "bradley_terry": "evaluation.models.bradley_terry",
    "circle_structure": "evaluation.reliability.circular_structure",
    "contrasts": "evaluation.models.contrasts",
    "cronbach_alpha": "evaluation.reliability.consistency",
    "estimate_divergence": "evaluation.divergence.d_star",
    "load": "reports.notebook.folder_data",
    "measure": "evaluation.models.measurements",
    "pair_distances": "evaluation.models.distances",
    "paired_differences": "evaluation.models.contrasts",
    "profiles": "evaluation.models.profiles",
    "refusal_measurements": "evaluation.models.refusal_rates",
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
