"""Sets that inherit, ``adaem prompts``, and a run whose questions are asked for in German."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from adaem.domain.errors import InputError
from adaem.domain.reading.yaml_records import package_folder
from adaem.domain.texts.fence import read_fences
from adaem.prompts import PROMPT_FIELDS, load_prompts
from adaem.prompts.sets import load_set, shipped_sets

Command = Callable[..., tuple[int, str, str]]
DEFAULT = load_prompts("default").templates
SHORT = "# system\nAnswer.\n\n# user\n${fact}\n\n${question}\n\nJSON, please.\n"


def make(folder: Path, inherit: str = "default", **files: str) -> Path:
    folder.mkdir()
    (folder / "set.yaml").write_text(f"inherit: {inherit}\n", encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_set(str(folder))
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_a_set_has_its_own_files_and_inherits_the_rest(tmp_path: Path) -> None:
    found = load_set(str(make(tmp_path / "mine", answer=SHORT)))
    assert (found.own, found.inherits) == (("answer",), ("default",))
    assert found.prompts.templates["answer"].fingerprint == sha256(SHORT.encode()).hexdigest()
    assert {name: found.prompts.templates[name] for name in PROMPT_FIELDS if name != "answer"} == {
        name: each for name, each in DEFAULT.items() if name != "answer"
    }


def test_the_nearest_set_wins_over_those_below(tmp_path: Path) -> None:
    make(tmp_path / "base", answer=SHORT, repair="# user\nBase ${problem}\n")
    found = load_set(str(make(tmp_path / "top", "../base", repair="# user\nTop ${problem}\n")))
    assert found.inherits == ("../base", "default")
    assert found.prompts.templates["repair"].user == "Top ${problem}"
    assert found.prompts.templates["answer"].fingerprint == sha256(SHORT.encode()).hexdigest()


@pytest.mark.parametrize("length", [1, 2, 3])
def test_inheriting_in_a_circle(tmp_path: Path, length: int) -> None:
    names = [f"s{number}" for number in range(length)]
    for number, name in enumerate(names):
        make(tmp_path / name, f"../{names[(number + 1) % length]}", answer=SHORT)
    way = " → ".join((*names, names[0]))
    assert f"{names[-1]}/set.yaml, inherit: the set inherits in a circle: {way}" in refused(tmp_path / "s0")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("inherit: fancy", "set.yaml, inherit: no prompt set is called 'fancy' — choose one of default, german"),
        ("inherit: other", "set.yaml, inherit: no prompt set is called 'other' — a folder is named as it is reached"),
        ("inherit: ..", "no prompt has this name"),
        ("inherit: default\nlanguage: de", "set.yaml, line 2, language: unknown key"),
        ("{}", "set.yaml, line 1, inherit: this key is missing"),
        ("inherit: 12", "set.yaml, line 1, inherit: YAML reads this as a number, 12, and not as text"),
        ("inherit: !!python/name:os.system", "set.yaml, line 1, column 10: not valid YAML: it asks for an object"),
        ("inherit: [a", "set.yaml, line"),
    ],
)
def test_a_mistake_in_a_set_file(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "stray.md").write_text("# user\nx\n")
    (tmp_path / "other").mkdir()
    folder = make(tmp_path / "mine", answer=SHORT)
    (folder / "set.yaml").write_text(text, encoding="utf-8")
    assert words in refused(folder)


def test_a_placeholder_is_checked_where_it_stands(tmp_path: Path) -> None:
    make(tmp_path / "base", answer=SHORT.replace("${fact}\n", ""))
    top = make(tmp_path / "top", "../base")
    assert "base/answer.md: the placeholder ${fact} is not used" in refused(top)
    (top / "answer.md").write_text(SHORT.replace("${fact}", "${facts}"), encoding="utf-8")
    assert "top/answer.md, line 5: unknown placeholder '${facts}'" in refused(top)


def test_the_german_set_writes_german_and_judges_by_the_default() -> None:
    german = load_set("german")
    assert german.own == (
        *("explore", "answer", "refine", "prime", "new_topics", "paraphrase"),
        *("contrast", "proposals", "rewrites"),
    )
    for name in german.own:
        template = german.prompts.templates[name]
        assert template != DEFAULT[name]
        assert not {"the", "and", "your"} & set(f"{template.system} {template.user}".lower().split()), name
    rendered = german.prompts.render("answer", question="Q", fact="F")
    assert read_fences(rendered.user) == {"question": "Q", "fact": "F"}


def test_list_show_and_check(adaem: Command, tmp_path: Path) -> None:
    code, out, err = adaem("prompts", "list")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    assert json.loads(adaem("prompts", "list", "--json")[1])["sets"][1] == {
        "name": "german",
        "own": list(load_set("german").own),
        "inherits": ["default"],
    }
    assert list(shipped_sets()) == ["default", "german", "plain"]
    code, out, _ = adaem("prompts", "show", "german")
    assert code == 0
    assert out.count(" german ") == 9
    assert "${question}" in out
    code, out, _ = adaem("prompts", "show", "default", "answer")
    assert out == (package_folder("prompts") / "default" / "answer.md").read_text(encoding="utf-8")
    (row,) = json.loads(adaem("prompts", "show", "german", "judge", "--json")[1])["prompts"]
    assert (row["fingerprint"], row["placeholders"]) == (DEFAULT["judge"].fingerprint, ["texts", "values"])
    folder = make(tmp_path / "mine", answer=SHORT, repair=adaem("prompts", "show", "default", "repair")[1])
    code, out, _ = adaem("prompts", "check", folder)
    assert code == 0
    words = " ".join(out.split())
    assert "ok, 2 prompts of its own (answer, repair), 15 inherited from default" in words
    assert "Identical to the inherited prompts: repair" in words
    assert "answer.md says nothing of the fences (<<…>>): models may take what stands between them" in words
    found = json.loads(adaem("prompts", "check", folder, "--json")[1])
    assert (found["unchanged"], found["unguarded"]) == (["repair"], ["answer"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "default", "jury"), "no prompt is called 'jury' — choose one of explore, answer"),
        (("show", "fancy"), "no prompt set is called 'fancy' — choose one of default, german, plain, or name a folder"),
        (("check", "none"), "no prompt set is called 'none'"),
    ],
)
def test_what_does_not_exist(adaem: Command, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = adaem("prompts", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_check_of_a_spoilt_set(adaem: Command, tmp_path: Path) -> None:
    folder = make(tmp_path / "mine", answer=SHORT.replace("${question}", ""))
    code, out, err = adaem("prompts", "check", folder)
    assert (code, out) == (2, "")
    assert err == (
        f"adaem: {folder}/answer.md: the placeholder ${{question}} is not used — put it where the text belongs\n"
    )


def test_a_file_is_no_set_and_a_text_file_no_prompt(tmp_path: Path) -> None:
    folder = make(tmp_path / "mine")
    (folder / "answer.txt").write_text(SHORT, encoding="utf-8")
    assert refused(folder) == f"{folder}/answer.txt: is not read as a prompt — end it in .md"
    told = refused(folder / "answer.txt")
    assert told == f"{folder}/answer.txt: is a file, and a prompt set is a folder — name {folder}"


def test_a_text_from_a_stranger_cannot_steer_the_terminal(adaem: Command, tmp_path: Path) -> None:
    folder = make(tmp_path / "mine", answer=SHORT.replace("Answer.", "Answer \x1b[31mred."))
    code, out, _ = adaem("prompts", "show", folder, "answer")
    assert code == 0
    assert "\x1b" not in out


@pytest.mark.timeout(200)
def test_a_run_uses_the_set_and_writes_its_texts_down(adaem: Command, tmp_path: Path) -> None:
    out = tmp_path / "run"
    code, _, err = adaem("run", "--prompts", "german", "--calls", 800, "--questions", 3, "--out", out, "--json")
    assert code == 0, err
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    german = load_prompts("german").templates
    assert manifest["prompts"] == {
        name: {"fingerprint": each.fingerprint, "system": each.system, "user": each.user}
        for name, each in german.items()
    }
    assert (out / "questions.jsonl").read_text(encoding="utf-8").strip()
