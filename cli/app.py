"""The main verbs with their options, and nothing else; those of one kind are together in files of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .examples import examples
from .inspect.inspect_verbs import reading
from .measure.judge import judge
from .measure.measure_verbs import measuring
from .memory.memory_verbs import memory as memory_verbs
from .run_argument import RunArgument, run_folder
from .search.fork import forking
from .setup.agents_verbs import agents
from .setup.framework_verbs import framework
from .setup.local_verbs import local
from .setup.prompts_verbs import prompts
from .setup.show_settings import settings as settings_verbs
from .verb_groups import GroupedVerbs
from .whole_numbers import whole_number

app = typer.Typer(
    name="adaem",
    cls=GroupedVerbs,
    help="Grows questions that show how language models differ in what they value, and which differences are real.",
    epilog=examples(
        "adaem run",
        "adaem init my-project",
        "adaem run --help",
        introduction="Start with 'adaem run': it needs no key and no network, since its default models are simulated.",
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(measuring)
app.add_typer(agents)
app.add_typer(judge)
app.add_typer(framework)
app.add_typer(local)
app.add_typer(memory_verbs)
app.add_typer(prompts)
app.add_typer(forking)
app.add_typer(reading)
app.add_typer(settings_verbs)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]
Step = Annotated[
    bool, typer.Option("--step", help="Pause before each step: go on, skip, edit the question or the topic, or stop.")
]
Before = Annotated[str | None, typer.Option(metavar="AGENT", help="With --step: pause only before this agent's steps.")]


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"adaem {__version__}")
        raise typer.Exit


@app.callback()
def adaem(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    import_path: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="A folder with agents of your own, named before the verb; may be repeated."),
    ] = None,
) -> None:
    """See the verbs below."""
    from .process.import_path import add_import_paths

    add_import_paths(import_path or [])


@app.command(
    epilog=examples(
        "adaem run",
        "adaem run --questions 36 --calls 16000 --seed 7",
        "adaem run --pool my-pool.yaml --out runs/first",
        "adaem run -s search.policy=ucb -s samples.confirm=8 --out runs/ucb",
    )
)
def run(
    config: Annotated[
        Path | None, typer.Argument(metavar="[CONFIG]", help="A YAML file with settings, or: paper.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("-s", metavar="KEY=VALUE", help="Set one setting; may be given many times.")
    ] = None,
    framework: Annotated[str | None, typer.Option(metavar="NAME|FILE", help="The value theory.")] = None,
    pool: Annotated[str | None, typer.Option(metavar="FILE", help="The models; simulated ones by default.")] = None,
    prompts: Annotated[str | None, typer.Option(metavar="DIR", help="Another set of prompts.")] = None,
    rounds: Annotated[int | None, whole_number(help="Stop the search after N rounds.")] = None,
    calls: Annotated[int | None, whole_number(help="Model calls at most, in total.")] = None,
    questions: Annotated[int | None, whole_number(help="How many questions to publish.", metavar="M")] = None,
    seed: Annotated[int | None, whole_number(help="Seed of every random choice.")] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="DIR|URL", help="A memory that several runs share: nothing is asked twice.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="RUN", help="The run's folder; by default under runs/.")] = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            parser=run_folder,
            help="Ask nobody: make that run again from its settings and recorded calls.",
        ),
    ] = None,
    step: Step = False,
    before: Before = None,
    as_json: AsJson = False,
) -> None:
    """Grow questions that separate a pool's models by their values."""
    from .search.run import run_verb

    flags = {
        "framework": framework,
        "pool": pool,
        "prompts": prompts,
        "budget.rounds": rounds,
        "budget.calls": calls,
        "questions": questions,
        "seed": seed,
        "memory": memory,
    }
    given = {key: value for key, value in flags.items() if value is not None}
    run_verb(config, settings or [], given, out, replay, stepping=step, before=before, as_json=as_json)


@app.command(epilog=examples("adaem init my-project", "cd my-project && adaem run settings.yaml"))
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")]) -> None:
    """Write a commented project of your own that runs as it stands.

    It holds settings, a pool, a framework and prompts.
    """
    from .setup.init import init_verb

    init_verb(folder)


