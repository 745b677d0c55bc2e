"""A streamed answer as lines, with a deadline on silence. Raises only the error tree."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import aiohttp

from kurator_tui.api.failures import error_from_exception, host_of
from kurator_tui.errors import Broken, TimedOut


class Counted(Protocol):
    bytes_in: int


class LineTooLong(Broken):
    """A line longer than twice the read buffer: asking again from the same place would meet it again."""


_READ_ERRORS = (
    aiohttp.ClientError,
    OSError,
    ValueError,
    RuntimeError,  # how aiohttp says that the connection was closed by us
    aiohttp.http_exceptions.HttpProcessingError,
)


class Silent(TimedOut):
    """An open stream on which nothing came for too long."""


class LineStream(AsyncIterator[bytes]):
    """Lines of one answer, without their end; empty lines are left out.

    `quiet` is the longest silence allowed, in seconds (None: any), and may be changed between lines. Time during
    which nobody waits for a line does not count. Ends at the answer's end; raises `Silent` for silence,
    `Broken` when the connection breaks or a line is too long.
    """

    def __init__(
        self, response: aiohttp.ClientResponse, server: str, quiet: float | None, counted: Counted
    ) -> None:
        self._quiet = quiet
        self._response = response
        self._content = response.content
        self._server = server
        self._counted = counted
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting_since: float | None = None
        self._silent = False

    @property
    def quiet(self) -> float | None:
        return self._quiet

    @quiet.setter
    def quiet(self, seconds: float | None) -> None:
        self._quiet = seconds
        self._disarm()

    def __aiter__(self) -> LineStream:
        return self

    async def __anext__(self) -> bytes:
        while True:
            line = await self._read()
            if not line:
                raise StopAsyncIteration
            self._counted.bytes_in += len(line)
            line = line.rstrip(b"\r\n")
            if line:
                return line

    async def _read(self) -> bytes:
        self._waiting_since = self._loop.time()
        if self._timer is None and self._quiet is not None:
            self._timer = self._loop.call_later(self._quiet, self._watch_silence)
        try:
            return await self._content.readline()
        except _READ_ERRORS as error:
            if self._silent:
                failure: Exception = Silent(
                    f"{host_of(self._server)} has been silent for {self.quiet:g} s.", "It is asked again."
                )
            elif isinstance(error, aiohttp.http_exceptions.LineTooLong):
                failure = LineTooLong(f"{host_of(self._server)} sent an object that is too long for a watch.")
            else:
                failure = error_from_exception(error, self._server)
        finally:
            self._waiting_since = None
        raise failure

    def _watch_silence(self) -> None:
        """Runs once a deadline, not once a line: re-arms itself for what is left of the current wait."""
        self._timer = None
        if self.quiet is None:
            return
        since = self._waiting_since
        left = self.quiet if since is None else since + self.quiet - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._watch_silence)
            return
        self._silent = True
        self._content.set_exception(TimeoutError())

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        self._disarm()
        self._response.close()
