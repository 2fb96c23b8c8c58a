"""A chat model that plays a script, refuses a surplus call, and can be asked whether its script was used up."""

from __future__ import annotations

import asyncio
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field


class ScriptedModel(BaseChatModel):
    """Each step is a text, a message, or an error to raise. ``heard`` keeps what was sent: messages and options."""

    steps: list[Any]
    heard: list[tuple[list[BaseMessage], dict[str, Any]]] = Field(default_factory=list)
    delay: float = 0.0
    extra_body: dict[str, Any] | None = None
    at_once: int = 0
    most_at_once: int = 0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def assert_used_up(self) -> None:
        assert len(self.heard) == len(self.steps), f"{len(self.steps) - len(self.heard)} steps were never asked for"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise AssertionError("the program asks asynchronously")

    async def _agenerate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **options: Any
    ) -> ChatResult:
        assert len(self.heard) < len(self.steps), f"a surplus call after {len(self.steps)}: {messages[-1].content}"
        step = self.steps[len(self.heard)]
        self.heard.append((messages, options))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.delay)
        finally:
            self.at_once -= 1
        if isinstance(step, BaseException):
            raise step
        message = AIMessage(step) if isinstance(step, str) else step
        return ChatResult(generations=[ChatGeneration(message=message)])
