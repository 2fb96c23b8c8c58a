"""The graph for LangGraph's own server: ``langgraph dev`` runs it, and its Studio shows it (``langgraph.json``).

A thread of the server is a run: its folder is ``runs/thread-<id>``, and every verb works on it. The server keeps the
checkpoints. What a run is asked to do stands in the request's ``configurable``: ``settings`` with dotted keys as ``-s``
has them, and ``step`` (true, or the name of an agent) for pauses, each answered with a ``PauseResponse``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from ..domain.errors import InputError
from ..domain.reading.yaml_records import load_settings
from ..graph.build import Compiled, build_graph
from ..graph.pauses import Pause, PauseResponse, check_before
from ..graph.run_context import RunContext, StepStarted
from ..graph.step import AGENTS_OF_STEPS
from ..memory.chroma_client import place_of
from ..memory.chroma_memory import Memory
from ..pool.budget.tokens import load_counter
from ..pool.endpoints.chat_models import close_models
from ..pool.no_tracing import disable_tracing
from ..records import RunFolder, TraceEvent, read_trace
from ..records.folder import RUNS
from ..records.questions_file import write_questions
from .folder.lifecycle import new_job, reopened_job
from .folder.manifests import new_manifest, resumed
from .folder.recovery import rehydrate
from .inputs import check_settings, inputs_of
from .session import Session, context_of, models_of

if TYPE_CHECKING:
    from langgraph_sdk.runtime import ServerRuntime


class _SilentListener:
    """A listener that tells nobody: the server shows the steps itself."""

    def begin(self, context: RunContext) -> None:
        """See ``session.RunListener``."""

    def started(self, step: StepStarted) -> None:
        """See ``session.RunListener``."""

    def finished(self, event: TraceEvent) -> None:
        """See ``session.RunListener``."""


class _ServerStepper:
    """Pauses before every step, or before one agent's; the server asks."""

    def __init__(self, before: str | None) -> None:
        self._before = before

    def pauses(self, node: str, agent: str) -> bool:
        """See ``graph.pauses.Stepper``."""
        return self._before in (None, node, agent)

    def ask(self, pause: Pause) -> PauseResponse:
        """Never called: the server hands the pause to its client."""
        raise NotImplementedError


@asynccontextmanager
async def make_graph(config: dict[str, Any], runtime: ServerRuntime[Any]) -> AsyncIterator[Compiled]:
    """The graph; where it is to be run, with a run's folder open behind it until it pauses or ends.

    Raises ``InputError`` for wrong settings.
    """
    request = config.get("configurable", {})
    if runtime.execution_runtime is None:
        yield build_graph(served=True)
        return
    overrides, step = request.get("settings") or {}, request.get("step")
    if not isinstance(overrides, Mapping):
        raise InputError(
            f"configurable.settings: {overrides!r} is no object of settings — give dotted keys with values"
        )
    async with AsyncExitStack() as stack:
        folder = RunFolder(RUNS / f"thread-{request['thread_id']}")
        context = await _opened(stack, folder, overrides, _stepper(step))
        yield build_graph(served=True, bound=context)


def _stepper(step: object) -> _ServerStepper | None:
    if not step:
        return None
    before = step if isinstance(step, str) else None
    check_before(before, AGENTS_OF_STEPS)
    return _ServerStepper(before)


async def _opened(
    stack: AsyncExitStack, folder: RunFolder, overrides: Mapping[str, Any], stepper: _ServerStepper | None
) -> RunContext:
    """A new run in ``folder``, or the one that is there; its files are put in order when ``stack`` closes."""
    there = folder.manifest_path.exists()
    inputs = inputs_of(folder, overrides) if there else check_settings(load_settings(None, overrides))
    if not inputs.settings.tracing:
        disable_tracing()
    models = models_of(inputs)
    stack.push_async_callback(close_models, models.values())
    if there:
        job = stack.enter_context(reopened_job(folder))
        job.manifest = resumed(job.manifest, inputs.settings, job.folder.trace_path)
    else:
        manifest = new_manifest(inputs, folder.path.name, forecast=inputs.forecast)
        job = stack.enter_context(new_job(folder.path, manifest))
    where = place_of(inputs.settings.memory) if inputs.settings.memory else folder.memory_path
    memory = stack.enter_context(Memory.open(where, inputs.embedder, inputs.framework.id))
    session = Session(inputs, job.manifest.run_id, models, memory, _SilentListener(), stepper=stepper)
    trace = job.begin()
    job.fail("its agents could not be made")
    stack.callback(job.end)
    context = context_of(session, job.records, trace, await load_counter(inputs.pool.members))
    if there:
        rehydrate(context)

    def close() -> None:
        events, _ = read_trace(folder.trace_path)
        # The last step of all; the explore that ended the search sorts behind it.
        if any(each.node == "evaluate" for each in events):
            job.finish(next((str(stop) for each in reversed(events) if (stop := each.update.get("stop_reason"))), ""))
        else:
            job.interrupt("the server stopped")
        write_questions(folder, job.records, simulated=inputs.pool.simulated)

    job.start(on_close=close)
    return context
