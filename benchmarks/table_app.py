"""What `benchmarks.table` measures: a live table of 10,000 rows that changes itself and counts what it sends."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from textual.app import App, ComposeResult

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.view import View
from kurator_tui.widgets.table import LiveTable

ROWS = 10_000
ROUNDS = 50
BATCHES = 4
LIVE = Freshness(State.LIVE, 1.0)

Cost = tuple[float, float]
"""(milliseconds of CPU, bytes) a change."""


def row(number: int, pods: int = 0) -> ClusterOverview:
    """Row `number`; `pods` is what changes."""
    bad = number % 7 == 0
    return ClusterOverview(
        cluster="estate",
        namespace="",
        name=f"member-{number:05}",
        uid=f"u{number}",
        created=1e9,
        level=Level.DEGRADED if bad else Level.HEALTHY,
        reason="1 of 3 nodes not ready" if bad else "",
        kind="AttachedCluster",
        fleet="production",
        state="live",
        version="v1.31.2",
        nodes=3,
        nodes_ready=3,
        pods=100 + pods % 100,
        latency=12.0,
        contact=1.7e9,
        cpu_requested=5,
        cpu_allocatable=10,
    )


def change(table: LiveTable, numbers: range, turn: int) -> None:
    """One changed cell in each of these rows."""
    changed = [row(number, turn + 1) for number in numbers]
    table.apply({row.key: row for row in changed})


class Bench(App[dict[str, Cost]]):
    """Measures itself and returns its costs."""

    def compose(self) -> ComposeResult:
        yield LiveTable()

    def on_ready(self) -> None:
        self.animation_level = "none"
        self.run_worker(self._measure())

    async def _frame(self) -> None:
        done = asyncio.Event()
        self.call_after_refresh(done.set)
        await done.wait()

    async def _case(self, step: Callable[[int], None]) -> Cost:
        driver = self._driver
        assert driver is not None
        write, sent = driver.write, [0]

        def counting(data: str) -> None:
            sent[0] += len(data.encode())
            write(data)

        driver.write = counting  # type: ignore[method-assign]
        spent = float("inf")
        for batch in range(BATCHES):  # the quietest batch: other programs run on this machine, too
            began = time.process_time()
            for turn in range(batch * ROUNDS, (batch + 1) * ROUNDS):
                step(turn)
                await self._frame()
            spent = min(spent, time.process_time() - began)
        driver.write = write  # type: ignore[method-assign]
        return spent / ROUNDS * 1000, sent[0] / ROUNDS / BATCHES

    async def _measure(self) -> None:
        table = self.query_one(LiveTable)
        view = View(CLUSTERS)
        view.load(row(number) for number in range(ROWS))
        began = time.process_time()
        table.set_view(view, lambda _: LIVE)
        await self._frame()
        costs: dict[str, Cost] = {"load": ((time.process_time() - began) * 1000, 0.0)}
        await self._frame()
        costs["one cell in sight"] = await self._case(lambda turn: change(table, range(20, 21), turn))
        costs["one cell out of sight"] = await self._case(lambda turn: change(table, range(5000, 5001), turn))
        costs["45 cells in 45 rows"] = await self._case(lambda turn: change(table, range(45), turn))
        costs["cursor in view"] = await self._case(lambda turn: table.move(1 if turn % 2 else -1))
        table.home()
        table.move(48)
        costs["scroll one line"] = await self._case(lambda turn: table.move(1))
        costs["page down"] = await self._case(lambda turn: table.page(1 if turn % 2 else -1))
        costs["row inserted above"] = await self._case(lambda turn: change(table, range(-turn - 1, -turn), 0))
        self.exit(costs)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(Bench().run() or {}))
