"""The compiled graphs as one picture. LangGraph's own leaves out a subgraph whose nodes have error handlers."""

from __future__ import annotations

from .build import Compiled, build_graph, build_interrogation

Edge = tuple[str, str, bool]
"""(from, to, conditional)"""


def edges(compiled: Compiled) -> list[Edge]:
    """The edges of a compiled graph, sorted; error handlers, which every inner node has, are left out."""
    drawn = compiled.get_graph().edges
    return sorted((_plain(edge.source), _plain(edge.target), edge.conditional) for edge in drawn)


def mermaid() -> str:
    """The run and, inside it, the interrogation of one move, as Mermaid; a dotted arrow is a decision."""
    outer = [f"    {_arrow(edge)}" for edge in edges(build_graph())]
    inner = [f"        {_arrow(edge, 'move ')}" for edge in edges(build_interrogation())]
    return "\n".join(
        ["flowchart TD", *outer, '    subgraph interrogate["interrogate, one branch a move"]', *inner, "    end"]
    )


def _plain(name: str) -> str:
    return name.strip("_")


def _arrow(edge: Edge, prefix: str = "") -> str:
    source, target, conditional = edge
    return f"{_node(source, prefix)} {'-.->' if conditional else '-->'} {_node(target, prefix)}"


def _node(name: str, prefix: str) -> str:
    # "end" is a word of Mermaid's own, and each of the two graphs has its start and end.
    return f"{prefix.strip()}_{name}([{name}])" if name in ("start", "end") else name
