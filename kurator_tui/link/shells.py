"""What is fed to the streams `shell`, `attach` and `debug`: bytes typed, sizes of the terminal, the end of input.

Each message begins with one byte that says which. What comes back is the process's output as it is; the stream's
`StreamEnded.data` is its exit code. Used on both sides of the link.
"""

from __future__ import annotations

from collections.abc import Iterator

TYPED, SIZED, ENDED = 0, 4, 255
PIECE = 32 * 1024
"""Bytes typed in one message: a whole message is always fed as one."""
END = bytes((ENDED,))
"""The input ends (a pipe's; on a terminal Ctrl-D is typed instead)."""
_WIDEST = 2**16 - 1


def typed(data: bytes) -> Iterator[bytes]:
    """The messages that carry `data`."""
    for at in range(0, len(data), PIECE):
        yield bytes((TYPED,)) + data[at : at + PIECE]


def sized(columns: int, rows: int) -> bytes:
    """The message that the terminal has this size."""
    return bytes((SIZED,)) + b"".join(min(max(1, each), _WIDEST).to_bytes(2, "big") for each in (columns, rows))


def size_of(message: bytes) -> tuple[int, int] | None:
    """(columns, rows) of a message about the size, None of any other."""
    if len(message) != 5 or message[0] != SIZED:
        return None
    return int.from_bytes(message[1:3], "big"), int.from_bytes(message[3:], "big")
