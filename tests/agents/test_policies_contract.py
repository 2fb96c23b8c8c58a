"""The contract that every shipped policy keeps, and the registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from adaem.agents.policies import POLICIES, Move, MoveKind, SearchView, make_policy
from adaem.agents.policies.validate_policy import CheckedPolicy
from adaem.domain.errors import InputError
from adaem.domain.settings import Search
from hypothesis import given, settings
from hypothesis import strategies as st


def make_view(
    seed: int, topics: int, questions: int, *, dead: float = 0.2, asked: float = 0.0, refine_share: float = 0.3
) -> SearchView:
    rng = np.random.default_rng(seed)
    topic = rng.integers(topics, size=questions) if topics else np.empty(0, dtype=np.int64)
    parent = np.full(questions, -1)
    for child in range(1, questions):
        candidate = rng.integers(child)
        if rng.random() < 0.3:
            parent[child], topic[child] = candidate, topic[candidate]
    neighbours = rng.integers(-1, max(topics, 1), size=(topics, 3))
    neighbours[neighbours == np.arange(topics)[:, None]] = -1
    alive = rng.random(topics) >= dead
    return SearchView(
        alive=alive,
        open=alive & (rng.random(topics) >= asked),
        draws=np.bincount(topic, minlength=topics) + rng.integers(2, size=topics),
        topic=topic,
        parent=parent,
        score=rng.normal(0.05, 0.1, questions),
        variance=rng.uniform(1e-4, 5e-3, questions),
        neighbours=neighbours,
        similarity=rng.uniform(-0.1, 1.0, (topics, 3)),
        target=5,
        topic_cap=2,
        refine_share=refine_share,
        answers_left=20_000.0,
        answers_per_move=15.5,
    )


views = st.builds(
    make_view,
    seed=st.integers(0, 2**32 - 1),
    topics=st.integers(1, 12),
    questions=st.integers(0, 40),
    dead=st.sampled_from([0.0, 0.2, 0.8, 1.0]),
    asked=st.sampled_from([0.0, 0.5, 1.0]),
    refine_share=st.sampled_from([0.0, 0.3, 1.0]),
)


def snapshot(view: SearchView) -> dict[str, object]:
    return {f.name: np.array(getattr(view, f.name), copy=True) for f in fields(view)}


@pytest.fixture(params=list(POLICIES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def check_moves(view: SearchView, moves: int, chosen: list[Move]) -> None:
    assert len(chosen) <= moves
    assert len({move.topic for move in chosen}) == len(chosen), "no topic twice in a round"
    for move in chosen:
        assert view.alive[move.topic]
        assert move.kind is MoveKind.REFINE or view.open[move.topic]
        assert type(move.topic) is int
        assert type(move.worth) is float
        assert all(type(term) is float for term in move.reason.values())
        assert (move.kind is MoveKind.REFINE) == (move.parent is not None)
        if move.parent is not None:
            assert type(move.parent) is int
            assert view.topic[move.parent] == move.topic
    worths = [move.worth for move in chosen]
    assert not np.isnan(worths).any()
    assert worths == sorted(worths, reverse=True), "best first"


@given(view=views, moves=st.integers(0, 15))
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("policy_name", list(POLICIES))
def test_contract(policy_name: str, view: SearchView, moves: int) -> None:
    policy = make_policy(policy_name)
    before = snapshot(view)
    chosen = policy(view, moves, np.random.default_rng(3))
    check_moves(view, moves, chosen)
    assert chosen == policy(view, moves, np.random.default_rng(3)), "the same view and seed give the same moves"
    for key, value in before.items():
        np.testing.assert_array_equal(value, getattr(view, key))
    if moves and view.open.any():
        assert chosen, "a round with an open topic is not empty"


def test_fills_the_round_while_topics_live(name: str) -> None:
    view = make_view(1, 40, 60, dead=0.0)
    assert len(make_policy(name)(view, 12, np.random.default_rng(0))) == 12


def test_empty_when_no_topic_is_alive(name: str) -> None:
    assert make_policy(name)(make_view(1, 6, 10, dead=1.0), 4, np.random.default_rng(0)) == []


def test_empty_when_there_are_no_topics(name: str) -> None:
    assert make_policy(name)(make_view(1, 0, 0), 4, np.random.default_rng(0)) == []


def test_first_round_proposes(name: str) -> None:
    chosen = make_policy(name)(make_view(1, 6, 0, dead=0.0), 4, np.random.default_rng(0))
    assert [move.kind for move in chosen] == [MoveKind.PROPOSE] * 4


def test_randomness_used_does_not_depend_on_what_is_seen(name: str) -> None:
    states = []
    for seed, questions in ((1, 0), (2, 30)):
        rng = np.random.default_rng(9)
        make_policy(name)(make_view(seed, 6, questions), 4, rng)
        states.append(rng.random())
    assert states[0] == states[1]


def test_default_policy_is_shipped() -> None:
    assert Search().policy == next(iter(POLICIES))


def test_dotted_path_names_a_policy() -> None:
    name = "adaem.agents.policies.paper_bandit:paper"
    assert make_policy(name) == CheckedPolicy(name, POLICIES["paper"])


@pytest.mark.parametrize(
    "wrong", ["", "best", "no_such_module:f", "adaem.agents.policies.paper_bandit:missing", ":f", ".parts:f", "adaem:"]
)
def test_unknown_policy_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        make_policy(wrong)
    assert repr(wrong) in str(caught.value)


def test_unknown_short_name_lists_the_choices() -> None:
    with pytest.raises(InputError, match="expected-improvement, ucb, paper, thompson, random, round-robin, ucb1"):
        make_policy("greedy")


PROPOSED = Move(kind=MoveKind.PROPOSE, topic=0, parent=None, worth=1.0)


def propose(topic: Any = 0, **changes: Any) -> Move:
    return Move(**{**vars(PROPOSED), "topic": topic, **changes})


def refine(parent: Any, topic: Any = 0) -> Move:
    return propose(topic, kind=MoveKind.REFINE, parent=parent)


def blank(view: SearchView) -> list[Move]:
    view.open[:] = False
    return []


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        (lambda _: None, "returned NoneType, not a list"),
        (lambda _: (propose(topic) for topic in range(2)), "returned generator, not a list"),
        (lambda _: [{"kind": "propose", "topic": 0}], "move 1 is dict, not a Move"),
        (lambda _: [propose(topic) for topic in range(4)], "returned 4 moves, and 3 were wanted"),
        (lambda _: [propose(1), propose(1)], "move 2 has the topic 1 once more"),
        (lambda _: [propose(9999)], "has the topic 9999, and topics are numbered from 0 to 5"),
        (lambda _: [propose(-1)], "has the topic -1"),
        (lambda _: [propose(1.0)], "has the topic 1.0"),
        (lambda _: [propose(kind="guess")], "is of the kind 'guess'"),
        (lambda _: [propose(parent=0)], "proposes, and has a parent"),
        (lambda _: [refine(None)], "refines the question None, and 2 are scored"),
        (lambda _: [refine(777)], "refines the question 777"),
        (lambda _: [refine(-1)], "refines the question -1"),
        (lambda _: [refine(0, topic=1)], "refines a question of the topic 0, and names the topic 1"),
        (lambda _: [propose(worth=float("nan"))], "has the worth nan"),
        (lambda _: [propose(worth="high")], "has the worth 'high'"),
        (lambda _: [propose(reason=3)], "has as its reason int"),
        (lambda _: [propose(reason={"draws": float("inf")})], "has inf as 'draws' of its reason"),
        (blank, "raised ValueError: assignment destination is read-only"),
        (lambda _: 1 // 0, "raised ZeroDivisionError"),
    ],
)
def test_what_an_imported_policy_may_not_return_is_refused_by_its_name(
    policy: Callable[[SearchView], Any], problem: str
) -> None:
    view = make_view(1, 6, 0, dead=0.0)
    asked = make_view(1, 6, 2, dead=0.0)
    view = SearchView(**{**vars(view), **{"topic": np.array([0, 0]), "parent": asked.parent, "score": asked.score}})
    checked = CheckedPolicy("mine:policy", lambda view, moves, rng: policy(view))
    with pytest.raises(InputError, match=r"^policy 'mine:policy': it") as caught:
        checked(view, 3, np.random.default_rng(0))
    assert problem in str(caught.value)
    assert view.open.all()


def test_a_proposal_for_a_topic_that_is_not_open_is_refused() -> None:
    view = make_view(1, 6, 0, dead=0.0, asked=1.0)
    with pytest.raises(InputError, match="proposes for the topic 0, which is not open"):
        CheckedPolicy("mine:policy", lambda view, moves, rng: [propose()])(view, 3, np.random.default_rng(0))


def test_the_numbers_of_an_imported_policy_become_plain_ones() -> None:
    view = make_view(1, 6, 0, dead=0.0)
    move = propose(np.int64(2), worth=np.float32(0.5), reason={"draws": np.int64(3)})
    (chosen,) = CheckedPolicy("mine:policy", lambda view, moves, rng: [move])(view, 3, np.random.default_rng(0))
    check_moves(view, 1, [chosen])
    assert (chosen.topic, chosen.worth, chosen.reason) == (2, 0.5, {"draws": 3.0})


@given(view=views, moves=st.integers(0, 15))
def test_an_imported_policy_that_keeps_the_contract_chooses_the_same(view: SearchView, moves: int) -> None:
    for name, policy in POLICIES.items():
        checked = CheckedPolicy(name, policy)
        assert checked(view, moves, np.random.default_rng(5)) == policy(view, moves, np.random.default_rng(5))


async def waiting(view: Any, moves: int, rng: Any) -> list[Move]:
    return []


def without_moves(view: Any) -> list[Move]:
    return []


class Made:
    def __call__(self, view: Any, moves: int, rng: Any) -> list[Move]:
        return []


HERE, MADE = __name__, Made()


@pytest.mark.parametrize(
    ("attribute", "problem"),
    [
        ("waiting", "it is asynchronous"),
        ("without_moves", "cannot be called as"),
        ("Made", "cannot be called as"),
        ("HERE", "str, not a function"),
    ],
)
def test_what_cannot_be_called_as_a_policy_is_refused_before_a_run(attribute: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        make_policy(f"{HERE}:{attribute}")
    assert isinstance(make_policy(f"{HERE}:MADE"), CheckedPolicy)
