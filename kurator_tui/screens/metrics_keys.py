"""What the keys do on a page of charts: choose, zoom, read out, move in time, compare, filter, turn pages."""

from __future__ import annotations

from kurator_tui.config.metrics_actions import METRICS
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.screens.keys import Request
from kurator_tui.screens.metrics_frame import ChartsFrame
from kurator_tui.screens.metrics_span import Span
from kurator_tui.screens.metrics_target import Target, lacks
from kurator_tui.widgets.chart_grid import ChartGrid
from kurator_tui.widgets.picker import Choice, Picker


class ChartsScreen(ChartsFrame):
    """The methods are named by the action registry."""

    # -- choosing -------------------------------------------------------------------------------------------------

    def _choose(self, at: int) -> None:
        """Choose the chart at `at`, as far as there is one."""
        self.chosen = max(0, min(at, len(self.panels) - 1))
        self.lay_out()

    @property
    def _single(self) -> bool:
        return self.zoomed or len(self.panels) <= 1

    def do_chart_next(self, request: Request) -> None:
        self._choose((self.chosen + request.count) % max(1, len(self.panels)))

    def do_chart_before(self, request: Request) -> None:
        self._choose((self.chosen - request.count) % max(1, len(self.panels)))

    def do_chart_down(self, request: Request) -> None:
        if self._single:
            self._choose_line(request.count)
        elif self.chosen + self.raster.columns * request.count < len(self.panels):
            self._choose(self.chosen + self.raster.columns * request.count)

    def do_chart_up(self, request: Request) -> None:
        if self._single:
            self._choose_line(-request.count)
        elif self.chosen >= self.raster.columns * request.count:
            self._choose(self.chosen - self.raster.columns * request.count)

    def do_chart_left(self, request: Request) -> None:
        self._move_cursor(-request.count) if self._single else self._choose(self.chosen - request.count)

    def do_chart_right(self, request: Request) -> None:
        self._move_cursor(request.count) if self._single else self._choose(self.chosen + request.count)

    def do_move_top(self, request: Request) -> None:
        self._choose(0)

    def do_move_bottom(self, request: Request) -> None:
        self._choose(len(self.panels) - 1)

    def do_page_down(self, request: Request) -> None:
        self._page(request.count)

    def do_page_up(self, request: Request) -> None:
        self._page(-request.count)

    def _page(self, pages: int) -> None:
        """Details are scrolled where they are shown, else charts."""
        if self.side:
            self.facts.page(pages)
        else:
            self._choose(self.chosen + pages * self.raster.columns * self.raster.rows)

    def do_chart_zoom(self, request: Request) -> None:
        self.zoomed = not self.zoomed and len(self.panels) > 1
        self.side = ""
        self.lay_out()

    def on_chart_grid_clicked(self, message: ChartGrid.Clicked) -> None:
        panel = next(iter(self.in_sight[message.place : message.place + 1]), None)
        if panel is not None:
            self._choose(self.panels.index(panel))
            self.refresh_footer()

    # -- in a chart -----------------------------------------------------------------------------------------------

    def do_chart_cursor_back(self, request: Request) -> None:
        self._move_cursor(-request.count)

    def do_chart_cursor_on(self, request: Request) -> None:
        self._move_cursor(request.count)

    def _move_cursor(self, steps: int) -> None:
        """From point to point of the chosen chart, by a cell at least; all charts show the same moment."""
        data = self.feed.reading(self.current.id).data if self.current is not None else None
        if data is None or data.count < 2:
            return
        end = data.start + (data.count - 1) * data.step
        stride = max(1, data.count // max(1, self.grid.plot_width(self.raster)))
        at = round(((end if self.cursor is None else self.cursor) - data.start) / data.step) + steps * stride
        self.cursor = data.start + max(0, min(at, data.count - 1)) * data.step
        self.draw()

    def do_chart_series_next(self, request: Request) -> None:
        self._choose_line(request.count)

    def do_chart_series_before(self, request: Request) -> None:
        self._choose_line(-request.count)

    def _choose_line(self, step: int) -> None:
        """Mark another line of the chosen chart; none comes before the first and after the last."""
        panel = self.current
        if panel is None:
            return
        chart = next((c for p, c in zip(self.in_sight, self.grid.charts, strict=False) if p is panel), None)
        names = ["", *(line.name for line in chart.series)] if chart is not None else [""]
        at = names.index(chart.chosen) if chart is not None and chart.chosen in names else 0
        self.lines[panel.id] = names[(at + step) % len(names)]
        self.draw()

    def do_chart_query(self, request: Request) -> None:
        self.side = "" if self.side else "query"
        self.lay_out()

    def do_chart_copy(self, request: Request) -> None:
        data = self.feed.reading(self.current.id).data if self.current is not None else None
        query = data.query if data is not None and data.query else self.promql
        if query:
            self.app.copy_to_clipboard(query)
            self.say("copied the query")
        else:
            self.say("no query was answered yet", level="warning")

    # -- time -----------------------------------------------------------------------------------------------------

    def _over(self, span: Span) -> None:
        if span != self.span:
            self.span = span
            self.cursor = None
            self.lay_out()

    def do_chart_shorter(self, request: Request) -> None:
        self._over(self.span.longer(-request.count))

    def do_chart_longer(self, request: Request) -> None:
        self._over(self.span.longer(request.count))

    def do_chart_earlier(self, request: Request) -> None:
        self._over(self.span.moved(-request.count, self.look.clock()))

    def do_chart_later(self, request: Request) -> None:
        self._over(self.span.moved(request.count, self.look.clock()))

    def do_chart_now(self, request: Request) -> None:
        self.cursor = None
        self._over(self.span.live())
        self.draw()

    def do_chart_yesterday(self, request: Request) -> None:
        self.yesterday = not self.yesterday
        self.lay_out()

    def do_resync(self, request: Request) -> None:
        """Ask everything again."""
        self.feed.reopen()
        self.ask_pages()

    # -- pages and scope ------------------------------------------------------------------------------------------

    def do_chart_page_next(self, request: Request) -> None:
        self._turn(request.count)

    def do_chart_page_before(self, request: Request) -> None:
        self._turn(-request.count)

    def _turn(self, by: int) -> None:
        """To another page that says something about the same."""
        pages = [page for page in self.pages.pages if not lacks(page, self.target)]
        if pages:
            ids = [page.id for page in pages]
            at = ids.index(self.page.id) if self.page.id in ids else -1 if by > 0 else 0
            self._open(ids[(at + by) % len(ids)])

    def _open(self, word: str) -> None:
        target = self.target
        self.show_target(Target(word, target.clusters, target.namespaces, target.variables, target.about))

    def do_chart_page_pick(self, request: Request) -> None:
        def picked(found: frozenset[str] | None) -> None:
            for id in found or ():
                self._open(id)

        choices = []
        for page in self.pages.pages:
            needs = lacks(page, self.target)
            off = sum(not panel.available for panel in page.panels)
            note = f"of one {needs[-1]}: M on its row" if needs else f"{len(page.panels)} charts"
            choices.append(Choice(page.id, f"{page.title}, {note}" + (f", {off} not measured" if off else "")))
        self.app.push_screen(Picker("Pages of charts", choices, several=False), picked)

    def do_chart_clusters(self, request: Request) -> None:
        from kurator_tui.screens.overlays import scope_picker

        def picked(found: frozenset[str] | None) -> None:
            if found is not None:
                target = self.target
                self.show_target(Target(target.word, tuple(sorted(found)), target.namespaces, target.variables))

        rows = list(self.source.store.rows(CLUSTERS.id))
        self.app.push_screen(scope_picker(rows, self.target.clusters, self.look.clock()), picked)

    def do_metrics(self, request: Request) -> None:
        """Another page or query; without one the overview."""
        if request.argument in ("", METRICS):
            self.dismiss(METRICS)
        else:
            self._open(request.argument)

    def do_screen(self, request: Request) -> None:
        self.dismiss(request.argument)

    # -- out of here ----------------------------------------------------------------------------------------------

    def do_back(self, request: Request) -> None:
        """The nearest thing that can be undone: query, filter, cursor, chosen line, zoom; then the charts."""
        panel = self.current.id if self.current is not None else ""
        if self.side:
            self.do_chart_query(request)
        elif self.words:
            self.filter_lines("")
            self.bar.close()
        elif self.cursor is not None or self.lines.get(panel):
            self.cursor = None
            self.lines.pop(panel, None)
            self.draw()
        elif self.zoomed:
            self.do_chart_zoom(request)
        else:
            self.dismiss(None)
