"""Reads what came back from a member: its reply, or the outcome that took its place."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage

from ...domain.answer import Outcome
from ...domain.reply_types import AnswerReply, Reply
from ...domain.texts.hiding import hide
from ..replies import outcomes
from ..replies.cut_replies import CUT_OFF, complete_key_points
from ..replies.degenerate import without_reasons
from ..replies.reply_parser import LONGEST_REPLY_TEXT, parse_reply
from ..replies.thinking import apart, split_thinking
from ..replies.token_chances import yes_probability
from .exchange import AttemptResult, Exchange
from .scrubbing import encodable
from .sender import Response

LONGEST_DETAIL = 500
_LONGEST_NAME = 200
"""Characters of whatever names something: the model that answers, its set-up, why it stopped."""


class ReplyReader:
    """Reads responses, and hides ``secrets`` in all that is kept of them."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = secrets

    def read(self, exchange: Exchange, response: Response, message: AIMessage) -> AttemptResult:
        """What ``message`` says, or why it says nothing that can be used."""
        member = exchange.member
        thinking, text = (self.clean(each, LONGEST_REPLY_TEXT) for each in apart(message, response.extras.thinking))
        decided = outcomes.unanswered(message, member.model.split(":", 1)[1], member.answers_as)
        reply: Reply | None = None
        if decided is None:
            reply, problem, text = self.parse(text, exchange.schema)
            if thinking and not text:
                problem = "the response holds thinking and no answer"
            if reply is None and outcomes.reads_as_refusal(text):
                decided = Outcome.REFUSED, outcomes.TEXT_REFUSAL
            else:
                decided = (Outcome.UNPARSABLE if reply is None else Outcome.ANSWERED), problem
        elif decided[0] is Outcome.TRUNCATED and exchange.schema is AnswerReply:
            reply, _, text = self.parse(text, exchange.schema)
            if reply is not None:
                decided = Outcome.ANSWERED, f"{CUT_OFF} ({decided[1]})"
        if reply is not None and outcomes.declines(reply):
            decided, reply = (Outcome.REFUSED, outcomes.TEXT_REFUSAL), None
        elif isinstance(reply, AnswerReply) and not member.simulated:  # those speak in stock phrases, which return
            prompt_text = f"{exchange.prompt.system}\n{exchange.prompt.user}\n{exchange.sent.text}"
            if emptiness := without_reasons(
                [f"{each.point}: {each.justification}" for each in reply.key_points], prompt_text
            ):
                decided, reply = (Outcome.DEGENERATE, emptiness), None
        outcome, detail = decided
        return AttemptResult(
            outcome,
            self.clean(detail, LONGEST_DETAIL),
            reply,
            text,
            thinking,
            yes_probability=None if reply is None else yes_probability(message, exchange.schema),
            model_name=self.clean(outcomes.model_name(message), _LONGEST_NAME),
            system_fingerprint=self.clean(outcomes.system_fingerprint(message), _LONGEST_NAME),
            route=self.clean(response.extras.route, _LONGEST_NAME),
            finish_reason=self.clean(outcomes.finish_reason(message), _LONGEST_NAME),
        )

    def failed(self, response: Response) -> AttemptResult:
        """The outcome of a response that brings no words of the member's own."""
        thinking, text = split_thinking(response.text)
        return AttemptResult(
            response.outcome,
            self.clean(response.detail, LONGEST_DETAIL),
            text=self.clean(text, LONGEST_REPLY_TEXT),
            thinking=self.clean(thinking, LONGEST_REPLY_TEXT),
            refused=response.refused,
            hopeless=response.fault is not None and response.fault.hopeless,
        )

    def parse(self, text: str, schema: type[Reply]) -> tuple[Reply | None, str, str]:
        """The reply in ``text`` or None, what is wrong, and ``text``; without keys, also where escapes hid them.

        An answer that was cut off after three whole key points is one, and that is what is wrong with it.
        """
        reply: Reply | None
        reply, problem = parse_reply(text, schema)
        if reply is None and schema is AnswerReply and (complete := complete_key_points(text)) is not None:
            reply, problem = complete, CUT_OFF
        if reply is None:
            return None, problem, text
        written = reply.model_dump_json()
        if (cleaned := hide(written, self._secrets)) == written:
            return reply, problem, text
        return *parse_reply(cleaned, schema), cleaned

    def clean(self, text: str, longest: int) -> str:
        """``text`` in at most ``longest`` characters. Hides keys first: one that is cut in two is harder to find."""
        cleaned = hide(encodable(text), self._secrets)
        return cleaned if len(cleaned) <= longest else f"{cleaned[: longest - 1]}…"
