"""A page of charts over the table it was opened from: what is in sight is laid out and read, nothing else.

`metrics_frame` brings keys to actions, `metrics_keys` does them.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kurator_tui.errors import ConsoleError
from kurator_tui.link.messages import ToConsole
from kurator_tui.link.metrics import Pages, PanelMeta, PanelQuery
from kurator_tui.screens.metrics_drawing import ChartsDrawn
from kurator_tui.screens.metrics_target import Target, lacks, own_page, page_of
from kurator_tui.screens.source import LIVE, Source
from kurator_tui.screens.table_turns import Look
from kurator_tui.widgets.chart_grid import ChartGrid, Raster, fitting

AWAY = 3.0
"""Seconds under another screen after which nothing is read."""
ASK_AGAIN, ASK_SOON = 60.0, 10.0
"""Seconds after which it is asked again what can be measured; sooner while that fails."""
BESIDE = 140
"""Columns from which the values of a chart stand beside it."""
POINTS = (60, 120, 240, 480)
"""How many points are asked for: the first that fills a chart."""


class ChartsBase(ChartsDrawn):
    """Which page, which charts of it, and when they are read."""

    def __init__(self, source: Source, look: Look, target: Target) -> None:
        super().__init__(source, look, target)
        self._asked_at = 0.0
        self._hidden_at: float | None = None
        self._stop_listening: Callable[[], None] = lambda: None

    # -- life -----------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self._stop_listening = self.source.listen(self._hear)
        self.set_interval(1.0, self.tick)
        self.ask_pages()

    def on_unmount(self) -> None:
        self._stop_listening()
        self.feed.close()
        self.stop_drawing()

    def on_screen_suspend(self) -> None:
        self._hidden_at = self.look.clock()

    def on_screen_resume(self) -> None:
        self._hidden_at = None
        self.call_later(self.lay_out)

    def _hear(self, fact: ToConsole | None) -> None:
        if fact is None and self.source.feeder_state == LIVE and self._hidden_at is None:
            self.feed.reopen()

    def tick(self) -> None:
        """A second went by."""
        now = self.look.clock()
        if self._hidden_at is not None:
            if now - self._hidden_at >= AWAY:
                self.feed.close()
            return
        self.feed.reopen(only_broken=True)
        failed = self._call_failed or self.pages.error is not None
        if now - self._asked_at >= (ASK_SOON if failed else ASK_AGAIN):
            self.ask_pages()
        self.draw()

    def ask_pages(self) -> None:
        """Ask which pages there are, and what of them can be measured here."""
        self._asked_at = self.look.clock()
        self.run_worker(self._told_pages(), group="pages", exclusive=True)

    async def _told_pages(self) -> None:
        try:
            self.pages = msgspec.json.decode(await self.source.call("metrics_pages"), type=Pages)
        except ConsoleError as error:
            self._call_failed = f"{error.title}: {error.message}"
            self.draw()
            return
        self._call_failed = ""
        if self.page.id or self.promql:
            self.page = next((page for page in self.pages.pages if page.id == self.page.id), self.page)
            self._set_panels()
            self.lay_out()
        else:
            self.show_target(self.target)

    # -- what is shown --------------------------------------------------------------------------------------------

    def show_target(self, target: Target) -> None:
        """Show what `target` says: a page, or a query of the user's."""
        page = page_of(target.word, self.pages.pages)
        self.target = target
        self.promql = "" if page is not None else target.word
        self.page = page or own_page(target.word)
        self.chosen, self._first, self.cursor, self._problem = 0, 0, None, None
        self.zoomed = False
        self.lines.clear()
        self.feed.forget()
        self._cache.clear()
        self._set_panels()
        self.lay_out()

    def _set_panels(self) -> None:
        """What can be measured comes first; where nobody could tell, all is asked for."""
        panels = self.page.panels
        if self.pages.error is not None:
            panels = tuple(msgspec.structs.replace(panel, available=True) for panel in panels)
        self.panels = tuple(sorted(panels, key=lambda panel: not panel.available))

    def lay_out(self) -> None:
        """Lay out as many charts as fit, the chosen one among them, and read those in sight, no others."""
        if not self.is_attached or not self.grid.size.height:
            return
        single = self.zoomed or len(self.panels) <= 1
        body = self.query_one(".body")
        body.set_class(self.side == "query", "-query")
        body.set_class(single and not self.side and bool(self.panels), "-values")
        body.set_class(self.size.width >= BESIDE, "-beside")
        size = self.grid.size
        self.raster = Raster() if single else fitting(len(self.panels), size.width, size.height)
        across, places = self.raster.columns, self.raster.places
        line = self.chosen // across
        first = min(self._first // across, line)
        first = max(first, line - self.raster.rows + 1)
        self._first = 0 if places >= len(self.panels) else first * across
        self._read()
        self.draw()

    @property
    def complete(self) -> bool:
        """Whether all charts in sight were answered and drawn."""
        return bool(self._call_failed) or (bool(self.panels) and self.feed.complete and self.settled)

    def _read(self) -> None:
        if self._hidden_at is not None or lacks(self.page, self.target):
            self.feed.close()
            return
        width = self.grid.plot_width(self.raster) * 2
        points = next((each for each in POINTS if each >= width * 0.8), POINTS[-1])
        wanted = {panel.id: self._query(panel, points) for panel in self.in_sight if panel.available}
        self.feed.want(wanted, yesterday=self.yesterday)

    def _query(self, panel: PanelMeta, points: int) -> PanelQuery:
        target = self.target
        return PanelQuery(
            "" if self.promql else self.page.id,
            "" if self.promql else panel.id,
            self.promql,
            target.clusters,
            target.namespaces,
            target.variables,
            self.span.seconds,
            self.span.end,
            points=points,
        )

    def on_chart_grid_resized(self, message: ChartGrid.Resized) -> None:
        self.lay_out()
