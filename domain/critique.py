"""The score of a question with every term by name (METHOD.md section 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pydantic import ConfigDict, Field

from .answer import Phase
from .pool_spec import Role
from .record import Record

MEASURE_DIVERGENCE = ("divergence", "paper", "overlap")
"""The critics that ship: whatever they select by, their ``divergence`` is D* of METHOD.md section 2."""


class Score(Record):
    """Every score term of one question in one phase, as observed through the judge.

    divergence        D* = plug-in divergence minus its noise floor, bits; may be negative
    interval          95 % interval of the divergence, bits; its ends may be negative; None where it cannot be computed.
                      Older records hold it cut at 0
    permuted_floor    mean of the plug-in divergence over permutations of the answers, bits, of which ``noise_floor`` is
                      a part where answers vary less within models; None in older records, where the two are one
    p_value           permutation test of "all models answer alike"; None in the search
    smallest_p        the least p-value that this many answers allow: above 0.05 the test cannot reject
    q_value           p_value adjusted over all confirmed questions
    quadratic         G, unbiased; unitless
    disentanglement   T in [0, 1]: how far the models' rates lie from the values that the question itself expresses
    echo, own         mean rates, over all values, of values that the question expresses, and of those that it does not
    opinion_diversity O in [-1, 1]: cosine distance between models minus within a model; None in the search,
                      unless gamma is set
    total             what the search maximises: divergence + beta*T + gamma*O, or the critic's own formula
    variance          sampling variance of ``divergence`` (jackknife), bits squared; None where it cannot be computed
    noise_variance    variance of ``divergence`` if all models answered alike, bits squared, behind
                      ``interval``; None in older records, whose intervals are wider

    shrunken          a published question's score: what the fresh divergence and the search's lead to expect, bits,
                      with its 95 % interval (``evaluation.questions.shrinkage``); None where there is none

    No figure is NaN or infinite: JSON, in which records are kept, has neither.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    divergence: float
    plug_in: float = Field(ge=0)
    noise_floor: float = Field(ge=0)
    permuted_floor: float | None = Field(default=None, ge=0)
    interval: tuple[float, float] | None
    p_value: float | None = None
    smallest_p: float | None = None
    q_value: float | None = None
    quadratic: float
    quadratic_p_value: float | None = None
    disputed: bool | None = None
    disentanglement: float
    echo: float
    own: float
    opinion_diversity: float | None
    total: float
    variance: float | None
    noise_variance: float | None = None
    stance_agreement: float | None = None
    shrunken: float | None = None
    shrunken_interval: tuple[float, float] | None = None


class Critique(Record):
    """What the critic says of one question, as answered by the members of one role (``group``).

    ``models`` are the K members that count, ``samples`` how many answers each contributed, ``rates`` their K x d
    expression rates. ``missing`` counts the calls that were not answered, by outcome (``answer:refused``,
    ``judge:unparsable`` …). ``score`` is None when fewer than two models have two answers; ``unscored`` says why.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    question_id: str
    phase: Phase
    group: Role
    critic: str
    score: Score | None
    unscored: str = ""
    models: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    samples: tuple[int, ...] = ()
    rates: tuple[tuple[float, ...], ...] = ()
    question_values: tuple[str, ...] = ()
    missing: dict[str, int] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def common_models(critiques: Iterable[Critique]) -> tuple[str, ...]:
    """The set of models that counts on most questions: scores of different sets are not compared (METHOD.md section 2).

    Ties go to the larger set, then to the first by name.
    """
    return most_frequent(critique.models for critique in critiques if critique.score is not None)


def most_frequent(sets: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The set of models that occurs most often; ties go to the larger set, then to the first by name."""
    counts = Counter(sets)
    return min(counts, key=lambda models: (-counts[models], -len(models), models), default=())
