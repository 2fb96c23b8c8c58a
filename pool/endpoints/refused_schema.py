"""Whether an endpoint refused the reply schema itself, from what its error says, so that it must travel as words."""

from __future__ import annotations

import re

from ..replies.error_details import ErrorWords

REPLY_MISFITS = "json_validate_failed"
"""Groq's code for a reply that does not fit the schema, which it keeps back: the schema itself was taken."""

_ABOUT_OTHER_THINGS = frozenset({401, 402, 403, 408, 429})
"""Keys, money and haste: whatever such an error names besides."""

_REFUSING = frozenset({400, 422, 501})
"""Statuses that refuse by themselves. Any other is one of the server's own failures, unless its words refuse."""

_ABOUT_FORMAT = re.compile(
    r"response[ _.]?(?:format|schema)|json[ _]?(?:schema|mode)|\bschema\b|\bgrammar\b|\bgbnf\b"
    r"|structured[ _](?:outputs?|generation|responses?|decoding)|guided[ _](?:json|decoding|generation)",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"unsupported|(?:not|n't|no) (?:yet )?(?:be )?(?:support|implement|allow|permit|recogni[sz]|accept|available)"
    r"|unknown|unrecogni[sz]ed|unexpected|invalid|(?:must|should) be|only (?:text|json_object)|but got|either"
    r"|(?:failed|unable|error|could not|cannot) (?:to )?(?:pars|compil|conver|initiali|build|creat)|literal_error"
    r"|missing field|features? not",
    re.IGNORECASE,
)


def refuses_schema(words: ErrorWords, text: str = "") -> bool:
    """Whether an error with these words, and ``text`` of the client's, is about the response format and refuses it.

    What it says counts, not its status: servers answer to a schema that they do not know with 400, 404, 422, 500, 501.

    >>> refuses_schema(ErrorWords(("Unsupported response_format type: json_schema",), (), 500))
    True
    >>> refuses_schema(ErrorWords(("CUDA out of memory while compiling a grammar",), (), 500))
    False
    """
    if words.status is None or words.status in _ABOUT_OTHER_THINGS or REPLY_MISFITS in words.codes:
        return False
    message = f"{words.text} {text}"
    if _ABOUT_FORMAT.search(message) is None:
        return False
    return words.status in _REFUSING or _REFUSAL.search(message) is not None
