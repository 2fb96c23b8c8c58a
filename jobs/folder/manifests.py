"""What a run was made with, written down before it starts."""

from __future__ import annotations

import json
import platform
import secrets
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from ... import __version__
from ...domain.settings import Settings
from ...pool.simulated import simulator_version
from ...records import Manifest
from ...records.folder import PromptText, SessionRecord
from ...records.trace_file import last_moment
from ..bank_topics import bank_digest
from ..inputs import JobInputs

PACKAGES = ("langgraph", "langchain-core", "langchain-openai", "chromadb", "numpy", "scipy", "scikit-learn", "pydantic")


EndStatus = Literal["finished", "interrupted", "failed"]
"""How a session of a run ends."""

STOPPED_BY_USER = "stopped by the user"
"""Why a session ended that was interrupted."""


def new_run_id() -> str:
    """The time and a few random digits."""
    return f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}-{secrets.token_hex(2)}"


def new_manifest(inputs: JobInputs, run_id: str | None = None, **more: Any) -> Manifest:
    """The manifest of a job that is about to start; ``more`` are fields of it that not every job has."""
    started = now()
    settings = inputs.settings
    framework = inputs.framework
    fields: dict[str, Any] = {
        "simulated": inputs.pool.simulated,
        "pool": inputs.pool,
        "notices": inputs.notices,
        **more,
    }
    return Manifest(
        run_id=run_id or new_run_id(),
        adaem_version=__version__,
        created_at=started,
        sessions=(SessionRecord(started_at=started),),
        simulator_version=simulator_version(inputs.pool),
        settings=settings,
        framework=framework,
        bank_sha256=bank_digest(settings),
        framework_sha256=sha256(json.dumps(framework.model_dump(mode="json"), sort_keys=True).encode()).hexdigest(),
        prompts={
            name: PromptText(fingerprint=each.fingerprint, system=each.system, user=each.user)
            for name, each in inputs.prompts.templates.items()
        },
        embedder=inputs.embedder.fingerprint,
        embedder_note=inputs.embedder.note,
        packages={"python": platform.python_version()} | {package: version(package) for package in PACKAGES},
        judges=tuple(member.id for member in inputs.judging.calls.members),
        judge_accuracy=inputs.judging.accuracy,
        **fields,
    )


def ended(manifest: Manifest, status: EndStatus, reason: str) -> Manifest:
    """The manifest of a run whose present session has come to its end."""
    *before, last = manifest.sessions
    end = {"finished_at": now(), "status": status, "stop_reason": reason}
    return manifest.model_copy(update={**end, "sessions": (*before, last.model_copy(update=end))})


def resumed(manifest: Manifest, settings: Settings, trace: Path) -> Manifest:
    """The manifest of a run that goes on with ``settings``; its ``trace`` tells how far a killed session came."""
    running = {"finished_at": "", "status": "running", "stop_reason": "", "lacks": (), "settings": settings}
    *before, last = manifest.sessions
    if not last.finished_at:
        last = last.model_copy(update={"last_seen_at": last_moment(trace)})
    return manifest.model_copy(update={**running, "sessions": (*before, last, SessionRecord(started_at=now()))})


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
