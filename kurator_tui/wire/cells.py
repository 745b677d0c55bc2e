"""Cells as single characters of a Python string: a line of the screen is one string, compared and cut at C speed.

Each distinct (text, pen) gets a private code point, its *cell*; a character that is two columns wide is its cell
followed by a tail. The number says nothing to a terminal: `text` and `pen` say what to write. Control characters
get no cell, so none can ever be written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from rich.cells import split_graphemes
from textual.strip import Strip

from kurator_tui.wire.pens import PLAIN, Pen, Pens

UNKNOWN = "\0"
"""The cell of a place nobody painted; it differs from every painted one and is written as a blank."""
BLANK = "\1"
"""A space in the default pen: what erasing leaves after a reset."""
LIMIT = 20_000
"""Cells after which the tables begin anew: every letter in every look of a screen is some 5,000."""
STRIPS = 600
"""Strips whose cells are kept: those of two or three screens."""
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])
_NARROW = ((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x24F), (0x370, 0x482), (0x2500, 0x259F), (0x2800, 0x28FF))
"""Characters that every terminal draws in one column: letters, boxes, blocks, Braille."""
_WIDE = ((0x2E80, 0x303E), (0x3041, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFF01, 0xFF60))
"""Characters that every terminal draws in two columns: CJK, but no emoji."""
_SIGNS = ((0x2010, 0x2027), (0x2190, 0x21FF), (0x25A0, 0x25FC), (0x2713, 0x2718))
"""Characters of one column that stand alone, though some terminal may draw them wider: dashes, arrows, shapes."""
_SINGLE = re.compile(
    "[ -~" + "".join(f"{chr(first)}-{chr(last)}" for first, last in (*_NARROW[1:], *_SIGNS)) + "]*"
)
"""Text of which each character is a cell of its own: no need to look for clusters."""


class _Table(dict[str, str]):
    """Text of one column -> cell, for one pen; makes what it has not."""

    def __init__(self, make: Callable[[str, int], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> str:
        cell = self[text] = self._make(text, 1)
        return cell


class Cells:
    """Turns strips into strings of cells, and cells back into text and pen."""

    def __init__(self, pens: Pens) -> None:
        self.pens = pens
        self.reset()

    def reset(self) -> None:
        """Forget all cells: every string made before is void."""
        self.text: list[str] = [" ", " "]
        self.pen: list[Pen] = [PLAIN, PLAIN]
        self.wide: set[str] = set()
        """Cells of characters two columns wide."""
        self.tails: dict[str, str] = {}
        """Second columns of wide characters -> the blank of the same pen."""
        self.unsure: set[str] = set()
        """Cells that some terminal may draw wider or narrower: what follows is placed absolutely."""
        self.lost: set[str] = set()
        """Of those, emoji and clusters: even their direct neighbour is placed absolutely."""
        self._tables: dict[Pen, _Table] = {PLAIN: _Table(lambda text, width: self._make(PLAIN, text, width))}
        self._tables[PLAIN][" "] = BLANK
        self._tail_of: dict[Pen, str] = {}
        self._wides: dict[tuple[Pen, str], str] = {}
        self._strips: dict[int, tuple[Strip, str]] = {}

    @property
    def full(self) -> bool:
        """Whether it is time to `reset`."""
        return len(self.text) > LIMIT

    def of(self, strip: Strip) -> str:
        """The cells of `strip`, one character a column. Strips never change, so the answer is kept by identity."""
        found = self._strips.get(id(strip))
        if found is not None:
            return found[1]
        cells = "".join(
            [self._segment(text, self.pens.of(style)) for text, style, control in strip if not control]
        )
        if len(self._strips) >= STRIPS:
            self._strips.clear()
        self._strips[id(strip)] = (strip, cells)
        return cells

    def blank(self, cell: str) -> str:
        """A space in the pen of `cell`."""
        return self._table(self.pen[ord(cell)])[" "]

    def whole(self, cells: str) -> str:
        """`cells` with halves of wide characters at both ends made blank."""
        if self.wide and cells:
            if cells[0] in self.tails:
                cells = self.tails[cells[0]] + cells[1:]
            if cells[-1] in self.wide:
                cells = cells[:-1] + self.blank(cells[-1])
        return cells

    def _segment(self, text: str, pen: Pen) -> str:
        table = self._table(pen)
        if _SINGLE.fullmatch(text):
            return "".join(map(table.__getitem__, text))
        text = text.translate(_CONTROLS)
        cells: list[str] = []
        spans, _ = split_graphemes(text)
        for start, end, width in spans:
            if width == 1:
                cells.append(table[text[start:end]])
            elif width:
                cells += (self._wide_cell(pen, text[start:end]), self._tail(pen))
        return "".join(cells)

    def _table(self, pen: Pen) -> _Table:
        table = self._tables.get(pen)
        if table is None:
            table = self._tables[pen] = _Table(lambda text, width: self._make(pen, text, width))
        return table

    def _make(self, pen: Pen, text: str, width: int) -> str:
        number = len(self.text)
        if number > sys.maxunicode:
            raise OverflowError("too many different cells")
        cell = chr(number)
        self.text.append(text)
        self.pen.append(pen)
        if width and not _sure(text, width):
            self.unsure.add(cell)
            if width > 1 or len(text) > 1:
                self.lost.add(cell)
        return cell

    def _wide_cell(self, pen: Pen, text: str) -> str:
        cell = self._wides.get((pen, text))
        if cell is None:
            cell = self._wides[pen, text] = self._make(pen, text, 2)
            self.wide.add(cell)
        return cell

    def _tail(self, pen: Pen) -> str:
        tail = self._tail_of.get(pen)
        if tail is None:
            tail = self._tail_of[pen] = self._make(pen, "", 0)
            self.tails[tail] = self._table(pen)[" "]
        return tail


def _sure(text: str, width: int) -> bool:
    """Whether terminals agree that `text` is `width` columns wide."""
    if len(text) != 1:
        return False
    return any(first <= ord(text) <= last for first, last in (_NARROW if width == 1 else _WIDE))
