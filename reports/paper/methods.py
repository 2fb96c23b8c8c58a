"""The methods paragraph: every number that a referee asks for, from the records alone."""

from __future__ import annotations

from collections.abc import Iterator

from ...domain.answer import Outcome
from ...domain.pool_spec import Member, Role
from ...domain.texts.counting import count
from ...evaluation.models.contrasts import LEVEL
from ...records import Manifest
from ...results.folder_report import FolderReport
from ...results.judges.judge_limits import limit_lines
from ..sheets.figure_text import generalise
from ..simulated_banner import SIMULATED_LABELS, SIMULATED_RESPONDENTS


def methods(report: FolderReport) -> tuple[str, ...]:
    """Sentences in the order in which a methods section tells them; plain text, from whomever its names come."""
    return tuple(
        part for parts in (_asked(report), _models(report), _judge(report), _statistics(report)) for part in parts
    )


def _asked(report: FolderReport) -> Iterator[str]:
    asked, manifest = report.results.asked, report.manifest
    if asked.simulated:
        yield SIMULATED_LABELS if asked.kind == "import" else SIMULATED_RESPONDENTS
    began, ended = manifest.created_at[:10], (manifest.finished_at or manifest.created_at)[:10]
    when = f"on {began}" if began == ended else f"from {began} to {ended}"
    what = {
        "run": "grew the questions and evaluated them on new answers",
        "evaluation": f"put {count(asked.questions, 'given question')} to the models",
        "import": "labelled recorded answers",
    }[asked.kind]
    yield (
        f"AdAEM (version {manifest.adaem_version}, seed {report.results.seed}) {what} {when} (UTC); the run is "
        f"{manifest.run_id}, its status {asked.status}."
    )
    wordings = f" in {len(asked.wordings)} wordings" if len(asked.wordings) > 1 else ""
    yield (
        f"The figures rest on {count(asked.questions, 'question')} from {count(asked.topics, 'topic')}{wordings}, with "
        f"up to {count(asked.samples, 'answer')} of each of {count(len(asked.models), 'model')} to each question. "
        f"Values are the {len(asked.values)} of {asked.framework} (its SHA-256 {manifest.framework_sha256[:12]})."
    )
    if asked.kind == "run":
        settings = manifest.settings
        yield (
            f"Questions were selected by a search of at most {settings.budget.calls:,} calls (policy "
            f"{settings.search.policy}) for the divergence between models, and confirmed on fresh answers; rates on "
            "them tell models apart and are no estimate for questions at large."
        )
    missing = ", ".join(f"{number} {outcome}" for outcome, number in sorted(asked.missing.items())) or "none"
    total = asked.answers + sum(asked.missing.values())
    yield f"Of {total:,} answers {asked.answers:,} were judged and enter the figures; missing: {missing}."


def _models(report: FolderReport) -> Iterator[str]:
    manifest = report.manifest
    members = {member.id: member for member in manifest.pool.members} if manifest.pool is not None else {}
    described = []
    for model in report.results.asked.models:
        member = members.get(model.id)
        refused = model.missing.get(Outcome.REFUSED, 0)
        seen = "took part in the search or judged" if model.seen else "held out"
        parts = [_sampling(member), seen] if member is not None and report.results.asked.kind != "import" else []
        parts += [f"{model.answers} answers, {refused} refused"]
        parts += [f"system prompt {model.system_sha256[:12]}"] if model.system else []
        described.append(f"{model.id} ({'; '.join(parts)})")
    yield f"Models: {', '.join(described)}."


def _sampling(member: Member) -> str:
    temperature = "the provider's temperature" if member.temperature is None else f"temperature {member.temperature:g}"
    limit = "" if member.max_tokens is None else f", at most {member.max_tokens} tokens"
    return f"{member.model}, {temperature}{limit}"


def _judge(report: FolderReport) -> Iterator[str]:
    asked, manifest, limits = report.results.asked, report.manifest, report.results.limits
    judges = _judges(manifest)
    yield f"Values were found in answers by the judge {asked.judge}{f' ({judges})' if judges else ''}."
    accuracy = manifest.judge_accuracy
    if accuracy is not None:
        figures = [
            f"{asked.values.get(value, value)} {each.sensitivity.estimate:.2f}/{each.specificity.estimate:.2f}"
            for value, each in accuracy.values.items()
            if each.sensitivity is not None and each.specificity is not None
        ]
        if figures:
            yield f"Its sensitivity and specificity on labelled texts: {'; '.join(figures)}."
    yield from limit_lines(limits, asked.values) if asked.answers else ()
    if asked.labels_dropped:
        of = asked.labels + asked.labels_dropped
        yield f"Labels whose quote is not in the answer were dropped: {asked.labels_dropped} of {of}."


def _judges(manifest: Manifest) -> str:
    if manifest.pool is None:
        return ""
    asked = manifest.judges
    sitting = [each for each in manifest.pool.with_role(Role.JUDGE) if asked is None or each.id in asked]
    return ", ".join(each.model for each in sitting)


def _statistics(report: FolderReport) -> Iterator[str]:
    results = report.results
    scope = generalise(results.intervals.averages, results.intervals.wording_share)
    table = results.contrasts
    yield (
        f"Rates weigh questions alike. Intervals are 95 % with topics as the unit. {scope}. "
        "Differences between two models on a value were tested pairwise and adjusted for false discoveries "
        f"(Benjamini–Hochberg, q ≤ {LEVEL:g}) over {count(table.tested, 'test')}: {table.different} differ, "
        f"{table.alike} show no difference larger than {100 * table.margin:.0f} points, {table.unsettled} cannot be "
        "settled."
    )
    divergences = results.divergences
    if divergences.tested:
        yield (
            f"Divergence is D* in bits (plug-in minus noise floor), tested by permutation: {divergences.separating} of "
            f"{count(divergences.tested, 'question')} separate the models at q ≤ {LEVEL:g}."
        )
    for note in results.notes:
        yield f"{note[:1].upper()}{note[1:]}."
