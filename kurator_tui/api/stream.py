"""A streamed answer as lines, one batch a network read, with a deadline on silence. Raises only the error tree.

The hot path runs inside the event loop's read callback: bytes, body, lines, `take`. No task wakes up for an event;
the task in `run` sleeps until the stream ends.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Protocol, cast

import aiohttp

from kurator_tui.api.body import BadFraming, ChunkedBody, LineSplitter, LineTooLong, whole_lines
from kurator_tui.api.failures import error_from_exception, host_of
from kurator_tui.api.handover import handler_of
from kurator_tui.errors import TimedOut

Take = Callable[[list[bytes]], None]

LAST_CHANCE = 0.05
"""Seconds: after a deadline has passed, what waits in the socket is read first. A process that was stopped for
longer than the deadline has not been looking."""


class Counted(Protocol):
    bytes_in: int


class Splitter(Protocol):
    """Makes lines of a body; see `body.LineSplitter`."""

    def feed(self, data: bytes) -> list[bytes]: ...

    @property
    def whole(self) -> bool: ...

    def finish(self) -> bytes: ...


class Silent(TimedOut):
    """An open stream on which nothing came for too long."""


_READ_ERRORS = (
    aiohttp.ClientError,
    OSError,
    ValueError,
    RuntimeError,  # how aiohttp says that the connection was closed by us
    aiohttp.http_exceptions.HttpProcessingError,
)


class Stream:
    """The lines of one answer, given to `take` in `run`.

    `quiet` is the longest silence allowed while `run` runs, in seconds (None: any), and may be changed any time.
    """

    __slots__ = (
        "_apart",
        "_body",
        "_counted",
        "_end",
        "_heard",
        "_lines",
        "_loop",
        "_paused",
        "_quiet",
        "_response",
        "_server",
        "_take",
        "_timer",
        "_warned",
        "_whole",
    )

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        server: str,
        quiet: float | None,
        counted: Counted,
        splitter: Splitter | None = None,
    ) -> None:
        self._response = response
        self._server = server
        self._quiet = quiet
        self._counted = counted
        self._loop = asyncio.get_running_loop()
        self._lines: Splitter = splitter or LineSplitter()
        self._apart = splitter is not None
        """Whether each line has to pass the splitter."""
        self._body = ChunkedBody()
        self._take: Take | None = None
        """Who takes the lines while `run` runs."""
        self._end: asyncio.Future[None] = self._loop.create_future()
        self._heard = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._warned = False
        self._paused: asyncio.Event | None = None
        """While nothing is to be taken: set by `resume`."""
        self._whole = not self._apart
        """Whether the next byte from the wire begins a chunk and a line."""

    @property
    def quiet(self) -> float | None:
        return self._quiet

    @quiet.setter
    def quiet(self, seconds: float | None) -> None:
        if seconds != self._quiet:
            self._quiet = seconds
            self._disarm()
            if self._take is not None:
                self._arm()

    async def run(self, take: Take) -> None:
        """Call `take` with the lines each network read completes, until the answer ends.

        Lines come without their end, empty ones are left out. Raises `Silent` for silence, `Broken` when the
        connection breaks, `LineTooLong`, and whatever `take` raises.
        """
        self._take = take
        self._heard = self._loop.time()
        self._arm()
        handler = handler_of(self._response)
        held = handler.divert(self._received, self._lost) if handler is not None else None
        pulling = None
        if held is None:
            pulling = asyncio.ensure_future(self._pull())
        for data in held or ():
            self._received(data)
        try:
            await self._end
        finally:
            if pulling is not None:
                pulling.cancel()
                await asyncio.wait({pulling})

    def fail(self, error: Exception) -> None:
        """End `run` with `error`."""
        if not self._end.done():
            self._end.set_exception(error)

    def finish(self) -> None:
        """End `run` as if the server had ended the answer here."""
        if not self._end.done():
            self._end.set_result(None)

    def pause(self) -> None:
        """Take nothing more until `resume`: what the sockets hold is all that waits. An end may wait, too."""
        if self._paused is None:
            self._paused = asyncio.Event()
        if (transport := self._transport) is not None:
            transport.pause_reading()

    def resume(self) -> None:
        """Take lines again."""
        paused, self._paused = self._paused, None
        if paused is not None:
            paused.set()
        if (transport := self._transport) is not None:
            transport.resume_reading()

    @property
    def _transport(self) -> asyncio.ReadTransport | None:
        """Where bytes come from while `run` has them from the wire."""
        handler = handler_of(self._response)
        if handler is None or not handler.diverted or handler.transport is None:
            return None
        return cast(asyncio.ReadTransport, handler.transport)

    def close(self) -> None:
        """Close the connection; nothing is taken any more."""
        self._take = None
        self._disarm()
        if not self._end.done():
            self._end.cancel()
        self._response.close()

    # -- reading ----------------------------------------------------------------------------------------------

    def _received(self, data: bytes) -> None:
        """Bytes from the wire."""
        if self._end.done():
            return
        if self._whole:
            lines, at = whole_lines(data)
            if lines:
                self._heard = self._loop.time()
                self._counted.bytes_in += sum(map(len, lines)) + len(lines)
                self._hand(lines)
                if at == len(data) or self._end.done():
                    return
                data = data[at:]
        try:
            body = self._body.feed(data)
        except BadFraming as error:
            self._break(aiohttp.ClientPayloadError(str(error)))
            return
        self._deliver(body)
        self._whole = not self._apart and self._body.whole and self._lines.whole
        if self._body.ended:
            self._finish()

    def _lost(self, error: BaseException | None) -> None:
        """The connection is gone before the body's end."""
        cut = error if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
        self._break(cut or aiohttp.ClientPayloadError("cut short"))

    async def _pull(self) -> None:
        """The same from the HTTP library, for bodies it insists on: compressed, or not chunked."""
        try:
            while body := await self._response.content.readany():
                self._deliver(body)
                while self._paused is not None:
                    await self._paused.wait()
        except _READ_ERRORS as error:
            self._break(error)
        except Exception as error:  # noqa: BLE001 - nobody awaits this task: it belongs to whoever runs us
            self.fail(error)
        else:
            self._finish()

    def _deliver(self, body: bytes) -> None:
        self._heard = self._loop.time()
        self._counted.bytes_in += len(body)
        self._give(body)

    def _give(self, body: bytes) -> None:
        try:
            lines = self._lines.feed(body)
        except LineTooLong:
            self.fail(LineTooLong(f"{host_of(self._server)} sent an object that is too long for a watch."))
        else:
            if lines:
                self._hand(lines)

    def _hand(self, lines: list[bytes]) -> None:
        try:
            if self._take is not None:
                self._take(lines)
        except Exception as error:  # noqa: BLE001 - the event loop must not have it: it belongs to whoever runs us
            self.fail(error)

    def _finish(self) -> None:
        rest = self._lines.finish()
        if rest:
            self._give(rest + b"\n")
        if not self._end.done():
            self._end.set_result(None)

    def _break(self, error: Exception) -> None:
        self.fail(error_from_exception(error, self._server))

    # -- silence ----------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        if self._timer is None and self._quiet is not None and not self._end.done():
            self._timer = self._loop.call_later(self._quiet, self._look)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """Runs once a deadline, not once a line: arms itself again for what is left."""
        self._timer = None
        if self._quiet is None or self._end.done():
            return
        left = self._heard + self._quiet - self._loop.time()
        if left <= 0 and self._warned:
            self.fail(
                Silent(f"{host_of(self._server)} has been silent for {self._quiet:g} s.", "It is asked again.")
            )
            return
        self._warned = left <= 0
        self._timer = self._loop.call_later(max(left, LAST_CHANCE), self._look)
