"""The second line: the screens with the digits that open them, and the scope at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import ACCENT, KEY, MUTED, OFF, PLAIN, Line, Piece, spread, width_of


@dataclass(frozen=True, slots=True)
class Tab:
    """One screen: the digit that opens it, its title, its short title, and whether it exists already."""

    key: str
    title: str
    short: str
    enabled: bool = True


def _blocks(tabs: Sequence[Tab], active: str, *, short: bool) -> list[Line]:
    """One block a tab, each with the space before it."""
    blocks: list[Line] = []
    for tab in tabs:
        space = Piece(" " if short or not blocks else "  ")
        label = tab.short if short else f" {tab.title}"
        if not tab.enabled:
            blocks.append((space, Piece(f"{tab.key}{label}", OFF)))
        elif tab.key == active:
            # Brackets, not only a colour, say which tab is open.
            blocks.append((space, Piece(f"[{tab.key}{label}]", ACCENT)))
        else:
            blocks.append((space, Piece(tab.key, KEY), Piece(label, PLAIN)))
    return blocks


def _scope(scope: str) -> Line:
    return (Piece("scope: ", MUTED), Piece(scope), Piece(" ")) if scope else ()


def _fitting(tabs: Sequence[Tab], active: str, scope: str, width: int) -> list[Line]:
    """Blocks with full titles where they fit beside the scope, else with short ones."""
    blocks = _blocks(tabs, active, short=False)
    taken = sum(map(width_of, blocks)) + 2 + width_of(_scope(scope))
    return blocks if taken <= width else _blocks(tabs, active, short=True)


def tab_text(tabs: Sequence[Tab], active: str, scope: str, width: int) -> Line:
    """The tab line on `width` cells: titles become short ones, then the scope is cut, then the tabs."""
    line = tuple(piece for block in _fitting(tabs, active, scope, width) for piece in block)
    right = _scope(scope)
    if width_of(line) + 2 + width_of(right) > width:
        right = right[1:]
    return spread(line, right, width)


def tab_at(tabs: Sequence[Tab], active: str, scope: str, width: int, x: int) -> Tab | None:
    """The tab drawn at cell `x` of the line, or None."""
    for tab, block in zip(tabs, _fitting(tabs, active, scope, width), strict=True):
        x -= width_of(block)
        if x < 0:
            return tab
    return None


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
        tab = tab_at(self._tabs, self._active, self._scope, self.size.width, event.x)
        if tab is not None and tab.enabled:
            self.post_message(self.Opened(tab.key))
