"""The verbs in ``adaem --help``, under headings that say what each is for."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

HEADINGS = {
    "Begin": ("init", "doctor", "plan", "local"),
    "Grow questions": ("run", "resume", "fork"),
    "Measure models": ("evaluate", "import", "judge", "calibrate"),
    "Look at results": ("runs", "report", "view", "show", "compare", "diff", "trace", "export"),
    "Change what it is made of": ("framework", "prompts", "agents", "settings", "graph"),
    "Maintain": ("memory",),
}


class GroupedVerbs(TyperGroup):
    """The program with its verbs; a verb without a heading would not be listed (tests/cli/test_help.py)."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the verbs, heading by heading, their summaries in one column."""
        longest = max(map(len, self.commands))
        for heading, verbs in HEADINGS.items():
            commands = [(verb, self.commands[verb]) for verb in verbs]
            with formatter.section(heading):
                limit = formatter.width - 6 - longest
                formatter.write_dl(
                    [(verb.ljust(longest), command.get_short_help_str(limit)) for verb, command in commands]
                )
