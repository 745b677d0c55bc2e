"""A member's server fails in every way it can: its row turns stale with the reason, the others miss nothing.

It returns by itself, and nothing is lost.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.e2e.fleet_of_servers import FleetOfServers, fleet_of_servers

FAULTS = ("refuse", "hang", "error500", "throttle429", "half_line")


async def busy(fleet: FleetOfServers, stop: asyncio.Event) -> None:
    """Pods come and go on both members until told to stop."""
    mine: dict[str, list[str]] = {name: [] for name in fleet.members}
    while not stop.is_set():
        for name, cluster in fleet.members.items():
            mine[name].append(cluster.add_pod())
            if len(mine[name]) > 5:
                cluster.remove_pod(mine[name].pop(0))
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failing_member_is_stale_with_a_reason_and_comes_back_whole(tmp_path: Path, fault: str) -> None:
    async with fleet_of_servers(tmp_path) as fleet:
        stop = asyncio.Event()
        world = asyncio.create_task(busy(fleet, stop))
        seen: set[str] = set()
        fleet.hub.store.listen_freshness(
            lambda cluster, _kind, freshness: seen.add(freshness.state.value) if cluster == "witness" else None
        )
        await fleet.members["broken"].server.faults.set(fault)
        await fleet.until_state("broken", "stale")
        row = fleet.cluster("broken")
        assert row is not None
        assert row.reason
        assert row.pods
        await fleet.members["broken"].server.faults.clear()
        await fleet.until_state("broken", "live")
        stop.set()
        await world
        for name, cluster in fleet.members.items():
            await fleet.until(lambda name=name, cluster=cluster: fleet.pods(name) == cluster.pods())  # type: ignore[misc]
        assert seen <= {"live"}, f"the witness was disturbed: {seen}"


async def test_a_return_after_an_outage_lists_nothing_again(tmp_path: Path) -> None:
    async with fleet_of_servers(tmp_path) as fleet:
        replaced: list[str] = []
        broken, begin = fleet.members["broken"], fleet.hub.store.begin
        await broken.server.faults.set("refuse")
        await fleet.until_state("broken", "stale")
        name = broken.add_pod()

        def noting(kind: str, cluster: str) -> None:
            if cluster == "broken" and kind in ("pods", "nodes"):
                replaced.append(kind)
            begin(kind, cluster)

        fleet.hub.store.begin = noting  # type: ignore[method-assign]
        await broken.server.faults.clear()
        await fleet.until_state("broken", "live")
        await fleet.until(lambda: name in fleet.pods("broken").values())
        assert replaced == [], "watches resume from their version, they do not list again"
