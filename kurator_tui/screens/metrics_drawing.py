"""What a page of charts shows is composed here: charts, values or query of one of them, title, notice.

A chart whose answer and look are as before is not composed again; answers are drawn together, at most five times a
second. `metrics_page.ChartsBase` decides what is in sight.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

import msgspec
from textual.app import ComposeResult
from textual.containers import Container

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.cells import duration
from kurator_tui.link.metrics import Completion, PageMeta, Pages, PanelMeta
from kurator_tui.screens.keyed import BarsScreen
from kurator_tui.screens.metrics_facts import panel_sections
from kurator_tui.screens.metrics_feed import PanelFeed
from kurator_tui.screens.metrics_lines import (
    MOST,
    MOST_ALONE,
    Drawing,
    Reading,
    chart_of,
    merged_missing,
    pointed,
)
from kurator_tui.screens.metrics_markers import Releases
from kurator_tui.screens.metrics_span import Span
from kurator_tui.screens.metrics_target import Target, lacks
from kurator_tui.screens.metrics_title import ChartsTitle, ChartsTitleLine, NoticeLine, notice_text
from kurator_tui.screens.source import LIVE, Source
from kurator_tui.screens.table_turns import Look
from kurator_tui.widgets.chart import Chart, Marker
from kurator_tui.widgets.chart_grid import ChartGrid, Raster
from kurator_tui.widgets.command_bar import CommandBar
from kurator_tui.widgets.detail_pane import DetailPane
from kurator_tui.widgets.filter_bar import FilterBar
from kurator_tui.widgets.footer import Footer
from kurator_tui.widgets.readout import Readout

PACE = 0.2
"""Seconds between two pictures because of answers; keys are answered at once."""


@dataclass(slots=True)
class _Cached:
    """A chart as it was made, and of what."""

    reading: Reading
    made_of: tuple[object, ...]
    chart: Chart


class ChartsDrawn(BarsScreen):
    """Title, charts, values or query of one of them, notice, bars, footer."""

    DEFAULT_CSS = """
    ChartsDrawn { layout: vertical; background: $background; }
    ChartsDrawn > ToastRack { margin-bottom: 2; }
    ChartsDrawn > .body { height: 1fr; width: 1fr; layout: vertical; }
    ChartsDrawn > .body.-beside { layout: horizontal; }
    ChartsDrawn > .body > Readout, ChartsDrawn > .body > DetailPane { display: none; height: 40%; }
    ChartsDrawn > .body.-beside > Readout, ChartsDrawn > .body.-beside > DetailPane { height: 1fr; width: 34%; }
    ChartsDrawn > .body.-values > Readout, ChartsDrawn > .body.-query > DetailPane { display: block; }
    """

    def __init__(self, source: Source, look: Look, target: Target) -> None:
        super().__init__()
        self.source, self.look, self.target = source, look, target
        self.pages = Pages()
        self.page = PageMeta("", "Metrics")
        self.promql = ""
        self.panels: tuple[PanelMeta, ...] = ()
        self.span = Span()
        self.chosen = 0
        self.zoomed = False
        self.yesterday = False
        self.words = ""
        self.cursor: float | None = None
        self.lines: dict[str, str] = {}
        """Panel -> name of its chosen line."""
        self.side = ""
        """`query` while that is shown."""
        self.pace = PACE
        self.grid = ChartGrid(ascii_only=look.ascii_only)
        self.readout = Readout(ascii_only=look.ascii_only)
        self.facts = DetailPane(ascii_only=look.ascii_only)
        self.notice = NoticeLine(ascii_only=look.ascii_only)
        self.bar = FilterBar()
        self.commands = CommandBar(self.completions)
        self.feed = PanelFeed(source, look.clock, self.schedule)
        self._first = 0
        self._readout_height = 0
        self.raster = Raster()
        self._cache: dict[str, _Cached] = {}
        self.releases = Releases(source, look.clock)
        self._markers: tuple[Marker, ...] = ()
        self._problem: Completion | None = None
        self._call_failed = ""
        self._due: asyncio.TimerHandle | None = None
        self._drawn = 0.0

    def completions(self, text: str) -> list[str]:
        """Whole commands that `text` may become."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield ChartsTitleLine()
        yield Container(self.grid, self.readout, self.facts, classes="body")
        yield self.notice
        yield self.bar
        yield self.commands
        yield Footer()

    # -- what is in sight -----------------------------------------------------------------------------------------

    @property
    def current(self) -> PanelMeta | None:
        """The chart that is chosen."""
        return self.panels[self.chosen] if self.chosen < len(self.panels) else None

    @property
    def in_sight(self) -> tuple[PanelMeta, ...]:
        """The charts in sight."""
        if self.zoomed:
            return self.panels[self.chosen : self.chosen + 1]
        return self.panels[self._first : self._first + self.raster.places]

    # -- drawing --------------------------------------------------------------------------------------------------

    def schedule(self) -> None:
        """Something was answered: draw it soon, with what comes beside it."""
        if self._due is None and self.is_attached:
            wait = max(0.0, self._drawn + self.pace - time.perf_counter()) or self.pace / 4
            self._due = asyncio.get_running_loop().call_later(wait, self.call_later, self.draw)

    @property
    def settled(self) -> bool:
        """Whether all that was answered is drawn."""
        return self._due is None

    def stop_drawing(self) -> None:
        """The screen goes."""
        if self._due is not None:
            self._due.cancel()

    def draw(self) -> None:
        """Bring charts, values, title and notice up to date."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if not self.is_attached:
            return
        self._drawn = time.perf_counter()
        self._markers = self.releases.of(self.target, self.span.end, self.span.seconds)
        visible = self.in_sight
        charts = [self._chart(panel) for panel in visible] or [Chart("", note=self._nothing())]
        self.grid.show(charts, self.raster)
        chosen = next(
            (chart for panel, chart in zip(visible, charts, strict=False) if panel is self.current), None
        )
        if chosen is not None and self.query_one(".body").has_class("-values"):
            self.readout.show(chosen)
            self._fit_readout()
        if self.side and (panel := self.current) is not None:
            sections = panel_sections(panel, self.feed.reading(panel.id), self.look.clock())
            self.facts.show(sections, key=panel.id)
        self.refresh_title()

    def _fit_readout(self) -> None:
        """Below its chart it is as high as it needs, up to two fifths."""
        beside = self.query_one(".body").has_class("-beside")
        lines = self.readout.text.count("\n") + 1
        height = 0 if beside else max(2, min(lines, self.size.height * 2 // 5))
        if height != self._readout_height:
            self._readout_height = height
            self.readout.styles.height = height or "1fr"

    def _chart(self, panel: PanelMeta) -> Chart:
        reading, now = self.feed.reading(panel.id), self.look.clock()
        focused = panel is self.current and len(self.in_sight) > 1
        chosen = self.lines.get(panel.id, "")
        old = duration(now - reading.data.at) if reading.data is not None and reading.stale(now) else ""
        made_of = (
            panel,
            len(self.in_sight) == 1,
            self.words,
            self.cursor,
            self._markers,
            focused,
            chosen,
            old,
            self._problem,
            self.span,
        )
        known = self._cache.get(panel.id)
        if known is not None and known.reading is reading and known.made_of == made_of:
            return known.chart
        most = MOST_ALONE if len(self.in_sight) == 1 else MOST
        how = Drawing(now, self.span.seconds, self.span.end, self.words, most, self.cursor, self._markers)
        chart = replace(chart_of(panel, reading, how), focused=focused, chosen=chosen)
        if self.promql and reading.failure is not None and not chart.series:
            chart = replace(chart, note=self._pointed(chart.note))
        if chosen and chosen not in {line.name for line in chart.series}:
            chart = replace(chart, chosen="")
        self._cache[panel.id] = _Cached(reading, made_of, chart)
        return chart

    def _pointed(self, note: str) -> str:
        """What is wrong with the user's query, below the place where it is."""
        if self._problem is None:
            self._problem = Completion()
            self.run_worker(self._ask_problem(), group="problem", exclusive=True)
        found = pointed(self.promql, self._problem.at, max(20, self.grid.size.width - 8))
        return f"{found[0]}\n{found[1]}\n{note}" if self._problem.problem and found is not None else note

    async def _ask_problem(self) -> None:
        arguments = {"promql": self.promql, "cursor": str(len(self.promql))}
        try:
            told = await self.source.call("metrics_names", **arguments)
        except ConsoleError:
            return
        self._problem = msgspec.json.decode(told, type=Completion)
        self.draw()

    def _nothing(self) -> str:
        """Why there is no chart."""
        if self._call_failed:
            return self._call_failed
        if not self.pages.pages:
            return "asking Thanos which metrics there are"
        return "this page has no charts"

    def refresh_title(self) -> None:
        """The title says whose charts these are, of when and by whom; the notice who is missing and why."""
        now, readings = self.look.clock(), self.feed.readings()
        answers = [reading.data for reading in readings if reading.data is not None]
        newest = max((data.at for data in answers), default=0.0)
        shown = len(self.in_sight)
        count = f"chart {self.chosen + 1} of {len(self.panels)}" if shown < len(self.panels) else ""
        self.query_one(ChartsTitleLine).show(
            ChartsTitle(
                self.page.title,
                self.target.about or ", ".join(self.target.clusters[:3]) or "all clusters",
                " ".join(text for text in (self.span.text(), self.look.as_of()) if text),
                next((data.source for data in answers), self.pages.source),
                duration(max(0.0, now - newest)) if newest else "",
                self._trouble(),
                count,
                self.words,
                self.yesterday,
                self.look.ascii_only,
            )
        )
        scope = self.target.clusters
        missing = {each.cluster: each.reason for each in self.pages.missing} | dict(merged_missing(readings))
        missing = {name: why for name, why in missing.items() if not scope or name in scope}
        hints = [(panel.title, panel.hint) for panel in self.panels if not panel.available]
        if needs := lacks(self.page, self.target):
            told = f"{self.page.title} is about one {needs[-1]}: M on its row opens it"
            self.notice.show(told)
            return
        self.notice.show(notice_text(missing, hints, (*self.pages.problems[:1], *self.span.remarks)))

    def _trouble(self) -> str:
        if self.source.feeder_state != LIVE:
            return self.source.feeder_state
        failures = [reading.failure for reading in self.feed.readings() if reading.failure is not None]
        failure = self.pages.error or next(iter(failures), None)
        if self.promql and self._problem is not None and self._problem.problem:
            return "the query cannot be asked"
        return self._call_failed or (f"{failure.title}: {failure.message}" if failure is not None else "")
