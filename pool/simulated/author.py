"""The simulated author: composes varied proposals and rewrites. It knows the framework's words, no respondent.

Whether a proposal separates anyone is luck: some carry a conflict between two values, some only a context, some merely
decorate the topic. Rewrites change, tighten or drop a part; nothing makes them better on average (METHOD.md section 6),
unless the author learns from what it is shown (``learning.py``), to the degree that is planted.
"""

from __future__ import annotations

import random
import re

from . import parameters as constants
from .learning import contested, pattern
from .places import ACTORS, FIRST_YEAR, LAST_YEAR, MEASURES, PLACES, SETTINGS
from .question_reader import NAMED_CUT, read
from .vocabulary import Vocabulary, clause, stems

CONFLICT_FORMS = (
    "when one side holds that {a} and the other that {b}",
    "when some insist that {a} while others insist that {b}",
    "even if it is said that {a}, against the view that {b}",
    "although many feel that {a} whereas others feel that {b}",
    "when the claim that {a} stands against the claim that {b}",
    "if it is argued that {a} but also that {b}",
)
_CONFLICT_STARTS = (
    "when one side holds",
    "when some insist",
    "even if it is said",
    "although many feel",
    "when the claim",
    "if it is argued",
    "if that sets",
)
SHORT_CONFLICT = "if that sets {a} against {b}"
CONTEXT_FORMS = (
    "in {place}, where {actor} {verb} {measure} in {year}, {topic}",
    "in {place}, where {actor} {verb} {measure} in {year}, {topic}, {setting}",
    "after {actor} in {place} {verb} {measure} in {year}, {topic}",
    "given that {actor} in {place} {verb} {measure} in {year}, {topic}, {setting}",
    "with {measure} that {actor} {verb} in {place} in {year}, {topic}",
)
BRIEF_FORMS = ("in {place}, {topic}", "in {place} since {year}, {topic}", "{setting}, {topic}")
DECORATIONS = (
    "all in all",
    "generally speaking",
    "in the world of today",
    "as things stand",
    "in modern life",
    "in the end",
)
DECORATED_FORMS = (
    "{decoration}, {topic}",
    "{decoration}, {topic}, {setting}",
    "{decoration} and with an open mind, {topic}",
)
CONSEQUENCES = ("and few complaints followed", "and the numbers halved within a year", "and two appeals are pending")
_MOST_DRAWS = 12
_CONFLICT_TAIL = re.compile(r",? (?:" + "|".join(map(re.escape, _CONFLICT_STARTS)) + r")\b[^?]*\?$")
_SWAPS = (
    ("all in all", "in the end"),
    ("generally speaking", "on the whole"),
    ("given that", "since"),
    ("for workers on", "for those on"),
    ("in households with", "in homes with"),
    ("although", "though"),
    ("right", "fair"),
    ("acceptable", "fair"),
    ("important", "vital"),
    ("should", "must"),
)


_COSMETIC = (
    *((f"{verb} {measure}", f"had {measure}") for measure, verb in MEASURES if len(verb) >= len("had")),
    ("side holds that", "side says that"),
    ("some insist that", "some say that"),
    ("others insist that", "others say that"),
    ("many feel that", "many say that"),
    ("others feel that", "others say that"),
    ("is argued that", "is said that"),
    ("the claim that", "the view that"),
)
"""Swaps among words that say nothing to any respondent: the true divergence stays exactly what it was."""


def _plain(text: str) -> str:
    """One line of one sentence without its closing mark: a topic or question as a clause."""
    line = " ".join(text.split()).strip()
    line = re.sub(r"[?!.;]+(?=\s|$)", ",", line.rstrip("?!.,; ")).rstrip(", ")
    return clause(line) or "is this right"


