"""Topics from files: turned, counted, each once; odd and hostile files are one line."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from adaem.domain.errors import FileError, InputError
from adaem.domain.reading.topic_file import topics_as_yaml
from adaem.domain.reading.yaml_records import load_framework, load_pool
from adaem.jobs.topic_import import ImportedTopics, import_topics
from adaem.memory.embedders.hashing_embedder import HashingEmbedder
from small_world import HOSTILE

Command = Callable[..., tuple[int, str, str]]

TABLE = """Conclusion,Category,region
We should ban human cloning in all countries of the whole wide world,science,
Should we ban  HUMAN cloning in all countries of the whole wide world?,science,
Should we ban human cloning in all the countries of the whole wide world?,science,
The church should not be taxed.,law,Norway
I like to be rich,items,
Why do people vote?,politics,
,empty,
"""


def made(file: Path, **given: Any) -> ImportedTopics:
    return asyncio.run(import_topics(file, HashingEmbedder(), **given))


def test_every_text_is_a_topic_a_duplicate_or_has_a_reason(tmp_path: Path) -> None:
    (tmp_path / "args.csv").write_text(TABLE, encoding="utf-8")
    result = made(tmp_path / "args.csv")
    assert [(topic.text, topic.area, topic.region) for topic in result.topics] == [
        ("Should we ban human cloning in all countries of the whole wide world?", "science", None),
        ("Should the church be taxed?", "law", "Norway"),
    ]
    assert (result.read, result.turned, result.duplicates, result.alike) == (7, 2, 1, 1)
    assert sum(result.unfit.values()) == 3
    assert result.read == len(result.topics) + result.duplicates + result.alike + sum(result.unfit.values())
    written = tmp_path / "topics.yaml"
    written.write_text(topics_as_yaml(result.topics, tmp_path / "args.csv"), encoding="utf-8")
    assert load_framework("house-rules", str(written)).topics == result.topics
    own = tmp_path / "own.yaml"
    theory = yaml.safe_load(load_framework("house-rules").model_dump_json())
    own.write_text(yaml.safe_dump({**theory, "topics": "topics.yaml"}), encoding="utf-8")
    assert load_framework(str(own)).topics == result.topics


def test_lists_and_json_lines_give_the_same_topics(tmp_path: Path) -> None:
    texts = ["Should towns ban cars?", "May a museum keep its loot?"]
    (tmp_path / "a.txt").write_text(f"# A list\n\n- {texts[0]}\n2. {texts[1]}", encoding="utf-8")
    rows = "\n".join(json.dumps({"question": text, "date": "2026-03-01", "shelf_life_days": 90}) for text in texts)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    lines, table = made(tmp_path / "a.txt"), made(tmp_path / "b.jsonl.gz")
    assert [topic.text for topic in lines.topics] == texts
    assert [topic.id for topic in lines.topics] == [topic.id for topic in table.topics]
    assert (table.topics[0].shelf_life_days, str(table.topics[0].date), table.turned) == (90, "2026-03-01", 0)


def test_authors_turn_what_is_no_question(tmp_path: Path) -> None:
    (tmp_path / "items.txt").write_text("I like to be rich\nShould towns ban cars?\nTo share\n", encoding="utf-8")
    result = made(tmp_path / "items.txt", pool=load_pool("simulated"))
    assert (result.asked, result.turned, result.simulated) == (1, 1, True)
    assert len(result.topics) == 2
    assert "rich" in result.topics[0].text


def test_authors_are_asked_so_often_and_only_where_the_file_can_be_written(tmp_path: Path, adaem: Command) -> None:
    items = tmp_path / "items.txt"
    items.write_text("I like to be rich\nI like to help others\nI like to be safe\n", encoding="utf-8")
    code, out, _ = adaem(
        *("framework", "topics", "import", items, "--out", tmp_path / "t.yaml"),
        *("--pool", "simulated", "--calls", "2", "--json"),
    )
    told = json.loads(out)
    assert (code, told["asked"], told["topics"]) == (0, 2, 2)
    assert told["unfit"] == {"would take more than the 2 calls that --calls allows": 1}
    code, _, line = adaem("framework", "topics", "import", items, "--out", tmp_path / "no" / "t.yaml", "--pool", "none")
    assert (code, "its folder does not exist" in line) == (2, True)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", b"%PDF-1.4", "is not a list of texts"),
        ("a.txt", b"", "holds no text"),
        ("a.txt", b"\xff\xfe\x00a", "is not UTF-8 text"),
        ("a.csv", b"name,age\nx,1\n", "has none of the columns topic, question"),
        ("a.csv", b'topic,area\n"x', "is not CSV"),
        ("a.jsonl", b'{"topic": 3}\n', "'topic' is not text"),
        ("a.jsonl", b"[1]\n", "is not a JSON object"),
        ("a.jsonl", b'{"topic": "Is it right?", "shelf_life_days": 3}\n', "a shelf life counts from a date"),
        ("a.txt", b"I like to be rich\n", "none of its 1 texts becomes a topic: 1 speak in the first person"),
    ],
)
def test_odd_files_are_one_line(adaem: Command, tmp_path: Path, name: str, content: bytes, told: str) -> None:
    (tmp_path / name).write_bytes(content)
    out = tmp_path / "topics.yaml"
    code, shown, err = adaem("framework", "topics", "import", tmp_path / name, "--out", out)
    assert (code, shown, err.count("\n")) == (2, "", 1), err
    assert told in err
    assert not out.exists()


def test_hostile_texts_stay_data(tmp_path: Path) -> None:
    rows = [{"topic": f"Is this right: {text}?", "area": text} for text in HOSTILE.values()]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    try:
        result = made(tmp_path / "a.jsonl")
    except InputError:
        return  # a text that no topic may have is refused with its line
    (tmp_path / "t.yaml").write_text(topics_as_yaml(result.topics, tmp_path / "a.jsonl"), encoding="utf-8")
    assert load_framework("schwartz", str(tmp_path / "t.yaml")).topics == result.topics


def test_the_command_says_what_became_of_the_texts(adaem: Command, tmp_path: Path) -> None:
    (tmp_path / "args.csv").write_text(TABLE, encoding="utf-8")
    given = ("framework", "topics", "import", tmp_path / "args.csv", "--out")
    code, out, err = adaem(*given, tmp_path / "a.yaml")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == [
        "7 texts read",
        "2 topics, of which 2 were turned into yes/no questions by rule",
    ]
    counts = json.loads(adaem(*given, tmp_path / "b.yaml", "--json")[1])
    assert (counts["topics"], counts["duplicates"], counts["alike"]) == (2, 1, 1)
    code, _, err = adaem(*given, tmp_path / "a.yaml")
    assert (code, "exists already" in err) == (2, True)
    with pytest.raises(FileError, match="no such file"):
        made(tmp_path / "nowhere.txt")
