"""Messages as bytes: a four-byte big-endian length, then msgpack.

Readers refuse frames above `MAX_FRAME`: a length that large is a broken stream, not a message.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from kurator_tui.errors import FeederLost
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.link.messages import Message, ToConsole, ToFeeder

MAX_FRAME = 512 * 2**20

_length = struct.Struct(">I")
_encoder = msgspec.msgpack.Encoder()
_to_feeder = msgspec.msgpack.Decoder(ToFeeder)
_to_console = msgspec.msgpack.Decoder(ToConsole)


def frame(message: Message) -> bytes:
    """One message, ready to be written."""
    body = _encoder.encode(message)
    return _length.pack(len(body)) + body


def encode_rows(rows: list[Row]) -> msgspec.Raw:
    """Rows of one kind for `RowsChanged.rows`."""
    return msgspec.Raw(_encoder.encode(rows))


class RowReader:
    """Decodes `RowsChanged.rows` by kind; one decoder a kind is kept."""

    def __init__(self) -> None:
        self._decoders: dict[str, msgspec.msgpack.Decoder[Any]] = {}

    def read(self, kind: AnyKind, raw: msgspec.Raw) -> list[Row]:
        """The rows in `raw`. Raises msgspec.DecodeError when they are not rows of `kind`."""
        decoder = self._decoders.get(kind.id)
        if decoder is None:
            decoder = self._decoders[kind.id] = msgspec.msgpack.Decoder(list[kind.row])  # type: ignore[name-defined]
        rows: list[Row] = decoder.decode(raw)
        return rows


async def _bodies(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        try:
            head = await reader.readexactly(_length.size)
            (length,) = _length.unpack(head)
            if length > MAX_FRAME:
                raise FeederLost(f"a frame of {length} bytes: the link is out of step")
            yield await reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            return


async def requests(reader: asyncio.StreamReader) -> AsyncIterator[ToFeeder]:
    """Messages of a console, until it is gone."""
    async for body in _bodies(reader):
        yield _to_feeder.decode(body)


async def facts(reader: asyncio.StreamReader) -> AsyncIterator[ToConsole]:
    """Messages of a feeder, until it is gone."""
    async for body in _bodies(reader):
        yield _to_console.decode(body)
