"""Keeps what a reasoning model thought apart from what it answered, wherever in a response the thinking stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from langchain_core.messages import AIMessage

_START = re.compile(r"\s*(?:<(?:think|thinking|thought)>|\[THINK\])", re.IGNORECASE)
_END = re.compile(r"</(?:think|thinking|thought)>|\[/THINK\]", re.IGNORECASE)
_REPLY_STARTS = ("{", "[", "`")
_FIELDS = ("reasoning_content", "reasoning", "thinking")
_BLOCK_TYPES = frozenset({"reasoning", "thinking", "reasoning_content", "reasoning.text", "reasoning.summary"})
_BLOCK_KEYS = ("thinking", "reasoning", "reasoning_content", "text", "summary")
_LONGEST = 100_000
_DEEPEST = 4


def split_thinking(text: str) -> tuple[str, str]:
    """The thinking at the start of ``text`` and the answer after it; an answer without any comes back as it is.

    Thinking that is never closed means that no answer came. Some chat templates open it in the prompt, so that the
    text holds the closing tag alone.

    >>> split_thinking("<think>Hm.</think>Yes."), split_thinking("<think>Hm. Yes."), split_thinking("Yes.")
    (('Hm.', 'Yes.'), ('Hm. Yes.', ''), ('', 'Yes.'))
    """
    thoughts: list[str] = []
    position = 0
    while opened := _START.match(text, position):
        if (closed := _END.search(text, opened.end())) is None:
            return _joined([*thoughts, text[opened.end() :]]), ""
        thoughts.append(text[opened.end() : closed.start()])
        position = closed.end()
    rest = text[position:]
    if not rest.lstrip().startswith(_REPLY_STARTS):
        *before, rest = _END.split(rest)
        thoughts += before
    return (_joined(thoughts), rest.strip()) if thoughts else ("", text)


def thinking_of(message: dict[str, Any]) -> str:
    """The thinking in a chat-completions message as it stands in a response's body; "" where it shows none."""
    for name in _FIELDS:
        if found := _joined(_strings(message.get(name))):
            return found
    return _joined(_strings(message.get("reasoning_details"))) or _in_content(message.get("content"))


def apart(message: AIMessage, heard: str = "") -> tuple[str, str]:
    """(thinking, answer) of a response. ``heard`` is the thinking in its raw body, which langchain-openai drops."""
    in_text, answer = split_thinking(str(message.text))
    beside = heard or thinking_of({**message.additional_kwargs, "content": message.content})
    return _joined([beside, in_text]), answer


def _in_content(content: Any) -> str:
    """The blocks of type reasoning or thinking among a message's content blocks."""
    blocks = content if isinstance(content, list) else []
    thoughts = (block for block in blocks if isinstance(block, dict) and str(block.get("type")) in _BLOCK_TYPES)
    return _joined(text for block in thoughts for text in _strings(block))


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    """The texts in the shapes that providers use: a text, a block that holds one, a list of either."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth < _DEEPEST:
        for each in value[:1_000]:
            yield from _strings(each, depth + 1)
    elif isinstance(value, dict) and depth < _DEEPEST:
        for name in _BLOCK_KEYS:
            if value.get(name):
                yield from _strings(value[name], depth + 1)
                return


def _joined(texts: Any) -> str:
    return "\n\n".join(stripped for text in texts if (stripped := text.strip()))[:_LONGEST]
