"""A terminal emulator as the judge of what frames do, and strips to fill it with."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pyte
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from kurator_tui.wire.cells import Cells
from kurator_tui.wire.diff import Differ
from kurator_tui.wire.grid import Grid
from kurator_tui.wire.pens import Pens
from kurator_tui.wire.terminal import Skills

ALL = Skills(scrolls=True, erases=True)
Cell = pyte.screens.Char
Piece = tuple[str, str]
"""Text and style."""


class Terminal:
    """A pyte screen without automatic wrapping, as the console sets it."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = pyte.Screen(width, height)
        self.stream = pyte.Stream(self.screen)
        self.stream.feed("\x1b[?7l")

    def feed(self, text: str) -> None:
        self.stream.feed(text.replace("\x1b[?2026h", "").replace("\x1b[?2026l", ""))

    @property
    def cells(self) -> list[list[Cell]]:
        """Every cell: its text and its attributes."""
        lines = range(self.screen.lines)
        columns = range(self.screen.columns)
        return [[self.screen.buffer[y][x] for x in columns] for y in lines]

    @property
    def text(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]


def strip(pieces: Sequence[Piece], width: int) -> Strip:
    """`pieces` on exactly `width` cells."""
    segments = [Segment(text, Style.parse(style)) for text, style in pieces if text]
    return Strip(segments).adjust_cell_length(width, Style.parse("on #101010"))


def stock(lines: Sequence[Strip], width: int) -> str:
    """What Textual itself would send for a whole screen of `lines`."""
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor")
    return LayoutUpdate([[line] for line in lines], Region(0, 0, width, len(lines))).render_segments(console)


def make(width: int, height: int, *, skills: Skills = ALL) -> tuple[Grid, Differ]:
    """A grid of unknown content and its differ, in true colour."""
    grid = Grid(Cells(Pens(ColorSystem.TRUECOLOR)), width, height)
    return grid, Differ(grid, skills)


def paint(grid: Grid, lines: Sequence[Strip]) -> None:
    """Put whole lines on the grid."""
    for y, line in enumerate(lines):
        grid.paint(0, y, grid.cells.of(line))
