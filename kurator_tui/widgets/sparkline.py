"""A few values as one line of blocks for a cell of a table. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII_BLOCKS = "_.-~=+*#"


def spark(
    values: Sequence[float],
    width: int,
    *,
    low: float | None = None,
    high: float | None = None,
    ascii_only: bool = False,
) -> str:
    """The last values in `width` cells, each cell the mean of its share; a blank where there is none.

    Without `low` the scale begins at zero or at the least value below it; without `high` it ends at the greatest.
    """
    blocks = ASCII_BLOCKS if ascii_only else BLOCKS
    shares = _shares(values, width)
    known = [value for value in shares if value is not None]
    if not known:
        return " " * width
    bottom = min(0.0, *known) if low is None else low
    top = max(known) if high is None else high
    reach = top - bottom
    text = "".join(" " if value is None else blocks[_step(value - bottom, reach)] for value in shares)
    return text.rjust(width)


def _step(height: float, reach: float) -> int:
    return min(7, max(0, int(height / reach * 8))) if reach > 0 else 0


def _shares(values: Sequence[float], width: int) -> list[float | None]:
    """At most `width` means of neighbours; infinite values count as none."""
    size = max(1, math.ceil(len(values) / max(1, width)))
    first = len(values) % size
    parts = [values[:first]] if first else []
    parts += [values[at : at + size] for at in range(first, len(values), size)]
    return [_mean(part) for part in parts][-width:]


def _mean(part: Sequence[float]) -> float | None:
    finite = [value for value in part if math.isfinite(value)]
    return sum(finite) / len(finite) if finite else None
