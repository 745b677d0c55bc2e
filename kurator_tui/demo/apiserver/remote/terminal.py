"""The input of a process: a pipe, or a terminal that echoes, edits lines and knows Ctrl-C and Ctrl-D.

Bytes come in as the client sends them, lines go out to whoever reads. UTF-8 is kept whole: one backspace takes one
character away, however many bytes it has.
"""

import asyncio
from collections.abc import Awaitable, Callable

Write = Callable[[bytes], Awaitable[None]]

_INTERRUPT, _END, _BACKSPACE, _ESCAPE = 0x03, 0x04, (0x08, 0x7F), 0x1B
_LONGEST = 4096
"""Bytes of one line, as in a Linux terminal; what is typed beyond is dropped."""


class Input:
    """Lines of a pipe. `line` gives the next one with its end; what is left at the end of input; then None."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._rest = b""
        self._over = False

    async def line(self) -> bytes | None:
        """The next line; None at the end of input (a terminal has more afterwards)."""
        found = await self._lines.get()
        if found is None and self._over:
            self._lines.put_nowait(None)
        return found

    async def feed(self, data: bytes) -> None:
        """What the client sent."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._lines.put_nowait(line + b"\n")

    def end(self) -> None:
        """The client sends no more."""
        if self._rest:
            self._lines.put_nowait(self._rest)
            self._rest = b""
        self._over = True
        self._lines.put_nowait(None)


class Terminal(Input):
    """Lines of somebody who types. `interrupt` is called for Ctrl-C, with the line so far thrown away."""

    def __init__(self, echo: Write, interrupt: Callable[[], None]) -> None:
        super().__init__()
        self._echo = echo
        self._interrupt = interrupt
        self._typed = bytearray()
        self._escape = 0
        """Inside an escape sequence (arrow keys and the like, which are ignored): 1 after ESC, 2 after ESC [."""

    async def feed(self, data: bytes) -> None:
        """What was typed."""
        shown = bytearray()
        for byte in data:
            self._key(byte, shown)
        if shown:
            await self._echo(bytes(shown))

    def _key(self, byte: int, shown: bytearray) -> None:
        if self._escape:
            self._skip(byte)
        elif byte == _ESCAPE:
            self._escape = 1
        elif byte in b"\r\n":
            shown += b"\r\n"
            self._lines.put_nowait(bytes(self._typed) + b"\n")
            self._typed.clear()
        elif byte == _INTERRUPT:
            shown += b"^C\r\n"
            self._typed.clear()
            self._interrupt()
        elif byte == _END:
            if not self._typed:
                self._lines.put_nowait(None)
        elif byte in _BACKSPACE:
            if self._typed:
                self._erase()
                shown += b"\b \b"
        elif (byte >= 0x20 or byte == 0x09) and len(self._typed) < _LONGEST:
            self._typed.append(byte)
            shown.append(byte)

    def _skip(self, byte: int) -> None:
        if self._escape == 1:
            self._escape = 2 if byte in b"[O" else 0
        elif 0x40 <= byte <= 0x7E:
            self._escape = 0

    def _erase(self) -> None:
        """Take the last character away."""
        while self._typed and self._typed[-1] & 0xC0 == 0x80:
            self._typed.pop()
        if self._typed:
            self._typed.pop()
