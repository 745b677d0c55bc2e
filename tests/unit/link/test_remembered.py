"""What the last session knew is shown as old, completed, replaced, forgotten or dropped; never as live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import pytest
from msgspec import structs

from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview, FleetOverview
from kurator_tui.kinds.pods import POD
from kurator_tui.link import messages as m
from kurator_tui.link.remembered import REASON, TOO_OLD
from kurator_tui.link.session import Session
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.saved import CHUNK, About, Table
from tests import waiting
from tests.unit.link.rows_kept import (
    NOW,
    SERVER,
    THEN,
    Memory,
    changed,
    cluster,
    file_of,
    fleet,
    fresh,
    greeted,
    last_session,
    pods,
    replaced,
    session,
    take,
)

STALE = Freshness(State.STALE, THEN, REASON)


def shown(opened: Session, name: str) -> ClusterOverview:
    (row,) = opened.store.rows(CLUSTERS.id, name)
    return cast(ClusterOverview, row)


def names(opened: Session) -> set[str]:
    return {row.name for row in opened.store.rows(CLUSTERS.id)}


async def until(opened: Session, true: Callable[[], bool]) -> None:
    await waiting.until(opened.store, true)


def test_before_a_feeder_says_anything_the_rows_are_there_and_look_as_old_as_they_are() -> None:
    opened = session(Memory(last_session()))
    assert names(opened) == {HOST, "a", "b"}
    row = shown(opened, "a")
    assert (row.level, row.state, row.since, row.reason) == (Level.STALE, "stale", THEN, REASON)
    assert (row.nodes, row.pods, row.latency, row.streams) == (3, 40, None, 0)
    (one,) = opened.store.rows(FLEETS.id)
    assert isinstance(one, FleetOverview)
    assert (one.level, one.live, one.pods) == (Level.STALE, 0, 80)
    assert opened.store.freshness(HOST, FLEETS.id) == STALE
    assert opened.store.freshness("b") == STALE


def test_without_a_keeper_there_is_nothing() -> None:
    assert names(session(None)) == set()


@pytest.mark.parametrize("data", [b"", b"noise", last_session()[:-1]], ids=["none", "noise", "cut"])
def test_bytes_that_cannot_be_read_hold_nothing(data: bytes) -> None:
    assert names(session(Memory(data))) == set()


def test_rows_that_were_tampered_with_are_not_shown_and_the_others_are() -> None:
    data = last_session()
    at = data.rindex(b"uid-b")
    assert names(session(Memory(data[:at] + b"uid-x" + data[at + 5 :]))) == {HOST, "a"}


def test_a_cluster_that_was_stale_already_is_as_old_as_it_was_then() -> None:
    old = cluster("a", "stale", level=Level.STALE, since=THEN - 900)
    opened = session(Memory(file_of({CLUSTERS.id: [Table("a", THEN, [old])]})))
    assert shown(opened, "a").since == THEN - 900


def test_rows_of_the_future_are_as_old_as_now() -> None:
    opened = session(Memory(file_of({CLUSTERS.id: [Table("a", NOW + 9999, [cluster("a")])]})))
    assert shown(opened, "a").since == NOW
    assert opened.store.freshness("a", CLUSTERS.id).since == NOW


def test_rows_too_old_to_help_are_left_out() -> None:
    tables = [Table("a", NOW - TOO_OLD - 1, [cluster("a")]), Table("b", NOW - TOO_OLD + 1, [cluster("b")])]
    assert names(session(Memory(file_of({CLUSTERS.id: tables})))) == {"b"}


def test_a_live_row_replaces_the_old_one_and_its_age() -> None:
    opened = session(Memory(last_session()))
    take(opened, greeted(), fresh("a", None, State.LIVE), fresh("a", CLUSTERS, State.LIVE))
    assert opened.store.freshness("a", CLUSTERS.id) == STALE, "the rows are still the old ones"
    take(opened, replaced(CLUSTERS, "a", [cluster("a", pods=41)]))
    assert shown(opened, "a") == cluster("a", pods=41)
    assert opened.store.freshness("a", CLUSTERS.id) == Freshness(State.LIVE, NOW)
    assert shown(opened, "b").level is Level.STALE


def test_without_a_word_about_the_kind_replaced_rows_are_as_fresh_as_their_cluster() -> None:
    opened = session(Memory(last_session()))
    take(opened, greeted(), fresh(HOST, None, State.LIVE), replaced(FLEETS, HOST, [fleet()]))
    assert opened.store.freshness(HOST, FLEETS.id) == Freshness(State.LIVE, NOW)


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        ("connecting", "", f"connecting; {REASON}"),
        ("syncing", "", f"syncing; {REASON}"),
        ("unreachable", "refused", f"unreachable: refused; {REASON}"),
    ],
)
def test_a_cluster_that_did_not_answer_yet_keeps_its_numbers_and_says_why(
    state: str, reason: str, said: str
) -> None:
    opened = session(Memory(last_session()))
    waiting = cluster("a", state, reason=reason, fleet="new-fleet", since=NOW)
    take(opened, greeted(), replaced(CLUSTERS, "a", [waiting]), fresh("a", CLUSTERS, State(state), reason))
    row = shown(opened, "a")
    assert (row.level, row.state, row.since, row.reason) == (Level.STALE, "stale", THEN, said)
    assert (row.nodes, row.pods, row.server, row.fleet) == (3, 40, "https://a:6443", "new-fleet")
    assert opened.store.freshness("a", CLUSTERS.id).state is State.STALE
    take(opened, changed(CLUSTERS, cluster("a", pods=41)))
    assert shown(opened, "a") == cluster("a", pods=41)
    assert opened.store.freshness("a", CLUSTERS.id) == Freshness(State(state), NOW, reason)


@pytest.mark.parametrize("state", ["live", "stale", "forbidden"])
def test_a_cluster_that_answered_in_this_session_speaks_for_itself(state: str) -> None:
    opened = session(Memory(last_session()))
    row = cluster("a", state)
    take(opened, greeted(), replaced(CLUSTERS, "a", [row]))
    assert shown(opened, "a") == row


@pytest.mark.parametrize(
    "other",
    [{"uid": "another"}, {"kind": "Cluster"}, {"server": "https://elsewhere"}],
    ids=lambda other: next(iter(other)),
)
def test_another_cluster_of_the_same_name_gets_nothing_of_the_old_one(other: dict[str, str]) -> None:
    opened = session(Memory(last_session()))
    row = structs.replace(cluster("a", "connecting"), **other)
    take(opened, greeted(), replaced(CLUSTERS, "a", [row]))
    assert shown(opened, "a") == row


def test_after_the_first_sync_clusters_nobody_named_are_forgotten() -> None:
    opened = session(Memory(last_session()))
    told: list[m.ToConsole | None] = []
    opened.listen(told.append)
    take(opened, greeted(), fresh(HOST, None, State.LIVE), fresh("a", None, State.LIVE), m.FirstSyncDone())
    assert names(opened) == {HOST, "a"}
    assert m.ClusterForgotten("b") in told


def test_while_the_host_does_not_answer_all_rows_stay() -> None:
    opened = session(Memory(last_session()))
    refused = fresh(HOST, None, State.UNREACHABLE, "refused")
    take(opened, greeted(), refused, replaced(CLUSTERS, HOST, [cluster(HOST, "unreachable", reason="refused")]))
    take(opened, m.FirstSyncDone())
    assert names(opened) == {HOST, "a", "b"}
    assert all(shown(opened, name).level is Level.STALE for name in names(opened))
    assert opened.store.freshness(HOST).state is State.UNREACHABLE
    assert opened.store.freshness(HOST, FLEETS.id) == STALE


def test_a_member_that_leaves_takes_its_old_rows_along() -> None:
    opened = session(Memory(last_session()))
    take(opened, greeted(), m.ClusterForgotten("a"))
    opened.subscribe(POD.id)
    assert names(opened) == {HOST, "b"}
    assert "a" not in opened._remembered.clusters


@pytest.mark.parametrize(
    ("context", "server"), [("prod", "https://other:6443"), ("staging", SERVER)], ids=["server", "context"]
)
def test_when_the_host_is_another_one_all_old_rows_go_at_once(context: str, server: str) -> None:
    opened = session(Memory(last_session()))
    waiting = cluster("a", "unreachable")
    take(opened, greeted(), fresh(HOST, None, State.LIVE), fresh(HOST, CLUSTERS, State.LIVE))
    take(opened, fresh("a", None, State.UNREACHABLE), replaced(CLUSTERS, "a", [waiting]))
    take(opened, m.HostDescribed(context, server, True))
    assert names(opened) == {"a"}
    assert shown(opened, "a") == waiting, "what this session said stays, without the old numbers"
    assert opened.store.count(FLEETS.id) == 0
    assert opened.store.freshness(HOST, CLUSTERS.id) == Freshness(State.LIVE, NOW)
    assert not opened._remembered.clusters


def test_when_the_host_is_the_same_nothing_is_dropped() -> None:
    opened = session(Memory(last_session()))
    take(opened, greeted(), m.HostDescribed("prod", SERVER, True))
    assert names(opened) == {HOST, "a", "b"}


def test_a_file_of_a_session_that_never_saw_its_host_belongs_to_the_first_one_seen() -> None:
    data = file_of({CLUSTERS.id: [Table("a", THEN, [cluster("a")])]}, About(*_version(), "estate"))
    opened = session(Memory(data))
    take(opened, greeted(), m.HostDescribed("prod", SERVER, True))
    assert names(opened) == {"a"}


def _version() -> tuple[str]:
    from kurator_tui import __version__

    return (__version__,)


# -- large kinds ------------------------------------------------------------------------------------------------


async def test_large_kinds_follow_in_slices_with_their_age() -> None:
    opened = session(Memory(last_session(2 * CHUNK + 1)), POD)
    sizes: list[int] = []
    opened.store.listen(lambda _kind, delta: sizes.append(len(delta)))
    task = asyncio.create_task(opened._remembered.run())
    await until(opened, lambda: opened.store.count(POD.id) == 2 * CHUNK + 1)
    task.cancel()
    assert sizes == [CHUNK, CHUNK, 1]
    assert opened.store.freshness("a", POD.id) == STALE


async def test_a_live_replacement_ends_the_slices_and_leaves_live_rows_only() -> None:
    opened = session(Memory(last_session(3 * CHUNK)), POD)
    live = pods(5)

    def overtake(_kind: str, delta: object) -> None:
        stop()
        take(opened, fresh("a", POD, State.LIVE), replaced(POD, "a", live))

    stop = opened.store.listen(overtake)
    task = asyncio.create_task(opened._remembered.run())
    await until(opened, lambda: opened.store.freshness("a", POD.id).state is State.LIVE)
    for _ in range(10):
        await asyncio.sleep(0)
    task.cancel()
    assert set(opened.store.rows(POD.id)) == set(live)


async def test_rows_a_feeder_began_to_replace_are_not_put_beside_the_new_ones() -> None:
    opened = session(Memory(last_session()), POD)
    take(opened, m.RowsChanged(1, POD.id, replaced(POD, "a", pods(1)).rows, begins=("a",)))
    task = asyncio.create_task(opened._remembered.run())
    for _ in range(10):
        await asyncio.sleep(0)
    task.cancel()
    assert opened.store.count(POD.id) == 1


async def test_rows_of_large_kinds_are_old_until_their_replacement_is_complete() -> None:
    opened = session(Memory(last_session()), POD)
    task = asyncio.create_task(opened._remembered.run())
    await until(opened, lambda: opened.store.count(POD.id) == 2)
    task.cancel()
    take(opened, fresh("a", POD, State.UNREACHABLE, "refused"))
    expected = Freshness(State.STALE, THEN, f"refused; {REASON}")
    assert opened.store.freshness("a", POD.id) == expected
    take(opened, fresh("a", POD, State.LIVE))
    take(opened, m.RowsChanged(1, POD.id, replaced(POD, "a", pods(1)).rows, begins=("a",)))
    assert opened.store.freshness("a", POD.id).state is State.STALE
    take(opened, m.RowsChanged(2, POD.id, replaced(POD, "a", []).rows, completes=("a",)))
    assert opened.store.freshness("a", POD.id).state is State.LIVE
    assert opened.store.count(POD.id) == 1


async def test_only_the_clusters_asked_for_are_shown_and_nothing_after_the_last_reader_left() -> None:
    tables = [Table(name, THEN, pods(1, name)) for name in ("a", "b")]
    opened = Session(m.Configured(), clock=lambda: NOW, keeper=Memory(file_of({POD.id: tables})))
    opened.subscribe(POD.id, ("b",))
    task = asyncio.create_task(opened._remembered.run())
    await until(opened, lambda: opened.store.count(POD.id) == 1)
    assert opened.store.clusters(POD.id) == ["b"]
    opened.unsubscribe(POD.id)
    opened.subscribe(POD.id)
    opened.unsubscribe(POD.id)
    for _ in range(10):
        await asyncio.sleep(0)
    assert opened.store.count(POD.id) == 0
    opened.subscribe(POD.id)
    await until(opened, lambda: opened.store.count(POD.id) == 2)
    task.cancel()
