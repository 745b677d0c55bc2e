"""Fitting the columns of a printed table into a width, counted in terminal cells."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from kurator_tui.kinds.base import AnyColumn

ELLIPSIS = "…"
LEAST = 12
"""A text column is not cut below this many cells."""


def width_of(text: str) -> int:
    """Cells a terminal needs for `text`: wide and emoji characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    if "\u1160" <= char <= "\u11ff":  # vowels and finals that join the Hangul syllable before them
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cut(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where it was cut."""
    if width_of(text) <= width:
        return text
    kept, used = [], 0
    for char in text:
        used += _cells(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept) + ELLIPSIS


def align(text: str, width: int, right: bool) -> str:
    """`text` cut or padded to exactly `width` cells."""
    text = cut(text, width)
    padding = " " * (width - width_of(text))
    return padding + text if right else text + padding


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
