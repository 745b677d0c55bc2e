"""What the command bar and the filter bar share: a sign, an input, a note at the right. Hidden until opened."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input

from kurator_tui.widgets.layout import cells
from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import ACCENT, MUTED, Line, Piece


class Note(OneLine):
    """A text in one colour, as wide as it is, up to half of the bar."""

    DEFAULT_CSS = "Note { width: auto; max-width: 50%; }"

    def __init__(self, text: str = "", style: str = MUTED) -> None:
        super().__init__()
        self._line: Line = ()
        self.show(text, style)

    def show(self, text: str, style: str = MUTED) -> None:
        """Show `text`; empty takes no room."""
        self._line = (Piece(f" {text} ", style),) if text else ()
        self.styles.width = cells(text) + 2 if text else 0
        if self.is_attached:
            self.redraw()

    def compose_line(self, width: int) -> Line:
        return self._line


class PromptBar(Horizontal):
    """A one-line input with a sign before it; gives the focus back when it closes."""

    DEFAULT_CSS = """
    PromptBar { height: 1; display: none; background: $panel; }
    PromptBar.-open { display: block; }
    PromptBar > Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
    PromptBar > Input:focus { border: none; background-tint: transparent; }
    """

    def __init__(self, sign: str, suggester: Suggester | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sign = Note(sign, ACCENT)
        self._note = Note()
        self.input = Input(compact=True, select_on_focus=False, suggester=suggester)
        self.input.cursor_blink = False
        self._before: Widget | None = None

    def compose(self) -> ComposeResult:
        yield self._sign
        yield self.input
        yield self._note

    @property
    def is_open(self) -> bool:
        """Whether the bar is seen."""
        return self.has_class("-open")

    @property
    def value(self) -> str:
        """The text in the input."""
        return self.input.value

    def open(self, text: str = "") -> None:
        """Show the bar with `text` in it and type into it."""
        if not self.input.has_focus:
            self._before = self.screen.focused
        self.add_class("-open")
        self.set_text(text)
        self.input.focus()

    def close(self) -> None:
        """Hide the bar and give the focus back."""
        self.remove_class("-open")
        self.leave()

    def leave(self) -> None:
        """Give the focus back and stay visible."""
        if self.input.has_focus:
            self.screen.set_focus(self._before)

    def set_text(self, text: str) -> None:
        """Replace the text, cursor at its end, without telling anyone."""
        with self.input.prevent(Input.Changed):
            self.input.value = text
        self.input.cursor_position = len(text)

    def note(self, text: str, style: str = MUTED) -> None:
        """Show `text` at the right."""
        self._note.show(text, style)
