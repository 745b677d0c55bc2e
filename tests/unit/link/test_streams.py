"""The console's end of streams: order, exactly one end, backpressure both ways."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from kurator_tui.errors import FeederLost
from kurator_tui.link import messages as m
from kurator_tui.link.session import Session
from kurator_tui.link.streams import MESSAGE, WINDOW, Handle, Streams
from kurator_tui.link.worker import Worker
from tests.unit.link.test_session import running, take, until


class FakeWorker:
    """A worker that keeps what it is told to send."""

    def __init__(self, *, running: bool = True) -> None:
        self.running = running
        self.sent: list[m.Message] = []

    def send(self, message: m.Message) -> None:
        self.sent.append(message)

    @property
    def worker(self) -> Worker:
        return cast(Worker, self)

    def fed(self) -> list[bytes]:
        return [message.data for message in self.sent if isinstance(message, m.StreamFed)]


class Reader:
    """What a stream's owner was told."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.ends: list[m.StreamEnded] = []

    def open(self, streams: Streams, far: FakeWorker) -> Handle:
        return streams.open(far.worker, "echo", {"a": "b"}, self.data.append, self.ends.append)


def test_data_comes_in_order_and_is_acknowledged_and_the_end_comes_once() -> None:
    streams, far, reader = Streams(), FakeWorker(), Reader()
    handle = reader.open(streams, far)
    assert far.sent == [m.StreamOpened(handle.number, "echo", {"a": "b"})]
    for data in (b"1", b"2"):
        streams.take(m.StreamFlowed(handle.number, data))
    assert reader.data == [b"1", b"2"]
    assert far.sent[1:] == [m.StreamAcknowledged(handle.number, count) for count in (1, 2)]
    end = m.StreamEnded(handle.number, "0")
    streams.take(end)
    streams.take(end)
    streams.take(m.StreamFlowed(handle.number, b"late"))
    assert (reader.ends, reader.data, handle.done) == ([end], [b"1", b"2"], True)


def test_a_closed_stream_calls_nobody_any_more() -> None:
    streams, far, reader = Streams(), FakeWorker(), Reader()
    handle = reader.open(streams, far)
    handle.close()
    handle.close()
    assert far.sent[1:] == [m.StreamClosed(handle.number)]
    streams.take(m.StreamFlowed(handle.number, b"late"))
    streams.take(m.StreamEnded(handle.number))
    assert (reader.data, reader.ends) == ([], [])


def test_two_streams_do_not_hear_of_each_other() -> None:
    streams, far, one, two = Streams(), FakeWorker(), Reader(), Reader()
    first, second = one.open(streams, far), two.open(streams, far)
    streams.take(m.StreamFlowed(second.number, b"x"))
    streams.take(m.StreamEnded(first.number))
    assert (one.data, two.data, first.done, second.done) == ([], [b"x"], True, False)


def test_what_is_fed_waits_while_the_feeder_does_not_take_it() -> None:
    streams, far, reader = Streams(), FakeWorker(), Reader()
    handle = reader.open(streams, far)
    for number in range(WINDOW + 2):
        handle.feed(b"%d" % number)
    assert (len(far.fed()), handle.waiting) == (WINDOW, len(str(WINDOW)) * 2)
    streams.take(m.StreamAcknowledged(handle.number, 2))
    assert far.fed() == [b"%d" % number for number in range(WINDOW + 2)]
    assert handle.waiting == 0


def test_much_at_once_is_fed_in_pieces() -> None:
    streams, far, reader = Streams(), FakeWorker(), Reader()
    pasted = bytes(range(256)) * 600
    reader.open(streams, far).feed(pasted)
    assert b"".join(far.fed()) == pasted
    assert max(map(len, far.fed())) == MESSAGE


def test_a_held_stream_is_acknowledged_when_it_resumes() -> None:
    streams, far, reader = Streams(), FakeWorker(), Reader()
    handle = reader.open(streams, far)
    handle.hold()
    for data in (b"1", b"2"):
        streams.take(m.StreamFlowed(handle.number, data))
    assert (reader.data, far.sent[1:]) == ([b"1", b"2"], [])
    handle.resume()
    handle.resume()
    assert far.sent[1:] == [m.StreamAcknowledged(handle.number, 2)]


def test_a_lost_feeder_ends_its_streams_and_no_others() -> None:
    streams, dying, living, one, two = Streams(), FakeWorker(), FakeWorker(), Reader(), Reader()
    one.open(streams, dying)
    handle = two.open(streams, living)
    streams.lost(dying.worker, "killed by signal 9")
    streams.lost(dying.worker, "again")
    (end,) = one.ends
    assert (end.title, end.message, end.exit_code) == (FeederLost.title, "killed by signal 9", 8)
    assert (two.ends, handle.done) == ([], False)


async def test_a_stream_without_a_feeder_ends_with_the_reason() -> None:
    reader = Reader()
    handle = reader.open(Streams(), FakeWorker(running=False))
    assert not handle.done
    await asyncio.sleep(0)
    assert [end.message for end in reader.ends] == ["the feeder is not running"]


async def test_a_feeder_that_dies_ends_the_sessions_streams_with_its_last_words() -> None:
    reader = Reader()
    async with running() as session:
        await until(session, lambda: session.feeder_state == "live")
        session.open_stream("anything", {}, reader.data.append, reader.ends.append)
        with pytest.raises(FeederLost):
            await session.call("die")
        assert [(end.title, end.message) for end in reader.ends] == [(FeederLost.title, "out of memory")]


async def test_closing_the_session_ends_its_streams() -> None:
    reader = Reader()
    async with running() as session:
        await until(session, lambda: session.feeder_state == "live")
        session.open_stream("anything", {}, reader.data.append, reader.ends.append)
        await session.close()
    assert [end.message for end in reader.ends] == ["the console is closing"]


async def test_a_stream_goes_to_the_feeder_that_has_its_cluster() -> None:
    session = Session(m.Configured(shards=2))
    take(session, m.FreshnessChanged("b", "pods", "live", 1.0), worker=1)
    reader = Reader()
    handle = session.open_stream("echo", {"cluster": "b"}, reader.data.append, reader.ends.append)
    assert handle.worker is session.workers[1]
    first, second = session.workers
    assert session.owners(["b", "unknown"]) == {first: ["unknown"], second: ["b"]}
    await asyncio.sleep(0)
    assert handle.done
