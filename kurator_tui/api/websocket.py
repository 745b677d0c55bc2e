"""A websocket to an API server: what `Connection.websocket` gives once the server has switched protocols.

Bytes go from the socket's callback through the frame reader into a bounded queue: a reader that does not keep up
makes the server wait, never this process grow. Raises only the error tree. May not know what the messages mean.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

import aiohttp

from kurator_tui.api.failures import error_from_answer, error_from_exception, host_of
from kurator_tui.api.frames import BadFrame, FrameReader, Message, Op, close_reason, closing, written
from kurator_tui.api.handover import Handler, handler_of
from kurator_tui.errors import Broken, ConsoleError, UpgradeRefused
from kurator_tui.kinds.cells import inert

MUCH, LITTLE = 256 * 1024, 64 * 1024
"""Bytes of messages nobody has taken: reading stops beyond the first, and goes on below the second."""
HEARTBEAT = 10.0
"""Seconds of silence after which the server is asked for a sign of life."""
UNANSWERED = 3
"""How often it may be asked in vain before the connection is dead: counted in questions, not in seconds, since a
process that was stopped has not been listening. TCP notices by itself only without a proxy between."""
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CLEAN = frozenset({1000, 1001, 1005})


class Counted(Protocol):
    bytes_in: int


def handshake(protocols: Sequence[str]) -> tuple[str, dict[str, str]]:
    """(key, headers) of a request to switch to a websocket that speaks one of `protocols`, the best first."""
    key = base64.b64encode(os.urandom(16)).decode()
    return key, {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Protocol": ", ".join(protocols),
        "Accept-Encoding": "identity",
    }


def _agreed(headers: Mapping[str, str], key: str, protocols: Sequence[str], server: str) -> str:
    """The protocol that a 101 chose."""
    digest = hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()
    if headers.get("Sec-WebSocket-Accept", "").strip() != base64.b64encode(digest).decode():
        raise UpgradeRefused(
            f"{host_of(server)} switched protocols, but not to a websocket.",
            "Something between here and the API server answers in its place.",
        )
    chosen = headers.get("Sec-WebSocket-Protocol", "").strip()
    if chosen not in protocols:
        raise UpgradeRefused(
            f"{host_of(server)} speaks none of {', '.join(protocols)}"
            + (f" but {inert(chosen)}." if chosen else "."),
            "The server is too old, or a proxy on the way dropped the protocol's name.",
        )
    return chosen


def refused(code: int, headers: Mapping[str, str], body: bytes, server: str) -> ConsoleError:
    """The error of an answer other than 101: the server's own, or that the upgrade got lost on the way."""
    upgrade_lost = code == 400 and b"Upgrade request required" in body
    if 200 <= code < 400 or upgrade_lost or code in (405, 426, 501):
        return UpgradeRefused(
            f"{host_of(server)} does not switch to a websocket (answered {code}).",
            "A proxy or load balancer on the way does not pass websockets on, or the server is too old for them.",
        )
    return error_from_answer(code, headers, body, server)


def accepted(
    response: aiohttp.ClientResponse, key: str, protocols: Sequence[str], server: str, counted: Counted
) -> WebSocket:
    """The websocket that a 101 begins. Raises `UpgradeRefused` when it is no answer to our handshake."""
    return WebSocket(response, _agreed(response.headers, key, protocols, server), server, counted)


