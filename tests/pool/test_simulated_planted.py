"""The planted truth is what the respondents' answers show, in every variant of the world."""

from __future__ import annotations

import numpy as np
import pytest
from adaem.domain.errors import InputError
from adaem.domain.framework import Framework, SeedTopic, Value
from adaem.domain.pool_spec import Member, Role
from adaem.domain.reading.yaml_records import load_framework
from adaem.pool.simulated import planted
from adaem.pool.simulated.chance import stream
from adaem.pool.simulated.identity import identify
from adaem.pool.simulated.respondent import compose
from adaem.pool.simulated.vocabulary import vocabulary_of

CRAFTS = Framework(
    id="crafts",
    name="Four invented values",
    version="1",
    sources=("invented for this test",),
    values=(
        Value(
            id="polish",
            name="Polish",
            definition="Smooth, shining and finished surfaces.",
            examples=("a table should shine and be smooth", "shining surfaces are finished work"),
        ),
        Value(
            id="haste",
            name="Haste",
            definition="Quick and early delivery before anyone waits.",
            examples=(
                "quick delivery beats any wait",
                "early and quick work is best",
                "nobody should wait for delivery",
            ),
        ),
        Value(
            id="thrift",
            name="Thrift",
            definition="Saving timber and glue, and wasting no scrap.",
            examples=("timber should be saved and no scrap wasted", "glue and timber are for saving"),
        ),
        Value(
            id="lore",
            name="Lore",
            definition="Old masters' methods and guild songs.",
            examples=(
                "the old masters knew the methods",
                "guild songs carry the masters' methods",
                "a guild lives by old songs",
                "masters teach songs",
            ),
        ),
    ),
    topics=(SeedTopic(id="stool", text="Is it right to paint a stool?", area="work"),),
)
CONFLICT = (
    "In Norway since 2011, is it right to paint a stool when one side holds that quick delivery beats any wait and the "
    "other that the old masters knew the methods?"
)


def respondent(**parameters: str | int | float | bool) -> Member:
    return Member(id="m", model="simulated:respondent", roles=("scout",), parameters=parameters)


def chances(question: str, fact: str = "", **parameters: str | int | float | bool) -> np.ndarray:
    return planted.expression_probabilities(respondent(**parameters), CRAFTS, question, fact)


VERSIONS = pytest.mark.parametrize("version", [1, 2])


@pytest.mark.parametrize(("question", "version"), [("Is it right to paint a stool?", 1), (CONFLICT, 1), (CONFLICT, 2)])
def test_answers_express_each_value_as_often_as_planted(question: str, version: int) -> None:
    member = respondent(respondent=2, version=version)
    vocabulary, draws = vocabulary_of(CRAFTS), 4_000
    counts, answered, refused = np.zeros(4), 0, 0
    for draw in range(draws):
        answer = compose(identify(member), vocabulary, question, "", stream("exactness", draw))
        if answer.refused:
            refused += 1
            continue
        assert len(answer.key_points) == 3
        assert tuple(sorted(value for slot in answer.key_point_values for value in slot)) == answer.values
        answered += 1
        counts[list(answer.values)] += 1
    p = planted.expression_probabilities(member, CRAFTS, question, "")
    # Four standard errors: a right simulator fails one of these five comparisons in about 3,000 runs of other seeds.
    assert np.all(np.abs(counts / answered - p) < 4 * np.sqrt(p * (1 - p) / answered))
    rate = planted.refusal_probability(member, CRAFTS, question, "")
    assert abs(refused / draws - rate) < 4 * np.sqrt(rate * (1 - rate) / draws)


@VERSIONS
def test_null_world_plants_the_same_in_all(version: int) -> None:
    first = chances(CONFLICT, variant="null", respondent=1, version=version)
    for number in range(2, 8):
        assert np.array_equal(first, chances(CONFLICT, variant="null", respondent=number, version=version))
        assert not np.allclose(first, chances(CONFLICT, respondent=number, version=version))


@VERSIONS
def test_flat_world_answers_every_question_alike(version: int) -> None:
    assert np.array_equal(
        chances("Is it right?", variant="flat", respondent=3, version=version),
        chances(CONFLICT, "In 2011 …", variant="flat", respondent=3, version=version),
    )


