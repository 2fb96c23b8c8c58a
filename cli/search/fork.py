"""``adaem fork``: a run continued from an earlier step, or judged again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..examples import examples
from ..inspect.inspect_verbs import AsJson
from ..run_argument import RunArgument

forking = typer.Typer(rich_markup_mode=None)


@forking.command(
    epilog=examples(
        "adaem fork runs/first --at 3.explore -s search.policy=ucb",
        "adaem fork runs/first --at 5.2.propose --prompts my-prompts --replay-only",
        "adaem fork runs/first --judge judge.npz",
    )
)
def fork(
    folder: RunArgument,
    at: Annotated[
        str | None, typer.Option(metavar="STEP", help="The first step that changes, as 'adaem trace RUN' names it.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("-s", metavar="KEY=VALUE", help="Change one setting; may be given many times.")
    ] = None,
    prompts: Annotated[str | None, typer.Option(metavar="DIR", help="Another set of prompts.")] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Another judge: llm, jury, a local judge's file, or a pool file for its judges. From the start, and "
            "alone but for caps of the budget, it judges all stored answers again and calls no other model.",
        ),
    ] = None,
    replay_only: Annotated[
        bool, typer.Option("--replay-only", help="Ask nobody: stop at the first call that is not recorded.")
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="RUN", help="The fork's folder; by default under runs/.")] = None,
    as_json: AsJson = False,
) -> None:
    """Go back to a step of a run, change something, and run on.

    What is recorded is not asked again, as far as the recorded calls reach.
    """
    from .run import fork_verb

    fork_verb(
        folder, at, settings or [], prompts=prompts, judge=judge, replay_only=replay_only, out=out, as_json=as_json
    )
