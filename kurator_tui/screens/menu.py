"""The menu `m`: all actions for the selection, each with its key or command, and the reason when it is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from kurator_tui.widgets.dialog import frame_css, plain
from kurator_tui.widgets.layout import cells, pad, wrap


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One action: id, its key as shown or else its command, what it does, why it is off ("" when it is not)."""

    action: str
    key: str
    description: str
    off: str = ""


def entry_text(entry: MenuEntry, keys: int, width: int) -> str:
    """An entry on `width` cells: its key on `keys` cells, then what it does, on several lines where it is long."""
    room, reason = max(1, width - keys - 2), f"(off: {entry.off})" if entry.off else ""
    first, *more = wrap(f"{entry.description} {reason}", room) or [""]
    if more and reason:
        first, *more = *wrap(entry.description, room), *wrap(reason, room)
    blank = " " * (keys + 2)
    return "\n".join([f"{pad(entry.key, keys)}  {first}", *(blank + line for line in more)])


WIDEST = 100
MARGIN = 6
"""Cells of a line of the screen that no entry has: the frame and the scroll bar."""


class Menu(ModalScreen[str | None]):
    """Dismisses with the id of the chosen action, or None."""

    DEFAULT_CSS = (
        frame_css("Menu", WIDEST)
        + """
    Menu > .frame { width: 95%; }
    Menu OptionList { height: auto; max-height: 70vh; padding: 0; }
    Menu OptionList { background: $surface; scrollbar-size-vertical: 1; }
    Menu OptionList, Menu OptionList:focus { border: none; }
    Menu OptionList > .option-list--option-highlighted {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,m", "close", show=False),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    def __init__(self, title: str, entries: Sequence[MenuEntry]) -> None:
        super().__init__()
        self._title = plain(title)
        self.entries = tuple(entries)

    def compose(self) -> ComposeResult:
        options = [
            Option(Content(self._text(entry)), id=entry.action, disabled=bool(entry.off)) for entry in self.entries
        ]
        with Vertical(classes="frame"):
            yield Static(self._title, classes="title", markup=False)
            yield OptionList(*options)
            yield Static("Enter does it   Esc closes", classes="keys", markup=False)

    def _text(self, entry: MenuEntry) -> str:
        keys = max((cells(each.key) for each in self.entries), default=0)
        return entry_text(entry, keys, min(self.app.size.width * 95 // 100, WIDEST) - MARGIN)

    def show(self, entries: Sequence[MenuEntry]) -> None:
        """What is off, and why, is known better now; the cursor stays where it is."""
        before = {entry.action: entry for entry in self.entries}
        self.entries = tuple(entry for entry in entries if entry.action in before)
        for options in self.query(OptionList):
            for entry in self.entries:
                if entry != before[entry.action]:
                    options.replace_option_prompt(entry.action, Content(self._text(entry)))
                    (options.disable_option if entry.off else options.enable_option)(entry.action)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def action_close(self) -> None:
        """Go back without doing anything."""
        self.dismiss(None)

    def action_move(self, delta: int) -> None:
        """Move the cursor."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if delta > 0 else options.action_cursor_up)()
