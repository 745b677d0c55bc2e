"""The streams a console may open, one task each. Registry: `STREAMS`.

Exactly one `StreamEnded` answers each `StreamOpened`: with what the method returned, with the error it raised, or
empty when the console closed it first. A mistake of ours in a method costs its stream, not the feeder.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import msgspec

from kurator_tui.errors import ConsoleError, FeederLost, UsageError
from kurator_tui.feeder import looking, metrics, reading, shells
from kurator_tui.feeder.channel import Channel
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.logs import LogReading
from kurator_tui.kinds.log_lines import decode_query
from kurator_tui.link import messages as m

_LOG = logging.getLogger(__name__)

Method = Callable[[Hub, Mapping[str, str], Channel], Awaitable[str]]
"""Runs until there is nothing more to send; returns `StreamEnded.data`. Raises ConsoleError. Cancelled when the
console closes the stream."""


async def logs(hub: Hub, arguments: Mapping[str, str], channel: Channel) -> str:
    """Logs of many containers: `query` is a `kinds.log_lines.LogQuery` as JSON, each message a `LogBatch`."""
    try:
        query = decode_query(arguments.get("query", ""))
    except msgspec.DecodeError as error:
        raise UsageError(f"no query of logs: {error}") from error
    await LogReading(hub, query, channel.send).run()
    return ""


STREAMS: dict[str, Method] = {
    "logs": logs,
    **shells.STREAMS,
    **reading.STREAMS,
    **looking.STREAMS,
    **metrics.STREAMS,
}
CHANGING = frozenset({*shells.STREAMS, "debug"})
"""Whoever is in a shell may change anything: not for a console that is read-only."""


@dataclass(frozen=True, slots=True)
class _Open:
    channel: Channel
    task: asyncio.Task[None]


class Streams:
    """All open streams of one console. `tell` sends a message to it."""

    def __init__(self, tell: Callable[[m.Message], None], methods: Mapping[str, Method] = STREAMS) -> None:
        self._tell = tell
        self._methods = dict(methods)
        self._open: dict[int, _Open] = {}
        self._closed: set[int] = set()
        """Streams that end because the console closed them."""
        self.read_only = False
        self.shut: Callable[[Hub, str], str] = lambda _hub, _cluster: ""
        """Why nothing that changes may be opened in a cluster, "" when it may."""

    def offer(self, methods: Mapping[str, Method]) -> None:
        """These can be opened, too, from now on."""
        self._methods.update(methods)

    def open(self, hub: Hub | None, request: m.StreamOpened) -> asyncio.Task[None]:
        """Start one; the caller cancels what this returns when the console is gone."""
        channel = Channel(request.stream, self._tell)
        task = asyncio.create_task(self._run(hub, request, channel), name=f"stream {request.method}")
        self._open[request.stream] = _Open(channel, task)
        task.add_done_callback(lambda _task: self._ended(request.stream, task))
        return task

    def take(self, request: m.StreamFed | m.StreamAcknowledged | m.StreamClosed) -> None:
        """What the console says of one of them; of one that has ended it is too late."""
        opened = self._open.get(request.stream)
        if opened is None:
            return
        match request:
            case m.StreamFed():
                opened.channel.fed(request.data)
            case m.StreamAcknowledged():
                opened.channel.acknowledged(request.count)
            case m.StreamClosed():
                self._closed.add(request.stream)
                opened.task.cancel()

    def _ended(self, stream: int, task: asyncio.Task[None]) -> None:
        del self._open[stream]
        if not task.cancelled():
            return
        # Maybe before it began: only here it is known that there will be no other end.
        if stream in self._closed:
            self._closed.discard(stream)
            self._tell(m.StreamEnded(stream))
        else:
            hint = "Open it again when it is back."
            self._tell(
                m.StreamEnded(stream, "", FeederLost.title, "it was told to end", hint, FeederLost.exit_code)
            )

    async def _run(self, hub: Hub | None, request: m.StreamOpened, channel: Channel) -> None:
        method = self._methods.get(request.method)
        try:
            if hub is None or method is None:
                raise UsageError(f"no stream is called {request.method}" if hub else "nothing is connected")
            if self.read_only and request.method in CHANGING:
                raise UsageError("This console is read-only.", "Start it without --read-only to open a shell.")
            if request.method in CHANGING and (why := self.shut(hub, request.arguments.get("cluster", ""))):
                raise UsageError(why)
            end = m.StreamEnded(request.stream, await method(hub, request.arguments, channel))
        except ConsoleError as error:
            _LOG.warning("%s: %s: %s", request.method, error.title, error.message)
            end = m.StreamEnded(
                request.stream, "", error.title, error.message, error.hint, exit_code=error.exit_code
            )
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs one stream, not the feeder
            _LOG.exception("%s: unexpected error", request.method)
            what = f"error in kurator-tui: {type(error).__name__}"
            hint = "The log has the details: --log-file FILE"
            end = m.StreamEnded(request.stream, "", ConsoleError.title, what, hint)
        self._closed.discard(request.stream)
        self._tell(end)
