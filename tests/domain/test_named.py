"""Parts by short name or dotted path: what is wrong with a name is said, and a user's own bug is not hidden."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from adaem.domain.errors import InputError
from adaem.domain.named import find_named

SHIPPED = {"root": "math:sqrt", "ceiling": "math:ceil"}


@pytest.mark.parametrize(
    ("name", "found"),
    [("root", math.sqrt), ("ceiling", math.ceil), ("math:floor", math.floor), ("pathlib:Path.home", Path.home)],
)
def test_short_names_and_dotted_paths(name: str, found: object) -> None:
    assert find_named("function", name, SHIPPED) == found


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("rot", "no function is called 'rot' — choose one of ceiling, root, or give package.module:name"),
        ("math.sqrt", "no function is called 'math.sqrt'"),
        ("", "no function is called ''"),
        ("no_such_module_here:x", "cannot import it"),
        ("math.nothing:x", "cannot import it"),
        ("math:sqroot", "math has no 'sqroot'"),
        ("math:", "math has no ''"),
        ("math:sqrt.", "math has no 'sqrt.'"),
        ("pathlib:Path.hom", "pathlib has no 'Path.hom'"),
        (":sqrt", "the module's name is relative"),
        (".math:sqrt", "the module's name is relative"),
        ("..:x", "the module's name is relative"),
    ],
)
def test_names_that_lead_nowhere(name: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        find_named("function", name, SHIPPED)
    assert message in str(caught.value)


def test_a_bug_in_the_users_module_is_not_taken_for_a_misspelling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "buggy_agents.py").write_text("import math\nmath.no_such_thing\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(AttributeError, match="no_such_thing"):
        find_named("critic", "buggy_agents:Critic", {})
