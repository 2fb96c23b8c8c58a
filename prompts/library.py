"""The prompts of a set, with the placeholders that each must have, rendered with their data fenced.

A prompt is a Markdown file with the headings ``# system`` and ``# user``. A placeholder is ``${name}``; each prompt has
fixed ones (``PROMPT_FIELDS``), and all of them must be used: a field that is not shown to the model is a mistake that
no run would reveal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from ..domain.calls import Prompt
from ..domain.errors import InputError
from ..domain.texts.fence import fence

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
    "new_topics": frozenset({"values", "covered", "count"}),
    "paraphrase": frozenset({"original", "fact"}),
    "same_question": frozenset({"first", "second"}),
    "as_question": frozenset({"original"}),
    "controversial": frozenset({"topic", "avoid"}),
    "contrast": frozenset({"examples"}),
    "proposals": frozenset({"count"}),
    "rewrites": frozenset({"count"}),
}
"""Every prompt of a set, with its placeholders. Those in ``WITHOUT_SYSTEM`` are words that are added to another prompt:
``prime`` to the system part of ``answer``, ``contrast`` and ``proposals`` to ``explore``, ``contrast`` and ``rewrites``
to ``refine``.
"""

WITHOUT_SYSTEM = frozenset({"schema", "repair", "prime", "contrast", "proposals", "rewrites"})

PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True)
class Template:
    """One prompt's words. ``fingerprint`` is the sha256 of the file's text."""

    name: str
    fingerprint: str
    system: str
    user: str

    @property
    def unguarded(self) -> bool:
        """Whether it shows material to a model and does not say what the fences around it are."""
        return self.name not in WITHOUT_SYSTEM and "<<" not in f"{self.system}{self.user}"


class PromptLibrary:
    """A checked prompt set."""

    def __init__(self, templates: Mapping[str, Template]) -> None:
        self.templates = dict(templates)

    def render(self, name: str, more: Mapping[str, Mapping[str, str]] | None = None, /, **fields: str) -> Prompt:
        """The prompt ``name`` with each field fenced. Raises ``InputError`` on a missing or unknown field.

        ``more`` are prompts whose words come after it, with the fields of each.
        """
        parts = [(self._template(name), fields), *((self._template(one), given) for one, given in (more or {}).items())]
        first = parts[0][0]
        marks = "\n".join(template.fingerprint for template, _ in parts)
        return Prompt(
            name=name,
            fingerprint=first.fingerprint if len(parts) == 1 else sha256(marks.encode()).hexdigest(),
            system=first.system,
            user="\n\n".join(
                _fill(template, {key: fence(key, text) for key, text in given.items()}) for template, given in parts
            ),
        )

    def _template(self, name: str) -> Template:
        """The prompt's words. Raises ``InputError``: a run's folder holds its prompts, and may lack some."""
        if name not in self.templates:
            raise InputError(
                f"the prompt set has no prompt {name!r} — name another set, for example with -s prompts=default"
            )
        return self.templates[name]

    def schema_words(self, schema: str) -> str:
        """What asks for a reply by a JSON schema where the schema cannot travel in the request's body."""
        return _fill(self._template("schema"), {"schema": schema})

    def repair_words(self, problem: str) -> str:
        """What asks once more after a reply that did not parse."""
        return _fill(self._template("repair"), {"problem": problem})

    def primed(self, value: str) -> PromptLibrary:
        """These prompts, with whoever answers told to hold ``value`` (METHOD.md section 5). Raises ``InputError``."""
        if "prime" not in self.templates:  # those of a run by an earlier version
            raise InputError(
                "the prompt set has no prompt 'prime' — name a set that has one, for example with -s prompts=default"
            )
        answer = self.templates["answer"]
        system = f"{answer.system}\n\n{_fill(self.templates['prime'], {'value': fence('value', value)})}"
        fingerprint = sha256(f"{system}\n{answer.user}".encode()).hexdigest()
        return PromptLibrary({**self.templates, "answer": Template("answer", fingerprint, system, answer.user)})


def _fill(template: Template, texts: Mapping[str, str]) -> str:
    expected = PROMPT_FIELDS[template.name]
    if wrong := sorted(expected.symmetric_difference(texts)):
        raise InputError(f"prompt {template.name!r}: the fields {', '.join(wrong)} are missing or unknown")
    # One pass over the template: text that is put in is never searched for placeholders.
    return PLACEHOLDER.sub(lambda match: texts[match.group(1)], template.user)
