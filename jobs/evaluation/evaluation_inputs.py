"""What an evaluation works with, and how many calls it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.framework import Value
from ...domain.pool_spec import Member
from ...domain.question import Question
from ...domain.streams import Purpose, derived_seed
from ...records.folder import EvaluationOf, ForkOf
from ..inputs import JobInputs
from .answer_numbers import pilot_questions
from .controls import PARAPHRASED
from .question_source import asking_order, primed_questions
from .question_wordings import paraphrases_needed

PRIMED_SAMPLES = 2
"""Answers of each member to each question for each primed value. What is compared is a member's mean over questions,
and the questions vary more than the samples: a third answer would cost more than it tells."""

PILOT_QUESTIONS = 10
"""Questions that are asked in full before the others, where models then give as many answers as their noise needs.
With ten, and ten values, the numbers scatter by less than half an answer (experiments/sequential_samples.py)."""

QUESTION_LIST = "questions"
"""The list of all questions of an evaluation."""

EVALUATED = "evaluated"
"""The list of those that have been answered, in the same order."""


@dataclass(frozen=True, kw_only=True)
class EvaluationInputs(JobInputs):
    """What an evaluation needs, checked: besides what every job needs, the questions by rank.

    ``pool`` holds whoever is asked: ``respondents``, in the file's order, and judges. ``seed`` is that of the calls.
    ``fork`` says of which run this is a control, and what is varied.
    """

    of: EvaluationOf
    questions: tuple[Question, ...]
    fork: ForkOf | None = None

    @property
    def paraphrased(self) -> bool:
        """Whether each question is put in other words before it is asked."""
        return self.fork is not None and self.fork.control == PARAPHRASED

    @property
    def respondents(self) -> tuple[Member, ...]:
        """The members that answer."""
        return self.pool.respondents

    @property
    def seed(self) -> int:
        """Not the seed of the run that grew the questions: its answers must not come again."""
        return derived_seed(self.settings.seed, self.of.questions_sha256, purpose=Purpose.EVALUATION)

    @property
    def order(self) -> list[Question]:
        """The questions in the order in which they are asked."""
        return asking_order(self.questions, self.settings.seed)

    @property
    def pilot(self) -> tuple[Question, ...]:
        """The questions that are asked in full, to see how many answers the others need; empty where all are."""
        by_noise = self.settings.samples.allocation == "by_noise"
        pilot = pilot_questions(self.order, PILOT_QUESTIONS) if by_noise else ()
        return pilot if len(pilot) < len(self.questions) else ()

    @property
    def varied(self) -> bool:
        """Whether a model's answers to one question are asked for in different words."""
        return self.settings.samples.vary == "wording"

    @property
    def primed(self) -> tuple[list[Question], tuple[Value, ...]]:
        """The questions on which members are primed, and with which values; both empty where they are not."""
        values = tuple(value for value in self.framework.values if value.id in self.of.primed)
        return (primed_questions(self.questions, self.settings.seed) if values else []), values

    @property
    def primed_samples(self) -> int:
        """Answers of each member to each question for each primed value."""
        return min(self.of.samples, PRIMED_SAMPLES)

    @property
    def per_question(self) -> int:
        """Calls that one question takes at the most, without repairs."""
        return self.calls_of([self.of.samples] * len(self.respondents))

    def calls_of(self, numbers: Sequence[int]) -> int:
        """Calls of a question to which the respondents give these ``numbers`` of answers, without repairs."""
        drafts = int(self.paraphrased) + (paraphrases_needed(max(numbers, default=0)) if self.varied else 0)
        return (1 + self.judging.calls.per_answer) * sum(numbers) + self.judging.calls.per_question + drafts

    @property
    def per_primed(self) -> int:
        """Calls that one question takes with every member primed with every value in turn."""
        answers = len(self.of.primed) * len(self.respondents) * self.primed_samples
        return (1 + self.judging.calls.per_answer) * answers

    @property
    def calls(self) -> int:
        """Calls of the whole evaluation at the most, without repairs."""
        return len(self.questions) * self.per_question + len(self.primed[0]) * self.per_primed
