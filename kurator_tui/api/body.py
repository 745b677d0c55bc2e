"""Bytes from the wire into the lines of a body. Pure: knows no connection, no clock and no JSON.

    wire bytes ──ChunkedBody.feed──► body bytes ──LineSplitter.feed──► complete lines

Both are fed what one network read brought and hand back all that it completed, so that whoever consumes the lines
is called once a read, not once a line.
"""

from __future__ import annotations

import re

from kurator_tui.errors import Broken

LINE_LIMIT = 2**22
"""Bytes of a line. etcd takes objects of 1.5 MiB, so a watch line fits."""
_HEAD_LIMIT = 4096
"""Bytes of a chunk's head line, its extensions included."""
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\Z")
_END = b"\r\n"
_HEAD = 18
"""Bytes in which the usual head line of a chunk, without extensions, has ended."""


class LineTooLong(Broken):
    """A line beyond `LINE_LIMIT`: asking again from the same place would meet it again."""


class BadFraming(ValueError):
    """Bytes that are no chunked body."""


def whole_lines(data: bytes) -> tuple[list[bytes], int]:
    """The lines of the chunks at the beginning of `data` that are each exactly one line, and where they end.

    `data` must begin with a chunk and a line. Nearly every read is that: an event is written and flushed as one.
    Writing down what the chunk's head has to be is faster than reading it.
    """
    lines: list[bytes] = []
    at, find = 0, data.find
    while True:
        begin = find(_END, at, at + _HEAD) + 2
        stop = find(b"\n", begin)
        if (
            begin < 2
            or stop <= begin
            or data[at : begin - 2] != b"%x" % (stop + 1 - begin)
            or not data.startswith(_END, stop + 1)
        ):
            return lines, at
        line = data[begin:stop]
        if line.endswith(b"\r"):
            return lines, at
        lines.append(line)
        at = stop + 3


class ChunkedBody:
    """The body inside a chunked transfer coding (RFC 9112, section 7.1); `ended` after the last chunk.

    What follows the last chunk is left out: whoever streams closes the connection.
    """

    __slots__ = ("_head", "_left", "ended")

    def __init__(self) -> None:
        self.ended = False
        self._head = b""
        """The beginning of a chunk's head line."""
        self._left = 0
        """Bytes that the current chunk still brings, its closing line end included."""

    @property
    def whole(self) -> bool:
        """Whether the next byte begins a chunk."""
        return not self._left and not self._head and not self.ended

    def feed(self, data: bytes) -> bytes:
        """The body bytes in `data`. Raises `BadFraming`."""
        parts: list[bytes] = []
        at, end = 0, len(data)
        while at < end and not self.ended:
            if self._left > 2:
                part = data[at : at + self._left - 2]
                parts.append(part)
                at += len(part)
                self._left -= len(part)
            elif self._left:
                if data[at] != _END[-self._left]:
                    raise BadFraming("a chunk is longer than it says")
                at += 1
                self._left -= 1
            else:
                at = self._begin(data, at)
        return b"".join(parts)

    def _begin(self, data: bytes, at: int) -> int:
        """Read (what there is of) a chunk's head line from `at`; returns where it ends."""
        newline = data.find(b"\n", at)
        head = self._head + (data[at:] if newline < 0 else data[at:newline])
        if len(head) > _HEAD_LIMIT:
            raise BadFraming("a chunk without a size")
        if newline < 0:
            self._head = head
            return len(data)
        self._head = b""
        match = _SIZE.match(head)
        if match is None:
            raise BadFraming("a chunk without a size")
        size = int(match[1], 16)
        self.ended = size == 0
        self._left = size + 2 if size else 0
        return newline + 1


class LineSplitter:
    """Complete lines out of pieces, without their ends; empty lines are left out."""

    __slots__ = ("_begun", "_size")

    def __init__(self) -> None:
        self._begun: list[bytes] = []
        """Pieces of a line whose end has not come yet."""
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes. Raises `LineTooLong`."""
        lines = data.split(b"\n")
        rest = lines.pop()
        if self._begun and lines:
            self._begin(lines[0])
            lines[0] = b"".join(self._begun)
            self._begun, self._size = [], 0
        if rest:
            self._begin(rest)
        return [line for raw in lines if (line := raw.rstrip(b"\r"))]

    @property
    def whole(self) -> bool:
        """Whether the next byte begins a line."""
        return not self._begun

    def finish(self) -> bytes:
        """What came without a line end before the body ended."""
        rest = b"".join(self._begun)
        self._begun, self._size = [], 0
        return rest

    def _begin(self, piece: bytes) -> None:
        self._begun.append(piece)
        self._size += len(piece)
        if self._size > LINE_LIMIT:
            raise LineTooLong("A line is too long for a watch.")
