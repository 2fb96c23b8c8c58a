"""The compiled graph as a picture."""

from __future__ import annotations

from .build import build_graph


def mermaid() -> str:
    """The graph with its inner steps, as Mermaid."""
    return build_graph().get_graph(xray=True).draw_mermaid(with_styles=False)
