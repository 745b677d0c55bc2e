"""The one registry of screens: what shows a place. A new screen is added here and to `config.actions`."""

from __future__ import annotations

from kurator_tui.config.actions import COMPARISON, COST, DIFFERENCES, WORKLOADS
from kurator_tui.config.metrics_actions import METRICS
from kurator_tui.config.rollout_actions import ROLLOUT, ROLLOUTS
from kurator_tui.config.triage_actions import TRIAGE
from kurator_tui.config.verb_actions import AUDIT
from kurator_tui.kinds.homes import home_of
from kurator_tui.screens.clusters import ClustersScreen
from kurator_tui.screens.fleets import FleetsScreen
from kurator_tui.screens.places import Aim, kind_of
from kurator_tui.screens.reactions import Gauges
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look

EDGE_SITES = "edgesites"
SCREENS: dict[str, type[TableScreen]] = {"fleets": FleetsScreen, "clusters": ClustersScreen}
"""Views that are there at once; the others are imported when they are opened."""


def screen_class(view: str) -> type[TableScreen]:
    """The class that shows `view`. Raises KeyError."""
    if view == WORKLOADS:
        from kurator_tui.screens.kinds import KindScreen

        return KindScreen
    if view == COST:
        from kurator_tui.screens.cost import CostScreen

        return CostScreen
    if view == METRICS:
        from kurator_tui.screens.metrics import MetricsScreen

        return MetricsScreen
    if view == ROLLOUTS:
        from kurator_tui.screens.rollouts import RolloutsScreen

        return RolloutsScreen
    if view == TRIAGE:
        from kurator_tui.screens.triage import TriageScreen

        return TriageScreen
    if view == ROLLOUT:
        from kurator_tui.screens.rollout_detail import RolloutScreen

        return RolloutScreen
    if view == AUDIT:
        from kurator_tui.screens.audit import AuditScreen

        return AuditScreen
    if view in (COMPARISON, DIFFERENCES):
        from kurator_tui.screens.comparing import ComparisonScreen, DifferencesScreen

        return ComparisonScreen if view == COMPARISON else DifferencesScreen
    return SCREENS[view]


def make_screen(place: str, source: Source, look: Look, gauges: Gauges, aim: Aim | None = None) -> TableScreen:
    """The screen of `place`: a view, the id of a kind, or a drill-down with its `aim`. Raises KeyError."""
    if place in SCREENS:
        return SCREENS[place](source, look, id=place)
    if place == COST:
        from kurator_tui.screens.cost import CostScreen

        return CostScreen(source, look, gauges)
    if place == METRICS:
        from kurator_tui.screens.metrics import MetricsScreen

        return MetricsScreen(source, look, id=place)
    if place == ROLLOUTS:
        from kurator_tui.screens.rollouts import RolloutsScreen

        return RolloutsScreen(source, look, id=place)
    if place == TRIAGE:
        from kurator_tui.screens.triage import TriageScreen

        return TriageScreen(source, look, id=place)
    if place == AUDIT:
        from kurator_tui.screens.audit import AuditScreen

        return AuditScreen(source, look)
    if kind_of(place) == ROLLOUT:
        from kurator_tui.screens.rollout_detail import RolloutScreen

        return RolloutScreen(source, look, place, aim)
    if kind_of(place) in (COMPARISON, DIFFERENCES):
        from kurator_tui.screens.comparing import make_comparing

        return make_comparing(place, source, look, aim)
    from kurator_tui.kinds.registry import find, kind
    from kurator_tui.screens.kinds import KindScreen

    shown = kind(kind_of(place))
    made = KindScreen
    if home_of(shown.id):
        from kurator_tui.screens.home import HomeScreen

        made = HomeScreen
    if shown.id == EDGE_SITES:
        from kurator_tui.screens.edge_sites import EdgeSitesScreen

        made = EdgeSitesScreen
    return made(source, look, shown, alone=len(find(shown.plural)) == 1, aim=aim, id=place)
