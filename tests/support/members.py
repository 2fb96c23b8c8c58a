"""Members of a pool as tests make them."""

from __future__ import annotations

from typing import Any

from adaem.domain.pool_spec import Member, Role


def member(**settings: Any) -> Member:
    return Member(**({"id": "m", "model": "openai:gpt-4o", "roles": (Role.SCOUT,)} | settings))
