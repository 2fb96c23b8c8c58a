"""The simulated judge: recognises values by its own half of the vocabulary, and errs, more on long and odd texts."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass
from functools import lru_cache

from . import parameters as constants
from .identity import Identity
from .vocabulary import TOKEN, Vocabulary, stem

_NUMBERED = re.compile(r"^\s*(\d{1,3})[.)] ?(.*)$")
_VALUE_LINE = re.compile(r"^\s*([a-z][a-z0-9_-]{0,63})\s*:")
_MARKUP = re.compile(r"\*\*|__|^#|^\d+[.)]")
_USUAL_WORDS = 30
_QUOTED_WORDS = 9
_NOT_THERE = "the wording makes this plain enough"


@dataclass(frozen=True)
class _Reading:
    """What the judge's vocabulary finds in one text: the values over the cut with a quote each, and what misleads."""

    values: tuple[tuple[int, str], ...]
    excess: float
    markup: bool
    words: tuple[str, ...]


@lru_cache(maxsize=32_768)
def _find(vocabulary: Vocabulary, text: str) -> _Reading:
    """Scores every window of a text: summed weights of the distinct stems between two breaks."""
    clauses = re.split(r"[;.:]\s|, ", text)
    best = [0.0] * len(vocabulary.ids)
    where = [""] * len(vocabulary.ids)
    for part in clauses:
        scores = [0.0] * len(best)
        seen = set()
        for word in TOKEN.findall(part):
            one = stem(word)
            if one and one not in seen:
                seen.add(one)
                for value, weight in vocabulary.recognition.get(one, ()):
                    scores[value] += weight
        for value, score in enumerate(scores):
            if score > best[value]:
                best[value] = score
                where[value] = part
    words = text.split()
    labels = tuple(
        (value, " ".join(where[value].split(" ")[-_QUOTED_WORDS:]).strip())
        for value, score in enumerate(best)
        if score >= constants.JUDGE_CUT
    )
    excess = max(0.0, math.log2(max(1, len(words)) / _USUAL_WORDS))
    return _Reading(labels, excess, bool(_MARKUP.search(text)), tuple(words))


def _texts(field: str) -> dict[int, str]:
    """The numbered texts; a line without the next number belongs to the text before it."""
    texts: dict[int, str] = {}
    for line in field.splitlines():
        match = _NUMBERED.match(line)
        if match and int(match[1]) == len(texts) + 1:
            texts[len(texts) + 1] = match[2]
        elif texts:
            texts[len(texts)] += f"\n{line}"
    return texts


def label(
    identity: Identity, vocabulary: Vocabulary, fields: dict[str, str], rng: random.Random
) -> list[dict[str, object]]:
    """The labels of ``fields["texts"]`` for the values that ``fields["values"]`` lists, as LabelReply has them."""
    offered = {match[1] for line in fields.get("values", "").splitlines() if (match := _VALUE_LINE.match(line))}
    asked = [index for index, value in enumerate(vocabulary.ids) if value in offered]
    style = constants.JUDGE_STYLE_PENALTY if identity.style_penalty < 0 else identity.style_penalty
    false_quotes = constants.JUDGE_FALSE_QUOTE if identity.false_quotes < 0 else identity.false_quotes
    labels: list[dict[str, object]] = []
    for number, text in _texts(fields.get("texts", "")).items():
        reading = _find(vocabulary, text)
        extra = constants.JUDGE_LENGTH_PENALTY * reading.excess
        miss = constants.JUDGE_MISS + extra + (style if reading.markup else 0.0)
        false_alarm = constants.JUDGE_FALSE_ALARM * (1 + reading.excess)
        quotes = dict(reading.values)
        for value in asked:
            if value in quotes:
                quote = quotes[value] if rng.random() >= miss else ""
            elif reading.words and rng.random() < false_alarm:
                quote = rng.choice(reading.words)
            else:
                quote = ""
            if quote:
                quote = _NOT_THERE if rng.random() < false_quotes else quote
                labels.append({"text": number, "value": vocabulary.ids[value], "quote": quote})
    return labels


def label_one(
    identity: Identity, vocabulary: Vocabulary, fields: dict[str, str], rng: random.Random
) -> dict[str, object]:
    """Whether ``fields["text"]`` expresses the value of ``fields["value"]``, as ValueReply has it."""
    asked = {"values": fields.get("value", ""), "texts": f"1. {fields.get('text', '')}"}
    labels = label(identity, vocabulary, asked, rng)
    return {"expresses": bool(labels), "quote": labels[0]["quote"] if labels else ""}
