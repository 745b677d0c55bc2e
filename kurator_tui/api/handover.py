"""The HTTP library's protocol, except that the body of an answer can be taken from the wire.

The library connects, through proxies and TLS, and reads the head of every answer. The body of a watch costs it a
wake-up of a task, flow control and a parser run an event: more than TLS. So a chunked 2xx body is held back where
its head ends, until the answer's reader either lets the library have it (`pass_on`) or takes all of it (`divert`);
so is what follows a 101: another protocol. Everything else goes its usual way. May not decide anything about the
answer.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from kurator_tui.api.secure import Secured

Received = Callable[[bytes], None]
Lost = Callable[[BaseException | None], None]

_HEAD_END = b"\r\n\r\n"
HELD = 2**20
"""Bytes held back from which on no more is read until somebody speaks for them."""
SWITCHED = 101
"""The answer after whose head no HTTP follows."""


class Handler(ResponseHandler):
    """One connection. Bytes go to the library, are held, or go to who diverted them."""

    def __init__(self, loop: Any) -> None:
        super().__init__(loop)
        self._receiver: Received | None = None
        self._on_lost: Lost | None = None
        self._held: list[bytes] | None = None
        """What came of a body nobody has spoken for; None when nothing is held back."""
        self._stopped = False
        """Whether so much is held that nothing more is read."""
        self._expecting = False
        """Whether the head of an answer is to come."""
        self._last = b""
        """The last three bytes of a head that has not ended."""
        self._emptied: asyncio.Future[None] | None = None
        """While too much is still to be sent: done when it is not."""

    def set_response_params(self, **params: Any) -> None:
        """The library sends a request: its answer's head comes next."""
        self._expecting, self._last = True, b""
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        if self._receiver is not None:
            self._receiver(data)
        elif self._held is not None:
            self._held.append(data)
            if not self._stopped and self.transport is not None and sum(map(len, self._held)) >= HELD:
                self._stopped = True
                self.transport.pause_reading()
        elif self._expecting and data:
            self._head_received(data)
        else:
            super().data_received(data)

    def _head_received(self, data: bytes) -> None:
        """Give the library the head only, so that its parser stands at the first byte of the body."""
        seen = self._last + data
        end = seen.find(_HEAD_END)
        if end < 0:
            self._last = seen[-3:]
            super().data_received(data)
            self._held = None  # the library has seen an end where we saw none: some of the body is with it already
            return
        cut = end + len(_HEAD_END) - len(self._last)
        self._last = b""
        super().data_received(data[:cut])
        if data[cut:]:
            self.data_received(data[cut:])

    def feed_data(self, data: Any, size: int = 0) -> None:
        """The library has parsed a head (`data` is message and payload)."""
        message = data[0]
        if message.code >= 200 or message.code == SWITCHED:
            self._expecting = False
            chunked = message.code < 300 and message.chunked and not message.compression
            if chunked or message.code == SWITCHED:
                self._held = []
        super().feed_data(data, size)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.pass_on()
        lost, self._receiver, self._on_lost = self._on_lost, None, None
        super().connection_lost(exc)
        self._empty()
        if lost is not None:
            lost(exc)

    def pass_on(self) -> None:
        """Let the library have the body."""
        for data in self._release() or ():
            super().data_received(data)

    def _release(self) -> list[bytes] | None:
        """What was held back, if anything can have been; from now on nothing is."""
        held, self._held = self._held, None
        if self._stopped:
            self._stopped = False
            if self.transport is not None and not self.transport.is_closing():
                self.transport.resume_reading()
        return held

    @property
    def diverted(self) -> bool:
        """Whether what comes goes to a receiver; it may then stop the transport."""
        return self._receiver is not None

    def divert(self, receiver: Received, lost: Lost) -> list[bytes] | None:
        """Give all that comes to `receiver`, and the end of the connection to `lost` (with its error, or None).

        Returns what has come of the body already; None when the library has the body: nothing is diverted then.
        """
        held = self._release()
        if held is not None:
            self._receiver, self._on_lost = receiver, lost
            self._parser = None  # it keeps the head, and has nothing more to read
            if isinstance(self.transport, Secured):
                self.transport.divert(receiver)
        return held

    def pause_writing(self) -> None:
        super().pause_writing()
        self._emptied = self._loop.create_future()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._empty()

    def _empty(self) -> None:
        emptied, self._emptied = self._emptied, None
        if emptied is not None and not emptied.done():
            emptied.set_result(None)

    async def drained(self) -> None:
        """Returns when little of what was written is still to be sent. Raises ConnectionError if it cannot be."""
        if self._emptied is not None:
            await asyncio.shield(self._emptied)
        if self.transport is None:
            raise ConnectionResetError(errno.ECONNRESET, "closed while data was to be sent")


def handler_of(response: aiohttp.ClientResponse) -> Handler | None:
    """The protocol below an answer that is still being received."""
    protocol = response.connection.protocol if response.connection is not None else None
    return protocol if isinstance(protocol, Handler) else None
