"""A run's folder and its manifest: where things lie, and under which settings they came about."""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from ..domain.errors import FileError, StoreError, StoreLocked
from ..domain.forecast import Forecast
from ..domain.framework import Framework
from ..domain.judge_accuracy import JudgeAccuracy
from ..domain.pool_spec import PoolSpec
from ..domain.reading.files import check_plain, read_bytes
from ..domain.record import Record
from ..domain.settings import Settings
from ..domain.texts.hiding import name_key_variables
from ..domain.texts.safe_text import one_line
from .recorded_answers import RecordedSource
from .whole_file import write_whole

if TYPE_CHECKING:
    from filelock import FileLock

SCHEMA_VERSION = 2

BEFORE_THE_SETTING = {"noise_floor": "permuted"}
"""Settings of the search that manifests of earlier versions lack and whose default is another: what was done then."""

NAMES_VERSION = 2
"""Which parts the names in the settings mean; manifests of earlier versions lack it."""

EARLIER_NAMES = {("agents", "critic"): {"paper": "overlap"}, ("search", "policy"): {"paper": "ucb1"}}
"""What parts are called now that had other names in version 1: by group and setting, the name then and the name now."""

RUNS = Path("runs")
"""Where a run lies whose user named no folder."""

RATINGS_FILE = "ratings.json"
"""What a folder of imported ratings has in place of a manifest (``ratings_folder``)."""

LARGEST_MANIFEST = 64_000_000
"""Bytes; one with a framework of a thousand topics has half a million."""

_BEFORE_ALL = ("run.lock", "manifest.json.partial")
"""What a run leaves that was killed before it had a manifest: in that folder it can be started again."""


class PromptText(Record):
    """A prompt as it was used: its words and their sha256."""

    fingerprint: str
    system: str
    user: str


class SessionRecord(Record):
    """One stretch of a run, from its start or its resumption until it ended; without an end it was killed.

    ``last_seen_at``: when the last step of a killed stretch had ended, noted when the run goes on.
    """

    started_at: str
    finished_at: str = ""
    last_seen_at: str = ""
    status: str = ""
    stop_reason: str = ""


class EvaluationOf(Record):
    """What an evaluation asked: the questions of ``source``, and which of its members the search had seen.

    ``run_id`` names the run that grew the questions, empty for a file of one's own. ``primed`` are the values that
    members were told to hold, each a wording of its own beside the plain one.
    """

    source: str
    run_id: str = ""
    questions: int
    questions_sha256: str
    samples: int
    short: int | None = None
    primed: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()


class ForkOf(Record):
    """The run that a folder goes back to, and what is not the same from there on.

    ``path`` is the parent's folder, in full. ``at`` is the first step with the ``changes``, empty where they hold from
    the start. ``control`` names what was varied where questions are only asked again. ``recalled`` counts the requests
    that were not sent, because the parent had recorded the calls. ``replay_only``: nobody may be asked.
    """

    run_id: str
    path: str
    at: str = ""
    changes: dict[str, str] = Field(default_factory=dict)
    control: str = ""
    replay_only: bool = False
    recalled: int = 0


class Manifest(Record):
    """Everything that a run was made with. ``status`` and ``stop_reason`` say how it ended; times are UTC.

    "cut off" is never kept: ``status.current_manifest`` says it of a run whose process was killed. ``lacks`` are the
    settings, with a value that would do, without which a run that was interrupted cannot go on.

    ``sessions`` are the stretches in which it was made. ``replay_of`` names the run whose recorded calls it used, and
    ``fork`` the run that it was forked from.
    ``forecast`` is what it was expected to spend. ``evaluation`` is set where questions were only asked, not grown.

    ``recorded`` says where answers come from that existed already; then nobody was asked, ``pool`` is None unless its
    judges labelled them, and ``simulated`` means that the judge was. ``judges`` are the members that the judge asks;
    None where an earlier version wrote it. ``names_version`` says which parts are meant by the settings' names.
    """

    schema_version: int = Field(default=SCHEMA_VERSION, ge=SCHEMA_VERSION, le=SCHEMA_VERSION)
    names_version: int = Field(default=NAMES_VERSION, ge=NAMES_VERSION, le=NAMES_VERSION)
    run_id: str
    adaem_version: str
    created_at: str
    finished_at: str = ""
    status: Literal["running", "finished", "interrupted", "failed", "cut off"] = "running"
    stop_reason: str = ""
    lacks: tuple[str, ...] = ()
    simulated: bool
    simulator_version: str | None = None
    settings: Settings
    framework: Framework
    framework_sha256: str
    bank_sha256: str = ""
    pool: PoolSpec | None
    recorded: RecordedSource | None = None
    prompts: dict[str, PromptText]
    embedder: str
    embedder_note: str = ""
    packages: dict[str, str]
    notices: tuple[str, ...] = ()
    judges: tuple[str, ...] | None = None
    judge_accuracy: JudgeAccuracy | None = None
    sessions: tuple[SessionRecord, ...] = ()
    replay_of: str = ""
    fork: ForkOf | None = None
    evaluation: EvaluationOf | None = None
    forecast: Forecast | None = None

    @model_validator(mode="before")
    @classmethod
    def _parts_by_their_present_names(cls, data: object) -> object:
        """A run that was begun with a part goes on with that part, whatever its name means by now."""
        if (
            not isinstance(data, dict)
            or "names_version" in data
            or not isinstance(settings := data.get("settings"), dict)
        ):
            return data
        settings = dict(settings)
        for (group, name), present in EARLIER_NAMES.items():
            if isinstance(parts := settings.get(group), dict) and isinstance(part := parts.get(name), str):
                settings[group] = {**parts, name: present.get(part, part)}
        return {**data, "settings": settings}

    @field_validator("settings", mode="before")
    @classmethod
    def _as_earlier_versions_did(cls, settings: object) -> object:
        """A run that was begun before a setting existed goes on, and is replayed, as it would have then."""
        if isinstance(settings, dict) and isinstance(search := settings.get("search"), dict):
            return {**settings, "search": {**BEFORE_THE_SETTING, **search}}
        return settings


