"""The menu `m`: all actions for the selection, each with its key, and with the reason when it is off."""

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
from kurator_tui.widgets.layout import pad


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One action: id, its key as shown, what it does, and why it is off ("" when it is not)."""

    action: str
    key: str
    description: str
    off: str = ""


def entry_text(entry: MenuEntry) -> str:
    """One line of the menu."""
    reason = f"  (off: {entry.off})" if entry.off else ""
    return f"{pad(entry.key, 10)} {entry.description}{reason}"


class Menu(ModalScreen[str | None]):
    """Dismisses with the id of the chosen action, or None."""

    DEFAULT_CSS = (
        frame_css("Menu", 76)
        + """
    Menu OptionList { height: auto; max-height: 60vh; border: none; padding: 0; background: $surface; }
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
            Option(Content(entry_text(entry)), id=entry.action, disabled=bool(entry.off)) for entry in self.entries
        ]
        with Vertical(classes="frame"):
            yield Static(self._title, classes="title", markup=False)
            yield OptionList(*options)
            yield Static("Enter does it   Esc closes", classes="keys", markup=False)

    def show(self, entries: Sequence[MenuEntry]) -> None:
        """What is off, and why, is known better now; the cursor stays where it is."""
        before = {entry.action: entry for entry in self.entries}
        self.entries = tuple(entry for entry in entries if entry.action in before)
        for options in self.query(OptionList):
            for entry in self.entries:
                if entry != before[entry.action]:
                    options.replace_option_prompt(entry.action, Content(entry_text(entry)))
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
