"""Screen 1, Fleets: a row a fleet; Enter opens members × plugins with the reason of each bad cell."""

from __future__ import annotations

from textual.app import ComposeResult

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview, FleetOverview
from kurator_tui.screens.trends import TrendScreen


class FleetsScreen(TrendScreen):
    """Fleets with their members by our probe and their plugins by HelmRelease."""

    DEFAULT_CSS = """
    FleetsScreen Grid { width: 1fr; height: 1fr; }
    FleetsScreen DetailPane { width: 1fr; height: 1fr; }
    """

    kind = FLEETS
    title = "Fleets"
    related = (CLUSTERS.id,)

    def compose_details(self) -> ComposeResult:
        from kurator_tui.widgets.detail_pane import DetailPane  # the first frame does not wait for details
        from kurator_tui.widgets.grid import Grid

        yield Grid(ascii_only=self.look.ascii_only)
        yield DetailPane(ascii_only=self.look.ascii_only)

    def show_details(self, row: Row) -> None:
        from kurator_tui.screens.fleet_facts import fleet_sections, plugin_grid
        from kurator_tui.widgets.detail_pane import DetailPane, Line, Section
        from kurator_tui.widgets.grid import Grid

        if not isinstance(row, FleetOverview):
            return
        clusters = {
            found.name: found
            for found in self.source.store.rows(CLUSTERS.id)
            if isinstance(found, ClusterOverview)
        }
        columns, rows = plugin_grid(row)
        self.query_one(Grid).show(columns, rows, key=row.key)
        sections = fleet_sections(row, clusters, self.look.clock())
        if not columns:
            sections = (*sections, Section("Plugins", (Line("", "this fleet uses no plugins"),)))
        self.query_one(DetailPane).show(sections, key=row.key)

    def refresh_title(self) -> None:
        self.note = "figures are of whole fleets" if self.scope.clusters else ""
        super().refresh_title()

    def in_scope(self, row: Row) -> bool:
        """A fleet is in scope with any of its members, or with the host it lives on."""
        clusters = self.scope.clusters
        members = row.members if isinstance(row, FleetOverview) else ()
        return not clusters or row.cluster in clusters or not clusters.isdisjoint(members)
