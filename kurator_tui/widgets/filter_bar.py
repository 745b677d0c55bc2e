"""The `/` bar: a filter that applies while it is typed. It knows no filter language: errors are given to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.message import Message

from kurator_tui.kinds.base import Level
from kurator_tui.widgets.palette import LEVEL_CLASSES
from kurator_tui.widgets.prompt import PromptBar


class FilterBar(PromptBar):
    """Hidden until `open`. A kept filter stays visible, so that nobody takes some rows for all rows."""

    class Changed(Message):
        """The user typed: filter by `text` now."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Kept(Message):
        """Enter: the filter stays, the keys go back to the table."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cleared(Message):
        """Escape: no filter any more; the bar is closed already."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("/", id=id)

    def open(self, text: str | None = None) -> None:
        """Type into the bar; None goes on with the filter that is kept."""
        self.note("")
        super().open(self.value if text is None else text)

    def close(self) -> None:
        """Hide the bar and empty it, without telling anyone."""
        self.set_text("")
        self.note("")
        super().close()

    def show_error(self, text: str) -> None:
        """Say at the right why the filter cannot be used; empty clears it."""
        self.note(text, LEVEL_CLASSES[Level.FAILED])

    def show_count(self, text: str) -> None:
        """Say at the right how much matches, e.g. `12 of 200`."""
        self.note(text)

    def keys(self) -> Mapping[str, Callable[[], Message | None]]:
        return {"escape": self._clear, "enter": self._keep}

    def edited(self) -> Message:
        return self.Changed(self.value)

    def _clear(self) -> Message:
        self.close()
        return self.Cleared()

    def _keep(self) -> Message:
        text = self.value.strip()
        if not text:
            return self._clear()
        self.leave()
        return self.Kept(text)
