"""docs/STATISTICS.md explains every table and column that the report shows, and names commands that exist."""

from __future__ import annotations

import re
import shlex

from adaem.reports.sheets.all_sheets import all_sheets
from adaem.reports.sheets.result_sheets import heads, profile_sheets
from adaem.results.compute import results
from adaem.results.result_types import Results
from answered import Given, apart, evaluated, primed_evaluation, said, silent
from places import ROOT

TEXT = (ROOT / "docs" / "STATISTICS.md").read_text(encoding="utf-8")
WORDS = " ".join(TEXT.replace("*", "").replace("\\", "").split()).casefold()


def four_samples(questions: int = 24) -> Results:
    """Three models, four samples each, one that refuses now and then: every table has something to show."""

    def given(n: int) -> list[Given]:
        zebra = [said("zebra", "care", *["power"] * (s == n % 4)) for s in range(4)]
        okapi = [said("okapi", *["power"] * (s != n % 4), *["safety"] * (s == n % 3)) for s in range(4)]
        mouse = [said("mouse", "safety", *["care"] * (s == n % 4)) for s in range(3)] + [silent("mouse")]
        return zebra + okapi + mouse

    return results(evaluated(questions, given), 0)


def test_every_table_and_column_is_explained() -> None:
    shown = 0
    for found in (four_samples(), results(apart(), 0), results(primed_evaluation(), 0)):
        models = set(heads(found).values())
        for sheet in all_sheets(found):
            shown += 1
            counted = re.sub(r"\b\d+ ", "", sheet.title).replace("the pair of", "the pairs of")
            title = re.split(r"[,:(]| in percentage| over | of two| that ", counted)[0].strip().casefold()
            assert title in WORDS, sheet.title
            for column in set(sheet.columns) - models - {""}:
                assert column.replace("*", "").casefold() in WORDS, (sheet.title, column)
    assert shown > 20


def test_rows_that_are_no_value_are_explained() -> None:
    found = four_samples()
    names = set(found.asked.values.values())
    rows = {row[0] for row in profile_sheets(found)[0].rows} - names
    assert rows == {"refused, %", "worst case, ±", "answers", "missing", "no answer to"}
    assert all(row in WORDS for row in rows)


def test_named_commands_exist() -> None:
    commands = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
    commands += re.findall(r"`(python [^`]*)`", TEXT)
    assert len(commands) >= 4
    for command in commands:
        python, script, *rest = shlex.split(command)
        assert python == "python"
        source = (ROOT / script).read_text(encoding="utf-8")
        options = rest[next((place for place, word in enumerate(rest) if word.startswith("-")), len(rest)) :]
        for option, value in zip(options[::2], options[1::2], strict=True):
            assert f'"{option}"' in source
            assert value.isdecimal() or f'"{value}":' in source
