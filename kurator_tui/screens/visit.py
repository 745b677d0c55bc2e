"""One visit of a remote process: a stream of the link on the user's terminal, from the first byte to the end.

It waits for the stream's first word before the terminal is handed over: what cannot be opened never takes the
screen. Nothing is unbounded: a terminal that does not read holds the stream, a far end that does not read ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from kurator_tui.kinds.cells import inert
from kurator_tui.link.messages import StreamEnded
from kurator_tui.link.shells import sized, typed
from kurator_tui.screens.source import Source
from kurator_tui.wire.hangup import Hangup

PATIENCE = 1.0
"""Seconds for the first word; a process that was attached to may have nothing to say."""
FULL = 64 * 1024
"""Bytes the terminal has not taken, from which on the stream is held."""
MOST = 4 * 1024 * 1024
"""Bytes typed or pasted that the far end has not taken, from which on nobody believes that it will."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the process is."""

    cluster: str
    namespace: str
    pod: str
    container: str = ""

    def __str__(self) -> str:
        parts = (self.cluster, self.namespace, self.pod, self.container)
        return " / ".join(inert(part) for part in parts if part)

    def arguments(self, **more: str) -> dict[str, str]:
        """As streams and calls take it."""
        where = {"cluster": self.cluster, "namespace": self.namespace, "name": self.pod}
        return {**where, "container": self.container, **more}


class Terminal(Protocol):
    """What `wire.raw.RawTerminal` is to a visit."""

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows)."""

    @property
    def pending(self) -> int:
        """Bytes it has not taken yet."""

    def write(self, data: bytes) -> None:
        """Write, without waiting."""

    def call_when_free(self, callback: Callable[[], None]) -> bool:
        """Call `callback` once when nothing is pending; False when that is so now."""


Lend = Callable[[Callable[[bytes], None], Callable[[], None]], AbstractContextManager[Terminal]]
"""Lends the terminal: gets who is told what is typed, and who is told that the size has changed."""


class Visit:
    """One stream `method` (`shell`, `attach`, `debug`). `lines`: the far end has no terminal of its own."""

    def __init__(self, source: Source, method: str, arguments: dict[str, str], *, lines: bool = False) -> None:
        self._hangup = Hangup(interrupts=lines)
        self._begun = asyncio.Event()
        self._over = asyncio.Event()
        self._early: list[bytes] = []
        self._terminal: Terminal | None = None
        self._held = False
        self.end: StreamEnded | None = None
        """How the stream ended; None while it is open, and for good when the user left first."""
        self.deaf = False
        """Whether it was left because the far end took nothing that was typed."""
        self._handle = source.open_stream(method, arguments, self._take, self._ended)

    # -- what the stream says -----------------------------------------------------------------------------------

    def _take(self, data: bytes) -> None:
        self._begun.set()
        if self._terminal is not None:
            self._write(self._terminal, data)
        else:
            self._early.append(data)
            self._hold()

    def _write(self, terminal: Terminal, data: bytes) -> None:
        terminal.write(data)
        if terminal.pending > FULL and not self._held:
            self._hold()
            if not terminal.call_when_free(self._free):
                self._free()

    def _hold(self) -> None:
        self._held = True
        self._handle.hold()

    def _free(self) -> None:
        self._held = False
        self._handle.resume()

    def _ended(self, end: StreamEnded) -> None:
        self.end = end
        self._begun.set()
        self._over.set()

    # -- what the user does -------------------------------------------------------------------------------------

    def _typed(self, data: bytes) -> None:
        self.deaf = self._handle.waiting > MOST
        if self.deaf or self._hangup.asked(data):
            self.leave()
            return
        for message in typed(data):
            self._handle.feed(message)

    def _resized(self) -> None:
        if self._terminal is not None:
            self._handle.feed(sized(*self._terminal.size))

    def leave(self) -> None:
        """The user has enough of it."""
        self._handle.close()
        self._begun.set()
        self._over.set()

    # -- life ---------------------------------------------------------------------------------------------------

    async def begun(self) -> bool:
        """Wait for the first word; whether there is a process to visit."""
        try:
            await asyncio.wait_for(self._begun.wait(), PATIENCE)
        except TimeoutError:
            return True
        return bool(self._early) or not self._over.is_set()

    async def carry(self, lend: Lend, banner: str) -> None:
        """Lend it the terminal until it ends or the user leaves; whatever happens the stream is closed."""
        try:
            with lend(self._typed, self._resized) as terminal:
                self._terminal = terminal
                terminal.write(banner.encode())
                self._resized()
                for data in self._early:
                    terminal.write(data)
                self._early.clear()
                self._free()
                await self._over.wait()
                self._over.clear()  # a slow terminal gets the last words, too, unless the user leaves
                if self.end is not None and terminal.call_when_free(self._over.set):
                    await self._over.wait()
        finally:
            self._handle.close()
