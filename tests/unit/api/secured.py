"""Two ends of TLS with shared buffers: over a socket, or in memory."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from kurator_tui.api.secure import Secured

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class App(asyncio.Protocol):
    """What the other side said, and how it ended."""

    def __init__(self) -> None:
        self.got = bytearray()
        self.events: list[str] = []
        self.over: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.events.append("made")
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.got += data

    def eof_received(self) -> None:
        self.events.append("eof")

    def connection_lost(self, exc: BaseException | None) -> None:
        self.events.append("lost")
        if not self.over.done():
            self.over.set_result(exc)


@contextlib.asynccontextmanager
async def secured(talk: Talk, server: ssl.SSLContext, client: ssl.SSLContext) -> AsyncIterator[App]:
    """An `App` over TLS to a server that does `talk`."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await talk(reader, writer)
        writer.close()

    listener = await asyncio.start_server(once, "127.0.0.1", 0, ssl=server)
    host, port = listener.sockets[0].getsockname()
    app = App()
    loop = asyncio.get_running_loop()
    _, secure = await loop.create_connection(lambda: Secured(app, client, "127.0.0.1"), host, port)
    async with asyncio.timeout(60):
        await secure.ready
    try:
        yield app
    finally:
        secure.close()
        listener.close()
        async with asyncio.timeout(60):
            await app.over


class Wire(asyncio.Transport):
    """A plain transport whose bytes reach a TLS server in memory."""

    def __init__(self, incoming: ssl.MemoryBIO) -> None:
        super().__init__()
        self._incoming = incoming
        self.closed = False

    def write(self, data: Any) -> None:
        self._incoming.write(data)

    def close(self) -> None:
        self.closed = True

    abort = close


class Pair:
    """A `Secured` and the server in memory it has shaken hands with."""

    def __init__(self, server: ssl.SSLContext, client: ssl.SSLContext, name: str = "127.0.0.1") -> None:
        incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.server = server.wrap_bio(incoming, self._outgoing, server_side=True)
        self.app, self.wire = App(), Wire(incoming)
        self.secure = Secured(self.app, client, name)
        self.secure.connection_made(self.wire)
        self.refused = ""
        """The alert that ended the handshake."""
        for _ in range(2):
            try:
                self.server.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as error:
                self.refused = error.reason
            self.feed(self._outgoing.read())

    def said(self) -> bytes:
        """What the server has said since it was asked last, as ciphertext."""
        return self._outgoing.read()

    def feed(self, data: bytes) -> None:
        """One network read."""
        self.secure.get_buffer(-1)[: len(data)] = data
        self.secure.buffer_updated(len(data))
