"""Spans of a job and its calls, in the SDK's own exporter: none unasked, no text unasked, no key ever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import adaem
import pytest
from adaem.pool import telemetry
from keyword_judge import KeywordJudge
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from talkers import Talker


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    found = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(found))
    monkeypatch.setattr(telemetry, "_tracer", lambda: provider.get_tracer("test"))
    monkeypatch.delenv(telemetry.CAPTURE, raising=False)
    yield found
    provider.shutdown()


class FirstPoint(KeywordJudge):
    """Judges the first of a live answer's key points."""

    async def judge(self, answer: Any) -> Any:
        return self._labels(answer.key_points[0].text)


def evaluate(out: Path, **settings: Any) -> Any:
    pool = {"one": Talker(value="power", fails="fails" in out.name), "other": Talker(value="security")}
    return asyncio.run(
        adaem.evaluate(
            ["Is it right?"],
            pool=pool,
            samples=2,
            judge=FirstPoint,
            settings={"search.permutations": 99, **settings},
            out=out,
        )
    )


@pytest.mark.parametrize("name", telemetry.PROTOCOLS)
def test_another_protocol_than_the_exporters_is_one_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in telemetry.PROTOCOLS:
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setattr(trace, "get_tracer_provider", trace.ProxyTracerProvider)
    monkeypatch.setenv(name, "http/protobuf")
    with pytest.raises(adaem.InputError, match=f"{name}=http/protobuf: adaem exports spans by grpc") as caught:
        telemetry._tracer()
    assert "\n" not in str(caught.value)


def test_nothing_is_sent_unless_it_is_asked_for(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    evaluate(tmp_path / "run")
    assert exporter.get_finished_spans() == ()


def test_each_call_is_a_span_below_its_job(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    run = evaluate(tmp_path / "run", telemetry=True)
    finished: Any = exporter.get_finished_spans()
    *calls, job = finished
    assert job.name == "adaem evaluation"
    assert job.attributes == {"adaem.run_id": run.manifest.run_id, "adaem.status": "finished"}
    assert len(calls) == 4
    for span in calls:
        assert (span.kind, span.name[:5]) == (SpanKind.CLIENT, "chat ")
        assert span.parent.span_id == job.context.span_id
        assert span.attributes["gen_ai.operation.name"] == "chat"
        assert span.attributes["gen_ai.provider.name"] == "python"
        assert (span.attributes["adaem.outcome"], span.attributes["adaem.requests"]) == ("answered", 1)
        assert span.attributes["adaem.purpose"] == "evaluate"
    assert "Is it right" not in "".join(span.to_json() for span in exporter.get_finished_spans())


def test_texts_are_sent_where_the_conventions_variable_asks(
    tmp_path: Path, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(telemetry.CAPTURE, "true")
    evaluate(tmp_path / "run", telemetry=True)
    first: Any = exporter.get_finished_spans()[0]
    sent, came = (json.loads(str(first.attributes[f"gen_ai.{way}.messages"])) for way in ("input", "output"))
    assert "Is it right?" in sent[-1]["parts"][0]["content"]
    assert "key_points" in came[0]["parts"][0]["content"]


@pytest.mark.slow
def test_a_failed_call_is_an_error_without_the_key(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    evaluate(tmp_path / "fails", telemetry=True)
    failed = [
        span
        for span in exporter.get_finished_spans()
        if not span.status.is_ok and "error.type" in (span.attributes or {})
    ]
    assert failed
    assert "a-key-of-its-own" not in "".join(span.to_json() for span in exporter.get_finished_spans())
