"""Screen 5, Metrics: a row a cluster over Thanos. Enter opens the page of charts of one of them.

One query a panel for all clusters, at most twelve, and none while nobody sees the screen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import msgspec
from textual.app import ComposeResult
from textual.message import Message

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.cells import duration, inert
from kurator_tui.kinds.estimates import FORECASTS, ForecastRow
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.link.metrics import PageMeta, Pages, PanelMeta, PanelQuery
from kurator_tui.screens.keys import Request
from kurator_tui.screens.kind_facts import with_health
from kurator_tui.screens.metrics_facts import row_sections
from kurator_tui.screens.metrics_feed import PanelFeed
from kurator_tui.screens.metrics_lines import merged_missing
from kurator_tui.screens.metrics_rows import MOST, PAGE, WIDE, Measured, MetricsRow, metrics_rows, overview_kind
from kurator_tui.screens.metrics_title import few
from kurator_tui.screens.source import LIVE, Source
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.scope import Scope
from kurator_tui.store.store import Delta
from kurator_tui.widgets.table import LiveTable

SECONDS, POINTS = 3600.0, 120
AWAY = 3.0
"""Seconds out of sight after which nothing is read."""
ASK_AGAIN = 60.0
"""Seconds after which it is asked again what can be measured; sooner while that fails."""
ASK_SOON = 10.0
MERGE = 0.2
"""Seconds within which answers are shown together."""


class MetricsScreen(TableScreen):
    """Rows are made of the answers of the page `overview`."""

    title = "Metrics"

    class Chosen(Message):
        """One cluster to look at."""

        def __init__(self, cluster: str) -> None:
            super().__init__()
            self.cluster = cluster

    def __init__(self, source: Source, look: Look, *, id: str | None = None) -> None:
        self.kind = with_health(overview_kind((), forecasts=False))
        self.pages = Pages()
        self._page = PageMeta(PAGE, "Overview")
        self._feed = PanelFeed(source, look.clock, self._due_soon)
        self._asked_at = 0.0
        self._seen_at = 0.0
        self._rows: dict[str, MetricsRow] = {}
        self._showing = False
        self._call_failed = ""
        super().__init__(source, look, id=id)
        self.table.filling = True

    # -- life -----------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self._seen_at = self.look.clock()
        self.set_interval(1.0, self.look_whether_seen)
        self._ask_pages()

    def subscribe(self) -> None:
        self.source.subscribe(FORECASTS.id, reader=self.id or "")

    async def leave(self) -> None:
        await self.remove()
        self.source.unsubscribe(FORECASTS.id, self.id or "")

    def on_unmount(self) -> None:
        self._feed.close()

    @property
    def seen(self) -> bool:
        """Whether it is what the terminal shows; a dialog over it hides it, too."""
        return self.is_attached and self.display and self.app.screen is self.screen

    def look_whether_seen(self) -> None:
        """Read while it is seen, and a little longer."""
        now = self.look.clock()
        if self.seen:
            self._seen_at = now
            self._read()
            failed = bool(self._call_failed) or self.pages.error is not None
            if now - self._asked_at >= (ASK_SOON if failed else ASK_AGAIN):
                self._ask_pages()
            self._feed.reopen(only_broken=True)
        elif now - self._seen_at >= AWAY:
            self._feed.close()

    def arrived(self) -> None:
        self._feed.forget()  # it is of another moment
        self.look_whether_seen()
        super().arrived()

    def on_show(self) -> None:
        self.look_whether_seen()
        super().on_show()

    def _read(self) -> None:
        """Have every panel of the overview answered for the clusters in scope."""
        clusters = tuple(sorted(self.scope.clusters))
        end = self.look.clock() if self.look.as_of() else 0.0
        self._feed.want(
            {
                panel.id: PanelQuery(PAGE, panel.id, clusters=clusters, seconds=SECONDS, end=end, points=POINTS)
                for panel in self.panels
            }
        )

    @property
    def panels(self) -> tuple[PanelMeta, ...]:
        """What is asked for: what can be measured here, and has a column now."""
        anyway = self.pages.error is not None
        found = (panel for panel in self._page.panels if panel.id not in WIDE or self.table.wide)
        return tuple(panel for panel in found if panel.available or anyway)[:MOST]

    def _ask_pages(self) -> None:
        self._asked_at = self.look.clock()
        self.run_worker(self._told_pages(), group="pages", exclusive=True)

    async def _told_pages(self) -> None:
        try:
            self.pages = msgspec.json.decode(await self.source.call("metrics_pages"), type=Pages)
        except ConsoleError as error:
            self._call_failed = f"{error.title}: {error.message}"
            self._due_soon()
            return
        self._call_failed = ""
        page = next((page for page in self.pages.pages if page.id == PAGE), None)
        self._page = page or PageMeta(PAGE, "Overview")
        if self.seen:
            self._read()
        self.show_rows()

    @property
    def complete(self) -> bool:
        return bool(self._call_failed) or (bool(self.pages.pages) and self._feed.complete and not self._showing)

    # -- rows -----------------------------------------------------------------------------------------------------

    def rows(self) -> Iterable[Row]:
        return list(self._rows.values())

    def _due_soon(self) -> None:
        if not self._showing and self.is_attached:
            self._showing = True
            # No timer of Textual's: whoever told the answer may know no app.
            asyncio.get_running_loop().call_later(MERGE, self.call_later, self.show_rows)

    def _rows_changed(self, kind: str, delta: Delta) -> None:
        if kind in (FORECASTS.id, CLUSTERS.id) and self.display:
            self._due_soon()

    def set_scope(self, scope: Scope) -> None:
        self.scope = scope
        if self.seen:
            self._read()
        self.show_rows()

    def _members(self) -> list[str]:
        known = {row.name for row in self.source.store.rows(CLUSTERS.id) if row.name != HOST}
        for reading in self._feed.readings():
            known |= {each.label("cluster") for each in reading.data.series} if reading.data is not None else set()
        wanted = self.scope.clusters
        return sorted(name for name in known if name and (not wanted or name in wanted))

    def show_rows(self) -> None:
        """Make all rows again and tell the table of those that differ."""
        self._showing = False
        if not self.is_attached:
            return
        panels = self.panels
        forecasts = [row for row in self.source.store.rows(FORECASTS.id) if isinstance(row, ForecastRow)]
        found = ((panel.id, self._feed.reading(panel.id).data) for panel in panels)
        answers = {id: data for id, data in found if data is not None}
        known = Measured(panels, answers, self._members(), self.missing(), forecasts, self.look.ascii_only)
        rows = {row.uid: row for row in metrics_rows(known)}
        before, self._rows = self._rows, rows
        kind = with_health(overview_kind(panels, forecasts=any(row.hours is not None for row in forecasts)))
        if [column.key for column in kind.columns] != [column.key for column in self.kind.columns]:
            if self.table.view is not None:
                self.table.view.load(self.rows())
            self.rearrange(kind)
        else:
            changes: Delta = {row.key: row for uid, row in rows.items() if before.get(uid) != row}
            changes.update({row.key: None for uid, row in before.items() if uid not in rows})
            if changes:
                self.changed(changes)
        self.aged()
        self.refresh_title()

    def in_scope(self, row: Row) -> bool:
        return True

    def freshness(self) -> Callable[[Row], Freshness] | None:
        """All rows are as old as the answers they are made of."""
        return lambda _row: self._freshness()

    def _freshness(self) -> Freshness:
        now = self.look.clock()
        readings = [reading for reading in self._feed.readings() if reading.data is not None]
        stale = [reading for reading in readings if reading.stale(now)]
        if readings and len(stale) * 2 >= len(readings):
            oldest = min(reading.data.at for reading in stale if reading.data is not None)
            return Freshness(State.STALE, oldest, self.trouble())
        return Freshness(State.LIVE, 0.0)

    # -- what is shown --------------------------------------------------------------------------------------------

    def missing(self) -> dict[str, str]:
        """Members without metrics, with the reason."""
        found = {each.cluster: each.reason for each in self.pages.missing}
        return {**merged_missing(self._feed.readings()), **found}

    def trouble(self) -> str:
        """Why there are no new answers; "" while there are."""
        if self.source.feeder_state != LIVE:
            return self.source.feeder_state
        if self._call_failed:
            return self._call_failed
        failures = [reading.failure for reading in self._feed.readings() if reading.failure is not None]
        failure = self.pages.error or next(iter(failures), None)
        return ": ".join(text for text in (failure.title, failure.message) if text) if failure is not None else ""

    def title_on(self, width: int) -> str:
        answers = [reading.data for reading in self._feed.readings() if reading.data is not None]
        if not answers:
            return self.title
        newest = max(data.at for data in answers)
        source = inert(answers[0].source)
        return f"Metrics of {source}, {duration(max(0.0, self.look.clock() - newest))} old"

    def refresh_title(self) -> None:
        missing = [name for name in self.missing() if not self.scope.clusters or name in self.scope.clusters]
        off = [panel.title for panel in self._page.panels if not panel.available]
        parts = [
            inert(self.trouble()),
            "" if self._asked_once else "asking Thanos",
            f"without {few(sorted(missing))}" if missing else "",
            *(inert(problem) for problem in self.pages.problems[:1]),
            f"nothing measures {few(off)}" if off and self.pages.error is None else "",
        ]
        self.note = " · ".join(part for part in parts if part)
        super().refresh_title()

    @property
    def _asked_once(self) -> bool:
        """Whether anything was answered, or failed."""
        return bool(self.trouble()) or any(reading.data is not None for reading in self._feed.readings())

    def tick(self) -> None:
        super().tick()
        self.refresh_title()

    def _empty(self) -> str:
        return self.trouble() or ("asking Thanos" if not self.pages.pages else "no cluster has metrics")

    def compose_details(self) -> ComposeResult:
        from kurator_tui.widgets.detail_pane import DetailPane

        yield DetailPane(ascii_only=self.look.ascii_only)

    def show_details(self, row: Row) -> None:
        from kurator_tui.widgets.detail_pane import DetailPane, Line, Section

        if isinstance(row, MetricsRow):
            sections = row_sections(row, self.panels, self._page.panels, self.missing().get(row.name, ""))
            if self.pages.problems:
                lines = tuple(Line("", problem, Level.DEGRADED) for problem in self.pages.problems)
                sections = (*sections, Section("Pages of yours that cannot be used", lines))
            self.query_one(DetailPane).show(sections, key=row.key)

    # -- actions --------------------------------------------------------------------------------------------------

    async def do_open(self, request: Request) -> None:
        if (row := self.table.cursor_row) is not None:
            self.post_message(self.Chosen(row.cluster))

    async def on_live_table_row_selected(self, message: LiveTable.RowSelected) -> None:
        message.stop()
        await self.do_open(Request())

    def do_resync(self, request: Request) -> None:
        """Ask Thanos again."""
        self._feed.reopen()
        self._ask_pages()
