"""Which members the judge of a folder asked, and whether these answered, too."""

from __future__ import annotations

from ...domain.pool_spec import Role
from ...domain.self_judging import self_judging
from ...records import Manifest


def asked_judges(manifest: Manifest) -> tuple[str, ...]:
    """The ids of the members that the judge asked; empty where it asked none."""
    if manifest.judges is not None:
        return manifest.judges
    # A version that did not record whom the judge asks, when only these two shipped ones asked.
    members = tuple(member.id for member in manifest.pool.with_role(Role.JUDGE)) if manifest.pool else ()
    return {"llm": members[:1], "jury": members}.get(manifest.settings.agents.judge, ())


def judged_themselves(manifest: Manifest) -> str:
    """The judges that are among the models that answered, in a sentence; empty where none is.

    Answers that were imported are nobody's in the pool.
    """
    if manifest.pool is None or manifest.recorded is not None:
        return ""
    asked = asked_judges(manifest)
    return self_judging([member for member in manifest.pool.members if member.id in asked], manifest.pool)
