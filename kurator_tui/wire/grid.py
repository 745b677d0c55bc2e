"""Two pictures of the screen: the back one is what should be seen, the front one what the terminal was told.

Lines are strings of cells (see `cells`), all as long as the grid is wide. A wide character is never left by half:
what overwrites one of its columns blanks the other.
"""

from __future__ import annotations

from kurator_tui.wire.cells import BLANK, UNKNOWN, Cells


class Grid:
    """`paint` changes the back; `diff.Differ` brings the front up to it; `forget` makes the front unknown."""

    def __init__(self, cells: Cells, width: int, height: int) -> None:
        self.cells = cells
        self.width, self.height = width, height
        self.back = [UNKNOWN * width] * height
        self.front = list(self.back)
        self.dirty: set[int] = set()
        """Lines where back and front may differ."""

    def forget(self) -> None:
        """Nobody knows what the terminal shows now."""
        self.front = [UNKNOWN * self.width] * self.height
        self.dirty.update(range(self.height))

    def paint(self, x: int, y: int, cells: str, room: int | None = None) -> None:
        """Put `cells`, at most `room` of them, on line `y` from column `x` on; what is outside is cut off."""
        room = self.width - x if room is None else min(room, self.width - x)
        if not 0 <= y < self.height or x < 0 or room <= 0 or not cells:
            return
        if len(cells) > room:
            cells = cells[:room]
        cells = self.cells.whole(cells)
        line, end = self.back[y], x + len(cells)
        if line[x:end] == cells:
            return
        before, after = line[:x], line[end:]
        if self.cells.wide:
            if before and before[-1] in self.cells.wide:
                before = before[:-1] + self.cells.blank(before[-1])
            if after and after[0] in self.cells.tails:
                after = self.cells.tails[after[0]] + after[1:]
        self.back[y] = before + cells + after
        self.dirty.add(y)

    def changed(self) -> list[int]:
        """Lines where back and front differ, from the top."""
        self.dirty = {y for y in self.dirty if self.back[y] != self.front[y]}
        return sorted(self.dirty)

    def scrolled(self, top: int, bottom: int, up: int) -> None:
        """The terminal moved lines `top` … `bottom` up by `up` (down when negative) and blanked the others."""
        lines = self.front[top : bottom + 1]
        blanks = [BLANK * self.width] * abs(up)
        self.front[top : bottom + 1] = lines[up:] + blanks if up > 0 else blanks + lines[:up]
        self.dirty.update(range(top, bottom + 1))
