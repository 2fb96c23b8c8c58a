"""The verbs that read what a run has left: results, comparisons, tables, the trace; and the picture of the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ...domain.answer import Outcome
from ..examples import examples
from ..run_argument import RunArgument, run_folder
from ..whole_numbers import whole_number

reading = typer.Typer(rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


@reading.command(
    epilog=examples(
        "adaem report runs/first",
        "adaem report runs/first --full",
        "adaem report runs/first --html report.html --md report.md",
    )
)
def report(
    folder: RunArgument,
    full: Annotated[bool, typer.Option("--full", help="Show every table.")] = False,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page with pictures there.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--md", metavar="FILE", help="Write every table there, as Markdown.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the result of a run, an evaluation or an import again."""
    from ...records.damage import as_read
    from .report import report_verb

    with as_read(folder):
        report_verb(folder, as_json, full=full, page=page, markdown=markdown, advise=True)


@reading.command(
    epilog=examples(
        "adaem show runs/first 1",
        "adaem show runs/first q0003-05 --models heath,amber",
    )
)
def show(
    folder: RunArgument,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="A question's id, or its rank in the report.")],
    models: Annotated[str, typer.Option(metavar="NAME,NAME", help="Only these models; two stand side by side.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show a question and what each model answered to it.

    The words that the judge quotes are underlined, with the value behind them.
    """
    from ...records.damage import as_read
    from .show import show_verb

    with as_read(folder):
        show_verb(folder, question, models, as_json)


@reading.command(
    epilog=examples(
        "adaem compare evaluations/may evaluations/november",
        "adaem compare runs/first evaluations/new --json",
        "adaem compare --retest runs/one-half runs/other-half",
    )
)
def compare(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FIRST LATER...", help="Runs, evaluations or imports; the first is the base.", parser=run_folder
        ),
    ],
    retest: Annotated[
        bool,
        typer.Option(
            "--retest",
            help="Of exactly two folders: had the questions been regenerated, would the models rank the same? The "
            "questions need not be shared, only the models.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what changed since the first: models' drifts, new models.

    All is compared on the questions that the folders share, but for --retest.
    """
    from ...records.damage import as_read
    from .compare import compare_verb

    with as_read(*folders):
        compare_verb(folders, as_json, retest=retest)


@reading.command(epilog=examples("adaem diff runs/first runs/forked", "adaem diff runs/monday runs/tuesday --json"))
def diff(
    first: Annotated[
        Path,
        typer.Argument(metavar="RUN_A", help="The folder of a run, an evaluation or an import.", parser=run_folder),
    ],
    second: Annotated[
        Path, typer.Argument(metavar="RUN_B", help="Another one; a fork of the first, say.", parser=run_folder)
    ],
    as_json: AsJson = False,
) -> None:
    """Show what differs between two runs, and what does not.

    That is their settings, steps, questions, scores, ranks and findings.
    """
    from ...records.damage import as_read
    from .diff import diff_verb

    with as_read(first, second):
        diff_verb(first, second, as_json)


@reading.command(
    epilog=examples(
        "adaem export runs/first --to csv",
        "adaem export runs/first --to parquet --out tables",
        "adaem export runs/first --to inspect --out task",
        "adaem export runs/first --to paper --out paper",
    )
)
def export(
    folder: RunArgument,
    to: Annotated[
        Literal["jsonl", "csv", "parquet", "huggingface", "inspect", "lm-eval", "paper"],
        typer.Option(
            help="Tables in this format or as a dataset, the questions as a task that 'inspect eval' or 'lm_eval' "
            "runs, or figures, tables and a methods paragraph for a paper."
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder to write; by default RUN/exports/FORMAT.")
    ] = None,
) -> None:
    """Write a run for other programs, or for a paper."""
    from ...records.damage import as_read
    from .export import export_verb

    with as_read(folder):
        export_verb(folder, to, out)


@reading.command(
    epilog=examples(
        "adaem trace runs/first",
        "adaem trace runs/first 3.5.critique",
        "adaem trace runs/first --question q0003-05",
        "adaem trace runs/first --outcome refused",
        "adaem trace runs/first --html trace.html",
    )
)
def trace(
    folder: RunArgument,
    step: Annotated[
        str | None, typer.Argument(metavar="[STEP]", help="A step's id; leave it out for the tree.")
    ] = None,
    question: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The life of one question: rewrites, scores, why it was kept."),
    ] = None,
    outcome: Annotated[
        Outcome | None,
        typer.Option(
            metavar="OUTCOME",
            help="List the calls that ended so (refused, degenerate), with their texts, to check by eye.",
        ),
    ] = None,
    topic: Annotated[str, typer.Option(metavar="ID", help="Only the steps about this topic.")] = "",
    agent: Annotated[str, typer.Option(metavar="NAME", help="Only the steps of this agent, or of this node.")] = "",
    slowest: Annotated[int | None, whole_number(help="Only the N slowest steps.", least=1)] = None,
    onwards: Annotated[bool, typer.Option("--next", help="With STEP: the one after it.")] = False,
    back: Annotated[bool, typer.Option("--prev", help="With STEP: the one before it.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Show each step of a run in progress as it ends.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the whole trace as one page.")] = None,
    inspect: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the answers as a log of Inspect AI (.eval).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the steps of a run, one step whole, or a question's life."""
    from ...records.damage import as_read
    from .trace import trace_verb

    with as_read(folder):
        trace_verb(
            folder,
            step=step,
            question=question,
            outcome=None if outcome is None else outcome.value,
            topic=topic,
            agent=agent,
            slowest=slowest,
            onwards=onwards,
            back=back,
            follow=follow,
            html=html,
            inspect=inspect,
            as_json=as_json,
        )


@reading.command(
    epilog=examples("adaem runs", "adaem runs runs evaluations", "adaem runs --json"),
)
def runs(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FOLDER|RUN]...", help="Folders that hold runs, or runs; runs/ by default.", parser=run_folder
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List runs, the newest first: what, of whom, when, at what cost.

    Evaluations, imports and ratings are listed, too, up to three folders down.
    """
    from .runs import runs_verb

    runs_verb(folders or [], as_json)


@reading.command(
    epilog=examples("adaem view", "adaem view runs/first", "adaem view runs evaluations --port 8700 --no-browser")
)
def view(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FOLDER|RUN]...",
            help="Runs, or folders that hold some; the current one by default.",
            parser=run_folder,
        ),
    ] = None,
    port: Annotated[
        int | None, whole_number(help="The port on 127.0.0.1; by default 8610, or a free one.", least=1, most=65535)
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")] = True,
) -> None:
    """Show runs in the browser, also one that is under way.

    A server for this machine alone; it changes nothing and asks no model. Ctrl-C ends it.
    """
    from .view import view_verb

    view_verb(folders or [Path()], port, browser=browser)


@reading.command(epilog=examples("adaem graph"))
def graph() -> None:
    """Show the state machine, as a tree and as Mermaid."""
    from .show_graph import graph_verb

    graph_verb()
