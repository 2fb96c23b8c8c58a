"""Prompt sets on disk: a folder of Markdown files, complete or, with a ``set.yaml``, on top of another set.

``inherit: NAME|FOLDER`` in ``set.yaml`` names the set that the files which are not there come from: a shipped one, or a
folder beside this one. Without a ``set.yaml`` a set has every file itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..domain.errors import FileError, InputError
from ..domain.framework import Text
from ..domain.reading.yaml_records import package_folder, read_text, read_yaml, validate
from ..domain.record import Record
from .library import PLACEHOLDER, PROMPT_FIELDS, WITHOUT_SYSTEM, PromptLibrary, Template

SET_FILE = "set.yaml"

_HEADING = re.compile(r"^# (system|user)\s*$", re.MULTILINE)


class SetFile(Record):
    """What a ``set.yaml`` says."""

    inherit: Text


@dataclass(frozen=True)
class PromptSet:
    """A loaded set: its prompts, and for each the folder that its file stands in.

    ``inherits`` are the sets below it, the nearest first, each as its ``set.yaml`` names it.
    """

    folder: Path
    prompts: PromptLibrary
    files: Mapping[str, Path]
    inherits: tuple[str, ...]

    @property
    def own(self) -> tuple[str, ...]:
        """The prompts whose files the set has itself."""
        return tuple(name for name, file in self.files.items() if file.parent == self.folder)


def shipped_sets() -> dict[str, Path]:
    """The sets that come with the package: name and folder."""
    return {path.name: path for path in sorted(package_folder("prompts").iterdir()) if any(path.glob("*.md"))}


def load_prompts(name: str) -> PromptLibrary:
    """A shipped prompt set by name (``default``), or one from a folder. Raises ``FileError`` or ``InputError``."""
    return load_set(name).prompts


def load_set(name: str) -> PromptSet:
    """The set with what it inherits. Raises ``FileError`` or ``InputError``."""
    shipped = shipped_sets()
    folder = shipped.get(name) or Path(name)
    if not folder.is_dir():
        if folder.is_file():
            raise FileError(folder, "is a file, and a prompt set is a folder", remedy=f"name {folder.parent}")
        raise InputError(
            f"no prompt set is called {name!r} — choose one of {', '.join(sorted(shipped))}, or name a folder"
        )
    folders, inherits = _chain(folder, shipped)
    files: dict[str, Path] = {}
    for prompt in PROMPT_FIELDS:
        versions = [each / f"{prompt}.md" for each in folders if (each / f"{prompt}.md").exists()]
        if not versions:
            remedy = f"write it, or 'inherit: default' into {SET_FILE} there"
            raise FileError(
                folders[-1], f"the prompt set has no {prompt}.md and inherits from no other set", remedy=remedy
            )
        files[prompt] = versions[0]
    return PromptSet(
        folder, PromptLibrary({prompt: _load(file) for prompt, file in files.items()}), files, tuple(inherits)
    )


def _chain(folder: Path, shipped: Mapping[str, Path]) -> tuple[list[Path], list[str]]:
    """The folder and those that it inherits from, in order, and how each of these was named."""
    folders, inherits = [folder], []
    while (file := folders[-1] / SET_FILE).exists():
        named = validate(SetFile, read_yaml(file), file, written=read_text(file)).inherit
        below = shipped.get(named) or folders[-1] / named
        if not below.is_dir():
            beside = Path("..") / named
            remedy = f"choose one of {', '.join(sorted(shipped))}, or name a folder as it is reached from this one"
            if (folders[-1] / beside).is_dir():
                remedy = f"a folder is named as it is reached from this one: {beside.as_posix()}"
            raise FileError(file, f"no prompt set is called {named!r}", place="inherit", remedy=remedy)
        if below.resolve() in [each.resolve() for each in folders]:
            way = " → ".join(each.name for each in (*folders, below))
            raise FileError(file, f"the set inherits in a circle: {way}", place="inherit", remedy="name another set")
        folders.append(below)
        inherits.append(named)
    for each in folders:
        _check_names(each)
    return folders, inherits


def _check_names(folder: Path) -> None:
    lost = sorted(path.name for path in folder.iterdir() if path.stem in PROMPT_FIELDS and path.suffix != ".md")
    if lost:
        raise FileError(folder / lost[0], "is not read as a prompt", remedy="end it in .md")
    unknown = sorted(path.name for path in folder.glob("*.md") if path.stem not in PROMPT_FIELDS)
    if unknown:
        raise FileError(
            folder / unknown[0], "no prompt has this name", remedy=f"the names are {', '.join(sorted(PROMPT_FIELDS))}"
        )


def _load(path: Path) -> Template:
    name, text = path.stem, read_text(path)
    _check_placeholders(path, text)
    parts = _HEADING.split(text)
    sections = {heading: body.strip() for heading, body in zip(parts[1::2], parts[2::2], strict=True)}
    expected = {"user"} if name in WITHOUT_SYSTEM else {"system", "user"}
    if set(sections) != expected or len(parts) != 1 + 2 * len(expected) or parts[0].strip():
        wanted = " and ".join(f"'# {heading}'" for heading in sorted(expected))
        raise FileError(
            path, f"its sections are not {wanted}, once each", remedy="add these headings and nothing before"
        )
    system = sections.get("system", "")
    if misplaced := PLACEHOLDER.search(system):
        raise FileError(
            path,
            "there is a placeholder under '# system'",
            place=_line(text, text.index(system) + misplaced.start()),
            remedy="move it under '# user'",
        )
    return Template(name, sha256(text.encode()).hexdigest(), system, sections["user"])


def _check_placeholders(path: Path, text: str) -> None:
    expected = PROMPT_FIELDS[path.stem]
    unused = set(PROMPT_FIELDS[path.stem])
    for match in PLACEHOLDER.finditer(text):
        placeholder = match.group(1)
        unused.discard(placeholder)
        if placeholder not in expected:
            raise FileError(
                path,
                f"unknown placeholder {match.group()!r}",
                place=_line(text, match.start()),
                remedy=f"this prompt has {', '.join(f'${{{field}}}' for field in sorted(expected))}",
            )
    if unused:
        field = min(unused)
        problem = f"the placeholder ${{{field}}} is not used"
        remedy = "put it where the text belongs"
        if misspelt := re.search(rf"\$?\{{{{?{field}\}}?\}}|\${field}\b|<{field}>", text):
            remedy = f"write it so in the place of {misspelt.group()!r}"
        place = _line(text, misspelt.start()) if misspelt else ""
        raise FileError(path, problem, place=place, remedy=remedy)


def _line(text: str, position: int) -> str:
    return f"line {text.count(chr(10), 0, position) + 1}"
