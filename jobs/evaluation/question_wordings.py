"""The wordings in which an evaluation asks a question: its own, one paraphrase, or another for each answer."""

from __future__ import annotations

from dataclasses import dataclass

from ...agents.agent_context import AgentContext
from ...agents.refiner.paraphraser import Paraphraser
from ...domain.question import Question
from ...records import RunRecords

PARAPHRASE = "paraphrase of "
"""Before a question's id: the key under which the records keep its other words."""

OWN_WORDS = ""
"""The wording of an answer to the question as it stands."""

OWN_WORDS_AGAIN = 2
"""The index of the answer, if there are so many, that is asked for in the question's own words a second time: without
two answers to one wording, chance could not be told from wording."""


def paraphrases_needed(answers: int) -> int:
    """How many paraphrases ``answers`` answers take where their wording varies."""
    return max(answers - 1 - (answers > OWN_WORDS_AGAIN), 0)


@dataclass(frozen=True)
class AskedWording:
    """How one answer is asked for: ``name`` is the answer's wording, ``question`` has the words."""

    name: str
    question: Question


@dataclass(frozen=True)
class AskedWordings:
    """One for each answer, in order; the calls that they took, and what was wrong where there were no other words."""

    each: tuple[AskedWording, ...]
    call_ids: tuple[str, ...] = ()
    problem: str = ""


class QuestionWordings:
    """Has authors paraphrase, each question once: what is recorded is not written again."""

    def __init__(self, context: AgentContext, records: RunRecords) -> None:
        self._paraphraser = Paraphraser(context)
        self._records = records

    async def instead(self, question: Question, number: int) -> tuple[Question, tuple[str, ...], str]:
        """The question in other words; the calls that this took, and the problem where it has none.

        ``number`` is the question's rank: authors take turns by it.
        """
        text, calls, problem = await self._text(question, number, f"{PARAPHRASE}{question.id}", 0, ())
        if problem:
            return question, calls, problem
        other = question.model_copy(update={"text": text})
        self._records.put_questions([other])
        return other, calls, ""

    async def varied(self, question: Question, number: int, answers: int) -> AskedWordings:
        """A wording for each of ``answers`` answers; the question's own where no author has other words."""
        texts: list[str] = []
        calls: list[str] = []
        problems: list[str] = []
        wordings = [AskedWording(OWN_WORDS, question)]
        for index in range(1, answers):
            if index == OWN_WORDS_AGAIN:
                wordings.append(wordings[0])
                continue
            which = len(texts) + len(problems) + 1
            key = f"{PARAPHRASE}{question.id} {which}"
            text, took, problem = await self._text(question, number, key, which, texts)
            calls += took
            if problem:
                problems.append(problem)
                wordings.append(wordings[0])
                continue
            texts.append(text)
            wordings.append(AskedWording(f"paraphrase {which}", question.model_copy(update={"text": text})))
        return AskedWordings(tuple(wordings), tuple(calls), "; ".join(dict.fromkeys(problems)))

    async def _text(
        self, question: Question, number: int, key: str, which: int, taken: list[str] | tuple[()]
    ) -> tuple[str, tuple[str, ...], str]:
        known = self._records.reading(key)
        if known is not None:
            return known, (), ""
        # In its turn it has its first words: others stand in the records only behind their reading.
        draft = await self._paraphraser.paraphrase(question, number + which, which=which, taken=taken)
        calls = (draft.call_id,) if draft.call_id else ()
        if not draft.problem:
            self._records.put_reading(key, draft.text)
        return draft.text, calls, draft.problem
