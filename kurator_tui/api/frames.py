"""WebSocket frames (RFC 6455) as a client writes and reads them. Pure: bytes in, messages out; knows no socket."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import IntEnum

LONGEST = 4 * 2**20
"""Bytes of one message, all its frames together. Kubernetes sends at most 32 KiB."""
_LONGEST_CONTROL = 125


class Op(IntEnum):
    """What a frame is."""

    MORE = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


class BadFrame(Exception):
    """What came is not what a WebSocket server may send; `code` is the status to close with."""

    def __init__(self, why: str, code: int = 1002) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message. `op` is never `MORE`."""

    op: Op
    data: bytes


def written(op: Op, data: bytes) -> bytes:
    """One whole frame, masked as a client's must be."""
    length = len(data)
    if length < 126:
        head = bytes((0x80 | op, 0x80 | length))
    elif length < 2**16:
        head = bytes((0x80 | op, 0x80 | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((0x80 | op, 0x80 | 127)) + length.to_bytes(8, "big")
    mask = os.urandom(4)
    return head + mask + masked(data, mask)


def masked(data: bytes, mask: bytes) -> bytes:
    """`data` with `mask` (four bytes) laid over it, again and again."""
    length = len(data)
    over = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(data, "little") ^ int.from_bytes(over, "little")).to_bytes(length, "little")


def closing(code: int, reason: str = "") -> bytes:
    """A close frame."""
    return written(Op.CLOSE, code.to_bytes(2, "big") + reason.encode()[: _LONGEST_CONTROL - 2])


def close_reason(data: bytes) -> tuple[int, str]:
    """(status, reason) of a close message; 1005 when it gives none, as the RFC has it."""
    if len(data) < 2:
        return 1005, ""
    return int.from_bytes(data[:2], "big"), data[2:].decode("utf-8", "replace")


class FrameReader:
    """Bytes of a server as they come, in; whole messages, out. Frames may be cut anywhere."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._rest = bytearray()
        self._parts: list[bytes] = []
        self._op = Op.MORE
        """What the parts are of; MORE when no message has begun."""
        self._size = 0

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes. Raises `BadFrame`; nothing may be fed after that."""
        self._rest += data
        found: list[Message] = []
        at = 0
        while (frame := self._frame(at)) is not None:
            first, start, at = frame
            message = self._taken(first, bytes(memoryview(self._rest)[start:at]))
            if message is not None:
                found.append(message)
        if at:
            del self._rest[:at]
        return found

    def _frame(self, at: int) -> tuple[int, int, int] | None:
        """(first byte, start, end) of the payload of the frame at `at`, None when it is not all there."""
        rest = self._rest
        if len(rest) < at + 2:
            return None
        first, length = rest[at], rest[at + 1]
        if first & 0x70:
            raise BadFrame("an extension that was not agreed upon")
        if length & 0x80:
            raise BadFrame("a masked frame")
        size = {126: 2, 127: 8}.get(length, 0)
        start = at + 2 + size
        if first & 0x08 and (size or not first & 0x80):
            raise BadFrame("a control frame that is too long or in parts")
        if len(rest) < start:
            return None
        if size:
            length = int.from_bytes(rest[at + 2 : start], "big")
        if self._size + length > self._longest:
            raise BadFrame(f"a message of more than {self._longest} bytes", 1009)
        return (first, start, start + length) if len(rest) >= start + length else None

    def _taken(self, first: int, payload: bytes) -> Message | None:
        try:
            op = Op(first & 0x0F)
        except ValueError:
            raise BadFrame(f"a frame of unknown kind {first & 0x0F}") from None
        if op >= Op.CLOSE:
            return Message(op, payload)
        if (op is Op.MORE) == (self._op is Op.MORE):
            raise BadFrame("a frame out of order")
        last = bool(first & 0x80)
        if last and op is not Op.MORE:
            return Message(op, payload)
        if op is not Op.MORE:
            self._op = op
        self._parts.append(payload)
        self._size += len(payload)
        if not last:
            return None
        whole = Message(self._op, b"".join(self._parts))
        self._op, self._parts, self._size = Op.MORE, [], 0
        return whole
