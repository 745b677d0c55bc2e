"""One TCP connection to a port of a pod, over a websocket: two channels, data and errors.

The older of the two forms that API servers understand (the newer one tunnels SPDY). It cannot say that one side
has only finished sending, so a connection ends for both at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from kurator_tui.api.connection import Connection
from kurator_tui.api.failures import host_of
from kurator_tui.api.websocket import WebSocket
from kurator_tui.errors import ApiError, Broken
from kurator_tui.kinds.cells import inert

PROTOCOLS = ("v4.channel.k8s.io",)
DATA, ERROR = 0, 1
PIECE = 32 * 1024
"""Bytes in one message."""


class PortStream:
    """The bytes of one connection. One task may `receive`, any may `send`."""

    def __init__(self, socket: WebSocket, port: int, server: str) -> None:
        self._socket = socket
        self._port = port
        self._server = server
        self._begun: set[int] = set()

    async def receive(self) -> bytes | None:
        """What the pod sends; None when it has closed. Raises `ApiError` in the node's words, `Broken` if cut."""
        while (message := await self._socket.receive()) is not None:
            channel, data = message[:1], message[1:]
            if channel not in (bytes((DATA,)), bytes((ERROR,))):
                raise self._unlike(f"channel {message[0]}" if message else "nothing")
            if channel[0] not in self._begun:
                self._begin(channel[0], data)
            elif channel[0] == ERROR:
                if data:
                    raise ApiError(inert(data.decode("utf-8", "replace").strip()), code=500)
            elif data:
                return data
        return None

    async def send(self, data: bytes) -> None:
        """Send to the pod; waits while it does not read. Raises the error tree."""
        for at in range(0, len(data), PIECE):
            await self._socket.send(bytes((DATA,)) + data[at : at + PIECE])

    def _begin(self, channel: int, data: bytes) -> None:
        """The first message of each channel is the port's number."""
        if len(data) != 2 or int.from_bytes(data, "little") != self._port:
            raise self._unlike(f"{data[:8]!r} for port {self._port}")
        self._begun.add(channel)

    def _unlike(self, what: str) -> Broken:
        return Broken(f"{host_of(self._server)} does not forward ports as Kubernetes does: it sent {what}.")


@contextlib.asynccontextmanager
async def port_stream(connection: Connection, pod: str, port: int) -> AsyncIterator[PortStream]:
    """A connection to `port` (1 … 65535) of the pod at path `pod` while the block runs. Raises the error tree."""
    query = [("ports", str(port))]
    async with connection.websocket(f"{pod}/portforward", query=query, protocols=PROTOCOLS) as socket:
        yield PortStream(socket, port, connection.server)
