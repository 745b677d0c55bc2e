"""Several feeders share the members of one fleet: what they say together is what one would say."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kurator_tui.fleet.sharding import shard_of
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview, FleetOverview
from kurator_tui.link.messages import Configured
from kurator_tui.link.session import Session
from kurator_tui.store.freshness import Freshness, State
from tests.e2e.served_demo import served_demo
from tests.unit.link.test_session import until

KINDS = (FLEETS.id, CLUSTERS.id, "nodes", "pods")


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> object:
    with served_demo(tmp_path_factory.mktemp("home"), members=6, speed=0.001) as demo:
        yield demo.kubeconfig


@asynccontextmanager
async def opened(kubeconfig: str, shards: int) -> AsyncIterator[Session]:
    session = Session(Configured(kubeconfig=kubeconfig, shards=shards))
    for kind in KINDS:
        session.subscribe(kind)
    task = asyncio.create_task(session.run())
    try:
        await until(session, lambda: complete(session))
        yield session
    finally:
        await session.close()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def overviews(session: Session) -> dict[str, ClusterOverview]:
    return {row.name: row for row in session.store.rows(CLUSTERS.id) if isinstance(row, ClusterOverview)}


def fleet(session: Session) -> FleetOverview:
    return next(row for row in session.store.rows(FLEETS.id) if isinstance(row, FleetOverview))


def complete(session: Session) -> bool:
    rows = overviews(session)
    fleets = [row for row in session.store.rows(FLEETS.id) if isinstance(row, FleetOverview)]
    counted = len(rows) == 7 and all(row.state == "live" and row.pods and row.nodes for row in rows.values())
    return session.synced and counted and bool(fleets) and all(summed(row, rows) for row in fleets)


def summed(row: FleetOverview, clusters: dict[str, ClusterOverview]) -> bool:
    """Whether a fleet's row says what its members' rows say."""
    members = [clusters[name] for name in row.members]
    nodes, pods = sum(member.nodes or 0 for member in members), sum(member.pods or 0 for member in members)
    return (row.live, row.nodes, row.pods) == (len(members), nodes, pods)


def uids(session: Session, kind: str) -> set[tuple[str, str]]:
    return {row.key for row in session.store.rows(kind)}


async def test_two_feeders_show_what_one_shows(kubeconfig: str) -> None:
    async with opened(kubeconfig, 1) as one, opened(kubeconfig, 2) as two:
        await until(two, lambda: fleet(two).pods == fleet(one).pods)
        assert len(two.workers) == 2
        for kind in KINDS:
            assert uids(two, kind) == uids(one, kind)
        assert fleet(two).members == fleet(one).members
        assert (fleet(two).nodes, fleet(two).live) == (fleet(one).nodes, fleet(one).live)
        mine = {name for name in overviews(two) if name != HOST and shard_of(name, 2)}
        assert mine, "the demo's members must belong to both feeders"
        assert two.workers[1].clusters == mine


async def test_a_feeder_that_dies_takes_only_its_own_clusters_with_it(kubeconfig: str) -> None:
    async with opened(kubeconfig, 2) as session:
        mine = set(session.workers[1].clusters)
        bereft: set[str] = set()

        def note(cluster: str, kind: str, freshness: Freshness) -> None:
            if not kind and "feeder lost" in freshness.reason:
                bereft.add(cluster)

        session.store.listen_freshness(note)
        os.kill(session.workers[1].pid, signal.SIGKILL)
        await until(session, lambda: all(session.store.freshness(name).state is State.STALE for name in mine))
        assert "lost" not in session.feeder_state
        await until(session, lambda: {overviews(session)[name].level for name in mine} == {Level.STALE})
        left = set(fleet(session).members) - mine
        await until(session, lambda: fleet(session).live == len(left))
        assert session.store.count("pods") > 0
        await until(session, lambda: complete(session))
        assert bereft
        assert bereft <= mine


async def test_the_first_feeder_comes_back_and_knows_what_the_others_know(kubeconfig: str) -> None:
    async with opened(kubeconfig, 2) as session:
        before = fleet(session)
        os.kill(session.workers[0].pid, signal.SIGKILL)
        await until(session, lambda: "lost" in session.feeder_state)
        mine = session.workers[1].clusters
        assert mine
        assert not [name for name in mine if "feeder lost" in session.store.freshness(name).reason]
        await until(session, lambda: session.feeder_state == "live" and complete(session))
        assert (fleet(session).members, fleet(session).nodes) == (before.members, before.nodes)


async def test_an_object_is_fetched_by_the_feeder_of_its_cluster(kubeconfig: str) -> None:
    async with opened(kubeconfig, 2) as session:
        cluster = sorted(session.workers[1].clusters)[0]
        node = next(session.store.rows("nodes", cluster))
        text = await session.call("get_object", kind="nodes", cluster=cluster, namespace="", name=node.name)
        assert f"name: {node.name}" in text
