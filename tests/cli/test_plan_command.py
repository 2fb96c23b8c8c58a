"""``adaem plan``: what it prints, and that it asks nobody, needs no key and writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adaem.reports.terminal.forecast_table import count, duration, money
from growing import write_pool
from small_world import member_data

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)


def real_pool(path: Path, **common: Any) -> str:
    members = [
        member_data("zebra", "scout", "panel", key_variable="ZEBRA_KEY"),
        member_data("okapi", "scout", "panel"),
        member_data("writer", "author"),
        member_data("held", "examinee"),
        member_data("scale", "judge"),
    ]
    return write_pool(path, [{"base_url": "http://127.0.0.1:1/v1"} | common | each for each in members])


def test_the_default_run_is_forecast_and_called_simulated(adaem: Command) -> None:
    code, out, err = adaem("plan")
    assert (code, err) == (0, "")
    assert out.startswith("About ")
    assert "no cost" in out
    assert "All members are simulated" in out
    for step in ("propose", "judge questions", "search: answers", "confirm: judgements", "evaluate: answers"):
        assert step in out
    for member in ("amber", "tansy", "quill", "scale"):
        assert member in out
    assert max(map(len, out.splitlines())) <= 80
    assert list(Path().iterdir()) == []


def test_json_is_one_object_and_its_rows_add_up(adaem: Command) -> None:
    code, out, _ = adaem("plan", "--calls", 3000, "--questions", 8, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["calls"] == sum(row["calls"] for row in found["rows"]) <= 3000
    tokens = sum(row["input_tokens"] + row["output_tokens"] for row in found["rows"])
    assert found["tokens"]["expected"] == pytest.approx(tokens, rel=1e-3)
    assert (found["published"], found["ends_by"]) == (8, "calls")


def test_rounds_end_a_run_sooner(adaem: Command) -> None:
    found = json.loads(adaem("plan", "--rounds", 2, "--json")[1])
    assert (found["ends_by"], found["rounds"], found["questions"]) == ("rounds", 2, 24)


def test_real_members_need_no_key_and_their_missing_prices_are_said(adaem: Command, tmp_path: Path) -> None:
    pool = real_pool(tmp_path / "pool.yaml")
    code, out, err = adaem("plan", "--pool", pool, "--calls", 2000, "--questions", 5)
    assert (code, err) == (0, "")
    assert "cost unknown (no price for" in " ".join(out.split())
    assert (
        "(a guess: no model's speed was measured; --from takes it from a run, or from 'adaem doctor --json')"
        in " ".join(out.split())
    )
    assert "no price" in out
    assert "simulated" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_total_over_some_members_says_of_how_many(adaem: Command, tmp_path: Path) -> None:
    path = tmp_path / "pool.yaml"
    text = Path(real_pool(path)).read_text(encoding="utf-8")
    path.write_text(text.replace("id: zebra", "id: zebra\n  price: {input: 1, output: 4}"), encoding="utf-8")
    words = " ".join(adaem("plan", "--pool", path, "--calls", 2000, "--questions", 5)[1].split())
    assert "USD for 1 of 5 members (no price for" in words


def test_the_currency_is_the_pools(adaem: Command, tmp_path: Path) -> None:
    path = tmp_path / "pool.yaml"
    real_pool(path, price={"input": 1, "output": 4})
    path.write_text(f"currency: EUR\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    code, out, _ = adaem("plan", "--pool", path, "--calls", 2000, "--questions", 5)
    assert code == 0
    assert "EUR" in out.splitlines()[0] + out.splitlines()[1]
    assert "USD" not in out


def test_wrong_input_is_one_line(adaem: Command, tmp_path: Path) -> None:
    pool = real_pool(tmp_path / "pool.yaml")
    checkup = tmp_path / "doctor.json"
    checkup.write_text('{"verdict": "ok", "simulated": false, "requests": 0, "checks": []}', encoding="utf-8")
    for arguments, problem in (
        (("--calls", 10), "too small for this pool"),
        (("--pool", "nowhere.yaml"), "no such file"),
        (("-s", "budget.mony=5"), "unknown key"),
        (("--pool", pool, "-s", "budget.money=5"), "give it a price in the pool file"),
        (("-s", "budget.tokens=9000"), "too small for this pool"),
        (("--from", tmp_path), "is not a run"),
        (("--from", pool), "is neither a run nor what 'adaem doctor --json' prints"),
        (("--pool", pool, "--from", checkup), "no model replied when the doctor asked"),
    ):
        code, out, err = adaem("plan", *arguments)
        assert (code, out) == (2, "")
        assert problem in err
        assert len(err.splitlines()) == 1


def test_numbers_are_short_and_keep_what_matters() -> None:
    assert [count(n) for n in (0, 999, 9_999, 9_999.6, 1_234_567, 12_345_678, 1_234_567_890)] == [
        *("0", "999", "9,999", "10 k", "1,235 k", "12.3 M", "1,235 M"),
    ]
    assert [money(n) for n in (0, 0.00123, 0.0999, 0.5, 1, 1234.5)] == [
        *("0.00", "0.0012", "0.100", "0.500", "1.00", "1,234.50"),
    ]
    assert [duration(n) for n in (0, 89, 90, 5_399, 12_240)] == ["0 s", "89 s", "2 min", "90 min", "3.4 h"]
