"""Whether a server's context holds the longest prompt that a run will send, where the server tells how large it is."""

from __future__ import annotations

from ...domain.checkup import Check, CheckVerdict
from ...domain.framework import Framework
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.settings import Search
from ...pool.endpoints.context_size import context_size
from ...prompts import PromptLibrary
from ..planning.prompt_lengths import Lengths, Size, by_characters


async def check_context(member: Member, pool: PoolSpec, prompts: PromptLibrary, framework: Framework) -> Check | None:
    """A row for a member on this machine whose server tells its context; None for any other."""
    context = await context_size(member)
    if context is None:
        return None
    name, size = longest_prompt(member, pool, prompts, framework)
    needed = round(size.input + size.output)
    detail = (
        f"{context} tokens; the longest prompt ({name}) takes about {round(size.input)}, its reply {round(size.output)}"
    )
    if needed <= context:
        return Check(what=f"context {member.id}", verdict=CheckVerdict.OK, detail=detail)
    remedy = "serve it with a larger context, for each of its slots"
    verdict = CheckVerdict.PROBLEM if size.input > context else CheckVerdict.WARNING
    return Check(what=f"context {member.id}", verdict=verdict, detail=detail, remedy=remedy)


def longest_prompt(member: Member, pool: PoolSpec, prompts: PromptLibrary, framework: Framework) -> tuple[str, Size]:
    """The name and size of the longest request that ``member`` gets by its roles; tokens are counted by characters."""
    lengths = Lengths(framework, prompts, by_characters, drafts=Search().drafts)
    author, scouts = pool.with_role(Role.AUTHOR)[0], pool.with_role(Role.SCOUT)
    sizes: dict[str, Size] = {}
    if member in pool.with_role(Role.AUTHOR):
        sizes |= {"explore": lengths.explore(member, scouts), "refine": lengths.refine(member, scouts)}
    if {Role.SCOUT, Role.PANEL, Role.EXAMINEE} & set(member.roles):
        sizes["answer"] = lengths.answer(member, author)
    if Role.JUDGE in member.roles:
        sizes |= {"judge": lengths.judge(member, scouts[0]), "judge_question": lengths.judge_question(member, author)}
    return max(sizes.items(), key=lambda each: each[1].input)
