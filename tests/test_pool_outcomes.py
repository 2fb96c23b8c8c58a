from __future__ import annotations

import time

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.replies import AnswerReply, KeyPointReply, ProposalReply
from adaem.pool.outcomes import declines, failure, reads_as_refusal, same_model, system_fingerprint, unanswered
from adaem.pool.scrubbing import HIDDEN, encodable, hide, one_line, scrub
from langchain_core.messages import AIMessage


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("gpt-4o-mini", "gpt-4o-mini"),
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("gpt-4-0613", "gpt-4"),
        ("GPT-4o", "gpt-4o"),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"),
        ("gemini-1.5-pro", "gemini-1.5-pro-002"),
        ("gemini-2.5-flash", "models/gemini-2.5-flash-preview-05-20"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct"),
        ("qwen2.5", "qwen2.5:latest"),
        ("mistralai/mistral-small:free", "mistralai/mistral-small"),
        ("anything", ""),
    ],
)
def test_versions_and_paths_are_the_same_model(asked: str, answered: str) -> None:
    assert same_model(asked, answered)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("gpt-4o", "gpt-4o-mini"),
        ("gpt-4", "gpt-4.1"),
        ("gpt-4", "gpt-4o"),
        ("claude-3", "claude-3-5"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
        ("llama-3.1", "llama-3.1-405b"),
        ("one/model", "other/model"),
        ("qwen2.5:7b", "qwen2.5:72b"),
        ("gpt-4o", "gpt"),
    ],
)
def test_other_models_are_not(asked: str, answered: str) -> None:
    assert not same_model(asked, answered)


def message(text: str = "", refusal: str | None = None, **metadata: object) -> AIMessage:
    return AIMessage(text, additional_kwargs={"refusal": refusal}, response_metadata=dict(metadata))


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (message(refusal="I must decline."), Outcome.REFUSED),
        (message(stop_reason="refusal"), Outcome.FILTERED),
        (message(finish_reason="content_filter"), Outcome.FILTERED),
        (message(finish_reason="SAFETY"), Outcome.FILTERED),
        (message("{", finish_reason="length"), Outcome.TRUNCATED),
        (message(stop_reason="max_tokens"), Outcome.TRUNCATED),
        (message(finish_reason="stop", model_name="other"), Outcome.MISROUTED),
        (message(refusal="no", model_name="other"), Outcome.MISROUTED),
    ],
)
def test_responses_that_no_text_can_save(response: AIMessage, outcome: Outcome) -> None:
    decided = unanswered(response, "mine")
    assert decided is not None
    assert decided[0] is outcome


def test_otherwise_the_text_decides() -> None:
    assert unanswered(message("{}", finish_reason="stop", model_name="mine"), "mine") is None
    assert unanswered(message("{}"), "mine") is None


def test_an_endpoint_may_answer_under_the_names_that_are_allowed() -> None:
    deployed = message("{}", model_name="gpt-4o-2024-08-06")
    assert unanswered(deployed, "my-deployment") is not None
    assert unanswered(deployed, "my-deployment", ["gpt-4o"]) is None
    refused = unanswered(deployed, "my-deployment", ["gpt-4o-mini", "gpt-4"])
    assert refused == (Outcome.MISROUTED, "asked my-deployment, answered by gpt-4o-2024-08-06")


def test_the_fingerprint_of_who_answered() -> None:
    assert system_fingerprint(message("{}", system_fingerprint="fp_1")) == "fp_1"
    assert system_fingerprint(message("{}", system_fingerprint=None)) == system_fingerprint(message("{}")) == ""


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


def test_the_detector_of_declining_points_cannot_be_stalled() -> None:
    started = time.perf_counter()
    for part in ("as an ai ", "as a-a-a ", "i'm just an ai, ", "as an ai and "):
        declines(answer(*[part * 5_000] * 3))
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize("part", ["as an ai, ", "sorry, ", "i am ", "so very ", "I'm sorry but "])
def test_the_refusal_detector_cannot_be_stalled(part: str) -> None:
    started = time.perf_counter()
    reads_as_refusal((part * 500)[:1_000])
    assert time.perf_counter() - started < 0.5


def test_no_key_survives_in_a_detail() -> None:
    text = "Incorrect key sk-abcDEF123456789 or hunter2hunter2; sent Bearer abc.def.ghi"
    assert scrub(text, ["hunter2hunter2"]) == f"Incorrect key {HIDDEN} or {HIDDEN}; sent Bearer {HIDDEN}"
    outcome, detail = failure(ValueError(f"{'x ' * 95} hunter2hunter2"), ["hunter2hunter2"], timeout=1)
    assert outcome is Outcome.FAILED
    assert "hunter2" not in detail


def test_only_the_given_values_are_hidden_in_answers() -> None:
    assert hide("Bearer of bad news, sk-learned of late", ["secret-value"]) == "Bearer of bad news, sk-learned of late"


def test_details_are_one_short_line() -> None:
    assert one_line("a\n b\r\n\tc") == "a b c"
    assert len(one_line("word " * 500)) == 200


def test_lone_surrogates_are_replaced() -> None:
    assert encodable("a\ud800b") == "a?b"
    assert encodable("ä😀") == "ä😀"
