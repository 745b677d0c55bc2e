"""The ways to metrics: the overview, a page of charts, a query of the user's, the charts of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kurator_tui.config.metrics_actions import METRICS
from kurator_tui.kinds.base import Row
from kurator_tui.screens.keys import Request
from kurator_tui.screens.ways import Ways

if TYPE_CHECKING:  # the first frame waits for no charts
    from kurator_tui.screens.metrics import MetricsScreen
    from kurator_tui.screens.metrics_completion import Queries
    from kurator_tui.screens.metrics_target import Target


class MetricsWays(Ways):
    """The part of the frame that opens charts."""

    _queries: Queries | None = None

    @property
    def queries(self) -> Queries:
        """Completion of queries."""
        if self._queries is None:
            from kurator_tui.screens.metrics_completion import Queries

            self._queries = Queries(self.source)
        return self._queries

    async def learn(self, text: str) -> str:
        return await self.queries.learn(text)

    async def do_metrics(self, request: Request) -> None:
        """The overview; with the name of a page or PromQL that, for the clusters in scope."""
        from kurator_tui.screens.metrics_target import Target

        if request.argument in ("", METRICS, "overview"):
            await self.open_place(METRICS)
            return
        scope = self.scope
        self.open_charts(Target(request.argument, tuple(sorted(scope.clusters)), tuple(sorted(scope.namespaces))))

    def do_metrics_row(self, request: Request) -> None:
        from kurator_tui.screens.metrics_target import target_of

        if (found := self.subject()) is not None:
            kind, row = found
            shown = self.context.kind if kind is self.current.kind else kind.id
            self.open_charts(target_of(shown, row), row)

    def on_metrics_screen_chosen(self, message: MetricsScreen.Chosen) -> None:
        from kurator_tui.screens.metrics_target import Target

        self.open_charts(Target("cluster", (message.cluster,), about=message.cluster))

    def open_charts(self, target: Target, row: Row | None = None) -> None:
        """Show charts over the table until they are closed."""
        from kurator_tui.screens.metrics_keys import ChartsScreen

        self.app.push_screen(ChartsScreen(self.source, self.look, self.keys, target, row), self.commanded)
