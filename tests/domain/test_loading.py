"""YAML files: every defect is one line that names the file, the place and what to do; nothing in a file is run."""

from __future__ import annotations

from pathlib import Path

import pytest
from adaem.domain.errors import FileError, InputError
from adaem.domain.reading.yaml_records import (
    load_framework,
    load_pool,
    load_settings,
    parse_override,
    read_text,
    read_yaml,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "some.yaml"


def refused(path: Path, text: str) -> FileError:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_yaml(path)
    assert str(caught.value).startswith(str(path))
    assert len(str(caught.value).splitlines()) == 1
    return caught.value


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", "line 3, column 2", "not valid YAML"),
        ("a: 1\n b: 2\n", "line 2, column 3", "mapping values are not allowed"),
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1", "the key 'a' is a duplicate"),
        ("a:\n  b: 1\n  b: 2\n", "line 3, column 3", "the key 'b' is a duplicate"),
        ("- 1\n- 2\n", "", "not a mapping"),
        ("1: one\n", "", "not a mapping of names"),
        ("just words\n", "", "not a mapping"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1", "another document"),
        ("a: '\x07'\n", "", "#x0007"),
        ("a: !!timestamp 2026-13-45\n", "", "month"),
        ("a: *nowhere\n", "line 1, column 4", "undefined alias"),
        ("[" * 20_000, "", "not valid YAML"),
    ],
)
def test_defects_are_told_with_their_place(file: Path, text: str, place: str, problem: str) -> None:
    error = refused(file, text)
    assert error.place == place
    assert problem in error.problem


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['touch {made}']",
        "a: !!python/object/new:subprocess.Popen [['touch', '{made}']]",
        "a: !!python/name:os.system ''",
        "a: !!python/module:antigravity ''",
        '!!python/object/apply:builtins.exec [\'open("{made}", "w")\']',
        "a: !<tag:yaml.org,2002:python/tuple> [1]",
        "a: !!bool maybe",
        "a: !!timestamp x",
        "a: !!int ''",
        "a: !!map ab",
    ],
)
def test_tags_construct_nothing(file: Path, tmp_path: Path, text: str) -> None:
    made = tmp_path / "made"
    assert "not valid YAML" in refused(file, text.format(made=made)).problem
    assert not made.exists()


def test_an_empty_file_is_an_empty_mapping_and_a_byte_order_mark_is_no_text(file: Path) -> None:
    file.write_text("# nothing yet\n")
    assert read_yaml(file) == {}
    file.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert (read_yaml(file), read_text(file)) == ({"a": 1}, "a: 1\n")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"name: caf\xe9\n")
    for path, problem in ((tmp_path / "none.yaml", "no such file"), (tmp_path, "is a folder"), (latin, "not UTF-8")):
        with pytest.raises(FileError, match=problem) as caught:
            read_yaml(path)
        assert caught.value.path == path
    assert caught.value.place == "byte 9"


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("serch: {}\n", "serch", "unknown key"),
        ("search: {polcy: ucb}\n", "search.polcy", "unknown key"),
        ("search:\n", "search", "has no value — write a value, or remove the key"),
        ("search: fast\n", "search", r"is not a group of 'name: value' lines \(found 'fast'\)"),
        ("budget: {calls: many}\n", "budget.calls", "found 'many'"),
        ("questions: 1.5\n", "questions", "found 1.5"),
        ("framework: ''\n", "framework", "is empty — write it"),
        ('framework: "\\ud800"\n', "framework", "valid string"),
        ('"\\e[31mred\\n": 1\n', "[31mred", "unknown key"),
        ('memory: ["\\e[31m"]\n', "memory", "is not text"),
        ("budget: {call: 5}\nsamples: {}\n", "budget.call", r"unknown key — did you mean calls\?"),
    ],
)
def test_settings_files_are_told_the_dotted_place(file: Path, text: str, place: str, problem: str) -> None:
    file.write_text(text)
    with pytest.raises(FileError, match=problem) as caught:
        load_settings(file, {})
    assert (caught.value.path, caught.value.place) == (file, f"line 1, {place}")
    assert str(caught.value).isprintable()


def test_how_many_more_defects_there_are_is_said(file: Path) -> None:
    file.write_text("questions: 0\nseed: -1\nmemroy: x\n")
    with pytest.raises(FileError, match=r"memroy: unknown key — did you mean memory\? \(2 more like it\)"):
        load_settings(file, {})