@VERSIONS
def test_echo_world_expresses_what_the_question_names(version: int) -> None:
    named = [CRAFTS.value_ids.index("haste"), CRAFTS.value_ids.index("lore")]
    numbers = range(1, 21)
    usual = np.mean([chances(CONFLICT, respondent=n, version=version)[named] for n in numbers])
    echoed = np.mean([chances(CONFLICT, variant="echo", respondent=n, version=version)[named] for n in numbers])
    assert echoed > usual + 0.2


def spread(question: str, variant: str) -> float:
    # Over many respondents: the population's spread, not the luck of six.
    logits = [np.log(p / (1 - p)) for n in range(1, 81) for p in [chances(question, variant=variant, respondent=n)]]
    return float(np.std(logits, axis=0).mean())


def test_conflict_drives_respondents_apart_but_not_where_generic_questions_separate_best() -> None:
    assert spread("Is it right to paint a stool?", "generic") > spread("Is it right to paint a stool?", "")
    conflict_gain = spread(CONFLICT, "") / spread("Is it right to paint a stool?", "")
    assert spread(CONFLICT, "generic") / spread("Is it right to paint a stool?", "generic") < conflict_gain


@VERSIONS
def test_near_respondents_are_close_and_twins_are_equal(version: int) -> None:
    two, far = chances(CONFLICT, respondent=2, version=version), chances(CONFLICT, respondent=9, version=version)
    near = chances(CONFLICT, respondent=9, near=2, version=version)
    assert np.abs(two - near).mean() < np.abs(two - far).mean()
    wordy = chances(CONFLICT, twin_of=2, verbosity=2.0, rewording=True, version=version)
    assert np.array_equal(two, wordy)
    refusing = respondent(twin_of=2, refusals=0.25, version=version)
    assert planted.refusal_probability(refusing, CRAFTS, CONFLICT) == 0.25


@VERSIONS
def test_twins_differ_in_words_alone(version: int) -> None:
    vocabulary = vocabulary_of(CRAFTS)

    def words(**parameters: str | int | float | bool) -> float:
        answers = [
            compose(
                identify(respondent(refusals=0.0, version=version, **parameters)),
                vocabulary,
                CONFLICT,
                "",
                stream(draw),
            )
            for draw in range(200)
        ]
        return float(np.mean([len(j.split()) for answer in answers for _, j in answer.key_points]))

    assert words(twin_of=2, verbosity=2.0) > 1.5 * words(twin_of=2)


def test_worlds_differ_and_do_not_depend_on_the_members_name() -> None:
    assert not np.allclose(chances(CONFLICT, world=1, respondent=1), chances(CONFLICT, world=2, respondent=1))
    other = Member(id="another", model="simulated:respondent", roles=("examinee",), parameters={"respondent": 1})
    assert np.array_equal(chances(CONFLICT, respondent=1), planted.expression_probabilities(other, CRAFTS, CONFLICT))


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({}, "respondent"),
        ({"respondent": "3"}, "type int"),
        ({"respondent": True}, "type int"),
        ({"respondent": 0}, "at least 1"),
        ({"respondent": 1, "colour": 2}, "'colour'"),
        ({"respondent": 1, "variant": "easy"}, "'easy'"),
        ({"respondent": 1, "near": 1}, "near"),
        ({"respondent": 1, "refusals": 1.5}, r"\[0, 1\]"),
        ({"respondent": 1, "verbosity": 0}, "verbosity"),
        ({"respondent": 1, "version": 3}, "no version 3"),
        ({"respondent": 1, "family": 1}, "'family' needs version 2"),
        ({"respondent": 1, "version": 2, "family": 1, "near": 2}, "leave out 'family'"),
        ({"respondent": 1, "version": 2, "item_sd": -1}, r"\[0, 1000\]"),
    ],
)
def test_wrong_parameters_are_named(parameters: dict[str, str | int | float | bool], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        identify(respondent(**parameters))


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="simulated:respondent"):
        identify(Member(id="m", model="simulated:oracle", roles=("scout",)))


def test_who_is_told_to_hold_a_value_expresses_it_more_and_the_others_as_before() -> None:
    framework = load_framework("schwartz")
    one = Member(
        id="r1", model="simulated:respondent", roles=(Role.EXAMINEE,), parameters={"world": 1, "respondent": 1}
    )
    plain = planted.expression_probabilities(one, framework, "Is overwork right?")
    told = planted.expression_probabilities(one, framework, "Is overwork right?", told=3)
    assert told[3] > plain[3] + 0.02
    assert [place for place in range(len(plain)) if told[place] != plain[place]] == [3]
