"""The only way to the terminal: bytes go in without waiting, a thread writes them, and how many are left is known.

Setting the terminal itself to non-blocking is no choice: the flag belongs to the open file, which the shell and
our own input share. So a thread waits in the loop's place. A terminal that is gone is told once and never
written to again.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO

from kurator_tui.wire.meter import Meter

PATIENCE = 1.0
"""Seconds `stop` waits for a terminal that does not read."""
RETRY = 0.5
"""Seconds between two looks at a terminal that some other program made non-blocking."""


class Outlet:
    """Writes to the file descriptor of `file`, in order. `write` and `pending` may be used from any thread.

    `gone` is called once, from the writing thread, when the terminal is lost; `free` whenever it has taken
    everything and somebody asked for it by `call_when_free`.
    """

    def __init__(self, file: IO[str], meter: Meter, gone: Callable[[], None]) -> None:
        self._fd = file.fileno()
        self._encoding = getattr(file, "encoding", None) or "utf-8"
        self._meter = meter
        self._gone = gone
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._pending = 0
        self._free: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="terminal-output", daemon=True)
        self.lost = False
        """Whether the terminal is gone, or was given up by `stop`."""

    @property
    def pending(self) -> int:
        """Bytes the terminal has not accepted yet."""
        return self._pending

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def write(self, text: str) -> int:
        """Hand over `text`; never waits. Returns its bytes."""
        data = text.encode(self._encoding, "replace")
        self.put(data)
        return len(data)

    def put(self, data: bytes) -> None:
        """Hand over `data` as it is; never waits."""
        if data and not self.lost:
            with self._lock:
                self._pending += len(data)
            self._queue.put(data)

    def call_when_free(self, callback: Callable[[], None]) -> bool:
        """Call `callback` once, from the writing thread, when nothing is pending; False when that is so now."""
        with self._lock:
            if not self._pending:
                return False
            self._free = callback
            return True

    def stop(self, patience: float = PATIENCE) -> bool:
        """Write what is left, for at most `patience` seconds; whether all was written."""
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(patience)
        finished = not self._thread.is_alive()
        self.lost = True
        return finished

    def _run(self) -> None:
        while (data := self._queue.get()) is not None:
            if not self.lost:
                self._deliver(data)
            with self._lock:
                self._pending -= len(data)
                free = None
                if not self._pending:
                    free, self._free = self._free, None
            if free is not None:
                free()

    def _deliver(self, data: bytes) -> None:
        view = memoryview(data)
        while view and not self.lost:
            try:
                count = os.write(self._fd, view)
            except BlockingIOError:
                select.select([], [self._fd], [], RETRY)
                continue
            except OSError:
                self.lost = True
                self._gone()
                return
            self._meter.wrote(count)
            view = view[count:]
