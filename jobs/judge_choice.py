"""The judge that a user names where no settings are at hand: a local judge's file, or a judge by its name."""

from __future__ import annotations

from pathlib import Path

LOCAL = "local"


def judge_choice(name: str) -> dict[str, str | None]:
    """The settings for ``--judge FILE|NAME``."""
    if names_file(name):
        return {"agents.judge": LOCAL, "judge.file": name}
    return {"agents.judge": name, "judge.file": None}


def names_file(name: str) -> bool:
    """Whether a judge's name is a file's: no judge is called so, and no module."""
    return name.endswith(".npz") or Path(name).is_file() or ("/" in name and ":" not in name)
