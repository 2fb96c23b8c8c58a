"""``adaem framework topics``: the sets of topics that ship, and topics from a file of anybody's texts."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from ..examples import examples
from ..whole_numbers import whole_number

topics = typer.Typer(
    name="topics",
    help="List sets of seed topics, and make one of a file of texts.",
    epilog=examples("adaem framework topics list", "adaem framework topics import arguments.csv --out topics.yaml"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


@topics.command("list", epilog=examples("adaem framework topics list", "adaem run -s topics=contested"))
def list_verb(as_json: AsJson = False) -> None:
    """List the sets of topics that -s topics=NAME takes."""
    import json

    from ...domain.framework import SeedTopic, TopicSet
    from ...domain.reading.yaml_records import package_folder, read_yaml, shipped_frameworks, shipped_topics, validate
    from ...domain.value_pairs import PAIRS

    files = [package_folder("frameworks/topics") / f"{name}.yaml" for name in shipped_topics()]
    files += [package_folder("frameworks") / f"{name}.yaml" for name in shipped_frameworks()]
    sets: dict[str, tuple[SeedTopic, ...]] = {}
    for file in files:
        if isinstance(listed := read_yaml(file).get("topics"), list):
            sets[file.stem] = validate(TopicSet, {"topics": listed}, file).topics
    rows = [
        {
            "name": name,
            "topics": len(each),
            "areas": len({topic.area for topic in each}),
            "regions": len({topic.region for topic in each if topic.region}),
        }
        for name, each in sets.items()
    ]
    if as_json:
        print(json.dumps({"topics": rows, "made": [PAIRS]}, indent=2))  # noqa: T201
        return
    from ...reports.terminal.framework_tables import topic_list
    from ..process.console import output

    output().print(topic_list(rows))


@topics.command(
    "import",
    epilog=examples(
        "adaem framework topics import questions.txt --out topics.yaml",
        "adaem framework topics import args.csv --column claim --out t.yaml",
        "adaem framework topics import items.jsonl --pool pool.yaml --out t.yaml",
    ),
)
def import_verb(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Texts: .txt (one a line), .csv or .jsonl.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The YAML file to write; it must not exist yet.")],
    column: Annotated[str | None, typer.Option(metavar="NAME", help="Where a table's texts stand.")] = None,
    pool: Annotated[
        str | None, typer.Option(metavar="FILE", help="Let this pool's authors turn statements into questions.")
    ] = None,
    calls: Annotated[int, whole_number(help="Calls of the authors at most, with retries.", least=1)] = 1_000,
    embedder: Annotated[
        str, typer.Option(metavar="NAME", help="What finds near copies, named as the setting embedder is.")
    ] = "hashing",
    settings: Annotated[
        list[str] | None,
        typer.Option("-s", metavar="KEY=VALUE", help="A setting: allowed_hosts, where an author's key may go."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make seed topics of arguments, questionnaire items or any list.

    Statements become yes/no questions by rule, or by a pool's authors, one call each. Near copies are dropped.
    """
    import asyncio
    import json

    from ...domain.errors import FileError
    from ...domain.pool_spec import Role
    from ...domain.reading.topic_file import topics_as_yaml
    from ...domain.reading.yaml_records import load_pool, load_settings, parse_override
    from ...domain.texts.safe_text import one_line
    from ...jobs.topic_import import import_topics
    from ...memory.embedders.named_embedder import make_embedder
    from ...pool.endpoints.endpoint import check_keys, unencrypted_notice
    from ...records.whole_file import check_folder_of, new_file

    if out.suffix not in (".yaml", ".yml"):
        raise FileError(out, "a file of topics ends in .yaml", remedy=f"call it {out.stem or 'topics'}.yaml")
    if out.exists():
        raise FileError(out, "exists already", remedy="choose another name, or remove it first")
    check_folder_of(out)
    members = None if pool is None else load_pool(pool)
    if members is not None:
        members = members.model_copy(update={"members": members.with_role(Role.AUTHOR)})
        check_keys(members, load_settings(None, dict(map(parse_override, settings or []))).allowed_hosts)
        if notice := unencrypted_notice(members):
            typer.echo(one_line(notice), err=True)
    made = asyncio.run(import_topics(file, make_embedder(embedder), column=column, pool=members, calls=calls))
    text = topics_as_yaml(made.topics, file)
    try:
        with new_file(out) as place:
            place.write_text(text, encoding="utf-8")
    except FileExistsError:
        raise FileError(out, "exists already", remedy="choose another name, or remove it first") from None
    except OSError as error:
        raise FileError(out, error.strerror or "cannot be written", remedy="check its folder") from None
    counts = {
        "read": made.read,
        "topics": len(made.topics),
        "turned": made.turned,
        "asked": made.asked,
        "duplicates": made.duplicates,
        "alike": made.alike,
        "unfit": dict(made.unfit),
        "embedder": made.embedder,
        "simulated": made.simulated,
    }
    if as_json:
        print(json.dumps({"file": str(out), **counts}, indent=2))  # noqa: T201
        return
    from ...reports.terminal.framework_tables import topics_made
    from ..process.console import output

    output().print(topics_made(counts))
    print(f"Wrote {out}: read it, then  adaem run -s topics={shlex.quote(str(out))}")  # noqa: T201
