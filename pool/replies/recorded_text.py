"""What the text of a recorded answer is, by the rules of a live one: thinking, a refusal, an error instead."""

from __future__ import annotations

import re
from http import HTTPStatus

from ...domain.answer import KEY_POINTS, AnswerText, Outcome
from ...domain.reply_types import AnswerReply
from ..sending.scrubbing import one_line
from .content_filters import about_filter
from .cut_replies import complete_key_points
from .degenerate import without_content, without_reasons
from .error_details import ErrorWords
from .refusals import TEXT_REFUSAL, declines, reads_as_refusal
from .reply_parser import parse_reply
from .thinking import split_thinking

EMPTY = "empty"
THINKING_ONLY = "thinking only"
CUT_REPLY = "incomplete JSON"
AN_ERROR = "an error message"

_MISSING = re.compile(
    r"\W{0,3}(?:null|none|nan|n/a|#n/a|na|nil|undefined|missing|empty|no (?:response|answer|output|text)"
    r"|(?:empty|missing) (?:response|answer|output))\W{0,3}",
    re.IGNORECASE,
)
_FILTERED = re.compile(
    r"[\[(<{*]{1,3}\s?(?:(?:content|response|output|answer|text)[ _])?(?:filtered|blocked|redacted|censored|moderated)"
    r"(?:[ _:][^\])>}*]{0,80})?\s?[\])>}*]{1,3}|content[_ ]filter(?:ed)?\W{0,3}",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"[\[(<{*]{1,3}\s?(?:model )?(?:refused|refusal|declined)(?: to answer)?\s?[\])>}*]{1,3}", re.IGNORECASE
)
_ERROR = re.compile(
    r"[\[(<{*\"']{0,3}\s{0,3}(?:"
    r"(?:api |http |server |request |an )?error(?:[ _]code)?\W{1,3}(?:\d{3}\b|occurred|while )"
    r"|http(?:/\d(?:\.\d)?)?[ _](?:error |status |code ){0,2}[45]\d\d\b"
    r"|[45]\d\d (?:client error|server error|bad request|unauthorized|forbidden|not found|too many requests"
    r"|internal server error|bad gateway|service unavailable|gateway time-?out)"
    r"|(?:\w{1,40}\.){0,5}(?-i:[A-Z][A-Za-z]{0,40}(?:Error|Exception|Timeout))\s?[:(]"
    r"|traceback \(most recent call last\)"
    r"|[\"']?(?:error|exception)[\"']?\s?:"
    r"|(?:api |request |http )?error[\])>}*]"
    r"|rate ?limit (?:reached|exceeded)|too many requests\W{0,3}(?:$|[:.(])"
    r"|(?:the )?(?:request|connection|model) (?:has )?timed? ?out|connection (?:error|reset|refused|aborted)"
    r"|internal server error|service unavailable|bad gateway"
    r"|(?:the )?(?:model|engine) is (?:currently |temporarily )?(?:overloaded|unavailable)"
    r")",
    re.IGNORECASE,
)
_LONGEST_ERROR = 2_000
"""Characters: a longer text that opens like an error has something to say about one."""

_FENCE = re.compile(r"\s*```[\w-]{0,20}[ \t]*\n(.*?)\n?\s*```\s*", re.DOTALL)


def read_answer(text: str, question: str = "") -> AnswerText:
    """The outcome of a recorded answer to ``question``, and the text that a judge reads.

    Only an answered one enters a statistic. A reply in the form that live members are asked for is read as one, its
    key points being the text.
    """
    if (dressed := _in_place_of_an_answer(text)) is not None:
        return dressed
    thinking, answer = split_thinking(text)
    thought = bool(thinking)
    if whole := _FENCE.fullmatch(answer):
        answer = whole[1]
    if (dressed := _in_place_of_an_answer(answer)) is not None:
        detail = THINKING_ONLY if thought and dressed.detail == EMPTY else dressed.detail
        return dressed.model_copy(update={"detail": detail, "thinking": thought})
    refused, detail = False, ""
    if answer.lstrip().startswith("{") and '"key_points"' in answer:
        reply, _ = parse_reply(answer, AnswerReply)
        if reply is None and (reply := complete_key_points(answer)) is None:
            return AnswerText(outcome=Outcome.UNPARSABLE, text=answer, detail=CUT_REPLY, thinking=thought)
        refused = declines(reply)
        points = [
            f"{point.point}: {point.justification}" if point.justification else point.point
            for point in reply.key_points[:KEY_POINTS]
        ]
        answer = "\n".join(points)
        detail = without_reasons(points, question)
    if refused or reads_as_refusal(answer):
        return AnswerText(outcome=Outcome.REFUSED, text=answer, detail=TEXT_REFUSAL, thinking=thought)
    if detail := detail or without_content(answer, question):
        return AnswerText(outcome=Outcome.DEGENERATE, text=answer, detail=detail, thinking=thought)
    return AnswerText(outcome=Outcome.ANSWERED, text=answer, thinking=thought)


def _in_place_of_an_answer(text: str) -> AnswerText | None:
    """What stands where an answer should be: nothing, a missing cell, a filter's or a refusal's mark, an error."""
    short = text.strip()
    if not any(character.isalnum() for character in short) or _MISSING.fullmatch(short):
        return AnswerText(outcome=Outcome.UNPARSABLE, detail=EMPTY)
    if _FILTERED.fullmatch(short):
        return AnswerText(outcome=Outcome.FILTERED, detail=one_line(short))
    if _REFUSED.fullmatch(short):
        return AnswerText(outcome=Outcome.REFUSED, detail=one_line(short))
    if len(short) <= _LONGEST_ERROR and _ERROR.match(short):
        error = ErrorWords((short,), (), HTTPStatus.BAD_REQUEST, in_error=True)
        outcome = Outcome.FILTERED if about_filter(error) else Outcome.FAILED
        return AnswerText(outcome=outcome, detail=f"{AN_ERROR}: {one_line(short)}")
    return None
