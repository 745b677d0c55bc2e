"""The bytes that turn what the terminal shows into what it should show: changed cells, few moves, few colours.

Every frame begins and ends with the default pen, and uses absolute positions wherever a terminal's idea of a
character's width might differ from ours. A change of pen in true colour is longer than a move, so a frame is
written pen by pen: a page of a colourful table has hundreds of pieces and only some ten pens.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rich.color import ColorSystem

from kurator_tui.wire.grid import Grid
from kurator_tui.wire.pens import PLAIN, Pen
from kurator_tui.wire.scroll import find_scroll
from kurator_tui.wire.terminal import Skills

NOWHERE = -2
"""Line of a cursor that may be anywhere."""
GAP = 4
"""Unchanged cells that are written again rather than jumped over."""
BACK = 4
"""Columns that are stepped back one by one."""
MOVE = 8
"""About the characters of a move of the cursor."""
BLANKS = " " * 7
"""Blanks that are longer than the sequence that erases them."""
_ERASED = re.compile(rf" {{{2 * len(BLANKS)},}}|{BLANKS} *$")
"""Blanks to erase: inside a text the cursor has to be moved behind them as well."""


class Differ:
    """Writes frames of a grid, with the `skills` of a terminal."""

    def __init__(self, grid: Grid, skills: Skills) -> None:
        self.grid = grid
        self._skills = skills
        self._by_pen = grid.cells.pens.depth in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT)
        """Whether a change of pen costs more than a move of the cursor."""
        self._next = 0
        """Line to begin with: a frame that was cut short goes on where it ended."""

    def frame(self, limit: float = float("inf")) -> str:
        """Sequences that bring the front up to the back; the first lines, about `limit` characters of them.

        Empty when nothing differs. What was left out is still dirty in the grid.
        """
        grid = self.grid
        changed = grid.changed()
        if not changed:
            return ""
        pencil = Pencil(grid, erases=self._skills.erases)
        if self._skills.scrolls and (scroll := find_scroll(grid.front, grid.back, changed)) is not None:
            pencil.scroll(*scroll)
            grid.scrolled(*scroll)
            changed = grid.changed()
        runs = self._take(changed, limit)
        if self._by_pen:
            order: dict[Pen, list[Run]] = {}
            for run in runs:
                order.setdefault(run.pen, []).append(run)
            runs = [run for same in order.values() for run in same]
        for run in runs:
            pencil.run(run)
        return pencil.finish()

    def _take(self, changed: list[int], limit: float) -> list[Run]:
        """Runs of the changed lines, which are clean then; the first lines that fill `limit`."""
        grid = self.grid
        at = next((at for at, y in enumerate(changed) if y >= self._next), 0)
        runs: list[Run] = []
        cost = 0
        for y in changed[at:] + changed[:at]:
            if cost > limit:
                self._next = y
                break
            found = self._runs(y)
            cost += sum(MOVE + run.end - run.start for run in found)
            runs += found
            grid.front[y] = grid.back[y]
            grid.dirty.discard(y)
        return runs

    def _runs(self, y: int) -> list[Run]:
        """Cells of line `y` that differ, in runs of one pen; gaps that cost less than a move are part of a run."""
        cells, old, new = self.grid.cells, self.grid.front[y], self.grid.back[y]
        runs: list[Run] = []
        pen: Pen | None = None
        start = end = 0
        for x in [x for x, (was, now) in enumerate(zip(old, new, strict=True)) if was != now]:
            if x < end:
                continue  # the second column of a wide character
            at = x - 1 if new[x] in cells.tails else x
            its = cells.pen[ord(new[at])]
            if its is not pen or at - end > GAP or (at > end and not self._bridges(new[end:at], its)):
                if pen is not None:
                    runs.append(Run(pen, y, start, end))
                pen, start = its, at
            end = at + (2 if new[at] in cells.wide else 1)
        if pen is not None:
            runs.append(Run(pen, y, start, end))
        return runs

    def _bridges(self, gap: str, pen: Pen) -> bool:
        """Whether the unchanged cells of `gap` can be written again as they are, in `pen`."""
        cells = self.grid.cells
        return all(cells.pen[ord(cell)] is pen and cell not in cells.unsure for cell in gap)


class Run(NamedTuple):
    """Columns `start` to `end` (exclusive) of line `y`, all in one pen."""

    pen: Pen
    y: int
    start: int
    end: int


class Pencil:
    """Collects one frame. Knows where the terminal's cursor is and which pen it has."""

    def __init__(self, grid: Grid, *, erases: bool = False) -> None:
        self._grid = grid
        self._erases = erases
        self._out: list[str] = []
        self._pen: Pen = PLAIN
        self._x: int | None = None
        """Column of the cursor, None when terminals may differ about it."""
        self._y = NOWHERE
        self._exact = True
        """Whether nothing of doubtful width was written since the last absolute position."""

    def scroll(self, top: int, bottom: int, up: int) -> None:
        """Move lines by inserting or deleting some inside a scroll region, in the default pen."""
        lines = f"{up}M" if up > 0 else f"{-up}L"
        self._out.append(f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H\x1b[{lines}\x1b[r")
        self._x, self._y = None, NOWHERE  # it should be at home now, but not every terminal sends it there

    def run(self, run: Run) -> None:
        """Write the cells of `run`."""
        cells = self._grid.cells
        self._go(run.start, run.y)
        if run.pen is not self._pen:
            self._out.append(cells.pens.change(self._pen, run.pen))
            self._pen = run.pen
        piece = self._grid.back[run.y][run.start : run.end]
        doubtful = cells.unsure and not cells.unsure.isdisjoint(piece)
        if doubtful:
            self._write_doubtful(piece, run)
        else:
            self._write("".join([cells.text[ord(cell)] for cell in piece]), run)
        if self._x is not None and self._x >= self._grid.width:
            self._x = None  # at the margin some terminals' cursor stays, others' waits behind it

    def finish(self) -> str:
        """The frame, back in the default pen."""
        if self._pen != PLAIN:
            self._out.append(self._grid.cells.pens.change(self._pen, PLAIN))
        return "".join(self._out)

    def _write(self, text: str, run: Run) -> None:
        """Write `text`; long blanks are erased, which leaves the cursor at their left."""
        self._x = run.end
        if not self._erases or BLANKS not in text or not run.pen.erases:
            self._out.append(text)
            return
        written = 0
        for blanks in _ERASED.finditer(text):
            count = blanks.end() - blanks.start()
            self._out += text[written : blanks.start()], f"\x1b[{count}X"
            written = blanks.end()
            if written == len(text):
                self._x = run.end - count
            else:
                self._out.append(f"\x1b[{count}C")
        self._out.append(text[written:])

    def _write_doubtful(self, piece: str, run: Run) -> None:
        """Write cells one by one: what follows an emoji or a cluster is placed anew."""
        cells = self._grid.cells
        for at, cell in enumerate(piece, run.start):
            if cell in cells.tails:
                continue
            self._go(at, run.y)
            self._out.append(cells.text[ord(cell)])
            self._x = None if cell in cells.lost else at + (2 if cell in cells.wide else 1)
            if cell in cells.unsure:
                self._exact = False

    def _go(self, x: int, y: int) -> None:
        """Put the cursor on a cell, by the shortest sure way."""
        if y == self._y and self._x == x:
            return
        if x == 0 and y == self._y + 1:
            self._out.append("\r\n")
            self._exact = True
        else:
            there = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
            if self._x is not None and self._exact and y >= self._y:
                there = min(there, _step(x - self._x, y - self._y), key=len)
            self._out.append(there)
            self._exact = True
        self._x, self._y = x, y


def _step(right: int, down: int) -> str:
    """From where the cursor is, `down` lines and then `right` columns, which may be negative."""
    way = f"\x1b[{down}B" if down > 1 else "\x1bD" * down  # index: a line feed may go to the left margin, too
    if right > 1:
        way += f"\x1b[{right}C"
    elif right == 1:
        way += "\x1b[C"
    elif -right <= BACK:
        way += "\b" * -right
    else:
        way += f"\x1b[{-right}D"
    return way
