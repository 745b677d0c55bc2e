"""What a session leaves to the next: whole tables with the moment they were true, and nothing for nothing."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.overview import CLUSTERS, FLEETS
from kurator_tui.kinds.pods import POD
from kurator_tui.link import messages as m
from kurator_tui.link import saver
from kurator_tui.store import saved
from kurator_tui.store.freshness import State
from tests.unit.link.rows_kept import (
    NOW,
    SERVER,
    THEN,
    Memory,
    changed,
    cluster,
    fleet,
    fresh,
    greeted,
    last_session,
    pods,
    replaced,
    session,
    take,
)


async def test_live_rows_are_true_now_and_stale_ones_since_they_were() -> None:
    keeper = Memory()
    opened = session(keeper, FLEETS, CLUSTERS, POD)
    take(opened, greeted(), m.HostDescribed("prod", SERVER, True), fresh(HOST, FLEETS, State.LIVE))
    take(opened, replaced(FLEETS, HOST, [fleet()]), replaced(CLUSTERS, "a", [cluster("a", latency=3.0)]))
    take(opened, replaced(POD, "a", pods(2)), fresh("a", POD, State.LIVE))
    take(opened, replaced(POD, "b", pods(1, "b")), m.FreshnessChanged("b", POD.id, "stale", THEN, "gone"))
    await opened._saver.save()
    assert keeper.rows(POD) == {"a": (NOW, pods(2)), "b": (THEN, pods(1, "b"))}
    assert keeper.rows(FLEETS)[HOST][0] == NOW
    assert keeper.rows(CLUSTERS)["a"] == (NOW, [cluster("a", latency=3.0)])
    assert (keeper.saved.about.context, keeper.saved.about.server) == ("prod", SERVER)


@pytest.mark.parametrize("state", [State.CONNECTING, State.SYNCING, State.UNREACHABLE])
async def test_tables_that_were_never_whole_are_left_out(state: State) -> None:
    keeper = Memory()
    opened = session(keeper, CLUSTERS, POD)
    take(opened, greeted(), replaced(CLUSTERS, "a", [cluster("a")]))
    take(opened, replaced(POD, "a", pods(2)), fresh("a", POD, state))
    await opened._saver.save()
    assert keeper.rows(POD) == {}
    assert list(keeper.rows(CLUSTERS)) == ["a"]


async def test_half_a_replacement_is_left_out() -> None:
    keeper = Memory()
    opened = session(keeper, CLUSTERS, POD)
    take(opened, greeted(), replaced(CLUSTERS, "a", [cluster("a")]), fresh("a", POD, State.LIVE))
    take(opened, replaced(POD, "a", pods(2)))
    take(opened, m.RowsChanged(2, POD.id, changed(POD, *pods(1)).rows, begins=("a",)))
    await opened._saver.save()
    assert keeper.rows(POD) == {}


async def test_a_session_that_learned_nothing_leaves_the_file_alone() -> None:
    keeper = Memory(last_session())
    opened = session(keeper)
    take(opened, greeted(), fresh(HOST, None, State.UNREACHABLE))
    await opened._saver.save()
    assert keeper.written == 0


async def test_what_is_still_of_the_last_session_keeps_its_age_and_what_is_not_does_not() -> None:
    keeper = Memory(last_session())
    opened = session(keeper)
    take(opened, greeted(), replaced(CLUSTERS, "a", [cluster("a")]))
    take(opened, replaced(CLUSTERS, HOST, [cluster(HOST, "unreachable")]))
    await opened._saver.save()
    assert {name: since for name, (since, _rows) in keeper.rows(CLUSTERS).items()} == {
        HOST: THEN,
        "a": NOW,
        "b": THEN,
    }
    assert keeper.rows(CLUSTERS)[HOST][1] == [cluster(HOST)], "as it was, not as it is shown"
    assert keeper.rows(POD) == {"a": (THEN, pods(2))}, "nobody looked at pods in this session"
    assert keeper.rows(FLEETS)[HOST][0] == THEN


async def test_clusters_that_left_are_not_kept() -> None:
    keeper = Memory(last_session())
    opened = session(keeper)
    take(opened, greeted(), fresh(HOST, None, State.LIVE), m.FirstSyncDone())
    take(opened, replaced(CLUSTERS, HOST, [cluster(HOST)]))
    await opened._saver.save()
    assert list(keeper.rows(CLUSTERS)) == [HOST]
    assert keeper.rows(POD) == {}


async def test_a_kind_too_large_for_the_file_is_left_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saver, "Collector", lambda: saved.Collector(limit=2000))
    keeper = Memory()
    opened = session(keeper, CLUSTERS, POD)
    take(opened, greeted(), replaced(CLUSTERS, "a", [cluster("a")]), fresh("a", POD, State.LIVE))
    take(opened, replaced(POD, "a", pods(100)))
    await opened._saver.save()
    assert list(keeper.rows(CLUSTERS)) == ["a"]
    assert keeper.rows(POD) == {}


async def test_a_full_disk_costs_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    keeper = Memory()
    keeper.failing = True
    opened = session(keeper)
    take(opened, greeted(), replaced(CLUSTERS, "a", [cluster("a")]))
    with caplog.at_level(logging.INFO):
        await opened._saver.save()
        await opened._saver.save()
    assert [record.message for record in caplog.records] == [
        "the last known rows cannot be kept: [Errno 28] No space left on device"
    ]


async def test_it_is_saved_while_running_when_something_changed_and_only_then() -> None:
    keeper = Memory()
    opened = session(keeper)
    take(opened, greeted(), replaced(CLUSTERS, "a", [cluster("a")]))
    task = asyncio.create_task(opened._saver.run(interval=0.0))
    async with asyncio.timeout(60):
        while not keeper.written:
            await asyncio.sleep(0)
    for _ in range(100):
        await asyncio.sleep(0)
    assert keeper.written == 1
    take(opened, changed(CLUSTERS, cluster("a", pods=1)))
    async with asyncio.timeout(60):
        while keeper.written < 2:
            await asyncio.sleep(0)
    task.cancel()


async def test_the_end_of_the_session_saves_and_ends_what_runs_beside() -> None:
    keeper = Memory(last_session())
    opened = session(keeper)
    take(opened, greeted(), replaced(CLUSTERS, "a", [cluster("a")]))
    await opened.close()
    assert keeper.rows(CLUSTERS)["a"][0] == NOW


async def test_the_end_of_the_session_does_not_wait_for_a_disk_that_hangs(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(saver, "PATIENCE", 0.01)
    answers = threading.Event()

    class Hanging(Memory):
        def write(self, pieces: Sequence[bytes | memoryview]) -> None:
            answers.wait(60)

    opened = session(Hanging())
    take(opened, greeted(), replaced(CLUSTERS, "a", [cluster("a")]))
    try:
        await asyncio.wait_for(opened.close(), 60)
        await asyncio.get_running_loop().shutdown_default_executor()
    finally:
        answers.set()
    assert "not written within 0.01 s" in caplog.text


async def test_encoding_many_rows_gives_the_screen_its_turns() -> None:
    keeper = Memory()
    opened = session(keeper, POD)
    take(opened, greeted(), fresh("a", POD, State.LIVE), replaced(POD, "a", pods(10 * saved.CHUNK)))
    turns = 0

    async def screen() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(screen())
    await opened._saver.save()
    beside.cancel()
    assert turns >= 10
    assert len(keeper.rows(POD)["a"][1]) == 10 * saved.CHUNK
