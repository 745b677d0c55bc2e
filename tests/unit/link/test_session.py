"""The console's end of the link against a feeder that does as the test says."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from kurator_tui.errors import ConsoleError, FeederLost
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.kurator import FleetRow
from kurator_tui.link import messages as m
from kurator_tui.link.framing import encode_rows
from kurator_tui.link.session import Session
from kurator_tui.store.freshness import Freshness, State
from tests import waiting

FAKE = """
import asyncio, os, sys
from kurator_tui.kinds.kurator import FleetRow
from kurator_tui.link import messages as m
from kurator_tui.link.framing import encode_rows, frame, requests

def send(message):
    os.write(1, frame(message))

async def main():
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    send(m.Greeted(m.PROTOCOL, "test", os.getpid()))
    batch = 0
    async for request in requests(reader):
        if isinstance(request, m.Subscribed):
            batch += 1
            row = FleetRow("host", "default", f"from-{os.getpid()}", "u1", 1.0)
            send(m.RowsChanged(batch, request.kind, encode_rows([row]), (), ("host",), ("host",)))
            send(m.FreshnessChanged("host", request.kind, "live", 1.0))
            send(m.FirstSyncDone())
        elif isinstance(request, m.Called) and request.method == "echo":
            send(m.Answered(request.call, data=request.arguments["text"]))
        elif isinstance(request, m.Called) and request.method == "die":
            sys.stderr.write("out of memory\\n")
            sys.exit(3)
        elif isinstance(request, m.Called) and request.method != "hang":
            send(m.Answered(request.call, title="Forbidden", message="you may not", hint="ask"))
        elif isinstance(request, m.Goodbye):
            return

