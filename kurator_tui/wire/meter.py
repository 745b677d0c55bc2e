"""What the console sent to its terminal, and whether the terminal keeps up. Counts; decides nothing.

Counted by the thread that writes, read by the loop: every figure is one word, and none is read to the byte.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

SLOW_AFTER = 0.1
"""Seconds output has to wait before the terminal counts as slow."""
SLOW_FOR = 3.0
"""Seconds a terminal stays slow after the last such wait."""
MINUTE = 60


@dataclass(slots=True)
class Meter:
    """Running figures of one terminal. `slow` says that it reads more slowly than the console writes."""

    clock: Callable[[], float] = time.monotonic
    bytes: int = 0
    """Bytes the terminal accepted."""
    frames: int = 0
    """Frames handed over."""
    shed: int = 0
    """Frames that were merged into a later one because the terminal was not ready for them."""
    worst_stall: float = 0.0
    """Longest time in seconds that output waited for the terminal. The console itself never does."""
    stock: bool = False
    """Whether changed cells are no longer told apart, because that failed."""
    _waiting: float | None = None
    _slow_until: float = float("-inf")
    _seconds: list[int] = field(default_factory=lambda: [0] * MINUTE)
    """Bytes by second of the minute."""
    _second: int = 0

    @property
    def slow(self) -> bool:
        """Whether output waits for the terminal, or did a moment ago."""
        now = self.clock()
        return now < self._slow_until or (self._waiting is not None and now - self._waiting > SLOW_AFTER)

    @property
    def last_second(self) -> int:
        """Bytes of the last full second."""
        self._turn()
        return self._seconds[(self._second - 1) % MINUTE]

    @property
    def last_minute(self) -> int:
        """Bytes of the last 60 seconds, the running one among them."""
        self._turn()
        return sum(self._seconds)

    def wrote(self, count: int) -> None:
        """The terminal accepted `count` bytes."""
        self._turn()
        self.bytes += count
        self._seconds[self._second % MINUTE] += count

    def waits(self) -> None:
        """There is output that the terminal is not ready for."""
        if self._waiting is None:
            self._waiting = self.clock()

    def goes_on(self) -> None:
        """The terminal is ready again. Said by the thread that writes: a busy loop is not a slow terminal."""
        since, self._waiting = self._waiting, None
        if since is None:
            return
        now = self.clock()
        waited = now - since
        self.worst_stall = max(self.worst_stall, waited)
        if waited > SLOW_AFTER:
            self._slow_until = now + SLOW_FOR

    def _turn(self) -> None:
        """Empty the seconds that have passed since the last count."""
        now = int(self.clock())
        for second in range(max(self._second + 1, now - MINUTE + 1), now + 1):
            self._seconds[second % MINUTE] = 0
        self._second = max(self._second, now)
