"""Loads a prompt set, checks its placeholders both ways, and renders prompts with their data fenced.

A prompt is a Markdown file with the headings ``# system`` and ``# user``. A placeholder is ``${name}``; each prompt has
fixed ones (``PROMPT_FIELDS``), and all of them must be used: a field that is not shown to the model is a mistake that
no run would reveal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..domain.calls import Prompt
from ..domain.errors import FileError, InputError
from ..domain.fence import fence
from ..domain.loading import package_folder, read_text

PROMPT_FIELDS: Mapping[str, frozenset[str]] = {
    "explore": frozenset({"topic", "best", "avoid", "values"}),
    "answer": frozenset({"question", "fact"}),
    "judge": frozenset({"values", "texts"}),
    "judge_question": frozenset({"values", "texts"}),
    "judge_value": frozenset({"value", "text"}),
    "refine": frozenset({"question", "fact", "answers", "scores", "avoid", "values"}),
    "schema": frozenset({"schema"}),
    "repair": frozenset({"problem"}),
    "prime": frozenset({"value"}),
}
"""Every prompt of a set, with its placeholders. ``schema``, ``repair`` and ``prime`` have no system part: they are
words that are added to another prompt, ``prime`` to the system part of ``answer``.
"""

WITHOUT_SYSTEM = frozenset({"schema", "repair", "prime"})

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
_HEADING = re.compile(r"^# (system|user)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Template:
    """One prompt's words. ``fingerprint`` is the sha256 of the file's text."""

    name: str
    fingerprint: str
    system: str
    user: str


class PromptLibrary:
    """A checked prompt set."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self.templates = dict(templates)

    def render(self, name: str, **fields: str) -> Prompt:
        """The prompt ``name`` with each field fenced. Raises ``InputError`` on a missing or unknown field."""
        template = self.templates[name]
        return Prompt(
            name=name,
            fingerprint=template.fingerprint,
            system=template.system,
            user=_fill(template, {key: fence(key, text) for key, text in fields.items()}),
        )

    def schema_words(self, schema: str) -> str:
        """What asks for a reply by a JSON schema where the schema cannot travel in the request's body."""
        return _fill(self.templates["schema"], {"schema": schema})

    def repair_words(self, problem: str) -> str:
        """What asks once more after a reply that did not parse."""
        return _fill(self.templates["repair"], {"problem": problem})

    def primed(self, value: str) -> PromptLibrary:
        """These prompts, with whoever answers told to hold ``value`` (METHOD.md section 5). Raises ``InputError``."""
        if "prime" not in self.templates:  # those of a run by an earlier version
            raise InputError("these prompts have none that primes — name a set that does, with -s prompts=default")
        answer = self.templates["answer"]
        system = f"{answer.system}\n\n{_fill(self.templates['prime'], {'value': value})}"
        fingerprint = sha256(f"{system}\n{answer.user}".encode()).hexdigest()
        return PromptLibrary({**self.templates, "answer": Template("answer", fingerprint, system, answer.user)})


def _fill(template: Template, texts: Mapping[str, str]) -> str:
    expected = PROMPT_FIELDS[template.name]
    if wrong := sorted(expected.symmetric_difference(texts)):
        raise InputError(f"prompt {template.name!r}: the fields {', '.join(wrong)} are missing or unknown")
    # One pass over the template: text that is put in is never searched for placeholders.
    return _PLACEHOLDER.sub(lambda match: texts[match.group(1)], template.user)


def load_prompts(name: str) -> PromptLibrary:
    """A shipped prompt set by name (``default``), or one from a folder. Raises ``FileError`` or ``InputError``."""
    shipped = {path.name: path for path in package_folder("prompts").iterdir() if any(path.glob("*.md"))}
    folder = shipped.get(name) or Path(name)
    if not folder.is_dir():
        raise InputError(
            f"no prompt set is called {name!r} — choose one of {', '.join(sorted(shipped))}, or name a folder"
        )
    unknown = sorted(path.name for path in folder.glob("*.md") if path.stem not in PROMPT_FIELDS)
    if unknown:
        raise FileError(
            folder / unknown[0], "no prompt has this name", remedy=f"the names are {', '.join(sorted(PROMPT_FIELDS))}"
        )
    return PromptLibrary({prompt: _load(folder / f"{prompt}.md") for prompt in PROMPT_FIELDS})


def _load(path: Path) -> Template:
    name, text = path.stem, read_text(path)
    _check_placeholders(path, text)
    parts = _HEADING.split(text)
    sections = {heading: body.strip() for heading, body in zip(parts[1::2], parts[2::2], strict=True)}
    expected = {"user"} if name in WITHOUT_SYSTEM else {"system", "user"}
    if set(sections) != expected or len(parts) != 1 + 2 * len(expected) or parts[0].strip():
        wanted = " and ".join(f"'# {heading}'" for heading in sorted(expected))
        raise FileError(path, f"its parts are not {wanted}, once each", remedy="add these headings and nothing before")
    system = sections.get("system", "")
    if misplaced := _PLACEHOLDER.search(system):
        raise FileError(
            path,
            "a placeholder stands under '# system'",
            place=_line(text, text.index(system) + misplaced.start()),
            remedy="move it under '# user'",
        )
    return Template(name, sha256(text.encode()).hexdigest(), system, sections["user"])


def _check_placeholders(path: Path, text: str) -> None:
    expected, unused = PROMPT_FIELDS[path.stem], set(PROMPT_FIELDS[path.stem])
    for match in _PLACEHOLDER.finditer(text):
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
        raise FileError(path, f"the placeholder ${{{min(unused)}}} is not used", remedy="put it where the text belongs")


def _line(text: str, position: int) -> str:
    return f"line {text.count(chr(10), 0, position) + 1}"
