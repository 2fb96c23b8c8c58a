"""The critic: a question's score from its judged answers (METHOD.md section 2). Calls no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...domain.answer import Answer, Outcome, Phase, Stance
from ...domain.critique import Critique, Score
from ...domain.judgement import Judgement
from ...domain.pool_spec import Role
from ...domain.question import Question
from ...domain.streams import generator_of
from ...evaluation.divergence.agreement import stance_agreement
from ...evaluation.divergence.d_star import estimate_divergence
from ...evaluation.divergence.disentanglement import disentanglement
from ...evaluation.divergence.diversity import opinion_diversity
from ...evaluation.divergence.expressions import counted_models, expression_rates, replicates_identical
from ...evaluation.intervals.multiplicity import q_values
from ...memory.embedders.embedder import Vectors
from ..agent_context import AgentContext

STANCES = {stance: code for code, stance in enumerate(Stance)}


@dataclass(frozen=True)
class JudgedAnswers:
    """One question's answers as arrays.

    models      (K,) member ids; expressions (K, L, d) bool; stances (K, L) codes, -1 where none was taken
    unanimous   (K, L, d) bool: values that every key point of an answer expresses
    wordings    (K, L) codes of the wording that was answered: all 0 unless answers were recorded in several
    answered    (K, L) bool: answered and judged; all else is missing
    vectors     (K, L, m) text vectors; missing: outcomes that were no answer, and judgements that failed
    """

    models: tuple[str, ...]
    expressions: NDArray[np.bool_]
    unanimous: NDArray[np.bool_]
    answered: NDArray[np.bool_]
    stances: NDArray[np.int64]
    wordings: NDArray[np.int64]
    vectors: NDArray[np.float64]
    missing: dict[str, int]


class DivergenceCritic:
    """Scores by ``total = D* + beta * T + gamma * O``, with beta and gamma from the settings."""

    name = "divergence"

    def __init__(self, context: AgentContext) -> None:
        self._value_ids = context.framework.value_ids
        self._search = context.settings.search
        self._embedder = context.embedder

    def critique(
        self,
        question: Question,
        answers: Sequence[Answer],
        judgements: Sequence[Judgement | None],
        question_judgement: Judgement,
        *,
        phase: Phase,
        group: Role,
        seed: int,
    ) -> Critique:
        """The score with all its terms; see ``protocols.Critic``."""
        # Vectors cost as much as the rest of a score, and most searches select on none.
        wanted = phase is not Phase.SEARCH or self.selects_on_vectors
        judged = judged_answers(answers, judgements, self._value_ids, self._embedder.embed if wanted else None)
        counted = counted_models(judged.answered)
        asked = np.array([value in question_judgement.values for value in self._value_ids])
        models = tuple(model for model, counts in zip(judged.models, counted, strict=True) if counts)
        missing = judged.missing
        if question_judgement.outcome is not Outcome.ANSWERED:
            missing = {**missing, f"question judge: {question_judgement.outcome.value}": 1}
        critique = Critique(
            question_id=question.id,
            phase=phase,
            group=group,
            critic=self.name,
            score=None,
            models=models,
            left_out=tuple(model for model in judged.models if model not in models),
            samples=tuple(int(count) for count in judged.answered[counted].sum(axis=1)),
            question_values=tuple(sorted(question_judgement.values)),
            missing=missing,
        )
        if len(models) < 2:
            return critique.model_copy(
                update={"unscored": f"needs ≥ 2 models with ≥ 2 judged answers; has {len(models)}"}
            )
        rates = expression_rates(judged.expressions, judged.answered)[counted]
        warnings = []
        # A judge that is unsure of itself labels copies differently: their words tell that they are copies.
        if replicates_identical(judged.expressions, judged.answered) or words_identical(answers, judgements, models):
            warnings.append("every model repeats itself exactly: its samples may be no replicates")
        score = self._score(judged, rates, asked, phase, generator_of(seed))
        if score.smallest_p is not None and score.smallest_p > 0.05:
            warnings.append(f"with so few answers no p-value can fall below {score.smallest_p:.2f}")
        return critique.model_copy(
            update={
                "score": score,
                "rates": tuple(tuple(float(rate) for rate in row) for row in rates),
                "warnings": tuple(warnings),
            }
        )

    @property
    def selects_on_vectors(self) -> bool:
        """Whether the total depends on the answers' text vectors."""
        return self._search.gamma > 0

    def total(
        self,
        judged: JudgedAnswers,
        asked: NDArray[np.bool_],
        *,
        divergence: float,
        disentanglement: float,
        diversity: float | None,
    ) -> float:
        """What the search maximises. ``asked`` (d,) are the values that the question itself expresses."""
        return divergence + self._search.beta * disentanglement + self._search.gamma * (diversity or 0.0)

    def _score(
        self,
        judged: JudgedAnswers,
        rates: NDArray[np.float64],
        asked: NDArray[np.bool_],
        phase: Phase,
        rng: np.random.Generator,
    ) -> Score:
        estimate = estimate_divergence(
            judged.expressions,
            judged.answered,
            permutations=None if phase is Phase.SEARCH else self._search.permutations,
            rng=rng,
            strata=judged.wordings,
            noise_floor=self._search.noise_floor,
        )
        counted = counted_models(judged.answered)
        parts = disentanglement(rates, asked)
        diversity = opinion_diversity(judged.vectors, judged.answered)
        total = self.total(
            judged, asked, divergence=estimate.divergence, disentanglement=parts.total, diversity=diversity
        )
        return Score(
            divergence=estimate.divergence,
            plug_in=estimate.plug_in,
            noise_floor=estimate.noise_floor,
            permuted_floor=estimate.permuted_floor,
            interval=estimate.interval,
            p_value=estimate.p_value,
            smallest_p=estimate.min_attainable_p,
            quadratic=estimate.quadratic,
            quadratic_p_value=estimate.quadratic_p_value,
            disputed=estimate.disputed,
            disentanglement=parts.total,
            echo=parts.echo,
            own=parts.own,
            opinion_diversity=diversity,
            total=total,
            variance=estimate.variance,
            noise_variance=estimate.noise_variance,
            stance_agreement=stance_agreement(
                judged.stances, judged.answered & counted[:, None] & (judged.stances >= 0)
            ),
        )


