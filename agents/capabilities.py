"""What the explorer and the refiner that the settings name say of themselves: it shapes search, plan and forecast."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.settings import Settings
from .protocols import TopicExplorer
from .registry import find_agent


@dataclass(frozen=True)
class Drafting:
    """``one_each``: a topic gives one question. ``proposing`` and ``rewriting``: models are asked for it."""

    one_each: bool
    rewrites: bool
    finds_topics: bool
    proposing: bool
    rewriting: bool

    @property
    def asks_models(self) -> bool:
        """Whether any draft costs calls."""
        return self.proposing or self.rewriting


def drafting_of(settings: Settings) -> Drafting:
    """Raises ``InputError`` for an agent that is none."""
    explorer = find_agent("explorer", settings.agents.explorer)
    refiner = find_agent("refiner", settings.agents.refiner)
    rewrites = getattr(refiner, "rewrites", True)
    return Drafting(
        one_each=getattr(explorer, "one_each", False),
        rewrites=rewrites,
        finds_topics=issubclass(explorer, TopicExplorer) if isinstance(explorer, type) else False,
        proposing=getattr(explorer, "asks_models", True),
        rewriting=rewrites and getattr(refiner, "asks_models", True),
    )
