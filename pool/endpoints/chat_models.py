"""Real members as LangChain chat models: one attempt a call, one address, one key, nothing from stray variables."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from ...domain.errors import InputError
from ...domain.framework import Framework
from ...domain.named import given_object, is_given
from ...domain.pool_spec import Member, PoolSpec
from ...domain.texts.hiding import SHORTEST_KEY
from ..sending.scrubbing import one_line, scrub
from .dialect import limit_name
from .endpoint import base_url, check_plain_http, is_loopback, is_openai, is_plain, key
from .http_client import bounded_client
from .ignored_settings import ignored, renamed
from .private_names import check_name
from .proxy_environment import check_certificates, check_proxies
from .request_fields import Value, body_fields

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

ChatModels = Mapping[str, "BaseChatModel"]
"""A chat model for each member id."""

_WIRE_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)


def make_models(spec: PoolSpec, framework: Framework) -> ChatModels:
    """A chat model for each member of the pool that can be asked, the simulated ones with the words of ``framework``.

    Raises as ``make_model``.
    """
    from ..simulated import make_simulated

    return {
        member.id: make_simulated(member, framework) if member.simulated else make_model(member, spec.allowed_hosts)
        for member in spec.members
    }


def make_model(member: Member, allowed_hosts: Collection[str] = ()) -> BaseChatModel:
    """The chat model of a real member. It makes exactly one request a call, and keeps no cache.

    ``allowed_hosts`` are the pool's, which may be asked by plain http: such a member is reached without a proxy, and
    only at addresses of one's own network. Close it with ``close_models`` in the event loop that used it. Raises
    InputError (unknown provider, its package missing, a forbidden parameter or address, a recorded member) and
    KeyMissing.
    """
    if member.given:
        return _given(member)
    if member.recorded:
        raise InputError(
            f"member {member.id!r}: its answers are recorded, it cannot be asked — only 'adaem run' takes such members"
        )
    parameters = body_fields(member)
    settings: dict[str, Any] = {
        "timeout": member.timeout,
        "max_retries": 0,
        "cache": False,
        "disable_streaming": True,
        "temperature": member.temperature,
        "max_tokens": member.max_tokens,
        "api_key": key(member),
    }
    address = base_url(member)
    check_plain_http(member, allowed_hosts)
    if address is not None and is_plain(address):
        check_name(f"member {member.id!r}: base_url", urlsplit(address).hostname or "")
    check_certificates()
    if address is None or not _directly(address):
        check_proxies()
    settings = {name: value for name, value in settings.items() if value is not None}
    if address is not None:
        return _openai(member, address, settings, parameters)
    return _other(member, settings, parameters)


def _given(member: Member) -> BaseChatModel:
    """The chat model that a Python program gave."""
    from langchain_core.language_models import BaseChatModel

    model = given_object(f"member {member.id!r}: the model", member.model)
    if not isinstance(model, BaseChatModel):
        raise InputError(f"member {member.id!r}: {type(model).__name__} is not a chat model of LangChain — give one")
    return model


def own_keys(models: Iterable[BaseChatModel]) -> tuple[str, ...]:
    """The keys that chat models hold themselves: those of a Python program's own need not be in the environment."""
    values = [getattr(model, name, None) for model in models for name in type(model).model_fields]
    keys = {value.get_secret_value() for value in values if isinstance(value, SecretStr)}
    return tuple(sorted((key for key in keys if len(key) >= SHORTEST_KEY), key=len, reverse=True))


async def close_models(models: Iterable[BaseChatModel]) -> None:
    """Close the connections of models made here; any others, as those that a Python program gave, are left alone."""
    for model in models:
        if is_given(model):
            continue
        if (client := getattr(model, "http_async_client", None)) is not None:
            await client.aclose()


