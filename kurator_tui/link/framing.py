"""Messages as bytes: a four-byte big-endian length, then msgpack.

Readers refuse frames above `MAX_FRAME`: a length that large is a broken stream, not a message.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from operator import attrgetter
from sys import intern
from typing import Any, get_type_hints

import msgspec
from msgspec.structs import force_setattr

from kurator_tui.errors import FeederLost
from kurator_tui.kinds.base import AnyKind, Interned, Row
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


def encode_rows(rows: Sequence[Row]) -> msgspec.Raw:
    """Rows of one kind for `RowsChanged.rows`."""
    return msgspec.Raw(_encoder.encode(rows))


PAIRS = tuple[tuple[str, str], ...]
"""Type of a row's labels."""


class _Shape:
    """How rows of one kind are decoded, and which of their texts are kept once for all rows."""

    def __init__(self, row: type[Row]) -> None:
        self.decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(list[row])  # type: ignore[valid-type]
        hints = get_type_hints(row, include_extras=True)
        fields = [field.name for field in msgspec.structs.fields(row)]
        self.texts = [(name, attrgetter(name)) for name in fields if hints[name] is Interned]
        self.pairs = [(name, attrgetter(name)) for name in fields if hints[name] == PAIRS]


class RowReader:
    """Decodes `RowsChanged.rows` by kind; what rows repeat is held once, as the feeder holds it."""

    def __init__(self) -> None:
        self._shapes: dict[type[Row], _Shape] = {}
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}

    def read(self, kind: AnyKind, raw: msgspec.Raw) -> list[Row]:
        """The rows in `raw`. Raises msgspec.DecodeError when they are not rows of `kind`."""
        shape = self._shapes.get(kind.row)
        if shape is None:
            shape = self._shapes[kind.row] = _Shape(kind.row)
        rows: list[Row] = shape.decoder.decode(raw)
        # Nobody else has seen these rows: putting equal texts in place of texts changes nothing.
        for name, text in shape.texts:
            for row in rows:
                force_setattr(row, name, intern(text(row)))
        for name, pairs in shape.pairs:
            share = self._pairs.setdefault
            for row in rows:
                force_setattr(row, name, tuple([share(pair, pair) for pair in pairs(row)]))
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
