"""What version 2 of the simulator adds: steady and noisy respondents, correlated values, an author that learns …"""

from __future__ import annotations

import json
from hashlib import sha256

import numpy as np
import pytest
from adaem.domain.pool_spec import Member
from adaem.domain.reading.yaml_records import load_framework
from adaem.domain.reply_types import AnswerReply
from adaem.domain.texts.fence import fence
from adaem.pool.replies.refusals import declines, reads_as_refusal
from adaem.pool.simulated import Identity, make_simulated
from adaem.pool.simulated.author import propose, rewrite
from adaem.pool.simulated.chance import stream
from adaem.pool.simulated.declined import DISCLAIMERS, OTHER_LANGUAGES, dressed_refusal
from adaem.pool.simulated.learning import examples
from adaem.pool.simulated.phrases import REFUSALS
from adaem.pool.simulated.planted import evasion, planted_of, probabilities, reasoned_probabilities
from adaem.pool.simulated.question_reader import read
from adaem.pool.simulated.respondent import compose
from adaem.pool.simulated.value_draws import correlation_root, value_draw
from adaem.pool.simulated.version_parameters import parameters_of
from adaem.pool.simulated.vocabulary import vocabulary_of

SCHWARTZ = load_framework("schwartz")
VOCABULARY = vocabulary_of(SCHWARTZ)
SEEDS = [topic.text for topic in SCHWARTZ.topics]


def respondent(number: int, **parameters: float) -> Identity:
    return Identity("respondent", version=2, respondent=number, **parameters)  # type: ignore[arg-type]


def rates(*who: Identity, questions: list[str] = SEEDS) -> np.ndarray:
    return np.array([[reasoned_probabilities(one, VOCABULARY, text, "") for text in questions] for one in who])


def extreme(found: np.ndarray) -> float:
    return float(((found < 0.05) | (found > 0.95)).mean())


def test_steady_respondents_have_extreme_rates_and_the_mean_rate_of_those_that_throw_dice() -> None:
    numbers = range(1, 6)
    noisy, steady = (rates(*(respondent(n, item_sd=sd) for n in numbers)) for sd in (0.0, 20.0))
    assert extreme(steady) >= 0.8
    assert extreme(noisy) < 0.3
    # By value, over five respondents and 117 questions whose effects are shared: a right model strays by some .03.
    assert np.abs(steady.mean(axis=(0, 1)) - noisy.mean(axis=(0, 1))).max() < 0.1
    assert abs(steady.mean() - noisy.mean()) < 0.03


def test_respondents_differ_in_how_steady_they_are_by_an_order_of_magnitude() -> None:
    drawn = sorted(planted_of(respondent(number), VOCABULARY).item_sd for number in range(1, 41))
    assert drawn[-4] > 10 * drawn[3]


@pytest.mark.parametrize(("version", "correlation"), [(1, 0.0), (2, 0.42)])
def test_values_come_in_bundles_at_their_planted_rates(version: int, correlation: float) -> None:
    pair = ("stimulation", "hedonism")
    draw, rng, draws = value_draw(version, pair, (0.5, 0.3)), stream("bundles"), 6_000
    answers = np.zeros((draws, 2))
    for row in range(draws):
        answers[row, draw(rng)] = 1
    # Four standard errors.
    assert np.abs(answers.mean(axis=0) - (0.5, 0.3)).max() < 4 * 0.5 / draws**0.5
    # P(both) of normals cut at 0 and at the 30 % quantile with correlation .42, by numerical integration: 0.2116.
    both = 0.2116 if correlation else 0.15
    assert abs(answers.prod(axis=1).mean() - both) < 4 * 0.41 / draws**0.5


def test_every_shipped_correlation_is_of_a_value_that_exists_and_together_they_are_possible() -> None:
    named = {value for one, other, _ in parameters_of(2).correlations for value in (one, other)}
    assert named <= set(SCHWARTZ.value_ids)
    root = correlation_root(2, SCHWARTZ.value_ids)
    assert root is not None
    np.testing.assert_allclose(np.diag(root @ root.T), 1.0)


def test_an_evaded_answer_takes_no_side_and_expresses_nothing() -> None:
    who, question = respondent(4, refusals=0.0), SEEDS[3]
    rate = evasion(who, VOCABULARY, question, "")
    assert 0 < rate < 0.5
    both = probabilities(who, VOCABULARY, question, ""), reasoned_probabilities(who, VOCABULARY, question, "")
    np.testing.assert_allclose(both[0], (1 - rate) * both[1])
    evading = stream("evading")
    answers = [compose(who, VOCABULARY, question, "", evading) for _ in range(2_000)]
    silent = [answer for answer in answers if not answer.values and answer.stance == "neutral"]
    assert len(silent) >= 0.5 * rate * 2_000
    assert all(len(answer.key_points) == 3 and not answer.refused for answer in answers)


def test_refusals_wear_several_dresses_and_what_goes_on_to_answer_is_none() -> None:
    rng = stream("dresses")
    dressed = {dressed_refusal(rng) for _ in range(400)}
    in_form = [text for text in dressed if text.startswith("{")]
    assert dressed >= set(OTHER_LANGUAGES) | set(REFUSALS)
    assert all(declines(AnswerReply.model_validate_json(text)) for text in in_form)
    assert all(reads_as_refusal(text) for text in dressed - set(in_form))
    assert not any(reads_as_refusal(f"{text} In practice, much depends on what it costs.") for text in DISCLAIMERS)


