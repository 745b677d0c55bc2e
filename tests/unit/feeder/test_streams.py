"""Streams on the feeder's side: a task each, a window, and exactly one end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import cast

import pytest

from kurator_tui.errors import FeederLost, Forbidden
from kurator_tui.feeder.channel import Channel
from kurator_tui.feeder.feeder import Feeder
from kurator_tui.feeder.streams import Streams
from kurator_tui.fleet.hub import Hub
from kurator_tui.link import messages as m
from kurator_tui.link.framing import frame
from kurator_tui.link.streams import WINDOW
from tests.unit.feeder.pipe import Pipe

HUB = cast(Hub, object())


async def turns(count: int = 10) -> None:
    """Let every task go on as far as it can."""
    for _turn in range(count):
        await asyncio.sleep(0)


async def echo(_hub: Hub, arguments: Mapping[str, str], channel: Channel) -> str:
    """Sends back what it is fed until that is `end`."""
    while (data := await channel.receive()) != b"end":
        await channel.send(data + arguments.get("suffix", "").encode())
    return "bye"


async def flood(_hub: Hub, _arguments: Mapping[str, str], channel: Channel) -> str:
    """Sends as much as it may, for ever."""
    while True:
        await channel.send(b"x")


async def refuse(_hub: Hub, _arguments: Mapping[str, str], _channel: Channel) -> str:
    raise Forbidden("you may not", "ask somebody")


async def stumble(_hub: Hub, _arguments: Mapping[str, str], _channel: Channel) -> str:
    raise ZeroDivisionError("secret")


METHODS = {"echo": echo, "flood": flood, "refuse": refuse, "stumble": stumble}


class Console:
    """What the console would be told."""

    def __init__(self) -> None:
        self.told: list[m.Message] = []
        self.streams = Streams(self.told.append, METHODS)

    async def open(self, method: str, hub: Hub | None = HUB, **arguments: str) -> None:
        self.streams.open(hub, m.StreamOpened(1, method, arguments))
        await turns()

    async def say(self, *requests: m.StreamFed | m.StreamAcknowledged | m.StreamClosed) -> None:
        for request in requests:
            self.streams.take(request)
        await turns()

    @property
    def ends(self) -> list[m.StreamEnded]:
        return [message for message in self.told if isinstance(message, m.StreamEnded)]

    @property
    def flowed(self) -> list[bytes]:
        return [message.data for message in self.told if isinstance(message, m.StreamFlowed)]


async def test_a_method_gets_its_arguments_and_what_is_fed_and_its_result_is_the_end() -> None:
    console = Console()
    await console.open("echo", suffix="!")
    await console.say(m.StreamFed(1, b"a"), m.StreamFed(1, b"b"), m.StreamFed(1, b"end"))
    assert console.flowed == [b"a!", b"b!"]
    assert m.StreamAcknowledged(1, 3) in console.told
    assert console.told[-1] == m.StreamEnded(1, "bye")
    assert len(console.ends) == 1


async def test_no_more_than_a_window_is_sent_unacknowledged() -> None:
    console = Console()
    await console.open("flood")
    await turns(50)
    assert len(console.flowed) == WINDOW
    await console.say(m.StreamAcknowledged(1, 3))
    assert len(console.flowed) == WINDOW + 3
    await console.say(m.StreamAcknowledged(1, 2))
    assert len(console.flowed) == WINDOW + 3
    await console.say(m.StreamAcknowledged(1, 10**9))
    assert len(console.flowed) == 2 * WINDOW + 3
    await console.say(m.StreamClosed(1))


async def test_a_closed_stream_is_cancelled_and_still_ended_once() -> None:
    console = Console()
    await console.open("flood")
    await console.say(m.StreamClosed(1), m.StreamClosed(1))
    assert console.ends == [m.StreamEnded(1)]
    await console.say(m.StreamFed(1, b"late"), m.StreamAcknowledged(1, 5))
    assert console.told[-1] == m.StreamEnded(1)


async def test_a_stream_closed_before_it_began_is_ended_once() -> None:
    console = Console()
    console.streams.open(HUB, m.StreamOpened(1, "flood"))
    await console.say(m.StreamClosed(1))
    assert console.told == [m.StreamEnded(1)]


async def test_a_feeder_that_ends_does_not_end_its_streams_as_if_all_were_well() -> None:
    console = Console()
    task = console.streams.open(HUB, m.StreamOpened(1, "flood"))
    await turns()
    task.cancel()
    await turns()
    assert [end.title for end in console.ends] == [FeederLost.title]


@pytest.mark.parametrize(
    ("method", "title", "message", "hint"),
    [
        ("refuse", "Forbidden", "you may not", "ask somebody"),
        (
            "stumble",
            "Error",
            "error in kurator-tui: ZeroDivisionError",
            "The log has the details: --log-file FILE",
        ),
        ("nonsense", "Cannot do that", "no stream is called nonsense", ""),
    ],
)
async def test_an_error_is_the_end_of_its_stream_only(method: str, title: str, message: str, hint: str) -> None:
    console = Console()
    await console.open(method)
    (end,) = console.ends
    assert (end.title, end.message, end.hint) == (title, message, hint)


async def test_a_stream_before_anything_is_configured_ends_with_the_reason() -> None:
    console = Console()
    await console.open("echo", hub=None)
    assert [end.message for end in console.ends] == ["nothing is connected"]


async def test_a_feeder_ends_its_streams_when_its_console_is_gone() -> None:
    pipe, reader = Pipe(), asyncio.StreamReader()
    feeder = Feeder(reader, pipe.writer)
    reader.feed_data(frame(m.StreamOpened(7, "nonsense")))
    reader.feed_eof()
    await feeder.run()
    assert [message.stream for message in pipe.sent if isinstance(message, m.StreamEnded)] == [7]
