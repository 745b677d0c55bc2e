"""What the screens of clusters share: their details, and how old their rows are."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.overview import ClusterOverview
from kurator_tui.screens.source import LIVE, STARTING
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.store.freshness import Freshness


class ClusterRows(TableScreen):
    """Rows are members and the host; Enter tells all about one."""

    def compose_details(self) -> ComposeResult:
        from kurator_tui.widgets.detail_pane import DetailPane  # the first frame does not wait for details

        yield DetailPane(ascii_only=self.look.ascii_only)

    def show_details(self, row: Row) -> None:
        from kurator_tui.screens.cluster_facts import cluster_sections
        from kurator_tui.widgets.detail_pane import DetailPane

        if isinstance(row, ClusterOverview):
            self.query_one(DetailPane).show(cluster_sections(row, self.look.clock()), key=row.key)

    def freshness(self) -> Callable[[Row], Freshness] | None:
        """A row's own health says how old it is, unless nobody is there to update it."""
        return None if self.source.feeder_state in (LIVE, STARTING) else super().freshness()
