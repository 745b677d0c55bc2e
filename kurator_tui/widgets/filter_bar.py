"""The filter bar (signatures; the body follows)."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget


class FilterBar(Widget):
    """Hidden until `open`."""

    class Changed(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Kept(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cleared(Message):
        pass

    error: str = ""

    def open(self, text: str = "") -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def show_error(self, text: str) -> None:
        raise NotImplementedError
