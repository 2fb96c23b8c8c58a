"""Surrogates: nothing is foreseen until it is known to hold, and then what separates is found."""

import numpy as np
import pytest
from adaem.agents.surrogates.draft_choice import order_of_drafts, questions_to_learn
from adaem.agents.surrogates.no_surrogate import NoSurrogate
from adaem.agents.surrogates.ridge_surrogate import RidgeSurrogate
from adaem.agents.surrogates.shipped_surrogates import make_surrogate
from adaem.agents.surrogates.surrogate import ScoredTexts
from adaem.domain.errors import InputError
from adaem.domain.reading.yaml_records import load_framework
from adaem.memory.embedders.named_embedder import make_embedder

FRAMEWORK, EMBEDDER = load_framework("schwartz"), make_embedder("hashing")
NOTHING = ScoredTexts((), (), np.zeros(0))


def scored(effect: float, *, topics: int = 20, each: int = 5, seed: int = 0) -> ScoredTexts:
    """Questions of which a third mention a quarrel, worth ``effect`` beside a topic's own level and noise."""
    rng = np.random.default_rng(seed)
    texts, ids, scores = [], [], []
    for topic in range(topics):
        level = rng.normal(0, 0.1)
        for _ in range(each):
            quarrel = rng.random() < 0.33
            place, year = rng.choice(["Norway", "Peru", "Ghana", "Japan"]), rng.integers(1995, 2025)
            texts.append(f"In {place}, since {year}, is it fair{' when neighbours quarrel' if quarrel else ''}?")
            ids.append(f"t{topic}")
            scores.append(level + effect * quarrel + rng.normal(0, 0.05))
    return ScoredTexts(tuple(texts), tuple(ids), np.array(scores))


def ridge() -> RidgeSurrogate:
    return RidgeSurrogate(FRAMEWORK, EMBEDDER)


def test_what_separates_is_found_and_the_better_draft_is_tried_first() -> None:
    foresight = ridge().fit(scored(0.2))
    assert 0.5 < foresight.weight <= 1.0
    drafts = ["In Fiji, since 2001, is it fair?", "In Fiji, since 2001, is it fair when neighbours quarrel?"]
    order, expected = order_of_drafts(foresight, drafts, "a topic that was never asked")
    assert order == [1, 0]
    assert expected.sum() == pytest.approx(0.0)
    assert expected[1] > 0.02


@pytest.mark.parametrize("seed", range(6))
def test_where_words_say_nothing_the_weight_is_small(seed: int) -> None:
    assert ridge().fit(scored(0.0, seed=seed)).weight < 0.35


def test_topics_levels_alone_are_no_foresight() -> None:
    """Drafts compete within a topic: that some topics score higher says nothing about them."""
    texts = scored(0.0, each=2)
    levels = np.repeat(np.arange(20.0), 2)
    assert ridge().fit(ScoredTexts(texts.texts, texts.topics, levels)).weight == 0.0


@pytest.mark.parametrize("questions", [NOTHING, scored(0.2).first(10), scored(0.2, topics=40, each=1)])
def test_too_little_to_learn_from_leaves_the_authors_order(questions: ScoredTexts) -> None:
    foresight = ridge().fit(questions)
    assert foresight.weight == 0.0
    assert order_of_drafts(foresight, ["Is it?", "Was it?", "Will it?"], "t0")[0] == [0, 1, 2]


def test_the_same_questions_give_the_same_foresight() -> None:
    one, other = ridge().fit(scored(0.2)), ridge().fit(scored(0.2))
    drafts = ["Is it fair when neighbours quarrel?", "Is it fair in Peru?"]
    np.testing.assert_array_equal(one.predict(drafts, "t1"), other.predict(drafts, "t1"))


def test_none_foresees_nothing() -> None:
    foresight = NoSurrogate(FRAMEWORK, EMBEDDER).fit(scored(0.5))
    assert order_of_drafts(foresight, ["Is it?", "Was it?"], "t0")[0] == [0, 1]


def test_how_much_is_learnt_depends_on_the_number_of_questions_alone_and_grows() -> None:
    learnt = [questions_to_learn(count) for count in range(500)]
    assert learnt == sorted(learnt)
    assert all(count < 24 or count / 1.16 - 1 < known <= count for count, known in enumerate(learnt))


def test_a_name_that_is_no_surrogate_is_refused() -> None:
    with pytest.raises(InputError, match="fit"):
        make_surrogate("adaem.domain.errors:InputError", FRAMEWORK, EMBEDDER)
    with pytest.raises(InputError, match="ridge"):
        make_surrogate("rigde", FRAMEWORK, EMBEDDER)
