"""The verbs that measure models without a search: on the questions of a run, or from answers that exist."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from ..examples import examples
from ..inspect.inspect_verbs import AsJson
from ..run_argument import run_folder
from ..whole_numbers import whole_number

measuring = typer.Typer(rich_markup_mode=None)


@measuring.command(
    epilog=examples(
        "adaem evaluate runs/first --pool my-pool.yaml",
        "adaem evaluate runs/first --pool my-pool.yaml --short 20 --prime",
        "adaem evaluate questions.jsonl --pool my-pool.yaml -s budget.money=5",
        "adaem evaluate runs/first --control facts-removed",
    )
)
def evaluate(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="RUN|QUESTIONS",
            help="The folder of a run, or a file of questions: as it has them, or any that import reads.",
            parser=run_folder,
        ),
    ],
    pool: Annotated[
        str | None, typer.Option(metavar="FILE", help="The models; all answer that do more than judge.")
    ] = None,
    samples: Annotated[int | None, whole_number(help="Answers of each model to each question.", metavar="L")] = None,
    short: Annotated[
        int | None,
        whole_number(help="The N questions of a run that keep most of the information.", least=1),
    ] = None,
    prime: Annotated[
        bool, typer.Option("--prime", help="Tell models to hold each value in turn, to see whether it shows.")
    ] = False,
    control: Annotated[
        Literal["repeated", "facts-removed", "paraphrased"] | None,
        typer.Option(
            help="Ask a run's own models its compared questions again: as they were, without the facts before them, or "
            "in other words; 'adaem diff' says which findings survive.",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="The folder; by default under runs/.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("-s", metavar="KEY=VALUE", help="Set one setting; may be given many times.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a pool's models a run's questions; show how they differ.

    With --control a run's own models are asked again, with one thing varied.
    """
    from ...domain.errors import InputError
    from .evaluate import control_verb, evaluate_verb

    if control is not None:
        if pool is not None or samples is not None or short is not None or prime:
            raise InputError(
                f"--control {control}: varies one thing of a run — leave --pool, --samples, --short and --prime out"
            )
        control_verb(source, control, settings=settings or [], out=out, as_json=as_json)
        return
    if pool is None:
        raise InputError(f"{source}: nobody to ask — name the models with --pool FILE, or a control with --control")
    evaluate_verb(
        source, pool, samples=samples, short=short, prime=prime, settings=settings or [], out=out, as_json=as_json
    )


@measuring.command(
    "import",
    epilog=examples(
        "adaem import answers.jsonl.gz --framework schwartz --judge judge.npz",
        "adaem import a.csv --framework schwartz --judge llm --pool my-pool.yaml",
        "adaem import a.csv --framework schwartz --judge judge.npz --map model=name",
        "adaem import logs/ --framework schwartz --judge judge.npz --from inspect",
        "adaem import inventory.csv --ratings rating --scale 1 6",
    ),
)
def import_answers(
    answers: Annotated[
        Path,
        typer.Argument(
            metavar="ANSWERS",
            help="A file in UTF-8, or a folder: JSON, CSV, Parquet, or what Inspect, lm-eval, promptfoo or AlpacaEval "
            "wrote; plain or .gz.",
        ),
    ],
    framework: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="The value theory; --ratings has the file's own values without one."),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(metavar="FILE|NAME", help="A file made by 'adaem judge train', or a judge that asks --pool."),
    ] = None,
    pool: Annotated[str | None, typer.Option(metavar="FILE", help="The models whose judges are asked.")] = None,
    accuracy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="This judge's errors, by 'adaem judge check --out': corrects for them."),
    ] = None,
    kind: Annotated[
        Literal["rows", "wide", "inspect", "lm-eval", "promptfoo", "alpaca-eval"] | None,
        typer.Option("--from", help="What the file is, where it does not show: wide has a column a model."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="NAME=COLUMN",
            help="Which column, or dotted path (choices.0.text), holds question_id, question, model, answer, wording, "
            "sample, topic or refused.",
        ),
    ] = None,
    repeats: Annotated[
        Literal["keep-first", "samples"] | None,
        typer.Option(help="Rows that say the same: each once, or each as a sample whatever its number."),
    ] = None,
    refusals: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Which column says whether an answer is a refusal; without it, the words decide."
        ),
    ] = None,
    ratings: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Items are rated, and this column holds the number; no judge. The columns value and keyed (1, -1) say "
            "what an item measures.",
        ),
    ] = None,
    scale: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="LOW HIGH", help="Ends of the rating scale; without it, the least and the most given."),
    ] = None,
    seed: Annotated[int | None, whole_number(help="Seed of every random choice.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="RUN", help="The run's folder; by default under runs/.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge answers, or take ratings; show how models differ."""
    from ...domain.errors import InputError
    from .import_answers import import_verb
    from .import_ratings import import_ratings_verb

    if ratings is not None:
        unused = {"--judge": judge, "--pool": pool, "--refusals": refusals, "--seed": seed, "--accuracy": accuracy}
        unused |= {"--from": kind, "--repeats": repeats}
        if given := [option for option, value in unused.items() if value is not None]:
            raise InputError(f"--ratings {ratings}: ratings need no {given[0]} — leave it out")
        import_ratings_verb(
            answers, ratings, columns=columns or [], scale=scale, framework=framework, out=out, as_json=as_json
        )
        return
    if scale is not None:
        raise InputError("--scale: answers have no scale — name the column of the ratings with --ratings")
    if framework is None:
        raise InputError("no value theory to judge by — name one with --framework, or a column with --ratings")

    settings = {"framework": framework} | ({} if seed is None else {"seed": seed})
    settings |= {} if accuracy is None else {"judge.accuracy": str(accuracy)}
    import_verb(
        answers,
        judge=judge,
        pool=pool,
        columns=[*(columns or []), *([] if refusals is None else [f"refused={refusals}"])],
        settings=settings,
        kind=kind,
        repeats=repeats,
        out=out,
        as_json=as_json,
    )
