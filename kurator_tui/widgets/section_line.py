"""The line of sections of a home: which table is shown of several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual import events
from textual.message import Message

from kurator_tui.kinds.homes import Section
from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import ACCENT, MUTED, PLAIN, Line, Piece, cut, width_of


def sections_text(sections: Sequence[Section], active: str, width: int, *, ascii_only: bool = False) -> Line:
    """The line on `width` cells: all titles if they fit, else those around the `active` kind."""
    more = "..." if ascii_only else "…"
    titles = [section.title for section in sections]
    at = next((at for at, section in enumerate(sections) if section.kind == active), 0)
    first = 0
    while first < at and _width(titles[first : at + 1], first > 0) + (at + 1 < len(titles)) * 4 > width:
        first += 1
    pieces: list[Piece] = [Piece(f" {more}", MUTED)] if first else []
    for number, title in enumerate(titles[first:], first):
        shown = (Piece(" "), Piece(f"[{title}]", ACCENT)) if number == at else (Piece(f"  {title} ", PLAIN),)
        rest = 4 if number + 1 < len(titles) else 0
        if width_of(pieces) + width_of(shown) + rest > width and number > at:
            pieces.append(Piece(f" {more}", MUTED))
            break
        pieces += shown
    pieces = list(cut(pieces, width))
    return (*pieces, Piece(" " * (width - width_of(pieces)), PLAIN))


def _width(titles: Sequence[str], left_out: bool) -> int:
    return sum(len(title) + 3 for title in titles) + 4 * left_out


class SectionLine(OneLine):
    """Shows the sections of a home; a click opens one."""

    class Opened(Message):
        """A section was clicked."""

        def __init__(self, kind: str) -> None:
            super().__init__()
            self.kind = kind

    def __init__(self, sections: Sequence[Section], kind: str, *, ascii_only: bool) -> None:
        super().__init__()
        self._sections, self._kind, self._ascii = tuple(sections), kind, ascii_only

    def compose_line(self, width: int) -> Line:
        return sections_text(self._sections, self._kind, width, ascii_only=self._ascii)

    def on_click(self, event: events.Click) -> None:
        for start, end, section in self._places():
            if start <= event.x < end:
                event.stop()
                self.post_message(self.Opened(section.kind))

    def _places(self) -> Iterator[tuple[int, int, Section]]:
        """(first cell, cell after the last, section) of what is shown."""
        at = 0
        by_title = {section.title: section for section in self._sections}
        for piece in self.compose_line(self.size.width):
            section = by_title.get(piece.text.strip(" []"))
            if section is not None:
                yield at, at + width_of((piece,)), section
            at += width_of((piece,))
