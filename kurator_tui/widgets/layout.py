"""How much room each column gets, and text cut and padded to that room. Pure functions; widths are terminal cells.

Text is measured as terminals draw it: CJK and emoji take two cells, combining marks none. Variation selectors and
skin tones are dropped, since terminals disagree on their width and one wrong cell shifts the rest of the line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import get_character_cell_size

from kurator_tui.kinds.base import AnyColumn, Format
from kurator_tui.kinds.width import ELLIPSIS, cut, cut_before, width_of

GAP = 1
"""Cells between two columns; one more where all columns have the room they want."""
MIN_TEXT = 12
"""A text column is dropped rather than squeezed below this (or below its content)."""
MIN_TITLE = 24
"""The same for columns that are never dropped."""
MARKS_PER_CHARACTER = 3
"""Combining marks kept on one character: more only cost bytes."""

_BREAKS = ",;({/&"
"""Within a query, a path or a URL a line may end after these."""
_CAPS = {Format.TEXT: 40, Format.HEALTH: 20}
_DISPUTED = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0000-\U000e01ef]")
RIGHT = frozenset(
    {
        Format.COUNT,
        Format.AGE,
        Format.UNTIL,
        Format.BYTES,
        Format.MILLICORES,
        Format.MILLISECONDS,
        Format.RATIO,
    }
)
"""Formats whose digits line up at the right edge."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One column on the screen: `index` is its place in the list given, `x` its first cell."""

    column: AnyColumn
    index: int
    x: int
    width: int

    @property
    def right(self) -> bool:
        """Whether its cells are aligned to the right."""
        return self.column.format in RIGHT


def _clean(text: str) -> str:
    """`text` without characters of disputed width and with few combining marks on each character."""
    kept: list[str] = []
    marks = 0
    for char in _DISPUTED.sub("", text):
        marks = 0 if get_character_cell_size(char) else marks + 1
        if marks <= MARKS_PER_CHARACTER:
            kept.append(char)
    return "".join(kept)


def cells(text: str) -> int:
    """Width of `text` in cells, as `pad` would draw it."""
    return len(text) if text.isascii() else width_of(_DISPUTED.sub("", text), get_character_cell_size)


def truncate(text: str, width: int, *, ellipsis: str = ELLIPSIS, keeps: str = "") -> str:
    """`text` in at most `width` cells, its end replaced by `…` when it does not fit; see `Column.keeps`."""
    if text.isascii() and len(text) <= width:
        return text
    if keeps:
        return cut_before(keeps, _clean(text), width, ellipsis=ellipsis, measure=get_character_cell_size)
    return cut(_clean(text), width, ellipsis=ellipsis, measure=get_character_cell_size)


def pad(text: str, width: int, *, right: bool = False, ellipsis: str = ELLIPSIS, keeps: str = "") -> str:
    """`text` in exactly `width` cells: truncated when too long, filled with spaces at its far side."""
    if text.isascii() and len(text) <= width:
        return text.rjust(width) if right else text.ljust(width)
    text = truncate(text, width, ellipsis=ellipsis, keeps=keeps)
    fill = " " * (width - cells(text))
    return fill + text if right else text + fill


def wrap(text: str, width: int) -> list[str]:
    """`text` broken at spaces into lines of at most `width` cells; longer words are broken after punctuation if
    that leaves more than half a line, else anywhere."""
    lines: list[str] = []
    line = ""
    for word in _clean(text).split():
        if line and cells(line) + 1 + cells(word) <= width:
            line += " " + word
            continue
        if line:
            lines.append(line)
        while cells(word) > width > 1:
            head = truncate(word, width, ellipsis="")
            after = max(head.rfind(mark) for mark in _BREAKS) + 1
            head = head[:after] if after > len(head) // 2 else head
            lines.append(head)
            word = word[len(head) :]
        line = word
    return [*lines, line] if line else lines


def _least(column: AnyColumn, width: int) -> int:
    """The narrowest `column` may become before another is dropped."""
    if column.format is not Format.TEXT:
        return width
    if column.least:
        return min(width, column.least)
    return min(width, MIN_TITLE if column.priority == 0 else MIN_TEXT)


def _room(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(0, len(widths) - 1)


def _squeeze(widths: list[int], available: int) -> None:
    """Take cells from the widest column until all fit: the last resort."""
    while _room(widths) > available and max(widths, default=0) > 1:
        widest = max(range(len(widths)), key=widths.__getitem__)
        widths[widest] -= 1


def _grow(widths: list[int], wanted: Sequence[int], order: Sequence[int], available: int) -> None:
    """Give free cells to the columns in `order`, each up to what it wants."""
    for position in order:
        free = available - _room(widths)
        if free <= 0:
            return
        widths[position] += max(0, min(free, wanted[position] - widths[position]))


def _drop(columns: Sequence[AnyColumn], chosen: list[int], least: Sequence[int], available: int) -> None:
    """Remove the highest priority number, rightmost first, until the rest fits; priority 0 stays."""
    while _room([least[index] for index in chosen]) > available:
        loser = max(chosen, key=lambda index: (columns[index].priority, index), default=None)
        if loser is None or columns[loser].priority == 0:
            return
        chosen.remove(loser)


def fit_columns(
    columns: Sequence[AnyColumn], widths: Sequence[int], available: int, *, wide: bool = False, shift: int = 0
) -> list[Placed]:
    """Place `columns`, whose contents are `widths` cells wide, on `available` cells.

    Narrow mode drops columns by priority and then lets text columns grow into the room that is left. Wide mode
    drops nothing: columns keep their widths, `shift` of them (after the first) are skipped, the last is cut.
    Never returns a column that lies beyond `available`.
    """
    caps = [
        min(width, column.width or _CAPS.get(column.format, 12))
        for column, width in zip(columns, widths, strict=True)
    ]
    if wide:
        chosen = [index for index in range(len(columns)) if not 1 <= index <= shift]
        sizes = [caps[index] for index in chosen]
    else:
        chosen = [index for index, column in enumerate(columns) if not column.wide]
        least = [_least(column, cap) for column, cap in zip(columns, caps, strict=True)]
        _drop(columns, chosen, least, available)
        sizes = [least[index] for index in chosen]
        _squeeze(sizes, available)
        order = sorted(range(len(chosen)), key=lambda at: (columns[chosen[at]].priority, at))
        _grow(sizes, [caps[index] for index in chosen], order, available)
        _grow(sizes, [widths[index] for index in chosen], order, available)
    roomy = sum(sizes) + (GAP + 1) * len(sizes) <= available
    return _place(columns, chosen, sizes, available, GAP + 1 if roomy else GAP)


def _place(
    columns: Sequence[AnyColumn], chosen: Sequence[int], sizes: Sequence[int], available: int, gap: int
) -> list[Placed]:
    placed: list[Placed] = []
    x = 0
    for index, size in zip(chosen, sizes, strict=True):
        size = min(size, available - x)
        if size <= 0:
            break
        placed.append(Placed(columns[index], index, x, size))
        x += size + gap
    return placed
