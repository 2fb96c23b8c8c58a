"""The life of a job in its folder: locked, described, recorded in, and closed in order however the work ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ...domain.errors import EndpointUnreachable, InputError, NotRecorded, NotWritten, RunFailed, StoreError
from ...domain.texts.command_line import resume_in_text
from ...domain.texts.safe_text import one_line
from ...graph.pauses import Stopped
from ...pool.telemetry import job_span
from ...records import Manifest, RunFolder, RunRecords, Trace, create_run
from ...records.folder import RUNS, lock_run
from ..trust import to_repeat
from .manifests import STOPPED_BY_USER, EndStatus, ended
from .write_failures import explain_write_failures


class Job:
    """One session of a job at work in its folder, which is locked, with its records open.

    Attributes: ``manifest`` is written when the work begins, and last of all when it has ended, with ``status`` and
    ``reason``.
    """

    def __init__(self, folder: RunFolder, manifest: Manifest, records: RunRecords, *, resumable: bool = True) -> None:
        """``resumable``: 'adaem resume' goes on with such a job, and errors say so."""
        self.folder = folder
        self.manifest = manifest
        self.records = records
        self.status: EndStatus = "failed"
        self.reason = ""
        self._resumable = resumable
        self._started = False
        self._on_stop: Callable[[], None] = _nothing
        self._on_close: Callable[[], None] = _nothing
        self._trace: Trace | None = None

    @contextmanager
    def under_way(self) -> Iterator[Trace]:
        """Opens the trace for the work of the body, and turns the way in which the body ends into the job's status.

        A cancelled task and a stop at a pause end the body without an error: the job is "interrupted". Raises what the
        body raises, with the way to go on where there is one.
        """
        trace = self.begin()
        try:
            with job_span(self.manifest.settings.telemetry, self._kind, self.manifest.run_id) as tell:
                yield trace
                tell(self.status)
        except (asyncio.CancelledError, Stopped):
            self.interrupt(STOPPED_BY_USER)
            self._on_stop()
        except Exception as error:  # raised again: the manifest must say why the job ended, whatever it was
            explained = self._explain(error)
            if explained is error:
                raise
            raise explained from None
        finally:
            self.end()

    @property
    def _kind(self) -> str:
        return "import" if self.manifest.recorded else "evaluation" if self.manifest.evaluation else "run"

    def begin(self) -> Trace:
        """Writes the manifest and opens the trace."""
        self.folder.write_manifest(self.manifest)
        self._trace = Trace(self.folder.trace_path)
        return self._trace

    def start(self, *, on_stop: Callable[[], None] | None = None, on_close: Callable[[], None]) -> None:
        """All is made that the work needs: until now an error was one of the settings, and nothing goes on from it.

        ``on_stop`` puts the folder in order when the job is stopped in the middle; ``on_close`` writes what is made
        of the records, and may change ``manifest`` and ``status``: it is called in any case, before the manifest is
        written.
        """
        self._started = True
        self._on_stop = on_stop or _nothing
        self._on_close = on_close

    def finish(self, reason: str) -> None:
        """The job has come to its end."""
        self.status = "finished"
        self.reason = reason

    def fail(self, reason: str) -> None:
        """The job has come to an end that is worth nothing."""
        self.status = "failed"
        self.reason = reason

    def interrupt(self, reason: str) -> None:
        """The job ends before its time, and one can go on from there."""
        self.status = "interrupted"
        self.reason = reason

    def note(self, notices: Iterable[str]) -> None:
        """Adds notices to the manifest, each once."""
        self.manifest = self.manifest.model_copy(
            update={"notices": tuple(dict.fromkeys([*self.manifest.notices, *notices]))}
        )

    def end(self) -> None:
        """Closes the trace, lets ``on_close`` write the rest, and writes the manifest last."""
        try:
            if self._trace is not None:
                self._trace.close()
            self._on_close()
        except (OSError, NotWritten) as error:
            self.interrupt(str(error))
            raise
        finally:
            self.manifest = ended(self.manifest, self.status, self.reason)
            self.folder.write_manifest(self.manifest)

    def _explain(self, error: Exception) -> Exception:
        """Sets status and reason for ``error``; returns it, with the way to go on where there is one."""
        self.fail(f"{type(error).__name__}: {one_line(str(error))}")
        if not self._started:
            return error
        resume = f"go on with {resume_in_text(self.folder.path, to_repeat(self.manifest))}"
        match error:
            case NotRecorded():
                self.fail(error.problem)
            case NotWritten():
                self.interrupt(str(error))
            case InputError() | StoreError() if self._resumable:
                self.interrupt(str(error))
                if isinstance(error, InputError):  # nothing can be put in order in a memory that is gone
                    self._on_stop()
                return (InputError if isinstance(error, InputError) else StoreError)(f"{error}, and {resume}")
            case EndpointUnreachable() if self._resumable:
                self.interrupt(error.problem)
                self._on_stop()
                return RunFailed(f"{error}, then {resume}")
            case RunFailed():
                self.fail(str(error))
                self._on_stop()
                return RunFailed(f"{error} — {resume} once they answer") if self._resumable else error
        return error


@contextmanager
def new_job(
    path: Path | None,
    manifest: Manifest,
    *,
    prepare: Callable[[RunRecords], None] | None = None,
    resumable: bool = True,
) -> Iterator[Job]:
    """A job in a new folder ``path``, by default ``runs/<run id>``.

    ``prepare`` stores what going on takes: the manifest comes after it, so that a folder that has one can go on.
    Raises ``StoreError`` when the folder cannot be made.
    """
    folder = create_run(path or RUNS / manifest.run_id)
    with _held(folder, resumable=resumable):
        if prepare is None:
            folder.write_manifest(manifest)
        with RunRecords(folder.records_path) as records:
            if prepare is not None:
                prepare(records)
            yield Job(folder, manifest, records, resumable=resumable)


@contextmanager
def reopened_job(folder: RunFolder) -> Iterator[Job]:
    """A job that goes on in its own folder, with the manifest that it left. Raises ``StoreLocked``."""
    with _held(folder), RunRecords(folder.records_path) as records:
        yield Job(folder, folder.read_manifest(), records)


@contextmanager
def _held(folder: RunFolder, *, resumable: bool = True) -> Iterator[None]:
    lock = lock_run(folder)
    try:
        with explain_write_failures(folder, resumable=resumable):
            yield
    finally:
        lock.release()


def _nothing() -> None:
    pass
