"""The forecast of a run: computed by hand on a small pool, and held against what runs really spend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from adaem.agents.judges.judge_requirements import check_judge
from adaem.domain.checkup import MemberSpeed, ReplyTime
from adaem.domain.errors import InputError
from adaem.domain.forecast import Forecast, ForecastStep
from adaem.domain.pool_spec import PoolSpec
from adaem.domain.reading.yaml_records import load_framework, load_pool
from adaem.domain.settings import Settings
from adaem.graph.search.budget_plan import SPARE, BudgetPlan, affordable_calls, plan_budget
from adaem.graph.search.course_rules import moves_of_round
from adaem.jobs.planning.course import Costs, expected_course
from adaem.jobs.planning.estimate import forecast
from adaem.jobs.planning.measured_speeds import MeasuredSpeeds
from adaem.jobs.planning.pilot import Experience, Pilot, read_pilot
from adaem.prompts import load_prompts
from adaem.records.call_records import Spending
from adaem.reports.terminal.spending_table import spent_table
from adaem.results.spending import compare
from growing import SMALL, grow, records_of, simulated_pool
from rich.console import Console
from served import ServedPool
from small_world import framework, member_data, pool_data

TOPICS = [{"id": f"topic-{n}", "text": f"Is number {n} right?", "area": "numbers"} for n in range(9)]
SETTINGS = {
    "questions": 2,
    "samples": {"search": 2, "confirm": 2, "evaluate": 2},
    "search": {"moves_per_round": 5, "refine_share": 0},
    "budget": {"calls": 1000, "rounds": 2},
}
ANSWER, JUDGE, QUESTION, DRAFT = (
    Experience(requests=1, input_tokens=100, output_tokens=50, seconds=2),
    Experience(requests=1, input_tokens=200, output_tokens=20, seconds=1),
    Experience(requests=1, input_tokens=150, output_tokens=10, seconds=1),
    Experience(requests=1, input_tokens=300, output_tokens=40, seconds=1),
)


def pilot(**changes: Any) -> Pilot:
    """All of the small pool's members, in round numbers."""
    by = {("zebra", "answer"): ANSWER, ("okapi", "answer"): ANSWER, ("writer", "explore"): DRAFT}
    by |= {("scale", "judge"): JUDGE, ("scale", "judge_value"): JUDGE, ("scale", "judge_question"): QUESTION}
    usual: dict[str, Any] = {"run_id": "pilot", "by": by, "answered": 1.0, "drafts": 1.0}
    return Pilot(**usual | changes)


def pool(*members: dict[str, Any], **common: Any) -> PoolSpec:
    """The small pool, one request at a time; ``common`` goes to each member, ``members`` replace those of their id."""
    known = {each["id"]: each for each in pool_data()["members"]} | {each["id"]: each for each in members}
    return PoolSpec.model_validate(pool_data(members=[{"concurrency": 1} | common | each for each in known.values()]))


def settings(**changes: Any) -> Settings:
    merged = {
        key: {**value, **changes.pop(key, {})} if isinstance(value, dict) else value for key, value in SETTINGS.items()
    }
    return Settings.model_validate(merged | changes)


def plan(given: Settings, members: PoolSpec, known: Pilot | None = None, **changes: Any) -> Forecast:
    theory = framework(topics=TOPICS)
    calls = check_judge(given, members, theory).calls
    return forecast(given, theory, members, load_prompts("default"), calls, pilot=known, **changes)


def calls(found: Forecast) -> dict[str, int]:
    """Calls by step."""
    counts: Counter[str] = Counter()
    for row in found.rows:
        counts[row.step] += row.calls
    return dict(counts)


