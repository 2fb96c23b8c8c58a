"""``adaem framework`` as its user meets it; a newcomer's whole way is in test_docs_frameworks.py."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from adaem.domain.framework_draft import draft_framework
from adaem.domain.reading.yaml_records import load_framework, package_folder, shipped_frameworks
from places import ROOT

Command = Callable[..., tuple[int, str, str]]
MAIN = ROOT / "main.py"


@pytest.fixture
def template(adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new framework in an empty folder, as the command writes it."""
    monkeypatch.chdir(tmp_path)
    code, out, err = adaem("framework", "new", "guild.yaml")
    assert (code, err) == (0, "")
    assert "adaem framework check guild.yaml --calibrate" in out
    return (tmp_path / "guild.yaml").read_text(encoding="utf-8")


def test_list_names_every_theory(adaem: Command) -> None:
    code, out, err = adaem("framework", "list")
    assert (code, err) == (0, "")
    assert all(name in out for name in shipped_frameworks())
    assert max(map(len, out.splitlines())) <= 80
    found = json.loads(adaem("framework", "list", "--json")[1])["frameworks"]
    assert [(row["name"], len(row["values"]), row["opposites"], row["circle"], row["topics"]) for row in found] == [
        ("house-rules", 5, True, False, 42),
        ("moral-foundations", 6, False, False, 117),
        ("schwartz", 10, True, True, 117),
        ("schwartz-refined", 19, True, True, 117),
    ]


def test_show_tells_all_and_says_what_a_theory_does_not_have(adaem: Command) -> None:
    code, out, _ = adaem("framework", "show", "moral-foundations")
    assert code == 0
    assert out.count("Opposites: none.") == 6
    assert "Circle: none: the theory names none" in out
    assert "10.1037/pspp0000470" in out
    assert max(map(len, out.splitlines())) <= 80
    code, out, _ = adaem("framework", "show", "schwartz-refined", "--json")
    assert len(json.loads(out)["values"]) == 19


def test_hostile_text_in_a_framework_stays_text(adaem: Command, template: str, tmp_path: Path) -> None:
    hostile = template.replace('name: "Play"', 'name: "[red]P\\e[31mlay"')
    (tmp_path / "guild.yaml").write_text(hostile, encoding="utf-8")
    code, out, _ = adaem("framework", "show", "guild.yaml")
    assert code == 0
    assert "\x1b" not in out
    assert "[red]P" in out


def test_new_writes_what_is_valid_as_it_stands(adaem: Command, template: str) -> None:
    theory = load_framework("guild.yaml")
    assert theory.id == "guild"
    assert len(theory.values) == 4
    assert theory.topics == load_framework("schwartz").topics
    assert template.count("#") >= 10
    code, out, err = adaem("framework", "check", "guild.yaml", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["verdict"] == "ok"


def test_the_commented_lines_of_the_template_are_valid_too(template: str, tmp_path: Path) -> None:
    text = template.replace("topics: schwartz\n", "", 1) if template.startswith("topics") else template
    text = text.replace("\ntopics: schwartz\n", "\n").replace("# topics:\n", "topics:\n")
    text = text.replace("#   - {id: work", "  - {id: work").replace("# groups:\n", "groups:\n")
    text = text.replace("#   - {id: inner", "  - {id: inner").replace("      # then in a value:  group: inner", "")
    text = text.replace("# circle: [", "circle: [").replace("- id: play\n", "- id: play\n    group: inner\n")
    (tmp_path / "whole.yaml").write_text(text, encoding="utf-8")
    theory = load_framework(str(tmp_path / "whole.yaml"))
    assert (len(theory.topics), len(theory.groups), len(theory.circle)) == (2, 1, 4)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("guild.yaml", "guild.yaml: exists already — choose another name"),
        ("none/x.yaml", "none/x.yaml: No such file or directory — check its folder"),
        ("x.txt", "x.txt: a framework's file ends in .yaml — call it x.yaml"),
    ],
)
def test_new_never_overwrites(adaem: Command, template: str, file: str, words: str) -> None:
    code, out, err = adaem("framework", "new", file)
    assert (code, out) == (2, "")
    assert words in err
    assert Path("guild.yaml").read_text(encoding="utf-8") == template


