"""Lines drawn with Braille dots: eight dots a cell, two across and four down. Pure; knows no widget and no theme.

A line costs what its columns of dots cost, however many points it has: each column holds the span from the lowest
to the highest value that falls into it, joined to the column before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

ACROSS, DOWN = 2, 4
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bit of each dot by its column and, from the top, its row."""
_SPANS = [
    [
        [sum(column[row] for row in range(top, bottom + 1)) if top <= bottom else 0 for bottom in range(DOWN)]
        for top in range(DOWN)
    ]
    for column in _BITS
]
"""Bits of the dots from one row to another, by column."""
_GLYPHS = [chr(0x2800 + mask) for mask in range(256)]
_UPPER = sum(_BITS[column][row] for column in range(ACROSS) for row in (0, 1))
_ASCII = [
    " " if not mask else ":" if mask & _UPPER and mask & ~_UPPER else "'" if mask & _UPPER else "."
    for mask in range(256)
]

NOBODY = -1

Run = tuple[str, int]
"""Text, and which line it belongs to (`NOBODY` for empty cells)."""


class Canvas:
    """`width` by `height` cells. Lines are numbered; where two meet in a cell, the one drawn last has it."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(1, width), max(1, height)
        self._masks = [[0] * self.width for _ in range(self.height)]
        self._owners = [[NOBODY] * self.width for _ in range(self.height)]

    def line(self, number: int, values: Sequence[float], low: float, high: float) -> None:
        """Draw `values`, which are equally far apart over the whole width; NaN is a gap, infinity the edge.

        `low` and `high` are the values at the bottom and top edge.
        """
        columns, rows = self.width * ACROSS, self.height * DOWN
        scale = (rows - 1) / (high - low) if high > low else 0.0
        tops, bottoms = [rows] * columns, [-1] * columns
        column, row = -1, 0  # of the point before; no column after a gap
        for x, value in zip(_columns(len(values), columns), values, strict=True):
            if low <= value <= high:
                y = int((high - value) * scale + 0.5)
            elif value != value:
                column = -1
                continue
            else:
                y = 0 if value > high else rows - 1 if scale else 0
            if column >= 0 and x - column > 1:
                _join(tops, bottoms, column, row, x, y)
            top, bottom = (y, y) if column < 0 or x - column > 1 else (y, row) if y < row else (row, y)
            if x > column >= 0 and bottom > top:  # neighbours touch at the corner
                top, bottom = (top, bottom - 1) if y < row else (top + 1, bottom)
            if top < tops[x]:
                tops[x] = top
            if bottom > bottoms[x]:
                bottoms[x] = bottom
            column, row = x, y
        self._fill(number, tops, bottoms)

    def _fill(self, number: int, tops: list[int], bottoms: list[int]) -> None:
        masks, owners = self._masks, self._owners
        for column, top in enumerate(tops):
            bottom = bottoms[column]
            if bottom < 0:
                continue
            x, spans = column >> 1, _SPANS[column & 1]
            first, last = top >> 2, bottom >> 2
            if first == last:
                owners[first][x] = number
                masks[first][x] |= spans[top & 3][bottom & 3]
                continue
            for row in range(first, last + 1):
                owners[row][x] = number
                masks[row][x] |= spans[top & 3 if row == first else 0][bottom & 3 if row == last else 3]

    def empty(self, x: int, y: int) -> bool:
        """Whether nothing was drawn in that cell."""
        return not self._masks[y][x]

    def row(self, y: int, *, ascii_only: bool = False) -> list[Run]:
        """One row of cells from the left, as runs of one line each."""
        glyphs = _ASCII if ascii_only else _GLYPHS
        masks = self._masks[y]
        runs: list[Run] = []
        at = 0
        for owner, group in groupby(self._owners[y]):
            length = sum(1 for _ in group)
            part = masks[at : at + length]
            runs.append((" " * length if owner == NOBODY else "".join([glyphs[mask] for mask in part]), owner))
            at += length
        return runs


@lru_cache(64)
def _columns(number: int, columns: int) -> tuple[int, ...]:
    """The column of dots of each of `number` values."""
    stretch = (columns - 1) / (number - 1) if number > 1 else 0.0
    return tuple([int(at * stretch + 0.5) for at in range(number)])


def _join(tops: list[int], bottoms: list[int], column: int, row: int, x: int, y: int) -> None:
    """A straight line over the columns between two points that are further apart."""
    last = row
    for between in range(column + 1, x):
        here = row + (y - row) * (between - column) // (x - column)
        top, bottom = (here, last - 1 if last > here else here) if here <= last else (last + 1, here)
        tops[between] = min(tops[between], top)
        bottoms[between] = max(bottoms[between], bottom)
        last = here
    if last - y > 1 or y - last > 1:
        tops[x] = min(tops[x], y if y < last else last + 1)
        bottoms[x] = max(bottoms[x], y if y > last else last - 1)
