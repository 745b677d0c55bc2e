"""Port-forward in its newer form: a tunnel of streams."""

from __future__ import annotations

import asyncio
import zlib

import aiohttp
import pytest

from kurator_tui.demo.apiserver.remote.spdy import DICTIONARY, data_frame
from tests.unit.demo.apiserver.remote_talk import Socket, add_pod, connected
from tests.unit.demo.apiserver.serving import serving

TUNNEL = "SPDY/3.1+portforward.k8s.io"


class Tunnelled:
    """kubectl's side of a tunnel: frames of SPDY."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.deflate = zlib.compressobj(zdict=DICTIONARY)

    async def control(self, kind: int, payload: bytes, flags: int = 0) -> None:
        head = ((0x8003 << 16) | kind).to_bytes(4, "big") + bytes((flags,)) + len(payload).to_bytes(3, "big")
        for byte in head + payload:  # frames may be cut anywhere
            await self.socket.send_bytes(bytes((byte,)))

    async def open(self, stream: int, *, last: bool = False, **headers: str) -> None:
        texts = [text.encode() for pair in headers.items() for text in pair]
        block = len(headers).to_bytes(4, "big") + b"".join(len(t).to_bytes(4, "big") + t for t in texts)
        packed = self.deflate.compress(block) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        await self.control(1, stream.to_bytes(4, "big") + bytes(6) + packed, int(last))

    async def forward(self, port: int) -> None:
        """Open the two streams of a connection: 1 for errors, 3 for data."""
        await self.open(1, last=True, streamtype="error", port=str(port), requestid="0")
        await self.open(3, streamtype="data", port=str(port), requestid="0")
        for stream in (1, 3):
            reply = await self.received()
            assert (reply[:4], reply[8:12]) == (b"\x80\x03\x00\x02", stream.to_bytes(4, "big"))

    async def received(self) -> bytes:
        """The next frame: the server sends each as one message."""
        return bytes((await asyncio.wait_for(self.socket.receive(), 60)).data)


async def test_a_tunnel_carries_http() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "portforward", "", protocol=TUNNEL) as socket:
            tunnel = Tunnelled(socket)
            await tunnel.forward(8080)
            await tunnel.control(6, b"\x00\x00\x00\x07")
            assert await tunnel.received() == b"\x80\x03\x00\x06\x00\x00\x00\x04\x00\x00\x00\x07"
            await socket.send_bytes(data_frame(3, b"GET / HTTP/1.0\r\n\r\n"))
            answer = await tunnel.received()
            assert answer[:5] == b"\x00\x00\x00\x03\x00"
            assert answer.endswith(b"Hello from p port 8080\n")
            assert await tunnel.received() == data_frame(3, b"", last=True)
            assert await tunnel.received() == data_frame(1, b"", last=True)


async def test_a_tunnel_to_a_port_that_nobody_listens_on() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "portforward", "", protocol=TUNNEL) as socket:
            tunnel = Tunnelled(socket)
            await tunnel.forward(81)
            why = await tunnel.received()
            assert why[:5] == b"\x00\x00\x00\x01\x01"
            assert b"connection refused" in why
            assert await tunnel.received() == data_frame(3, b"", last=True)


@pytest.mark.parametrize(
    "nonsense", [b"\x80\xff\x00\x01\x00\x00\x00\x00", b"\x80\x03\x00\x01\x00\x00\x00\x0f" + b"\xff" * 15]
)
async def test_nonsense_ends_a_tunnel(nonsense: bytes) -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "portforward", "", protocol=TUNNEL) as socket:
            await socket.send_bytes(nonsense)
            assert (await asyncio.wait_for(socket.receive(), 60)).type is aiohttp.WSMsgType.CLOSE


def test_the_dictionary_is_the_standards() -> None:
    assert (len(DICTIONARY), zlib.adler32(DICTIONARY)) == (1423, 0xE3C6A7C2)
