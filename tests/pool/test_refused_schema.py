"""What servers say to a reply schema that they do not take, in their own words and with whatever status."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from adaem.domain.answer import Outcome
from adaem.pool.endpoints.refused_schema import refuses_schema
from adaem.pool.replies.error_details import ErrorWords
from small_pool import ask, pool_of, said, status

REFUSALS = [
    # llama-cpp-python's server wraps pydantic's complaint (ggml-org/llama.cpp#23463)
    (500, "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text'\"}]"),
    # llama.cpp's server, older and newer (ggml-org/llama.cpp#9522, #11847, #19349)
    (500, 'response_format type must be one of "text" or "json_object", but got: json_schema'),
    (400, 'Either "json_schema" or "grammar" can be specified, but not both'),
    (400, "failed to parse grammar"),
    (500, "JSON schema conversion failed: Unrecognized schema: {}"),
    # LM Studio (lmstudio-ai/lmstudio-bug-tracker#307)
    (400, "'response_format.type' must be 'text'"),
    # Ollama, whose grammar comes from the schema
    (500, "error parsing grammar: Undefined rule identifier 'space'"),
    (500, "invalid JSON schema in format"),
    # vLLM and SGLang
    (400, "The provided JSON schema contains features not supported by xgrammar."),
    (500, "Failed to compile json grammar"),
    (501, "Guided decoding is turned off"),
    # Text Generation Inference
    (422, "Failed to deserialize the JSON body: response_format: missing field `value`"),
    # Gateways that look for a model which can
    (404, "No endpoints found that support structured outputs: response_format is not supported"),
    (405, "response_format is not allowed here"),
]

OTHERS = [
    (500, "CUDA out of memory while compiling a grammar"),
    (500, "The model produced output that does not match the expected format"),
    (500, "Internal Server Error"),
    (503, "the queue for structured outputs is full"),
    (404, "The model 'm' does not exist"),
    (429, "Rate limit reached; response_format is not supported on this tier"),
    (401, "Invalid key for structured outputs"),
    (400, "max_tokens must be at most 512"),
]


@pytest.mark.parametrize(("code", "message"), REFUSALS)
def test_what_it_says_counts_whatever_the_status(code: int, message: str) -> None:
    assert refuses_schema(ErrorWords((message,), (), code))


@pytest.mark.parametrize(("code", "message"), OTHERS)
def test_another_failure_changes_nothing_about_how_the_schema_travels(code: int, message: str) -> None:
    assert not refuses_schema(ErrorWords((message,), (), code))


@pytest.mark.parametrize("code", [404, 500, 501, 503])
@pytest.mark.parametrize("mode", ["auto", "body"])
def test_one_request_is_enough_to_learn_it(code: int, mode: str) -> None:
    refusal = status(code, "response_format type must be text, but got: json_schema")
    answers: list[Any] = [said()] if mode == "auto" else []
    pool, model, _ = pool_of(refusal, *answers, schema_mode=mode, attempts=5)
    call = asyncio.run(ask(pool))
    model.assert_used_up()
    assert (call.outcome is Outcome.ANSWERED) is (mode == "auto")
    assert mode == "auto" or "set schema_mode: text" in call.detail
