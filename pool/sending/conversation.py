"""The messages of one request: the prompt, the schema where it travels as words, and the repair of a misfit."""

from __future__ import annotations

from typing import Protocol

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from ...domain.calls import Prompt

LONGEST_MISFIT = 20_000
"""Characters of a text that are sent back for repair: a longer one is not what was asked for, and would be paid for."""


class Words(Protocol):
    """The words that the pool adds to a prompt. They live with the prompts and are handed in."""

    def schema_words(self, schema: str) -> str:
        """The instruction to reply with JSON of this JSON schema."""
        ...

    def repair_words(self, problem: str) -> str:
        """The request to send the last reply once more without ``problem``."""
        ...


def conversation(
    prompt: Prompt,
    words: Words,
    *,
    schema_in_words: str | None,
    misfit: tuple[str, str] | None,
    system_in_user: bool = False,
) -> list[BaseMessage]:
    """With ``system_in_user`` the system text opens the user's message. ``misfit`` is the text that did not fit and
    what is wrong with it, when this request is its repair.

    Of a text longer than ``LONGEST_MISFIT`` the beginning is sent back.
    """
    user = prompt.user if schema_in_words is None else f"{prompt.user}\n\n{words.schema_words(schema_in_words)}"
    messages: list[BaseMessage] = []
    if prompt.system and system_in_user:
        user = f"{prompt.system}\n\n{user}"
    elif prompt.system:
        messages = [SystemMessage(prompt.system)]
    if misfit is None:
        return [*messages, HumanMessage(user)]
    text, problem = misfit[0][:LONGEST_MISFIT], misfit[1]
    repair = words.repair_words(problem)
    if text.strip():
        return [*messages, HumanMessage(user), AIMessage(text), HumanMessage(repair)]
    # Many servers refuse an empty turn, and two of one role in a row.
    return [*messages, HumanMessage(f"{user}\n\n{repair}")]
