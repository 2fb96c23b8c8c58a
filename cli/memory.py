"""``adaem memory``: what is remembered over all runs that share a memory, and whether it is still whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..memory.items import Remembered
    from ..memory.store import Memory

memory = typer.Typer(
    name="memory",
    help="Look into a memory: list, search and show what was asked, and check that it is whole.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A memory's folder, or a run's.")]
EmbedderName = Annotated[
    str | None,
    typer.Option("--embedder", metavar="NAME", help="For a memory made with an embedder of your own."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


@memory.command(epilog="Examples: adaem memory stats shared | adaem memory stats runs/first --json")
def stats(folder: Folder, embedder: EmbedderName = None, as_json: AsJson = False) -> None:
    """Count what is remembered, by run and by topic."""
    from ..reports.result_tables import count

    with _opened(folder, embedder) as opened:
        items = list(opened.all_items())
        scored = [item.score for item in items if item.score is not None]
        runs, topics = Counter(item.run_id for item in items), Counter(item.topic_id for item in items)
        found: dict[str, Any] = {
            "folder": str(opened.folder),
            "embedder": opened.embedder.fingerprint,
            "questions": len(items),
            "scored": len(scored),
            "mean_score": sum(scored) / len(scored) if scored else None,
            "bytes": sum(file.stat().st_size for file in opened.folder.rglob("*") if file.is_file()),
            "runs": dict(runs),
            "topics": dict(topics.most_common()),
        }
    if as_json:
        _print_json(found)
        return
    mean = "–" if found["mean_score"] is None else f"{found['mean_score']:+.3f} bits"
    _say(
        f"{count(len(items), 'question')} from {count(len(topics), 'topic')}, asked by {count(len(runs), 'run')}; "
        f"{found['bytes'] / 1e6:.1f} MB",
        f"{len(scored)} with a search score, on average {mean}; {len(items) - len(scored)} without",
        f"embedder: {found['embedder']}",
    )
    _table(["run", "questions"], [(run, str(number)) for run, number in runs.items()], right=(1,))
    names = {item.topic_id: item.topic for item in items}
    most = [(str(number), names[topic]) for topic, number in topics.most_common(10)]
    _table(["questions", "topics asked most"], most, right=(0,))


@memory.command("list", epilog="Examples: adaem memory list shared | adaem memory list shared --topic work-03 --json")
def list_verb(
    folder: Folder,
    topic: Annotated[str | None, typer.Option(metavar="ID", help="Questions of this topic only.")] = None,
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, help="Show so many at most.")] = 50,
    embedder: EmbedderName = None,
    as_json: AsJson = False,
) -> None:
    """List remembered questions, highest search score first; those without one come last."""
    with _opened(folder, embedder) as opened:
        items = [item for item in opened.all_items() if topic in (None, item.topic_id)]
    items.sort(key=lambda item: (item.score is None, -(item.score or 0.0), item.id))
    if as_json:
        _print_json({"questions": [item.model_dump() for item in items[:most]], "of": len(items)})
        return
    _table(["score", "question (id)"], [(_score(item), _named(item)) for item in items[:most]], right=(0,))
    _say(f"{min(most, len(items))} of {len(items)} questions; scores of the search in bits, a little lucky")


@memory.command(epilog='Example: adaem memory search shared "Should cities close their centres to private cars?"')
def search(
    folder: Folder,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A question.")],
    most: Annotated[int, typer.Option("--most", metavar="N", min=1, help="Show so many at most.")] = 5,
    embedder: EmbedderName = None,
    as_json: AsJson = False,
) -> None:
    """Show the remembered questions most like a text, and what the novelty gate would say of it."""
    from ..memory.novelty import NoveltyGate, Thresholds

    with _opened(folder, embedder) as opened:
        limits = Thresholds.of(opened.embedder)
        verdict = NoveltyGate(opened, limits).check(text)
        (near,) = opened.nearest([text], most)
    if as_json:
        found = [each.model_dump() for each in near]
        _print_json({"novel": verdict.novel, "reason": verdict.reason, "neighbours": found})
        return
    _table(
        ["similarity", "score", "question (id)"],
        [(f"{each.similarity:.3f}", _score(each), _named(each)) for each in near],
        right=(0, 1),
    )
    told = "novel: it would be asked" if verdict.novel else f"a duplicate ({verdict.reason}): it would be refused"
    _say(
        f"This text is {told}. A duplicate is nearer than {limits.nearest:g}, or its three nearest are nearer than "
        f"{limits.mean_of_three:g} on average ({opened.embedder.note})."
    )


@memory.command(epilog="Example: adaem memory show shared 2026-11-24-035313-dabe/q0001-01")
def show(
    folder: Folder,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A question's id, as 'list' shows it.")],
    embedder: EmbedderName = None,
    as_json: AsJson = False,
) -> None:
    """Show one question: its topic, its run, its score, and what lies nearest to it."""
    from difflib import get_close_matches

    from ..domain.errors import InputError

    with _opened(folder, embedder) as opened:
        found = opened.get([identifier])
        if not found:
            near_ids = get_close_matches(identifier, [item.id for item in opened.all_items()], n=3)
            hint = f"did you mean {' or '.join(near_ids)}?" if near_ids else f"see 'adaem memory list {folder}'"
            raise InputError(f"memory {folder}: no question has the id {identifier!r} — {hint}")
        item = found[0]
        near = [each for each in opened.nearest([item.text], 4)[0] if each.id != item.id][:3]
    if as_json:
        _print_json({**item.model_dump(), "neighbours": [each.model_dump() for each in near]})
        return
    _say(item.text, "", f"topic  {item.topic_id}: {item.topic}", f"run    {item.run_id}", f"score  {_score(item)} bits")
    _table(
        ["similarity", "id", "nearest"], [(f"{each.similarity:.3f}", each.id, each.text) for each in near], right=(0,)
    )


@memory.command(epilog="Example: adaem memory check shared")
def check(folder: Folder, embedder: EmbedderName = None, as_json: AsJson = False) -> None:
    """Search for every question by its own text: is any lost, is any there twice? Exit code 1 when there is."""
    from rich.console import Console
    from rich.progress import Progress

    from ..memory.inspection import inspect

    with _opened(folder, embedder) as opened:
        total = opened.count()
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("searching", total=total)
            found = inspect(opened, lambda done: bar.update(task, completed=done))
    if as_json:
        lost = [item.id for item in found.lost]
        _print_json({"questions": found.questions, "lost": lost, "doubled": found.doubled})
    else:
        if found.lost:
            _table(["lost", "question"], [(item.id, item.text) for item in found.lost])
        if found.doubled:
            _table(["asked twice in the same words"], [(", ".join(ids),) for ids in found.doubled])
        _say(f"{found.questions} questions: {len(found.lost)} lost, {len(found.doubled)} asked twice")
    if not found.sound:
        raise typer.Exit(1)


def _opened(folder: Path, embedder: str | None) -> Memory:
    from ..memory.embedders import embedder_behind
    from ..memory.store import Memory
    from ..records import RunFolder

    run = RunFolder(folder)
    place = run.memory_path if run.manifest_path.exists() else folder
    return Memory.reopen(place, lambda stamp: embedder_behind(stamp.embedder, embedder))


def _named(item: Remembered) -> str:
    return f"{item.text} ({item.id})"


def _score(item: Remembered) -> str:
    return "–" if item.score is None else f"{item.score:+.3f}"


def _print_json(found: dict[str, Any]) -> None:
    print(json.dumps(found, indent=2, ensure_ascii=False))  # noqa: T201


def _say(*lines: str) -> None:
    from rich.console import Console

    from ..reports.plain import plain

    Console().print(plain("\n".join(lines)))


def _table(columns: Sequence[str], rows: Sequence[tuple[str, ...]], right: tuple[int, ...] = ()) -> None:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    from ..reports.plain import plain

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for number, column in enumerate(columns):
        last = number == len(columns) - 1
        table.add_column(column, justify="right" if number in right else "left", overflow="fold", no_wrap=not last)
    for row in rows:
        table.add_row(*map(plain, row))
    Console().print(table)