def _openai(member: Member, address: str, settings: dict[str, Any], parameters: Mapping[str, Value]) -> BaseChatModel:
    """An OpenAI-compatible member. Everything that the client would look up in the environment is given.

    The limit is in the body, and not among the settings, whose name for it LangChain chooses: see ``dialect``.
    """
    body: dict[str, Any] = dict(parameters)
    if (limit := settings.pop("max_tokens", None)) is not None:
        body[limit_name(address)] = limit
    for advice in ("This model does not support OpenAI's structured output", "Invalid schema for OpenAI's structured"):
        warnings.filterwarnings("ignore", message=advice)
    # Its client for calls that are not asynchronous, which nobody makes, would pass a proxy by, and it says so.
    logging.getLogger("langchain_openai.chat_models._client_utils").setLevel(logging.ERROR)
    return _init(
        member,
        {
            **settings,
            "base_url": address,
            "extra_body": body or None,
            "use_responses_api": False,
            "openai_proxy": None,
            "http_async_client": _client(address, settings["api_key"], member.timeout),
        },
    )


def _other(member: Member, settings: dict[str, Any], parameters: Mapping[str, Value]) -> BaseChatModel:
    """A member behind its provider's own package. Raises InputError for a setting that the package would drop.

    Where the package's client is OpenAI's too, its responses are bounded as well.
    """
    given = {**settings, **parameters}
    model = _init(member, given)
    if (under_its_names := renamed(model, given)) is not None:
        model = _init(member, under_its_names)
        given = under_its_names
    # The pool keeps the time-out itself, and what is left of the settings is the program's own.
    chosen = given.keys() - {"timeout", "max_retries", "cache", "disable_streaming"}
    if dropped := ignored(model, sorted(chosen)):
        raise InputError(
            f"member {member.id!r}: the package of the provider {member.provider!r} takes no {dropped[0]}, and would "
            f"ignore it — {_without(dropped[0])}"
        )
    from langchain_openai.chat_models.base import BaseChatOpenAI

    if not isinstance(model, BaseChatOpenAI):
        return model
    return _init(member, {**given, "http_async_client": bounded_client(timeout=member.timeout)})


def _without(setting: str) -> str:
    if setting in ("temperature", "max_tokens"):
        return f'set {setting}: null, or reach the model as "openai:…" with its base_url'
    return "leave out key_variable" if setting == "api_key" else f"remove {setting} from its parameters"


def _init(member: Member, settings: dict[str, Any]) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    provider, name = member.model.split(":", 1)
    who = f"member {member.id!r}: the provider {provider!r}"
    secret = (settings.get("api_key", ""),)
    try:
        model: BaseChatModel = init_chat_model(name, model_provider=provider, **settings)
    except ImportError as error:
        package = (getattr(error.__cause__, "name", None) or f"langchain_{provider}").split(".")[0].replace("_", "-")
        raise InputError(f"{who} needs the package {package} — install it with: pip install {package}") from None
    except ValidationError as error:
        # Its own text repeats the input, key included.
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        problem = one_line(scrub(f"{place} {first['msg']}", secret))
        raise InputError(f"{who} refuses its settings: {problem}") from None
    except (ValueError, TypeError, LookupError, OSError, RuntimeError) as error:
        raise InputError(f"{who} cannot be used: {one_line(scrub(str(error), secret))}") from None
    return model


def _directly(address: str) -> bool:
    """Whether no proxy is taken: one cannot reach this machine, and would carry elsewhere what is unencrypted."""
    return is_plain(address) or is_loopback(urlsplit(address).hostname or "")


def _client(address: str, secret: str, timeout: float) -> Any:
    """An HTTP client that follows no redirect, so that neither key nor prompt goes anywhere else.

    To any address but OpenAI's own only the plain headers travel: the SDK adds the organisation, the project and
    whatever OPENAI_CUSTOM_HEADERS holds. A loopback server is never reached through a proxy, nor is plain http, which
    goes to addresses of one's own network alone. Each response's body is bounded and read for more than LangChain keeps
    (``http_client.bounded_client``, ``raw_response.take_extras``).
    """

    async def keep_plain_headers(request: Any) -> None:
        for name in set(request.headers) - _WIRE_HEADERS:
            if not name.startswith("x-stainless-"):  # the SDK reads these back to know how to parse the response
                del request.headers[name]
        request.headers["authorization"] = f"Bearer {secret}"

    return bounded_client(
        timeout=timeout,
        trust_env=not _directly(address),
        private_only=is_plain(address),
        event_hooks={"request": [] if is_openai(address) else [keep_plain_headers]},
    )
