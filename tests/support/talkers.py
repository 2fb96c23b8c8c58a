"""Chat models of a Python program's own, for tests: each answers every question for the same values."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field, SecretStr


class Talker(BaseChatModel):
    """Answers with three reasons that name ``value``; waits ``delay`` seconds first, or ``fails`` with its key."""

    value: str
    model_name: str = "talker-1"
    api_key: SecretStr = SecretStr("a-key-of-its-own-123456")
    delay: float = 0.0
    fails: bool = False
    asked: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "talker"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise AssertionError("the program asks asynchronously")

    async def _agenerate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **options: Any
    ) -> ChatResult:
        self.asked.append(str(messages[-1].content))
        await asyncio.sleep(self.delay)
        if self.fails:
            raise ValueError(f"the key {self.api_key.get_secret_value()} is not valid")
        number = len(self.asked)
        reasons = ("Neighbours asked for it", "History taught us so", "Costs would fall at once")
        points = [
            {"point": f"{reason}, says case {number}", "justification": f"That speaks for {self.value}."}
            for reason in reasons
        ]
        text = json.dumps({"stance": "yes", "key_points": points})
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])
