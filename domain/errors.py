"""Every error that the program raises on purpose.

AdaemError                 anything below; the command line prints it as one line
├── InputError             what the user gave is wrong: exit code 2
│   ├── FileError          a file: which one, where in it, what to do
│   └── KeyMissing         an environment variable that should hold a key is not set
├── StoreError             a memory or a run folder cannot be used as asked: exit code 2
│   ├── StampMismatch      a memory was written by another embedder, framework or version
│   └── StoreLocked        another process owns the memory
├── BudgetExhausted        a call would exceed a hard cap; the pool makes an outcome of it
├── UnusableResponse       a server's response cannot be taken in; the pool makes an outcome of it
├── NotRecorded            a replay needs a call that was never made
└── RunFailed              the run cannot go on (every member fails, say): exit code 1
    ├── EndpointUnreachable  an endpoint was waited for in vain: the run stops, and can go on once it is back
    └── NotWritten         a file of the run cannot be written: which one, what was lost, how to go on
"""

from __future__ import annotations

from pathlib import Path


class AdaemError(Exception):
    """Base of all errors with a message meant for the user; ``str()`` is one clear line, "problem — remedy"."""

    exit_code = 1

    @property
    def problem(self) -> str:
        """What is wrong, and where."""
        return str(self).partition(" — ")[0]

    @property
    def remedy(self) -> str:
        """What to do about it; empty where the message does not say."""
        return str(self).partition(" — ")[2]


class InputError(AdaemError):
    """The user's input is wrong; the message says what, where and what to do."""

    exit_code = 2


class FileError(InputError):
    """A file cannot be used.

    Attributes: ``path``, ``place`` (a line or a key path inside it, may be empty).
    """

    def __init__(self, path: Path | str, problem: str, *, place: str = "", remedy: str = "") -> None:
        self.path = Path(path)
        self.place = place
        where = f"{path}, {place}" if place else str(path)
        super().__init__(f"{where}: {problem}" + (f" — {remedy}" if remedy else ""))


class KeyMissing(InputError):
    """A member's key variable is not set. Carries the variable's name, never a key."""

    def __init__(self, member: str, variable: str) -> None:
        self.member = member
        self.variable = variable
        super().__init__(
            f"member {member!r}: the environment variable {variable} is not set — set it to this endpoint's key"
        )


class StoreError(AdaemError):
    """A memory or a run folder cannot be used as asked; it has been left untouched."""

    exit_code = 2


class StampMismatch(StoreError):
    """A memory's stamp (schema, framework, embedder, dimension) is not the one that was asked for."""


class StoreLocked(StoreError):
    """Another process holds the memory's lock."""


class BudgetExhausted(AdaemError):
    """A call was refused because it would exceed a hard cap; nothing was sent.

    Attributes: ``cap`` (``calls``, ``tokens`` or ``money``; empty where raising none helps), ``what`` is wrong, and
    ``to_do`` about it.
    """

    def __init__(self, cap: str, what: str, to_do: str) -> None:
        self.cap = cap
        self.what = what
        self.to_do = to_do
        super().__init__(f"{what}; {to_do}")


class UnusableResponse(AdaemError):
    """A response cannot be taken in: its body is too large, say. ``kind`` is a few words for counting."""

    def __init__(self, kind: str, problem: str) -> None:
        self.kind = kind
        super().__init__(problem)


class NotRecorded(AdaemError):
    """A replay has come to a call that is not among the recorded ones; nothing was sent."""


class RunFailed(AdaemError):
    """The run cannot go on; what it has so far is on disk."""


class EndpointUnreachable(RunFailed):
    """An endpoint could not be reached for as long as a run waits. The calls that wanted it were neither sent nor paid.

    The message says which one, for how long, and why not.
    """


class NotWritten(RunFailed):
    """A file of the run cannot be written: its disk is full, or another process has locked it.

    Attributes: ``path``; ``why`` it cannot be written; ``locked``, when waiting may help; ``lost``: the calls that were
    paid for and could not be recorded, in words, empty for none.
    """

    def __init__(self, path: Path | str, why: str, *, remedy: str = "", locked: bool = False, lost: str = "") -> None:
        self.path = Path(path)
        self.why = why
        self.locked = locked
        self.lost = lost
        super().__init__(f"{path}: {why}" + (f"; {lost}" if lost else "") + (f" — {remedy}" if remedy else ""))