class WebSocket:
    """One open websocket. One task may `receive`, any may `send`. `Connection.websocket` opens and closes it."""

    def __init__(self, response: aiohttp.ClientResponse, protocol: str, server: str, counted: Counted) -> None:
        self.protocol = protocol
        self._server = server
        self._counted = counted
        self._response = response
        self._loop = asyncio.get_running_loop()
        self._frames = FrameReader()
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._paused = False
        self._ended = False
        """Whether nothing more will come: cleanly, or for `_failure`."""
        self._failure: ConsoleError | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._asked = 0
        """Signs of life asked for since anything came."""
        self._closed = False
        handler = handler_of(response)
        held = handler.divert(self._received, self._lost) if handler is not None else None
        if handler is None or held is None:
            raise Broken(f"{host_of(server)} broke off.")
        self._handler: Handler = handler
        self._timer = self._loop.call_later(HEARTBEAT, self._beat)
        for data in held:
            self._received(data)

    # -- for its user -----------------------------------------------------------------------------------------

    async def receive(self) -> bytes | None:
        """The next message; None after the server has closed. Raises the error tree when the connection breaks.

        What came before the break is given first.
        """
        while not self._queue:
            if self._failure is not None:
                raise self._failure
            if self._ended:
                return None
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        data = self._queue.popleft()
        self._queued -= len(data)
        if self._paused and self._queued <= LITTLE:
            self._pause(False)
        return data

    async def send(self, data: bytes) -> None:
        """Send one message; waits while too much is still to be sent. Raises the error tree."""
        failure = self._failure
        if failure is None and not self._closed and not self._ended:
            try:
                self._write(written(Op.BINARY, data))
                await self._handler.drained()
            except (OSError, aiohttp.ClientError) as error:
                failure = self._failure or error_from_exception(error, self._server)
            else:
                return
        raise failure or Broken(f"{host_of(self._server)} has closed the connection.")

    def close(self) -> None:
        """Say goodbye and close the connection. What has not been received is dropped."""
        if self._closed:
            return
        self._closed = True
        self._timer.cancel()
        with contextlib.suppress(OSError, aiohttp.ClientError):
            self._write(closing(1000))
        self._end(None)
        self._response.close()

    # -- the wire ---------------------------------------------------------------------------------------------

    def _write(self, frame: bytes) -> None:
        transport = self._handler.transport
        if transport is not None and not transport.is_closing():
            transport.write(frame)

    def _received(self, data: bytes) -> None:
        if self._ended:
            return
        self._asked = 0
        self._counted.bytes_in += len(data)
        try:
            messages = self._frames.feed(data)
        except BadFrame as error:
            self._write(closing(error.code))
            self._end(Broken(f"{host_of(self._server)} sent {error}.", "A proxy on the way?"))
            return
        for message in messages:
            self._take(message)

    def _take(self, message: Message) -> None:
        match message.op:
            case Op.PING:
                if not self._handler.writing_paused:  # a server that only asks and never reads gets no answer
                    self._write(written(Op.PONG, message.data))
            case Op.PONG:
                pass
            case Op.CLOSE:
                code, reason = close_reason(message.data)
                self._write(closing(1000 if code == 1005 else code))
                why = f": {inert(reason)}" if reason else ""
                clean = code in _CLEAN
                self._end(
                    None if clean else Broken(f"{host_of(self._server)} closed the connection ({code}){why}.")
                )
            case _:
                if not self._ended:
                    self._queue.append(message.data)
                    self._queued += len(message.data)
                    if self._queued > MUCH and not self._paused:
                        self._pause(True)
                    self._wake()

    def _pause(self, paused: bool) -> None:
        self._paused = paused
        self._asked = 0
        transport = self._handler.transport
        if transport is not None and not transport.is_closing():
            transport.pause_reading() if paused else transport.resume_reading()

    def _lost(self, error: BaseException | None) -> None:
        cut = error if isinstance(error, OSError) else aiohttp.ClientPayloadError("cut short")
        self._end(error_from_exception(cut, self._server))

    def _end(self, failure: ConsoleError | None) -> None:
        if not self._ended:
            self._ended, self._failure = True, failure
            self._timer.cancel()
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _beat(self) -> None:
        """Ask a silent server whether it is there. While we do not read, its silence means nothing."""
        if self._asked >= UNANSWERED:
            self._end(Broken(f"{host_of(self._server)} has been silent for {self._asked * HEARTBEAT:.0f} s."))
            self._response.close()
            return
        if not self._paused:
            self._asked += 1
            self._write(written(Op.PING, b""))
        self._timer = self._loop.call_later(HEARTBEAT, self._beat)