# A run of two rounds, by hand: ten moves, 2 scouts × 2 samples each, 3 = ⌈1.5 × 2⌉ confirmed, 2 evaluated beside seeds.
BY_HAND = {
    ForecastStep.PROPOSE: 10,
    ForecastStep.JUDGE_QUESTION: 10 + 2,
    ForecastStep.SEARCH_ANSWERS: 40,
    ForecastStep.SEARCH_JUDGEMENTS: 40,
    ForecastStep.CONFIRM_ANSWERS: 12,
    ForecastStep.CONFIRM_JUDGEMENTS: 12,
    ForecastStep.EVALUATE_ANSWERS: 16,
    ForecastStep.EVALUATE_JUDGEMENTS: 16,
}


def test_calls_tokens_and_course_are_those_computed_by_hand() -> None:
    found = plan(settings(), pool(), pilot())
    assert calls(found) == BY_HAND
    assert found.calls == 158
    assert found.tokens.expected == 68 * 150 + 68 * 220 + 12 * 160 + 10 * 340
    assert (found.rounds, found.questions, found.confirmed, found.published, found.evaluated) == (2, 10, 3, 2, 2)
    assert found.ends_by == "rounds"
    assert {row.member for row in found.rows if row.step is ForecastStep.SEARCH_ANSWERS} == {"zebra", "okapi"}


def test_the_cost_is_that_of_the_members_with_a_price() -> None:
    priced = pool(member_data("zebra", "scout", "panel", price={"input": 10, "output": 30}))
    found = plan(settings(), priced, pilot())
    assert found.cost.expected == pytest.approx(34 * (100 * 10 + 50 * 30) / 1e6)
    assert set(found.unpriced) == {"okapi", "writer", "scale"}
    assert {row.cost is None for row in found.rows if row.member == "zebra"} == {False}
    assert {row.cost for row in found.rows if row.member != "zebra"} == {None}


def test_steps_follow_one_another_and_judging_overlaps_with_answering() -> None:
    """Drafts 10 × 1 s. Search: the judge's 52 s hide the answers' 40 s, but for the first request of a round's two
    (of the judge's: 1 s each). Confirm 12 s and three bursts; evaluate 16 s and one.
    """
    assert plan(settings(), pool(), pilot()).seconds == pytest.approx(10 + (52 + 2) + (12 + 3) + (16 + 1))


def test_requests_in_flight_divide_the_time_and_rates_bound_it() -> None:
    def seconds(**limits: Any) -> float:
        found = plan(settings(), pool(member_data("zebra", "scout", "panel", **limits)), pilot())
        return next(row.seconds for row in found.rows if row.member == "zebra")

    assert seconds(concurrency=1) == 20 * 2
    assert seconds(concurrency=4) == 20 / 4 * 2
    assert seconds(concurrency=100) == 2 * 2  # each of the two rounds takes one request's time
    assert seconds(concurrency=100, requests_per_minute=10) == 20 / 10 * 60
    assert seconds(concurrency=100, tokens_per_minute=500) == 20 * 150 / 500 * 60


def speed(name: str, answer: ReplyTime | None = None, at_once: float | None = None) -> MemberSpeed:
    """The tiny question's reply of ten tokens took half a second."""
    tiny = ReplyTime(seconds=0.5, output_tokens=10)
    return MemberSpeed(member=name, model=f"openai:{name}", tiny=tiny, answer=answer, at_once=at_once)


def measured(members: PoolSpec, *speeds: MemberSpeed) -> MeasuredSpeeds:
    return MeasuredSpeeds({each.member: each for each in speeds}, members)


