"""What a run is asked to do. One model holds every setting, its default, its range and its meaning.

A meaning is shown below its value and by editors: half a sentence, with the unit, the range and the choices.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from .framework import Misplaced
from .record import Record, Whole

Name = Annotated[str, StringConstraints(min_length=1)]


class SettingGroup(Record):
    """Settings that belong together. No number of theirs is without an end: JSON, which keeps them, has none such."""

    model_config = ConfigDict(allow_inf_nan=False)


class AgentNames(SettingGroup):
    """Who acts: a short name or a dotted path ``package.module:Class`` each."""

    explorer: Name = Field(
        default="llm",
        description="who writes questions: llm, plain (asks for controversial ones, the baseline), bank (a file's), or "
        "package.module:Class",
    )
    refiner: Name = Field(
        default="reflect", description="who rewrites good questions: reflect, none, or package.module:Class"
    )
    prober: Name = Field(default="pool", description="who asks the models: pool, or package.module:Class")
    judge: Name = Field(
        default="llm",
        description="who finds the values in an answer: llm, jury (several models), local (judge.file; no calls), "
        "zero_shot (judge.embedder; no calls), or package.module:Class",
    )
    critic: Name = Field(
        default="divergence",
        description="who scores a question: divergence, paper (as printed), overlap (the 'paper' of earlier "
        "versions), or package.module:Class",
    )


class Budget(SettingGroup):
    """When a run ends, whichever comes first. Calls (requests sent, repairs and retries included), tokens and money
    are hard caps: what a request may cost at most is set aside before it is sent. ``money`` is in the pool's currency.
    """

    rounds: Whole | None = Field(default=None, gt=0, description="rounds of search at most, from 1; null: no cap")
    calls: Whole = Field(
        default=20_000, gt=0, description="requests to models at most, from 1, with repairs and retries"
    )
    tokens: Whole | None = Field(
        default=None, gt=0, description="tokens at most, of prompts and answers together, from 1; null: no cap"
    )
    money: float | None = Field(
        default=None, gt=0, description="cost at most, above 0, in the pool's currency; null: no cap"
    )
    confirm_share: float = Field(
        default=0.25, gt=0, lt=1, description="share of the calls that confirmation may take, between 0 and 1"
    )
    evaluate_share: float = Field(
        default=0.4, ge=0, lt=1, description="share of the calls that evaluation may take, from 0 to below 1"
    )


class Samples(SettingGroup):
    """Answers per member and question in each phase; divergence needs at least two.

    ``allocation`` and ``vary`` are read by an evaluation of its own (METHOD.md section 5).
    """

    search: Whole = Field(
        default=3, ge=2, le=1_000, description="answers of each scout to a question in the search, from 2 to 1000"
    )
    confirm: Whole = Field(
        default=5,
        ge=2,
        le=1_000,
        description="fresh answers of each panel member to confirm a question, from 2 to 1000",
    )
    evaluate: Whole = Field(
        default=5, ge=2, le=1_000, description="answers of each model to a published question, from 2 to 1000"
    )
    allocation: Literal["even", "by_noise"] = Field(
        default="even",
        description="of 'adaem evaluate', even: every model gives as many; by_noise: all of them to ten questions, to "
        "the others from 2 on, as the model's answers vary",
    )
    vary: Literal["sampling", "wording"] = Field(
        default="sampling",
        description="of 'adaem evaluate', between a model's answers to one question; sampling: chance alone; wording: "
        "an author's paraphrases, too",
    )


class Search(SettingGroup):
    """How the search chooses (METHOD.md section 3)."""

    policy: Name = Field(
        default="expected-improvement",
        description="which topic is asked about next: expected-improvement, ucb, thompson, paper, random, round-robin, "
        "ucb1 (earlier called paper), or package.module:function",
    )
    moves_per_round: Whole = Field(
        default=12, gt=0, le=10_000, description="questions tried side by side in a round, from 1 to 10000"
    )
    topic_cap: Whole = Field(default=3, gt=0, description="questions of one topic that count towards M, from 1")
    refine_share: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="share of moves that rewrite questions until it is known whether that pays, 0 to 1; 0: never",
    )
    drafts: Whole = Field(
        default=1,
        gt=0,
        le=1_000,
        description="drafts that one call brings, of which one is tried, from 1 to 1000",
    )
    surrogate: Name = Field(
        default="ridge",
        description="what foresees from its words which draft scores best: ridge, none (the first new one is tried), "
        "or package.module:Class",
    )
    least_refine_share: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="share of moves that rewrite at the least, unless that is known not to pay, 0 to 1",
    )
    neighbours: Whole = Field(default=5, ge=0, description="similar topics that inform a fresh one, from 0")
    early_confirmations: Whole = Field(
        default=3,
        ge=0,
        le=1_000,
        description="batches of confirmations before the search ends, from 0 to 1000: a stopped run has published some",
    )
    beta: float = Field(default=0.0, ge=0, description="weight of disentanglement in a question's score, from 0")
    gamma: float = Field(default=0.0, ge=0, description="weight of opinion diversity in a question's score, from 0")
    permutations: Whole = Field(
        default=999,
        ge=99,
        le=100_000,
        description="random permutations in a question's permutation test, from 99 to 100000",
    )
    noise_floor: Literal["scaled", "permuted"] = Field(
        default="scaled",
        description="what chance adds to a question's divergence; permuted: its mean over permutations of the answers; "
        "scaled: less where a model's answers hardly vary",
    )
    topic_draws: Whole = Field(
        default=200, gt=0, description="moves that a topic may be given before it is exhausted, from 1"
    )
    new_topics: Whole = Field(
        default=12, ge=0, le=10_000, description="topics that the explorer adds when all are exhausted, from 0 to 10000"
    )
    saturated_below: float = Field(
        default=0.02,
        ge=0,
        description="bits, from 0; a topic whose questions surely lie below on average is saturated",
    )


class JudgeSettings(SettingGroup):
    """How answers are judged (METHOD.md section 4). ``file`` and ``accuracy`` come from 'adaem judge'."""

    mode: Literal["joint", "per_value"] = Field(
        default="joint", description="joint: one call an answer; per_value: a yes/no call for each key point and value"
    )
    file: Name | None = Field(default=None, description="the local judge: a file by 'adaem judge train'; null: none")
    embedder: Name = Field(
        default="minilm",
        description="with which zero_shot compares texts, or judge.file was trained (one of your own embedders); "
        "named as the setting embedder is",
    )
    accuracy: Name | None = Field(
        default=None, description="the judge's measured errors: a file by 'adaem judge check --out'; null: not known"
    )


class Novelty(SettingGroup):
    """Thresholds of the novelty gate, as cosine similarities, and its second look; None takes the embedder's own."""

    second_look: Literal["rule", "model", "none"] | None = Field(
        default=None,
        description="what decides whether a similar question is the same: rule, by its other words; model, which is "
        "asked; none, likeness alone; null: rule or none, by embedder",
    )
    nearest: float | None = Field(
        default=None,
        ge=-1,
        le=1,
        description="cosine similarity to the nearest question above which a new one is a duplicate, -1 to 1; null: "
        "the embedder's own",
    )
    mean_of_three: float | None = Field(
        default=None,
        ge=-1,
        le=1,
        description="the same for the mean of its three nearest, -1 to 1; null: the embedder's own",
    )


