"""The requests that a run is expected to send: who is asked for what, how often, and how long each is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from urllib.parse import urlsplit

from ...agents.capabilities import drafting_of
from ...agents.guards.model_look import LOOK_PROMPT, looks_planned
from ...agents.judges.judge_requirements import JudgingCalls
from ...domain.forecast import ForecastStep
from ...domain.framework import Framework
from ...domain.pool_spec import Member, PoolSpec, Role
from ...domain.settings import Settings
from ...pool.endpoints.endpoint import is_loopback
from ...prompts import PromptLibrary
from .course import Costs, Course
from .measured_speeds import MeasuredSpeeds
from .pilot import Experience, Pilot
from .prompt_lengths import BRIEF, LENGTHY, Lengths, Size, mean_size, writing_of

SPREAD = 0.1
"""How much less or more where lengths were measured: of simulated members, and of those of an earlier run."""

NO_SIZE = Size(0, 0)
"""What an answer that was recorded elsewhere takes."""


@dataclass(frozen=True)
class MemberRequests:
    """The requests of one member in one step, in ``bursts`` one after another; ``latency`` seconds each, ``slots`` at
    a time. Members with the same ``server`` take turns.

    ``sizes`` are the mean sizes if members write as is typical, less, and more.
    """

    step: ForecastStep
    purpose: str
    member: Member
    requests: float
    sizes: tuple[Size, Size, Size]
    latency: float
    bursts: int
    slots: float
    server: str


class Requests:
    """The requests of one pool under one set of settings, for any plan of its budget."""

    def __init__(
        self,
        settings: Settings,
        framework: Framework,
        pool: PoolSpec,
        prompts: PromptLibrary,
        judging: JudgingCalls,
        count: Callable[[str], int],
        pilot: Pilot | None,
        speeds: MeasuredSpeeds | None,
    ) -> None:
        self._samples = settings.samples
        self._confirmations = settings.search.early_confirmations + 1
        self._pilot = pilot
        self._speeds = speeds
        self._drafting_by = drafting_of(settings)
        self._looks = looks_planned(settings)
        self._lengths = [
            Lengths(framework, prompts, count, factor=factor, drafts=settings.search.drafts)
            for factor in (1.0, BRIEF, LENGTHY)
        ]
        self._authors = pool.with_role(Role.AUTHOR)
        self._scouts = pool.with_role(Role.SCOUT)
        self._panel = pool.with_role(Role.PANEL)
        self._evaluated = (*self._panel, *pool.with_role(Role.EXAMINEE))
        self._judges = judging.members
        self._by_value = settings.judge.mode == "per_value"
        # Each judge's calls for one answer.
        self._per_answer = judging.per_answer // max(1, len(self._judges))

    def costs(self) -> Costs:
        """What a move's parts and an answer of each member take, in requests."""
        judge_prompt = "judge_value" if self._by_value else "judge"
        judged = sum(self._per_answer * self._requests(judge, judge_prompt) for judge in self._judges)
        return Costs(
            drafts=self._drafts(),
            draft=fmean(self._requests(author, "explore") for author in self._authors)
            if self._drafting_by.asks_models
            else 0.0,
            looks=self._looks * self._requests(self._authors[0], LOOK_PROMPT),
            question=sum(self._requests(judge, "judge_question") for judge in self._judges),
            answer={
                member.id: self._requests(member, "answer") + self._answered(member) * judged
                for member in (*self._scouts, *self._evaluated)
            },
        )

    def lines(self, course: Course) -> Iterator[MemberRequests]:
        """All requests of a run that goes as ``course`` says."""
        samples = self._samples
        batches = max(1, min(self._confirmations, course.confirmed))
        yield from self._drafting(course)
        if self._looks:
            yield from self._looking_again(course)
        yield from self._judging_questions(course)
        steps = ForecastStep.SEARCH_ANSWERS, ForecastStep.SEARCH_JUDGEMENTS
        yield from self._answering(steps, "search", self._scouts, course.moves * samples.search, course.rounds)
        steps = ForecastStep.CONFIRM_ANSWERS, ForecastStep.CONFIRM_JUDGEMENTS
        yield from self._answering(steps, "confirm", self._panel, course.confirmed * samples.confirm, batches)
        steps = ForecastStep.EVALUATE_ANSWERS, ForecastStep.EVALUATE_JUDGEMENTS
        yield from self._answering(
            steps, "evaluate", self._evaluated, 2 * course.evaluated * samples.evaluate, 1, seeds=True
        )

    def _drafting(self, course: Course) -> Iterator[MemberRequests]:
        """The authors take turns."""
        drafts, rounds = self._drafts() / len(self._authors), course.rounds
        proposed = drafts * (course.moves - course.refined)
        refined = drafts * course.refined
        for author in self._authors if self._drafting_by.proposing else ():
            sizes = self._sizes(partial(Lengths.explore, author=author, answering=self._scouts))
            yield self._line(ForecastStep.PROPOSE, "propose", "explore", author, proposed, rounds, sizes)
        for author in self._authors if self._drafting_by.rewriting else ():
            sizes = self._sizes(partial(Lengths.refine, author=author, answering=self._scouts))
            yield self._line(ForecastStep.REFINE, "refine", "refine", author, refined, rounds, sizes)

    def _looking_again(self, course: Course) -> Iterator[MemberRequests]:
        """As many looks as one draft may take, for every draft: there are fewer while the memory is small."""
        author = self._authors[0]
        looks = self._looks * self._drafts() * course.moves
        sizes = self._sizes(partial(Lengths.same_question, author=author))
        yield self._line(ForecastStep.SECOND_LOOK, LOOK_PROMPT, LOOK_PROMPT, author, looks, course.rounds, sizes)

    def _judging_questions(self, course: Course) -> Iterator[MemberRequests]:
        """The wording of each question once; that of a seed when it is evaluated."""
        for judge in self._judges:

            def wording(lengths: Lengths, judge: Member = judge) -> Size:
                grown = mean_size([lengths.judge_question(judge, author) for author in self._authors])
                return mean_size([grown, lengths.judge_question(judge, None)], [course.moves, course.evaluated])

            yield self._line(
                ForecastStep.JUDGE_QUESTION,
                "judge_question",
                "judge_question",
                judge,
                course.moves + course.evaluated,
                course.rounds,
                self._sizes(wording),
            )

    def _answering(
        self,
        steps: tuple[ForecastStep, ForecastStep],
        phase: str,
        members: Sequence[Member],
        each: int,
        bursts: int,
        *,
        seeds: bool = False,
    ) -> Iterator[MemberRequests]:
        """``each`` answers of each of ``members``, half of them to seeds if so asked; and their judgements."""
        for member in members:

            def answer(lengths: Lengths, member: Member = member) -> Size:
                grown = mean_size([lengths.answer(member, author) for author in self._authors])
                return mean_size([grown, lengths.answer(member, None)]) if seeds else grown

            yield self._line(steps[0], phase, "answer", member, each, bursts, self._sizes(answer))
        judged = self._per_answer * each * sum(self._answered(member) for member in members)
        for judge in self._judges:

            def judgement(lengths: Lengths, judge: Member = judge) -> Size:
                make = lengths.judge_value if self._by_value else lengths.judge
                return mean_size([make(judge, member) for member in members])

            prompt = "judge_value" if self._by_value else "judge"
            yield self._line(steps[1], prompt, prompt, judge, judged, bursts, self._sizes(judgement))

    def _line(
        self,
        step: ForecastStep,
        purpose: str,
        prompt: str,
        member: Member,
        calls: float,
        bursts: int,
        sizes: tuple[Size, Size, Size],
    ) -> MemberRequests:
        if member.recorded:
            return MemberRequests(step, purpose, member, calls, (NO_SIZE, NO_SIZE, NO_SIZE), 0.0, 1, 1, member.id)
        known, writing = self._known(member, prompt), writing_of(member)
        if known is not None or member.simulated:
            typical = sizes[0] if known is None else Size(known.input_tokens, known.output_tokens)
            sizes = typical, typical.times(1 - SPREAD), typical.times(1 + SPREAD)
        latency = writing.seconds + writing.seconds_per_token * sizes[0].output
        if not member.simulated:
            # A simulated member's times are of a queue for this machine's processor, not of its own.
            latency = self._latency(member, known, latency, sizes[0])
        return MemberRequests(
            step,
            purpose,
            member,
            calls * self._requests(member, prompt),
            sizes,
            latency,
            max(1, bursts),
            member.concurrency if self._speeds is None else self._speeds.slots(member),
            self._served_by(member),
        )

    def _sizes(self, make: Callable[[Lengths], Size]) -> tuple[Size, Size, Size]:
        typical, brief, lengthy = (make(lengths) for lengths in self._lengths)
        return typical, brief, lengthy

    def _latency(self, member: Member, known: Experience | None, typical: float, size: Size) -> float:
        """Seconds of a request: as measured, as it was with this prompt, else as with the member's others."""
        if self._speeds is not None:
            measured = self._speeds.seconds(member, size.output, writing_of(member).seconds_per_token)
            return typical if measured is None else measured
        if known is not None or self._pilot is None:
            return typical if known is None else known.seconds
        others = [each.seconds for (name, _), each in self._pilot.by.items() if name == member.id]
        return fmean(others) if others else typical

    def _served_by(self, member: Member) -> str:
        """The server of this machine whose slots a member shares; any other member stands for itself."""
        address = member.base_url or ""
        on_this_machine = is_loopback(urlsplit(address).hostname or "")
        shared = on_this_machine and (self._speeds is None or self._speeds.shares_slots(member))
        return address if shared else member.id

    def _known(self, member: Member, prompt: str) -> Experience | None:
        return None if self._pilot is None else self._pilot.by.get((member.id, prompt))

    def _requests(self, member: Member, prompt: str) -> float:
        """How many requests one call takes: repairs and retries."""
        known = self._known(member, prompt)
        if member.recorded:
            return 1.0
        if known is not None:
            return known.requests
        return 1.0 if member.simulated and prompt != "answer" else writing_of(member).requests

    def _answered(self, member: Member) -> float:
        """The share of answers that can be judged."""
        known = self._pilot.answered if self._pilot and self._known(member, "answer") else None
        return writing_of(member).answered if known is None else known

    def _drafts(self) -> float:
        """How many drafts a move takes."""
        known = None if self._pilot is None else self._pilot.drafts
        return 1 + fmean(writing_of(author).redrafts for author in self._authors) if known is None else known
