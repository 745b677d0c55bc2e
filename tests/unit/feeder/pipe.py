"""The writing end of a link that keeps what was written."""

from __future__ import annotations

import asyncio
import struct
from typing import cast

import msgspec

from kurator_tui.link import messages as m

_decoder = msgspec.msgpack.Decoder(m.ToConsole)


class Pipe:
    """`sent` is every message so far; while `reading` is not set the writer's drain waits."""

    def __init__(self) -> None:
        self.sent: list[m.ToConsole] = []
        self.reading = asyncio.Event()
        self.reading.set()

    @property
    def writer(self) -> asyncio.StreamWriter:
        return cast(asyncio.StreamWriter, self)

    def write(self, data: bytes) -> None:
        (length,) = struct.unpack(">I", data[:4])
        assert length == len(data) - 4
        self.sent.append(_decoder.decode(data[4:]))

    async def drain(self) -> None:
        await self.reading.wait()

    @property
    def transport(self) -> Pipe:
        return self

    def get_write_buffer_size(self) -> int:
        """Nothing waits in the pipe itself."""
        return 0
