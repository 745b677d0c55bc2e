"""What the keys do on a screen that is a table: move, open, sort, wide, faults only."""

from __future__ import annotations

from kurator_tui.screens.keys import Request
from kurator_tui.screens.table_base import TableBase
from kurator_tui.widgets.table import LiveTable


class TableScreen(TableBase):
    """Base of the screens that are a table. The methods are named by the action registry."""

    def wanted(self, now: float, *, wanted: bool) -> None:
        """Told each second whether it is shown, or the one before, at `now`: some read less when unseen."""

    def arrived(self) -> None:
        """Another moment is shown, maybe of the same store: what depends on it is drawn again."""
        self.refresh_freshness()
        self.said()
        self.table.tick()

    # -- actions ----------------------------------------------------------------------------------------------

    def do_move_down(self, request: Request) -> None:
        self.moving().move(request.count)

    def do_move_up(self, request: Request) -> None:
        self.moving().move(-request.count)

    def do_move_left(self, request: Request) -> None:
        self.table.column_shift(-request.count)

    def do_move_right(self, request: Request) -> None:
        self.table.column_shift(request.count)

    def do_move_top(self, request: Request) -> None:
        """First line; with a count, that line."""
        self.moving().home()
        if request.count > 1:
            self.moving().move(request.count - 1)

    def do_move_bottom(self, request: Request) -> None:
        self.moving().end()

    def do_page_down(self, request: Request) -> None:
        self.moving().page(request.count)

    def do_page_up(self, request: Request) -> None:
        self.moving().page(-request.count)

    def do_half_down(self, request: Request) -> None:
        self.moving().page(request.count, half=True)

    def do_half_up(self, request: Request) -> None:
        self.moving().page(-request.count, half=True)

    def do_focus_next(self, request: Request) -> None:
        """Table, then each pane of the details, then the table."""
        ring = [self.table, *self.panes()]
        at = ring.index(self.screen.focused) if self.screen.focused in ring else 0
        self.screen.set_focus(ring[(at + 1) % len(ring)])  # at once: the next key may be here already

    async def do_open(self, request: Request) -> None:
        await self.open_details()

    def mean(self) -> None:
        """Something is done to the selected row: it stays selected, also while the first rows still come."""
        if self.table.filling and (key := self.table.selected_key) is not None:
            self.table.select_key(key)

    async def do_details(self, request: Request) -> None:
        if not self.close_details():
            await self.open_details()

    def do_mark(self, request: Request) -> None:
        for _ in range(request.count):
            self.table.toggle_mark()
        self._marks_changed()

    def do_mark_range(self, request: Request) -> None:
        self.table.mark_range()
        self._marks_changed()

    def do_mark_clear(self, request: Request) -> None:
        self.table.clear_marks()
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.refresh_title()
        self.post_message(self.ContextChanged())

    def do_faults(self, request: Request) -> None:
        self.faults_only = not self.faults_only
        self.refilter()

    def do_wide(self, request: Request) -> None:
        self.table.wide = not self.table.wide
        self.refresh_title()

    def sort(self, key: str, *, descending: bool = False) -> None:
        """Order by the column `key`; the same one again turns the order round."""
        view = self.table.view
        if view is not None:
            wanted, falling = view.wanted_sort
            self.order(key, descending=not falling if wanted == key else descending)

    def do_sort_name(self, request: Request) -> None:
        self.sort("name")

    def do_sort_age(self, request: Request) -> None:
        self.sort("age")

    def do_sort_status(self, request: Request) -> None:
        self.sort("health", descending=True)

    def do_sort_restarts(self, request: Request) -> None:
        self.sort("restarts", descending=True)

    def do_sort_namespace(self, request: Request) -> None:
        self.sort("namespace")

    def do_sort_left(self, request: Request) -> None:
        self._choose(-request.count)

    def do_sort_right(self, request: Request) -> None:
        self._choose(request.count)

    def do_sort_column(self, request: Request) -> None:
        """Sort by the column named in the command, or by the chosen one."""
        key = request.argument or self.column
        if self.kind.column(key) is not None:
            self.sort(key)

    def _choose(self, step: int) -> None:
        keys = [column.key for column in self.kind.shown if self.table.wide or not column.wide]
        view = self.table.view
        start = self.column or (view.sort_key if view is not None else keys[0])
        self.column = keys[(keys.index(start) + step) % len(keys)] if start in keys else keys[0]
        self.refresh_title()

    # -- messages ---------------------------------------------------------------------------------------------

    async def on_live_table_row_selected(self, message: LiveTable.RowSelected) -> None:
        message.stop()
        await self.open_details()

    def on_live_table_cursor_moved(self, message: LiveTable.CursorMoved) -> None:
        message.stop()
        self.refresh_details()
        self.post_message(self.ContextChanged())

    def on_live_table_sort_requested(self, message: LiveTable.SortRequested) -> None:
        message.stop()
        self.sort(message.column)