def test_members_of_a_family_are_alike_and_others_are_not() -> None:
    def likeness(family: int) -> float:
        held = [planted_of(respondent(n, family=family), VOCABULARY).priorities for n in range(1, 61)]
        return float(np.corrcoef(np.array(held))[np.triu_indices(60, 1)].mean())

    # 60 respondents, ten values: the standard error of a mean correlation is about .02 to .05.
    assert abs(likeness(0)) < 0.05
    assert 0.05 < likeness(1) < 0.35


def test_the_stance_follows_the_values_that_an_answer_expresses() -> None:
    who = respondent(1, item_sd=5.0, refusals=0.0)
    by_values: dict[tuple[int, ...], list[str]] = {}
    for draw in range(1_500):
        answer = compose(who, VOCABULARY, SEEDS[0], "", stream("stance", draw))
        if answer.stance != "neutral":
            by_values.setdefault(answer.values, []).append(answer.stance)
    common = [stances for stances in by_values.values() if len(stances) >= 20]
    assert len(common) >= 3
    agreeing = sum(max(stances.count("yes"), stances.count("no")) for stances in common) / sum(map(len, common))
    every = [stance for stances in common for stance in stances]
    assert agreeing >= max(every.count("yes"), every.count("no")) / len(every)
    assert agreeing > 0.75


def conflict(a: int, b: int) -> str:
    phrases = VOCABULARY.phrases[a][0], VOCABULARY.phrases[b][0]
    sides = f"when some insist that {phrases[0]} while others insist that {phrases[1]}"
    return f"In Norway, {SEEDS[0][0].lower()}{SEEDS[0][1:-1]} {sides}?"


@pytest.mark.parametrize(("learning", "least", "most"), [(0.0, 0.0, 0.2), (0.5, 0.25, 0.75), (1.0, 0.7, 1.0)])
def test_the_author_takes_up_the_values_of_the_best_example_as_often_as_planted(
    learning: float, least: float, most: float
) -> None:
    best, worst = conflict(2, 6), conflict(4, 9)
    sides = {read(VOCABULARY, text, "").sides for text in (best, worst)}
    assert sides == {(2, 6), (4, 9)}
    fields = {"topic": SEEDS[0], "best": f"0.400\t{best}\n0.010\t{worst}", "avoid": ""}
    taken = 0
    for draw in range(120):
        made = str(propose(VOCABULARY, fields, stream("learner", draw), learning=learning)["question"])
        reading = read(VOCABULARY, made, "")
        taken += bool(reading.conflict) and reading.sides == (2, 6)
    assert least <= taken / 120 <= most


def test_an_author_without_examples_proposes_as_ever() -> None:
    fields = {"topic": SEEDS[0], "best": "", "avoid": ""}
    assert propose(VOCABULARY, fields, stream(1), learning=1.0) == propose(VOCABULARY, fields, stream(1), follow=0.25)


def test_a_rewrite_turns_to_the_values_on_which_the_answers_differ() -> None:
    answers = "model 1 (yes; values: hedonism, power): a\nmodel 2 (no; values: power, tradition): b"
    contested = {VOCABULARY.ids.index(value) for value in ("hedonism", "tradition")}
    question = conflict(0, 9)
    fields = {"question": question, "answers": answers, "avoid": ""}
    found = 0
    for draw in range(60):
        made = str(rewrite(VOCABULARY, fields, stream("turn", draw), variant="", learning=1.0)["question"])
        assert len(made) <= len(question)
        found += set(read(VOCABULARY, made, "").sides) == contested
    assert found >= 20


@pytest.mark.parametrize(
    "line", ["", "no score", "nan\tIs it?", "1e999\tIs it?", "0.3\t", "0.3\tIs it right?\nmodel 1 (y"]
)
def test_examples_are_read_as_they_come(line: str) -> None:
    shown = examples({"best": line})
    assert all(each.text for each in shown)
    assert propose(VOCABULARY, {"topic": "", "best": line}, stream(0), learning=1.0)["question"]


@pytest.mark.parametrize(("version", "digest"), [(1, "25d424dd65b2d2eb"), (2, "f0c44b6c12ecc6ee")])
def test_a_version_is_frozen(version: int, digest: str) -> None:
    """What its members say is what they said when it was made; another digest needs another version."""
    said = []
    for kind in ("respondent", "author"):
        parameters: dict[str, str | int | float | bool] = {"version": version, kind: 1}
        model = make_simulated(
            Member(id="m", model=f"simulated:{kind}", roles=("scout",), parameters=parameters), SCHWARTZ
        )
        for seed, topic in enumerate(SEEDS[:12]):
            if kind == "author":
                body, fields = "ProposalReply", {"topic": topic, "best": f"0.3\t{conflict(1, 5)}", "avoid": ""}
            else:
                body, fields = "AnswerReply", {"question": topic, "fact": ""}
            schema = {"response_format": {"json_schema": {"name": body}}}
            texts = ["\n\n".join(fence(name, text) for name, text in fields.items())]
            said.append(model.reply(texts, {"seed": seed, "extra_body": schema}))  # type: ignore[attr-defined]
    assert sha256(json.dumps(said).encode()).hexdigest()[:16] == digest
