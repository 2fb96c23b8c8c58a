"""What every agent is given when it is made. An agent never sees the graph or its state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..domain.framework import Framework, Value
from ..domain.settings import Settings
from ..domain.texts.safe_text import one_line
from ..memory.embedders.embedder import Embedder
from ..pool.member_pool import Pool
from ..prompts import PromptLibrary
from .agent_inputs import Inputs


@dataclass(frozen=True)
class AgentContext:
    """The pool to ask, and the run's inputs: the words to ask with, the framework, the settings, the embedder."""

    pool: Pool
    inputs: Inputs

    @property
    def prompts(self) -> PromptLibrary:
        """The words to ask with."""
        return self.inputs.prompts

    @property
    def framework(self) -> Framework:
        """The framework with its values."""
        return self.inputs.framework

    @property
    def settings(self) -> Settings:
        """The run's settings."""
        return self.inputs.settings

    @property
    def embedder(self) -> Embedder:
        """The run's embedder."""
        return self.inputs.embedder

    @cached_property
    def value_lines(self) -> tuple[str, ...]:
        """Each of the framework's values for a prompt: "id: name — definition"."""
        return value_lines(self.framework)

    @cached_property
    def values_text(self) -> str:
        """All values for a prompt, one a line."""
        return "\n".join(self.value_lines)


def value_lines(framework: Framework) -> tuple[str, ...]:
    """Each of a framework's values as prompts show it: "id: name — definition"."""
    return tuple(map(value_line, framework.values))


def value_line(value: Value) -> str:
    """One value as prompts show it."""
    return f"{value.id}: {one_line(value.name)} — {one_line(value.definition)}"
