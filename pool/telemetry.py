"""OpenTelemetry spans of a job and its calls, after the GenAI semantic conventions; none unless the settings ask.

Where they go is what the usual ``OTEL_*`` variables say. No text of a prompt or a reply is in them unless
``OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`` is true.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from ..domain.answer import Outcome
from ..domain.calls import Call, Prompt
from ..domain.errors import InputError
from ..domain.pool_spec import Member
from ..domain.texts.hiding import hide, known_keys
from ..domain.texts.safe_text import one_line

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
TELEMETRY_NEEDS = "telemetry is set, and OpenTelemetry's SDK is not installed — pip install 'adaem[otel]'"

PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
"""The first that is set counts, as for OpenTelemetry itself."""

_FAULTS = (Outcome.FAILED, Outcome.MISROUTED)

EndCall = Callable[[Call[Any]], None]


@contextmanager
def job_span(wanted: bool, name: str, run_id: str) -> Iterator[Callable[[str], None]]:
    """A span around a job's session, the parent of its calls' spans; the body tells with which status it ended.

    Raises ``InputError`` where spans are ``wanted`` and the extra ``otel`` is not installed, or another protocol than
    its exporter's is set.
    """
    if not wanted:
        yield _nothing
        return
    with _tracer().start_as_current_span(f"adaem {name}", attributes={"adaem.run_id": run_id}) as span:
        yield lambda status: span.set_attribute("adaem.status", status)


@contextmanager
def call_span(wanted: bool, member: Member, prompt: Prompt, purpose: str) -> Iterator[EndCall]:
    """A span around one call, its repeats included; the body tells the finished call."""
    if not wanted:
        yield _nothing
        return
    from opentelemetry.trace import SpanKind, Status, StatusCode

    _, _, model = member.model.partition(":")
    with _tracer().start_as_current_span(
        f"chat {model}", kind=SpanKind.CLIENT, attributes=_request(member, model, prompt, purpose)
    ) as span:

        def end(call: Call[Any]) -> None:
            span.set_attributes(_response(call))
            if call.outcome in _FAULTS:
                span.set_attribute("error.type", call.faults[-1] if call.faults else call.outcome.value)
                span.set_status(Status(StatusCode.ERROR, call.detail))

        yield end


def _request(member: Member, model: str, prompt: Prompt, purpose: str) -> dict[str, Any]:
    known = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": member.provider,
        "gen_ai.request.model": model,
        "gen_ai.request.temperature": member.temperature,
        "gen_ai.request.max_tokens": member.max_tokens,
        "server.address": urlsplit(member.base_url).hostname if member.base_url else None,
        "adaem.member": member.id,
        "adaem.purpose": purpose,
        "adaem.prompt": prompt.name,
    }
    if _captures():
        sent = [("system", prompt.system), ("user", prompt.user)]
        known["gen_ai.input.messages"] = _messages([(role, text) for role, text in sent if text])
    return {key: value for key, value in known.items() if value is not None}


def _response(call: Call[Any]) -> dict[str, Any]:
    known = {
        "gen_ai.response.model": call.model_name or None,
        "gen_ai.response.finish_reasons": [call.finish_reason] if call.finish_reason else None,
        "gen_ai.usage.input_tokens": call.usage.input_tokens,
        "gen_ai.usage.output_tokens": call.usage.output_tokens,
        "adaem.call_id": call.id,
        "adaem.outcome": call.outcome.value,
        "adaem.requests": call.attempts,
        "adaem.tokens": call.tokens,
        "adaem.cost": call.cost,
    }
    if _captures() and call.text:
        known["gen_ai.output.messages"] = _messages([("assistant", call.text)])
    return {key: value for key, value in known.items() if value is not None}


def _messages(said: list[tuple[str, str]]) -> str:
    messages = [{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in said]
    return hide(json.dumps(messages, ensure_ascii=False), known_keys())


def _captures() -> bool:
    return os.environ.get(CAPTURE, "").strip().lower() == "true"


def _tracer() -> Any:
    """The tracer of the provider that the program has set; of one that exports by OTLP where it has set none."""
    try:
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
    except ModuleNotFoundError:
        raise InputError(TELEMETRY_NEEDS) from None
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        _check_protocol()
        try:
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        except ModuleNotFoundError:
            raise InputError(TELEMETRY_NEEDS) from None
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        name = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "adaem"}
        provider = TracerProvider(resource=Resource.create(name))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
    return trace.get_tracer("adaem")


def _check_protocol() -> None:
    name = next((each for each in PROTOCOLS if os.environ.get(each, "").strip()), None)
    if name is not None and (protocol := os.environ[name].strip().lower()) != "grpc":
        raise InputError(
            f"{name}={one_line(protocol):.40}: adaem exports spans by grpc — set it to grpc and name such an endpoint, "
            "or set a tracer provider of your own in Python"
        )


def _nothing(_: Any) -> None:
    pass
