"""What a run needs around it: keys in the environment, folders to write to, the memory, and the embedder."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from ...domain.checkup import Check, CheckVerdict
from ...domain.errors import InputError, RunFailed, StoreError
from ...domain.framework import Framework
from ...domain.pool_spec import Member, PoolSpec
from ...domain.texts.counting import count
from ...memory.chroma_access import Place
from ...memory.chroma_client import holds_memory
from ...memory.chroma_memory import Memory
from ...memory.embedders.embedder import Embedder
from ...memory.embedders.named_embedder import make_embedder
from ...pool.budget.tokens import TokenCounter
from ...pool.endpoints.endpoint import base_url, key_variable, unencrypted_notice
from .file_checks import problem

LITTLE_SPACE = 1e9
"""Bytes; a long run's checkpoints and memory come to some hundred megabytes."""

ENCRYPTION = "encryption"
"""The row on plain http."""


def check_key_variables(pool: PoolSpec) -> list[Check]:
    """One row a key variable: set or not, for whom, and where the key would go. Its value is never read out."""
    users: dict[str, list[Member]] = {}
    for member in pool.members:
        if not member.simulated and (variable := key_variable(member)) is not None:
            users.setdefault(variable, []).append(member)
    return [_key(variable, members) for variable, members in users.items()]


def check_encryption(pool: PoolSpec) -> list[Check]:
    """A row that names the hosts to which requests leave this machine unencrypted; none where there is no such host."""
    if not (notice := unencrypted_notice(pool)):
        return []
    remedy = "in a network that others use, take https or an SSH tunnel to a port of this machine"
    return [Check(what=ENCRYPTION, verdict=CheckVerdict.WARNING, detail=notice, remedy=remedy)]


def is_set(variable: str) -> bool:
    """Whether an environment variable holds more than white space."""
    return bool(os.environ.get(variable, "").strip())


def _key(variable: str, members: list[Member]) -> Check:
    what = f"key {variable}"
    who = ", ".join(member.id for member in members)
    if not is_set(variable):
        remedy = f"put the endpoint's key there: export {variable}=…"
        return Check(what=what, verdict=CheckVerdict.PROBLEM, detail=f"not set; needed by {who}", remedy=remedy)
    hosts = ", ".join(sorted({_host(member) for member in members}))
    return Check(what=what, verdict=CheckVerdict.OK, detail=f"set; goes to {hosts} for {who}")


def _host(member: Member) -> str:
    try:
        address = base_url(member)
    except InputError:
        return "nowhere yet (see the endpoint)"
    return f"{member.provider}'s own address" if address is None else urlsplit(address).hostname or address


def check_folder(what: str, path: Path) -> Check:
    """Whether ``path`` can be written, or made. Nothing is left behind."""
    try:
        existing = path.resolve()  # fails where the current folder has been removed
        while not existing.exists() and existing != existing.parent:
            existing = existing.parent
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"x")
        free = shutil.disk_usage(existing).free
    except OSError as error:
        detail = f"{path}: cannot be written ({error.strerror})"
        return Check(
            what=what, verdict=CheckVerdict.PROBLEM, detail=detail, remedy="name a writable folder, or run in one"
        )
    little = free < LITTLE_SPACE
    made = "writable" if path.exists() else "will be made"
    return Check(
        what=what,
        verdict=CheckVerdict.WARNING if little else CheckVerdict.OK,
        detail=f"{path}: {made}, {free / 1e9:,.1f} GB free",
        remedy="make room: a long run writes some hundred megabytes" if little else "",
    )


def check_memory(place: Place, embedder: Embedder | None, framework: Framework | None) -> Check:
    """Whether a shared memory can be opened with this embedder and framework; one that is not there yet, be made."""
    what = "memory"
    if isinstance(place, Path) and not holds_memory(place):
        return check_folder(what, place)
    if embedder is None or framework is None:
        return Check(what=what, verdict=CheckVerdict.SKIPPED, detail="needs the embedder and the framework")
    try:
        if not holds_memory(place):
            return Check(what=what, verdict=CheckVerdict.OK, detail=f"{place}: does not exist yet; it will be created")
        with Memory.open(place, embedder, framework.id) as memory:
            return Check(
                what=what,
                verdict=CheckVerdict.OK,
                detail=f"{place}: {count(memory.count(), 'question', form=',')} remembered",
            )
    except (StoreError, RunFailed) as error:
        return problem(what, error)


def check_embedder(name: str, wrong: bool) -> tuple[Embedder | None, Check]:
    """The embedder, if it loads and embeds. What it cannot do is said."""
    what = "embedder"
    if wrong:
        return None, Check(what=what, verdict=CheckVerdict.SKIPPED, detail="the setting that names it is wrong")
    try:
        embedder = make_embedder(name)
        dimension = embedder.embed(["Is it right to work longer for more money?"]).shape[1]
    except (InputError, RunFailed) as error:
        return None, problem(what, error)
    note = f"; {embedder.note}" if embedder.note else ""
    return embedder, Check(what=what, verdict=CheckVerdict.OK, detail=f"{name}: {dimension} dimensions{note}")


async def check_tokenizer(pool: PoolSpec | None) -> list[Check]:
    """Whether tokens can be counted before a call. What costs nothing (simulated, recorded) is not counted."""
    if pool is None or not (real := [member for member in pool.members if not (member.simulated or member.recorded)]):
        return []
    what, notice = "tokenizer", (await TokenCounter.load(real)).notice
    if not notice:
        return [Check(what=what, verdict=CheckVerdict.OK, detail="tiktoken's vocabularies are cached")]
    detail, _, remedy = notice.partition(" — ")
    return [Check(what=what, verdict=CheckVerdict.WARNING, detail=detail, remedy=remedy)]
