"""``adaem graph``: the state machine."""

from __future__ import annotations


def graph_verb() -> None:
    """Prints the compiled graph as a tree and as Mermaid."""
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    from ..graph.build import build_graph, build_interrogation
    from ..graph.picture import mermaid

    console = Console()
    tree = Tree(Text("run"))
    for name, branch in (("run", tree), ("interrogate", tree.add(Text("interrogate, one branch a move")))):
        compiled = build_graph() if name == "run" else build_interrogation()
        drawn = compiled.get_graph()
        for node in drawn.nodes:
            targets = sorted(edge.target for edge in drawn.edges if edge.source == node)
            if targets:
                branch.add(Text(f"{node} → {', '.join(targets)}"))
    console.print(tree)
    console.print(Text(mermaid()), soft_wrap=True)
