"""The front of one Thanos: who asks what somebody else is asking already waits for the same answer.

Promises:

- identical requests under way are one request; it is cancelled when nobody waits for its answer any more;
- at most `PLACES` requests are under way, and each ends within `deadline` seconds, waiting for a place included:
  a Thanos that hangs costs those who ask it, nobody else;
- a range that was just answered is not asked again for `RECENT` seconds: tables and panels share one cache;
- nothing is retried, but once where no byte was exchanged: the connection was refused;
- after a failure to reach the server, whoever asks within `REST` seconds gets that failure at once.

Time is the loop's, so tests need no waiting.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from kurator_tui.api.backoff import lapse
from kurator_tui.errors import ConsoleError, Refused, TimedOut, TooLarge, TransportError
from kurator_tui.metrics.answers import (
    MOST_SERIES,
    PARAMETERS,
    Answer,
    Endpoint,
    Lines,
    Parameters,
    Payload,
    matrix,
    vector,
)

PLACES = 6
DEADLINE = 25.0
REST = 5.0
RECENT = 10.0
MOST_RECENT = 64
"""Answers of ranges that are kept."""
MOST_POINTS = 11_000
"""Points of a series above which Prometheus refuses a range."""
SHORTEST_STEP = 15.0
STEPS = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
"""Steps that are chosen: they divide a day, so that grids of different panels fall together."""


class Grid(NamedTuple):
    """Moments of a range: `start`, `start + step`, … of which there are `points`; Unix seconds."""

    start: float
    step: float
    points: int

    @property
    def end(self) -> float:
        """The last moment."""
        return self.start + (self.points - 1) * self.step


def grid(end: float, seconds: float, *, points: int = 200, step: float = 0.0) -> Grid:
    """A grid of `seconds` up to `end` at multiples of its step, so that panels of one range ask the same thing.

    Without a `step` the finest of `STEPS` is chosen that makes at most `points`; never more than `MOST_POINTS`.
    """
    seconds = max(0.0, seconds)
    step = step if math.isfinite(step) else 0.0
    if step <= 0:
        wanted = seconds / max(1, points)
        step = next((each for each in STEPS if each >= wanted), math.ceil(wanted / 86400) * 86400)
    step = float(max(math.ceil(step), 1, math.ceil(seconds / (MOST_POINTS - 1))))
    last = math.floor(end / step) * step
    count = int(seconds // step) + 1
    return Grid(last - (count - 1) * step, step, count)


@dataclass(slots=True)
class _Shared:
    """One request under way, and how many wait for it."""

    task: asyncio.Task[Payload]
    waiting: int = field(default=0)


class Metrics:
    """A `Source`; see the module for what it promises."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        places: int = PLACES,
        deadline: float = DEADLINE,
        now: Callable[[], float] = lapse,
    ) -> None:
        self._endpoint = endpoint
        self._deadline = deadline
        self._now = now
        self._places = asyncio.Semaphore(places)
        self._shared: dict[tuple[str, Parameters], _Shared] = {}
        self._failed: tuple[float, TransportError] | None = None
        self._recent: dict[tuple[str, Grid], tuple[float, Lines]] = {}
        self.asked = 0
        """Requests sent so far."""

    @property
    def name(self) -> str:
        """Who answers, for people."""
        return self._endpoint.name

    @property
    def pending(self) -> int:
        """Requests under way."""
        return len(self._shared)

    async def query(self, promql: str) -> Answer:
        """The value now. Raises ConsoleError."""
        return vector(await self.get("query", (("query", promql), *PARAMETERS)), self.name)

    async def range(self, promql: str, over: Grid, most: int = 1) -> Lines:
        """The values at the moments of a grid; `most` times the usual number of series. Raises ConsoleError."""
        recent = self._recent.get((promql, over))
        if recent is not None and self._now() < recent[0] + RECENT:
            return recent[1]
        moments = (("start", f"{over.start:.0f}"), ("end", f"{over.end:.0f}"), ("step", f"{over.step:.0f}"))
        found = await self.get("query_range", (("query", promql), *moments, *PARAMETERS))
        lines = matrix(found, self.name, most * MOST_SERIES)
        self._recent.pop((promql, over), None)
        if len(self._recent) >= MOST_RECENT:
            del self._recent[next(iter(self._recent))]
        self._recent[(promql, over)] = (self._now(), lines)
        return lines

    async def get(self, path: str, parameters: Parameters = ()) -> Payload:
        """Any GET of the API; `path` is below /api/v1/. Raises ConsoleError."""
        key = (path, tuple(parameters))
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = _Shared(asyncio.create_task(self._limited(*key), name=f"thanos {path}"))
            shared.task.add_done_callback(lambda task: self._done(key, task))
        shared.waiting += 1
        try:
            return await asyncio.shield(shared.task)
        finally:
            shared.waiting -= 1
            if not shared.waiting and not shared.task.done():
                shared.task.cancel()
                self._forget(key, shared.task)

    async def close(self) -> None:
        """End what is under way."""
        for shared in list(self._shared.values()):
            shared.task.cancel()
        self._shared.clear()
        await self._endpoint.close()

    def _done(self, key: tuple[str, Parameters], task: asyncio.Task[Payload]) -> None:
        self._forget(key, task)
        if not task.cancelled():
            task.exception()  # whoever waited has it; nobody need have waited

    def _forget(self, key: tuple[str, Parameters], task: asyncio.Task[Payload]) -> None:
        if (shared := self._shared.get(key)) is not None and shared.task is task:
            del self._shared[key]

    async def _limited(self, path: str, parameters: Parameters) -> Payload:
        if self._failed is not None and self._now() < self._failed[0] + REST:
            raise type(self._failed[1])(self._failed[1].message, self._failed[1].hint)
        try:
            async with asyncio.timeout(self._deadline), self._places:
                found = await self._once_more(path, parameters)
        except TimeoutError:
            late = TimedOut(f"{self.name} did not answer within {self._deadline:.0f} s.", "Is Thanos overloaded?")
            self._failed = (self._now(), late)
            raise late from None
        except TooLarge:
            self._failed = None  # it does answer
            raise
        except TransportError as error:
            self._failed = (self._now(), error)
            raise
        except ConsoleError:
            self._failed = None  # it does answer
            raise
        self._failed = None
        return found

    async def _once_more(self, path: str, parameters: Parameters) -> Payload:
        self.asked += 1
        try:
            return await self._endpoint.get(path, parameters)
        except Refused:
            self.asked += 1
            return await self._endpoint.get(path, parameters)
