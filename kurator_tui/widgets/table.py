"""The live table: a window on a `store.view.View` that repaints the lines that changed and nothing else.

It knows no key (the screens' registry calls its methods), no network and no store. After any change the
selected row stays selected, by (cluster, uid), else by index; rows that come or go above the window do not move
what is seen.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import takewhile

from textual import events
from textual.dom import DOMNode
from textual.message import Message

from kurator_tui.kinds.base import Key, Row
from kurator_tui.store.store import Delta
from kurator_tui.store.view import Predicate, View
from kurator_tui.widgets.row_text import FreshnessOf, RowText
from kurator_tui.widgets.table_canvas import HEADER, TableCanvas

TICK = 2.0
"""Seconds between two looks at the ages."""


class LiveTable(TableCanvas, can_focus=True, inherit_bindings=False):
    """Shows a `View`: sticky header, one line a row, columns that fit the width.

    It has no key bindings of its own. Rows whose freshness is not trustworthy are dimmed and a DATA column says
    since when; without a freshness function, rows of level `stale` are dimmed and their HEALTH cell says it.
    """

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
        """The header of the column with key `column` was clicked."""

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
        super().__init__(clock=clock, ascii_only=ascii_only, empty=empty, id=id, classes=classes)
        self._selected: Key | None = None
        self._hidden: Key | None = None
        """The row that was selected when a filter hid it: selected again once a filter shows it."""
        self._filtered_by: Predicate | None = None
        self._ordered_by: tuple[str, bool] | None = None
        self.filling = False
        """Whether the first rows still come: the first line stays selected until the user goes to another one."""
        self._chosen = False  # whether the user went to the selected row
        self._mark_from: Key | None = None
        self._lines_before = 0  # lines for rows before the terminal was resized

    def on_mount(self) -> None:
        self.set_interval(TICK, self.tick)

    # -- what is shown ----------------------------------------------------------------------------------------

    @property
    def view(self) -> View | None:
        """The view shown, None before `set_view`."""
        return self._view

    @property
    def empty(self) -> str:
        """What an empty table says."""
        return self._empty

    @empty.setter
    def empty(self, text: str) -> None:
        self._empty = text
        self._repaint()

    @property
    def wide(self) -> bool:
        """Wide mode: all columns at their width, shifted by `column_shift`."""
        return self._wide

    @wide.setter
    def wide(self, wide: bool) -> None:
        self._wide, self._shift = wide, 0
        self._relayout()

    @property
    def ascii_only(self) -> bool:
        """Glyphs in ASCII."""
        return self._ascii

    @ascii_only.setter
    def ascii_only(self, ascii_only: bool) -> None:
        self._ascii = ascii_only
        if self._view is not None:
            self.set_view(self._view, self._freshness)

    def set_view(self, view: View, freshness: FreshnessOf | None = None) -> None:
        """Show `view`; the selection and the marks stay when it is of the same kind as before."""
        if self._view is None or self._view.kind is not view.kind:
            self._cursor, self._selected, self._hidden, self._shift = 0, None, None, 0
            self._chosen, self._ordered_by = False, (view.sort_key, view.descending)
            self.marked.clear()
            self._scroll_quietly(0)
        self._view, self._freshness = view, freshness
        self._text = RowText(view.kind, freshness, now=self._clock(), ascii_only=self._ascii)
        self.reload()

    def reload(self) -> None:
        """The view was changed from outside (`view.load`, `view.sort`): show it as it is now, selection kept.

        Column widths never shrink here; `set_view` starts them again.
        """
        view, text = self._view, self._text
        if view is None or text is None:
            return
        offset = self._cursor - self._top
        text.now = self._clock()
        text.check_freshness(view)
        self._update_extent()
        if self._chose_first(view):
            offset = 0
        self._find_cursor()
        if 0 <= offset < self._height:
            self._scroll_quietly(self._cursor - offset)
        self._relayout()

    def sort(self, key: str, *, descending: bool = False) -> None:
        """Order by the column `key`; the selected row keeps its line on the screen where possible."""
        if self._view is not None:
            self._view.sort(key, descending=descending)
            self.reload()

    def filter(self, predicate: Predicate | None) -> None:
        """Show only rows for which `predicate` is true; None shows all."""
        if self._view is not None:
            self._view.filter(predicate)
            self.reload()

    def work(self, seconds: float) -> bool:
        """Go on with what was begun on the view (`view.begin_filter` and its like) for about `seconds`.

        Shows the result as soon as it is complete; whether it did.
        """
        if self._view is None or not self._view.work(seconds):
            return False
        self.reload()
        return True

    def apply(self, delta: Delta, *, show: bool = True) -> None:
        """Apply `delta` to the view and repaint the visible lines it changed, or leave that to `show_changes`."""
        view, text = self._view, self._text
        if view is None or text is None or not delta:
            return
        top, height = self._top, self._height
        anchor = self._anchor(view, delta)
        followed = 0 <= self._cursor - top < height
        moved = view.apply(delta)
        if self.marked:
            self.marked.difference_update([key for key, row in delta.items() if row is None])
        if moved.clusters and text.check_freshness(view):
            self._relayout()
        if not moved:
            return
        if not moved.resized and moved.first is None and not self._in_sight(view, delta):
            return
        self._update_extent()
        self._find_cursor()
        if anchor is not None and top > 0 and (found := view.index(anchor[1])) is not None:
            top = found - anchor[0]
        if followed:
            top = min(max(top, self._cursor - height + 1), self._cursor)
        self._scroll_quietly(top)
        self.owed = True
        if show:
            self.show_changes()

    def show_changes(self) -> None:
        """Repaint the visible lines that `apply` changed without showing it."""
        if self.owed:
            self._repaint()

    def _anchor(self, view: View, delta: Delta) -> tuple[int, Key] | None:
        """(line, key) of the first visible row that `delta` leaves alone: what must not move on the screen."""
        top = self._top
        for line in range(min(self._height, len(view) - top)):
            if (key := view.key(top + line)) not in delta:
                return line, key
        return None

    def _in_sight(self, view: View, delta: Delta) -> bool:
        """Whether `delta` holds a visible row."""
        top = self._top
        return any(view.key(at) in delta for at in range(top, min(top + self._height, len(view))))

    def freshness_changed(self) -> None:
        """Freshness of some cluster changed: repaint the visible lines that look different."""
        if self._text is not None and self._view is not None:
            self._text.stale()
            if self._text.check_freshness(self._view):
                self._relayout()
            else:
                self._repaint()

    def tick(self) -> None:
        """Repaint the visible lines whose ages read differently now."""
        if self._text is not None and self._text.timed:
            self._text.now = self._clock()
            self._repaint()

    # -- selection --------------------------------------------------------------------------------------------

    @property
    def cursor_index(self) -> int:
        """Line of the selected row in the view."""
        return self._cursor

    @property
    def cursor_row(self) -> Row | None:
        """The selected row as it is now, None when the table is empty."""
        view = self._view
        return view.row(self._cursor) if view is not None and self._cursor < len(view) else None

    @property
    def selected_key(self) -> Key | None:
        """Key of the selected row."""
        return self._selected

    def select_key(self, key: Key) -> bool:
        """Move the cursor to `key`; False when the view does not show it."""
        index = None if self._view is None else self._view.index(key)
        if index is None:
            return False
        self._go(index)
        return True

    def select(self) -> None:
        """Post `RowSelected` for the row under the cursor."""
        if (row := self.cursor_row) is not None:
            self.post_message(self.RowSelected(self, row))

    def toggle_mark(self) -> None:
        """Mark or unmark the selected row and move on."""
        if (key := self._selected) is not None:
            self.marked ^= {key}
            self._mark_from = key
            self.move(1)
            self._repaint()

    def mark_range(self) -> None:
        """Mark all rows from the last marked one to the cursor."""
        view = self._view
        start = None if view is None or self._mark_from is None else view.index(self._mark_from)
        if view is not None and start is not None and self._selected is not None:
            low, high = sorted((start, self._cursor))
            self.marked.update(view.key(at) for at in range(low, high + 1))
            self._repaint()

    def clear_marks(self) -> None:
        """Unmark everything."""
        self.marked.clear()
        self._repaint()

    def _chose_first(self, view: View) -> bool:
        """After another filter or order: back to the row that was chosen, else to the first.

        What a half typed filter showed in between was not chosen.
        """
        before, self._ordered_by = self._ordered_by, (view.sort_key, view.descending)
        if before != self._ordered_by and not self._chosen:
            self._cursor, self._selected = 0, None
            return True
        if view.predicate is self._filtered_by:
            return False
        self._filtered_by = view.predicate
        if self._hidden is None:
            self._hidden = self._selected
        if self._hidden is not None and view.index(self._hidden) is not None:
            self._selected, self._hidden = self._hidden, None
            return False
        self._cursor, self._selected = 0, None
        return True

    def _find_cursor(self) -> None:
        """After a change: the same key, else the same index."""
        view = self._view
        if view is None:
            return
        index = None if self._selected is None else view.index(self._selected)
        if self.filling and not self._chosen:
            index = 0
        self._set_cursor(self._cursor if index is None else index)

    def _set_cursor(self, index: int) -> None:
        view = self._view
        if view is None:
            return
        self._cursor = max(0, min(index, len(view) - 1))
        key = view.key(self._cursor) if len(view) else None
        if key != self._selected:
            self._selected = key
            self.post_message(self.CursorMoved(self, self.cursor_row))

    # -- movement ---------------------------------------------------------------------------------------------

    def move(self, delta: int) -> None:
        """Move the cursor by `delta` rows."""
        self._go(self._cursor + delta)

    def page(self, direction: int, *, half: bool = False) -> None:
        """Move cursor and window by `direction` pages (or half pages)."""
        step = direction * max(1, self._height // 2 if half else self._height)
        self._go(self._cursor + step, self._top + step)

    def home(self) -> None:
        """Move to the first row."""
        self._go(0)

    def end(self) -> None:
        """Move to the last row."""
        self._go(len(self._view or ()) - 1)

    def column_shift(self, delta: int) -> None:
        """In wide mode: hide `delta` more columns at the left, after the first."""
        if self._wide and self._text is not None:
            self._shift = max(0, min(self._shift + delta, len(self._text.columns) - 2))
            self._relayout()

    def _go(self, index: int, top: int | None = None) -> None:
        self._hidden, self._chosen = None, True
        self._set_cursor(index)
        top = self._top if top is None else top
        self._scroll_quietly(min(max(top, self._cursor - self._height + 1), self._cursor))
        self._repaint()

    def on_resize(self) -> None:
        self._update_extent()
        top = self._top
        if 0 <= self._cursor - top < max(1, self._lines_before):
            top = min(max(top, self._cursor - self._height + 1), self._cursor)
        self._lines_before = self._height
        self._scroll_quietly(top)
        if self._laid_out == self.scrollable_content_region.size:
            self._repaint()
        else:
            self._relayout()

    def on_show(self) -> None:
        self.on_resize()

    def _forward_event(self, event: events.Event) -> None:
        """A key goes to the screen at once, unless a widget on its way up, none of which wants keys, is busy.

        Each of them would have it for a turn of the loop; but what they are told before comes before.
        """
        screen = self.screen
        between = takewhile(lambda node: node is not screen, self.ancestors_with_self)
        if isinstance(event, events.Key) and all(map(_waits, between)):
            event._set_forwarded()
            screen.post_message(event)
        else:
            super()._forward_event(event)

    def on_click(self, event: events.Click) -> None:
        if event.y < HEADER:
            for place in self._placed:
                if self._text is not None and place.x <= event.x - self._text.gutter < place.x + place.width + 1:
                    self.post_message(self.SortRequested(self, place.column.key))
            return
        if self._view is not None and self._top + event.y - HEADER < len(self._view):
            self._go(self._top + event.y - HEADER)
            if event.chain == 2:
                self.select()


def _waits(node: DOMNode) -> bool:
    """Whether `node` does nothing but wait for messages."""
    ready: asyncio.Event = node._message_queue.ready_event
    return not ready.is_set() and bool(getattr(ready, "_waiters", None))
