"""The `:` bar: a command with completion and history. It posts what was typed and runs nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input

from kurator_tui.widgets.prompt import PromptBar

Completer = Callable[[str], Sequence[str]]
"""What was typed so far -> whole commands it may become, best first."""

HISTORY = 100
"""Commands remembered."""


class _First(Suggester):
    """Suggests the first completion."""

    def __init__(self, complete: Completer) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return next((text for text in self._complete(value) if text.startswith(value)), None) if value else None


class CommandBar(PromptBar):
    """Hidden until `open`. Right takes the suggestion, Tab cycles through all, Up and Down go through history."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete(1)", show=False, priority=True),
        Binding("shift+tab", "complete(-1)", show=False, priority=True),
        Binding("up", "history(-1)", show=False, priority=True),
        Binding("down", "history(1)", show=False, priority=True),
        Binding("escape", "cancel", show=False, priority=True),
    ]

    class Submitted(Message):
        """Enter was pressed on `text`; the bar is closed already."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Changed(Message):
        """The user typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cancelled(Message):
        """Escape was pressed; the bar is closed already."""

    def __init__(self, complete: Completer = lambda text: (), *, id: str | None = None) -> None:
        super().__init__(":", _First(complete), id=id)
        self._complete = complete
        self._history: list[str] = []
        self._at = 0
        self._typed = ""
        self._candidates: list[str] = []
        self._candidate = 0

    def open(self, text: str = "") -> None:
        self._at, self._typed = len(self._history), text
        self._forget_candidates()
        super().open(text)

    def _forget_candidates(self) -> None:
        self._candidates = []
        self.note("")

    def action_complete(self, step: int) -> None:
        """Replace what was typed by the next completion."""
        if not self._candidates:
            self._candidates = list(self._complete(self.value))
            self._candidate = -1 if step > 0 else 0
        if self._candidates:
            self._candidate = (self._candidate + step) % len(self._candidates)
            self.set_text(self._candidates[self._candidate])
            self.note(f"{self._candidate + 1}/{len(self._candidates)}")

    def action_history(self, step: int) -> None:
        """Go to the previous (-1) or next (1) command; past the last one is what was being typed."""
        self._at = max(0, min(len(self._history), self._at + step))
        self._forget_candidates()
        self.set_text(self._history[self._at] if self._at < len(self._history) else self._typed)

    def action_cancel(self) -> None:
        """Close without a command."""
        self.close()
        self.post_message(self.Cancelled())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._typed = event.value
        self._at = len(self._history)
        self._forget_candidates()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        self.close()
        if not text:
            self.post_message(self.Cancelled())
            return
        self._history = [*[old for old in self._history if old != text], text][-HISTORY:]
        self.post_message(self.Submitted(text))
