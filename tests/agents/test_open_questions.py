"""Which drafts are no yes/no question, and which only begin with the words of an open one."""

from __future__ import annotations

import pytest
from adaem.agents.guards.validate_draft import OPEN_QUESTION, checked_draft, is_open_question
from adaem.agents.protocols import Draft


@pytest.mark.parametrize(
    "text",
    [
        "What is the answer to the question?",
        "How should cities treat migrants?",
        "Which measures should states take against drought?",
        "“Why do people fear wolves?",
        "After the vote in Brno, what should the council do?",
        "What's the best way to raise children?",
        "Who should decide about school uniforms?",
    ],
)
def test_open_questions(text: str) -> None:
    assert checked_draft(Draft(text=text)).problem == OPEN_QUESTION


@pytest.mark.parametrize(
    "text",
    [
        "Should cities ban cars, which are loud, from the centre?",
        "When a court has decided, should parliament accept it?",
        "Where water is scarce, should lawns be forbidden?",
        "Is it right to ask what a person earns?",
        "In Lyon, whose mayor resigned, should elections be held?",
        "What a majority wants: should it always be done?",
        "Sollte man immer sagen, was man denkt?",
        "¿Deben los jueces ser elegidos?",
    ],
)
def test_questions_with_yes_or_no(text: str) -> None:
    assert checked_draft(Draft(text=text)).problem == ""


def test_a_bank_of_open_questions_stays_one() -> None:
    topic = "What should be done about rents?"
    assert checked_draft(Draft(text="How should rents be set in Turin?"), given=topic).problem == ""
    assert checked_draft(Draft(text="How are rents set?"), rewritten="What should be done about rents?").problem == ""
    assert is_open_question(topic)
