"""One request and the means to answer it on the wire, well or badly; and one running watch. Knows no objects."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from tests.faults.model import KINDS, collection
from tests.faults.virtual import now

if TYPE_CHECKING:
    from tests.faults.server import Server

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `verb` is list, watchlist, watch, probe, discovery or get; `nth` counts on its connection."""

    at: float
    verb: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    connection: int
    nth: int

    @property
    def lists(self) -> bool:
        """Whether it asks for everything there is."""
        return self.verb in ("list", "watchlist")

    def __str__(self) -> str:
        return f"{self.at:.3f} {self.verb} {self.path} {self.query}"


class Exchange:
    """One request and the means to answer it, well or badly. `over` when the connection cannot be used again."""

    def __init__(
        self, server: Server, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self.asked = asked
        self.reader = reader
        self.writer = writer
        self.over = False
        self.pieces = 0
        """Bytes that `send` writes at a time, each to be read alone; 0 for all at once."""

    async def answer(self, code: int, body: bytes, content_type: str = JSON, **headers: str) -> None:
        """A whole answer. Header names are written with underscores."""
        self.head(code, content_type, Content_Length=str(len(body)), **headers)
        self.writer.write(body)
        await self.writer.drain()

    def head(self, code: int, content_type: str = JSON, **headers: str) -> None:
        """The answer up to its body."""
        lines = [f"HTTP/1.1 {code} Said", f"Content-Type: {content_type}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join((*lines, "", "")).encode())

    def open(self) -> None:
        """The head of an answer in chunks."""
        self.head(200, Transfer_Encoding="chunked")

    def chunk(self, data: bytes) -> None:
        self.writer.write(b"%x\r\n%s\r\n" % (len(data), data))

    async def send(self, data: bytes) -> None:
        """A chunk, on the wire in pieces."""
        framed = b"%x\r\n%s\r\n" % (len(data), data)
        step = self.pieces or len(framed)
        for start in range(0, len(framed), step):
            self.writer.write(framed[start : start + step])
            await self.writer.drain()
            if self.pieces:
                await asyncio.sleep(0.001)

    async def end(self) -> None:
        """The proper end of an answer in chunks."""
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    def close(self) -> None:
        """Hang up."""
        self.over = True
        self.writer.close()

    def reset(self) -> None:
        """Hang up with a TCP reset."""
        self.over = True
        transport = self.writer.transport
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


class Stream:
    """One running watch. What is sent is written in order, by the task that serves it."""

    def __init__(self, exchange: Exchange, since: int) -> None:
        self.path, self.namespace = collection(exchange.asked.path)
        self.since = since
        self._exchange = exchange
        self._queue: asyncio.Queue[bytes | Callable[[], None] | None] = asyncio.Queue()

    def send(self, *data: bytes) -> None:
        for piece in data:
            self._queue.put_nowait(piece)

    def end(self) -> None:
        """End it properly."""
        self._queue.put_nowait(None)

    def cut(self) -> None:
        """Hang up without an end."""
        self._queue.put_nowait(self._exchange.close)

    def reset(self) -> None:
        """Reset the connection."""
        self._queue.put_nowait(self._exchange.reset)

    async def run(self, seconds: float) -> None:
        """Serve until ended, hung up on either side, or over by time."""
        gone = asyncio.ensure_future(self._exchange.reader.read(1))
        telling = asyncio.ensure_future(self._tell())
        try:
            await asyncio.wait((gone, telling), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not gone.done() and not telling.done():
                await self._exchange.end()
        finally:
            self._exchange.over = True
            for task in (gone, telling):
                task.cancel()
            await asyncio.gather(gone, telling, return_exceptions=True)

    async def _tell(self) -> None:
        while await self._say(await self._queue.get()):
            pass

    async def _say(self, item: bytes | Callable[[], None] | None) -> bool:
        """Write one thing and all that waits behind it; False at the end."""
        pieces: list[bytes] = []
        while isinstance(item, bytes):
            pieces.append(item)
            if self._queue.empty():
                break
            item = self._queue.get_nowait()
        if pieces:
            await self._exchange.send(b"".join(pieces))
        if item is None:
            await self._exchange.end()
            return False
        if not isinstance(item, bytes):
            item()
            return False
        return True


async def read_request(reader: asyncio.StreamReader, connection: int, nth: int) -> Asked | None:
    """The next request; None when the client is gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *rest = head.decode().split("\r\n")
    _method, target, _version = first.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (h.partition(":") for h in rest if h)}
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query))
    return Asked(now(), _verb(parts.path, query), parts.path, query, headers, connection, nth)


def _verb(path: str, query: dict[str, str]) -> str:
    if path == "/version":
        return "probe"
    if path in ("/api", "/apis"):
        return "discovery"
    if "watch" in query:
        return "watchlist" if "sendInitialEvents" in query else "watch"
    return "list" if collection(path)[0] in KINDS else "get"
