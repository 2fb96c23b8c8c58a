"""Simulated members as ordinary chat models: only text goes in and comes out, whatever the prompt's wording."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

from ...domain.framework import Framework
from ...domain.pool_spec import Member
from ...domain.texts.fence import read_fences
from . import parameters as constants
from .author import new_topics, paraphrase, propose, rewrite, same_question
from .chance import stream
from .identity import Identity, identify
from .respondent import compose
from .simulated_judge import label, label_one
from .version_parameters import parameters_of
from .vocabulary import Vocabulary, check_simulated, vocabulary_of

_CHARACTERS_PER_TOKEN = 4

MOST_DRAFTS = 1_000
"""However many a prompt asks for."""


SEVERAL = {"ProposalReply": "ProposalsReply", "RewriteReply": "RewritesReply"}
"""What is asked for instead where a prompt says how many."""


def _task(request: Mapping[str, Any], fields: Mapping[str, str]) -> str:
    """The name of the requested schema; where none travelled in the body, the task whose fields the prompt fences."""
    body = request.get("extra_body")
    wanted = body.get("response_format") if isinstance(body, dict) else None
    schema = wanted.get("json_schema") if isinstance(wanted, dict) else None
    if isinstance(schema, dict) and isinstance(schema.get("name"), str):
        return str(schema["name"])
    for field, task in (
        ("texts", "LabelsReply"),
        ("text", "ValueReply"),
        ("topic", "ProposalReply"),
        ("covered", "TopicsReply"),
        ("original", "ParaphraseReply"),
        ("answers", "RewriteReply"),
        ("second", "SamenessReply"),
    ):
        if field in fields:
            return SEVERAL.get(task, task) if "count" in fields else task
    return "AnswerReply" if "question" in fields else ""


class SimulatedModel(BaseChatModel):
    """A simulated respondent, author or judge. The same messages and seed give the same reply; another seed, another.

    Any kind takes any task: a respondent that is asked to propose does it as an author would.
    """

    name: str | None = None
    _identity: Identity = PrivateAttr()
    _vocabulary: Vocabulary = PrivateAttr()
    _key: str = PrivateAttr()
    _model_name: str = PrivateAttr()

    def __init__(self, member: Member, framework: Framework) -> None:
        super().__init__(name=member.id)
        self._identity = identify(member)
        self._model_name = member.model.partition(":")[2]
        self._vocabulary = vocabulary_of(framework)
        self._key = f"{self._identity.version} {member.id} {self._identity}"

    @property
    def _llm_type(self) -> str:
        return "simulated"

    def reply(self, texts: list[str], request: Mapping[str, Any]) -> str:
        """The text of the reply to the messages' ``texts``; ``request`` holds ``seed`` and ``extra_body``."""
        fields: dict[str, str] = {}
        for text in texts:
            fields = {**read_fences(text), **fields}
        rng = stream(self._key, request.get("seed"), *texts)
        task = _task(request, fields)
        if task == "LabelsReply":
            return _json({"labels": label(self._identity, self._vocabulary, fields, rng)})
        if task == "ValueReply":
            return _json(label_one(self._identity, self._vocabulary, fields, rng))
        if task == "ProposalReply":
            return _json(self._proposal(fields, rng))
        if task == "ProposalsReply":
            return _json({"drafts": [self._proposal(fields, rng) for _ in range(_count(fields))]})
        if task == "TopicsReply":
            return _json(new_topics(self._vocabulary, fields, rng))
        if task == "ParaphraseReply":
            # A topic is all that the explorer "plain" shows: no fact, nothing to build on.
            return _json(paraphrase(self._vocabulary, {"original": fields.get("topic", ""), **fields}, rng))
        if task == "SamenessReply":
            return _json({"same": same_question(self._vocabulary, fields)})
        if task == "RewriteReply":
            return _json(self._rewrite(fields, rng))
        if task == "RewritesReply":
            return _json(self._rewrites(fields, rng))
        if task == "AnswerReply":
            return self._answer(fields, rng.getrandbits(64))
        return "I do not know what I am asked to do."

    def _proposal(self, fields: Mapping[str, str], rng: random.Random) -> dict[str, object]:
        follow = parameters_of(self._identity.version).follow_the_best
        return propose(self._vocabulary, dict(fields), rng, follow=follow, learning=self._identity.learns)

    def _rewrite(self, fields: Mapping[str, str], rng: random.Random) -> dict[str, object]:
        variant, learning = self._identity.variant, self._identity.learns
        return rewrite(self._vocabulary, dict(fields), rng, variant=variant, learning=learning)

    def _rewrites(self, fields: Mapping[str, str], rng: random.Random) -> dict[str, object]:
        """As many rewrites as are asked for, none twice if it can be helped."""
        avoid, rewrites = [fields.get("avoid", "")], list[dict[str, object]]()
        for _ in range(_count(fields)):
            rewrites.append(self._rewrite({**fields, "avoid": "\n".join(avoid)}, rng))
            avoid.append(str(rewrites[-1]["question"]))
        return {"reflection": rewrites[0]["reflection"], "questions": [each["question"] for each in rewrites]}

    def _answer(self, fields: dict[str, str], seed: int) -> str:
        rng = stream(seed)
        me = self._identity
        respondent = me if me.planted else Identity("respondent", me.version, me.world, respondent=1)
        question, fact = fields.get("question", ""), fields.get("fact", "")
        composed = compose(respondent, self._vocabulary, question, fact, rng, self._primed(fields.get("value", "")))
        if composed.refused:
            return composed.refused
        reply = _json(
            {
                "stance": composed.stance,
                "key_points": [{"point": p, "justification": j} for p, j in composed.key_points],
            }
        )
        if rng.random() < constants.MALFORMED_RATE:
            return f"```json\n{reply}\n```" if rng.random() < 0.5 else reply[: len(reply) // 2]
        return reply

    def _primed(self, words: str) -> int | None:
        """The place of the value that a prompt tells it to hold: the one whose name opens the words."""
        name = words.partition(" — ")[0]
        return self._vocabulary.names.index(name) if name in self._vocabulary.names else None

    def _result(self, messages: list[BaseMessage], request: Mapping[str, Any]) -> ChatResult:
        texts = [message.content if isinstance(message.content, str) else str(message.content) for message in messages]
        text = self.reply(texts, request)
        sent = sum(map(len, texts)) // _CHARACTERS_PER_TOKEN + 1
        received = len(text) // _CHARACTERS_PER_TOKEN + 1
        message = AIMessage(
            content=text,
            usage_metadata={"input_tokens": sent, "output_tokens": received, "total_tokens": sent + received},
            response_metadata={"finish_reason": "stop", "model_name": self._model_name},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._result(messages, kwargs)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._result(messages, kwargs)


def _count(fields: Mapping[str, str]) -> int:
    """How many drafts are asked for."""
    count = fields.get("count", "")
    return min(int(count), MOST_DRAFTS) if count.isdecimal() and int(count) > 0 else 1


def _json(reply: Mapping[str, Any]) -> str:
    return json.dumps(reply, ensure_ascii=False)


def make_simulated(member: Member, framework: Framework) -> BaseChatModel:
    """The chat model of a simulated member.

    Raises InputError for an unknown kind or parameter, and for a framework whose values have no examples.
    """
    check_simulated(framework)
    return SimulatedModel(member, framework)
