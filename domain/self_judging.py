"""Judges that label answers of their own: the same model as a member that answers, whatever both are told and called.

Zheng et al. (2023, arXiv 2306.05685) found that LLM judges may favour their own answers; authors do not answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .pool_spec import Member, PoolSpec, Role
from .texts.counting import count

MOST_NAMED = 4
"""Answering members that are named for one judge; of more the number is told."""

_ROLES = {Role.SCOUT: "scout", Role.PANEL: "panel member", Role.EXAMINEE: "examinee"}


def same_model(one: Member, other: Member, names: Mapping[str, str] | None = None) -> bool:
    """Whether two members are one model at one address, or one member.

    ``names`` are those under which real endpoints have answered, by member: two names in the pool file may lead to one.
    """
    if one.id == other.id or one.asked_model == other.asked_model:
        return True
    if names is None or one.simulated or other.simulated or one.address != other.address:
        return False
    return bool(names.get(one.id)) and names.get(one.id) == names.get(other.id)


def self_judging(judges: Sequence[Member], pool: PoolSpec, names: Mapping[str, str] | None = None) -> str:
    """Which of the ``judges`` that are asked also answer in ``pool``, in a sentence; empty where none does.

    ``names`` are as for ``same_model``. A jury's sentence says, too, how many other judges there are.
    """
    twins = {judge.id: [each for each in pool.respondents if same_model(judge, each, names)] for judge in judges}
    own = [judge for judge in judges if twins[judge.id]]
    if not own:
        return ""
    clauses = [f"the judge {judge.id} also answers {_as_whom(judge, twins[judge.id])}" for judge in own]
    if others := len(judges) - len(own):
        clauses[-1] += f" ({count(others, 'other judge')} of the jury {'does' if others == 1 else 'do'} not)"
    return f"{', '.join(clauses)}; a model that judges its own answers may favour them: name another judge"


def _as_whom(judge: Member, twins: Sequence[Member]) -> str:
    """ "as panel member sol2"; a judge that answers under no other id is not named again."""
    ids_by_roles: dict[tuple[str, ...], list[str]] = {}
    for twin in twins[:MOST_NAMED]:
        ids_by_roles.setdefault(tuple(word for role, word in _ROLES.items() if role in twin.roles), []).append(twin.id)
    words = []
    for roles, ids in ids_by_roles.items():
        named = " and ".join(roles if len(ids) == 1 else [f"{word}s" for word in roles])
        words.append(f"as {named}" if ids == [judge.id] else f"as {named} {', '.join(ids)}")
    if len(twins) > MOST_NAMED:
        words.append(f"as {count(len(twins) - MOST_NAMED, 'other member')}")
    return ", ".join(words)