def test_paths_in_a_settings_file_are_meant_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    (project / "words").mkdir(parents=True)
    (project / "german").mkdir()
    (project / "settings.yaml").write_text(
        "framework: theory.yaml\npool: simulated\nprompts: words\nmemory: shared\nbank: ../bank.jsonl\n"
        "judge: {file: judge.npz, accuracy: /elsewhere/rates.json}\n"
    )
    monkeypatch.chdir(tmp_path)
    settings = load_settings(Path("project/settings.yaml"), {"prompts": "mine", "search.policy": "ucb"})
    assert (settings.framework, settings.pool) == ("project/theory.yaml", "simulated")
    assert settings.prompts == "mine", "a path on the command line is meant from where one stands"
    assert (settings.memory, settings.bank) == ("project/shared", "project/../bank.jsonl")
    assert (settings.judge.file, settings.judge.accuracy) == ("project/judge.npz", "/elsewhere/rates.json")
    monkeypatch.chdir(project)
    assert load_settings(Path("settings.yaml"), {}).framework == "theory.yaml"
    for text, name in (
        ("prompts: german", "german"),
        ("prompts: nosuch", "nosuch"),
        ("memory: http://h:1", "http://h:1"),
    ):
        Path("settings.yaml").write_text(text)
        found = load_settings(project / "settings.yaml", {})
        assert name in (found.prompts, found.memory), "a shipped name, an unknown one, or an address is no path"


def test_overrides_lie_on_top_of_the_file(file: Path) -> None:
    file.write_text("questions: 10\nsearch: {policy: ucb, topic_cap: 2}\n")
    settings = load_settings(file, {"questions": 20, "search.policy": "thompson", "budget.rounds": 3})
    assert (settings.questions, settings.budget.rounds) == (20, 3)
    assert (settings.search.policy, settings.search.topic_cap) == ("thompson", 2)
    assert load_settings(file, {}).questions == 10
    assert load_settings(None, {}).questions == 50


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [("seed", -1, "seed"), ("search.polcy", "x", "search.polcy"), ("a.b.c", 1, "a"), ("search", 3, "search")],
)
def test_a_wrong_override_names_the_command_line(key: str, value: object, place: str) -> None:
    with pytest.raises(FileError) as caught:
        load_settings(None, {key: value})
    assert str(caught.value).startswith(f"command line, {place}")


def test_an_override_below_a_plain_value_is_refused(file: Path) -> None:
    file.write_text("questions: 10\n")
    with pytest.raises(InputError, match="'questions' holds a value, not a group"):
        load_settings(file, {"questions.most": 3})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("search.policy=ucb", ("search.policy", "ucb")),
        ("seed=3", ("seed", 3)),
        ("budget.confirm_share=0.5", ("budget.confirm_share", 0.5)),
        ("budget.rounds=null", ("budget.rounds", None)),
        ("memory=a=b", ("memory", "a=b")),
        (" seed = 3", ("seed", 3)),
        ("memory=@x", ("memory", "@x")),
        ("memory=2026-13-45", ("memory", "2026-13-45")),
        ("memory=!!bool x", ("memory", "!!bool x")),
        ("memory=!!python/object/apply:os.abort []", ("memory", "!!python/object/apply:os.abort []")),
    ],
)
def test_overrides_are_read_as_yaml_reads_a_scalar(text: str, expected: tuple[str, object]) -> None:
    assert parse_override(text) == expected


@pytest.mark.parametrize("text", ["seed", "=3", " =3", ""])
def test_an_override_without_key_or_value_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not of the form key=value"):
        parse_override(text)


def test_shipped_names_and_paths() -> None:
    assert load_framework("schwartz").id == "schwartz"
    assert load_pool("simulated").simulated
    with pytest.raises(InputError, match=r"no framework is called 'schwarz' — choose one of .*schwartz, "):
        load_framework("schwarz")
    with pytest.raises(InputError, match=r"no pool is called"):
        load_pool("nosuch")
    with pytest.raises(FileError, match="no such file"):
        load_pool("folder/pool")


def test_a_file_of_another_kind_is_told_by_its_kind(tmp_path: Path) -> None:
    theory, pool = tmp_path / "theory.yaml", tmp_path / "pool.yaml"
    theory.write_text("id: mine\nvalues: []\n")
    pool.write_text("members: []\n")
    for load, path, words in (
        (load_framework, pool, "is a pool, not a value theory — name it with --pool"),
        (load_pool, theory, "is a value theory, not a pool — name it with --framework"),
        (lambda name: load_settings(Path(name), {}), pool, "is a pool, not a settings file — name it with --pool"),
    ):
        with pytest.raises(FileError, match=words):
            load(str(path))
