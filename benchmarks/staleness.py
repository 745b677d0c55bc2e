"""How long until a failing member is shown as stale, for each way to fail. Budget: 2 seconds, the worst of all."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

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


def main() -> bool:
    """Print the figures; whether the budget was kept."""
    kept = True
    for fault in FAULTS:
        stale, live = asyncio.run(measure(fault))
        kept = kept and stale <= BUDGET
        print(f"{fault}: stale after {stale:.2f} s (budget {BUDGET:g}), live {live:.2f} s after the repair")
    return kept


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