def judged_answers(
    answers: Sequence[Answer],
    judgements: Sequence[Judgement | None],
    value_ids: Sequence[str],
    embed: Callable[[Sequence[str]], Vectors] | None,
) -> JudgedAnswers:
    """Lays answers and their judgements out as arrays, models by id; whatever has no judgement is missing.

    Without ``embed`` the vectors are zero, which have no direction: there is then no opinion diversity.
    """
    models = sorted({answer.member for answer in answers})
    samples = sorted({(answer.wording, answer.sample) for answer in answers})
    wordings = sorted({answer.wording for answer in answers})
    row = {model: number for number, model in enumerate(models)}
    column = {sample: number for number, sample in enumerate(samples)}
    shape = (len(models), len(samples))
    expressions = np.zeros((*shape, len(value_ids)), dtype=bool)
    unanimous = np.zeros_like(expressions)
    answered = np.zeros(shape, dtype=bool)
    stances = np.full(shape, -1, dtype=np.int64)
    strata = np.array([wordings.index(wording) for wording, _ in samples], dtype=np.int64)
    missing: Counter[str] = Counter()
    texts, places = [], []
    for answer, judgement in zip(answers, judgements, strict=True):
        if answer.outcome is not Outcome.ANSWERED:
            missing[f"answer: {answer.outcome.value}"] += 1
            continue
        if judgement is None or judgement.outcome is not Outcome.ANSWERED:
            missing[f"judge: {'failed' if judgement is None else judgement.outcome.value}"] += 1
            continue
        place = row[answer.member], column[answer.wording, answer.sample]
        answered[place] = True
        if answer.stance is not None:
            stances[place] = STANCES[answer.stance]
        expressions[place] = [value in judgement.values for value in value_ids]
        points = Counter(value for _, value in {(label.key_point, label.value) for label in judgement.labels})
        unanimous[place] = [0 < len(answer.key_points) <= points[value] for value in value_ids]
        texts.append(" ".join(point.text for point in answer.key_points))
        places.append(place)
    embedded = embed(texts) if texts and embed is not None else np.zeros((len(texts), 1), dtype=np.float32)
    vectors = np.zeros((*shape, embedded.shape[1]))
    for place, vector in zip(places, embedded, strict=True):
        vectors[place] = vector
    return JudgedAnswers(
        models=tuple(models),
        expressions=expressions,
        unanimous=unanimous,
        answered=answered,
        stances=stances,
        wordings=np.broadcast_to(strata, shape),
        vectors=vectors,
        missing=dict(sorted(missing.items())),
    )


def words_identical(answers: Sequence[Answer], judgements: Sequence[Judgement | None], models: Sequence[str]) -> bool:
    """Whether each of ``models`` gave the same stance and key points, word for word, in all its judged answers."""
    replies: dict[str, set[tuple[str, ...]]] = {model: set() for model in models}
    for answer, judgement in zip(answers, judgements, strict=True):
        judged = judgement is not None and judgement.outcome is Outcome.ANSWERED
        if answer.member in replies and answer.outcome is Outcome.ANSWERED and judged:
            points = tuple(point.text for point in answer.key_points)
            if not points:
                return False
            replies[answer.member].add((str(answer.stance), *points))
    return bool(replies) and all(len(texts) == 1 for texts in replies.values())


def with_q_values(critiques: Sequence[Critique]) -> list[Critique]:
    """The critiques with q-values over all their p-values; those without a p-value stay without."""
    p_values = [
        float("nan") if critique.score is None or critique.score.p_value is None else critique.score.p_value
        for critique in critiques
    ]
    adjusted = []
    for critique, q_value in zip(critiques, q_values(p_values), strict=True):
        if critique.score is not None and not np.isnan(q_value):
            score = critique.score.model_copy(update={"q_value": float(q_value)})
            adjusted.append(critique.model_copy(update={"score": score}))
        else:
            adjusted.append(critique)
    return adjusted
