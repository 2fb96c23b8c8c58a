"""What a framework's texts say for themselves: what is missing, what overlaps, and what does not balance.

That the file is a framework at all is ``load_framework``'s to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from .checkup import Check, CheckVerdict
from .evidence import FEWEST_TOPICS_FOR_A_VERDICT
from .framework import Framework
from .value_pairs import pair_topics

NEARLY_EQUAL = 0.6
"""Share of character trigrams in common from which texts are nearly equal; one word changed of eight is about .7."""

WANTED_EXAMPLES = 6
"""With fewer, the simulated members cannot divide them, and recovery is circular (docs/SIMULATOR.md)."""

SHORTEST_DEFINITION = 20
_SHOWN = 3


def check_texts(framework: Framework) -> tuple[Check, ...]:
    """One row a part; a part with several defects tells the first few. Verdicts as in the doctor's table."""
    values = framework.values
    counts = [len(value.examples) for value in values]
    areas = Counter(topic.area for topic in framework.topics)
    groups = f", {len(framework.groups)} groups" if framework.groups else ""
    opposites = sum(bool(value.opposites) for value in values)
    return (
        _row("values", f"{len(values)} values{groups}", list(_empty_groups(framework))),
        _row("definitions", "all there, none nearly equal", list(_definitions(framework))),
        _row("examples", f"{_span(counts)} a value, none nearly equal", list(_examples(framework))),
        _row(
            "opposites",
            f"{opposites} of {len(values)} values have some, all mutual" if opposites else "none are named",
            list(_opposites(framework)),
        ),
        _row("circle", "every value once" if framework.circle else "none is named", []),
        _row(
            "seed topics",
            f"{len(framework.topics)} in {len(areas)} areas of {_span(list(areas.values()))}"
            f"{', made of pairs of its values' if framework.topics == pair_topics(framework) else ''}",
            list(_topics(framework, areas)),
        ),
    )


Finding = tuple[CheckVerdict, str, str]
"""How bad it is, what was found, what to do."""


def _row(what: str, good: str, findings: list[Finding]) -> Check:
    if not findings:
        return Check(what=what, verdict=CheckVerdict.OK, detail=good)
    # Problems first: the remedy shown is that of the worst.
    findings = sorted(findings, key=lambda each: each[0] is not CheckVerdict.PROBLEM)
    more = f"\nand {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else ""
    detail = "\n".join(each[1] for each in findings[:_SHOWN]) + more
    return Check(what=what, verdict=findings[0][0], detail=detail, remedy=findings[0][2])


def _empty_groups(framework: Framework) -> Iterator[Finding]:
    used = {value.group for value in framework.values}
    for group in framework.groups:
        if group.id not in used:
            yield CheckVerdict.WARNING, f"the group {group.id!r} has no value", "remove it, or name it in a value"


def _definitions(framework: Framework) -> Iterator[Finding]:
    for value in framework.values:
        if value.definition.casefold().strip(" .") == value.name.casefold():
            yield CheckVerdict.PROBLEM, f"{value.id}: the definition only repeats the name", "say what the value is"
        elif len(value.definition) < SHORTEST_DEFINITION:
            problem = f"{value.id}: {value.definition!r} hardly defines it"
            yield CheckVerdict.WARNING, problem, "say what the value is, and what sets it apart from its neighbours"
    texts = [(value.id, value.definition) for value in framework.values]
    for one, other in nearly_equal([text for _, text in texts]):
        problem = f"{texts[one][0]} and {texts[other][0]} are defined in nearly the same words"
        yield CheckVerdict.PROBLEM, problem, "say what sets them apart; no judge can tell"


