"""The help panel: what every key does here, and why a key is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from kurator_tui.widgets import palette
from kurator_tui.widgets.dialog import frame_css, plain
from kurator_tui.widgets.layout import cells, pad, wrap
from kurator_tui.widgets.lines_view import LinesView
from kurator_tui.widgets.palette import ACCENT, KEY, MUTED, OFF, PLAIN, Piece


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """One action: its keys as shown, what it does, its group, and why it is off."""

    keys: str
    description: str
    group: str = ""
    enabled: bool = True
    reason: str = ""


def help_lines(entries: Sequence[HelpEntry], width: int) -> list[palette.Line]:
    """`entries` on `width` cells by group, in the order given; the reason stands below an action that is off."""
    keys = min(max((cells(entry.keys) for entry in entries), default=0), max(4, width // 3))
    lines: list[palette.Line] = []
    for group in dict.fromkeys(entry.group for entry in entries):
        if lines:
            lines.append(())
        if group:
            lines.append((Piece(group, ACCENT),))
        for entry in entries:
            if entry.group == group:
                lines.extend(_entry(entry, keys, width))
    return lines


def _entry(entry: HelpEntry, keys: int, width: int) -> list[palette.Line]:
    room = max(1, width - keys - 2)
    blank = " " * (keys + 2)
    lines: list[palette.Line] = []
    for at, part in enumerate(wrap(entry.description, room) or [""]):
        label = pad(entry.keys, keys) + "  " if at == 0 else blank
        lines.append((Piece(label, KEY if entry.enabled else OFF), Piece(part, PLAIN if entry.enabled else OFF)))
    if not entry.enabled:
        reason = f"off: {entry.reason or 'not available here'}"
        lines.extend((Piece(blank), Piece(part, MUTED)) for part in wrap(reason, room))
    return lines


class _HelpLines(LinesView):
    """The scrolling part."""

    def __init__(self, entries: Sequence[HelpEntry]) -> None:
        super().__init__()
        self._entries = tuple(entries)

    def compose_lines(self, width: int) -> list[palette.Line]:
        return help_lines(self._entries, width)


class HelpPanel(ModalScreen[None]):
    """Modal; scrolls with the movement keys; ?, q and Esc close it."""

    DEFAULT_CSS = (
        frame_css("HelpPanel", 100)
        + """
    HelpPanel > .frame { height: 90%; width: 95%; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "close", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,ctrl+f,space", "page(1)", show=False),
        Binding("pageup,ctrl+b", "page(-1)", show=False),
        Binding("home,g", "end(False)", show=False),
        Binding("end,G", "end(True)", show=False),
    ]

    def __init__(self, title: str, entries: Sequence[HelpEntry]) -> None:
        super().__init__()
        self._title = plain(title)
        self.lines = _HelpLines(entries)

    def compose(self) -> ComposeResult:
        with Vertical(classes="frame"):
            yield Static(self._title, classes="title", markup=False)
            yield self.lines
            yield Static("Esc closes", classes="keys", markup=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_scroll(self, delta: int) -> None:
        """Scroll by lines."""
        self.lines.move(delta)

    def action_page(self, direction: int) -> None:
        """Scroll by pages."""
        self.lines.page(direction)

    def action_end(self, last: bool) -> None:
        """Scroll to the first or last line."""
        (self.lines.end if last else self.lines.home)()
