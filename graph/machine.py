"""The compiled graph on the checkpoints of one run: where it stands, and how it goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from langgraph.types import Command

from .build import Compiled, build_graph
from .checkpoints import RoundCheckpoints, check_file
from .pauses import Pause, Stepper, Stopped
from .run_context import RunContext
from .state import OPEN_ENDED


class SearchMachine:
    """The state machine of one run. ``open`` makes it.

    ``under_way``: steps wait to be carried out. ``over``: the last step has ended. Neither holds for a new run.
    """

    def __init__(self, graph: Compiled, config: Any, values: Mapping[str, Any], *, under_way: bool) -> None:
        self._graph = graph
        self._config = config
        self.values = values
        self.under_way = under_way
        self.over = bool(values) and not under_way

    @classmethod
    @asynccontextmanager
    async def open(cls, checkpoints: Path, run_id: str) -> AsyncIterator[SearchMachine]:
        """The machine as the file ``checkpoints`` left it. Raises ``FileError`` for a file that no run has written."""
        check_file(checkpoints)
        async with RoundCheckpoints.at(checkpoints) as saver:
            graph = build_graph(saver)
            # The run counts its rounds itself; the graph's own limit only has to be out of the way.
            config: Any = {"configurable": {"thread_id": run_id}, "recursion_limit": 1_000_000}
            state = await graph.aget_state(config)
            # Not state.next, which leaves out what has ended: a kill may come between a step's results and its
            # checkpoint.
            yield cls(graph, config, state.values, under_way=bool(state.tasks))

    async def repeat_open_round(self) -> None:
        """Lets the round in which somebody could not be asked begin again, with the same moves."""
        if any(result["status"] in OPEN_ENDED for result in self.values.get("results", [])):
            await self._graph.aupdate_state(
                self._config, {"moves": self.values["moves"], "results": None}, as_node="explore"
            )

    async def extend(self) -> None:
        """Lets a run that is over go on with another round."""
        await self._graph.aupdate_state(
            self._config, {"stop_reason": "", "moves": [], "results": None}, as_node="confirm"
        )
        self.under_way = True
        self.over = False

    async def advance(self, context: RunContext, stepper: Stepper | None) -> Mapping[str, Any]:
        """Carries out what is left, and asks ``stepper`` before steps. Returns the values at the end.

        Of the branches that wait for the user, the first in the order of the trace goes on. Raises ``Stopped`` when
        the user stops there.
        """
        if self.over:
            return self.values
        end = await self._invoke(None if self.under_way else {}, context)
        while stepper is not None and (waiting := end.get("__interrupt__")):
            pauses = {each.id: Pause.model_validate(each.value) for each in waiting}
            first = min(pauses, key=lambda each: pauses[each].position)
            response = stepper.ask(pauses[first])
            if response.do == "stop":
                raise Stopped
            end = await self._invoke(Command(resume={first: response.model_dump()}), context)
        return end

    async def _invoke(self, start: Any, context: RunContext) -> dict[str, Any]:
        return await self._graph.ainvoke(start, self._config, context=context, durability="sync")