def _examples(framework: Framework) -> Iterator[Finding]:
    counts = {value.id: len(value.examples) for value in framework.values}
    if not any(counts.values()):
        problem = "none: enough for real models with a judge that is one, too few for simulated ones or a local judge"
        yield CheckVerdict.WARNING, problem, f"add {WANTED_EXAMPLES} or more a value for those"
        return
    for value, count in counts.items():
        if count < WANTED_EXAMPLES:
            problem = f"{value}: {count} examples, fewer than {WANTED_EXAMPLES}"
            yield CheckVerdict.WARNING, problem, "add some: simulated models and their judge need a half each"
    fewest = min(counts, key=counts.__getitem__)
    most = max(counts, key=counts.__getitem__)
    if counts[most] > 2 * counts[fewest]:
        problem = f"{most} has {counts[most]} examples, {fewest} only {counts[fewest]}"
        yield CheckVerdict.WARNING, problem, "give each value about as many"
    texts = [(value.id, example) for value in framework.values for example in value.examples]
    for one, other in nearly_equal([text for _, text in texts]):
        value, first = texts[one]
        neighbour, second = texts[other]
        if value == neighbour:
            problem = f"{value}: {first!r} and {second!r} are nearly equal"
            yield CheckVerdict.WARNING, problem, "let each example say something of its own"
        else:
            problem = f"{value} and {neighbour} share nearly one example: {first!r}, {second!r}"
            yield CheckVerdict.PROBLEM, problem, "an example should appeal to one value alone"


def _opposites(framework: Framework) -> Iterator[Finding]:
    named = {value.id: value.opposites for value in framework.values}
    for value, opposites in named.items():
        for opposite in opposites:
            if value not in named[opposite]:
                problem = f"{value} names {opposite}, which does not name it in turn"
                yield CheckVerdict.PROBLEM, problem, f"add {value} to the opposites of {opposite}, or remove it here"
        if len(set(opposites)) < len(opposites):
            yield CheckVerdict.WARNING, f"{value} names an opposite twice", "remove one"


def _topics(framework: Framework, areas: Counter[str]) -> Iterator[Finding]:
    topics = framework.topics
    made = topics == pair_topics(framework)
    if len(topics) < FEWEST_TOPICS_FOR_A_VERDICT:
        remedy = f"add topics, or take those of a shipped framework: {'topics: schwartz'!r}"
        problem = f"{len(topics)} topics: with fewer than {FEWEST_TOPICS_FOR_A_VERDICT} no difference is called settled"
        yield CheckVerdict.WARNING, problem, remedy
    most, many = areas.most_common()[0]
    fewest, few = areas.most_common()[-1]
    if made:
        return  # alike by design, and each in as many situations as the others
    if many > 2 * few:
        yield CheckVerdict.WARNING, f"the area {most!r} has {many} topics, {fewest!r} only {few}", "balance the areas"
    for topic in topics:
        if not topic.text.endswith(("?", "？", "؟")):
            yield CheckVerdict.WARNING, f"{topic.id}: {topic.text!r} is no question", "write a yes/no question"
    for one, other in nearly_equal([topic.text for topic in topics]):
        problem = f"{topics[one].id} and {topics[other].id} ask nearly the same"
        yield CheckVerdict.WARNING, problem, "replace one: their questions would be refused as repeats"


def nearly_equal(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The pairs (i, j), i < j, of texts with at least ``NEARLY_EQUAL`` of their trigrams in common, in any script."""
    grams = [_trigrams(text) for text in texts]
    for one, other in combinations(range(len(texts)), 2):
        first, second = grams[one], grams[other]
        # Two sets of very unequal size cannot have that share in common; saying so is most of the work saved.
        if min(len(first), len(second)) >= NEARLY_EQUAL * max(len(first), len(second)):
            common = len(first & second)
            if common >= NEARLY_EQUAL * (len(first) + len(second) - common):
                yield one, other


def _trigrams(text: str) -> frozenset[str]:
    words = " ".join(re.findall(r"[^\W_]+", text.casefold()))
    plain = f" {words} "
    return frozenset(plain[start : start + 3] for start in range(max(1, len(plain) - 2)))


def _span(counts: Sequence[int]) -> str:
    return f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
