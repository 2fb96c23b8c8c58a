"""Jobs in a process of their own, more of them than one process may be given."""

from __future__ import annotations

import asyncio
from contextlib import closing

from adaem.viewer.background import Background


def test_twenty_jobs_asked_for_at_once_all_end() -> None:
    async def results(background: Background) -> list[int]:
        asked = [background.result("lane", 0, abs, -job) for job in range(20)]
        return await asyncio.wait_for(asyncio.gather(*asked), 60)

    with closing(Background()) as background:
        assert asyncio.run(results(background)) == list(range(20))
