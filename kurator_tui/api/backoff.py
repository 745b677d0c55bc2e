"""How long to wait before trying again, and what time is. Knows nothing of clusters."""

from __future__ import annotations

import asyncio
import random
from typing import Protocol

LONGEST_RETRY_AFTER = 300.0
"""Seconds: a server that asks for more than that is asked again earlier."""


_RNG = random.Random()
"""Shared: one of its own costs each of thousands of watches 2.5 KiB."""


class Clock(Protocol):
    """Time, injected. `now` is monotonic seconds."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


def lapse() -> float:
    """Seconds that no step of the clock moves: the running loop's time."""
    return asyncio.get_running_loop().time()


class SystemClock:
    def now(self) -> float:
        return lapse()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Herd:
    """Watches that could all come back in the same moment. Used as a context manager by each while it waits.

    `spacing` is the seconds a return should have for itself: connecting over TLS and reading what was missed take
    a few milliseconds of processor time on either side.
    """

    def __init__(self, spacing: float = 0.003) -> None:
        self.waiting = 0
        self._spacing = spacing

    def __enter__(self) -> Herd:
        self.waiting += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.waiting -= 1

    def spread(self, least: float, rng: random.Random) -> float:
        """A moment (seconds from now) within `least`, or within what the others that wait need one by one."""
        return rng.uniform(0, max(least, (self.waiting - 1) * self._spacing))


class Backoff:
    """Exponential with full jitter: ceilings base, 2·base, 4·base … cap, and any moment below the ceiling.

    The first retry comes within `base`; no delay is shorter than half of it. `slow` is for answers that will
    not change by themselves soon (a missing permission): 5 s, then 15, 45 and 60 s, each a quarter more or less.
    """

    def __init__(
        self,
        base: float = 0.2,
        cap: float = 15.0,
        slow_base: float = 5.0,
        slow_cap: float = 60.0,
        rng: random.Random | None = None,
    ) -> None:
        self.attempts = 0
        self.rng = rng or _RNG
        self._base, self._cap = base, cap
        self._slow_base, self._slow_cap = slow_base, slow_cap

    def reset(self) -> None:
        """After a success."""
        self.attempts = 0

    def next(self, retry_after: float | None = None) -> float:
        """Seconds to wait; never less than `retry_after` when the server gave it."""
        ceiling = min(self._cap, self._base * 2 ** min(self.attempts, 30))
        return self._wait(max(self._base / 2, self.rng.uniform(0, ceiling)), retry_after)

    def slow(self, retry_after: float | None = None) -> float:
        """Seconds to wait after an answer that trying again soon will not change."""
        around = min(self._slow_cap, self._slow_base * 3 ** min(self.attempts, 10))
        return self._wait(around * self.rng.uniform(0.75, 1.25), retry_after)

    def _wait(self, delay: float, retry_after: float | None) -> float:
        self.attempts += 1
        if retry_after is None:
            return delay
        return max(delay, min(retry_after, LONGEST_RETRY_AFTER) + self.rng.uniform(0, self._base))