def test_a_longer_reply_takes_as_much_longer_as_was_measured_on_its_server() -> None:
    here = pool(base_url="http://127.0.0.1:8641/v1")
    zebra, okapi, writer, scale = here.members
    found = measured(
        here, speed("zebra", ReplyTime(seconds=2.5, output_tokens=110), 2.0), speed("scale"), speed("okapi")
    )
    # 100 tokens more took 2 s more: 20 ms a token, for the judge as well, who was not put real questions.
    assert found.seconds(zebra, 160, 9.0) == pytest.approx(2.5 + 50 * 0.02)
    assert found.seconds(scale, 60, 9.0) == pytest.approx(0.5 + 50 * 0.02)
    assert found.seconds(zebra, 0, 9.0) == 0.5, "no reply is quicker than the quickest"
    assert found.seconds(writer, 60, 9.0) is None
    assert [found.slots(each) for each in (zebra, okapi)] == [1, 1], "one at a time was asked for"
    # Alone on its server: what a token takes is typical then.
    there = pool()
    apart = measured(there, speed("scale"))
    assert apart.seconds(there.members[3], 60, 0.1) == pytest.approx(0.5 + 50 * 0.1)
    uncounted = MemberSpeed(member="zebra", model="openai:zebra", tiny=ReplyTime(seconds=0.5))
    assert measured(there, uncounted).seconds(there.members[0], 60, 0.1) == 0.5


def test_measured_speeds_make_the_forecasts_time() -> None:
    """Twenty answers of the scout that was measured, 2 s each, as many at once as its server was seen to work on."""

    def seconds(at_once: float | None, **limits: Any) -> float:
        members = pool(member_data("zebra", "scout", "panel", base_url="http://127.0.0.1:8641/v1", **limits))
        found = plan(settings(), members, speeds=measured(members, speed("zebra", ReplyTime(seconds=2), at_once)))
        assert found.timed == ("zebra",)
        assert any("measured nothing of okapi, scale, writer" in notice for notice in found.notices)
        (row,) = [row for row in found.rows if (row.member, row.step) == ("zebra", ForecastStep.SEARCH_ANSWERS)]
        assert row.calls == 20
        return row.seconds

    requests = 20 * 1.02  # a repair now and then
    assert seconds(None, concurrency=4) == pytest.approx(requests / 4 * 2, rel=0.01)
    assert seconds(2.5, concurrency=4) == pytest.approx(requests / 2.5 * 2, rel=0.01)
    assert seconds(2.5, concurrency=1) == pytest.approx(requests * 2, rel=0.01)


def test_members_take_turns_on_a_server_that_fell_behind() -> None:
    def seconds(at_once: float | None) -> float:
        members = pool(base_url="http://127.0.0.1:8641/v1", concurrency=4)
        each = [speed(member.id, ReplyTime(seconds=2), at_once) for member in members.members]
        return plan(settings(), members, speeds=measured(members, *each)).seconds

    assert seconds(4.0) > 1.5 * seconds(None)


def test_members_on_one_server_of_this_machine_take_turns() -> None:
    def seconds(*addresses: str) -> float:
        names = zip(("zebra", "okapi"), addresses, strict=True)
        members = [member_data(name, "scout", "panel", base_url=address) for name, address in names]
        return plan(settings(), pool(*members), pilot()).seconds

    here, there = "http://127.0.0.1:8641/v1", "http://127.0.0.1:8642/v1"
    far = "https://example.org/v1"
    # The search's answers, 40 s of each member, no longer hide behind the judge's 52 s.
    assert seconds(here, here) >= seconds(here, there) + 2 * 40 - 52
    assert seconds(far, far) == seconds(here, there)


def test_the_search_goes_on_until_its_share_is_spent() -> None:
    """plan: 150 calls, 24 to confirm, 34 to evaluate; the search's 92 pay for nine moves of ten calls."""
    found = plan(settings(budget={"calls": 150, "rounds": None}), pool(), pilot())
    assert (found.questions, found.rounds, found.ends_by) == (9, 2, "calls")
    assert found.calls <= found.planned_calls == 150


