"""TLS on a plain transport, for very many connections that say little.

The event loops' own TLS keeps buffers for each connection that grow with the largest burst and stay: after a
stall of some seconds 1,000 watches held 357 KiB each on uvloop. It also allocates 256 KiB for each read. So
ciphertext is read into one buffer that all connections of a thread share, and reaches OpenSSL through one pair of
memory BIOs that they share as well: a pair of its own costs each connection 12 KiB of 32. OpenSSL takes all it is
given before it asks for more, so the BIOs are empty whenever a method here returns; what an end leaves in them is
thrown away.

Client side only. Certificates and names are checked by the context, as anywhere. May not know HTTP.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ssl
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, cast

SUPPORTED = sys.platform != "win32"
"""Whether to use this module: the event loop of Windows reads in another way, and nothing was tried there."""
_RECORD = 16384
"""Bytes of plaintext in one TLS record, at most."""


class _Buffers(threading.local):
    """What all connections of a thread go through: each fills and empties it in one step."""

    def __init__(self) -> None:
        self.cipher = memoryview(bytearray(65536))
        self.plain = memoryview(bytearray(_RECORD))
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()


_buffers = _Buffers()


class Secured(asyncio.Transport, asyncio.BufferedProtocol):
    """The protocol of a plain transport, and the transport of `app`. Wait for `ready` before using it.

    `ready` ends with the handshake, or raises `ssl.SSLError` (`ssl.CertificateError` among them) or `OSError`.
    `app` hears of the connection only after that.
    """

    __slots__ = (
        "_app",
        "_cipher",
        "_closing",
        "_context",
        "_give",
        "_in",
        "_inner",
        "_out",
        "_over",
        "_paused",
        "_plain",
        "_shaken",
        "_tls",
        "ready",
    )

    def __init__(self, app: asyncio.Protocol, context: ssl.SSLContext, server_name: str | None) -> None:
        super().__init__()
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._app = app
        self._give: Callable[[bytes], None] = app.data_received
        self._context = context
        self._in, self._out = _buffers.incoming, _buffers.outgoing
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=server_name)
        self._inner: asyncio.Transport | None = None
        self._shaken = self._closing = self._paused = False
        self._over: ssl.SSLError | None = None
        """What ended the incoming side: the server's goodbye, or a failure."""
        self._cipher, self._plain = _buffers.cipher, _buffers.plain

    @property
    def established(self) -> bool:
        """Whether the handshake is done."""
        return self._shaken

    # -- from the plain transport -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inner = cast(asyncio.Transport, transport)
        try:
            self._shake()
        except ssl.SSLError as error:
            self._break(error)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._cipher

    def buffer_updated(self, nbytes: int) -> None:
        if self._closing:
            return
        data = b""
        try:
            self._in.write(self._cipher[:nbytes])
            if self._shaken or self._shake():
                data = self._decrypt()
        except ssl.SSLError as error:  # of the handshake
            self._over = error
        if self._in.pending:
            self._in.read()
        if self._out.pending:  # a key update is answered
            self._flush()
        if data:
            self._give(data)
        if self._over is not None:
            self._end() if isinstance(self._over, ssl.SSLZeroReturnError) else self._break(self._over)

    def eof_received(self) -> None:
        self._end()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._closing = True
        if self._shaken:
            self._app.connection_lost(cast(Exception, exc))
        else:
            self._refuse(exc or ConnectionResetError(errno.ECONNRESET, "closed during the handshake"))

    def pause_writing(self) -> None:
        if self._shaken:
            self._app.pause_writing()

    def resume_writing(self) -> None:
        if self._shaken:
            self._app.resume_writing()

    # -- TLS --------------------------------------------------------------------------------------------------

    def _shake(self) -> bool:
        """Go on with the handshake; whether it is done. Raises `ssl.SSLError`."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        self._shaken = True
        self._flush()
        self._app.connection_made(self)
        if not self.ready.done():
            self.ready.set_result(None)
        return True

    def _decrypt(self) -> bytes:
        """The plaintext of the whole records that have come; `_over` when there will be no more."""
        incoming, plain = self._in, self._plain
        tls: Any = self._tls
        parts: list[bytes] = []
        while True:
            try:
                count = tls.read(_RECORD, plain)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLError as error:
                self._over = error
                break
            if not count:
                self._over = ssl.SSLZeroReturnError("closed by the server")
                break
            data = plain[:count].tobytes()
            if not incoming.pending:  # a read takes a whole record, so OpenSSL holds nothing back
                if not parts:
                    return data
                parts.append(data)
                break  # what would be said next is `SSLWantReadError`, which costs more than to ask
            parts.append(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _flush(self) -> None:
        if self._out.pending:
            data = self._out.read()
            if self._inner is not None:
                self._inner.write(data)

    def _end(self) -> None:
        """The server says no more."""
        if self._shaken and not self._closing:
            self._app.eof_received()
        self.close()

    def _break(self, error: ssl.SSLError) -> None:
        """TLS has failed: say so, also to the server."""
        self._flush()
        if self._shaken:
            self._closing = True
            if self._inner is not None:
                self._inner.abort()
            self._app.connection_lost(error)
            self._shaken = False
        else:
            self._refuse(error)
            self.close()

    def _refuse(self, error: BaseException) -> None:
        """There will be no connection. Nobody has to hear of it: who waited may have given up."""
        if not self.ready.done():
            self.ready.set_exception(error)
            self.ready.exception()

    # -- the transport of `app` -------------------------------------------------------------------------------

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "ssl_object":
            return self._tls
        if name == "sslcontext":
            return self._context
        if name == "peercert":
            return self._tls.getpeercert()
        return self._inner.get_extra_info(name, default) if self._inner is not None else default

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._app

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._app = cast(asyncio.Protocol, protocol)
        self._give = self._app.data_received

    def divert(self, receiver: Callable[[bytes], None]) -> None:
        """Give what comes to `receiver` instead of the protocol, which still hears of everything else.

        Nothing will be written for long. OpenSSL allocates its buffer for that (16 KiB of 44 a connection) when it
        reads the server's session tickets, and frees it at the end of a write: one of nothing sends nothing.
        """
        self._give = receiver
        if self._shaken and not self._closing:
            self._tls.write(b"")

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if data and not self._closing:
            try:
                self._tls.write(data)
            finally:
                self._flush()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview[Any]]) -> None:
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return self._inner.get_write_buffer_size() if self._inner is not None else 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        if self._inner is not None:
            self._inner.set_write_buffer_limits(high, low)

    def is_reading(self) -> bool:
        return not self._paused and not self._closing

    def pause_reading(self) -> None:
        if not self._paused and not self._closing and self._inner is not None:
            self._paused = True
            self._inner.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and self._inner is not None:
            self._paused = False
            if not self._closing:
                self._inner.resume_reading()

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        """Say goodbye and close, without waiting for the server's answer."""
        if self._closing:
            return
        self._closing = True
        if self._shaken:
            with contextlib.suppress(ssl.SSLError):
                self._tls.unwrap()
            self._flush()
        if self._inner is not None:
            self._inner.close()

    def abort(self) -> None:
        self._closing = True
        if self._inner is not None:
            self._inner.abort()
