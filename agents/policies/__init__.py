"""Which moves a round makes: one policy a file, each a pure function of what is known (METHOD.md section 3.1)."""

from __future__ import annotations

from .policy import Move, MoveKind, Policy, SearchView
from .shipped_policies import POLICIES, make_policy

__all__ = ["POLICIES", "Move", "MoveKind", "Policy", "SearchView", "make_policy"]
