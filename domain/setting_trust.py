"""What a run's folder may choose when it is opened again, setting by setting.

A folder may come from a stranger, and its manifest is data. What would open another file, reach a host or run code
counts only where the user's own command line names it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Trust(StrEnum):
    """How far a setting counts that a run's folder names."""

    DATA = "counts"
    """A number or a choice among what ships: it decides how much is measured and how, and reaches nothing."""

    COPIED = "copied"
    """What it named when the run began was copied into the folder and is data; what it names now is not opened."""

    REPEATED_SETTINGS = "repeated"
    """Counts where it names something that ships, or nothing; anything else only when the command line repeats it."""

    GIVEN = "given"
    """A permission, which only the command line gives, each time."""


TRUST: Mapping[str, Trust] = MappingProxyType(
    {
        "framework": Trust.COPIED,
        "pool": Trust.COPIED,
        "prompts": Trust.COPIED,
        "embedder": Trust.REPEATED_SETTINGS,
        "memory": Trust.REPEATED_SETTINGS,
        "bank": Trust.REPEATED_SETTINGS,
        "topics": Trust.COPIED,
        "questions": Trust.DATA,
        "seed": Trust.DATA,
        "step_timeout": Trust.DATA,
        "reconnect_timeout": Trust.DATA,
        "allowed_hosts": Trust.GIVEN,
        "tracing": Trust.GIVEN,
        "telemetry": Trust.GIVEN,
        "agents.explorer": Trust.REPEATED_SETTINGS,
        "agents.refiner": Trust.REPEATED_SETTINGS,
        "agents.prober": Trust.REPEATED_SETTINGS,
        "agents.judge": Trust.REPEATED_SETTINGS,
        "agents.critic": Trust.REPEATED_SETTINGS,
        "budget.rounds": Trust.DATA,
        "budget.calls": Trust.DATA,
        "budget.tokens": Trust.DATA,
        "budget.money": Trust.DATA,
        "budget.confirm_share": Trust.DATA,
        "budget.evaluate_share": Trust.DATA,
        "samples.search": Trust.DATA,
        "samples.confirm": Trust.DATA,
        "samples.evaluate": Trust.DATA,
        "samples.allocation": Trust.DATA,
        "samples.vary": Trust.DATA,
        "judge.mode": Trust.DATA,
        "judge.file": Trust.REPEATED_SETTINGS,
        "judge.embedder": Trust.REPEATED_SETTINGS,
        "judge.accuracy": Trust.REPEATED_SETTINGS,
        "search.policy": Trust.REPEATED_SETTINGS,
        "search.moves_per_round": Trust.DATA,
        "search.topic_cap": Trust.DATA,
        "search.refine_share": Trust.DATA,
        "search.least_refine_share": Trust.DATA,
        "search.noise_floor": Trust.DATA,
        "search.drafts": Trust.DATA,
        "search.surrogate": Trust.REPEATED_SETTINGS,
        "search.early_confirmations": Trust.DATA,
        "search.neighbours": Trust.DATA,
        "search.beta": Trust.DATA,
        "search.gamma": Trust.DATA,
        "search.permutations": Trust.DATA,
        "search.topic_draws": Trust.DATA,
        "search.new_topics": Trust.DATA,
        "search.saturated_below": Trust.DATA,
        "novelty.second_look": Trust.DATA,
        "novelty.nearest": Trust.DATA,
        "novelty.mean_of_three": Trust.DATA,
    }
)
"""Every setting; a test holds that none is missing."""

REPEATED_SETTINGS = tuple(key for key, trust in TRUST.items() if trust is Trust.REPEATED_SETTINGS)
