"""The worlds that the calibration draws, and the pools and settings that it runs in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..domain.framework import Framework
from ..domain.pool_spec import Member, PoolSpec, Role
from ..domain.reading.yaml_records import load_framework
from ..domain.settings import Budget, Samples, Search, Settings
from ..pool.simulated.version_parameters import FIRST_VERSION

FRAMEWORK = "schwartz"
SIMULATOR = 2
"""The version of the simulator that the calibration draws its worlds from, unless another is asked for."""

RESPONDENTS = 5
"""K: respondents of a world that screen and confirm."""

OPEN = tuple(range(1, 51))
"""Numbers of worlds that anybody may look at while designing; the simulator's author saw 1 to 4."""

RESERVED = tuple(range(101, 301))
"""Numbers of worlds that are opened for the final report alone: nothing may be tuned on them."""

FEW_ANSWERS = 100
"""Answers per question wanted under which two samples are screened instead of three (METHOD.md section 3.3)."""


@dataclass(frozen=True)
class World:
    """One draw of planted numbers, in a version of the simulator.

    ``style_penalty`` is the judge's additional miss rate on marked-up key points.
    """

    number: int
    variant: str = ""
    style_penalty: float | None = None
    simulator: int = FIRST_VERSION

    @property
    def name(self) -> str:
        """The world as the report calls it."""
        kind = self.variant or "default"
        return f"{self.number} {kind}" + ("" if self.style_penalty is None else ", uneven judge")

    def member(self, name: str, kind: str, *roles: Role, **parameters: Any) -> Member:
        """A simulated member of this world."""
        given = {"world": self.number, "variant": self.variant, **parameters}
        if self.simulator != FIRST_VERSION:
            given["version"] = self.simulator
        return Member(id=name, model=f"simulated:{kind}", roles=roles, concurrency=64, send_seed=True, parameters=given)

    def respondents(self, count: int = RESPONDENTS) -> tuple[Member, ...]:
        """The first respondents, scouts and panel at once."""
        numbers = range(1, count + 1)
        return tuple(self.member(f"r{n}", "respondent", Role.SCOUT, Role.PANEL, respondent=n) for n in numbers)

    def judge(self) -> Member:
        """The world's judge."""
        own = {} if self.style_penalty is None else {"style_penalty": self.style_penalty}
        return self.member("judge", "judge", Role.JUDGE, judge=1, **own)

    def pool(self) -> PoolSpec:
        """Respondents, author and judge; nobody is kept for the evaluation."""
        # The array simulation's author is shown no examples; one that learnt from them would set the two lanes apart.
        blind = {} if self.simulator == FIRST_VERSION else {"learning": 0.0}
        author = self.member("author", "author", Role.AUTHOR, author=1, **blind)
        return PoolSpec(name=f"world {self.name}", members=(*self.respondents(), author, self.judge()))


def framework() -> Framework:
    """The framework of the calibration."""
    return load_framework(FRAMEWORK)


def search_settings(
    answers: int, *, questions: int = 50, seed: int = 0, samples: int | None = None, **search: Any
) -> Settings:
    """The program's defaults for a search with ``answers`` answers, each with its judgement, confirmation included.

    An answer and its judgement are two calls; nothing is spent on an evaluation. ``search`` overrides settings of
    the search (``policy``, ``refine_share`` …), ``samples`` how many answers of each model screen a question.
    """
    few = answers < FEW_ANSWERS * questions
    return Settings(
        framework=FRAMEWORK,
        questions=questions,
        seed=seed,
        budget=Budget(calls=2 * answers, evaluate_share=0.0),
        samples=Samples(search=samples or (2 if few else 3)),
        search=Search(**search),
    )
