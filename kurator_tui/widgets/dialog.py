"""Dialogs and toasts: title, message and hint as plain text, never as markup."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from kurator_tui.kinds.cells import inert

Severity = Literal["information", "warning", "error"]

FRAME_CSS = """
{screen} {{ align: center middle; background: $background 60%; }}
{screen} > .frame {{
    width: 80%; max-width: {width}; height: auto; max-height: 90%;
    padding: 0 1; background: $surface; border: round $primary;
}}
{screen} .title {{ text-style: bold; color: $text-accent; height: auto; }}
{screen} .keys {{ color: $text-muted; height: auto; }}
"""


def frame_css(screen: str, width: int) -> str:
    """CSS of a modal screen with a `.frame` at most `width` cells wide."""
    return FRAME_CSS.format(screen=screen, width=width)


def plain(text: str) -> str:
    """`text` made inert line by line: a dialog may have several lines, a cell never has."""
    return "\n".join(inert(line) for line in text.splitlines())


def toast(
    app: App[Any], title: str, message: str = "", hint: str = "", *, severity: Severity = "information"
) -> None:
    """A notification that goes away by itself; for errors that need no decision use `MessageDialog`.

    It takes the place of the one before: at 80x24 three of them would hide half of the rows.
    """
    app.clear_notifications()
    body = "\n".join(part for part in (plain(message), plain(hint)) if part)
    app.notify(body or plain(title), title=plain(title) if body else "", severity=severity, markup=False)


class MessageDialog(ModalScreen[None]):
    """Title, message and hint as plain text; Enter, Esc or q closes."""

    DEFAULT_CSS = (
        frame_css("MessageDialog", 90)
        + """
    MessageDialog VerticalScroll { height: auto; max-height: 60vh; }
    MessageDialog .hint { color: $text-warning; height: auto; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,escape,q", "close", show=False)]

    def __init__(self, title: str, message: str, hint: str = "") -> None:
        super().__init__()
        self._texts = (plain(title), plain(message), plain(hint))

    def compose(self) -> ComposeResult:
        title, message, hint = self._texts
        with Vertical(classes="frame"):
            yield Static(title, classes="title", markup=False)
            with VerticalScroll():
                yield Static(message, markup=False)
            if hint:
                yield Static(hint, classes="hint", markup=False)
            yield Static("Enter closes", classes="keys", markup=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


class ConfirmDialog(ModalScreen[bool]):
    """A question: y is True; n and Esc are False. Enter answers nothing, so that no reflex confirms."""

    DEFAULT_CSS = frame_css("ConfirmDialog", 70)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape,q", "answer(False)", show=False),
    ]

    def __init__(self, title: str, message: str = "") -> None:
        super().__init__()
        self._texts = (plain(title), plain(message))

    def compose(self) -> ComposeResult:
        title, message = self._texts
        with Vertical(classes="frame"):
            yield Static(title, classes="title", markup=False)
            if message:
                yield Static(message, markup=False)
            yield Static("<y> yes   <n> no   (Enter does not answer)", classes="keys", markup=False)

    def action_answer(self, answer: bool) -> None:
        """Go back with the answer."""
        self.dismiss(answer)
