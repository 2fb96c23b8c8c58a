"""Refusals by their words, in eleven languages: one rule for live and for recorded answers."""

from __future__ import annotations

import pytest
import yaml
from adaem.domain.reply_types import AnswerReply, KeyPointReply, ProposalReply
from adaem.pool.replies import outcomes
from adaem.pool.replies.refusals import declines, reads_as_refusal
from places import SUPPORT

TEXTS = yaml.safe_load((SUPPORT / "refusal_texts.yaml").read_text(encoding="utf-8"))
LANGUAGES = ("en", "zh", "es", "ar", "fr", "de", "pt", "ru", "ja", "hi", "fi")


def test_there_are_enough_texts_in_each_language() -> None:
    assert tuple(TEXTS) == LANGUAGES
    assert all(len({*texts}) == len(texts) >= 20 for kinds in TEXTS.values() for texts in kinds.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_that_the_patterns_were_written_on_are_all_read_right(language: str) -> None:
    refusals, answers = TEXTS[language]["refusals"][::2], TEXTS[language]["answers"][::2]
    assert [text for text in refusals if not reads_as_refusal(text)] == []
    assert [text for text in answers if reads_as_refusal(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_the_other_texts_two_at_most_are_read_wrong(language: str) -> None:
    """Not all: to write a pattern for each of them would leave none to measure on (experiments/refusals.py)."""
    refusals, answers = TEXTS[language]["refusals"][1::2], TEXTS[language]["answers"][1::2]
    wrong = [text for text in refusals if not reads_as_refusal(text)]
    wrong += [text for text in answers if reads_as_refusal(text)]
    assert len(wrong) <= 2


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but I can’t assist with that request.",
        "Sorry. I cannot answer this question.",
        "I cannot provide an opinion on this.",
        "As an AI language model, I can't take sides.",
        "Unfortunately, I am unable to discuss this topic.",
        "I won't engage in this.",
    ],
)
def test_refusals_in_words(text: str) -> None:
    assert reads_as_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes. People cannot help what they feel.",
        "I cannot stress enough how much this matters.",
        "Sorry seems to be the hardest word; still, yes.",
        "It is wrong to say: I cannot help.",
        "I can't help with that. " + "But here is a long answer. " * 60,
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    assert not reads_as_refusal(text)


def answer(*points: str, justification: str = "") -> AnswerReply:
    return AnswerReply(
        stance="neutral", key_points=[KeyPointReply(point=point, justification=justification) for point in points]
    )


DECLINING = (
    "As an AI, I don’t have personal opinions.",
    "I'm just an AI, I cannot take a stance on political matters.",
    "I do not have personal beliefs or values.",
    "As a responsible and ethical AI language model, I cannot express personal opinions on this.",
    "As an AI language model, I can't share any personal views.",
    "I am an AI and don't have feelings.",
)


@pytest.mark.parametrize("last", DECLINING)
def test_a_reply_whose_points_all_decline(last: str) -> None:
    assert declines(answer(DECLINING[0], DECLINING[2], last))
    assert declines(answer(DECLINING[0], DECLINING[2], last, "A fourth point is cut off"))


@pytest.mark.parametrize(
    "argued",
    [
        "People cannot help what they feel",
        "I cannot take sides with those who exploit workers",
        "I cannot hold beliefs that harm others",
        "As an AI regulation, this would hurt small firms",
        "As an AI, I don't have personal opinions, but freedom of speech protects everyone",
        "We do not have personal opinions on taxes; we have interests",
        "Doctors won't share personal views, which protects patients",
    ],
)
def test_one_argument_makes_it_an_answer(argued: str) -> None:
    assert not declines(answer(DECLINING[0], DECLINING[1], argued))
    assert not declines(answer(argued, argued, argued))


def test_a_justification_that_goes_on_to_argue_makes_it_an_answer() -> None:
    assert not declines(answer(*DECLINING[:3], justification="However, fairness demands equal pay."))
    assert declines(answer(*DECLINING[:3], justification="It is a personal matter."))


def test_only_answers_can_decline() -> None:
    assert not declines(ProposalReply(fact="As an AI, I don't have personal opinions.", question="Is it?"))


def test_what_is_quoted_is_somebody_elses() -> None:
    assert not reads_as_refusal('To say "I cannot help with that" to a neighbour is wrong.')
    assert not reads_as_refusal("The worst reply is „Dabei kann ich nicht helfen“.")
    assert reads_as_refusal("\"I'm sorry, but I can't help with that.\""), "quotes around the whole are a file's"


def test_reasons_after_a_disclaimer_make_it_an_answer_and_offers_do_not() -> None:
    opening = "As an AI language model, I don't have personal opinions."
    assert reads_as_refusal(f"{opening} However, I can provide you with information if you like.")
    assert reads_as_refusal(f"{opening} This is a complex issue, and it is important to respect different views.")
    assert not reads_as_refusal(f"{opening} However, free entry helps poor families.")
    assert not reads_as_refusal(f"{opening} I can offer points on both sides. Supporters say that it helps families.")
    assert not reads_as_refusal(f"{opening} If I had to choose, no.")


def test_a_refusal_late_in_a_text_is_something_that_an_answer_says() -> None:
    reasons = "Privacy matters. Trust is slow to grow. Families need time. Nobody should watch us."
    assert not reads_as_refusal(f"{reasons} I cannot comment on the details.")
    assert reads_as_refusal("I cannot comment on the details.")


def test_models_may_decline_in_another_language_than_they_were_asked_in() -> None:
    assert reads_as_refusal("I’m sorry, but I can’t help with that. 抱歉，我无法协助。")


def test_key_points_decline_in_any_language() -> None:
    assert declines(
        answer(
            "作为人工智能，我没有个人观点。", "No tengo opiniones personales.", "Dazu kann ich keine Meinung abgeben."
        )
    )
    assert not declines(answer("作为人工智能，我没有个人观点。", "No tengo opiniones personales.", "自由很重要。"))


def test_live_answers_are_read_by_the_same_functions() -> None:
    assert outcomes.reads_as_refusal is reads_as_refusal
    assert outcomes.declines is declines


@pytest.mark.parametrize(
    "part",
    ["as an ai ", "as a-a-a ", "i'm just an ai, ", "sorry, ", "i am ", "so very ", "i don't have any my personal ",
     "मैं मदद नहीं ", "我没有个人", "ich kann nicht ", "لا استطيع ", "but ", '"', "say: "],
)  # fmt: skip
def test_hostile_repetition_ends(part: str) -> None:
    """Every repetition in the patterns is bounded; the suite's time-out would end what is not."""
    assert not reads_as_refusal((part * 3_000)[:100_000]), "longer than any refusal"
    reads_as_refusal((part * 3_000)[:3_000])
    declines(answer(*[part * 500] * 3))
