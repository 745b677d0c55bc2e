"""`histogram_quantile` over classic buckets, interpolated as Prometheus does."""

import math
from bisect import bisect_left
from collections.abc import Sequence

from kurator_tui.demo.promql.values import NAME, Column, Key, Labels, Scalars, Vector, other_than

Bucket = tuple[float, float]
"""(upper bound, observations up to it)."""


def bucket_quantile(share: float, buckets: Sequence[Bucket]) -> float:
    """The quantile of observations in these buckets (any order); NaN where they cannot tell."""
    if math.isnan(share):
        return math.nan
    if not 0 <= share <= 1:
        return math.copysign(math.inf, share)
    bounds, counts = _monotonic(buckets)
    if len(bounds) < 2 or bounds[-1] != math.inf or counts[-1] == 0:
        return math.nan
    rank = share * counts[-1]
    if math.isnan(rank):
        return bounds[-2]
    place = bisect_left(counts, rank, 0, len(counts) - 1)
    if place == len(counts) - 1:
        return bounds[-2]
    if place == 0 and bounds[0] <= 0:
        return bounds[0]
    start, below = (bounds[place - 1], counts[place - 1]) if place else (0.0, 0.0)
    inside = counts[place] - below
    if not inside:
        return math.nan
    return start + (bounds[place] - start) * ((rank - below) / inside)


def _monotonic(buckets: Sequence[Bucket]) -> tuple[list[float], list[float]]:
    """Bounds in order, each once, with counts that never decrease."""
    bounds: list[float] = []
    counts: list[float] = []
    for bound, count in sorted(buckets, key=lambda bucket: bucket[0]):
        if bounds and bounds[-1] == bound:
            counts[-1] += count
        else:
            bounds.append(bound)
            counts.append(count)
    for place in range(1, len(counts)):
        counts[place] = max(counts[place - 1], counts[place])
    return bounds, counts


def histogram_quantile(share: Scalars, vector: Vector) -> Vector:
    """The quantile of each group of buckets that differ by `le` alone."""
    key = other_than(("le",))
    groups: dict[Key, list[tuple[float, Column]]] = {}
    for column in vector:
        bound = _bound(column.labels)
        if bound is not None:
            groups.setdefault(key(column.labels), []).append((bound, column))
    found = []
    for labels, buckets in groups.items():
        bounds = [bound for bound, _column in buckets]
        rows = zip(*(column.values for _bound, column in buckets), strict=True)
        values: list[float | None] = []
        for quantile, row in zip(share, rows, strict=True):
            present = [(bound, count) for bound, count in zip(bounds, row, strict=True) if count is not None]
            values.append(bucket_quantile(quantile, present) if present else None)
        found.append(Column({name: value for name, value in labels if name != NAME}, values))
    return found


def _bound(labels: Labels) -> float | None:
    try:
        return float(labels["le"])
    except (KeyError, ValueError):
        return None
