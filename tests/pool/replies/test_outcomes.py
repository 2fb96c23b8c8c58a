from __future__ import annotations

import pytest
from adaem.domain.answer import Outcome
from adaem.domain.texts.hiding import HIDDEN, hide
from adaem.pool.replies.outcomes import failure, same_model, system_fingerprint, unanswered
from adaem.pool.sending.scrubbing import encodable, one_line, scrub
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