def _sentence(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip(" ,")
    return text[:1].upper() + text[1:] + "?"


def _words(text: str) -> int:
    return len(text.split())


def _named_pair(vocabulary: Vocabulary, text: str) -> tuple[int, int] | None:
    scores = vocabulary.scores(stems(text), vocabulary.reading)
    first, second = sorted(range(len(scores)), key=lambda v: -scores[v])[:2]
    return (first, second) if scores[second] >= NAMED_CUT else None


def _conflict(vocabulary: Vocabulary, pair: tuple[int, int], rng: random.Random) -> str:
    if rng.random() < 0.2:
        return SHORT_CONFLICT.format(a=clause(vocabulary.names[pair[0]]), b=clause(vocabulary.names[pair[1]]))
    a, b = (rng.choice(vocabulary.phrases[index]) for index in pair)
    return rng.choice(CONFLICT_FORMS).format(a=a, b=b)


def _pair(vocabulary: Vocabulary, rng: random.Random) -> tuple[int, int]:
    first, second = rng.sample(range(len(vocabulary.ids)), 2)
    return first, second


def _best_pair(vocabulary: Vocabulary, best: str, rng: random.Random, follow: float) -> tuple[int, int] | None:
    lines = [line.partition("\t")[2] for line in best.splitlines() if "\t" in line]
    if not lines or rng.random() >= follow:
        return None
    return _named_pair(vocabulary, rng.choice(lines[:3]))


def propose(
    vocabulary: Vocabulary, fields: dict[str, str], rng: random.Random, *, follow: float = 0.0, learning: float = 0.0
) -> dict[str, object]:
    """A fact and a question for ``fields["topic"]`` that is none of ``fields["avoid"]``, unless twelve draws fail.

    ``follow``: how often a conflict takes up the values of one of the three best questions shown; ``learning``: how
    often a proposal is modelled on a scored example (``learning.py``). Without examples both say nothing.
    """
    topic = _plain(fields.get("topic", ""))
    avoid = {line.strip() for line in fields.get("avoid", "").splitlines()}
    fact, question = "", ""
    for _ in range(_MOST_DRAWS):
        verb_measure = rng.choice(MEASURES)
        parts = {
            "topic": topic,
            "place": rng.choice(PLACES),
            "year": str(rng.randint(FIRST_YEAR, LAST_YEAR)),
            "actor": rng.choice(ACTORS),
            "measure": verb_measure[0],
            "verb": verb_measure[1],
            "setting": rng.choice(SETTINGS),
            "decoration": rng.choice(DECORATIONS),
        }
        taken = pattern(vocabulary, fields, rng, learning)
        kind = rng.random()
        conflict_until = constants.CONFLICT_PROPOSALS
        context_until = conflict_until + constants.CONTEXT_PROPOSALS
        if taken is not None:
            kind = 0.0 if taken.conflict else conflict_until if taken.context else context_until
        if kind < conflict_until:
            pair = taken.pair if taken is not None else _best_pair(vocabulary, fields.get("best", ""), rng, follow)
            pair = pair or _pair(vocabulary, rng)
            form = rng.choice(CONTEXT_FORMS if rng.random() < 0.6 else BRIEF_FORMS)
            text = f"{form}, {_conflict(vocabulary, pair, rng)}" if "{topic}, " in form else ""
            text = text or f"{form} {_conflict(vocabulary, pair, rng)}"
        elif kind < context_until:
            text = rng.choice(CONTEXT_FORMS)
        elif kind < context_until + constants.DECORATED_PROPOSALS:
            text = rng.choice(DECORATED_FORMS)
        else:
            text = rng.choice(BRIEF_FORMS)
        for name, part in parts.items():
            if name != "topic":
                text = text.replace(f"{{{name}}}", part)
        question = _sentence(text.replace("{topic}", topic))
        fact = "In {year}, {actor} in {place} {verb} {measure}, {end}.".format(**parts, end=rng.choice(CONSEQUENCES))
        if question not in avoid:
            break
    return {"fact": fact, "question": question}


TOPIC_FORMS = (
    "is it right to hold that {phrase}",
    "should schools teach that {phrase}",
    "is it naive to think that {phrase}",
    "should the law rest on the view that {phrase}",
    "would you tell a friend that {phrase}",
)


def new_topics(vocabulary: Vocabulary, fields: dict[str, str], rng: random.Random) -> dict[str, object]:
    """Generic questions on the values that ``fields["values"]`` lists, ``fields["count"]`` of them, all different."""
    listed = {line.partition(":")[0].strip() for line in fields.get("values", "").splitlines()}
    wanted = [number for number, value in enumerate(vocabulary.ids) if value in listed] or range(len(vocabulary.ids))
    possible = [
        _sentence(form.format(phrase=phrase))
        for number in wanted
        for phrase in vocabulary.phrases[number]
        for form in TOPIC_FORMS
    ]
    count = int(fields["count"]) if fields.get("count", "").isdecimal() else 1
    return {"topics": rng.sample(possible, min(count, len(possible)))}


def _change_conflict(
    vocabulary: Vocabulary, question: str, rng: random.Random, pair: tuple[int, int] | None = None
) -> str:
    tail = _CONFLICT_TAIL.search(question)
    if not tail:
        return ""
    head = question[: tail.start()]
    for _ in range(_MOST_DRAWS):
        changed = f"{head} {_conflict(vocabulary, pair or _pair(vocabulary, rng), rng)}?"
        if len(changed) <= len(question) and _words(changed) <= _words(question):
            return changed
    return ""


def _drop_conflict(question: str) -> str:
    tail = _CONFLICT_TAIL.search(question)
    return f"{question[: tail.start()]}?" if tail else ""


def _drop_clause(question: str, rng: random.Random) -> str:
    """Without one setting, decoration or measure, if it has any."""
    body = question[:-1]
    clauses = [
        s for s in (*SETTINGS, *DECORATIONS, "and with an open mind") if re.search(re.escape(s), body, re.IGNORECASE)
    ]
    if not clauses:
        return ""
    dropped = re.sub(rf",? ?{re.escape(rng.choice(clauses))}", "", body, count=1, flags=re.IGNORECASE)
    return _sentence(dropped)


def _swap_words(question: str, rng: random.Random) -> str:
    fitting = [(a, b) for a, b in _SWAPS if re.search(rf"\b{a}\b", question, re.IGNORECASE)]
    if not fitting:
        return ""
    old, new = rng.choice(fitting)
    swapped = re.sub(rf"\b{old}\b", new, question, count=1, flags=re.IGNORECASE)
    return swapped[:1].upper() + swapped[1:]


def _swap_place(question: str, rng: random.Random) -> str:
    places = [place for place in PLACES if re.search(rf"\b{place}\b", question)]
    if not places:
        return ""
    shorter = [place for place in PLACES if len(place) <= len(places[0]) and place not in places]
    return re.sub(rf"\b{places[0]}\b", rng.choice(shorter), question) if shorter else ""


LEADS = ("in your view", "as you see it", "if you had to say", "all in all", "to put it another way", "then again")
"""Words that say nothing to any respondent."""


def paraphrase(vocabulary: Vocabulary, fields: dict[str, str], rng: random.Random) -> dict[str, object]:
    """``fields["original"]`` in other words that every respondent reads the same: only chance can change an answer."""
    question = _sentence(_plain(fields.get("original", "")))
    meant = read(vocabulary, question, "")
    text = question
    for old, new in _COSMETIC:
        if old in text and read(vocabulary, swapped := text.replace(old, new), "") == meant:
            text = swapped
    led = [_sentence(f"{lead}, {_plain(text)}") for lead in LEADS if not question.lower().startswith(lead)]
    same = [each for each in led if read(vocabulary, each, "") == meant]
    return {"question": rng.choice(same) if same else text}


def same_question(vocabulary: Vocabulary, fields: dict[str, str]) -> bool:
    """Whether every respondent reads ``fields["first"]`` and ``fields["second"]`` alike."""
    one, other = (read(vocabulary, _sentence(_plain(fields.get(name, ""))), "") for name in ("first", "second"))
    return one == other


REFLECTIONS = (
    "The models gave much the same reasons, so a sharper choice may help.",
    "The answers differ on one value only; the wording could bring out another.",
    "The question invites agreement; I shifted what stands against what.",
    "Most key points repeat the question's own words; I made it plainer.",
    "Some of the context did no work, so I cut it.",
)


def rewrite(
    vocabulary: Vocabulary, fields: dict[str, str], rng: random.Random, *, variant: str, learning: float = 0.0
) -> dict[str, object]:
    """A rewrite of ``fields["question"]``, never longer in words or characters; sometimes nothing can be changed.

    A share ``learning`` of rewrites first tries a conflict between the two values on which ``fields["answers"]`` differ
    most.
    """
    question = _sentence(_plain(fields.get("question", "")))
    avoid = {line.strip() for line in fields.get("avoid", "").splitlines()} | {question}
    if variant == "no-rewrites":
        fitting = [question.replace(old, new) for old, new in _COSMETIC if old in question]
        tries = [text for text in fitting if read(vocabulary, text, "") == read(vocabulary, question, "")]
        rng.shuffle(tries)
    else:
        pair = None
        if learning and rng.random() < learning:
            pair = contested(vocabulary, fields.get("answers", ""), rng)
        tries = [
            _change_conflict(vocabulary, question, rng, pair) if pair else "",
            _change_conflict(vocabulary, question, rng) if rng.random() < 0.8 else "",
            _swap_place(question, rng) if rng.random() < 0.3 else "",
            _drop_clause(question, rng) if rng.random() < 0.6 else "",
            _swap_words(question, rng) if rng.random() < 0.5 else "",
            _drop_conflict(question),
            _swap_place(question, rng),
            _swap_words(question, rng),
            _drop_clause(question, rng),
        ]
    limit, words = len(question), _words(question)
    for tried in tries:
        if tried and tried not in avoid and len(tried) <= limit and _words(tried) <= words:
            return {"reflection": rng.choice(REFLECTIONS), "question": tried}
    return {"reflection": "I see nothing to improve.", "question": question}
