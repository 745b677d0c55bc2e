"""What goes to a console that may still hold the rows of an earlier feeder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kurator_tui.feeder.outgoing import SLICE, WINDOW, Outgoing
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.kurator import FLEET, FleetRow
from kurator_tui.link import messages as m
from kurator_tui.link.framing import RowReader
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.unit.feeder.pipe import Pipe

KIND = FLEET.id
LIVE = Freshness(State.LIVE, 1.0)


def row(uid: str, cluster: str = "a") -> FleetRow:
    return FleetRow(cluster, "default", uid, uid, 1.0)


Sent = tuple[tuple[str, ...], list[str], list[str], tuple[str, ...]]


def rows_sent(pipe: Pipe) -> list[Sent]:
    """(clusters begun, names of rows, uids removed, clusters completed) of each message with rows."""
    reader = RowReader()
    return [
        (
            fact.begins,
            [row.name for row in reader.read(FLEET, fact.rows)],
            [uid for _cluster, uid in fact.removed],
            fact.completes,
        )
        for fact in pipe.sent
        if isinstance(fact, m.RowsChanged)
    ]


def flush(store: Store, outgoing: Outgoing) -> None:
    store.flush()
    outgoing._flush()


def states_sent(pipe: Pipe) -> list[tuple[str, str]]:
    return [(fact.cluster, fact.state) for fact in pipe.sent if isinstance(fact, m.FreshnessChanged)]


def test_the_first_rows_of_a_cluster_begin_a_replacement_that_completes_when_it_is_listed() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    outgoing.subscribe(KIND, frozenset())
    store.put(KIND, "a", {"x": row("x")})
    flush(store, outgoing)
    store.put(KIND, "a", {"y": row("y"), "x": None})
    store.set_freshness("a", KIND, LIVE)
    flush(store, outgoing)
    store.put(KIND, "a", {"z": row("z")})
    flush(store, outgoing)
    assert rows_sent(pipe) == [(("a",), ["x"], [], ()), ((), ["y"], ["x"], ("a",)), ((), ["z"], [], ())]


def test_a_large_list_crosses_in_slices() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    outgoing.subscribe(KIND, frozenset())
    store.replace(KIND, "a", [row(f"n{at}") for at in range(2 * SLICE + 1)])
    store.set_freshness("a", KIND, LIVE)
    flush(store, outgoing)
    sent = rows_sent(pipe)
    assert [len(names) for _begins, names, _removed, _completes in sent] == [SLICE, SLICE, 1]
    assert (sent[0][0], sent[-1][3]) == (("a",), ("a",))


def test_no_more_is_sent_than_the_console_acknowledged() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    outgoing.subscribe(KIND, frozenset())
    store.replace(KIND, "a", [row(f"n{at}") for at in range((WINDOW + 2) * SLICE)])
    store.set_freshness("a", KIND, LIVE)
    flush(store, outgoing)
    assert (len(rows_sent(pipe)), states_sent(pipe)) == (WINDOW, [])
    outgoing.acknowledge(WINDOW)
    flush(store, outgoing)
    assert (len(rows_sent(pipe)), states_sent(pipe)) == (WINDOW + 2, [("a", "live")])


def test_a_list_of_a_hundred_thousand_crosses_whole_and_never_more_of_it_than_a_window_at_once() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    outgoing.subscribe(KIND, frozenset())
    store.replace(KIND, "a", [row(f"n{at}") for at in range(100_000)])
    store.set_freshness("a", KIND, LIVE)
    came: list[str] = []
    batches = 0
    while not states_sent(pipe):
        pipe.sent.clear()
        flush(store, outgoing)
        sent = rows_sent(pipe)
        assert 0 < len(sent) <= WINDOW
        assert max(len(names) for _begins, names, _removed, _completes in sent) <= SLICE
        came += [name for _begins, names, _removed, _completes in sent for name in names]
        batches += len(sent)
        outgoing.acknowledge(batches)
    assert sorted(came) == sorted(f"n{at}" for at in range(100_000))


def test_a_cluster_with_nothing_is_sent_as_empty_once_it_was_listed_and_not_before() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    store.replace(KIND, "a", ())
    store.set_freshness("a", KIND, Freshness(State.SYNCING, 1.0))
    outgoing.subscribe(KIND, frozenset())
    flush(store, outgoing)
    assert rows_sent(pipe) == []
    store.set_freshness("a", KIND, LIVE)
    flush(store, outgoing)
    assert rows_sent(pipe) == [(("a",), [], [], ("a",))]
    assert states_sent(pipe) == [("a", "syncing"), ("a", "live")]


def test_a_new_subscription_begins_with_everything() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    store.put(KIND, "a", {"x": row("x")})
    store.set_freshness("b", KIND, Freshness(State.ABSENT, 1.0))
    for _ in range(2):
        outgoing.subscribe(KIND, frozenset())
        flush(store, outgoing)
        outgoing.unsubscribe(KIND)
    assert rows_sent(pipe) == [(("a", "b"), ["x"], [], ("b",))] * 2


def test_a_wider_subscription_sends_what_is_new_in_it() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    store.put(KIND, "a", {"x": row("x")})
    store.put(KIND, "b", {"y": row("y", "b")})
    for clusters in ({"a"}, {"a", "b"}, {"b"}, {"a", "b"}):
        outgoing.subscribe(KIND, frozenset(clusters))
        flush(store, outgoing)
    assert rows_sent(pipe) == [(("a",), ["x"], [], ()), (("b",), ["y"], [], ()), (("a",), ["x"], [], ())]


def test_nothing_is_said_of_a_forgotten_cluster_until_it_is_a_member_again() -> None:
    store, pipe, members = Store(), Pipe(), {"a", "b"}
    outgoing = Outgoing(store, pipe.writer, lambda cluster: cluster in members)
    outgoing.subscribe(KIND, frozenset())
    store.put(KIND, "a", {"x": row("x")})
    store.set_freshness("a", KIND, LIVE)
    members.discard("a")
    outgoing.forget("a")
    store.set_freshness("a", KIND, Freshness(State.STALE, 2.0))
    flush(store, outgoing)
    assert pipe.sent == [m.ClusterForgotten("a")]
    members.add("a")
    store.set_freshness("a", KIND, LIVE)
    flush(store, outgoing)
    assert rows_sent(pipe) == [(("a",), ["x"], [], ("a",))]
    assert states_sent(pipe) == [("a", "live")]


def test_a_hidden_cluster_is_left_to_another_feeder() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    outgoing.hide(HOST)
    outgoing.subscribe(KIND, frozenset())
    store.put(KIND, HOST, {"x": row("x", HOST)})
    store.set_freshness(HOST, KIND, LIVE)
    store.set_freshness(HOST, "", LIVE)
    flush(store, outgoing)
    assert pipe.sent == []


@asynccontextmanager
async def sending(outgoing: Outgoing) -> AsyncIterator[None]:
    task = asyncio.create_task(outgoing.run(lambda: True))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_costs_are_merged_and_answers_wait_while_the_console_does_not_read() -> None:
    pipe = Pipe()
    outgoing = Outgoing(Store(), pipe.writer)
    pipe.reading.clear()
    for number in range(50):
        outgoing.cost(m.Costed(requests=number))
    answers = [asyncio.create_task(outgoing.answer(m.Answered(number))) for number in range(5)]
    async with sending(outgoing):
        await turns()
        assert pipe.sent == [m.Costed(requests=49)]
        pipe.reading.set()
        await asyncio.gather(*answers)
    assert pipe.sent[1:] == [m.Answered(number) for number in range(5)]


async def test_what_came_while_the_console_was_behind_is_sent_in_the_next_round() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    outgoing.interval = 1.0
    outgoing.subscribe(KIND, frozenset())
    store.replace(KIND, "a", [row(f"n{at}") for at in range(WINDOW * SLICE + 1)])
    store.set_freshness("a", KIND, LIVE)
    async with sending(outgoing):
        await turns()
        assert len(pipe.sent) == WINDOW
        store.put(KIND, "a", {"late": row("late")})
        outgoing.acknowledge(WINDOW)
        await turns()
        assert rows_sent(pipe)[-1][1] == [f"n{WINDOW * SLICE}"]
        async with asyncio.timeout(60):
            while rows_sent(pipe)[-1][1] != ["late"]:
                await asyncio.sleep(0)


async def test_the_first_sync_is_announced_again_when_the_host_answers() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    outgoing.subscribe(KIND, frozenset())
    store.set_freshness(HOST, "", Freshness(State.UNREACHABLE, 1.0))
    announced = []
    for state in (State.UNREACHABLE, State.LIVE):
        store.set_freshness(HOST, "", Freshness(state, 1.0))
        outgoing.nudge()
        async with sending(outgoing):
            await turns()
        announced.append(pipe.sent.count(m.FirstSyncDone()))
    assert announced == [1, 2]


async def test_the_first_sync_is_not_announced_before_rows_that_wait_for_the_next_round() -> None:
    store, pipe = Store(), Pipe()
    outgoing = Outgoing(store, pipe.writer)
    outgoing.subscribe(KIND, frozenset())
    store.replace(KIND, "a", [row(f"n{at}") for at in range(WINDOW * SLICE + 1)])
    async with sending(outgoing):
        await turns()
        store.put(KIND, "a", {"late": row("late")})
        outgoing.acknowledge(WINDOW)
        async with asyncio.timeout(60):
            while m.FirstSyncDone() not in pipe.sent:
                await asyncio.sleep(0.01)
    told = pipe.sent[: pipe.sent.index(m.FirstSyncDone())]
    last = [fact for fact in told if isinstance(fact, m.RowsChanged)][-1]
    assert "late" in [each.name for each in RowReader().read(FLEET, last.rows)]
