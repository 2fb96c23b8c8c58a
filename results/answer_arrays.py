"""The answers of any folder as arrays: those of a run, of an evaluation, or of an import (METHOD.md section 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..domain.answer import Answer, Outcome, Phase
from ..domain.critique import Critique
from ..domain.judgement import Judgement
from ..domain.pool_spec import Role
from ..domain.question import Question
from ..evaluation.divergence.entropy import Floats
from ..evaluation.divergence.expressions import Bools, Ints
from ..records import Manifest, RunFolder, RunRecords
from ..records.status import current_manifest

Which = Literal["grown", "seeds"]

Given = list[tuple[Answer, Judgement | None]]

REFUSED = (Outcome.REFUSED, Outcome.FILTERED)
"""What counts as a refusal: the model's own, and that of a filter before it."""


PRIME = "prime:"
"""Before a value's id: the wording of the answers of an evaluation that members gave when told to hold that value."""


@dataclass(frozen=True)
class AnswerArrays:
    """What Q questions brought from K models: L slots an answer can stand in, d values. Missing is NaN, never 0.

    manifest      of the folder
    models        (K,) ids in the order of the pool (of the file, for an import); those without one answer too
    seen          (K,) whether the model took part in the search, or judged; False in an import
    values        (d,) ids in the framework's order
    questions     (Q,) in the order of the folder's list
    topics        (Q,) integer labels; equal labels are one topic, the unit of every interval
    expressions   (Q, K, L, d) 1.0 where the answer expresses the value, 0.0 where not, NaN where there is no answer or
                  it could not be judged
    probabilities  (Q, K, L, d) the judge's chance that the answer expresses the value, NaN where it gave none; None
                  where it gave none at all. Corrected rates may rest on them; every other statistic on ``expressions``
    answered      (Q, K, L) answered and judged: these enter statistics
    refused       (Q, K, L) refused or filtered; never with ``answered``
    asked         (Q, K, L) there was a call, whatever became of it
    wording       (Q, K, L) index into ``wordings``; -1 where nothing was asked. Slots of one question line up: slot l
                  holds the same wording and sample for every model
    wordings      names; ("",) where there is but the plain one
    outcomes      (K,) what became of each model's calls: "answered", "refused", …; "unparsable (empty)" where nothing
                  was written; "judge: unparsable" and the like
                  where the answer came and could not be judged, "judge: none" where it was not judged yet
    judge         who judged, by the name in the judgements; empty where nothing was judged
    texts         (Q, K, L) what the judge read, one key point a line; "" where there is no judged answer
    words         (K,) how many words each model's judged answers have together, primed ones left out
    labels        how many labels hold, and how many were dropped as invalid, in all judgements of these answers
    key_points    the numbers of key points that judged answers have
    critiques     by question's index: what its critic recorded of its answers, one for each group of models
    """

    manifest: Manifest
    models: tuple[str, ...]
    seen: tuple[bool, ...]
    values: tuple[str, ...]
    questions: tuple[Question, ...]
    topics: Ints
    expressions: Floats
    answered: Bools
    refused: Bools
    asked: Bools
    wording: Ints
    wordings: tuple[str, ...]
    outcomes: tuple[Counter[str], ...]
    texts: NDArray[np.object_]
    judge: str = ""
    words: tuple[int, ...] = ()
    labels: tuple[int, int] = (0, 0)
    key_points: frozenset[int] = frozenset()
    critiques: Mapping[int, Sequence[Critique]] = field(default_factory=dict)
    probabilities: Floats | None = None

    @property
    def expressed(self) -> Bools:
        """``expressions`` as bools, False where missing: for statistics that read them under ``answered``."""
        return np.asarray(self.expressions == 1.0)

    @property
    def primes(self) -> dict[str, int]:
        """Each value that models were told to hold, and the index of its wording; empty without priming."""
        evaluation = self.manifest.evaluation
        primed = () if evaluation is None else evaluation.primed
        places = {wording: place for place, wording in enumerate(self.wordings)}
        return {value: places[PRIME + value] for value in primed if PRIME + value in places}

    def plain(self) -> AnswerArrays:
        """Without the primed answers: what a model says when nobody tells it what to hold."""
        return self.only([index for index in range(len(self.wordings)) if index not in self.primes.values()])

    def only(self, wordings: Sequence[int]) -> AnswerArrays:
        """The same with the answers to some wordings only, by index; the arrays keep their shape.

        ``outcomes`` stay those of all.
        """
        chosen = np.isin(self.wording, list(wordings))
        return replace(
            self,
            expressions=np.where(chosen[..., None], self.expressions, np.nan),
            probabilities=None
            if self.probabilities is None
            else np.where(chosen[..., None], self.probabilities, np.nan),
            answered=self.answered & chosen,
            refused=self.refused & chosen,
            asked=self.asked & chosen,
            wording=np.where(chosen, self.wording, -1),
        )


