"""When something is full: a robust linear trend (Theil–Sen) of its use, and how far it can be trusted. Pure.

The slope is the median of the slopes between all pairs of points, so single spikes do not move it; its 95 % bounds
are those of Sen (1968), its confidence is Kendall's tau. Nothing is said of what does not grow steadily.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

FEWEST, MOST = 8, 36
"""Points below which nothing is said, and above which every n-th is taken: the work grows with their square."""
STEADY = 0.5
"""Kendall's tau below which there is no trend to speak of."""
LONGEST = 30 * 24.0
"""Hours beyond which nothing is said."""
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Forecast:
    """Hours until full, with 95 % bounds, and how steady the growth is (0.0 … 1.0)."""

    hours: float
    earliest: float
    latest: float
    confidence: float


def forecast(points: Sequence[tuple[float, float]], full: float = 1.0) -> Forecast | None:
    """When the value reaches `full`, from (Unix seconds, value); None where that cannot be said.

    Values that are no numbers are left out.
    """
    sound = [(at, value) for at, value in points if math.isfinite(value)]
    if len(sound) > MOST:
        sound = [sound[round(number * (len(sound) - 1) / (MOST - 1))] for number in range(MOST)]
    if len(sound) < FEWEST:
        return None
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(sound, 2) if b[0] > a[0])
    if not slopes:
        return None
    rising = sum(slope > 0 for slope in slopes) - sum(slope < 0 for slope in slopes)
    tau, slope = rising / len(slopes), median(slopes)
    last = sound[-1][0]
    level = median(value + slope * (last - at) for at, value in sound)
    room = full - level
    if tau < STEADY or slope <= 0:
        return None
    low, high = _bounds(slopes, len(sound))
    hours = max(0.0, room / slope / 3600)
    if hours > LONGEST or low <= 0:
        return None
    return Forecast(hours, max(0.0, room / high / 3600), max(0.0, room / low / 3600), tau)


def _bounds(slopes: Sequence[float], points: int) -> tuple[float, float]:
    """The slopes between which the true one lies at 95 %."""
    wide = _Z * math.sqrt(points * (points - 1) * (2 * points + 5) / 18)
    low = max(0, round((len(slopes) - wide) / 2))
    high = min(len(slopes) - 1, round((len(slopes) + wide) / 2))
    return slopes[low], slopes[high]
