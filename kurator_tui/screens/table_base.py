"""A screen over one kind: its rows in a live table, filtered, ordered, with the details of the selected one.

When and in which portions its table follows the store is in `screens.table_turns`. Rows that arrive never move
the selection. Subclasses say which kind, and what the details are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from kurator_tui.config.actions import Context
from kurator_tui.kinds.base import AnyKind, Level, Row
from kurator_tui.link.messages import FirstSyncDone, ToConsole
from kurator_tui.link.readers import Reach
from kurator_tui.screens.source import LIVE, STARTING, Source
from kurator_tui.screens.table_turns import Look, TableTurns
from kurator_tui.screens.title import Title, TitleLine
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.scope import EVERYTHING, Scope
from kurator_tui.store.search import Condition, Filter, nothing_read
from kurator_tui.store.store import Delta
from kurator_tui.store.view import View
from kurator_tui.widgets.covered import Covered, CoveredContainer

__all__ = ["Look", "Scrolling", "TableBase"]

BESIDE = 140
"""Columns from which the details stand beside the table."""
LEAST_BOTH = 14
"""Lines below which the details take the place of the table."""


class Scrolling(Protocol):
    """What the movement keys move: the table, or a pane of the details."""

    def move(self, delta: int) -> None: ...
    def page(self, direction: int, *, half: bool = False) -> None: ...
    def home(self) -> None: ...
    def end(self) -> None: ...


class TableBase(Covered, TableTurns):
    """What a screen of one kind shows; `table_screen.TableScreen` adds what its keys do."""

    DEFAULT_CSS = """
    TableBase { height: 1fr; width: 1fr; layout: vertical; }
    TableBase > .body { height: 1fr; width: 1fr; layout: vertical; }
    TableBase > .body.-beside { layout: horizontal; }
    TableBase .details { display: none; height: 2fr; width: 1fr; border-top: solid $panel; layout: horizontal; }
    TableBase .details > *:focus { background: $surface; }
    TableBase .-beside .details { height: 1fr; width: 1fr; border-top: none; border-left: solid $panel; }
    TableBase .-open .details { display: block; }
    TableBase .-open.-only LiveTable { display: none; }
    TableBase .-open.-only .details { border-top: none; }
    """

    title: str
    related: ClassVar[tuple[str, ...]] = ()
    """Other kinds the details are made of."""

    class ContextChanged(Message):
        """What actions may look at is different now: the footer wants to know."""

    def __init__(self, source: Source, look: Look, *, id: str | None = None) -> None:
        super().__init__(source, look, id=id)
        self.filter_text = ""
        self.faults_only = look.faults_only
        self.scope: Scope = EVERYTHING
        self.note = ""
        """What the title says in the end, e.g. which clusters are missing."""
        self.asking = ""
        """What is being asked for, of whom."""
        self._filter: Filter | None = None
        self._below = False
        self.column = ""
        """Key of the column chosen for sorting."""
        self._stops: list[Callable[[], None]] = []
        self.table.empty = self._then() or self._empty()

    def compose(self) -> ComposeResult:
        yield TitleLine()
        with CoveredContainer(classes="body"):
            yield self.table

    @property
    def complete(self) -> bool:
        """Whether what this screen asks for beside rows has been answered."""
        return True

    # -- for subclasses ---------------------------------------------------------------------------------------

    def compose_details(self) -> ComposeResult:
        """The widgets of the detail pane, mounted when it first opens; the first one is focused then."""
        raise NotImplementedError

    def show_details(self, row: Row) -> None:
        """Fill the detail pane with what is known of `row` now."""
        raise NotImplementedError

    def in_scope(self, row: Row) -> bool:
        """Whether the picked clusters hold `row`; namespaces are about what is in the clusters."""
        return self.scope.holds(row, namespaces=not self.kind.derived)

    def conditions(self) -> list[Condition]:
        """What rows must meet beside scope and filter."""
        return []

    def compile(self, text: str) -> Filter | None:
        """A filter as a predicate. Raises FilterError."""
        from kurator_tui.store.filter import compile_filter

        return compile_filter(text, self.kind, self.look.clock)

    def freshness(self) -> Callable[[Row], Freshness] | None:
        """How old a row is; None leaves that to the rows' own health."""
        return lambda row: self.source.store.freshness(row.cluster, self.kind.id)

    # -- life -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.subscribe()
        self._stops = self._listen()
        view = View(self.kind, self.kind.order, descending=self.kind.descending)
        view.begin_load(self.rows())
        self.table.wide = self.look.wide
        self.table.set_view(view, self.freshness())
        self.refilter()

    def _listen(self) -> list[Callable[[], None]]:
        store, hear = self.source.store, self.source.listen(self._hear)
        return [store.listen(self._rows_changed), store.listen_freshness(self._freshness_changed), hear]

    def follow(self) -> None:
        """The source has another store: the rows are those of that one from now on."""
        for stop in self._stops:
            stop()
        self._pending.clear()
        self._stops = self._listen()
        if self.table.view is not None:
            self.table.set_view(self.table.view, self.freshness())
            self.load()

    def reach(self) -> Reach:
        """Where the rows are needed."""
        return Reach()

    def subscribe(self) -> None:
        """Rows come from now on from where they are needed, until the frame forgets this screen."""
        for kind in (self.kind.id, *self.related):
            clusters, namespaces = self.reach()
            self.source.subscribe(kind, clusters, namespaces=namespaces, reader=self.id or "")

    async def leave(self) -> None:
        """Nobody comes back to this screen: it reads nothing any more."""
        await self.remove()
        for kind in (self.kind.id, *self.related):
            self.source.unsubscribe(kind, self.id or "")

    def on_unmount(self) -> None:
        for stop in self._stops:
            stop()
        self.stop_turns()

    def on_show(self) -> None:
        self.turn()

    def on_resize(self, event: events.Resize) -> None:
        if self.details_open:
            self._arrange()

    def _rows_changed(self, kind: str, delta: Delta) -> None:
        if kind == self.kind.id:
            self.changed(delta)
        elif kind in self.related and self.details_open:
            self.schedule()

    def _freshness_changed(self, cluster: str, kind: str, freshness: Freshness) -> None:
        if kind in ("", self.kind.id):
            self.aged()

    def _hear(self, fact: ToConsole | None) -> None:
        if fact is None:
            self.call_later(self.refresh_freshness)
        elif isinstance(fact, FirstSyncDone):
            self.call_later(self.refresh_title)

    def said(self) -> None:
        """Title, details and footer say what the table shows now."""
        self.refresh_title()
        self.refresh_details()
        self.post_message(self.ContextChanged())

    # -- what is shown ----------------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        """What actions may look at, as far as this screen knows."""
        return Context(
            view=self.id or "",
            row=self.table.cursor_row,
            filter=self.filter_text,
            faults_only=self.faults_only,
            detail=self.details_open,
            columns=frozenset(column.key for column in self.kind.columns),
            kind=self.kind.id,
            marked=len(self.table.marked),
        )

    def tick(self) -> None:
        """A second went by: details hold ages, and filters may."""
        self.recheck()
        self.refresh_details()

    def set_filter(self, text: str) -> str:
        """Show only rows that match `text`; returns what is wrong with it, then the filter before stays."""
        from kurator_tui.store.filter import FilterError

        try:
            found = self.compile(text)
        except FilterError as error:
            return str(error)
        if text.strip() != self.filter_text:  # Enter keeps what was applied while it was typed
            self.filter_text, self._filter = text.strip(), found
            self.refilter()
        return ""

    def rearrange(self, kind: AnyKind) -> None:
        """The kind has other columns now: cursor, filter and order stay where they still mean something."""
        view, before = self.table.view, self.kind
        self.kind = kind
        self.column = self.column if kind.column(self.column) is not None else ""
        if view is None:
            return
        key, descending = view.wanted_sort
        if (key, descending) == (before.order, before.descending) or kind.column(key) is None:
            key, descending = kind.order, kind.descending
        view.rearrange(kind, key, descending=descending)
        self.table.set_view(view, self.freshness())
        self._filter_again()
        self.refilter()
        self.said()

    def _filter_again(self) -> None:
        """The filter was made of columns that are others now; one that names a column that went goes, too."""
        from kurator_tui.store.filter import FilterError

        try:
            self._filter = self.compile(self.filter_text)
        except FilterError as error:
            self.app.notify(
                f"{self.filter_text}: {error}", title="Filter cleared", severity="warning", markup=False
            )
            self.filter_text, self._filter = "", None

    def set_scope(self, scope: Scope) -> None:
        """Show only rows of the clusters in `scope`."""
        self.scope = scope
        self.subscribe()
        self.refilter()

    def counts(self) -> tuple[int, int]:
        """(rows shown, rows there are)."""
        view = self.table.view
        return (len(view), view.total) if view is not None else (0, 0)

    def refilter(self) -> None:
        """Apply scope, faults-only and filter again: at once, or over some turns where rows are many."""
        health = self.kind.health
        conditions = self.conditions()
        if self.scope != EVERYTHING:
            conditions.append(Condition(("scope", self.scope), self.in_scope))
        if self.faults_only:
            conditions.append(Condition("faults", lambda row: health(row).level is not Level.HEALTHY))
        found = self._filter
        if conditions:
            found = (found or Filter("", (), (), nothing_read)).also(*conditions)
        self.show_only(found)

    def refresh_freshness(self) -> None:
        """The feeder came or went: rows look older or newer."""
        self.table.empty = self._then() or self._empty()
        if self.table.view is not None:
            self.table.set_view(self.table.view, self.freshness())

    def _empty(self) -> str:
        state = self.source.feeder_state
        if state == STARTING or (state == LIVE and not self.source.synced):
            return "connecting to the clusters"
        return f"no {self.kind.plural} here" if state == LIVE else state

    def title_on(self, width: int) -> str:
        """The title where the line is `width` cells wide."""
        return self.title

    def marked_text(self) -> str:
        """How many rows are marked, and how many of these a filter hides; empty for none."""
        marked, view = self.table.marked, self.table.view
        if not marked or view is None:
            return ""
        hidden = sum(view.index(key) is None for key in marked)
        return f"{len(marked)} marked" + (f", {hidden} of them hidden" if hidden else "")

    def refresh_title(self) -> None:
        """The title line says what the table shows now."""
        shown, total = self.counts()
        chosen = self.kind.column(self.column)
        self.table.empty = self._then() or self._empty()
        self.query_one(TitleLine).show(
            Title(
                name=self.title_on(self.size.width),
                shown=shown,
                total=total,
                filter=self.filter_text,
                faults_only=self.faults_only,
                wide=self.table.wide,
                scope=self.scope.short(),
                column=chosen.title if chosen else "",
                marked=self.marked_text(),
                note=" · ".join(text for text in (self.look.as_of(), self.note, self.asking, self.doing) if text),
                ascii_only=self.look.ascii_only,
            )
        )
        self._fit_table()

    # -- details ----------------------------------------------------------------------------------------------

    @property
    def details_open(self) -> bool:
        """Whether the detail pane is seen; not while the screen goes, whose body goes before it."""
        return self.is_mounted and any(body.has_class("-open") for body in self.query(".body"))

    async def open_details(self, *, focus: bool = True) -> None:
        """Show the details of the selected row."""
        body = self.query_one(".body")
        if not self.panes():
            await body.mount(Container(*self.compose_details(), classes="details"))
        body.add_class("-open")
        self._arrange()
        self.refresh_details()
        if focus:
            self.panes()[0].focus()
        self.post_message(self.ContextChanged())

    def close_details(self) -> bool:
        """Hide the details; whether there was something to hide."""
        if not self.details_open:
            return False
        self.query_one(".body").remove_class("-open")
        self._fit_table()
        self.table.focus()
        self.post_message(self.ContextChanged())
        return True

    def refresh_details(self) -> None:
        """Fill the open details again."""
        if not self.details_open:
            return
        row = self.table.cursor_row
        if row is not None:
            self.show_details(row)

    def panes(self) -> list[Widget]:
        """The parts of the details that take the focus."""
        return [child for child in self.query(".details > *") if child.can_focus]

    def _arrange(self) -> None:
        """Details beside the table, below it, or in its place: as the size allows."""
        body = self.query_one(".body")
        body.set_class(self.size.width >= BESIDE, "-beside")
        body.set_class(self.size.width < BESIDE and self.size.height < LEAST_BOTH, "-only")
        self._fit_table()

    def _fit_table(self) -> None:
        """Below a table the details get what the rows leave, but the table keeps two fifths of a full one."""
        body = self.query_one(".body")
        below = body.has_class("-open") and not body.has_class("-beside")
        if not below:
            if self._below:
                self._below = False
                self.table.styles.height = "1fr"
            return
        self._below = True
        most = max(4, body.size.height * 2 // 5)
        self.table.styles.height = min(most, self.counts()[0] + 1 or 2)

    def moving(self) -> Scrolling:
        """What the movement keys move now."""
        focused = self.screen.focused
        if focused is not None and focused in self.panes():
            return focused  # type: ignore[return-value]
        return self.table
