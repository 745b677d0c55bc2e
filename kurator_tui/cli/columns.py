"""Fitting the columns of a printed table into a width, counted in terminal cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kurator_tui.kinds.base import AnyColumn
from kurator_tui.kinds.width import width_of

LEAST = 12
"""A text column is not cut below this many cells."""


def fit(
    columns: Sequence[AnyColumn], cells: Mapping[str, Sequence[str]], width: int | None, gap: int
) -> list[tuple[AnyColumn, int]]:
    """Columns with their widths. Over `width`, the widest text is cut first, then columns go by priority."""
    sized = []
    for column in columns:
        longest = max((width_of(text) for text in cells[column.key]), default=0)
        sized.append((column, max(width_of(column.title), min(longest, column.width or 60))))
    if width is None:
        return sized
    while len(sized) > 1 and _total(sized, gap) > width:
        over = _total(sized, gap) - width
        widest = max(range(len(sized)), key=lambda index: sized[index][1])
        column, size = sized[widest]
        if size - over >= LEAST:
            sized[widest] = (column, size - over)
            break
        sized.remove(max(sized, key=lambda entry: entry[0].priority))
    return sized


def _total(sized: Sequence[tuple[AnyColumn, int]], gap: int) -> int:
    return sum(size for _column, size in sized) + gap * (len(sized) - 1)
