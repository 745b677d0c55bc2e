"""SPDY/3.1 as kubectl tunnels it through a websocket for port-forward: frames in, frames out. Pure.

Only what that client uses: streams with headers, data, half-closed ends, pings. It knows no flow control either.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_NAMES = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age "
    "allow authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status"
)
_TEXT = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
    "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
    "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


def _dictionary() -> bytes:
    words = [
        *_NAMES.split(),
        "200 OK",
        "version",
        "HTTP/1.1",
        "url",
        "public",
        "set-cookie",
        "keep-alive",
        "origin",
    ]
    return b"".join(len(word).to_bytes(4, "big") + word.encode() for word in words) + _TEXT.encode()


DICTIONARY = _dictionary()
"""What headers are compressed with (SPDY/3, section 2.6.10.1)."""

_OPENED, _REPLIED, _RESET, _PING = 1, 2, 3, 6
"""Kinds of control frames; others (settings, windows, goodbyes) mean nothing here."""
_FIN = 0x01
_VERSION = 0x8003


@dataclass(frozen=True, slots=True)
class Opened:
    """The client opened a stream."""

    stream: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of a stream; `last` when the client sends no more."""

    stream: int
    data: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """A stream is given up."""

    stream: int


@dataclass(frozen=True, slots=True)
class Pinged:
    """To be answered with `pong`."""

    number: bytes


Event = Opened | Data | Closed | Pinged


@dataclass(slots=True)
class Spdy:
    """One connection, from the server's side. Raises ValueError or zlib.error for what is no SPDY."""

    _rest: bytes = b""
    _inflate: "zlib._Decompress" = field(default_factory=lambda: zlib.decompressobj(zdict=DICTIONARY))
    _deflate: "zlib._Compress" = field(default_factory=lambda: zlib.compressobj(zdict=DICTIONARY))

    def feed(self, data: bytes) -> Iterator[Event]:
        """What the client says with `data`."""
        self._rest += data
        while len(self._rest) >= 8:
            length = int.from_bytes(self._rest[5:8], "big")
            if len(self._rest) < 8 + length:
                return
            head, payload = self._rest[:8], self._rest[8 : 8 + length]
            self._rest = self._rest[8 + length :]
            yield from self._frame(head, payload)

    def _frame(self, head: bytes, payload: bytes) -> Iterator[Event]:
        first, flags = int.from_bytes(head[:4], "big"), head[4]
        if not first & 0x80000000:
            yield Data(first, payload, bool(flags & _FIN))
            return
        if first >> 16 != _VERSION:
            raise ValueError("not SPDY/3")
        stream = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
        kind = first & 0xFFFF
        if kind == _OPENED:
            yield Opened(stream, self._headers(payload[10:]))
            if flags & _FIN:
                yield Data(stream, b"", True)
        elif kind == _RESET:
            yield Closed(stream)
        elif kind == _PING:
            yield Pinged(payload[:4])

    def _headers(self, block: bytes) -> dict[str, str]:
        plain = self._inflate.decompress(block)
        at, texts = 4, list[str]()
        for _ in range(2 * int.from_bytes(plain[:4], "big")):
            end = at + 4 + int.from_bytes(plain[at : at + 4], "big")
            texts.append(plain[at + 4 : end].decode("latin-1"))
            at = end
        return dict(zip(texts[::2], texts[1::2], strict=True))

    def replied(self, stream: int) -> bytes:
        """The frame that accepts a stream."""
        block = self._deflate.compress((0).to_bytes(4, "big")) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return _control(_REPLIED, stream.to_bytes(4, "big") + block)


def data_frame(stream: int, data: bytes, *, last: bool = False) -> bytes:
    """Bytes of a stream."""
    return stream.to_bytes(4, "big") + bytes((_FIN if last else 0,)) + len(data).to_bytes(3, "big") + data


def pong(number: bytes) -> bytes:
    """The answer to a ping."""
    return _control(_PING, number)


def _control(kind: int, payload: bytes) -> bytes:
    head = ((_VERSION << 16) | kind).to_bytes(4, "big")
    return head + b"\x00" + len(payload).to_bytes(3, "big") + payload