asyncio.run(main())
"""

KIND = "fleets.fleet.kurator.dev"


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", FAKE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )


@asynccontextmanager
async def running() -> AsyncIterator[Session]:
    session = Session(m.Configured(), start=start)
    task = asyncio.create_task(session.run())
    try:
        yield session
    finally:
        await session.close()
        await asyncio.wait_for(task, 60)


async def until(session: Session, true: Callable[[], bool]) -> None:
    """Wait for a condition by listening to everything the session tells."""
    await waiting.until(session.store, true, session.listen)


def pid_of(session: Session) -> int:
    (row,) = session.store.rows(KIND)
    return int(row.name.removeprefix("from-"))


async def test_subscribed_rows_reach_the_store_with_their_freshness() -> None:
    async with running() as session:
        session.subscribe(KIND)
        await until(session, lambda: session.synced and session.store.freshness("host", KIND).state is State.LIVE)
        assert session.store.count(KIND) == 1
        assert session.feeder_state == "live"


async def test_calls_are_answered_or_raise_what_the_feeder_said() -> None:
    async with running() as session:
        await until(session, lambda: session.feeder_state == "live")
        assert await session.call("echo", text="héllo") == "héllo"
        with pytest.raises(ConsoleError, match="you may not"):
            await session.call("anything")


async def test_a_killed_feeder_is_replaced_and_its_rows_stay_meanwhile() -> None:
    async with running() as session:
        session.subscribe(KIND)
        await until(session, lambda: session.store.freshness("host", KIND).state is State.LIVE)
        first = pid_of(session)
        os.kill(first, signal.SIGKILL)
        await until(session, lambda: session.store.freshness("host", KIND).state is State.STALE)
        assert session.store.count(KIND) == 1
        assert "killed by signal 9" in session.store.freshness("host", KIND).reason
        await until(session, lambda: session.store.freshness("host", KIND).state is State.LIVE)
        assert pid_of(session) != first


async def test_a_call_under_way_when_the_feeder_dies_fails_with_its_last_words() -> None:
    async with running() as session:
        await until(session, lambda: session.feeder_state == "live")
        with pytest.raises(FeederLost, match="out of memory"):
            await session.call("die")


async def test_closing_leaves_no_process_behind() -> None:
    async with running() as session:
        session.subscribe(KIND)
        await until(session, lambda: session.store.count(KIND) == 1)
        pid = pid_of(session)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_closing_while_a_feeder_starts_leaves_no_process_behind() -> None:
    started: list[subprocess.Popen[bytes]] = []

    def starting() -> subprocess.Popen[bytes]:
        started.append(start())
        return started[0]

    session = Session(m.Configured(), start=starting)
    task = asyncio.create_task(session.run())
    while not started:
        await asyncio.sleep(0)
    await session.close()
    await asyncio.wait_for(task, 60)
    assert started[0].returncode is not None


async def test_closing_does_not_wait_for_the_next_try_to_start_a_feeder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kurator_tui.link.worker.RESTART_DELAYS", (600.0,))

    def nothing() -> subprocess.Popen[bytes]:
        raise OSError("no such program")

    session = Session(m.Configured(), start=nothing)
    task = asyncio.create_task(session.run())
    await until(session, lambda: "no such program" in session.feeder_state)
    await session.close()
    await asyncio.wait_for(task, 60)


async def test_what_is_told_to_a_feeder_that_is_gone_leaves_no_noise_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running() as session:
        await until(session, lambda: session.feeder_state == "live")
        worker = session.workers[0]
        attached = worker._attached
        assert attached is not None
        attached.writer.close()
        for _ in range(20):
            worker.send(m.Resynced())
    assert not [record for record in caplog.records if record.name == "asyncio"]


async def test_closing_fails_the_calls_under_way() -> None:
    async with running() as session:
        await until(session, lambda: session.feeder_state == "live")
        call = asyncio.create_task(session.call("hang"))
        await asyncio.sleep(0)
        await session.close()
        with pytest.raises(FeederLost, match="closing"):
            await call


def rows(count: int, cluster: str = "a") -> list[FleetRow]:
    return [FleetRow(cluster, "default", f"n{i}", f"u{i}", 1.0) for i in range(count)]


def inheriting(*clusters: str) -> Session:
    """A session with a row and a freshness of each of `clusters` from an earlier feeder."""
    session = Session(m.Configured())
    session.subscribe(KIND)
    for cluster in clusters:
        session.store.put(KIND, cluster, {row.uid: row for row in rows(1, cluster)})
        session.store.set_freshness(cluster, "", Freshness(State.STALE, 1.0, "feeder lost"))
    return session


def take(session: Session, *facts: m.ToConsole, worker: int = 0) -> None:
    for fact in facts:
        session.workers[worker]._take(fact)


def test_clusters_a_new_feeder_does_not_know_are_forgotten_at_its_first_sync_and_not_before() -> None:
    session = inheriting(HOST, "a", "left")
    told: list[m.ToConsole | None] = []
    session.listen(told.append)
    named = [m.FreshnessChanged(cluster, "", "live", 1.0) for cluster in (HOST, "a")]
    take(session, m.Greeted(m.PROTOCOL, "test", 1), *named)
    assert session.store.count(KIND) == 3
    take(session, m.FirstSyncDone())
    assert {row.cluster for row in session.store.rows(KIND)} == {HOST, "a"}
    assert {cluster for cluster, _kind, _freshness in session.store.freshness_items()} == {HOST, "a"}
    assert m.ClusterForgotten("left") in told


def test_nothing_is_forgotten_while_the_host_does_not_say_who_its_members_are() -> None:
    session = inheriting(HOST, "a", "left")
    unreachable = m.FreshnessChanged(HOST, "", "unreachable", 1.0, "refused")
    take(session, m.Greeted(m.PROTOCOL, "test", 1), unreachable, m.FirstSyncDone())
    assert session.store.count(KIND) == 3
    named = [m.FreshnessChanged(cluster, "", "live", 1.0) for cluster in (HOST, "a")]
    take(session, *named, m.FirstSyncDone())
    assert session.store.count(KIND) == 2


def test_a_replacement_that_crosses_in_parts_drops_nothing_before_its_end() -> None:
    session = inheriting()
    take(session, m.RowsChanged(1, KIND, encode_rows(list(rows(3))), begins=("a",), completes=("a",)))
    take(session, m.RowsChanged(2, KIND, encode_rows(list(rows(1))), begins=("a",)))
    assert session.store.count(KIND) == 3
    take(session, m.RowsChanged(3, KIND, encode_rows([]), removed=(("a", "u1"),), completes=("a",)))
    assert {row.uid for row in session.store.rows(KIND)} == {"u0"}


def test_a_feeder_that_answers_again_vouches_for_its_own_clusters_only() -> None:
    session = Session(m.Configured(shards=2))
    first, second = session.workers
    take(session, m.FreshnessChanged("a", KIND, "live", 1.0))
    take(session, m.FreshnessChanged("b", KIND, "live", 1.0), worker=1)
    for worker in (first, second):
        session.silent(worker, True)
    session.silent(first, False)
    assert [session.store.freshness(cluster, KIND).state for cluster in "ab"] == [State.LIVE, State.STALE]
    session.lost(second, "killed")
    session.silent(second, False)
    assert session.store.freshness("b", KIND).state is State.STALE


async def test_a_call_to_all_feeders_fails_when_one_is_not_running() -> None:
    with pytest.raises(FeederLost, match="not running"):
        await Session(m.Configured(shards=2)).call_all("journal")


def test_rows_of_a_kind_nobody_reads_any_more_are_not_kept() -> None:
    session = inheriting()
    session.unsubscribe(KIND)
    take(session, m.RowsChanged(1, KIND, encode_rows(list(rows(2)))))
    assert session.store.count(KIND) == 0


def test_a_message_is_told_once_however_many_clusters_it_is_about() -> None:
    session = inheriting()
    session.store.flush()
    sizes: list[int] = []
    session.store.listen(lambda _kind, delta: sizes.append(len(delta)))
    take(session, m.RowsChanged(1, KIND, encode_rows([*rows(2), *rows(2, "b")])))
    assert sizes == [4]
