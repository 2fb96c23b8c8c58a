"""Rules that make yes/no questions of statements, and principles of a text."""

from __future__ import annotations

import pytest
from adaem.domain.texts.principles import read_principles
from adaem.domain.texts.yes_no import QuestionRules, Unfit
from hypothesis import given
from hypothesis import strategies as st
from small_world import HOSTILE

RULES = QuestionRules(["it is said that surrogacy is wrong", "Norway is far"])


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("We should ban human cloning", "Should we ban human cloning?"),
        ("The church must not be taxed.", "Should the church be taxed?"),
        ("Parents shouldn't spank their children!", "Should parents spank their children?"),
        ("A nurse may refuse to help", "May a nurse refuse to help?"),
        ("Surrogacy should be banned", "Should surrogacy be banned?"),
        ("Norway ought to leave the alliance", "Is this right: Norway ought to leave the alliance?"),
        ("Abortion is murder", "Is this right: Abortion is murder?"),
        ("Teachers cannot strike", "Can teachers strike?"),
        ("That church should be taxed", "Should that church be taxed?"),
        ("Those who can vote should be heard", "Is this right: Those who can vote should be heard?"),
        ("Those who can vote deserve respect", "Is this right: Those who can vote deserve respect?"),
        ("It is right that we should share", "Is this right: It is right that we should share?"),
        ("People can vote and must be heard", "Is this right: People can vote and must be heard?"),
        ("If people can vote they are heard", "Is this right: If people can vote they are heard?"),
        ("Is  it\nright to lie?", "Is it right to lie?"),
        ("すべきですか？", "すべきですか？"),
        ("I like to be rich", Unfit.PERSONAL),
        ("Why do people vote?", Unfit.OPEN),
        ("Es ist gut zu teilen", Unfit.FOREIGN),
        ("Ban it", Unfit.SHORT),
        (" … ", Unfit.EMPTY),
        ("We should " + "x" * 300, Unfit.LONG),
    ],
)
def test_statements_by_rule(text: str, question: str) -> None:
    assert RULES.question(text) == question


@given(st.one_of(st.text(), st.sampled_from(sorted(HOSTILE.values()))))
def test_whatever_comes_is_one_question_or_a_reason(text: str) -> None:
    result = QuestionRules([text]).question(text)
    if not isinstance(result, Unfit):
        assert result.endswith(("?", "？", "؟"))
        assert "\n" not in result


LIST = """Our code of conduct

These hold for all of us.

1. Candour: we say what is true.
2. Tact. Say it gently.
3. **Thrift** — waste nothing,
   and repair before we buy.
4. Put the customer first whenever a deadline is near.

Questions go to the office.
"""


def test_a_list_is_its_items() -> None:
    title, principles = read_principles(LIST)
    assert title == "Our code of conduct"
    assert [(each.name, each.text) for each in principles] == [
        ("Candour", "we say what is true."),
        ("Tact", "Tact. Say it gently."),
        ("Thrift", "waste nothing, and repair before we buy."),
        ("Put the customer first whenever a …", "Put the customer first whenever a deadline is near."),
    ]


def test_headings_and_paragraphs() -> None:
    headed = "# Rules\nAn introduction.\n## Candour\nWe say\n- what is true\n## Tact\nGently.\n"
    title, principles = read_principles(headed)
    assert (title, [(each.name, each.text) for each in principles]) == (
        "Rules",
        [("Candour", "We say what is true"), ("Tact", "Gently.")],
    )
    _, principles = read_principles("Candour\nWe say what is true.\n\nTact\nWe say it gently.\n")
    assert [(each.name, each.text) for each in principles] == [
        ("Candour", "We say what is true."),
        ("Tact", "We say it gently."),
    ]
    _, principles = read_principles("Candour: true.\nTact: gentle.\nThrift: sparing.\n")
    assert [each.name for each in principles] == ["Candour", "Tact", "Thrift"]


@given(st.text(max_size=400))
def test_any_text_gives_names_and_words_on_one_line(text: str) -> None:
    for each in read_principles(text)[1]:
        assert each.text
        assert "\n" not in each.name + each.text
