"""The wiring. Swapping an agent never edits this file: agents come with the run's context."""

from __future__ import annotations

from typing import Any, cast

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import NodeError
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from ..domain.errors import EndpointUnreachable, NotRecorded, NotWritten
from . import routes
from .nodes.confirm_step import confirm
from .nodes.critique_step import critique
from .nodes.evaluate_step import evaluate
from .nodes.explore_step import explore
from .nodes.failure_step import failure
from .nodes.novelty_step import novelty
from .nodes.probe_step import probe
from .nodes.propose_step import propose
from .nodes.refine_step import refine
from .nodes.remember_step import remember
from .run_context import RunContext
from .state import UNREACHED, UNRECORDED, MoveOutput, MoveProgress, MoveState, RunState
from .step import StepResult, move_node, run_node

Compiled = CompiledStateGraph[Any, RunContext, Any, Any]


def build_interrogation(*, served: bool = False, bound: RunContext | None = None) -> Compiled:
    """One move: draft → novelty gate → probe → critique, the same for a proposal and a rewrite."""
    graph = StateGraph(MoveState, None if served else RunContext, output_schema=MoveOutput)
    for name, function in (
        ("propose", propose),
        ("refine", refine),
        ("novelty", novelty),
        ("probe", probe),
        ("critique", critique),
    ):
        graph.add_node(name, move_node(name, function, bound), error_handler=cast(Any, _failing(bound)))
    graph.add_conditional_edges(START, routes.first_step, ["propose", "refine"])
    graph.add_conditional_edges("propose", routes.after_draft, ["novelty", END])
    graph.add_conditional_edges("refine", routes.after_draft, ["novelty", END])
    graph.add_conditional_edges("novelty", routes.after_novelty, ["propose", "refine", "probe", END])
    graph.add_conditional_edges("probe", routes.after_probe, ["critique", END])
    graph.add_edge("critique", END)
    return graph.compile()


def _failing(bound: RunContext | None) -> Any:
    async def fail(state: MoveState, error: NodeError, runtime: Runtime[RunContext]) -> dict[str, Any]:
        if isinstance(error.error, NotRecorded):
            # Nobody may be asked for what this move needs: the run ends once the round's other moves have ended.
            return MoveProgress.model_validate(state).end(UNRECORDED, str(error.error)).plain()
        if isinstance(error.error, EndpointUnreachable):
            return MoveProgress.model_validate(state).end(UNREACHED, str(error.error)).plain()
        if isinstance(error.error, NotWritten):
            raise error.error  # the other moves could not be kept either: it ends the run

        async def tell(progress: MoveProgress, context: RunContext) -> StepResult:
            return await failure(progress, context, error.error)

        return await move_node("failure", tell, bound)(state, runtime=runtime)

    return fail


def build_graph(
    checkpointer: BaseCheckpointSaver[str] | None = None, *, served: bool = False, bound: RunContext | None = None
) -> Compiled:
    """The whole run. Nothing in it knows which agents, policy or framework are at work.

    They come with each invocation's context. A ``served`` graph has them ``bound`` to it instead: a server's clients
    can only send data.
    """
    graph = StateGraph(RunState, None if served else RunContext)
    graph.add_node("explore", run_node("explore", explore, bound))
    graph.add_node("interrogate", build_interrogation(served=served, bound=bound))
    graph.add_node("remember", run_node("remember", remember, bound))
    graph.add_node("confirm", run_node("confirm", confirm, bound))
    graph.add_node("evaluate", run_node("evaluate", evaluate, bound))
    graph.add_edge(START, "explore")
    graph.add_conditional_edges("explore", routes.after_explore, ["interrogate", "confirm"])
    graph.add_edge("interrogate", "remember")
    graph.add_conditional_edges("remember", routes.after_remember, ["explore", "confirm"])
    graph.add_conditional_edges("confirm", routes.after_confirm, ["explore", "evaluate"])
    graph.add_edge("evaluate", END)
    return graph.compile(checkpointer=checkpointer)
