"""How providers answer when there is no answer: by provider, what comes back, and what must become of it.

Bodies are in our own words after the providers' pages, their SDKs, and what users report of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from adaem.domain.answer import Outcome

POINTS = [{"point": f"p{i}", "justification": "j"} for i in "abc"]
DRAFT = json.dumps({"stance": "no", "key_points": POINTS})
FINAL = json.dumps({"stance": "yes", "key_points": POINTS})
CUT = FINAL[:20]
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
ANSWERED, FILTERED, REFUSED = Outcome.ANSWERED, Outcome.FILTERED, Outcome.REFUSED
TRUNCATED, UNPARSABLE, FAILED = Outcome.TRUNCATED, Outcome.UNPARSABLE, Outcome.FAILED


@dataclass(frozen=True)
class Way:
    """One response, always the same. ``requests`` are those of one call of a member with two attempts; ``detail`` must
    be in the recorded detail, ``text`` and ``thinking`` in what is recorded of the reply; ``out``: whether the member
    is out of the run after it.
    """

    provider: str
    what: str
    body: Any
    outcome: Outcome
    requests: int
    detail: str
    status: int = 200
    out: bool = False
    text: str = ""
    thinking: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.provider}: {self.what}".replace(" ", "-")


def chat(
    text: str | None, finish: Any = "stop", *, choice: dict[str, Any] | None = None, **message: Any
) -> dict[str, Any]:
    said = {"role": "assistant", "content": text, **message}
    return whole({"index": 0, "finish_reason": finish, "message": said, **(choice or {})})


def whole(*choices: dict[str, Any], **top: Any) -> dict[str, Any]:
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": list(choices),
        "usage": USAGE,
        **top,
    }


def error(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


def filtered(provider: str, what: str, body: Any, detail: str, status: int = 200) -> Way:
    """A filter: one request, the provider's words kept, and the member stays in."""
    return Way(provider, what, body, FILTERED, 1, detail, status)


def passing(provider: str, what: str, body: Any, detail: str, status: int = 200) -> Way:
    """The server's failure: asked for again."""
    return Way(provider, what, body, FAILED, 2, detail, status)


def hopeless(provider: str, what: str, body: Any, detail: str, status: int) -> Way:
    return Way(provider, what, body, FAILED, 1, detail, status, out=True)


def thought(provider: str, what: str, text: str, **message: Any) -> Way:
    """The answer behind the thinking, whose draft said the opposite."""
    return Way(provider, what, chat(text, **message), ANSWERED, 1, "", text=FINAL, thinking="stance")


def unclosed(provider: str, what: str, text: str, **message: Any) -> Way:
    """Only a draft came: asked for once more, and never taken for an answer."""
    return Way(provider, what, chat(text, **message), UNPARSABLE, 2, "")


GEMINI_EMPTY = {"index": 0, "finish_reason": "content_filter: PROHIBITED_CONTENT"}
AZURE = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure's content management policy.",
        "param": "prompt",
        "code": "content_filter",
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"hate": {"filtered": True}}},
    }
}
MODERATED = {"reasons": ["violence"], "flagged_input": "Is it", "provider_name": "OpenAI", "model_slug": "openai/x"}
UPSTREAM = json.dumps({"error": {"message": "The response was filtered", "code": "content_filter"}})

