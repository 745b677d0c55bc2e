"""How long until a failing member is shown as stale, for each way to fail; the worst of a few failures counts."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from benchmarks.harness import Figure
from tests.e2e.fleet_of_servers import fleet_of_servers

BUDGET = 2.0
FAULTS = ("refuse", "hang", "error500", "throttle429", "half_line")
RUNS = 3


async def measure(fault: str) -> tuple[float, float]:
    """(worst seconds to stale, worst seconds from repair to live) over a few failures."""
    stale: list[float] = []
    live: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        async with fleet_of_servers(Path(folder)) as fleet:
            for _ in range(RUNS):
                server = fleet.members["broken"].server
                await server.faults.set(fault)
                stale.append(await fleet.until_state("broken", "stale"))
                await server.faults.clear()
                live.append(await fleet.until_state("broken", "live"))
    return max(stale), max(live)


def run(quick: bool = False) -> list[Figure]:
    """One figure a way to fail."""
    figures = []
    for fault in FAULTS[:2] if quick else FAULTS:
        stale, live = asyncio.run(measure(fault))
        note = f"live {live:.2f} s after the repair"
        figures.append(Figure(f"stale after: {fault}", stale, "s", BUDGET, note=note))
    return figures
