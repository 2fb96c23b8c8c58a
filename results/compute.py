"""From arrays of answers to the results that people read (METHOD.md section 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from ..domain.answer import Outcome
from ..domain.evidence import FEWEST_TOPICS_FOR_A_VERDICT, FEWEST_TOPICS_FOR_AN_INTERVAL
from ..domain.streams import Stream, generator
from ..domain.texts.counting import count
from ..evaluation.models.measurements import measure
from ..records import Manifest, RunFolder
from .answer_arrays import AnswerArrays, load_answer_arrays
from .interval_scope import interval_scope
from .judges.judge_limits import JudgeLimits, judge_limits
from .models.model_results import model_distances, strengths
from .models.profile_results import model_profiles, refusal_contrasts, value_contrasts
from .question_results import divergences, no_divergence, text_comparison
from .reliability.reliability_results import priming, reliability, structure
from .reliability.reliability_types import ReliabilityFigures
from .repeated_replies import repeated_replies
from .result_types import ContrastTable, Design, Divergences, ModelCounts, Results
from .sentences import sentences

MIND_THE_WORDS = "Recorded answers are judged whole: one that says more expresses more values, whatever its model holds"

ANSWERED = Outcome.ANSWERED.value


def folder_results(folder: RunFolder) -> Results:
    """The results of a folder: a run's grown questions, an evaluation, or an import. Seed: the folder's own."""
    evaluated = load_answer_arrays(folder)
    return results(evaluated, evaluated.manifest.settings.seed)


def results(evaluated: AnswerArrays, seed: int) -> Results:
    """All statistics of ``evaluated``; the same seed gives the same figures.

    Primed answers enter ``Results.priming`` alone. Never raises for want of data: ``Results.notes`` says what is
    wanting.
    """
    plain = evaluated.plain()
    if not plain.answered.any():
        return _nothing(evaluated, seed)
    measured = measure(plain.expressed, plain.answered, plain.topics)
    ratings, skill_note = strengths(plain, measured, generator(seed, Stream.RESULT_STRENGTHS))
    distances, plane, tree = model_distances(plain, generator(seed, Stream.RESULT_DISTANCES))
    asked = _asked(evaluated, plain)
    limits = judge_limits(plain, measured)
    reliability_figures = reliability(
        plain,
        measured,
        generator(seed, Stream.RESULT_RELIABILITY),
        generator(seed, Stream.RESULT_SPLIT_HALVES),
    )
    report = Results(
        asked=asked,
        limits=limits,
        sentences=(),
        notes=_notes(plain),
        profiles=model_profiles(plain, measured, limits),
        contrasts=value_contrasts(plain, measured, limits),
        refusals=refusal_contrasts(plain),
        strengths=tuple(each for each in ratings if each.value in limits.compared(plain.values)),
        skill_note=skill_note,
        distances=distances,
        map=plane,
        tree=tree,
        reliability=reliability_figures,
        structure=structure(plain, measured, generator(seed, Stream.RESULT_STRUCTURE)),
        priming=priming(evaluated),
        text=text_comparison(plain, generator(seed, Stream.RESULT_TEXT)),
        divergences=divergences(
            plain, generator(seed, Stream.RESULT_QUESTION_TESTS), generator(seed, Stream.RESULT_MEAN_DIVERGENCE)
        ),
        intervals=interval_scope(
            reliability_figures.variance,
            topics=asked.topics,
            questions=asked.questions,
            wordings=_asked_wordings(plain),
            answers=asked.answers / len(plain.models),
        ),
        seed=seed,
    )
    return report.model_copy(update={"sentences": sentences(report)})


def _asked(evaluated: AnswerArrays, plain: AnswerArrays) -> Design:
    manifest = evaluated.manifest
    kind = kind_of(manifest)
    source = (manifest.recorded and manifest.recorded.file) or (manifest.evaluation and manifest.evaluation.source)
    answers = plain.answered.sum(axis=(0, 2))
    questions = plain.answered.any(axis=2).sum(axis=0)
    pool = {member.id: member for member in manifest.pool.members} if manifest.pool and not manifest.recorded else {}
    models = tuple(
        ModelCounts(
            id=name,
            seen=evaluated.seen[place],
            answers=int(answers[place]),
            missing=_missing(evaluated.outcomes[place]),
            questions=int(questions[place]),
            unanswered=len(evaluated.questions) - int(questions[place]),
            words=evaluated.words[place] / int(answers[place]) if evaluated.words and answers[place] else None,
            system=pool[name].system if name in pool else "",
            system_sha256=pool[name].system_sha256 if name in pool else "",
        )
        for place, name in enumerate(evaluated.models)
    )
    return Design.model_validate(
        {
            "kind": kind,
            "source": source or manifest.run_id,
            "status": manifest.status,
            "simulated": manifest.simulated,
            "simulator_version": manifest.simulator_version,
            "framework": f"{manifest.framework.name} (version {manifest.framework.version})",
            "judge": evaluated.judge or manifest.settings.agents.judge,
            "values": {value.id: value.name for value in manifest.framework.values},
            "circle": manifest.framework.circle,
            "models": models,
            "questions": len(evaluated.questions),
            "topics": len(np.unique(evaluated.topics)),
            "samples": most_samples(plain),
            "wordings": _plain_wordings(evaluated),
            "primed": tuple(evaluated.primes),
            "answers": int(answers.sum()),
            "missing": _missing(sum(evaluated.outcomes, Counter())),
            "labels": evaluated.labels[0],
            "labels_dropped": evaluated.labels[1],
        }
    )


def _plain_wordings(evaluated: AnswerArrays) -> list[str]:
    primed = evaluated.primes.values()
    return [name for place, name in enumerate(evaluated.wordings) if place not in primed]


def _asked_wordings(evaluated: AnswerArrays) -> int:
    """Pairs of a question and a wording in which any model was asked."""
    return sum(int((evaluated.wording == place).any(axis=(1, 2)).sum()) for place in range(len(evaluated.wordings)))


def _missing(outcomes: Counter[str]) -> dict[str, int]:
    return {outcome: count for outcome, count in sorted(outcomes.items()) if outcome != ANSWERED}


def kind_of(manifest: Manifest) -> Literal["run", "evaluation", "import"]:
    """What a folder holds."""
    return "import" if manifest.recorded else "evaluation" if manifest.evaluation else "run"


def most_samples(evaluated: AnswerArrays) -> int:
    """The most answers that were asked of one model to one question in one wording."""
    return max(
        (int(((evaluated.wording == place).sum(axis=2)).max(initial=0)) for place in range(len(evaluated.wordings))),
        default=0,
    )


def _notes(evaluated: AnswerArrays) -> tuple[str, ...]:
    """What cannot be said of these answers, and why."""
    topics = len(np.unique(evaluated.topics))
    models = len(evaluated.models)
    answers = evaluated.answered.sum(axis=2)
    notes = []
    if models < 2:
        notes.append("One model: there is nothing to compare it with")
    if evaluated.manifest.recorded is not None:
        notes.append(MIND_THE_WORDS)
    if topics < FEWEST_TOPICS_FOR_AN_INTERVAL:
        notes.append(
            f"{count(topics, 'topic')}: no interval can be given with fewer than {FEWEST_TOPICS_FOR_AN_INTERVAL}"
        )
    if topics < FEWEST_TOPICS_FOR_A_VERDICT:
        few = f"with fewer than {FEWEST_TOPICS_FOR_A_VERDICT} no difference can be settled either way"
        notes.append(f"{count(topics, 'topic')}: {few}")
    if models > 1 and (nothing := no_divergence(evaluated)):
        notes.append(nothing)
    notes += [_list("no answer at all", _named(evaluated.models, [not each for each in answers.sum(axis=0).tolist()]))]
    same_words, same_values = repeated_replies(evaluated)
    notes += [
        _list(
            "word for word the same when asked the same again, so no replicates", _named(evaluated.models, same_words)
        ),
        _list("two answers to one question and wording never differ", _named(evaluated.models, same_values)),
    ]
    times = evaluated.expressed.sum(axis=(0, 1, 2)).tolist()
    notes += [_list("expressed by no model", _named(evaluated.values, [not each for each in times]))]
    return tuple(note for note in notes if note)


def _named(names: Sequence[str], which: Sequence[bool]) -> list[str]:
    return [name for name, chosen in zip(names, which, strict=True) if chosen]


def _list(what: str, names: Sequence[str]) -> str:
    return f"{what[0].upper()}{what[1:]}: {', '.join(names)}" if names else ""


_CAUSES = {
    Outcome.DEGENERATE.value: "are degenerate: they repeat themselves or the question, or hold placeholders. Read some "
    "of them first (adaem trace RUN): the cheapest remedy is a larger model, or other sampling settings",
    Outcome.REFUSED.value: "are refusals — ask other models, or other questions",
    Outcome.UNPARSABLE.value: "do not fit the form that was asked for — ask a more capable model, or set schema_mode",
    Outcome.TRUNCATED.value: "were cut off — raise max_tokens in the pool file",
    Outcome.FAILED.value: "failed — see 'adaem doctor'",
    "judge: failed": "could not be judged, since the judge's calls failed — see 'adaem doctor'",
}


def _cause(missing: Mapping[str, int]) -> str:
    """What became of most answers, and what helps; "" where there is nothing to say beside the counts."""
    if not missing:
        return ""
    most = max(missing, key=lambda outcome: missing[outcome])
    if (cause := _CAUSES.get(most)) is None:
        return ""
    return f" {missing[most]} of {count(sum(missing.values()), 'answer')} {cause}."


def _nothing(evaluated: AnswerArrays, seed: int) -> Results:
    """The results where no answer was judged."""
    table = ContrastTable(contrasts=(), different=0, alike=0, unsettled=0, tested=0, margin=0.05, more_questions=None)
    asked = _asked(evaluated, evaluated.plain())
    why = "No question was asked" if not evaluated.questions else "No answer was judged"
    return Results(
        asked=asked,
        limits=JudgeLimits(measured="simulated" if evaluated.manifest.simulated else "unknown"),
        sentences=(f"{why}: nothing can be said of these models.{_cause(asked.missing)}",),
        notes=(why,),
        profiles=(),
        contrasts=table,
        refusals=table,
        strengths=(),
        skill_note="",
        distances=(),
        map=None,
        tree=None,
        reliability=ReliabilityFigures(
            split_half=None,
            split_half_verdict=why,
            style=None,
            style_verdict="",
            alpha={},
            alpha_models=0,
            variance=(),
        ),
        structure=None,
        priming=(),
        text=None,
        divergences=Divergences(questions=(), mean=None, separating=0, tested=0, unscored=0, nothing=why),
        seed=seed,
    )
