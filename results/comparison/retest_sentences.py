"""What a retest says in words, and which of its questions and topics are no retest."""

from __future__ import annotations

from ...domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT
from ...domain.texts.counting import count, verb
from ...domain.texts.safe_text import one_line
from ..judges.judge_limits import NOT_MEASURED, REMEDY
from .retest_types import Retest

WORDS = ((0.9, "almost the same way"), (0.7, "much the same way"), (0.0, "partly the same way"))
"""How alike the models rank, by what the lower end of the interval exceeds."""


def sentences(retest: Retest) -> tuple[str, ...]:
    """How alike the models rank, then what becomes of the significant differences."""
    if not retest.values:
        return (f"No rank can be compared: each value is one that a judge here is {NOT_MEASURED}. {REMEDY}",)
    return tuple(filter(None, (_ranks(retest), _signs(retest))))


def _ranks(retest: Retest) -> str:
    models = f"the {count(len(retest.models), 'model')}"
    agreement = retest.agreement
    if agreement is None:
        return f"Whether other questions rank {models} the same way cannot be said: they do not differ in one folder."
    measured = f"the rank agreement of their value profiles is {agreement.estimate:z.2f}"
    for folder, topics in zip(retest.folders, retest.topics, strict=True):
        if topics < FEWEST_TOPICS_FOR_A_VERDICT:
            return (
                f"Whether other questions rank {models} the same way cannot be settled: {one_line(folder.name)} has "
                f"answers on {count(topics, 'topic')}, and at least {FEWEST_TOPICS_FOR_A_VERDICT} are needed; "
                f"{measured} so far."
            )
    if agreement.interval is None:
        return f"Whether other questions rank {models} the same way cannot be settled; {measured}."
    low, high = agreement.interval
    asked = _asked(retest)
    scale = f"{measured} (95 % interval {low:z.2f} to {high:z.2f}; 1 is the same order, 0 no agreement)"
    for least, words in WORDS:
        if low > least:
            return f"{asked}, {models} rank {words}: {scale}."
    if high < 0:
        return f"{asked}, {models} rank rather the other way round: {scale}."
    return f"It is not shown that other questions rank {models} the same way: {scale}."


def _asked(retest: Retest) -> str:
    """What the second folder asked, beside the first."""
    again = retest.folders[0].anchors
    if not again:
        return "Asked other questions"
    fewer = min(folder.questions for folder in retest.folders)
    return "Asked the same questions again" if again >= fewer else "Asked partly the same questions again"


def _signs(retest: Retest) -> str:
    signs = retest.signs
    if not signs.significant:
        return "No difference between two models is significant in either folder."
    both = f", {signs.reversed_in_both} of them significant in both" if signs.reversed else ""
    return (
        f"Of {count(signs.significant, 'difference')} between two models that {verb(signs.significant)} significant in "
        f"one folder or both, {signs.same_sign} {verb(signs.same_sign, 'has', 'have')} the same sign in the other and "
        f"{signs.reversed} {verb(signs.reversed)} reversed{both}."
    )


def overlaps(retest: Retest) -> tuple[str, ...]:
    """Notes on questions and topics that are in both folders: on these nothing was drawn again."""
    shared, lines = retest.folders[0].anchors, []
    if shared:
        lines.append(
            f"{count(shared, 'question')} {verb(shared)} in both folders: on these the models were asked again, and no "
            "question was regenerated"
        )
    if retest.shared_topics:
        lines.append(
            f"{count(retest.shared_topics, 'topic')} {verb(retest.shared_topics)} in both folders (of "
            f"{retest.topics[0]} and {retest.topics[1]}): on other topics the models may agree less; halves of the "
            "topics show that"
        )
    return tuple(lines)
