"""The detail pane: sections of labelled lines about the selected row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS, inert
from kurator_tui.widgets import palette
from kurator_tui.widgets.layout import cells, pad, wrap
from kurator_tui.widgets.lines_view import LinesView
from kurator_tui.widgets.palette import ACCENT, LEVEL_CLASSES, MUTED, PLAIN, Piece

LABEL_SHARE = 3
"""Labels take at most one part in this many of the width."""


@dataclass(frozen=True, slots=True)
class Line:
    """`label` and `text`, the latter wrapped; a level adds its glyph and colour."""

    label: str
    text: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A title and its lines."""

    title: str
    lines: tuple[Line, ...] = ()


def detail_lines(sections: Sequence[Section], width: int, *, ascii_only: bool = False) -> list[palette.Line]:
    """`sections` on `width` cells: labels in one column, texts wrapped beside them."""
    labels = max((cells(inert(line.label)) for section in sections for line in section.lines), default=0)
    labels = min(labels, max(1, width // LABEL_SHARE))
    shown: list[palette.Line] = []
    for section in sections:
        if shown:
            shown.append(())
        shown.append((Piece(f" {section.title}", ACCENT),))
        for line in section.lines:
            shown.extend(_line(line, labels, width, ascii_only=ascii_only))
    return shown


def _line(line: Line, labels: int, width: int, *, ascii_only: bool) -> list[palette.Line]:
    text, style = inert(line.text), PLAIN
    if line.level is not None:
        text = f"{(ASCII_GLYPHS if ascii_only else GLYPHS)[line.level]} {text}"
        style = LEVEL_CLASSES[line.level]
    if not line.label:
        return [(Piece("  "), Piece(part, style)) for part in wrap(text, max(1, width - 2))]
    label = "  " + pad(inert(line.label), labels) + " "
    parts = wrap(text, max(1, width - cells(label))) or [""]
    blank = " " * cells(label)
    return [(Piece(label if at == 0 else blank, MUTED), Piece(part, style)) for at, part in enumerate(parts)]


class DetailPane(LinesView):
    """Shows sections; keeps its scroll position while they are about the same thing."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.ascii_only = ascii_only
        self._sections: tuple[Section, ...] = ()
        self._key: object = None

    def show(self, sections: Sequence[Section], *, key: object = None) -> None:
        """Show `sections`. Another `key` than before scrolls to the top; the same keeps the scroll position."""
        self._sections = tuple(sections)
        if key != self._key:
            self._key = key
            self.home()
        self.redraw()

    def compose_lines(self, width: int) -> list[palette.Line]:
        return detail_lines(self._sections, width, ascii_only=self.ascii_only)