MANY = "\n".join(f"  - {{id: v{n}, name: v{n}, definition: d{n}, examples: [a{n}, b{n}]}}" for n in range(5_000))
HEAD = 'id: x\nname: x\nversion: "1"\nsources: [a]\ntopics: schwartz\n'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name: "Thrift"', 'name: "Thrift"\n    colour: red', "line 28, values.0.colour: unknown key — remove it"),
        (
            "opposites: [play]",
            "opposites: [ply]",
            "values.2.opposites: the opposite 'ply' of 'craft' is no other value; did you",
        ),
        (
            "- id: craft",
            "- id: 12",
            "line 64, values.2.id: YAML reads this as a number, 12, and not as text — put it in quotes",
        ),
        (
            "- id: craft",
            "- id: false",
            "line 64, values.2.id: YAML reads this as true or false, False, and not as text — put it in quotes",
        ),
        (
            'version: "1"',
            "version: 1.0",
            "line 8, version: YAML reads this as a number, 1.0, and not as text — put it in quotes",
        ),
        ("- id: play", "- id: craft", "line 81, values.3.id: the id 'craft' is a duplicate"),
        ('    name: "Play"\n', "", "line 81, values.3.name: this key is missing — add it"),
        ("id: play", "id: &a !!python/name:os.system", "line 81, column"),
        ("topics: schwartz", "topics: schwarz", "line 18, topics: no topics are called 'schwarz'"),
        ("topics: schwartz", "topics: guild.yaml", "line 18, topics: guild.yaml has no list of topics of its own"),
        ("topics: schwartz", "topics: none.yaml", "line 18, topics: none.yaml: no such file"),
    ],
)
def test_bad_input_is_one_line_with_file_and_place(
    adaem: Command, template: str, old: str, new: str, words: str
) -> None:
    assert old in template
    Path("guild.yaml").write_text(template.replace(old, new), encoding="utf-8")
    code, out, err = adaem("framework", "check", "guild.yaml")
    assert (code, out) == (2, "")
    assert err.startswith("adaem: guild.yaml, line ")
    assert words in err
    assert err.count("\n") == 1


def test_yaml_constructs_no_objects(adaem: Command, template: str, tmp_path: Path) -> None:
    text = template + 'extra: !!python/object/apply:os.mkdir ["made"]\n'
    Path("guild.yaml").write_text(text, encoding="utf-8")
    code, _, err = adaem("framework", "check", "guild.yaml")
    assert code == 2
    assert "it asks for an object, 'tag:yaml.org,2002:python/object/apply:os.mkdir'; only plain data is read" in err
    assert not (tmp_path / "made").exists()


