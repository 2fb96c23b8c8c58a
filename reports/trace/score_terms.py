"""The terms of a score with their formulas and the numbers put in (METHOD.md section 2)."""

from __future__ import annotations

from typing import Any

from ...domain.record import Record
from ...domain.settings import Search, Settings


class Term(Record):
    """One term: its value, None where it was not measured, and how it came to be."""

    name: str
    value: float | None
    formula: str


def terms_of(score: dict[str, Any], critic: str, search: Search) -> list[Term]:
    """The terms of a critique's ``score``, the total last."""
    plug_in = score["plug_in"]
    floor = score["noise_floor"]
    divergence = score["divergence"]
    interval, variance = score.get("interval"), score.get("variance")
    t, o = score["disentanglement"], score.get("opinion_diversity")
    terms = [
        Term(name="plug-in divergence", value=plug_in, formula="mean over values of H(mean rate) - mean H(rate), bits"),
        Term(name="noise floor", value=floor, formula="what chance adds to the plug-in, bits"),
        Term(
            name="divergence D*",
            value=divergence,
            formula=f"plug-in - floor = {plug_in:z.3f} - {floor:z.3f}"
            + (f"; 95 % {_span(interval, divergence)}" if interval else ""),
        ),
    ]
    if variance is not None:
        terms.append(Term(name="standard error", value=variance**0.5, formula="jackknife over whole answers, bits"))
    if score.get("p_value") is not None:
        terms.append(Term(name="p", value=score["p_value"], formula="share of permutations with as much divergence"))
    if score.get("q_value") is not None:
        terms.append(Term(name="q", value=score["q_value"], formula="p, for all confirmed questions together"))
    terms += [
        Term(name="quadratic divergence", value=score["quadratic"], formula="variance of the rates between models"),
        Term(name="echo", value=score["echo"], formula="values that question and answer both express"),
        Term(name="own", value=score["own"], formula="values that the answer alone expresses"),
        Term(
            name="disentanglement T", value=t, formula=f"own + resisted = {score['own']:z.3f} + {t - score['own']:z.3f}"
        ),
        Term(name="opinion diversity O", value=o, formula="distance of the answers' texts between models"),
        Term(
            name="stances agree", value=score.get("stance_agreement"), formula="share of pairs of models, same stance"
        ),
    ]
    total = f"the critic {critic!r} says how"
    if critic == "divergence":
        total = f"D* + beta T + gamma O = {divergence:+z.3f} + {search.beta:g} x {t:z.3f} + {search.gamma:g} x "
        total += "–" if o is None else f"{o:z.3f}"
    elif critic == "paper":
        total = "R_VC + R_VD + R_OD - R_Dis / 2, as the paper prints it"
    elif critic == "overlap":
        total = "overlaps of value sets, which earlier versions took for the paper's score"
    return [*terms, Term(name="score", value=score["total"], formula=total)]


def critic_of(recorded: str, settings: Settings) -> str:
    """The critic behind a score by its present name; its records say "paper" where an earlier version wrote them."""
    return "overlap" if recorded == "paper" and settings.agents.critic == "overlap" else recorded


def _span(interval: tuple[float, float], divergence: float) -> str:
    cut = "" if interval[0] <= divergence <= interval[1] else "cut: "
    return f"[{cut}{interval[0]:z.3f}, {interval[1]:z.3f}]"
