"""What triage cannot see is told kind by kind, or as one where a whole cluster is away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import cast

import pytest

from kurator_tui.feeder import triaging
from kurator_tui.feeder.triaging import Triaging, blindspots, broken
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.alerts import ALERTS
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.blindspots import BLINDSPOTS, BlindspotRow, blindspot_health
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.ui.estate import pod

KINDS = {POD.id: None, ALERTS.id: None}


def seen(pods: State, alerts: State, cluster: State = State.LIVE) -> Store:
    store = Store()
    for kind, state in (("", cluster), (POD.id, pods), (ALERTS.id, alerts)):
        store.set_freshness("eu", kind, Freshness(state, 1.0, f"{state} here"))
    return store


@pytest.mark.parametrize("alerts", [State.LIVE, State.ABSENT, State.STALE])
def test_what_is_read_or_not_there_is_no_blind_spot(alerts: State) -> None:
    assert blindspots(seen(State.LIVE, alerts), "eu", KINDS) == []


@pytest.mark.parametrize("alerts", [State.FORBIDDEN, State.UNREACHABLE, State.UNREAD, State.SYNCING])
def test_a_kind_that_cannot_be_read_is_one_with_its_reason(alerts: State) -> None:
    (row,) = blindspots(seen(State.LIVE, alerts), "eu", KINDS)
    assert (row.cluster, row.name, row.state, row.reason) == ("eu", ALERTS.id, str(alerts), f"{alerts} here")


def test_a_cluster_that_is_away_is_one_for_all_its_kinds() -> None:
    (row,) = blindspots(seen(State.STALE, State.UNREACHABLE, State.STALE), "eu", KINDS)
    assert (row.name, row.state) == ("all kinds", "stale")


def test_a_rule_that_fails_in_a_cluster_is_a_blind_spot_there() -> None:
    failing = {("eu", "rule ACME0001"): "KeyError: 'x' (at shop/web)", ("us", "rule ACME0002"): "TypeError"}
    (row,) = broken("eu", failing, [])
    assert (row.cluster, row.name, row.reason) == ("eu", "rule ACME0001", "KeyError: 'x' (at shop/web)")
    assert blindspot_health(row).level is Level.DEGRADED


def test_an_analyser_that_is_left_out_is_a_blind_spot_of_the_host() -> None:
    left_out = [("acme", "ImportError: no acme")]
    assert [row.name for row in broken(HOST, {}, left_out)] == ["analyser acme"]
    assert broken("eu", {}, left_out) == []


class Watched:
    """A hub of one live cluster, as far as triage asks it."""

    def __init__(self) -> None:
        self.store = Store()
        self.links = {"eu": None}
        self.store.set_freshness("eu", "", Freshness(State.LIVE, 1.0))

    def watch(self, kinds: Mapping[str, str], by: str) -> None: ...


async def test_blind_spots_are_looked_for_when_what_can_be_seen_changes_and_not_with_each_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[str] = []
    told_of = triaging.blindspots

    def counted(store: Store, cluster: str, kinds: Mapping[str, None]) -> list[BlindspotRow]:
        looks.append(cluster)
        return told_of(store, cluster, kinds)

    monkeypatch.setattr(triaging, "blindspots", counted)
    monkeypatch.setattr(triaging, "PAUSE", 0.0)
    hub = Watched()
    own = Triaging(cast(Hub, hub), lambda: 1000.0)
    task = asyncio.create_task(own.run())

    async def rounds() -> int:
        for _ in range(20):
            await asyncio.sleep(0)
        return len(looks)

    own.require(BLINDSPOTS.id)
    assert await rounds() == 1
    for number in range(3):
        row = pod("eu", "shop", f"web-{number}", status="ImagePullBackOff")
        hub.store.put(POD.id, "eu", {row.uid: row})
        assert await rounds() == 1
    hub.store.set_freshness("eu", POD.id, Freshness(State.FORBIDDEN, 2.0, "no"))
    assert await rounds() == 2
    assert [row.name for row in hub.store.rows(BLINDSPOTS.id)] == [POD.id]
    task.cancel()


async def test_rows_that_always_change_keep_nobody_waiting_for_what_was_known_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(triaging, "PAUSE", 0.0)
    hub = Watched()
    own = Triaging(cast(Hub, hub), lambda: 1000.0)
    broken = pod("eu", "shop", "web", status="ImagePullBackOff")
    hub.store.put(POD.id, "eu", {broken.uid: broken})
    task = asyncio.create_task(own.run())
    asked = 0
    while True:
        busy = pod("us", "shop", f"busy-{asked}", status="CrashLoopBackOff")
        hub.store.put(POD.id, "us", {busy.uid: busy})
        hub.store.flush()
        assert own.triage.pending
        asked += 1
        if own.settled():
            break
        assert asked < 20
        await asyncio.sleep(0)
    incidents = [row for row in hub.store.rows(INCIDENTS.id) if isinstance(row, IncidentRow)]
    assert any("eu" in row.clusters for row in incidents)
    assert not own.settled()  # what comes later has a first time again
    task.cancel()


async def test_rows_that_nobody_judged_yet_are_not_settled() -> None:
    hub = Watched()
    own = Triaging(cast(Hub, hub), lambda: 1000.0)
    assert own.settled()
    broken = pod("eu", "shop", "web", status="ImagePullBackOff")
    hub.store.put(POD.id, "eu", {broken.uid: broken})
    hub.store.flush()
    assert not any(own.settled() for _ in range(5))
