"""The requests that workloads answer: how many, how many of them well, how fast, as functions of time.

Whoever moves the world sets it (a canary that is bad here fails its gates, in the member's own Prometheus and in
Thanos); the demo's series read it.  Nobody who never set anything gets healthy traffic.  Reads no clock but the
world's, and what `course` gives never changes, so another thread may evaluate it.

A workload is told by (cluster, namespace, name of the Deployment).  As Flagger has it, `backend` is the canary and
`backend-primary` what serves everybody else; `split` divides the traffic of both as a VirtualService does.
"""

import hashlib
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from kurator_tui.demo.world.clock import WorldClock

HISTORY = 30 * 86400.0
"""Seconds before the start of the world at which all counters were zero."""
_MOST = 200
_PERIOD, _SWING = 1800.0, 0.15
_SPREAD = 0.6
_Z99 = 2.3263478740408408
PRIMARY = "-primary"


class Key(NamedTuple):
    """One workload of one cluster."""

    cluster: str
    namespace: str
    workload: str


@dataclass(frozen=True, slots=True)
class State:
    """Traffic while nothing changes: `rate` requests a second, `success` the share (0 to 1) not answered with
    a 5xx, `p99` the 99th percentile of the answer times in milliseconds."""

    rate: float
    success: float
    p99: float

    def within(self, milliseconds: float) -> float:
        """The share of the answers that took at most this long; a log-normal spread."""
        if milliseconds <= 0:
            return 0.0
        return _normal(_Z99 + math.log(milliseconds / self.p99) / _SPREAD)

    @property
    def mean(self) -> float:
        """Mean answer time, milliseconds."""
        return self.p99 * math.exp(_SPREAD * _SPREAD / 2 - _Z99 * _SPREAD)


@dataclass(frozen=True, slots=True)
class Course:
    """A workload's traffic over time: from each of `times` (seconds since 1970, ascending) on, one of `states`."""

    times: tuple[float, ...]
    states: tuple[State, ...]
    phase: float
    _last: list[tuple[Sequence[float], list[tuple[int, float]]]] = field(default_factory=list, repr=False)

    def at(self, t: float) -> State:
        """What holds at `t`; before the first change, what held then."""
        return self.states[max(0, bisect_right(self.times, t) - 1)]

    def counter(self, weigh: Callable[[State], float]) -> Callable[[float], float]:
        """How much there has been up to a time, of what `weigh` gives for one request; never decreasing."""
        total = self.counters(weigh)
        return lambda t: total((t,))[0]

    def counters(self, weigh: Callable[[State], float]) -> Callable[[Sequence[float]], list[float]]:
        """As `counter`, for many times (ascending)."""
        weights = [state.rate * weigh(state) for state in self.states]
        totals = [0.0]
        for number in range(1, len(self.times)):
            passed = self._elapsed(self.times[number]) - self._elapsed(self.times[number - 1])
            totals.append(totals[-1] + weights[number - 1] * passed)

        def total(times: Sequence[float]) -> list[float]:
            return [totals[number] + weights[number] * passed for number, passed in self._passed(times)]

        return total

    def _passed(self, times: Sequence[float]) -> list[tuple[int, float]]:
        """For each time: which state holds, and how much time, as `_elapsed` counts it, it has held.

        All counters of a workload are asked for the same times, one after the other: the last answer is kept.
        """
        if self._last and self._last[0][0] is times:
            return self._last[0][1]
        since = [self._elapsed(t) for t in self.times]
        found = []
        for t in times:
            number = max(0, bisect_right(self.times, t) - 1)
            found.append((number, max(0.0, self._elapsed(t) - since[number])))
        self._last[:] = [(times, found)]
        return found

    def _elapsed(self, t: float) -> float:
        """Time, swinging around the clock's: busier and quieter quarters of an hour."""
        pace = math.tau / _PERIOD
        return t - _SWING / pace * math.cos(pace * t + self.phase)


class Traffic:
    """Traffic by workload."""

    def __init__(self, clock: WorldClock) -> None:
        self._clock = clock
        self._courses: dict[Key, list[tuple[float, State]]] = {}
        self.changes = 0
        """Counts what `set` changed, so that others know whether to look again."""

    def state(self, cluster: str, namespace: str, workload: str) -> State:
        """What holds now."""
        return self._course(Key(cluster, namespace, workload))[-1][1]

    def set(
        self,
        cluster: str,
        namespace: str,
        workload: str,
        *,
        rate: float | None = None,
        success_rate: float | None = None,
        latency: float | None = None,
    ) -> None:
        """From now on: requests a second, the share (0 to 1) that succeeds, the 99th percentile in milliseconds.

        What is None stays.  Raises ValueError for what cannot be.
        """
        if (rate or 0.0) < 0 or not 0 <= (success_rate or 0.0) <= 1 or (latency is not None and latency <= 0):
            raise ValueError("rates are not negative, shares between 0 and 1, latencies positive")
        course = self._course(Key(cluster, namespace, workload))
        before = course[-1][1]
        after = replace(
            before,
            rate=before.rate if rate is None else rate,
            success=before.success if success_rate is None else success_rate,
            p99=before.p99 if latency is None else latency,
        )
        if after == before:
            return
        self.changes += 1
        now = self._clock.wall()
        if now <= course[-1][0]:
            course[-1] = (course[-1][0], after)
        else:
            course.append((now, after))
        if len(course) > _MOST:
            del course[1]  # the oldest change is forgotten: what held first goes on until the next one

    def split(self, cluster: str, namespace: str, target: str, weight: float) -> None:
        """Send `weight` percent of a target's traffic to its canary, the rest to its primary."""
        total = _usual(Key(cluster, namespace, target)).rate
        self.set(cluster, namespace, target, rate=total * weight / 100)
        self.set(cluster, namespace, target + PRIMARY, rate=total * (100 - weight) / 100)

    def heal(self, cluster: str, namespace: str, workload: str) -> None:
        """Success and latency as they were before anybody changed them."""
        well = _usual(Key(cluster, namespace, workload))
        self.set(cluster, namespace, workload, success_rate=well.success, latency=well.p99)

    def course(self, cluster: str, namespace: str, workload: str) -> Course:
        """The workload's traffic as it is known now, from the start of all counters."""
        key = Key(cluster, namespace, workload)
        times, states = zip(*self._course(key), strict=True)
        return Course(times, states, _share(key, 3) * math.tau)

    def _course(self, key: Key) -> list[tuple[float, State]]:
        if key not in self._courses:
            self._courses[key] = [(self._clock.epoch - HISTORY, _usual(key))]
        return self._courses[key]


def _usual(key: Key) -> State:
    """Healthy traffic, different for each workload; a primary answers as its canary did."""
    key = key._replace(workload=key.workload.removesuffix(PRIMARY))
    return State(
        rate=8.0 + 72.0 * _share(key, 0) ** 2,
        success=0.9995 - 0.002 * _share(key, 1),
        p99=60.0 + 240.0 * _share(key, 2),
    )


def _share(key: Key, number: int) -> float:
    """A value between 0 and 1 of the workload's own."""
    return hashlib.sha256("/".join(key).encode()).digest()[number] / 255


def _normal(z: float) -> float:
    """The standard normal distribution's share below `z`."""
    return 0.5 * math.erfc(-z / math.sqrt(2))