class Settings(SettingGroup):
    """A run, resolved. ``pool``, ``framework`` and ``prompts`` are shipped names or paths."""

    framework: Name = Field(
        default="schwartz", description="the value theory: a name in 'adaem framework list', or a YAML file"
    )
    pool: Name = Field(default="simulated", description="the models: simulated (no key, no network), or a YAML file")
    prompts: Name = Field(default="default", description="the prompts: a name in 'adaem prompts list', or a folder")
    embedder: Name = Field(
        default="hashing",
        description="what tells how alike two questions are: hashing (near copies only), minilm, onnx, "
        "openai:<model>, sentence-transformers:<name or path>, or package.module:Class",
    )
    memory: str | None = Field(
        default=None,
        description="questions that several runs share: a folder, or a Chroma server's http://; null: the run's own",
    )
    bank: str | None = Field(
        default=None,
        description="a file of questions, or of recorded answers, in place of the framework's topics; null: none",
    )
    topics: Name | None = Field(
        default=None,
        description="seed topics in place of the framework's: contested, pairs (of its values), the name of another "
        "framework, or a YAML file; null: its own",
    )
    questions: Whole = Field(
        default=50, gt=0, le=1_000_000, description="M, the questions to publish, from 1 to 1000000"
    )
    seed: Whole = Field(default=0, ge=0, description="decides every random choice, from 0")
    step_timeout: float = Field(
        default=3600.0, gt=0, description="seconds that a step waits, above 0; what has not come counts as missing"
    )
    reconnect_timeout: float = Field(
        default=300.0,
        ge=0,
        description="seconds that an endpoint which cannot be reached is waited for, from 0; then the run stops, and "
        "'adaem resume' goes on",
    )
    allowed_hosts: tuple[str, ...] = Field(default=(), description="hosts that may be sent the keys the pool names")
    tracing: bool = Field(default=False, description="let LangSmith trace, where its own variables ask for it")
    telemetry: bool = Field(
        default=False, description="send OpenTelemetry spans of calls to where its OTEL_* variables say"
    )
    agents: AgentNames = Field(default=AgentNames(), description="who acts")
    budget: Budget = Field(default=Budget(), description="when the run ends, whichever comes first")
    samples: Samples = Field(default=Samples(), description="answers a model and question, by phase")
    judge: JudgeSettings = Field(default=JudgeSettings(), description="how answers are judged")
    search: Search = Field(default=Search(), description="how the search chooses")
    novelty: Novelty = Field(default=Novelty(), description="when a question was asked before")

    @model_validator(mode="before")
    @classmethod
    def _groups_are_nested(cls, data: Any) -> Any:
        for key in data if isinstance(data, dict) else ():
            group, point, name = str(key).partition(".")
            if point and group in cls.model_fields:
                raise Misplaced(f"a dotted key is for -s; write '{group}:' and, indented below it, '{name}:'", key)
        return data
