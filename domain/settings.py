"""What a run is asked to do. One model holds every setting, its default and its meaning."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from .framework import Misplaced
from .record import Record, Whole

Name = Annotated[str, StringConstraints(min_length=1)]


class AgentNames(Record):
    """Who acts: a short name or a dotted path ``package.module:Class`` each."""

    explorer: Name = "llm"
    refiner: Name = "reflect"
    prober: Name = "pool"
    judge: Name = "llm"
    critic: Name = "divergence"


class Budget(Record):
    """When a run ends, whichever comes first. Calls (requests sent, repairs and retries included), tokens and money
    are hard caps: what a request may cost at most is set aside before it is sent. ``money`` is in the pool's currency.
    """

    rounds: Whole | None = Field(default=None, gt=0)
    calls: Whole = Field(default=20_000, gt=0)
    tokens: Whole | None = Field(default=None, gt=0)
    money: float | None = Field(default=None, gt=0)
    confirm_share: float = Field(default=0.25, gt=0, lt=1)
    evaluate_share: float = Field(default=0.4, ge=0, lt=1)


class Samples(Record):
    """Answers per member and question in each phase; divergence needs at least two."""

    search: Whole = Field(default=3, ge=2)
    confirm: Whole = Field(default=5, ge=2)
    evaluate: Whole = Field(default=5, ge=2)


class Search(Record):
    """How the search chooses (METHOD.md section 3)."""

    policy: Name = "expected-improvement"
    moves_per_round: Whole = Field(default=12, gt=0)
    topic_cap: Whole = Field(default=3, gt=0, description="questions of one topic that count towards M")
    refine_share: float = Field(default=0.1, ge=0, le=1, description="share of refine moves at the start")
    neighbours: Whole = Field(default=5, ge=0, description="remembered neighbours that inform a fresh topic")
    beta: float = Field(default=0.0, ge=0, description="weight of disentanglement in selection")
    gamma: float = Field(default=0.0, ge=0, description="weight of opinion diversity in selection")
    permutations: Whole = Field(default=999, ge=99)
    topic_draws: Whole = Field(default=200, gt=0, description="moves a topic may be given before it is exhausted")
    new_topics: Whole = Field(default=12, ge=0, description="topics that the explorer adds when all are worn out")
    saturated_below: float = Field(
        default=0.02, ge=0, description="bits; a topic whose questions surely lie below on average is saturated"
    )


class JudgeSettings(Record):
    """How answers are judged (METHOD.md section 4). ``file`` and ``accuracy`` come from 'adaem judge'."""

    mode: Literal["joint", "per_value"] = Field(
        default="joint", description="one call an answer, or one yes/no call a key point and value"
    )
    file: Name | None = Field(default=None, description="the local judge, as 'adaem judge train' wrote it")
    accuracy: Name | None = Field(default=None, description="the judge's measured errors, from 'judge check --out'")


class Novelty(Record):
    """Thresholds of the novelty gate, as cosine similarities; None takes the embedder's own."""

    nearest: float | None = Field(default=None, ge=-1, le=1)
    mean_of_three: float | None = Field(default=None, ge=-1, le=1)


class Settings(Record):
    """A run, resolved. ``pool``, ``framework`` and ``prompts`` are shipped names or paths."""

    framework: Name = "schwartz"
    pool: Name = "simulated"
    prompts: Name = "default"
    embedder: Name = "hashing"
    memory: str | None = Field(
        default=None, description="what several runs share: a folder, or a Chroma server's http://"
    )
    bank: str | None = Field(
        default=None, description="questions, or recorded answers, in the place of the framework's topics: a file"
    )
    questions: Whole = Field(default=50, gt=0, description="M, the questions to publish")
    seed: Whole = Field(default=0, ge=0)
    step_timeout: float = Field(
        default=3600.0, gt=0, description="seconds that a step waits; the rest counts as missing"
    )
    allowed_hosts: tuple[str, ...] = Field(default=(), description="hosts that may be sent the keys the pool names")
    tracing: bool = Field(default=False, description="let LangSmith trace, where its own variables ask for it")
    agents: AgentNames = AgentNames()
    budget: Budget = Budget()
    samples: Samples = Samples()
    judge: JudgeSettings = JudgeSettings()
    search: Search = Search()
    novelty: Novelty = Novelty()

    @model_validator(mode="before")
    @classmethod
    def _groups_are_nested(cls, data: Any) -> Any:
        for key in data if isinstance(data, dict) else ():
            group, point, name = str(key).partition(".")
            if point and group in cls.model_fields:
                raise Misplaced(f"a dotted key is for -s; write '{group}:' and, indented below it, '{name}:'", key)
        return data
