"""The live table (signatures; the body follows)."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.message import Message
from textual.scroll_view import ScrollView

from kurator_tui.kinds.base import Key, Row
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.store import Delta
from kurator_tui.store.view import Predicate, View

FreshnessOf = Callable[[Row], Freshness]


class LiveTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows a `View`; has no key bindings of its own: the screen's registry calls its methods."""

    class RowSelected(Message):
        """Enter or double click on `row`."""

        def __init__(self, table: LiveTable, row: Row) -> None:
            super().__init__()
            self.table, self.row = table, row

    class CursorMoved(Message):
        """The selected row is another one now; None when the table is empty."""

        def __init__(self, table: LiveTable, row: Row | None) -> None:
            super().__init__()
            self.table, self.row = table, row

    class SortRequested(Message):
        """The header of `column` was clicked."""

        def __init__(self, table: LiveTable, column: str) -> None:
            super().__init__()
            self.table, self.column = table, column

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        ascii_only: bool = False,
        empty: str = "nothing here yet",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.marked: set[Key] = set()

    # data
    def set_view(self, view: View, freshness: FreshnessOf | None = None) -> None:
        raise NotImplementedError

    def apply(self, delta: Delta) -> None:
        raise NotImplementedError

    def reload(self) -> None:
        """The view was changed from outside (`view.load`): show it again, selection kept."""

    def sort(self, key: str, *, descending: bool = False) -> None:
        raise NotImplementedError

    def filter(self, predicate: Predicate | None) -> None:
        raise NotImplementedError

    def freshness_changed(self) -> None:
        """Freshness of some rows changed: repaint the visible lines that differ."""

    def tick(self) -> None:
        """Repaint the visible lines whose ages read differently now (called by a slow timer of its own)."""

    empty: str
    wide: bool
    ascii_only: bool

    # selection
    @property
    def view(self) -> View | None:
        raise NotImplementedError

    @property
    def cursor_index(self) -> int:
        raise NotImplementedError

    @property
    def cursor_row(self) -> Row | None:
        raise NotImplementedError

    @property
    def selected_key(self) -> Key | None:
        raise NotImplementedError

    def select_key(self, key: Key) -> bool:
        raise NotImplementedError

    def select(self) -> None:
        """Post `RowSelected` for the row under the cursor."""

    def toggle_mark(self) -> None:
        raise NotImplementedError

    def mark_range(self) -> None:
        raise NotImplementedError

    def clear_marks(self) -> None:
        raise NotImplementedError

    # movement
    def move(self, delta: int) -> None:
        raise NotImplementedError

    def page(self, direction: int, *, half: bool = False) -> None:
        raise NotImplementedError

    def home(self) -> None:
        raise NotImplementedError

    def end(self) -> None:
        raise NotImplementedError

    def column_shift(self, delta: int) -> None:
        raise NotImplementedError
