"""What each kind costs: the streams that are open for it, and the rows that are held."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import cast

from kurator_tui.feeder.kinds import watched
from kurator_tui.fleet.aggregate import Aggregate, AggregatedMember
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.membership import Member
from kurator_tui.kinds.base import Row
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store


def told(store: Store, cluster: str, kind: str, state: State, *names: str) -> None:
    store.set_freshness(cluster, kind, Freshness(state, 1.0))
    store.put(kind, cluster, {name: Row(cluster, "d", name, name, 0.0) for name in names})


async def counted(store: Store, **links: object) -> dict[str, list[int]]:
    found: dict[str, list[int]] = json.loads(
        await watched(cast(Hub, SimpleNamespace(store=store, links=links)), {})
    )
    return found


async def test_streams_and_rows_of_each_kind_are_counted() -> None:
    store = Store()
    told(store, "a", "pods", State.LIVE, "x", "y")
    told(store, "b", "pods", State.SYNCING, "z")
    told(store, "b", "jobs.batch", State.LIVE)
    assert await counted(store) == {"pods": [2, 3], "jobs.batch": [1, 0]}


async def test_what_cannot_be_watched_has_no_stream_and_keeps_its_rows() -> None:
    store = Store()
    told(store, "a", "pods", State.STALE, "x")
    told(store, "b", "pods", State.FORBIDDEN)
    told(store, "b", "jobs.batch", State.ABSENT)
    assert await counted(store) == {"pods": [0, 1]}


async def test_views_that_are_joined_from_rows_cost_no_stream() -> None:
    store = Store()
    told(store, "a", "clusters", State.LIVE, "a")
    told(store, "a", "", State.LIVE)
    assert await counted(store) == {}


async def test_members_that_are_read_through_one_karmada_share_its_stream() -> None:
    store = Store()
    aggregate = cast(Aggregate, SimpleNamespace())
    links = {}
    for name in ("a", "b", "c"):
        told(store, name, "pods", State.LIVE, name)
        links[name] = AggregatedMember(Member(name, "AttachedCluster"), aggregate, store)
    links.pop("c")
    assert await counted(store, **links) == {"pods": [2, 3]}
