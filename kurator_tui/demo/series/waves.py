"""Shapes of simulated metrics over time: waves, their integrals, and steps.

A wave is a sum of a few oscillations that all waves share, so that thousands of series over thousands of scrapes
cost a few multiplications a sample. Counters are integrals of waves that stay above zero: they never decrease, and
their rate is the wave.
"""

import hashlib
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from kurator_tui.demo.promql.series import Function
from kurator_tui.demo.promql.values import Seconds

#: Seconds of the oscillations: minutes, an hour and a half, a day.
_PERIODS = (600.0, 5400.0, 86400.0)


@lru_cache(maxsize=32)
def _oscillations(seconds: Seconds) -> list[tuple[float, ...]]:
    """(time, sine and cosine of each oscillation) at each time."""
    paces = [math.tau / period for period in _PERIODS]
    return [(t, *(f(pace * t) for pace in paces for f in (math.sin, math.cos))) for t in seconds]


@dataclass(frozen=True, slots=True)
class Linear:
    """A function of time: a constant, a slope, and the shared oscillations each times something."""

    constant: float
    terms: tuple[float, ...]

    def __call__(self, seconds: Seconds) -> list[float]:
        """As `Function`."""
        constant, (slope, s1, c1, s2, c2, s3, c3) = self.constant, self.terms
        return [
            constant + slope * t + s1 * sa + c1 * ca + s2 * sb + c2 * cb + s3 * sc + c3 * cc
            for t, sa, ca, sb, cb, sc, cc in _oscillations(seconds)
        ]

    @staticmethod
    def added(parts: Sequence["Linear"]) -> "Linear":
        """The sum of several: as cheap to ask as each of them."""
        terms = zip(*(part.terms for part in parts), strict=True)
        return Linear(sum(part.constant for part in parts), tuple(map(sum, terms)))


class Wave(NamedTuple):
    """`base` with a swing of `swings[n]` around it at the n-th oscillation, shifted by `phases[n]` (radians)."""

    base: float
    swings: tuple[float, float, float]
    phases: tuple[float, float, float]

    def gauge(self, scale: float = 1.0, offset: float = 0.0) -> Linear:
        """The wave, scaled, as a function of time."""
        terms = [0.0]
        for swing, phase in zip(self.swings, self.phases, strict=True):
            terms += [scale * swing * math.cos(phase), scale * swing * math.sin(phase)]
        return Linear(offset + scale * self.base, tuple(terms))

    def counter(self, start: float, scale: float = 1.0) -> Linear:
        """What the scaled wave has added up to since `start` (seconds since 1970); zero or more from then on."""
        terms = [scale * self.base]
        constant = -scale * self.base * start
        for swing, phase, period in zip(self.swings, self.phases, _PERIODS, strict=True):
            reach = scale * swing * period / math.tau
            terms += [reach * math.sin(phase), -reach * math.cos(phase)]
            constant += reach
        return Linear(constant, tuple(terms))


def scaled(function: Linear, factor: float) -> Linear:
    """A share of something."""
    return Linear(factor * function.constant, tuple(factor * term for term in function.terms))


def wave(name: str, low: float, high: float) -> Wave:
    """A wave of its own for each name, between about `low` and `high` and never below zero."""
    base = low + (high - low) * share(name, 0)
    parts = (0.10 + 0.12 * share(name, 1), 0.08 + 0.1 * share(name, 2), 0.15 + 0.2 * share(name, 3))
    phases = (math.tau * share(name, 4), math.tau * share(name, 5), 0.4 * share(name, 6))
    return Wave(base, (base * parts[0], base * parts[1], base * parts[2]), phases)


def share(name: str, number: int) -> float:
    """A value between 0 and 1 of the name's own."""
    return _digest(name)[number] / 255


@lru_cache(maxsize=65536)
def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


def constant(value: float) -> Function:
    """The same at all times."""
    return lambda seconds: [value] * len(seconds)


def each(of: Callable[[float], float]) -> Function:
    """A function of one time, at each."""
    return lambda seconds: [of(t) for t in seconds]


def steps(times: Sequence[float], values: Sequence[float]) -> Function:
    """From each of `times` (ascending, seconds) on one of `values`; before the first, the first."""
    return lambda seconds: [values[max(0, bisect_right(times, t) - 1)] for t in seconds]
