"""Topics from a file of anybody's texts: read, made yes/no questions, and each asked for once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from ..domain.errors import FileError
from ..domain.framework import SeedTopic, TopicSet
from ..domain.pool_spec import Member, PoolSpec, Role
from ..domain.reading.files import read_text
from ..domain.reading.yaml_records import load_framework, validate
from ..domain.reply_types import ParaphraseReply
from ..domain.settings import Novelty
from ..domain.texts.principles import without_list_mark
from ..domain.texts.safe_text import one_line
from ..domain.texts.yes_no import CLEAR_QUESTION_MARKS, LONGEST_TOPIC, QuestionRules, Unfit
from ..memory.embedders.embedder import Embedder
from ..memory.equality import normalised
from ..memory.in_memory import InMemory
from ..memory.items import Remembered
from ..memory.novelty import NoveltyGate
from ..pool.budget.ledger import Ledger
from ..pool.endpoints.chat_models import close_models, make_models
from ..pool.member_pool import Pool
from ..pool.sending.call_store import Unrecorded
from ..prompts import load_prompts
from ..records.formats.table_rows import read_bytes, read_rows

COLUMNS = ("topic", "question", "text", "statement", "argument", "conclusion", "item", "premise")
"""Where a topic stands, in this order, unless a column is named; capitals do not count."""

COPIED = ("area", "region", "date", "shelf_life_days")
"""Columns that a topic takes over; ``category`` is an area, too."""

_TABLES = (".csv", ".jsonl", ".csv.gz", ".jsonl.gz")
_MOST_TEXTS = 50_000
LARGEST_LIST = 50_000_000
"""Bytes of a file of texts."""

_PROMPT = "as_question"


@dataclass(frozen=True)
class GivenText:
    """One text of the file at ``place``, with what else its row says of a topic."""

    place: str
    text: str
    fields: Mapping[str, object]


@dataclass(frozen=True)
class ImportedTopics:
    """What became of a file's texts: every text is a topic, a duplicate, or unfit.

    ``turned`` of the topics were no yes/no question before; ``asked`` calls of an author were made for it.
    """

    topics: tuple[SeedTopic, ...]
    read: int
    turned: int
    asked: int
    duplicates: int
    alike: int
    unfit: Mapping[str, int]
    embedder: str
    simulated: bool = False


async def import_topics(
    source: Path,
    embedder: Embedder,
    *,
    column: str | None = None,
    pool: PoolSpec | None = None,
    calls: int | None = None,
    seed: int = 0,
) -> ImportedTopics:
    """The file's topics, in its order. With ``pool`` its authors turn what is not a yes/no question; else rules do.

    Authors are asked ``calls`` times at most, repairs and retries included; texts left over by that are unfit.
    Raises ``FileError`` for a file that cannot be read, or holds no text that becomes a topic.
    """
    given = list(_read(source, column))
    if not given:
        raise FileError(source, "holds no text", remedy="write one a line, or name a column with --column")
    rules = QuestionRules(each.text for each in given)
    results: list[str | Unfit] = [rules.question(each.text) for each in given]
    plain = [one_line(each.text) == result for each, result in zip(given, results, strict=True)]
    wanting = [
        number
        for number, result in enumerate(results)
        if not plain[number] and result not in (Unfit.EMPTY, Unfit.LONG, Unfit.SHORT)
    ]
    ledger = Ledger(calls=calls)
    unfit = Counter[str]()
    if pool is not None:
        replies, unpaid = await _ask_authors(pool, [one_line(given[number].text) for number in wanting], ledger, seed)
        for number, reply in zip(wanting, replies, strict=True):
            results[number] = reply or Unfit.EMPTY
        failed = replies.count("")
        unfit["were made no question by the author"] = failed - unpaid
        unfit[f"would take more than the {calls} calls that --calls allows"] = unpaid
        unfit[Unfit.EMPTY.value] = -failed
    unfit.update(each.value for each in results if isinstance(each, Unfit))
    gate = NoveltyGate.of(memory := InMemory(embedder), Novelty())
    topics: list[SeedTopic] = []
    turned, refused = 0, Counter[bool]()
    for number, (each, result) in enumerate(zip(given, results, strict=True)):
        if isinstance(result, Unfit):
            continue
        verdict = gate.check(result)
        if not verdict.novel:
            refused[verdict.reason == "equal"] += 1
            continue
        topic = _topic(source, each, result)
        topics.append(topic)
        turned += not plain[number]
        memory.remember([Remembered(id=topic.id, text=result, topic_id=topic.id, topic=result, run_id="import")])
    counted = {why: count for why, count in unfit.items() if count > 0}
    if not topics:
        why = ": " + ", ".join(f"{count} {why}" for why, count in counted.items()) if counted else ""
        raise FileError(source, f"none of its {len(given):,} texts becomes a topic{why}", remedy="reword them")
    return ImportedTopics(
        topics=tuple(topics),
        read=len(given),
        turned=turned,
        asked=ledger.total,
        duplicates=refused[True],
        alike=refused[False],
        unfit=counted,
        embedder=embedder.name,
        simulated=pool is not None and any(author.simulated for author in pool.with_role(Role.AUTHOR)),
    )


def _read(source: Path, column: str | None) -> Iterator[GivenText]:
    rows = _table(source, column) if source.name.lower().endswith(_TABLES) else _lines(source)
    for number, each in enumerate(rows, start=1):
        if number > _MOST_TEXTS:
            raise FileError(source, f"holds more than {_MOST_TEXTS:,} texts", remedy="split it")
        yield replace(each, text=without_list_mark(each.text))


def _lines(source: Path) -> Iterator[GivenText]:
    """One text a line; list marks are no part of it, and neither are headings."""
    if source.suffix.lower() not in (".txt", ".md"):
        raise FileError(source, "is not a list of texts", remedy="call it .txt (one a line), .csv or .jsonl")
    for number, line in enumerate(read_text(source, LARGEST_LIST).split("\n"), start=1):
        text = line.strip().lstrip("-*•").strip()
        if text and not line.startswith("#"):
            yield GivenText(f"line {number}", text, {})


def _table(source: Path, column: str | None) -> Iterator[GivenText]:
    for place, row in read_rows(source, read_bytes(source, LARGEST_LIST)):
        fields = {str(key).strip().lower(): value for key, value in row.items()}
        name = next((each for each in COLUMNS if each in fields), "") if column is None else column.strip().lower()
        if name not in fields:
            there = ", ".join(one_line(str(key))[:30] for key in list(row)[:8])
            wanted = f"no column {column!r}" if column is not None else f"none of the columns {', '.join(COLUMNS)}"
            raise FileError(source, f"has {wanted} (there are: {there})", place=place, remedy="name one with --column")
        if not isinstance(fields[name], str):
            raise FileError(source, f"{name!r} is not text", place=place, remedy="put it in quotes")
        fields.setdefault("area", fields.get("category"))
        yield GivenText(place, str(fields[name]), {key: fields[key] for key in COPIED if fields.get(key)})


def _topic(source: Path, given: GivenText, text: str) -> SeedTopic:
    """The topic has the same id wherever it is imported: runs that share a memory know it again."""
    identifier = f"t-{sha256(normalised(text).encode()).hexdigest()[:12]}"
    area = one_line(str(given.fields.get("area", source.name.partition(".")[0]))) or "imported"
    shelf = given.fields.get("shelf_life_days")
    days = int(shelf) if isinstance(shelf, str) and shelf.strip().isdecimal() else shelf
    data = {**given.fields, **({} if days is None else {"shelf_life_days": days})}
    return validate(
        TopicSet, {"topics": [{**data, "id": identifier, "area": area, "text": text}]}, _at(source, given)
    ).topics[0]


def _at(source: Path, given: GivenText) -> str:
    return f"{source}, {given.place}"


async def _ask_authors(spec: PoolSpec, texts: Sequence[str], ledger: Ledger, seed: int) -> tuple[list[str], int]:
    """Each text as a yes/no question of an author's, in turn; empty where it gave none; how often the cap was why."""
    authors = spec.with_role(Role.AUTHOR)
    asked = spec.model_copy(update={"members": authors})
    models = make_models(asked, load_framework("schwartz"))
    prompts = load_prompts("default")
    pool = Pool(asked, models, words=prompts, recorder=Unrecorded(), ledger=ledger, seed=seed)

    async def ask(author: Member, text: str) -> str:
        call = await pool.ask(
            author, prompts.render(_PROMPT, original=text), ParaphraseReply, purpose="import", sample=0
        )
        line = "" if call.reply is None else one_line(call.reply.question)
        return line if line.endswith(CLEAR_QUESTION_MARKS) and len(line) <= LONGEST_TOPIC else ""

    try:
        turns = (ask(authors[number % len(authors)], text) for number, text in enumerate(texts))
        with pool.budget_refusals() as unpaid:
            return list(await asyncio.gather(*turns)), len(unpaid)
    finally:
        await close_models(models.values())
