"""What an author's prompt says besides: what separated models before, and that several drafts are wanted."""

from __future__ import annotations

from collections.abc import Sequence

from .agent_context import AgentContext
from .protocols import ScoredExample


class LearningWords:
    """The additions to one author's prompt; ``several_prompt`` is the one that asks for several drafts.

    The prompts of a run by an earlier version have none of them: one draft is asked for, without examples.
    """

    def __init__(self, context: AgentContext, several_prompt: str) -> None:
        known = context.prompts.templates
        self._contrast = "contrast" in known
        self._several_prompt = several_prompt
        self.drafts = context.settings.search.drafts if several_prompt in known else 1

    @property
    def several(self) -> bool:
        """Whether more than one draft is asked for."""
        return self.drafts > 1

    def more(self, examples: Sequence[ScoredExample]) -> dict[str, dict[str, str]]:
        """The additional prompts by name, with their fields."""
        added: dict[str, dict[str, str]] = {}
        if self._contrast and examples:
            added["contrast"] = {"examples": "\n".join(map(_shown, examples))}
        if self.several:
            added[self._several_prompt] = {"count": str(self.drafts)}
        return added


def _shown(example: ScoredExample) -> str:
    score = "not scored" if example.score is None else f"{example.score:.3f}"
    return f"{score}\t{example.text}" + (f"\n{example.answers}" if example.answers else "")
