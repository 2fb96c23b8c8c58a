"""Why the body of a 200 holds no answer: what providers write beside, or in place of, the message.

langchain-openai drops these fields, and fails on a body without a message, as on a broken one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .content_filters import filter_reason
from .finish_reasons import blocked

_LONGEST_REASON = 500


def reason_in(data: Mapping[str, Any]) -> str:
    """The reason that a chat completion's body gives for having no answer; "" where it has one.

    That is the finish reason of a choice without a message (Gemini), a choice's own error (OpenRouter) or the filter
    that the model behind a router names, a blocked prompt (Gemini), or a status of the whole (MiniMax).
    """
    return (_of_choice(data.get("choices")) or _of_prompt(data) or _of_status(data.get("base_resp")))[:_LONGEST_REASON]


def _of_choice(choices: Any) -> str:
    match choices:
        case [dict(choice), *_]:
            pass
        case _:
            return ""
    native = choice.get("native_finish_reason")
    if isinstance(native, str) and filter_reason(native):
        return native
    if error := choice.get("error"):
        return json.dumps(error, ensure_ascii=False)
    reason = choice.get("finish_reason")
    return reason if isinstance(reason, str) and not isinstance(choice.get("message"), dict) else ""


def _of_prompt(data: Mapping[str, Any]) -> str:
    return blocked(data.get("promptFeedback")) or blocked(data.get("prompt_feedback"))


def _of_status(status: Any) -> str:
    """MiniMax: a status code other than 0, with its words."""
    code = status.get("status_code") if isinstance(status, dict) else None
    return f"{code} {status.get('status_msg') or ''}".strip() if code else ""
