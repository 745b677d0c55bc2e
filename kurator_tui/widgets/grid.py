"""A matrix with a verdict in every cell (members × plugins), and below it the reason of each bad cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kurator_tui.kinds.base import SEVERITY, Level
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS, inert
from kurator_tui.widgets import palette
from kurator_tui.widgets.layout import cells, pad, wrap
from kurator_tui.widgets.lines_view import LinesView
from kurator_tui.widgets.palette import LEVEL_CLASSES, MUTED, PLAIN, STRONG, Piece

MAX_TITLE = 32
NARROW = 3
"""Cells of a column that shows its glyph alone."""


@dataclass(frozen=True, slots=True)
class GridCell:
    """One verdict; `level` None is an empty cell. `text` stands beside the glyph, `reason` below the matrix."""

    level: Level | None = None
    text: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GridRow:
    """One line of the matrix, one cell a column."""

    title: str
    cells: tuple[GridCell, ...]


def grid_lines(
    columns: Sequence[str], rows: Sequence[GridRow], width: int, *, ascii_only: bool = False
) -> list[palette.Line]:
    """The matrix on `width` cells: columns shrink to their glyph before they are left out at the right."""
    glyphs = ASCII_GLYPHS if ascii_only else GLYPHS
    title = min(MAX_TITLE, max((cells(inert(row.title)) for row in rows), default=0), max(4, width // 3))
    widths = _widths(columns, rows, width - title - 1)
    header = [Piece(" " * (title + 1))]
    header.extend(Piece(" " + pad(inert(name), size), MUTED) for name, size in zip(columns, widths, strict=False))
    lines: list[palette.Line] = [tuple(header)]
    for row in rows:
        pieces = [Piece(" " + pad(inert(row.title), title), STRONG)]
        for cell, size in zip(row.cells, widths, strict=False):
            text = "" if cell.level is None else f"{glyphs[cell.level]} {inert(cell.text)}"
            style = PLAIN if cell.level is None else LEVEL_CLASSES[cell.level]
            pieces.append(Piece(" " + pad(text, size), style))
        lines.append(tuple(pieces))
    return lines + _reasons(columns, rows, width, glyphs)


def _widths(columns: Sequence[str], rows: Sequence[GridRow], room: int) -> list[int]:
    full = [cells(inert(name)) for name in columns]
    for row in rows:
        for at, cell in enumerate(row.cells[: len(full)]):
            full[at] = max(full[at], cells(inert(cell.text)) + 2)
    sizes = full if sum(full) + len(full) <= room else [min(NARROW, size) for size in full]
    while sizes and sum(sizes) + len(sizes) > room:
        sizes = sizes[:-1]
    return sizes


def _reasons(
    columns: Sequence[str], rows: Sequence[GridRow], width: int, glyphs: dict[Level, str]
) -> list[palette.Line]:
    """Worst first: `member · plugin` and why."""
    bad = [
        (-SEVERITY[cell.level], row.title, column, cell)
        for row in rows
        for column, cell in zip(columns, row.cells, strict=False)
        if cell.level is not None and cell.level is not Level.HEALTHY
    ]
    lines: list[palette.Line] = [()] if bad else []
    for _, member, column, cell in sorted(bad, key=lambda item: item[:3]):
        assert cell.level is not None
        lines.append((Piece(f" {glyphs[cell.level]} {member} · {column}", LEVEL_CLASSES[cell.level]),))
        reason = inert(cell.reason or str(cell.level))
        lines.extend((Piece("   "), Piece(part)) for part in wrap(reason, max(1, width - 3)))
    return lines


class Grid(LinesView):
    """Shows a matrix; keeps its scroll position while it is about the same thing."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.ascii_only = ascii_only
        self._columns: tuple[str, ...] = ()
        self._rows: tuple[GridRow, ...] = ()
        self._key: object = None

    def show(self, columns: Sequence[str], rows: Sequence[GridRow], *, key: object = None) -> None:
        """Show the matrix. Another `key` than before scrolls to the top; the same keeps the scroll position."""
        self._columns, self._rows = tuple(columns), tuple(rows)
        if key != self._key:
            self._key = key
            self.home()
        self.redraw()

    def compose_lines(self, width: int) -> list[palette.Line]:
        return grid_lines(self._columns, self._rows, width, ascii_only=self.ascii_only)
