"""The bytes that turn what the terminal shows into what it should show: changed cells, few moves, few colours.

Every frame begins and ends with the default pen, and uses absolute positions wherever a terminal's idea of a
character's width might differ from ours.
"""

from __future__ import annotations

from kurator_tui.wire.grid import Grid
from kurator_tui.wire.pens import PLAIN, Pen
from kurator_tui.wire.scroll import find_scroll

NOWHERE = -2
"""Line of a cursor that may be anywhere."""
GAP = 4
"""Unchanged cells that are written again rather than jumped over."""


class Differ:
    """Writes frames of a grid; `scrolls` says whether the terminal surely has scroll regions."""

    def __init__(self, grid: Grid, *, scrolls: bool) -> None:
        self.grid = grid
        self._scrolls = scrolls
        self._next = 0
        """Line to begin with: a frame that was cut short goes on where it ended."""

    def frame(self, limit: float = float("inf")) -> str:
        """Sequences that bring the front up to the back; stops after the line that passes `limit` characters.

        Empty when nothing differs. What was left out is still dirty in the grid.
        """
        grid = self.grid
        changed = grid.changed()
        if not changed:
            return ""
        pencil = _Pencil(grid)
        if self._scrolls and (scroll := find_scroll(grid.front, grid.back, changed)) is not None:
            pencil.scroll(*scroll)
            grid.scrolled(*scroll)
            changed = grid.changed()
        at = next((at for at, y in enumerate(changed) if y >= self._next), 0)
        for y in changed[at:] + changed[:at]:
            if pencil.written > limit:
                self._next = y
                break
            pencil.line(y, grid.front[y], grid.back[y])
            grid.front[y] = grid.back[y]
            grid.dirty.discard(y)
        return pencil.finish()


class _Pencil:
    """Collects one frame. Knows where the terminal's cursor is and which pen it has."""

    def __init__(self, grid: Grid) -> None:
        self._cells = grid.cells
        self._width = grid.width
        self._out: list[str] = []
        self._pen: Pen = PLAIN
        self._x: int | None = None
        """Column of the cursor, None when terminals may differ about it."""
        self._y = NOWHERE
        self._exact = True
        """Whether nothing of doubtful width was written since the last absolute position."""
        self.written = 0

    def scroll(self, top: int, bottom: int, up: int) -> None:
        """Move lines by inserting or deleting some inside a scroll region, in the default pen."""
        lines = f"{up}M" if up > 0 else f"{-up}L"
        self._put(f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H\x1b[{lines}\x1b[r")
        self._x, self._y = None, NOWHERE  # it should be at home now, but not every terminal sends it there

    def line(self, y: int, old: str, new: str) -> None:
        """Write the cells of `new` that differ from `old` on line `y`."""
        tails = self._cells.tails
        done = 0
        for x in [x for x, (was, now) in enumerate(zip(old, new, strict=True)) if was != now]:
            if x < done:
                continue  # the second column of a wide character just written
            at = x - 1 if new[x] in tails else x
            self._go(at, y, new)
            done = at + self._write(new[at])

    def finish(self) -> str:
        """The frame, back in the default pen."""
        if self._pen != PLAIN:
            self._put(self._cells.pens.change(self._pen, PLAIN))
        return "".join(self._out)

    def _put(self, text: str) -> None:
        self._out.append(text)
        self.written += len(text)

    def _write(self, cell: str) -> int:
        """Write one cell at the cursor; returns its columns."""
        cells = self._cells
        number = ord(cell)
        pen = cells.pen[number]
        if pen is not self._pen:
            if pen != self._pen:
                self._put(cells.pens.change(self._pen, pen))
            self._pen = pen
        self._put(cells.text[number])
        columns = 2 if cell in cells.wide else 1
        if self._x is not None:
            self._x += columns
            if self._x >= self._width or cell in cells.lost:
                self._x = None  # at the margin some terminals' cursor stays, others' waits behind it
        if cell in cells.unsure:
            self._exact = False
        return columns

    def _go(self, x: int, y: int, line: str) -> None:
        """Put the cursor on a cell, by the shortest sure way."""
        if y == self._y and self._x == x:
            return
        if y == self._y and self._x is not None and self._exact:
            step = x - self._x
            if step > GAP or not self._fill(line[self._x : x]):
                self._put("\x1b[C" if step == 1 else f"\x1b[{step}C")
        else:
            if x == 0 and y == self._y + 1:
                self._put("\r\n")
            else:
                self._put(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
            self._exact = True
        self._x, self._y = x, y

    def _fill(self, gap: str) -> bool:
        """Write the unchanged cells of a gap again when that takes no other pen; whether it was done."""
        cells = self._cells
        if any(cells.pen[ord(cell)] != self._pen or cell in cells.unsure for cell in gap):
            return False
        for cell in gap:
            if cell not in cells.tails:
                self._write(cell)
        return True
