"""``adaem judge``: train a judge that needs no model calls, label answers, check any judge against labelled texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..examples import examples
from ..run_argument import RunArgument
from ..whole_numbers import whole_number

if TYPE_CHECKING:
    from ...agents.judges.labelled_texts import LabelledTexts
    from ...domain.framework import Framework
    from ...domain.judge_accuracy import JudgeAccuracy
    from ...memory.embedders.embedder import Embedder

FORM = (
    "LABELLED is JSON lines, .gz or not: 'text' (a string, or a list of an answer's key points) and 'values', "
    "optionally 'id', 'group' (the texts' common source) and 'model'; or ValueEval's own columns."
)

judge = typer.Typer(
    name="judge",
    help="Train a judge that needs no model calls. Label answers, and check any judge against labelled texts.",
    epilog=examples(
        "adaem judge train labelled.jsonl.gz --out judge.npz",
        "adaem judge label runs/first --out labels.jsonl",
        "adaem judge check labels.jsonl --judge judge.npz",
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
)

FrameworkOption = Annotated[str, typer.Option("--framework", metavar="NAME|FILE", help="The value theory.")]
Seed = Annotated[int, whole_number(help="Seed of every random choice.", least=0)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


@judge.command(epilog=examples("adaem judge train labelled.jsonl.gz --out judge.npz", introduction=FORM))
def train(
    labelled: Annotated[list[Path], typer.Argument(metavar="LABELLED", help="Texts labelled with values.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The judge's file; it must not exist yet.")],
    framework: FrameworkOption = "schwartz",
    features: Annotated[
        Literal["words", "embeddings"], typer.Option(help="Words alone, or sentence embeddings, too.")
    ] = "embeddings",
    embedder: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What embeds, named as the setting embedder is; minilm by default."),
    ] = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Train a local judge, which needs no model calls.

    Use it with 'adaem run -s agents.judge=local -s judge.file=FILE'.
    """
    from rich.console import Console

    from ...agents.judges.labelled_texts import read_labelled_texts
    from ...agents.judges.local.model_file import save_model
    from ...agents.judges.local.training import train as train_model
    from ...domain.errors import InputError
    from ...domain.reading.yaml_records import load_framework
    from ..process.console import output

    _check_free(out)
    if features == "words" and embedder is not None:
        raise InputError("--features words reads no embeddings — leave --embedder out")
    theory = load_framework(framework)
    rows = read_labelled_texts(labelled, theory)
    embeds = _embedder(embedder or "minilm") if features == "embeddings" else None
    with Console(stderr=True).status("training …") as status:
        model = train_model(
            rows, theory, seed, embedder=embeds, progress=lambda step: status.update(f"training: {step} …")
        )
    save_model(model, out)
    if as_json:
        print(model.report.model_dump_json(indent=2))  # noqa: T201
        return
    from ...reports.terminal.judge_tables import training

    output().print(training(model.report, theory, out))


