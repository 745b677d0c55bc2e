"""The line above a table: what is shown of how much, by which filter, in which order."""

from __future__ import annotations

from dataclasses import dataclass

from kurator_tui.kinds.base import Level
from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import ACCENT, LEVEL_CLASSES, MUTED, PLAIN, Line, Piece, cut, width_of


@dataclass(frozen=True, slots=True)
class Title:
    """What the line says; empty texts are left out."""

    name: str = ""
    shown: int = 0
    total: int = 0
    filter: str = ""
    faults_only: bool = False
    wide: bool = False
    scope: str = ""
    column: str = ""
    """Title of the column chosen for sorting."""
    counted: bool = True
    """Whether it is about so many rows."""
    marked: str = ""
    note: str = ""
    ascii_only: bool = False


def title_text(title: Title, width: int) -> Line:
    """The line on `width` cells: name, counts, what limits them, and a rule to the edge."""
    rule = "-" if title.ascii_only else "─"
    count = str(title.total) if title.shown == title.total else f"{title.shown} of {title.total}"
    pieces = [
        Piece(f"{rule} ", MUTED),
        Piece(title.name, ACCENT),
        Piece(f" {count} " if title.counted else " ", PLAIN),
    ]
    for text in (
        f"scope {title.scope}" if title.scope else "",
        title.marked,
        f"filter {title.filter}" if title.filter else "",
        "faults only" if title.faults_only else "",
        "wide" if title.wide else "",
        f"column {title.column}" if title.column else "",
    ):
        if text:
            pieces += [Piece(f"{rule} ", MUTED), Piece(f"{text} ")]
    if title.note:
        pieces += [Piece(f"{rule} ", MUTED), Piece(f"{title.note} ", LEVEL_CLASSES[Level.DEGRADED])]
    pieces = list(cut(pieces, width))
    return (*pieces, Piece(rule * (width - width_of(pieces)), MUTED))


class TitleLine(OneLine):
    """Shows a `Title`."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = Title()

    def show(self, title: Title) -> None:
        """Show `title`; repaints only when the line differs."""
        self._title = title
        self.redraw()

    def compose_line(self, width: int) -> Line:
        return title_text(self._title, width)
