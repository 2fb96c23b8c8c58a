"""``adaem settings`` and ``adaem init``: every setting with its origin, and a project that runs as it was written."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from adaem.domain.errors import InputError
from adaem.domain.reading.yaml_records import load_framework, load_pool, load_settings
from adaem.domain.settings import Settings
from adaem.domain.settings_sources import resolved_settings
from adaem.prompts.sets import load_set

Command = Callable[..., tuple[int, str, str]]

FILE = """\
# mine
questions: 7
search:
  policy: ucb

  beta: 0.5
"""


def test_each_setting_says_where_it_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(FILE, encoding="utf-8")
    overrides = {"search.beta": 0.25, "seed": 3}
    found = {each.key: each for each in resolved_settings(file, overrides)}
    settings = load_settings(file, overrides)
    assert (found["questions"].value, found["questions"].source) == (7, f"{file} line 2")
    assert (found["search.policy"].value, found["search.policy"].source) == ("ucb", f"{file} line 4")
    assert (found["search.beta"].value, found["search.beta"].source) == (0.25, "command line")
    assert (found["seed"].value, found["seed"].source) == (3, "command line")
    assert (found["budget.calls"].value, found["budget.calls"].source) == (20_000, "default")
    # Nothing is left out, and nothing is another value than a run would take.
    data = settings.model_dump(mode="json")
    for key, each in found.items():
        value = data
        for part in key.split("."):
            value = value[part]
        assert each.value == value
    assert len(found) == sum(len(value) if isinstance(value, dict) else 1 for value in data.values())


def test_settings_that_ship_go_by_name_unless_a_file_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = load_settings(Path("paper"), {"seed": 3})
    assert (shipped.agents.critic, shipped.search.policy, shipped.seed) == ("paper", "paper", 3)
    found = {each.key: each for each in resolved_settings(Path("paper"), {})}
    assert found["search.policy"].source.startswith("paper line ")
    with pytest.raises(InputError, match=r"paper\.yaml: no such file"):
        load_settings(Path("paper.yaml"), {})
    with pytest.raises(
        InputError, match=r"no settings file is called 'papers' — choose one of paper, or name a .yaml file"
    ):
        load_settings(Path("papers"), {})
    (tmp_path / "paper").write_text("seed: 8\n", encoding="utf-8")
    assert load_settings(Path("paper"), {}) == Settings(seed=8)


def test_they_are_shown_as_a_table_and_as_json(adaem: Command, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(FILE, encoding="utf-8")
    code, shown, told = adaem("settings", "show", file, "-s", "seed=3")
    assert (code, told) == (0, "")
    assert max(map(len, shown.splitlines())) <= 80
    lines = [line.rstrip() for line in shown.splitlines()]
    (number,) = [number for number, line in enumerate(lines) if line.startswith("seed")]
    assert lines[number].split() == ["seed", "3", "command", "line"]
    assert lines[number + 1] == "    decides every random choice, from 0"
    code, shown, _ = adaem("settings", "show", "--json")
    rows = json.loads(shown)["settings"]
    assert {row["source"] for row in rows} == {"default"}
    assert all(row["meaning"] for row in rows)


def test_the_schema_knows_every_setting(adaem: Command) -> None:
    code, shown, told = adaem("settings", "schema")
    assert (code, told) == (0, "")
    schema = json.loads(shown)
    assert set(schema["properties"]) == set(Settings.model_fields)
    assert schema["additionalProperties"] is False
    for record in (schema, *schema["$defs"].values()):
        assert [name for name, field in record["properties"].items() if not field.get("description")] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("questoins: 3\n", "line 1, questoins: unknown key — did you mean questions?"),
        ("search:\n  policy: ucb\n  bta: 1\n", "line 3, search.bta: unknown key — did you mean beta?"),
        ("zzz: 1\n", "unknown key — remove it or check its spelling"),
        ("questions: 0\n", "line 1, questions"),
        ("budget:\n  calls: 6.000\n", "line 2, budget.calls: Input should be a valid integer (found 6.0)"),
        ("seed: 1\nsearch.policy: ucb\n", "line 2, search.policy: a dotted key is for -s; write 'search:' and, in"),
    ],
)
def test_a_wrong_key_is_one_line_with_the_nearest_names(
    adaem: Command, tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text, encoding="utf-8")
    code, shown, told = adaem("settings", "show", file)
    assert (code, shown) == (2, "")
    assert message in told
    assert told.count("\n") == 1


def test_the_next_command_can_be_pasted_as_it_is(adaem: Command, tmp_path: Path) -> None:
    code, shown, _ = adaem("init", tmp_path / "mein Projekt ü")
    assert code == 0
    command = shown.rpartition("Next: ")[2]
    assert shlex.split(command) == ["adaem", "run", str(tmp_path / "mein Projekt ü" / "settings.yaml")]


@pytest.mark.slow
def test_a_new_project_holds_together_and_runs(adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, shown, told = adaem("init", tmp_path / "mine")
    assert (code, told) == (0, "")
    monkeypatch.chdir(tmp_path / "mine")
    names = {path.relative_to(Path.cwd()).as_posix() for path in Path.cwd().rglob("*") if path.is_file()}
    assert names == {"settings.yaml", "settings.schema.json", "framework.yaml", "pool.yaml", "prompts/set.yaml"}
    assert all(name in shown for name in names)
    assert f"Next: adaem run {tmp_path / 'mine' / 'settings.yaml'}\n" in shown
    settings = load_settings(Path("settings.yaml"), {})
    assert load_framework(settings.framework).id == "my-theory"
    assert load_pool(settings.pool).simulated
    assert load_set(settings.prompts).inherits == ("default",)
    assert json.loads(Path("settings.schema.json").read_text(encoding="utf-8")) == Settings.model_json_schema()
    # What it names besides are defaults, so that nobody takes over a number without being told.
    named = yaml.safe_load(Path("settings.yaml").read_text(encoding="utf-8"))
    assert named.pop("samples") == Settings().samples.model_dump()
    assert set(named) == {"framework", "pool", "prompts", "questions", "seed", "budget"}
    small = ["-s", "budget.calls=900", "-s", "questions=3", "-s", "search.permutations=99"]
    monkeypatch.chdir(tmp_path)
    code, shown, told = adaem("run", "mine/settings.yaml", *small, "--out", "runs/first")
    assert code == 0, told
    assert "SIMULATED RESPONDENTS" in shown


@pytest.mark.parametrize("there", ["file", "folder"])
def test_nothing_is_written_over(adaem: Command, tmp_path: Path, there: str) -> None:
    place = tmp_path / "mine"
    if there == "file":
        place.write_text("old", encoding="utf-8")
    else:
        place.mkdir()
        (place / "old").touch()
    code, _, told = adaem("init", place)
    assert code == 2
    assert "is not empty — name a new folder" in told
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["mine", *(["old"] if there == "folder" else [])]


def test_an_empty_folder_will_do(adaem: Command, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert adaem("init", tmp_path / "mine")[0] == 0
    assert (tmp_path / "mine" / "settings.yaml").exists()


def test_a_name_that_no_file_can_have_is_read_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text(f"pool: {'x' * 3000}\n", encoding="utf-8")
    assert load_settings(tmp_path / "settings.yaml", {}).pool == "x" * 3000
