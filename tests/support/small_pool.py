"""A pool of two scripted members, "a" and "b", of which the first is asked; and the errors that its endpoint raises."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import openai
from adaem.domain.calls import Call, Prompt
from adaem.domain.pool_spec import Member, PoolSpec, Role
from adaem.domain.reply_types import AnswerReply
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from adaem.pool.sending.call_store import RecordedCalls
from kept import Kept, PlainWords
from langchain_core.messages import AIMessage
from scripted import ScriptedModel

GOOD = json.dumps({"stance": "no", "key_points": [{"point": f"p{i}", "justification": "j"} for i in "abc"]})
PROMPT = Prompt(name="answer", fingerprint="f", system="You answer.", user="Is it right?")


def spec(**of_a: Any) -> PoolSpec:
    """Member "a" is asked once for each reply unless it says otherwise."""
    both = (Role.SCOUT, Role.PANEL)
    return PoolSpec(
        members=(
            Member(**({"id": "a", "model": "openai:gpt-4o", "roles": (*both, Role.JUDGE), "attempts": 1} | of_a)),
            Member(id="b", model="simulated:respondent", roles=both),
        )
    )


def pool_of(
    *steps: Any,
    seed: int = 0,
    delay: float = 0.0,
    extra_body: Any = None,
    kept: Kept | None = None,
    earlier: RecordedCalls | None = None,
    ledger: Ledger | None = None,
    calls: int | None = None,
    **of_a: Any,
) -> tuple[Pool, ScriptedModel, Kept]:
    """The pool, the model behind "a" that plays ``steps``, and the records (those of an earlier session, if given)."""
    model = ScriptedModel(steps=list(steps), delay=delay, extra_body=extra_body)
    records = Kept() if kept is None else kept
    models = {"a": model, "b": ScriptedModel(steps=[])}
    books = Ledger(calls=calls) if ledger is None else ledger
    pool = Pool(spec(**of_a), models, words=PlainWords(), recorder=records, ledger=books, seed=seed, earlier=earlier)
    return pool, model, records


async def ask(pool: Pool, sample: int = 0, prompt: Prompt = PROMPT, purpose: str = "search") -> Call[AnswerReply]:
    return await pool.ask(pool.spec.members[0], prompt, AnswerReply, purpose=purpose, sample=sample)


def asked(pool: Pool, **of_ask: Any) -> Call[AnswerReply]:
    return asyncio.run(ask(pool, **of_ask))


def said(text: str = GOOD, tokens: tuple[int, int] = (5, 3), **metadata: Any) -> AIMessage:
    usage = {"input_tokens": tokens[0], "output_tokens": tokens[1], "total_tokens": sum(tokens)}
    return AIMessage(text, usage_metadata=usage, response_metadata=metadata)


def status(code: int, message: str = "no luck", **headers: str) -> openai.APIStatusError:
    """An error as OpenAI's client raises it; an underscore in a header's name stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = httpx2.Request("POST", "https://host.example/v1")
    response = httpx2.Response(code, json={"error": {"message": message}}, headers=named, request=request)
    return openai.AsyncOpenAI(api_key="x")._make_status_error_from_response(response)