def load_answer_arrays(folder: RunFolder, *, which: Which = "grown") -> AnswerArrays:
    """The answers in ``folder``. ``which`` matters for a run only: its grown questions, or the seeds beside them.

    A run that was stopped before its evaluation has no question here, and an interrupted one those it came to. Raises
    ``FileError`` when there is no such folder.
    """
    manifest = current_manifest(folder)
    with RunRecords(folder.records_path, read_only=True) as records:
        ids = records.ids(_list_name(manifest, which))
        known = records.questions(ids)
        questions = tuple(known[each] for each in ids if each in known)
        given: list[Given] = []
        for question in questions:
            answers, judgements = records.answers(question.id, [Phase.EVALUATE])
            given.append(list(zip(answers, judgements, strict=True)))
        recorded = [records.critiques(Phase.EVALUATE, group) for group in Role]
    critiques = {
        place: [group[question.id] for group in recorded if question.id in group]
        for place, question in enumerate(questions)
    }
    return arrange_answers(manifest, questions, given, critiques)


def arrange_answers(
    manifest: Manifest,
    questions: Sequence[Question],
    given: Sequence[Given],
    critiques: Mapping[int, Sequence[Critique]] | None = None,
) -> AnswerArrays:
    """Answers, one list a question, as arrays; ``critiques`` by the question's index."""
    models = _models(manifest, given)
    wordings = tuple(sorted({answer.wording for pairs in given for answer, _ in pairs})) or ("",)
    slots = [_slots(pairs) for pairs in given]
    shape = len(questions), len(models), max((len(each) for each in slots), default=0)
    values = manifest.framework.value_ids
    expressions = np.full((*shape, len(values)), np.nan)
    probabilities: Floats | None = None
    answered, refused, asked = (np.zeros(shape, dtype=bool) for _ in range(3))
    wording = np.full(shape, -1, dtype=np.int64)
    texts = np.full(shape, "", dtype=object)
    outcomes: tuple[Counter[str], ...] = tuple(Counter() for _ in models)
    model_index, wording_index = ({name: place for place, name in enumerate(names)} for names in (models, wordings))
    judge, words, kept, dropped = "", [0] * len(models), 0, 0
    key_points: set[int] = set()
    for row, pairs in enumerate(given):
        for answer, judgement in pairs:
            place = row, model_index[answer.member], slots[row][answer.wording, answer.sample]
            asked[place] = True
            wording[place] = wording_index[answer.wording]
            outcome = _outcome(answer, judgement)
            outcomes[place[1]][outcome] += 1
            refused[place] = answer.outcome in REFUSED
            if judgement is not None:
                kept, dropped = kept + len(judgement.labels), dropped + judgement.dropped
            if judgement is not None and outcome == Outcome.ANSWERED:
                answered[place] = True
                judge = judgement.judge
                key_points.add(len(answer.key_points))
                texts[place] = "\n".join(point.text for point in answer.key_points)
                expressions[place] = [value in judgement.values for value in values]
                if judgement.probabilities:
                    probabilities = np.full_like(expressions, np.nan) if probabilities is None else probabilities
                    probabilities[place] = [judgement.probabilities.get(value, np.nan) for value in values]
                if not answer.wording.startswith(PRIME):
                    words[place[1]] += sum(len(point.text.split()) for point in answer.key_points)
    topics = np.unique([question.drawn_with for question in questions], return_inverse=True)[1].astype(np.int64)
    return AnswerArrays(
        manifest=manifest,
        models=models,
        seen=tuple(_seen(manifest, model) for model in models),
        values=values,
        questions=tuple(questions),
        topics=topics,
        expressions=expressions,
        answered=answered,
        refused=refused,
        asked=asked,
        wording=wording,
        wordings=wordings,
        outcomes=outcomes,
        texts=texts,
        judge=judge,
        words=tuple(words),
        labels=(kept, dropped),
        key_points=frozenset(key_points),
        critiques=critiques or {},
        probabilities=probabilities,
    )


def _list_name(manifest: Manifest, which: Which) -> str:
    if manifest.recorded is not None:
        return "recorded"
    return "evaluated" if manifest.evaluation is not None else f"evaluated_{which}"


def _models(manifest: Manifest, given: Sequence[Given]) -> tuple[str, ...]:
    """Who was asked. In a run and in an evaluation each call leaves an answer, be it a failed one."""
    if manifest.recorded is not None:
        return manifest.recorded.models
    answering = {answer.member for pairs in given for answer, _ in pairs}
    members = [member.id for member in manifest.pool.members] if manifest.pool else []
    return (*(member for member in members if member in answering), *sorted(answering - set(members)))


def _seen(manifest: Manifest, model: str) -> bool:
    if manifest.evaluation is not None:
        return model in manifest.evaluation.seen
    members = manifest.pool.members if manifest.pool is not None and manifest.recorded is None else ()
    return any(member.id == model and Role.EXAMINEE not in member.roles for member in members)


def _slots(pairs: Given) -> Mapping[tuple[str, int], int]:
    return {key: slot for slot, key in enumerate(sorted({(answer.wording, answer.sample) for answer, _ in pairs}))}


def _outcome(answer: Answer, judgement: Judgement | None) -> str:
    if answer.outcome is not Outcome.ANSWERED:
        return answer.outcome.value + (" (empty)" if answer.detail == "empty" else "")
    if judgement is None:
        return "judge: none"
    return answer.outcome.value if judgement.outcome is Outcome.ANSWERED else f"judge: {judgement.outcome.value}"
