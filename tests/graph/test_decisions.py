"""The search's own rules: batches, quotas, the cap, and the ranking."""

from adaem.graph.search.confirmation_rules import batches_due, confirmation_quota, next_to_confirm, ranking, within_cap


def test_a_batch_is_due_at_each_quarter_of_the_search_and_the_last_part_has_none() -> None:
    assert [batches_due(spent, 400, 3) for spent in (0, 99, 100, 200, 399, 400, 900)] == [0, 0, 1, 2, 3, 3, 3]
    assert batches_due(399, 400, 0) == 0


def test_batches_spend_at_most_half_before_the_end() -> None:
    assert [confirmation_quota(75, batch, 3, final=False) for batch in (1, 2, 3)] == [9, 18, 28]
    assert confirmation_quota(75, 4, 3, final=True) == 75


def test_the_cap_keeps_the_first_of_each_topic() -> None:
    assert within_cap(["a1", "a2", "b1", "a3", "b2"], lambda name: name[0], 2) == ["a1", "a2", "b1", "b2"]


def test_confirmed_questions_take_their_topics_places_first() -> None:
    best = ["a9", "b8", "a7", "b6", "c5"]
    chosen = next_to_confirm(best, {"a7"}, lambda name: name[0], str, cap=1, quota=3, affordable=9)
    assert chosen == ["b8", "c5"]


def test_of_a_question_and_its_rewrites_only_the_best_is_confirmed() -> None:
    lineage = {"child": "parent", "grandchild": "parent"}
    best = ["child", "other", "parent", "grandchild", "third"]

    def chosen(confirmed: set[str], quota: int) -> list[str]:
        return next_to_confirm(
            best, confirmed, lambda _: "topic", lambda name: lineage.get(name, name), cap=3, quota=quota, affordable=9
        )

    assert chosen(set(), 5) == ["child", "other", "third"]
    assert chosen({"parent"}, 5) == ["other", "third"]


def test_neither_quota_nor_budget_is_exceeded() -> None:
    best = ["a", "b", "c", "d"]
    assert next_to_confirm(best, set(), str, str, cap=1, quota=2, affordable=9) == ["a", "b"]
    assert next_to_confirm(best, {"a"}, str, str, cap=1, quota=3, affordable=1) == ["b"]
    assert next_to_confirm(best, {"a", "b"}, str, str, cap=1, quota=1, affordable=9) == []
    assert next_to_confirm(best, set(), str, str, cap=1, quota=4, affordable=-2) == []


def test_equal_scores_rank_by_id() -> None:
    assert ranking({"b": 1.0, "a": 1.0, "c": 2.0}) == ["c", "a", "b"]
