"""Keeps what a reasoning model thought apart from what it answered, wherever in a response the thinking stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from langchain_core.messages import AIMessage

from .thinking_marks import (
    ANSWER_MARK,
    BARE_ANSWER,
    BARE_CHANNEL,
    BARE_FINAL,
    BARE_UNCLOSED,
    CHANNEL,
    CLOSING,
    END_OF_TURN,
    IN_WORDS,
    OPENING,
    UNKNOWN_TAG,
    WRAPPED,
)

_REPLY_STARTS = ("{", "[", "`")
_FENCE = re.compile(r"\s*```[A-Za-z]*\s*\n.*?```", re.DOTALL)
_SPACE = re.compile(r"\s*")
_DECODER = json.JSONDecoder()
_FIELDS = ("reasoning_content", "reasoning", "thinking")
_BLOCK_TYPES = frozenset({"reasoning", "thinking", "reasoning_content", "reasoning.text", "reasoning.summary"})
_BLOCK_KEYS = ("thinking", "reasoning", "reasoning_content", "text", "summary")
_LONGEST = 100_000
_DEEPEST = 4


def split_thinking(text: str) -> tuple[str, str]:
    """The thinking in ``text`` and the answer after it; an answer without any comes back as it is.

    Whoever reads an answer, live or recorded, asks here first. **Thinking with an empty answer means that no answer
    came**: it was never closed, or nothing follows it. That is ``unparsable``, and nothing in it may be read as an
    answer. Some chat templates open the thinking in the prompt, so that the text holds the closing mark alone.

    >>> split_thinking("<think>Hm.</think>Yes."), split_thinking("<think>Hm. Yes."), split_thinking("Yes.")
    (('Hm.', 'Yes.'), ('Hm. Yes.', ''), ('', 'Yes.'))
    >>> split_thinking("analysisHm. No.assistantfinalYes.")
    ('Hm. No.', 'Yes.')
    """
    if CHANNEL.search(text):
        return _channels(text)
    if match := BARE_ANSWER.match(text):
        return "", text[match.end() :].strip()
    if match := BARE_CHANNEL.match(text):
        *before, last = BARE_FINAL.split(text[match.end() :])
        if before:
            return _joined(before), _unwrapped(last)
        if match := BARE_UNCLOSED.match(text):
            return _joined([text[match.end() :]]), ""
    for opening, closing in IN_WORDS:
        if opened := opening.match(text):
            closed = closing.search(text, opened.end())
            end = closed.start() if closed else len(text)
            return _joined([text[opened.end() : end]]), _unwrapped(text[closed.end() :]) if closed else ""
    return _marked(text)


def opens_unknown(before: str) -> bool:
    """Whether the text before a reply in JSON opens something that nothing here knows to be other than thinking.

    >>> opens_unknown("<musing>It might be "), opens_unknown("Here you are: <json>")
    (True, False)
    """
    return UNKNOWN_TAG.search(before) is not None or OPENING.search(before) is not None


def thinking_of(message: dict[str, Any]) -> str:
    """The thinking in a chat-completions message as it stands in a response's body; "" where it shows none."""
    for name in _FIELDS:
        if thinking := _joined(_strings(message.get(name))):
            return thinking
    return _joined(_strings(message.get("reasoning_details"))) or _in_content(message.get("content"))


def apart(message: AIMessage, in_body: str = "") -> tuple[str, str]:
    """(thinking, answer) of a response. ``in_body`` is the thinking in its raw body, which langchain-openai drops."""
    in_text, answer = split_thinking(str(message.text))
    beside = in_body or thinking_of({**message.additional_kwargs, "content": message.content})
    return _joined([beside, in_text]), answer


def _marked(text: str) -> tuple[str, str]:
    """Splits at pairs of marks, and at closing marks that stand alone: all that is before them is thinking."""
    thoughts: list[str] = []
    answer = ""
    position = 0
    while (opened := OPENING.match(text, _after_space(text, position))) is not None:
        if (closed := CLOSING.search(text, opened.end())) is None:
            return _joined([*thoughts, text[opened.end() :]]), ""
        thoughts.append(text[opened.end() : closed.start()])
        position = closed.end()
    for closed in CLOSING.finditer(text, _reply_end(text, position)):
        if (opened := OPENING.search(text, position, closed.start())) is not None:
            answer += text[position : opened.start()]
            thoughts.append(text[opened.end() : closed.start()])
        else:
            thoughts.append(answer + text[position : closed.start()])
            answer = ""
        position = closed.end()
    if position:
        return _joined(thoughts), _unwrapped(answer + text[position:])
    marked = ANSWER_MARK.match(text) is not None or text.rstrip().endswith(END_OF_TURN)
    return "", _unwrapped(text) if marked else text


def _channels(text: str) -> tuple[str, str]:
    """Splits by named channels. The last ``final`` is the answer; what stands before the first mark was thought."""
    marks = list(CHANNEL.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    parts = [(mark[1], text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]
    final = max((number for number, (name, _) in enumerate(parts) if name == "final"), default=None)
    thoughts = [text[: marks[0].start()], *(part for number, (_, part) in enumerate(parts) if number != final)]
    answer = "" if final is None else parts[final][1]
    return _joined(map(_without_end, thoughts)), _unwrapped(answer)


def _unwrapped(answer: str) -> str:
    """The answer without the marks around it."""
    answer = _without_end(answer)
    if match := ANSWER_MARK.match(answer):
        answer = answer[match.end() :]
    if match := WRAPPED.match(answer):
        answer = match[2]
    return answer.strip()


def _without_end(text: str) -> str:
    """The text without the marks that end a turn."""
    end = len(text)
    while end:
        if text[end - 1].isspace():
            end -= 1
        elif text.endswith(END_OF_TURN, 0, end):
            end -= len(next(mark for mark in END_OF_TURN if text.endswith(mark, 0, end)))
        else:
            break
    return text[:end]


def _reply_end(text: str, position: int) -> int:
    """Where closing marks count from ``position`` on: behind a reply that begins there, since its strings may hold
    some; nowhere where it is cut off.
    """
    start = _after_space(text, position)
    if not text.startswith(_REPLY_STARTS, start):
        return position
    if text.startswith("`", start):
        return fence.end() if (fence := _FENCE.match(text, start)) else len(text)
    try:
        return _DECODER.raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return len(text)


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


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