@pytest.mark.slow
def test_thousands_of_values_are_refused_in_one_line(adaem: Command, tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    file.write_text(f"{HEAD}values:\n{MANY}\n", encoding="utf-8")
    code, _, err = adaem("framework", "check", file)
    assert (code, err) == (2, f"adaem: {file}, line 6, values: 5,000 values are too many: 100 at most\n")


def test_a_list_that_holds_itself_is_refused(adaem: Command, tmp_path: Path) -> None:
    file = tmp_path / "loop.yaml"
    file.write_text(f"{HEAD}values: &v [*v, *v]\n", encoding="utf-8")
    code, _, err = adaem("framework", "check", file)
    assert code == 2
    assert "line 6" in err


def test_a_problem_in_the_texts_ends_with_one(adaem: Command, template: str) -> None:
    Path("guild.yaml").write_text(template.replace("    opposites: [craft]\n", ""), encoding="utf-8")
    code, out, err = adaem("framework", "check", "guild.yaml")
    assert (code, err) == (1, "")
    assert "craft names play, which does not name it in turn" in " ".join(out.split())
    assert "✗ problem" in out
    assert max(map(len, out.splitlines())) <= 80


def test_the_template_is_no_framework_of_its_own() -> None:
    assert "template" not in shipped_frameworks()
    assert (package_folder("frameworks") / "template.txt").exists()


CODE = """Our code

- Candour: say what is true, also when it is unwelcome.
- Tact: spare people's feelings.
* Thrift: waste nothing.
"""


def test_a_code_of_conduct_is_a_framework_in_one_step(
    adaem: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("code.txt").write_text(CODE, encoding="utf-8")
    assert adaem("framework", "new", "code.yaml", "--from", "code.txt")[::2] == (0, "")
    theory = load_framework("code.yaml")
    assert [(value.id, value.name) for value in theory.values] == [
        ("candour", "Candour"),
        ("tact", "Tact"),
        ("thrift", "Thrift"),
    ]
    assert (theory.id, theory.name) == ("code", "Our code")
    assert len(theory.topics) == 27
    code, out, _ = adaem("framework", "check", "code.yaml")
    assert code == 0
    assert "made of pairs of its values" in out
    # Simulated members have nothing to say without examples, and it is said before anything is made.
    for given in (("plan",), ("run", "--out", "r"), ("framework", "check", "code.yaml", "--calibrate")):
        more = () if given[0] == "framework" else ("--framework", "code.yaml")
        code, out, err = adaem(*given, *more)
        assert (code, out, err.count("\n")) == (2, "", 1), err
        assert "'candour' and 2 more with fewer than 2 examples, and simulated models speak" in err
    assert not Path("r").exists()
    Path("real.yaml").write_text(
        "members:\n"
        "  - {id: one, model: openai:one, base_url: http://127.0.0.1:9, roles: [scout, panel, judge]}\n"
        "  - {id: two, model: openai:two, base_url: http://127.0.0.1:9, roles: [scout, panel]}\n",
        encoding="utf-8",
    )
    code, _, err = adaem("plan", "--framework", "code.yaml", "--pool", "real.yaml")
    assert code == 0, err
    code, _, err = adaem("plan", "--framework", "code.yaml", "--pool", "real.yaml", "-s", "agents.judge=zero_shot")
    assert (code, "the judge zero_shot compares texts with them" in err) == (2, True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds 0 principles"),
        (b"Be good.", "holds 1 principles"),
        (b"\x00\xff", "is not UTF-8 text"),
        (b"- a b: c\n" * 101, "holds 101 principles, 100 at most"),
        (b"- One: " + b"x" * 2001 + b"\n- Two: y\n", "its principle 1 (One) has 2,001 characters"),
    ],
)
def test_a_text_without_principles_is_one_line(adaem: Command, tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "code.txt").write_bytes(content)
    code, out, err = adaem("framework", "new", tmp_path / "code.yaml", "--from", tmp_path / "code.txt")
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert told in err
    assert not (tmp_path / "code.yaml").exists()


@pytest.mark.skipif(os.name == "nt", reason="no such names on Windows")
@pytest.mark.parametrize("sign", ["\r", "\n", "\x85", "\u2028", "\x1b"])
def test_the_name_of_a_text_stays_in_its_comment(tmp_path: Path, sign: str) -> None:
    text = tmp_path / f"code{sign}id: other.txt"
    text.write_text("Candour: true.\nTact: gentle.\n", encoding="utf-8")
    drafted = draft_framework(text, "code")
    assert yaml.safe_load(drafted)["id"] == "code"
    assert drafted.splitlines()[1].startswith('# "topics: pairs"')


def test_sets_of_topics_are_listed_and_taken(adaem: Command, tmp_path: Path) -> None:
    code, out, _ = adaem("framework", "topics", "list")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    rows = {
        row["name"]: row["topics"] for row in json.loads(adaem("framework", "topics", "list", "--json")[1])["topics"]
    }
    assert rows == {"contested": 634, "house-rules": 42, "schwartz": 117}
    code, _, err = adaem("plan", "-s", "topics=nonsense")
    assert (code, "no topics are called 'nonsense' — choose one of contested" in err) == (2, True)
    (tmp_path / "q.jsonl").write_text('{"question": "Is it right?"}\n', encoding="utf-8")
    code, _, err = adaem("plan", "-s", "topics=pairs", "-s", f"bank={tmp_path / 'q.jsonl'}")
    assert (code, "topics and bank are both set" in err) == (2, True)
