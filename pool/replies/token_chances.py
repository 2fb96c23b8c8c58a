"""The probability of a yes in a reply that holds one yes or no, from the log-probabilities of its tokens.

OpenAI's form (``logprobs`` in the body of a request, ``choices[0].logprobs.content`` in that of its response), which
vLLM, llama.cpp and most compatible servers speak, too. A response comes from a stranger: what does not fit says
nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from langchain_core.messages import AIMessage

from ...domain.reply_types import Reply

_YES, _NO = "true", "false"


def yes_probability(message: AIMessage, schema: type[Reply]) -> float | None:
    """The probability, from 0 to 1, that the one yes or no in a reply is a yes; None where the response does not tell.

    It is what the tokens that begin ``true`` have of those that begin ``true`` or ``false``, where the model chose
    between the two. Where only one of them was among the tokens returned, the rest of the probability is the other's.
    """
    switches = [name for name, field in schema.model_fields.items() if field.annotation is bool]
    if len(switches) != 1:
        return None
    tokens = list(_tokens(message.response_metadata.get("logprobs")))
    text = "".join(str(token["token"]) for token in tokens)
    # The last one: a model that thinks first may have written the like before.
    places = list(re.finditer(rf'"{re.escape(switches[0])}"\s*:\s*(?={_YES}|{_NO})', text))
    if not places:
        return None
    start = 0
    for token in tokens:
        end = start + len(str(token["token"]))
        if start <= places[-1].end() < end:
            return _share_of_yes(token)
        start = end
    return None


def _share_of_yes(token: Mapping[str, Any]) -> float | None:
    """By the first letters of a token and of those that might have stood in its place."""
    chances: dict[str, float] = {}
    others = token.get("top_logprobs")
    for each in (token, *_tokens({"content": others})):
        chances[str(each["token"])] = math.exp(min(0.0, float(each["logprob"])))
    yes, no = (sum(chance for text, chance in chances.items() if _begins(text, word)) for word in (_YES, _NO))
    if yes and no:
        return yes / (yes + no)
    return yes if yes else 1.0 - no if no else None


def _begins(text: str, word: str) -> bool:
    """Whether a token is ``word`` or its beginning, whatever of the JSON stands before it in the same token."""
    letters = text.rpartition(":")[2].strip().lower().rstrip(",}")
    return bool(letters) and word.startswith(letters)


def _tokens(found: object) -> Iterator[Mapping[str, Any]]:
    """The well-formed tokens of ``{"content": [{"token": "…", "logprob": -0.1}, …]}``."""
    content = found.get("content") if isinstance(found, dict) else None
    for each in content if isinstance(content, list) else ():
        if isinstance(each, dict) and isinstance(each.get("token"), str):
            number = each.get("logprob")
            if isinstance(number, int | float) and not isinstance(number, bool) and number < 1e9:  # no NaN
                yield each