@dataclass(frozen=True)
class RunFolder:
    """The paths inside one run's folder."""

    path: Path

    @property
    def manifest_path(self) -> Path:
        """The manifest, ``manifest.json``."""
        return self.path / "manifest.json"

    @property
    def records_path(self) -> Path:
        """The records, ``run.sqlite``."""
        return self.path / "run.sqlite"

    @property
    def checkpoints_path(self) -> Path:
        """LangGraph's checkpoints, ``checkpoints.sqlite``."""
        return self.path / "checkpoints.sqlite"

    @property
    def trace_path(self) -> Path:
        """The trace, ``trace.jsonl``."""
        return self.path / "trace.jsonl"

    @property
    def questions_path(self) -> Path:
        """The grown benchmark, ``questions.jsonl``."""
        return self.path / "questions.jsonl"

    @property
    def memory_path(self) -> Path:
        """This run's own memory, unless the settings name a shared one."""
        return self.path / "memory"

    def write_manifest(self, manifest: Manifest) -> None:
        """Replaces the manifest in one step: a crash leaves the old one or the new one."""
        write_whole(self.manifest_path, manifest.model_dump_json(indent=2) + "\n")

    def read_manifest(self) -> Manifest:
        """The manifest. Raises ``FileError`` when it is missing, damaged, or of a newer version.

        So it does for a folder that leads elsewhere by a link, or holds a pipe: whoever reads a run reads this first.
        """
        try:
            check_plain(self.path)
            text = read_bytes(self.manifest_path, LARGEST_MANIFEST)
        except (OSError, FileError) as error:
            if self.manifest_path.exists() and isinstance(error, FileError):
                raise
            remedy = _nearest_runs(self.path) or "name a folder made by 'adaem run'"
            if (self.path / RATINGS_FILE).is_file():
                remedy = "it holds imported ratings, which 'adaem report' alone shows"
            raise FileError(self.path, "is not a run: it has no readable manifest.json", remedy=remedy) from None
        try:
            manifest = Manifest.model_validate_json(text)
        except ValidationError as error:
            place = one_line(".".join(str(part) for part in error.errors()[0]["loc"]))
            raise FileError(
                self.manifest_path,
                "is damaged, or was written by another version of adaem",
                place=place,
                remedy="open it with the version that made it",
            ) from None
        if manifest.pool is not None:  # whatever this process writes or shows of the run is without its keys
            name_key_variables(each.key_variable for each in manifest.pool.members if each.key_variable)
        return manifest


def _nearest_runs(path: Path) -> str:
    """The runs beside a folder that is not there whose names are most like its own, as a remedy; empty for none."""
    if path.exists() or not path.parent.is_dir():
        return ""
    runs = [each.name for each in path.parent.iterdir() if RunFolder(each).manifest_path.is_file()]
    close = get_close_matches(path.name, runs, n=3, cutoff=0.4)
    return f"did you mean {', '.join(str(path.with_name(name)) for name in close)}?" if close else ""


def check_free(path: Path) -> None:
    """Refuses a folder for a new run that holds something already. Raises ``StoreError``."""
    if path.exists() and (not path.is_dir() or any(each.name not in _BEFORE_ALL for each in path.iterdir())):
        what = "holds another run" if (path / "manifest.json").exists() else "exists and is not an empty folder"
        raise StoreError(f"{path}: {what} — name another folder with --out")


def create_run(path: Path) -> RunFolder:
    """Makes the folder of a new run. Raises ``StoreError`` when it holds something already or cannot be written."""
    try:
        check_free(path)
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be made ({error.strerror}) — name a writable folder with --out") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise StoreError(f"{path}: is not writable — name a writable folder with --out")
    return RunFolder(path)


def lock_run(folder: RunFolder) -> FileLock:
    """Makes this process the only one that writes into the folder, until the lock is released.

    Raises ``StoreLocked`` when another one does. A killed process leaves no lock behind.
    """
    from filelock import FileLock, Timeout

    # A moment's patience: who only looks whether a process runs it (status.is_running) holds it as briefly.
    lock = FileLock(folder.path / "run.lock", timeout=0.3)
    try:
        lock.acquire()
    except Timeout:
        raise StoreLocked(f"{folder.path}: another process has this run open — wait for it, or stop it") from None
    return lock


def open_run(path: Path) -> RunFolder:
    """The folder of an existing run. Raises ``FileError`` when it is none."""
    folder = RunFolder(path)
    folder.read_manifest()
    if not folder.records_path.exists():
        raise FileError(path, "is not a whole run: run.sqlite is missing", remedy="copy the whole folder")
    return folder
