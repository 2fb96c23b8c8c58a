"""``adaem graph``: the state machine."""

from __future__ import annotations


def graph_verb() -> None:
    """Prints the compiled graph as a tree and as Mermaid."""
    from rich.tree import Tree

    from ...graph.build import build_graph, build_interrogation
    from ...graph.diagram import edges, mermaid
    from ...reports.plain_text import plain
    from ..process.console import output

    console = output()
    tree = Tree(plain("run"))
    inner = Tree(plain("interrogate, one branch a move"))
    for branch, compiled in ((tree, build_graph()), (inner, build_interrogation())):
        transitions = edges(compiled)
        for node in dict.fromkeys(source for source, _, _ in transitions):
            branch.add(plain(f"{node} → {', '.join(target for source, target, _ in transitions if source == node)}"))
    tree.add(inner)
    console.print(tree)
    console.print(plain(mermaid()), soft_wrap=True)
