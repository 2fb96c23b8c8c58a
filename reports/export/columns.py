"""The four tables of an export, column by column: name, kind, unit and meaning. The formats all write these."""

from __future__ import annotations

from enum import StrEnum

from ...domain.answer import KEY_POINTS
from ...domain.record import Record


class Kind(StrEnum):
    """What a column's cells hold. ``JSON`` is an object or a list: as it is in JSON lines, as its text elsewhere."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    TRUTH = "true or false"
    JSON = "json"


class Column(Record):
    """One column. ``unit`` is empty for names and texts."""

    name: str
    kind: Kind
    unit: str = ""
    meaning: str


def _text(name: str, meaning: str) -> Column:
    return Column(name=name, kind=Kind.TEXT, meaning=meaning)


def _integer(name: str, unit: str, meaning: str) -> Column:
    return Column(name=name, kind=Kind.INTEGER, unit=unit, meaning=meaning)


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name=name, kind=Kind.NUMBER, unit=unit, meaning=meaning)


def _truth(name: str, meaning: str) -> Column:
    return Column(name=name, kind=Kind.TRUTH, meaning=meaning)


def _json(name: str, meaning: str, unit: str = "") -> Column:
    return Column(name=name, kind=Kind.JSON, unit=unit, meaning=meaning)


_RUN = (
    _text("run_id", "the run, so that tables of several runs can be put together"),
    _truth("simulated", "whether any model, or the judge, was simulated: such figures say nothing about real models"),
)
_ANSWER = (
    _text("question_id", "the question, as in the table questions"),
    _text("model", "the member of the pool, or the model of a recorded answer"),
    _text("phase", "why it was asked: search, confirm or evaluate"),
    _text("wording", "which prompt it was given to; empty for the plain one"),
    _integer("sample", "count from 0", "which repeat within model, phase and wording"),
)

QUESTIONS = (
    *_RUN,
    _text("question_id", "the question's id"),
    _text("topic_id", "the topic that it was grown from: the unit over which intervals are resampled"),
    _text("topic", "the topic's text"),
    _text("question", "the question's text"),
    _text("fact", "the fact that it rests on: a model's unverified claim"),
    _text("origin", "how it came to be: seed, propose, refine or recorded"),
    _text("parent_id", "the question that it rewrites"),
    _integer("depth", "rewrites", "rewrites above it"),
    _integer("rank", "1 is best", "its place among the confirmed questions"),
    _truth("published", "whether it is one of the published questions"),
    _truth("evaluated", "whether it was asked in the evaluation, as a grown question, a seed or a recorded one"),
    _json("values", "ids of the values that the judge found in its own wording; missing where that was not judged"),
    _text("created_at", "when it was made, UTC"),
)

ANSWERS = (
    *_RUN,
    *_ANSWER,
    _text("outcome", "what became of the call; only 'answered' enters a statistic, anything else is missing"),
    _text("detail", "more on the outcome, such as what was wrong with the reply"),
    _text("stance", "yes, no or neutral; recorded answers have none"),
    _integer("key_points", "key points", "how many key points it has; a recorded answer is one, its whole text"),
    *(
        _text(f"{part}_{number}", f"{what} of key point {number}")
        for number in range(1, KEY_POINTS + 1)
        for part, what in (("point", "the point"), ("justification", "the justification"))
    ),
    _text("reply", "the model's last reply, word for word; missing where answers were recorded elsewhere"),
    _text("judge", "who judged it; missing where nobody did"),
    _text("judge_outcome", "what became of the judging; an answer counts only where this is 'answered'"),
    _json("values", "ids of the values that it expresses; [] is none, missing is not judged"),
    _integer("labels_dropped", "labels", "labels left out: their quote is not in the answer, or no such value"),
    _text("model_name", "the model that answered, in its provider's words"),
    _text("system_sha256", "the SHA-256 of the member's own system prompt; missing where it has none"),
    _text("system_fingerprint", "the provider's own mark of its configuration"),
    _text("route", "which provider answered, where a router says so"),
    _text("finish_reason", "why the reply ended, in the provider's words"),
    _integer("input_tokens", "tokens", "as the provider counted them"),
    _integer("output_tokens", "tokens", "as the provider counted them"),
    _integer("tokens", "tokens", "charged to the budget; the judge's calls are not among them"),
    _integer("uncounted_tokens", "tokens", "those of 'tokens' that are an upper bound, since nobody counted them"),
    _number("cost", "currency of the pool", "charged to the budget; missing where the model has no price"),
    _text("currency", "the unit of 'cost'"),
    _integer("requests", "requests", "requests sent for it, repairs and retries included"),
    _number("seconds", "seconds", "wall time of its requests together"),
    _text("call_id", "the recorded call in run.sqlite"),
)

LABELS = (
    *_RUN,
    *_ANSWER,
    _integer("key_point", "count from 1", "which key point expresses the value"),
    _text("value", "the value's id. Values without a row are not expressed, where the answer was judged"),
    _text("quote", "the answer's words that show it"),
    _text("judge", "who judged"),
    _integer("votes", "jurors", "jurors who gave this label; missing where one judge sat alone"),
    _integer("jurors", "jurors", "jurors who voted; missing where one judge sat alone"),
)

_OBSERVED = "as observed through the judge"

SCORES = (
    *_RUN,
    _text("question_id", "the question, as in the table questions"),
    _text("phase", "search scores select and are therefore too high; confirm and evaluate rest on new answers"),
    _text("group", "the role of the models that answered"),
    _text("critic", "which critic scored it"),
    _integer("models", "models", "K, the models that count; scores of different K are not compared"),
    _integer("samples_least", "answers", "L, the fewest judged answers of any counted model"),
    _integer("samples_most", "answers", "L, the most judged answers of any counted model"),
    _json("samples", "judged answers of each counted model", "answers"),
    _json("left_out", "models with fewer than two judged answers"),
    _integer("missing", "calls", "answers that are missing, unanswered or unjudged"),
    _json("missing_by_outcome", "the same by outcome", "calls"),
    _text("unscored", "why there is no score"),
    _number("divergence", "bits", f"D*, plug-in minus noise floor, {_OBSERVED}; may be negative"),
    _number("interval_low", "bits", "lower end of its 95 % interval, cut at 0"),
    _number("interval_high", "bits", "upper end of its 95 % interval"),
    _number("variance", "bits squared", "sampling variance of the divergence"),
    _number("plug_in", "bits", "the divergence before the noise floor is taken off; high even for equal models"),
    _number("noise_floor", "bits", "what chance adds to the plug-in divergence, less where models hardly vary"),
    _number("permuted_floor", "bits", "what the plug-in divergence would be if the models did not differ"),
    _number("noise_variance", "bits squared", "variance of the divergence if the models did not differ"),
    _number("shrunken", "bits", "of a published question: what its fresh divergence and the search's lead to expect"),
    _number("shrunken_low", "bits", "lower end of its 95 % interval"),
    _number("shrunken_high", "bits", "upper end of its 95 % interval"),
    _number("p_value", "probability", "permutation test that all models answer alike; none in the search"),
    _number("smallest_p", "probability", "the least p-value that so many answers allow; above 0.05 it cannot reject"),
    _number("q_value", "probability", "p_value adjusted for false discoveries over the questions"),
    _number("quadratic", "unitless", f"G, the cross-check of the divergence, {_OBSERVED}"),
    _number("quadratic_p_value", "probability", "the permutation test of G"),
    _truth("disputed", "whether the tests of D and G disagree at 5 %"),
    _number("disentanglement", "0 to 1", "T, how far the models' rates lie from the question's own values"),
    _number("echo", "rate", "mean rate of values that the question itself expresses"),
    _number("own", "rate", "mean rate of values that it does not"),
    _number("opinion_diversity", "-1 to 1", "O, cosine distance between models minus that within a model"),
    _number("stance_agreement", "0 to 1", "how far the models take one stance; no part of the score"),
    _number("total", "bits", "what the search maximises: D* + beta T + gamma O, or the critic's own formula"),
    _json("warnings", "what to know before using this score"),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "questions": QUESTIONS,
    "answers": ANSWERS,
    "labels": LABELS,
    "scores": SCORES,
}
