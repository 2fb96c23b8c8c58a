"""``adaem agents``: who can act in a run, and whether a class of your own keeps a role's contract."""

from __future__ import annotations

from typing import Annotated

import typer

from ..examples import examples

agents = typer.Typer(
    name="agents",
    help="List the agents, and check one of your own.",
    epilog=examples("adaem agents list", "adaem --import-path . agents check my_agents:LocalNews --as explorer"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]


@agents.command("list", epilog=examples("adaem agents list", "adaem run -s agents.refiner=none"))
def list_verb(as_json: AsJson = False) -> None:
    """List the agents that ship or that installed packages add.

    Name one with -s agents.ROLE=NAME.
    """
    import json

    from ...agents.registry import AGENTS, ignored_entries, installed_agents

    rows = [
        {"role": role, "name": name, "path": path, "from": "adaem"}
        for role, shipped in AGENTS.items()
        for name, path in shipped.items()
    ]
    rows += [
        {"role": role, "name": name, "path": entry.path, "from": entry.package}
        for role, added in installed_agents().items()
        for name, entry in added.items()
    ]
    rows.sort(key=lambda row: list(AGENTS).index(row["role"]))
    unused = ignored_entries()
    if as_json:
        left_out = [
            {"entry": entry.name, "path": entry.path, "from": entry.package, "why": entry.why} for entry in unused
        ]
        print(json.dumps({"agents": rows, "ignored": left_out}, indent=2))  # noqa: T201
        return
    from ...reports.plain_text import plain
    from ...reports.terminal.agent_tables import agent_list
    from ..process.console import output

    output().print(agent_list(rows))
    for entry in unused:
        output().print(plain(f"ignored, of the package {entry.package}: {entry.name} = {entry.path} — {entry.why}"))


@agents.command(
    epilog=examples(
        "adaem --import-path . agents check my_agents:LocalNews --as explorer",
        "adaem agents check local -s judge.file=judge.npz",
    )
)
def check(
    path: Annotated[str, typer.Argument(metavar="MODULE:CLASS|NAME", help="A class, or an agent by its short name.")],
    role: Annotated[
        str | None, typer.Option("--as", metavar="ROLE", help="Its role, if its methods do not say.")
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "-s", metavar="KEY=VALUE", help="A setting that it reads, as judge.file; may be given many times."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try an agent with simulated models: does it keep its role's rules?

    Exit code 1 when it does not keep all. Pool and embedder are the check's own.
    """
    import asyncio
    import dataclasses
    import json

    from ...agents.conformance.check import check_agent
    from ...agents.registry import find_agent, role_of
    from ...domain.errors import InputError
    from ...domain.reading.yaml_records import load_settings, parse_override

    given = dict(map(parse_override, overrides or []))
    for key in ("pool", "embedder"):
        if key in given:
            raise InputError(f"-s {key}: the check's own is taken, which asks nobody outside — leave it out")
    settings = load_settings(None, given)
    role = role_of(path, role)
    findings = asyncio.run(check_agent(role, find_agent(role, path), settings))
    if as_json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        print(json.dumps({"role": role, "agent": path, "findings": rows}, indent=2))  # noqa: T201
    else:
        from ...reports.terminal.agent_tables import agent_findings
        from ..process.console import output

        output().print(agent_findings(path, role, findings))
    if any(finding.problem for finding in findings):
        raise typer.Exit(1)
