"""``adaem evaluate``: the respondents of a pool answer a run's questions, or those of a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from ...domain.texts.counting import count
from ..progress_bar import Bar

if TYPE_CHECKING:
    from ...jobs.evaluation.evaluation_inputs import EvaluationInputs
    from ...pool.budget.ledger import Ledger
    from ...records import Manifest, RunFolder


def evaluate_verb(
    source: Path,
    pool: str,
    *,
    samples: int | None,
    short: int | None,
    prime: bool,
    settings: Sequence[str],
    out: Path | None,
    as_json: bool,
) -> None:
    """Asks everybody everything, shows on standard error how far it is, and prints the result."""
    from ...jobs.evaluation.check_evaluation import check_evaluation

    def check(overrides: Mapping[str, Any]) -> EvaluationInputs:
        return check_evaluation(source, pool, overrides, samples=samples, short=short, prime=prime)

    _check_and_evaluate(source, settings, check, out, as_json)


def control_verb(run: Path, control: str, *, settings: Sequence[str], out: Path | None, as_json: bool) -> None:
    """Asks a run's questions again with one thing varied; shows and prints what an evaluation does."""
    from ...jobs.evaluation.check_evaluation import check_control

    _check_and_evaluate(run, settings, lambda overrides: check_control(run, control, overrides), out, as_json)


def _check_and_evaluate(
    source: Path,
    settings: Sequence[str],
    check: Callable[[Mapping[str, Any]], EvaluationInputs],
    out: Path | None,
    as_json: bool,
) -> None:
    from ...domain.reading.yaml_records import parse_override
    from ...jobs.evaluation.evaluation_run import evaluate
    from ...records.damage import as_read
    from ..search.run import trace_nothing

    with as_read(source):
        inputs = check(dict(map(parse_override, settings)))
    trace_nothing(inputs.settings.tracing)
    _carry_out(lambda watcher: evaluate(inputs, out, watcher), as_json)


def resume_evaluation_verb(folder: Path, overrides: Mapping[str, Any], as_json: bool) -> None:
    """Goes on with an evaluation, shows on standard error how far it is, and prints the result."""
    from ...jobs.evaluation.evaluation_run import resume_evaluation

    _carry_out(lambda watcher: resume_evaluation(folder, overrides, watcher), as_json)


def _carry_out(
    start: Callable[[EvaluationWatcher], Coroutine[Any, Any, tuple[RunFolder, Manifest]]], as_json: bool
) -> None:
    from ...jobs.folder.manifests import STOPPED_BY_USER
    from ...jobs.trust import to_repeat
    from ...records.damage import as_read
    from ...records.status import how_to_continue
    from ..inspect.report import report_verb
    from ..process.cancellable import run_cancellable

    watcher = EvaluationWatcher(Console(stderr=True))
    (folder, manifest), stopped = run_cancellable(start(watcher), watcher)
    with as_read(folder.path):
        report_verb(folder.path, as_json)
    if manifest.status == "interrupted":
        then = how_to_continue(folder, manifest, to_repeat(manifest))
        print(f"adaem: {manifest.stop_reason}; {then}", file=sys.stderr)  # noqa: T201
        if manifest.stop_reason == STOPPED_BY_USER:
            raise typer.Exit(stopped)


def banner(inputs: EvaluationInputs) -> str:
    """Who is asked what, and how many calls that takes; simulated members are called so."""
    simulated = "; simulated respondents, no real model is asked" if inputs.pool.simulated else ""
    marked = f" ({len(inputs.of.seen)} of them seen in the search)" if inputs.of.seen else ""
    short = "" if inputs.of.short is None else ", a short form"
    budget = inputs.settings.budget
    caps = [count(budget.calls, "call")]
    caps += [count(budget.tokens, "token")] if budget.tokens is not None else []
    caps += [f"{budget.money:g} {inputs.pool.currency}"] if budget.money is not None else []
    each = f"{count(inputs.of.samples, 'answer')} each"
    if inputs.pilot:
        each += f" to {len(inputs.pilot)} of them, at most as many to the others"
    primed, values = inputs.primed
    priming = ""
    if values:
        priming = (
            f"; priming with {count(len(values), 'value')} on {count(len(primed), 'question')} takes "
            f"{len(primed) * inputs.per_primed} of the calls"
        )
    return (
        f"{count(len(inputs.respondents), 'model')}{marked}{simulated}; {count(len(inputs.questions), 'question')} of "
        f"{inputs.of.source}{short}, {each}; {inputs.framework.name}; about "
        f"{count(inputs.calls, 'call')}, at most {' and '.join(caps)}{priming}"
    )


class EvaluationWatcher:
    """What is seen while an evaluation goes on: a line that says who is asked what, then a bar in a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._ledger: Ledger | None = None
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("questions", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, inputs: EvaluationInputs, ledger: Ledger, done: int, total: int) -> None:
        """See ``jobs.evaluation.evaluation_session.EvaluationListener``."""
        self._ledger = ledger
        self._say(banner(inputs))
        for notice in inputs.notices:
            self._say(f"Note: {notice}.")
        if inputs.calls > inputs.settings.budget.calls:
            self._say(f"Note: the budget ends it before all is asked; raise it with -s budget.calls={inputs.calls}.")
        self._bar.update(self._task, completed=done, total=total)

    def step_done(self, done: int, total: int) -> None:
        """See ``jobs.evaluation.evaluation_session.EvaluationListener``."""
        spent = f" ({self._ledger.total} calls)" if self._ledger is not None else ""
        self._bar.update(self._task, completed=done, total=total, description=f"questions{spent}")

    def outage(self, line: str) -> None:
        """See ``jobs.evaluation.evaluation_session.EvaluationListener``."""
        self._say(line)

    def _say(self, line: str) -> None:
        """A line of its own, above the bar where there is one."""
        from ...reports.plain_text import plain

        self._console.print(plain(line), soft_wrap=True)
