"""The command bar (signatures; the body follows)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.message import Message
from textual.widget import Widget

Completer = Callable[[str], Sequence[str]]


class CommandBar(Widget):
    """Hidden until `open`."""

    class Submitted(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Changed(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cancelled(Message):
        pass

    def __init__(self, complete: Completer = lambda text: (), *, id: str | None = None) -> None:
        super().__init__(id=id)

    def open(self, text: str = "") -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
