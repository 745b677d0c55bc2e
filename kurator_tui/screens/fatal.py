"""A full screen for what cannot go on: title, message, hint, and the way out."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from kurator_tui.link.messages import Noticed
from kurator_tui.widgets.dialog import plain


class FatalScreen(Screen[None]):
    """Shows a fatal notice; q ends the console with the notice's exit code."""

    DEFAULT_CSS = """
    FatalScreen { align: center middle; }
    FatalScreen > Vertical { width: 90%; max-width: 100; height: auto; max-height: 100%; }
    FatalScreen VerticalScroll { height: auto; max-height: 60vh; margin: 1 0; }
    FatalScreen Static { height: auto; }
    FatalScreen .title { color: $text-error; text-style: bold; }
    FatalScreen .hint { color: $text-warning; }
    FatalScreen .keys { color: $text-muted; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,escape,ctrl+c", "end", show=False)]

    def __init__(self, notice: Noticed) -> None:
        super().__init__()
        self.notice = notice

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(plain(f"✖ {self.notice.title}"), classes="title", markup=False)
            with VerticalScroll():
                yield Static(plain(self.notice.message), markup=False)
            yield Static(plain(self.notice.hint), classes="hint", markup=False)
            yield Static("<q> quit", classes="keys", markup=False)

    def action_end(self) -> None:
        """End the console."""
        self.app.exit(return_code=self.notice.exit_code)
