"""``adaem memory``: what is remembered over all runs that share a memory, and whether it is still whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...domain.texts.counting import count
from ..examples import examples
from ..whole_numbers import whole_number
from .open_memory import named, opened_memory, print_json, print_table, say, shown_score, size, subject

if TYPE_CHECKING:
    from ...memory.standings import Standing

memory = typer.Typer(
    name="memory",
    help="Look into a memory that several runs share, check it, fix it.",
    epilog=examples("adaem memory stats runs/first", "adaem memory list shared", "adaem memory check shared"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

Folder = Annotated[str, typer.Argument(metavar="DIR|URL", help="A memory's folder, a run's, or a server.")]
EmbedderName = Annotated[
    str | None,
    typer.Option("--embedder", metavar="NAME", help="For a memory made with an embedder of your own."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


@memory.command(epilog=examples("adaem memory stats shared", "adaem memory stats runs/first --json"))
def stats(place: Folder, embedder: EmbedderName = None, as_json: AsJson = False) -> None:
    """Count what is remembered, by run and by topic."""
    from ...memory.standings import latest

    with opened_memory(place, embedder) as opened:
        items = list(opened.all_items())
        scored = [item.score for item in items if item.score is not None]
        runs = Counter(item.run_id for item in items)
        topics = Counter(item.topic_id for item in items)
        summary: dict[str, Any] = {
            "memory": str(opened.place),
            "embedder": opened.embedder.fingerprint,
            "questions": len(items),
            "scored": len(scored),
            "mean_score": sum(scored) / len(scored) if scored else None,
            "bytes": size(opened),
            "runs": dict(runs),
            "topics": dict(topics.most_common()),
        }
        retired = [change for change in latest(opened.changes()).values() if change.standing.retired]
        summary["retired"] = [change.model_dump(mode="json") for change in retired]
    if as_json:
        print_json(summary)
        return
    mean = "–" if summary["mean_score"] is None else f"{summary['mean_score']:+z.3f} bits"
    say(
        f"{count(len(items), 'question')} from {count(len(topics), 'topic')}, asked by {count(len(runs), 'run')}; "
        + ("on a server" if summary["bytes"] is None else f"{summary['bytes'] / 1e6:.1f} MB"),
        f"{len(scored)} with a search score, on average {mean}; {len(items) - len(scored)} without",
        f"embedder: {summary['embedder']}",
    )
    print_table(["run", "questions"], [(run, str(number)) for run, number in runs.items()], right=(1,))
    names = {item.topic_id: item.topic for item in items}
    most = [(str(number), names[topic]) for topic, number in topics.most_common(10)]
    print_table(["questions", "topics asked most"], most, right=(0,))
    if retired:
        rows = [
            (change.standing, change.at[:10], f"{names.get(change.subject, change.subject)}: {change.why}")
            for change in retired
        ]
        print_table(["no longer asked", "since", "what, and why"], rows)


@memory.command("list", epilog=examples("adaem memory list shared", "adaem memory list shared --topic work-03 --json"))
def list_verb(
    place: Folder,
    topic: Annotated[str | None, typer.Option(metavar="ID", help="Questions of this topic only.")] = None,
    most: Annotated[int, whole_number("--most", help="Show so many at most.", least=1)] = 50,
    embedder: EmbedderName = None,
    as_json: AsJson = False,
) -> None:
    """List remembered questions, highest search score first.

    Those without a score come last.
    """
    with opened_memory(place, embedder) as opened:
        items = [item for item in opened.all_items() if topic in (None, item.topic_id)]
    items.sort(key=lambda item: (item.score is None, -(item.score or 0.0), item.id))
    if as_json:
        print_json({"questions": [item.model_dump() for item in items[:most]], "of": len(items)})
        return
    print_table(["score", "question (id)"], [(shown_score(item), named(item)) for item in items[:most]], right=(0,))
    say(f"{min(most, len(items))} of {count(len(items), 'question')}; search scores in bits (upward biased: selected)")


@memory.command(epilog=examples('adaem memory search shared "Should cities ban cars from their centres?"'))
def search(
    place: Folder,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A question.")],
    most: Annotated[int, whole_number("--most", help="Show so many at most.", least=1)] = 5,
    embedder: EmbedderName = None,
    as_json: AsJson = False,
) -> None:
    """Show the questions most like a text, and whether it is novel.

    A run's novelty gate would say the same.
    """
    from ...memory.novelty import NoveltyGate

    with opened_memory(place, embedder) as opened:
        gate = NoveltyGate.of(opened)
        verdict = gate.check(text)
        (near,) = opened.nearest([text], most)
    if as_json:
        rows = [each.model_dump() for each in near]
        print_json({"novel": verdict.novel, "reason": verdict.reason, "neighbours": rows})
        return
    print_table(
        ["similarity", "score", "question (id)"],
        [(f"{each.similarity:.3f}", shown_score(each), named(each)) for each in near],
        right=(0, 1),
    )
    answer = "novel: it would be asked" if verdict.novel else f"a duplicate ({verdict.reason}): it would be refused"
    say(f"This text is {answer}. {gate.rule} ({opened.embedder.note}).")


@memory.command(
    epilog=examples("adaem memory show shared 2026-11-24-035313-dabe/q0001-01", "adaem memory show shared work-03")
)
def show(
    place: Folder,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A question's id, as 'list' shows it, or a topic's.")],
    embedder: EmbedderName = None,
    as_json: AsJson = False,
) -> None:
    """Show the life of one question or topic, each change with why.

    It begins with the score and with what lies nearest.
    """
    from ...memory.standings import standing_of

    with opened_memory(place, embedder) as opened:
        kind, item = subject(opened, identifier)
        life = [change for change in opened.changes() if (change.kind, change.subject) == (kind, identifier)]
        near = [] if kind == "topic" else [each for each in opened.nearest([item.text], 4)[0] if each.id != item.id][:3]
        asked = [each for each in opened.all_items() if each.topic_id == identifier] if kind == "topic" else []
    standing = standing_of(life, kind, identifier)
    summary: dict[str, Any] = {
        "kind": kind,
        "standing": standing,
        "life": [each.model_dump(mode="json") for each in life],
    }
    if as_json:
        about = {"id": identifier, "topic": item.topic} if kind == "topic" else item.model_dump()
        listed = "questions" if kind == "topic" else "neighbours"
        print_json({**about, **summary, listed: [each.model_dump() for each in (asked or near)]})
        return
    if kind == "topic":
        say(f"topic {identifier}: {item.topic}", f"standing  {standing}")
        asked.sort(key=lambda each: (each.score is None, -(each.score or 0.0), each.id))
        print_table(["score", "question (id)"], [(shown_score(each), named(each)) for each in asked], right=(0,))
    else:
        say(
            item.text,
            "",
            f"standing  {standing}",
            f"topic     {item.topic_id}: {item.topic}",
            f"run       {item.run_id}",
            f"score     {shown_score(item)} bits",
        )
        print_table(
            ["similarity", "id", "nearest"],
            [(f"{each.similarity:.3f}", each.id, each.text) for each in near],
            right=(0,),
        )
    rows = [(each.at[:19].replace("T", " "), each.standing, each.run_id or "a person", each.why) for each in life]
    print_table(["time (UTC)", "came to be", "by", "why"], rows)


@memory.command(epilog=examples('adaem memory withdraw shared work-03 --why "outdated by the law of 2026"'))
def withdraw(
    place: Folder,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A topic's id, or a question's.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason; it is kept with the change.")],
    embedder: EmbedderName = None,
) -> None:
    """Take a topic or a question out.

    No run asks about the topic again; a question is not measured again.
    """
    from ...memory.standings import Standing

    _change(place, embedder, identifier, Standing.WITHDRAWN, why)


@memory.command(epilog=examples('adaem memory restore shared work-03 --why "still argued about"'))
def restore(
    place: Folder,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="A topic's id, or a question's.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason.")] = "restored",
    embedder: EmbedderName = None,
) -> None:
    """Let runs ask again about what they no longer ask about.

    That is what was withdrawn, exhausted, saturated or expired.
    """
    from ...memory.standings import Standing

    _change(place, embedder, identifier, Standing.USED, why)


@memory.command(epilog=examples("adaem memory rebuild shared runs/*", "adaem memory rebuild runs/first"))
def rebuild(
    place: Annotated[str, typer.Argument(metavar="DIR", help="A memory's folder, or a run's.")],
    runs: Annotated[list[Path] | None, typer.Argument(metavar="[RUN]...", help="The runs that shared it.")] = None,
    embedder: EmbedderName = None,
) -> None:
    """Make a memory anew from its runs' records.

    What people withdrew stays withdrawn, and the old memory is set aside.
    """
    from ...records.damage import as_read
    from .memory_rebuild import rebuild_verb

    with as_read(place, *(runs or [])):
        rebuild_verb(place, runs or [], embedder)


@memory.command(
    epilog=examples("adaem memory refresh shared --pool pool.yaml", "adaem memory refresh shared --measured runs/first")
)
def refresh(
    place: Folder,
    pool: Annotated[str | None, typer.Option(metavar="FILE", help="Today's models.")] = None,
    sample: Annotated[int, whole_number("--sample", help="Questions to draw at random.", least=1)] = 30,
    measured: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Ask nobody: take the answers of an earlier refresh.")
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("-s", metavar="KEY=VALUE", help="Set one setting.")] = None,
    seed: Annotated[int, whole_number(help="Seed of the draw.")] = 0,
    out: Annotated[Path | None, typer.Option(metavar="RUN", help="Folder for the answers.")] = None,
    embedder: EmbedderName = None,
    as_json: AsJson = False,
) -> None:
    """Ask today's models old questions: do they still separate them?

    What no longer does, expires.
    """
    from .memory_refresh import refresh_verb

    refresh_verb(place, pool, sample, measured, settings or [], seed, out, embedder, as_json)


@memory.command(epilog=examples("adaem memory check shared"))
def check(place: Folder, embedder: EmbedderName = None, as_json: AsJson = False) -> None:
    """Search for each question by its text: is any lost or doubled?

    Exit code 1 when there is.
    """
    from rich.console import Console

    from ...memory.inspection import inspect
    from ..progress_bar import Bar

    with opened_memory(place, embedder) as opened:
        total = opened.count()
        with Bar(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("searching", total=total)
            report = inspect(opened, lambda done: bar.update(task, completed=done))
    if as_json:
        lost = [item.id for item in report.lost]
        print_json({"questions": report.questions, "lost": lost, "doubled": report.doubled})
    else:
        if report.lost:
            print_table(["lost", "question"], [(item.id, item.text) for item in report.lost])
        if report.doubled:
            print_table(["asked twice in the same words"], [(", ".join(ids),) for ids in report.doubled])
        say(f"{count(report.questions, 'question')}: {len(report.lost)} lost, {len(report.doubled)} asked twice")
    if not report.sound:
        raise typer.Exit(1)


def _change(place: str, embedder: str | None, identifier: str, standing: Standing, why: str) -> None:
    from ...domain.errors import InputError
    from ...memory.standings import StandingChange, standing_of

    if not why.strip():
        raise InputError("--why: is empty — give a reason")
    with opened_memory(place, embedder) as opened:
        kind, item = subject(opened, identifier)
        if standing_of(opened.changes(), kind, identifier) is standing:
            raise InputError(f"memory {opened.place}: {kind} {identifier} is {standing} already — nothing is changed")
        opened.note([StandingChange(kind=kind, subject=identifier, standing=standing, why=why)])
    say(f"{kind} {identifier} is now {standing}: {item.topic if kind == 'topic' else item.text}")
