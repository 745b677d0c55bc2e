"""The second line: the screens with the digits that open them, and the scope at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from kurator_tui.widgets.layout import cells
from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import ACCENT, KEY, MUTED, OFF, PLAIN, Line, Piece, cut, spread, width_of


@dataclass(frozen=True, slots=True)
class Tab:
    """One screen: the digit that opens it, its title, its short title, and whether it exists already."""

    key: str
    title: str
    short: str
    enabled: bool = True


def _tabs(tabs: Sequence[Tab], active: str, *, short: bool) -> Line:
    pieces: list[Piece] = [Piece(" ")]
    for tab in tabs:
        if len(pieces) > 1:
            pieces.append(Piece(" " if short else "  "))
        label = tab.short if short else f" {tab.title}"
        if not tab.enabled:
            pieces.append(Piece(f"{tab.key}{label}", OFF))
        elif tab.key == active:
            # Brackets, not only a colour, say which tab is open.
            pieces.append(Piece(f"[{tab.key}{label}]", ACCENT))
        else:
            pieces.extend((Piece(tab.key, KEY), Piece(label, PLAIN)))
    return tuple(pieces)


def tab_text(tabs: Sequence[Tab], active: str, scope: str, width: int) -> Line:
    """The tab line on `width` cells: titles become short ones, then the scope is cut, then the tabs."""
    right = (Piece("scope: ", MUTED), Piece(scope), Piece(" ")) if scope else ()
    long = _tabs(tabs, active, short=False)
    if width_of(long) + 2 + width_of(right) <= width:
        return spread(long, right, width)
    line = _tabs(tabs, active, short=True)
    if width_of(line) + 2 + width_of(right) > width:
        right = right[1:]
    return spread(line, right, width)


class TabLine(OneLine):
    """Shows the tabs; a click posts `Opened`."""

    DEFAULT_CSS = "TabLine { background: $surface; }"

    class Opened(Message):
        """The tab with this key was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs: tuple[Tab, ...] = ()
        self._active = ""
        self._scope = ""

    def show(self, tabs: Sequence[Tab], active: str, scope: str) -> None:
        """Show `tabs` with the one whose key is `active` open; repaints only when the line differs."""
        self._tabs, self._active, self._scope = tuple(tabs), active, scope
        self.redraw()

    def compose_line(self, width: int) -> Line:
        return tab_text(self._tabs, self._active, self._scope, width)

    def on_click(self, event: events.Click) -> None:
        keys = {tab.key for tab in self._tabs if tab.enabled}
        x = 0
        opened = ""
        for piece in cut(self._shown, self.size.width):
            if piece.text in keys:
                opened = piece.text
            elif piece.style not in (PLAIN, KEY):
                opened = ""
            x += cells(piece.text)
            if event.x < x:
                break
        if opened:
            self.post_message(self.Opened(opened))
