"""How quickly the console reacts: from a key until its frame, how long the loop did not turn, what was sent.

Sampling costs ten wake-ups a second; nothing is drawn and nothing is sent.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from kurator_tui.screens.thrift import Thrift

BEAT = 0.1
"""Seconds between two looks at the loop; how late one comes is how long the loop was busy."""
KEYS = 200
"""Keys remembered."""
MINUTE = 60


class Reactions:
    """Latencies in seconds. `clock` is what key events are stamped with."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._keys: deque[float] = deque(maxlen=KEYS)
        self._lags: deque[tuple[float, float]] = deque()
        """(moment, lag) of the last minute, each lag smaller than those before it."""
        self._handle: asyncio.TimerHandle | None = None
        self.worst = 0.0
        """Longest stall of the loop since `start`."""

    def start(self) -> None:
        """Look at the running loop from now on, until `stop`."""
        loop = asyncio.get_running_loop()

        def look(due: float) -> None:
            now = loop.time()
            self.stalled(now - due)
            self._handle = loop.call_at(now + BEAT, look, now + BEAT)

        due = loop.time() + BEAT
        self._handle = loop.call_at(due, look, due)

    def stop(self) -> None:
        """Look no more."""
        if self._handle is not None:
            self._handle.cancel()

    def stalled(self, lag: float) -> None:
        """The loop turned `lag` seconds too late."""
        now = self._clock()
        self.worst = max(self.worst, lag)
        while self._lags and self._lags[-1][1] <= lag:
            self._lags.pop()
        self._lags.append((now, lag))
        self._forget(now)

    def painted(self, pressed: float) -> None:
        """What the key pressed at `pressed` changed is painted now."""
        self._keys.append(max(0.0, self._clock() - pressed))

    @property
    def worst_of_minute(self) -> float:
        """Longest stall of the last minute."""
        self._forget(self._clock())
        return self._lags[0][1] if self._lags else 0.0

    @property
    def last_key(self) -> float | None:
        """Latency of the last key; None before the first."""
        return self._keys[-1] if self._keys else None

    @property
    def key_p95(self) -> float | None:
        """Latency that 95 of 100 of the last keys kept below; None before the first."""
        ordered = sorted(self._keys)
        return ordered[int(0.95 * (len(ordered) - 1))] if ordered else None

    def _forget(self, now: float) -> None:
        while self._lags and self._lags[0][0] < now - MINUTE:
            self._lags.popleft()


class Meter(Protocol):
    """What the screens read of `wire.meter.Meter`: bytes and frames sent, the longest wait in seconds."""

    bytes: int
    frames: int
    shed: int
    worst_stall: float
    stock: bool

    @property
    def slow(self) -> bool:
        """Whether output waits for the terminal."""

    @property
    def last_second(self) -> int:
        """Bytes of the last full second."""

    @property
    def last_minute(self) -> int:
        """Bytes of the last minute."""


@dataclass
class Gauges:
    """What is measured of this console all the time; no meter where no terminal is written to."""

    reactions: Reactions = field(default_factory=Reactions)
    thrift: Thrift = field(default_factory=Thrift)
    meter: Meter | None = None
