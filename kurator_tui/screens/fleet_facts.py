"""What the details of a fleet say: facts, the members' states, and the members × plugins grid. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from kurator_tui.kinds.base import HOST, SEVERITY, Level
from kurator_tui.kinds.overview import PLUGINS, ClusterOverview, FleetOverview, PluginCell, fleet_overview_health
from kurator_tui.screens.facts import ago, capacity, of, verdict
from kurator_tui.screens.summary import state_text
from kurator_tui.store.freshness import STATE_LEVELS
from kurator_tui.widgets.detail_pane import Line, Section
from kurator_tui.widgets.grid import GridCell, GridRow

TITLES = {plugin: plugin for plugin in PLUGINS} | {"kyverno": "policy"}
"""Plugins as `spec.plugin` names them."""


def fleet_sections(row: FleetOverview, clusters: Mapping[str, ClusterOverview], now: float) -> tuple[Section, ...]:
    """The detail pane of one fleet at `now`; `clusters` are the rows of the Clusters screen by name."""
    total = len(row.members)
    return (
        verdict(fleet_overview_health(row)),
        Section(
            "Fleet",
            tuple(
                line
                for line in (
                    Line("namespace", row.namespace),
                    Line("phase", row.phase or "no status yet"),
                    Line("live now", f"{row.live} of {total} by our probe", _live_level(row)),
                    Line("by Kurator", f"{row.kurator_ready} ready, when its controller last looked"),
                    Line("nodes ready", of(row.nodes_ready, row.nodes)),
                    Line("pods", "" if row.pods is None else str(row.pods)),
                    *capacity(
                        (row.cpu_requested, row.cpu_allocatable),
                        (row.memory_requested, row.memory_allocatable),
                        row.gpus,
                    ),
                    Line("created", ago(row.created, now)),
                )
                if line.text
            ),
        ),
        *_findings(row),
        Section("Members", tuple(_member(name, clusters.get(name), now) for name in row.members) or _NONE),
    )


def _findings(row: FleetOverview) -> tuple[Section, ...]:
    """What is degraded or failed, the worst first."""
    lines = [Line(each.where or "fleet", each.reason, each.level) for each in row.findings]
    if len(lines) < row.found:
        lines.append(Line("", f"and {row.found - len(lines)} more" if lines else f"{row.found}, not read yet"))
    return (Section("Findings", tuple(lines)),) if lines else ()


_NONE = (Line("", "this fleet has no members"),)


def _live_level(row: FleetOverview) -> Level | None:
    if row.live == len(row.members):
        return None
    return Level.DEGRADED if row.live else Level.FAILED


def _member(name: str, cluster: ClusterOverview | None, now: float) -> Line:
    if cluster is None:
        return Line(name, "not known yet", Level.UNKNOWN)
    said = [
        state_text(cluster, now),
        cluster.version,
        f"{cluster.nodes} nodes" if cluster.nodes is not None else "",
    ]
    said.append(cluster.reason or cluster.note)
    level = STATE_LEVELS.get(cluster.state, Level.UNKNOWN)
    return Line(
        name, "  ".join(part for part in said if part), max(level, cluster.level, key=SEVERITY.__getitem__)
    )


def plugin_grid(row: FleetOverview) -> tuple[tuple[str, ...], tuple[GridRow, ...]]:
    """(columns, rows): the plugins this fleet uses, and a row for each member and for host-side components."""
    used = [plugin for plugin in PLUGINS if any(cell.plugin == plugin for cell in row.plugins)]
    places = list(row.members)
    if any(cell.member == HOST for cell in row.plugins) and HOST not in places:
        places.insert(0, HOST)
    cells: dict[tuple[str, str], list[PluginCell]] = {}
    for cell in row.plugins:
        cells.setdefault((cell.member, cell.plugin), []).append(cell)
    rows = tuple(
        GridRow(place, tuple(_grid_cell(cells.get((place, plugin), [])) for plugin in used)) for place in places
    )
    return tuple(TITLES[plugin] for plugin in used), rows if used else ()


def _grid_cell(cells: list[PluginCell]) -> GridCell:
    """The worst component's level; every component that is not healthy is in the reason."""
    if not cells:
        return GridCell()
    worst = max((cell.level for cell in cells), key=SEVERITY.__getitem__)
    bad = [cell for cell in cells if cell.level is not Level.HEALTHY]
    text = f"{len(cells) - len(bad)}/{len(cells)}" if len(cells) > 1 else ""
    return GridCell(worst, text, "; ".join(_why(cell) for cell in bad))


def _why(cell: PluginCell) -> str:
    release = f" ({cell.release})" if cell.release else ""
    return f"{cell.component}{release}: {cell.reason or cell.level}"