@judge.command(
    epilog=examples(
        "adaem judge check labelled.jsonl --judge judge.npz",
        "adaem judge check labelled.jsonl --pool my-pool.yaml --out accuracy.json",
        introduction=FORM,
    )
)
def check(
    labelled: Annotated[list[Path], typer.Argument(metavar="LABELLED", help="Texts labelled with values.")],
    name: Annotated[
        str,
        typer.Option("--judge", metavar="FILE|NAME", help="A local judge's file, or llm, jury, package.module:Class."),
    ] = "llm",
    pool: Annotated[str, typer.Option(metavar="FILE", help="The models that judge; simulated ones by default.")] = (
        "simulated"
    ),
    mode: Annotated[
        Literal["joint", "per_value"], typer.Option(help="How an LLM judge asks; see the setting judge.mode.")
    ] = "joint",
    rows: Annotated[int | None, whole_number(help="Check on N rows drawn at random.", least=1)] = None,
    framework: FrameworkOption = "schwartz",
    embedder: Annotated[
        str, typer.Option(metavar="NAME", help="What zero_shot compares with, or your own that FILE was trained with.")
    ] = "minilm",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the figures, for judge.accuracy.")] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("-s", metavar="KEY=VALUE", help="Set one setting; may be given many times.")
    ] = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Say how often a judge is right, value by value.

    It says too which values the judge cannot measure.
    """
    from rich.console import Console

    from ...agents.judges.labelled_texts import read_labelled_texts
    from ...domain.reading.yaml_records import load_framework, parse_override
    from ...records.whole_file import new_file, written
    from ..process.console import output

    if out is not None:
        _check_free(out)
    theory = load_framework(framework)
    labelled_rows = read_labelled_texts(labelled, theory)
    with Console(stderr=True).status("judging …"):
        accuracy = _check_accuracy(
            name, pool, mode, theory, labelled_rows, seed, rows, embedder, dict(map(parse_override, overrides or []))
        )
    text = accuracy.model_dump_json(indent=2)
    if out is not None:
        with written(out), new_file(out) as place:
            place.write_text(text + "\n", encoding="utf-8")
    if as_json:
        print(text)  # noqa: T201
        return
    from ...reports.terminal.judge_tables import checking

    output().print(checking(accuracy, theory, out))


@judge.command(
    epilog=examples(
        "adaem judge label runs/first --out labels.jsonl",
        "adaem judge check labels.jsonl --judge judge.npz --out accuracy.json",
        introduction="One line an answer: the numbers of its values, as in '1 4'. Lines may come from a pipe.",
    )
)
def label(
    run: RunArgument,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The labels; an unfinished file is continued.")],
    rows: Annotated[
        int | None, whole_number(help="About how many answers to draw; by default as the file says, else 60.", least=1)
    ] = None,
    seed: Annotated[
        int | None, whole_number(help="Seed of the draw; by default as the file says, else 0.", least=0)
    ] = None,
) -> None:
    """Label a sample of a run's answers yourself, to measure a judge on.

    You are told neither which model answered nor what the judge found. Rare values are drawn more often, and weighted.
    """
    from .label import label_verb

    label_verb(run, out, rows, seed)


@judge.command(epilog=examples("adaem judge agree mine.jsonl yours.jsonl", introduction=FORM))
def agree(
    one: Annotated[Path, typer.Argument(metavar="LABELLED", help="Texts that one person labelled.")],
    other: Annotated[Path, typer.Argument(metavar="LABELLED", help="The same texts, labelled by another.")],
    framework: FrameworkOption = "schwartz",
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Say how far two people agree on the same texts.

    It is Krippendorff's alpha, value by value.
    """
    from ...agents.judges.label_agreement import label_agreement
    from ...agents.judges.labelled_texts import read_labelled_texts
    from ...domain.reading.yaml_records import load_framework
    from ..process.console import output

    theory = load_framework(framework)
    found = label_agreement(read_labelled_texts([one], theory), read_labelled_texts([other], theory), theory, seed)
    if as_json:
        print(found.model_dump_json(indent=2))  # noqa: T201
        return
    from ...reports.terminal.judge_tables import people_agreement

    output().print(people_agreement(found, theory))


def _check_accuracy(
    name: str,
    pool: str,
    mode: str,
    framework: Framework,
    labelled: LabelledTexts,
    seed: int,
    rows: int | None,
    embedder: str,
    overrides: dict[str, Any],
) -> JudgeAccuracy:
    import asyncio

    from ...agents.judges.check_judge import check_judge_accuracy
    from ...domain.errors import InputError
    from ...domain.reading.yaml_records import load_pool, override_settings
    from ...domain.settings import JudgeSettings, Settings
    from ...domain.texts.safe_text import one_line
    from ...jobs.judge_choice import LOCAL, judge_choice
    from ...jobs.standalone_judge import open_judge

    if name == LOCAL:
        raise InputError("--judge local: name the local judge's file instead — 'adaem judge train' makes one")
    spec = load_pool(pool)
    settings = override_settings(
        Settings(judge=JudgeSettings(mode=mode, embedder=embedder), seed=seed), {**judge_choice(name), **overrides}
    )

    notices: list[str] = []

    async def ask() -> JudgeAccuracy:
        async with open_judge(settings, spec, framework, notices) as (judge, needs):
            notices.extend(notice for notice in needs.notices if "logprobs" in notice)
            simulated = any(member.simulated for member in needs.members)
            return await check_judge_accuracy(
                judge, labelled, framework, mode=needs.mode, simulated=simulated, seed=seed, most_rows=rows
            )

    accuracy = asyncio.run(ask())
    for notice in notices:
        typer.echo(one_line(notice), err=True)
    return accuracy


def _embedder(name: str) -> Embedder:
    from ...domain.errors import InputError
    from ...memory.embedders.named_embedder import make_embedder

    try:
        return make_embedder(name)
    except InputError as error:
        raise InputError(f"{error}; or train on words alone with --features words") from None


def _check_free(path: Path) -> None:
    """Refuses a file that exists or cannot be made before any work is done."""
    from ...domain.errors import FileError
    from ...records.whole_file import check_folder_of

    if path.exists():
        raise FileError(path, "exists already", remedy="name another file with --out, or remove this one")
    check_folder_of(path)
