"""What the command bar and the filter bar share: a sign, an input, a note at the right. Hidden until opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.suggester import Suggester
from textual.widgets import Input

from kurator_tui.kinds.cells import inert
from kurator_tui.widgets.layout import cells
from kurator_tui.widgets.one_line import OneLine
from kurator_tui.widgets.palette import ACCENT, MUTED, Line, Piece
from kurator_tui.widgets.typed import EDITING


class Note(OneLine):
    """A text in one colour at the right edge, up to half of the bar.

    Its room only grows until `fold`: a count that differs with each letter typed lays nothing out again.
    """

    DEFAULT_CSS = "Note { width: auto; max-width: 50%; }"

    def __init__(self, text: str = "", style: str = MUTED) -> None:
        super().__init__()
        self._text, self._style = "", style
        self._room = 0
        self.fold()
        self.show(text, style)

    def fold(self) -> None:
        """Say nothing and take no room."""
        self._text, self._room = "", 0
        self.styles.width = 0

    def show(self, text: str, style: str = MUTED) -> None:
        """Show `text`."""
        self._text, self._style = text, style
        if text and cells(text) + 2 > self._room:
            self._room = cells(text) + 2
            self.styles.width = self._room
        if self.is_attached:
            self.redraw()

    def compose_line(self, width: int) -> Line:
        if not self._text:
            return ()
        return (Piece(" " * max(1, width - cells(self._text) - 1)), Piece(f"{self._text} ", self._style))


class OneLineInput(Input):
    """An input whose text may change without laying the screen out again: it has one line, whatever it holds."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)


class PromptBar(Horizontal):
    """A one-line input with a sign before it, which never has the focus of the screen.

    Whoever owns the bar gives it each key while it is open. So keys come one after the other on one way, whether
    typed or pasted in one burst: with the focus moving, those already under way would reach the table instead.
    """

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
        self.input = OneLineInput(compact=True, select_on_focus=False, suggester=suggester)
        self.input.cursor_blink = False
        self.input.can_focus = False

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
        """Show the bar with `text` in it, ready to `take` keys."""
        self._note.fold()
        self.add_class("-open")
        self.set_text(text)
        self._show_cursor(True)

    def close(self) -> None:
        """Hide the bar."""
        self.remove_class("-open")
        self.leave()

    def leave(self) -> None:
        """Show no cursor any more, and stay visible."""
        self._show_cursor(False)

    def _show_cursor(self, shown: bool) -> None:
        self.input.has_focus = shown  # what an input paints its cursor by
        self.input.refresh()

    async def take(self, event: events.Key) -> Message | None:
        """Do what a key means here. Returns what it comes to, for the owner; a key without a meaning goes on."""
        before = self.value
        told: Message | None = None
        key = "enter" if event.key == "ctrl+j" else event.key  # Enter, typed before the terminal was ours
        if event.is_printable and event.character is not None:
            self._insert(event.character)
            told = self.edited()
        elif key in self.keys():
            told = self.keys()[key]()
        elif key in EDITING:
            await self.input.run_action(EDITING[key])
            told = self.edited() if self.value != before else None
        else:
            return None
        event.stop()
        event.prevent_default()
        return told

    def paste(self, text: str) -> Message | None:
        """Insert the first line of `text`. Returns what it comes to, as `take` does."""
        line = inert(next(iter(text.splitlines()), ""))
        if not line:
            return None
        self._insert(line)
        return self.edited()

    def _insert(self, text: str) -> None:
        self.input.replace(text, *self.input.selection)

    def keys(self) -> Mapping[str, Callable[[], Message | None]]:
        """The bar's own keys."""
        return {}

    def edited(self) -> Message | None:
        """The user changed the text."""
        return None

    def set_text(self, text: str) -> None:
        """Replace the text, cursor at its end, without telling anyone."""
        self.input.value = text
        self.input.cursor_position = len(text)

    def note(self, text: str, style: str = MUTED) -> None:
        """Show `text` at the right."""
        self._note.show(text, style)
