"""The `:` bar: a command with completion and history. It tells what was typed and runs nothing itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from textual.message import Message
from textual.suggester import Suggester

from kurator_tui.widgets.prompt import PromptBar

Completer = Callable[[str], Sequence[str]]
"""What was typed so far -> whole commands it may become, best first."""
Learner = Callable[[str], Awaitable[str]]
"""Finds out elsewhere what a text may become, for the completer to tell; returns what is wrong with the text."""

HISTORY = 100
"""Commands remembered."""


class _First(Suggester):
    """Suggests the first completion; what is not known at once is learnt first."""

    def __init__(self, complete: Completer, learn: Callable[[str], Awaitable[None]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete
        self._learn = learn

    async def get_suggestion(self, value: str) -> str | None:
        if not value:
            return None
        await self._learn(value)
        return next((text for text in self._complete(value) if text.startswith(value)), None)


class CommandBar(PromptBar):
    """Hidden until `open`. Right takes the suggestion, Tab cycles through all, Up and Down go through history."""

    class Submitted(Message):
        """Enter was pressed on `text`; the bar is closed already."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cancelled(Message):
        """Escape was pressed; the bar is closed already."""

    def __init__(self, complete: Completer = lambda text: (), *, id: str | None = None) -> None:
        super().__init__(":", _First(complete, self._learn), id=id)
        self._complete = complete
        self.learner: Learner | None = None
        self._history: list[str] = []
        self._at = 0
        self._typed = ""
        self._candidates: list[str] = []
        self._candidate = 0

    def open(self, text: str = "") -> None:
        self._at, self._typed = len(self._history), text
        self._forget_candidates()
        super().open(text)

    async def _learn(self, text: str) -> None:
        """The learner's remark stands at the right while its text does."""
        if self.learner is not None:
            problem = await self.learner(text)
            if self.is_open and self.value == text and not self._candidates:
                self.note(problem)

    def _forget_candidates(self) -> None:
        self._candidates = []
        self.note("")

    def _complete_next(self, step: int) -> None:
        """Replace what was typed by the next completion."""
        if not self._candidates:
            self._candidates = list(self._complete(self.value))
            self._candidate = -1 if step > 0 else 0
        if self._candidates:
            self._candidate = (self._candidate + step) % len(self._candidates)
            self.set_text(self._candidates[self._candidate])
            self.note(f"{self._candidate + 1}/{len(self._candidates)}")

    def _remember(self, step: int) -> None:
        """Go to the previous (-1) or next (1) command; past the last one is what was being typed."""
        self._at = max(0, min(len(self._history), self._at + step))
        self._forget_candidates()
        self.set_text(self._history[self._at] if self._at < len(self._history) else self._typed)

    def keys(self) -> Mapping[str, Callable[[], Message | None]]:
        return {
            "tab": lambda: self._complete_next(1),
            "shift+tab": lambda: self._complete_next(-1),
            "up": lambda: self._remember(-1),
            "down": lambda: self._remember(1),
            "escape": self._cancel,
            "enter": self._submit,
        }

    def edited(self) -> None:
        self._typed = self.value
        self._at = len(self._history)
        self._forget_candidates()

    def _cancel(self) -> Message:
        self.close()
        return self.Cancelled()

    def _submit(self) -> Message:
        text = self.value.strip()
        self.close()
        if not text:
            return self.Cancelled()
        self._history = [*[old for old in self._history if old != text], text][-HISTORY:]
        return self.Submitted(text)