@pytest.mark.parametrize("calls", [150, 158, 1000, 4321, 20_000])
@pytest.mark.parametrize("rounds", [None, 1, 7])
@pytest.mark.parametrize("cost", [0.7, 1.0, 1.3])
def test_rounds_are_those_that_following_them_one_by_one_gives(calls: int, rounds: int | None, cost: float) -> None:
    given = settings(budget={"calls": calls, "rounds": rounds}, search={"topic_draws": 20, "new_topics": 0})
    members = pool()
    planned = plan_budget(given, members, check_judge(given, members, framework()).calls)
    answer = {"zebra": 2 * cost, "okapi": 2 * cost}
    found = expected_course(given, planned, members, len(TOPICS), Costs(1.0, cost, 0.0, cost, answer))
    done, moves, left, limit = 0, 0, float(planned.search), 20 * len(TOPICS)
    while left >= planned.per_move and moves < limit and done != rounds:
        chosen = int(min(5, left // planned.per_move, limit - moves))
        done, moves, left = done + 1, moves + chosen, left - chosen * planned.per_move * cost
    assert (found.rounds, found.moves) == (done, moves)


def test_a_forecast_of_many_calls_follows_no_round(monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[int] = []

    def counted(settings: Settings, plan: BudgetPlan, left: float) -> int:
        followed.append(1)
        return moves_of_round(settings, plan, left)

    monkeypatch.setattr("adaem.jobs.planning.course.moves_of_round", counted)
    found = plan(settings(budget={"calls": 10**9, "rounds": None}), pool(), pilot())
    assert found.rounds > 10**5
    assert len(followed) < 50


def test_repairs_missing_answers_and_duplicates_count() -> None:
    known = pilot(answered=0.5, drafts=1.2)
    by = {**known.by, ("zebra", "answer"): Experience(1.5, 100, 50, 2)}
    found = calls(plan(settings(), pool(), pilot(answered=0.5, drafts=1.2, by=by)))
    assert found[ForecastStep.SEARCH_ANSWERS] == 20 * 1.5 + 20
    assert found[ForecastStep.SEARCH_JUDGEMENTS] == 20
    assert found[ForecastStep.PROPOSE] == 12
    assert found[ForecastStep.JUDGE_QUESTION] == 12


def test_a_jury_is_asked_as_a_whole_and_a_single_judge_alone() -> None:
    two = pool(member_data("second", "judge"))
    alone, jury = plan(settings(), two), plan(settings(agents={"judge": "jury"}), two)
    assert {row.member for row in alone.rows if row.purpose == "judge"} == {"scale"}
    assert {row.member for row in jury.rows if row.purpose == "judge"} == {"scale", "second"}


def test_one_call_a_key_point_and_value() -> None:
    """Three key points and three values: nine calls an answer, still one for a question's wording."""
    given = settings(judge={"mode": "per_value"}, budget={"calls": 5000})
    found = plan(given, pool(), pilot())
    assert calls(found)[ForecastStep.SEARCH_JUDGEMENTS] == 9 * 40
    assert calls(found)[ForecastStep.JUDGE_QUESTION] == 12
    assert {row.purpose for row in found.rows if row.step is ForecastStep.SEARCH_JUDGEMENTS} == {"judge_value"}


def test_a_local_judge_asks_nobody() -> None:
    from adaem.agents.judges.judge_requirements import JudgingCalls

    given = settings(agents={"judge": "local"}, judge={"file": "judge.json"})
    found = forecast(given, framework(topics=TOPICS), pool(), load_prompts("default"), JudgingCalls(0, 0))
    assert {row.purpose for row in found.rows} == {"propose", "search", "confirm", "evaluate"}
    assert "scale" not in {row.member for row in found.rows}


def test_authors_take_turns_and_without_authors_the_scouts_write() -> None:
    two = plan(settings(), pool(member_data("poet", "author")), pilot())
    assert {row.member: row.calls for row in two.rows if row.purpose == "propose"} == {"writer": 5, "poet": 5}
    members = [each for each in pool_data()["members"] if each["id"] != "writer"]
    none = plan(settings(), PoolSpec.model_validate(pool_data(members=members)), pilot())
    assert {row.member: row.calls for row in none.rows if row.purpose == "propose"} == {"zebra": 5, "okapi": 5}


def test_examinees_answer_in_the_evaluation_alone() -> None:
    found = plan(settings(), pool(member_data("held", "examinee")))
    assert {row.step for row in found.rows if row.member == "held"} == {ForecastStep.EVALUATE_ANSWERS}


def test_rewrites_begin_when_as_many_questions_are_scored_as_are_wanted() -> None:
    """Plenty of calls: of the 10 moves those after the second are rewrites for a fifth."""
    given = settings(search={"refine_share": 0.2}, budget={"calls": 20_000}, questions=2)
    found = calls(plan(given, pool(), pilot()))
    assert found[ForecastStep.REFINE] == round(0.2 * 8)
    assert found[ForecastStep.PROPOSE] + found[ForecastStep.REFINE] == 10


@pytest.mark.parametrize(("share", "rewrites"), [(1.0, 6), (0.1, 6), (0.0, 0)])
def test_the_papers_bandit_rewrites_by_a_rule_of_its_own(share: float, rewrites: int) -> None:
    given = settings(search={"policy": "paper", "refine_share": share}, budget={"calls": 20_000}, questions=2)
    found = calls(plan(given, pool(), pilot()))
    assert (found[ForecastStep.PROPOSE], found.get(ForecastStep.REFINE, 0)) == (10 - rewrites, rewrites)


# Caps


@pytest.mark.parametrize("tokens", [12_000, 20_000, 50_000, 150_000])
def test_a_cap_in_tokens_is_planned_for(tokens: int) -> None:
    found = plan(settings(budget={"rounds": None, "tokens": tokens}), pool(), pilot())
    assert found.ends_by == "tokens"
    assert 0.75 * tokens <= found.tokens.expected <= (1 - SPARE) * tokens * 1.001
    assert found.planned_calls < 1000


def test_a_cap_in_money_is_planned_for_though_the_evaluation_is_dearer() -> None:
    dear = pool(
        member_data("held", "examinee", price={"input": 100, "output": 100}),
        member_data("hidden", "examinee", price={"input": 100, "output": 100}),
        price={"input": 1, "output": 1},
    )
    free = plan(settings(questions=8, budget={"calls": 3000, "rounds": None}), dear, pilot())
    cap = 0.6 * free.cost.expected
    found = plan(settings(questions=8, budget={"calls": 3000, "rounds": None, "money": cap}), dear, pilot())
    assert found.ends_by == "money"
    assert 0.75 * cap <= found.cost.expected <= (1 - SPARE) * cap * 1.001
    assert found.evaluated > 0


def test_a_cap_that_does_not_bind_changes_nothing() -> None:
    free = plan(settings(), pool(), pilot())
    capped = plan(settings(budget={"tokens": 10**9}), pool(), pilot())
    assert capped.rows == free.rows


def test_affordable_calls_are_those_that_the_smallest_cap_pays_for() -> None:
    priced = pool(price={"input": 10, "output": 10})
    found = plan(settings(), priced, pilot())
    tokens, money = found.tokens.expected / found.calls, found.cost.expected / found.calls
    assert affordable_calls(settings(), found) == 1000
    assert affordable_calls(settings(budget={"tokens": 30_000}), found) == int((1 - SPARE) * 30_000 / tokens)
    given = settings(budget={"tokens": 30_000, "money": 0.1})
    assert affordable_calls(given, found) == int((1 - SPARE) * 0.1 / money)
    judging = check_judge(given, priced, framework()).calls
    assert plan_budget(given, priced, judging, affordable_calls(given, found)).total < 100
    assert plan_budget(given, priced, judging).total == 1000


def test_a_budget_in_money_needs_every_real_members_price() -> None:
    some = pool(member_data("okapi", "scout", "panel"), price={"input": 1, "output": 1})
    lacking = some.model_copy(
        update={"members": tuple(m.model_copy(update={"price": None}) if m.id == "okapi" else m for m in some.members)}
    )
    with pytest.raises(InputError, match=r"'okapi' has no price — give it a price in the pool file"):
        plan(settings(budget={"money": 5}), lacking)
    assert plan(settings(budget={"money": 5}), some).unpriced == ()


@pytest.mark.parametrize("cap", [{"tokens": 2_000}, {"money": 0.001}])
def test_a_cap_that_is_too_small_for_the_pool_is_refused(cap: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"too small for this pool.*budget\.tokens or budget\.money"):
        plan(settings(budget=cap), pool(price={"input": 1, "output": 1}), pilot())


# Lengths


def test_real_members_may_write_less_or_more() -> None:
    found = plan(settings(), pool(price={"input": 1, "output": 3}))
    assert found.tokens.low < found.tokens.expected < found.tokens.high
    assert found.cost.low < found.cost.expected < found.cost.high
    assert any("--from" in notice for notice in found.notices)


def test_a_schema_in_words_costs_tokens_and_openai_counts_its_own() -> None:
    def sent(**how: Any) -> int:
        found = plan(settings(), pool(member_data("zebra", "scout", "panel", **how)))
        return next(row.input_tokens for row in found.rows if row.member == "zebra")

    server = {"base_url": "http://127.0.0.1:1/v1"}
    assert sent(**server) < sent() < sent(**server, schema_mode="text")


def test_the_given_counter_counts_for_real_members_only(tmp_path: Path) -> None:
    def tenfold(text: str) -> int:
        return 10 * (len(text) // 4 + 1)

    real = [plan(settings(), pool(), count=each) for each in (lambda text: len(text) // 4 + 1, tenfold)]
    assert real[1].tokens.expected > 8 * real[0].tokens.expected
    made_up = load_pool(simulated_pool(tmp_path / "pool.yaml"))
    given = Settings.model_validate({"budget": {"calls": 3000}})
    simulated = [plan(given, made_up, count=each) for each in (len, tenfold)]
    assert simulated[0] == simulated[1]


# Against runs


def seen(given: Mapping[str, Any]) -> Settings:
    from adaem.domain.reading.yaml_records import load_settings

    return load_settings(None, {key.replace("__", "."): value for key, value in given.items()})


def foreseen(given: Settings, known: Path | None = None) -> Forecast:
    from adaem.records import open_run

    theory, members, prompts = load_framework(given.framework), load_pool(given.pool), load_prompts(given.prompts)
    earlier = None if known is None else read_pilot(open_run(known), theory, members, prompts)
    return forecast(given, theory, members, prompts, check_judge(given, members, theory).calls, pilot=earlier)


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Settings, list[Spending]]:
    folder = tmp_path_factory.mktemp("run")
    given: dict[str, Any] = {"pool": simulated_pool(folder / "pool.yaml"), "budget__calls": 1500}
    run, _ = grow(folder / "run", **given)
    with records_of(run) as records:
        return run.path, seen(SMALL | given), records.spending_by_purpose()


@pytest.mark.slow
def test_a_simulated_run_spends_what_was_forecast(small_run: tuple[Path, Settings, list[Spending]]) -> None:
    _, given, spent = small_run
    *_, total = compare(foreseen(given), spent)
    assert total.ratios[0] == pytest.approx(1, abs=0.1)
    assert total.ratios[1] == pytest.approx(1, abs=0.1)


@pytest.mark.slow
def test_every_purpose_of_a_run_was_forecast_and_each_is_about_right(
    small_run: tuple[Path, Settings, list[Spending]],
) -> None:
    _, given, spent = small_run
    rows = compare(foreseen(given), spent)
    assert [row.what for row in rows if row.what != "refine"] == [
        *("propose", "judge questions", "answers in search", "answers to confirm", "answers to evaluate"),
        *("judgements", "together"),
    ]
    # What the search leaves over may pay for one question more or less of the evaluation's six.
    tolerance = {"answers to evaluate": 0.3, "judge questions": 0.3, "propose": 0.3}
    for row in rows:
        for ratio in row.ratios[:2] if row.what != "refine" else ():
            assert ratio == pytest.approx(1, abs=tolerance.get(row.what, 0.15)), row


@pytest.mark.slow
def test_a_served_run_spends_what_a_pilot_run_foretells(tmp_path: Path) -> None:
    """Real members as far as the program can tell; what they write is known from a smaller run alone."""
    given: dict[str, Any] = {"samples__search": 2, "samples__confirm": 2, "questions": 3}
    with ServedPool() as served:
        given["pool"] = served.pool_file(tmp_path / "pool.yaml", price={"input": 1.0, "output": 4.0})
        first, _ = grow(tmp_path / "pilot", **given, budget__calls=300)
        second, _ = grow(tmp_path / "run", **given, budget__calls=600)
    found = foreseen(seen(SMALL | given | {"budget__calls": 600}), first.path)
    assert found.pilot == first.read_manifest().run_id
    with records_of(second) as records:
        *_, total = compare(found, records.spending_by_purpose())
    assert total.ratios[0] == pytest.approx(1, abs=0.1)
    assert total.ratios[1] == pytest.approx(1, abs=0.1)


@pytest.mark.slow
def test_a_pilot_knows_members_by_id_and_model(
    small_run: tuple[Path, Settings, list[Spending]], tmp_path: Path
) -> None:
    from adaem.records import open_run

    folder, given, _ = small_run
    theory, members, prompts = load_framework("schwartz"), load_pool(given.pool), load_prompts("default")
    known = read_pilot(open_run(folder), theory, members, prompts)
    assert ("judge", "judge") in known.by
    assert 0.8 < (known.answered or 0) < 1
    assert known.drafts == pytest.approx(1, abs=0.2)
    other = PoolSpec.model_validate(pool_data())
    with pytest.raises(InputError, match="tells nothing of the pool 'small'"):
        read_pilot(open_run(folder), theory, other, prompts)
    with pytest.raises(InputError, match="not the one that is planned with"):
        read_pilot(open_run(folder), framework(), members, prompts)


# Kept and shown


def test_a_forecast_is_kept_as_json() -> None:
    found = plan(settings(), pool(price={"input": 1, "output": 2}), pilot())
    assert Forecast.model_validate_json(found.model_dump_json()) == found


def spending(member: str, purpose: str, **changes: Any) -> Spending:
    fields = {"calls": 10, "requests": 10, "input_tokens": 1000, "output_tokens": 500, "tokens": 1500, "uncounted": 0}
    return Spending(member=member, prompt=purpose, **(fields | {"cost": 0.5, "unpriced": 0, "seconds": 1.0} | changes))


def test_spent_is_compared_by_purpose_and_what_was_not_foreseen_shows() -> None:
    found = plan(settings(), pool(price={"input": 10, "output": 20}), pilot())
    spent = [
        spending("zebra", "search", requests=44, input_tokens=4000, output_tokens=2000, uncounted=1000),
        spending("writer", "a new agent"),
    ]
    rows = {row.what: row for row in compare(found, spent)}
    search = rows["answers in search"]
    assert (search.forecast_calls, search.calls) == (40, 44)
    assert (search.forecast_tokens, search.tokens) == (40 * 150, 7000)
    assert search.ratios == pytest.approx((44 / 40, 7000 / 6000, 0.5 / 0.08))
    assert (rows["a new agent"].forecast_calls, rows["a new agent"].ratios) == (0, (None, None, None))
    assert (rows["judgements"].forecast_calls, rows["judgements"].calls) == (68, 0)
    assert list(rows)[-1] == "together"
    assert (rows["together"].forecast_calls, rows["together"].calls) == (158, 54)


def test_the_table_of_forecast_and_spent_fits_eighty_columns() -> None:
    found = plan(settings(), pool(price={"input": 10**6, "output": 10**6}), pilot())
    rows = compare(found, [spending("zebra", "search", requests=10**7, input_tokens=10**10, cost=98_765.43)])
    console = Console(width=80)
    with console.capture() as shown:
        console.print(spent_table(found, rows))
    lines = shown.get().splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in shown.get()
    assert "of the forecast" in shown.get()
