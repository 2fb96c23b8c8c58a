"""Whether a provider's LangChain package took the settings that it was given: most drop what they do not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from langchain_core.language_models import BaseChatModel

_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "max_tokens": (
        "num_predict",
        "max_output_tokens",
        "max_new_tokens",
        "max_tokens_to_sample",
        "max_tokens_to_generate",
    ),
    "timeout": ("request_timeout", "default_request_timeout"),
}
"""What some packages call a setting (Ollama's, Google's, Hugging Face's, Anthropic's)."""


def renamed(model: BaseChatModel, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """``settings`` under the names by which ``model``'s class takes them; None where it took them as they are.

    A time-out goes to the package's HTTP client where the class has no field for it.
    """
    known, parameters = _names(model), dict(settings)
    for name, others in _OTHER_NAMES.items():
        if name not in parameters or name in known:
            continue
        if other := next((other for other in others if other in known), ""):
            parameters[other] = parameters.pop(name)
        elif name == "timeout" and "client_kwargs" in known:
            parameters["client_kwargs"] = {"timeout": parameters.pop(name)}
    return None if parameters.keys() == settings.keys() else parameters


def ignored(model: BaseChatModel, names: Iterable[str]) -> list[str]:
    """Those of ``names`` that ``model``'s class dropped: neither a field of it nor passed on with its requests."""
    known = _names(model)
    passed_on = getattr(model, "_default_params", {})
    return [name for name in names if name not in known and name not in passed_on]


def _names(model: BaseChatModel) -> set[str]:
    fields = type(model).model_fields
    return {name for own, field in fields.items() for name in (own, field.alias) if name}