WAYS = (
    # filters, as the reason why a response ended
    filtered("OpenAI", "finish reason", chat("", "content_filter"), "content_filter"),
    filtered("OpenAI", "half an answer", chat(CUT, "content_filter"), "content_filter"),
    filtered("Gemini", "no message", whole(GEMINI_EMPTY), "content_filter: PROHIBITED_CONTENT"),
    filtered("Gemini", "null message", whole({**GEMINI_EMPTY, "message": None}), "PROHIBITED_CONTENT"),
    filtered("Gemini", "safety", chat(None, "content_filter: SAFETY"), "SAFETY"),
    filtered("Gemini", "recitation", chat("", "RECITATION"), "RECITATION"),
    filtered("Gemini", "blocked prompt", whole(promptFeedback={"blockReason": "OTHER"}, choices=None), "OTHER"),
    filtered("GLM", "finish reason", chat("", "sensitive"), "sensitive"),
    filtered("Hunyuan", "finish reason", chat(CUT, "sensitive"), "sensitive"),
    filtered("Bedrock", "guardrail", chat("Blocked.", "guardrail_intervened"), "guardrail_intervened"),
    filtered("Bedrock", "content filtered", chat("", "content_filtered"), "content_filtered"),
    filtered("Databricks", "guardrail", chat("", "input_guardrail_triggered"), "input_guardrail_triggered"),
    filtered("Cohere", "toxic", chat("", "ERROR_TOXIC"), "ERROR_TOXIC"),
    filtered("Anthropic", "classifier", chat("", "refusal"), "refusal"),
    filtered(
        "OpenRouter", "native reason", chat("", choice={"native_finish_reason": "SAFETY"}, finish="error"), "SAFETY"
    ),
    filtered(
        "OpenRouter",
        "error in a choice",
        chat("", "error", choice={"error": {"code": 403, "message": "Input was flagged", "metadata": MODERATED}}),
        "flagged",
    ),
    filtered(
        "MiniMax",
        "status of the whole",
        whole(choices=None, base_resp={"status_code": 1026, "status_msg": "input new_sensitive"}),
        "new_sensitive",
    ),
    # filters, as an error
    filtered("Azure", "prompt", AZURE, "content management policy", 400),
    filtered(
        "OpenAI",
        "usage policy",
        error("Your prompt was flagged as violating our usage policy.", code="invalid_prompt"),
        "usage policy",
        400,
    ),
    filtered(
        "OpenAI",
        "safety system",
        error("Rejected by our safety system.", code="moderation_blocked"),
        "safety system",
        400,
    ),
    filtered(
        "xAI",
        "403",
        {"code": "permission", "error": "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO"},
        "usage guidelines",
        403,
    ),
    filtered(
        "DeepSeek",
        "400",
        error("Content Exists Risk", type="invalid_request_error", code="invalid_request_error"),
        "Content Exists Risk",
        400,
    ),
    filtered(
        "Kimi",
        "400",
        error("The request was rejected because it was considered high risk", type="content_filter"),
        "high risk",
        400,
    ),
    filtered("MiMo", "400", error("Moderation Block", code="421", type="content_filter"), "Moderation Block", 400),
    filtered("GLM", "1301", error("系统检测到输入或生成内容可能包含不安全或敏感内容", code="1301"), "敏感内容", 400),
    filtered("Z.ai", "1301", error("Unsafe text detected in input or generation.", code="1301"), "Unsafe", 400),
    filtered(
        "Qwen",
        "input",
        error("Input data may contain inappropriate content.", code="data_inspection_failed"),
        "inappropriate",
        400,
    ),
    filtered(
        "Qwen",
        "native code",
        {"code": "DataInspectionFailed", "message": "Output data is not proper."},
        "DataInspectionFailed",
        400,
    ),
    filtered(
        "Doubao",
        "input",
        error("The request failed.", code="InputTextSensitiveContentDetected"),
        "SensitiveContent",
        400,
    ),
    filtered("StepFun", "451", error("The content is blocked.", type="censorship_blocked"), "blocked", 451),
    filtered("iFlytek", "audit", error("输入内容审核不通过，涉嫌违规", code="10013"), "违规", 400),
    filtered("Baidu", "unsafe", error("the content is not safe: 违规", code="unsafe"), "违规", 400),
    filtered(
        "OpenRouter",
        "403",
        {"error": {"code": 403, "message": "Requires moderation", "metadata": MODERATED}},
        "moderation",
        403,
    ),
    filtered(
        "OpenRouter",
        "403 in a 200",
        {"error": {"code": 403, "message": "Your input was flagged", "metadata": MODERATED}},
        "flagged",
    ),
    filtered(
        "OpenRouter",
        "upstream's words",
        error("Provider returned error", code=400, metadata={"raw": UPSTREAM}),
        "filtered",
        400,
    ),
    filtered(
        "Mistral",
        "guardrail",
        {"object": "error", "message": "Request blocked by guardrail", "code": "3051"},
        "guardrail",
        403,
    ),
    filtered(
        "Anthropic",
        "output",
        {
            "type": "error",
            "error": {"type": "invalid_request_error", "message": "Output blocked by content filtering policy"},
        },
        "content filtering",
        400,
    ),
    filtered("Bedrock", "compatible", error("The guardrail policy was violated", type="guardrail"), "guardrail", 400),
    filtered(
        "LiteLLM",
        "wrapped",
        error("litellm.ContentPolicyViolationError: refused upstream", code="400"),
        "ContentPolicy",
        400,
    ),
    filtered(
        "Portkey", "446", {"hook_results": {}, "error": {"message": "The guardrail checks failed"}}, "guardrail", 446
    ),
    filtered(
        "Cloudflare",
        "gateway",
        {"error": [{"code": 2016, "message": "Prompt blocked due to security configurations"}]},
        "security",
        400,
    ),
    filtered(
        "Together",
        "safety model",
        error("Your prompt was flagged by the safety model", type="invalid_request_error"),
        "flagged",
        422,
    ),
    filtered(
        "Vertex",
        "array",
        [{"error": {"code": 400, "message": "Blocked for PROHIBITED_CONTENT", "status": "INVALID_ARGUMENT"}}],
        "PROHIBITED_CONTENT",
        400,
    ),
    # the model's own refusal
    Way("OpenAI", "refusal", chat(None, refusal="I must decline."), REFUSED, 1, "I must decline."),
    # cut off
    Way("OpenAI", "length", chat(CUT, "length"), TRUNCATED, 1, "length"),
    Way("Gemini", "all tokens thought away", whole({"index": 0, "finish_reason": "length"}), TRUNCATED, 1, "length"),
    Way("Mistral", "model length", chat(CUT, "model_length"), TRUNCATED, 1, "model_length"),
    Way(
        "Anthropic",
        "context",
        chat(CUT, "model_context_window_exceeded"),
        TRUNCATED,
        1,
        "model_context_window_exceeded",
    ),
    Way("Cohere", "limit", chat(CUT, "ERROR_LIMIT"), TRUNCATED, 1, "ERROR_LIMIT"),
    Way(
        "Groq",
        "out of tokens",
        error(
            "max completion tokens reached before a valid document", code="json_validate_failed", failed_generation=CUT
        ),
        TRUNCATED,
        1,
        "max completion tokens",
        400,
        text=CUT,
    ),
    # unreadable
    Way(
        "Groq",
        "schema",
        error(
            "Generated JSON does not match the expected schema. See 'failed_generation'.",
            code="json_validate_failed",
            failed_generation='{"stance": "maybe"}',
        ),
        UNPARSABLE,
        2,
        "expected schema",
        400,
        text='{"stance": "maybe"}',
    ),
    Way("anybody", "empty", chat(""), UNPARSABLE, 2, "empty"),
    Way("anybody", "two answers", chat(f"Either {DRAFT} or {FINAL}"), UNPARSABLE, 2, "more than one"),
    # the server's failure
    passing("OpenRouter", "finish reason", chat(CUT, "error"), "finish reason error"),
    passing(
        "OpenRouter",
        "upstream lost",
        chat("", "error", choice={"error": {"code": 502, "message": "Lost"}}),
        "server failed",
    ),
    passing("DeepSeek", "busy", chat(CUT, "insufficient_system_resource"), "insufficient_system_resource"),
    passing("vLLM", "abort", chat(CUT, "abort"), "abort"),
    passing("SGLang", "abort", chat(CUT, {"type": "abort", "message": "out of memory"}), "abort"),
    passing("GLM", "network", chat(CUT, "network_error"), "network_error"),
    passing("Ollama", "loading", chat("", "load"), "load"),
    passing("Mistral", "error", chat(FINAL, "error"), "error"),
    passing(
        "Gemini",
        "array 503",
        [{"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}}],
        "Overloaded",
        503,
    ),
    passing(
        "Gemini",
        "array 429",
        [{"error": {"code": 429, "message": "Slow down", "status": "RESOURCE_EXHAUSTED"}}],
        "Slow down",
        429,
    ),
    passing("OpenRouter", "502 in a 200", {"error": {"code": 502, "message": "Bad gateway"}}, "Bad gateway"),
    passing(
        "MiniMax",
        "busy",
        whole(choices=None, base_resp={"status_code": 1002, "status_msg": "rate limit"}),
        "rate limit",
    ),
    passing(
        "Anthropic",
        "overloaded",
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        "Overloaded",
        529,
    ),
    passing("vLLM", "500", {"object": "error", "message": "EngineDeadError", "code": 500}, "EngineDeadError", 500),
    # nothing that another request would change
    hopeless("OpenAI", "key", error("Incorrect API key", code="invalid_api_key"), "Incorrect API key", 401),
    hopeless("OpenAI", "quota", error("You exceeded your quota", code="insufficient_quota"), "quota", 429),
    hopeless("DeepSeek", "balance", error("Insufficient Balance", code="invalid_request_error"), "Balance", 402),
    hopeless(
        "xAI",
        "no permission",
        {"code": "permission", "error": "The team has no access to this model"},
        "no access",
        403,
    ),
    hopeless(
        "OpenAI", "banned", error("Your account was suspended for violating our usage policies"), "suspended", 403
    ),
    hopeless("a company's proxy", "page", b"<html>Blocked by content filter</html>", "content filter", 403),
    hopeless(
        "OpenAI",
        "temperature",
        error(
            "Unsupported value: 'temperature' does not support 0.3 with this model.",
            param="temperature",
            code="unsupported_value",
        ),
        "set temperature: null",
        400,
    ),
    hopeless(
        "Anthropic", "temperature", error("temperature: range: 0..1, must be at most 1"), "set temperature: null", 400
    ),
    hopeless(
        "Mistral",
        "seed",
        {
            "detail": [
                {"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted: 'seed'"}
            ]
        },
        "send_seed: false",
        422,
    ),
    Way(
        "vLLM",
        "context",
        error("This model's maximum context length is 512 tokens; max_tokens is too large"),
        FAILED,
        1,
        "maximum context",
        400,
    ),
    # thinking, and what looks like it
    thought("DeepSeek", "tag", f"<think>First: {DRAFT} No.</think>{FINAL}"),
    thought("Seed", "tag", f"<seed:think>First: {DRAFT} No.</seed:think>{FINAL}"),
    thought("anybody", "reasoning", f"<reasoning>First: {DRAFT} No.</reasoning>{FINAL}"),
    thought("Kimi", "marks", f"◁think▷{DRAFT}◁/think▷{FINAL}"),
    thought("Magistral", "marks", f"[THINK]{DRAFT}[/THINK]{FINAL}"),
    thought("Cohere", "marks", f"<|START_THINKING|>{DRAFT}<|END_THINKING|><|START_RESPONSE|>{FINAL}<|END_RESPONSE|>"),
    thought(
        "gpt-oss",
        "channels",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{FINAL}",
    ),
    thought("gpt-oss", "channels without marks", f"analysisFirst: {DRAFT} No.assistantfinal{FINAL}"),
    thought("Gemma", "channel", f"<|channel>thought\n{DRAFT}<channel|>{FINAL}"),
    thought("Granite", "words", f"Here is my thought process: {DRAFT}\nHere is my response: {FINAL}"),
    thought("EXAONE", "tag", f"<thought>{DRAFT}</thought>\n\n{FINAL}"),
    thought("Hunyuan", "tags", f"<think>\n{DRAFT}\n</think>\n<answer>\n{FINAL}\n</answer>"),
    thought("QwQ", "opened in the prompt", f"{DRAFT} But no.</think>{FINAL}"),
    thought("DeepSeek", "field", FINAL, reasoning_content=DRAFT),
    thought("OpenRouter", "field", FINAL, reasoning=DRAFT),
    unclosed("DeepSeek", "never closed", f"<think>{DRAFT}"),
    unclosed("gpt-oss", "no final channel", f"<|channel|>analysis<|message|>{DRAFT}"),
    unclosed("gpt-oss", "no final word", f"analysisFirst: {DRAFT}"),
    unclosed("anybody", "unknown tag", f"<musing>{DRAFT}</musing>"),
    unclosed("DeepSeek", "only the field", "", reasoning_content=DRAFT),
)
