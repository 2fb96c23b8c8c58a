"""Calls over real HTTP to a server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from adaem.domain.calls import Call
from adaem.domain.pool_spec import Member, PoolSpec, Price, Role
from adaem.domain.reply_types import AnswerReply, Reply
from adaem.pool import Pool
from adaem.pool.budget.ledger import Ledger
from adaem.pool.endpoints.chat_models import close_models, make_model
from adaem.records import RunRecords
from kept import Kept, PlainWords
from loopback import Behaviour, LoopbackServer
from members import member
from small_pool import PROMPT

KEY = "planted-key-1234567890"
GOOD = json.dumps({"stance": "no", "key_points": [{"point": f"p{i}", "justification": "j"} for i in "abc"]})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    monkeypatch.setenv("PLANTED_KEY", KEY)
    with LoopbackServer() as server:
        yield server


def ask_all(
    server: LoopbackServer, *behaviours: Behaviour, times: int = 1, schema: type[Reply] = AnswerReply, **of_member: Any
) -> tuple[list[Call[Any]], Pool]:
    """``times`` calls at once to a member whose endpoint behaves so."""
    server.behave("m", *behaviours)
    roles = (Role.SCOUT, Role.PANEL)
    settings = {
        "base_url": server.url,
        "key_variable": "PLANTED_KEY",
        "roles": (*roles, Role.JUDGE),
        "attempts": 1,
    } | of_member
    member = Member(id="m", model="openai:m", **settings)
    spec = PoolSpec(members=(member, Member(id="other", model="simulated:x", roles=roles)))

    async def run() -> tuple[list[Call[Any]], Pool]:
        kept = Kept()
        model = make_model(member)
        pool = Pool(spec, {"m": model, "other": model}, words=PlainWords(), recorder=kept, ledger=Ledger(), seed=1)
        try:
            calls = [pool.ask(member, PROMPT, schema, purpose="search", sample=i) for i in range(times)]
            found = await asyncio.gather(*calls)
        finally:
            await close_models([model])
        assert len(kept.calls) == times
        return list(found), pool

    return asyncio.run(run())


def asked(server: LoopbackServer, folder: Path, **of_member: Any) -> tuple[Call[AnswerReply], Ledger]:
    """One call over HTTP, as it stands in a run's records, and the books."""
    one = member(
        model="openai:m", base_url=server.url, roles=(Role.SCOUT,), price=Price(input=1, output=2), attempts=1
    ).model_copy(update=of_member)
    ledger = Ledger(calls=10, tokens=10_000_000, money=1_000.0)

    async def run() -> Call[AnswerReply]:
        model = make_model(one)
        with RunRecords(folder / "run.sqlite") as records:
            spec = PoolSpec.model_construct(members=(one,))
            pool = Pool(spec, {one.id: model}, words=PlainWords(), recorder=records, ledger=ledger, seed=0)
            try:
                call = await pool.ask(one, PROMPT, AnswerReply, purpose="search", sample=0)
            finally:
                await close_models([model])
            (kept,) = records.calls([call.id])
        assert kept.model_copy(update={"reply": call.reply}) == call
        return call

    return asyncio.run(run()), ledger
