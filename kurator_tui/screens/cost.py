"""What this console costs: a row a cluster, by its streams, under the figures of feeders, console and terminal."""

from __future__ import annotations

from dataclasses import replace

from textual.app import ComposeResult

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.screens.table_screen import TableScreen

SHOWN = ("name", "health", "state", "via", "streams", "reason")
"""Columns that do not change each second."""


class CostScreen(TableScreen):
    """Figures above, clusters below."""

    kind = replace(CLUSTERS, columns=tuple(column for column in CLUSTERS.columns if column.key in SHOWN))
    title = "Cost"

    def compose_details(self) -> ComposeResult:
        from kurator_tui.widgets.detail_pane import DetailPane

        yield DetailPane(ascii_only=self.look.ascii_only)

    def show_details(self, row: Row) -> None:
        from kurator_tui.screens.cluster_facts import cluster_sections
        from kurator_tui.widgets.detail_pane import DetailPane

        if isinstance(row, ClusterOverview):
            self.query_one(DetailPane).show(cluster_sections(row, self.look.clock()), key=row.key)
