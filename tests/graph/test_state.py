"""The state's plain form: what checkpoints of all versions hold, read into records and written back unchanged."""

from __future__ import annotations

from typing import Any

from adaem.domain.question import Origin, Question
from adaem.graph import routes
from adaem.graph.state import UNRECORDED, MoveProgress, MoveUpdate, RunProgress, RunUpdate
from adaem.records import MoveRecord
from langgraph.graph import END
from langgraph.types import Send

MOVE: dict[str, Any] = {
    "round": 2,
    "dispatch": 1,
    "kind": "propose",
    "topic_id": "work-01",
    "question_id": "q0002-01",
    "parent_id": None,
    "status": "open",
    "detail": "",
}
QUESTION: dict[str, Any] = {
    "id": "q0002-01",
    "topic_id": "work-01",
    "topic": "Should tips be banned?",
    "matter": "",
    "text": "Should Oslo ban tips?",
    "fact": "",
    "origin": "propose",
    "parent_id": None,
    "depth": 0,
    "created_at": "2026-11-29T12:00:00+00:00",
    "edited": False,
}
RUN_OF_NOVEMBER: dict[str, Any] = {
    "round": 2,
    "moves": [MOVE],
    "results": [{**MOVE, "status": "kept"}],
    "wave": 1,
    "confirming": True,
    "other_calls": 60,
    "barren": 3,
    "idle": 4,
    "stop_reason": "2 rounds done",
}
MOVE_OF_NOVEMBER: dict[str, Any] = {
    "move": MOVE,
    "question": QUESTION,
    "avoid": ["Should tips go?"],
    "attempt": 2,
    "refused": True,
    "topic": "Should tips be banned?",
}
"""States as the version of 29 November 2026 left them in ``checkpoints.sqlite``."""


def test_a_checkpoint_of_november_is_read_whole() -> None:
    run = RunProgress.model_validate(RUN_OF_NOVEMBER)
    assert (run.round, run.confirmation_batch, run.confirmation_due, run.other_calls) == (2, 1, True, 60)
    assert (run.consecutive_unscored_moves, run.rounds_without_new_question) == (3, 4)
    assert run.stop_reason == "2 rounds done"
    assert run.moves == (MoveRecord.model_validate(MOVE),)
    assert [each.status for each in run.results] == ["kept"]
    move = MoveProgress.model_validate(MOVE_OF_NOVEMBER)
    assert move.candidate == Question.model_validate(QUESTION)
    assert (move.avoid, move.attempt, move.refused) == (("Should tips go?",), 2, True)
    assert move.topic == "Should tips be banned?"


def test_states_are_written_in_the_same_plain_form() -> None:
    assert RunProgress.model_validate(RUN_OF_NOVEMBER).plain() == RUN_OF_NOVEMBER
    assert MoveProgress.model_validate(MOVE_OF_NOVEMBER).plain() == MOVE_OF_NOVEMBER


def test_an_update_holds_what_was_set_and_nothing_else() -> None:
    assert MoveUpdate().plain() == {}
    assert RunUpdate(moves=(), results=None, confirmation_due=False).plain() == {
        "moves": [],
        "results": None,
        "confirming": False,
    }
    # A question's own fields are written whether they were set or not.
    question = Question(
        id="q0002-01",
        topic_id="work-01",
        topic="Should tips be banned?",
        text="Should Oslo ban tips?",
        origin=Origin.PROPOSE,
        created_at="2026-11-29T12:00:00+00:00",
    )
    assert MoveUpdate(attempt=1, question=question).plain() == {"attempt": 1, "question": QUESTION}


def test_a_move_ends_with_its_own_record() -> None:
    ended = MoveProgress.model_validate(MOVE_OF_NOVEMBER).end(UNRECORDED, "why")
    assert ended.plain() == {"results": [{**MOVE, "status": UNRECORDED, "detail": "why"}]}


def test_a_round_sends_one_branch_a_move_and_without_moves_confirms() -> None:
    assert routes.after_explore({"moves": [MOVE]}) == [Send("interrogate", {"move": MOVE})]
    assert routes.after_explore({"moves": []}) == "confirm"
    assert [routes.after_remember({"confirming": due}) for due in (True, False)] == ["confirm", "explore"]
    assert [routes.after_confirm({"stop_reason": why}) for why in ("", "2 rounds done")] == ["explore", "evaluate"]


def test_a_move_goes_on_until_it_has_a_result() -> None:
    over = [{**MOVE, "status": "failed"}]
    refused: Any = {"move": {**MOVE, "kind": "refine"}, "refused": True}
    assert routes.first_step({"move": MOVE}) == "propose"
    assert [routes.after_draft({}), routes.after_draft({"results": over})] == ["novelty", END]
    assert routes.after_novelty({"move": MOVE, "refused": False}) == "probe"
    over_again: Any = {**refused, "results": over}
    assert [routes.after_novelty(refused), routes.after_novelty(over_again)] == ["refine", END]
    assert [routes.after_probe({}), routes.after_probe({"results": over})] == ["critique", END]