@app.command(
    epilog=examples(
        "adaem resume runs/first",
        "adaem resume runs/first --rounds 20",
        "adaem resume runs/first -s budget.money=20",
    )
)
def resume(
    folder: RunArgument,
    rounds: Annotated[int | None, whole_number(help="Grow a finished run by N rounds of search.", least=1)] = None,
    settings: Annotated[
        list[str] | None, typer.Option("-s", metavar="KEY=VALUE", help="Change the budget; may be given many times.")
    ] = None,
    step: Step = False,
    before: Before = None,
    as_json: AsJson = False,
) -> None:
    """Go on with a run that was stopped or killed.

    Nothing that was answered is asked again.
    """
    from .search.run import resume_verb

    resume_verb(folder, settings or [], rounds, stepping=step, before=before, as_json=as_json)


@app.command(
    epilog=examples(
        "adaem doctor", "adaem doctor --pool my-pool.yaml --probes 10", "adaem doctor settings.yaml --json"
    ),
)
def doctor(
    config: Annotated[
        Path | None, typer.Argument(metavar="[CONFIG]", help="A YAML file with settings, or: paper.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("-s", metavar="KEY=VALUE", help="Set one setting; may be given many times.")
    ] = None,
    framework: Annotated[str | None, typer.Option(metavar="NAME|FILE", help="The value theory.")] = None,
    pool: Annotated[str | None, typer.Option(metavar="FILE", help="The models; simulated ones by default.")] = None,
    prompts: Annotated[str | None, typer.Option(metavar="DIR", help="Another set of prompts.")] = None,
    memory: Annotated[str | None, typer.Option(metavar="DIR|URL", help="A memory that several runs share.")] = None,
    probes: Annotated[
        int | None, whole_number(help="Put N real questions to each respondent, 10 to weak ones.", least=0)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check files, keys, endpoints and folders before a run.

    Each real model is asked one tiny question. Exit code 1 when there is a problem.
    """
    from .setup.doctor import doctor_verb

    flags = {
        "framework": framework,
        "pool": pool,
        "prompts": prompts,
        "memory": memory,
    }
    given = {key: value for key, value in flags.items() if value is not None}
    doctor_verb(config, settings or [], given, as_json, probes or 0)


@app.command(
    epilog=examples(
        "adaem plan",
        "adaem plan --pool my-pool.yaml --calls 12000",
        "adaem plan --pool my-pool.yaml -s budget.money=20 --from runs/pilot",
        "adaem plan --pool my-pool.yaml --from doctor.json",
    )
)
def plan(
    config: Annotated[
        Path | None, typer.Argument(metavar="[CONFIG]", help="A YAML file with settings, or: paper.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("-s", metavar="KEY=VALUE", help="Set one setting; may be given many times.")
    ] = None,
    framework: Annotated[str | None, typer.Option(metavar="NAME|FILE", help="The value theory.")] = None,
    pool: Annotated[str | None, typer.Option(metavar="FILE", help="The models; simulated ones by default.")] = None,
    prompts: Annotated[str | None, typer.Option(metavar="DIR", help="Another set of prompts.")] = None,
    rounds: Annotated[int | None, whole_number(help="Stop the search after N rounds.")] = None,
    calls: Annotated[int | None, whole_number(help="Model calls at most, in total.")] = None,
    questions: Annotated[int | None, whole_number(help="How many questions to publish.", metavar="M")] = None,
    earlier: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="RUN|FILE",
            parser=run_folder,
            help="Take lengths and times from an earlier run, or times from a file of 'adaem doctor --json'.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Forecast a run's calls, tokens, cost and time. Nothing is spent.

    They are told by step and by member.
    """
    from .search.plan import plan_verb

    flags = {
        "framework": framework,
        "pool": pool,
        "prompts": prompts,
        "budget.rounds": rounds,
        "budget.calls": calls,
        "questions": questions,
    }
    given = {key: value for key, value in flags.items() if value is not None}
    plan_verb(config, settings or [], given, earlier, as_json)


@app.command(epilog=examples("adaem calibrate --quick", "adaem calibrate --seed 1 --out report.md"))
def calibrate(
    quick: Annotated[bool, typer.Option("--quick", help="Two minutes instead of half an hour.")] = False,
    worlds: Annotated[int | None, whole_number(help="How many default worlds of each half.", least=1)] = None,
    seed: Annotated[int, whole_number(help="Seed of every random choice.", least=0)] = 0,
    simulator: Annotated[
        int | None, whole_number(help="Version of the simulator, 1 or 2 (the default).", least=1)
    ] = None,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the report there, as Markdown.")] = None,
) -> None:
    """Test the instrument against planted values.

    Exit code 1 when a line falls short.
    """
    from .measure.calibrate import calibrate_verb

    calibrate_verb(quick, worlds, seed, simulator, as_json, out)
