"""Screen 3, Edge, its sites: beside what CloudCore of a cluster counts now, what it counted in the last hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kurator_tui.screens.home import HomeScreen
from kurator_tui.screens.trends import Trend, TrendScreen


class EdgeSitesScreen(TrendScreen, HomeScreen):
    """The sites; all of one cluster have its one CloudCore's number."""

    trends: ClassVar[Mapping[str, Trend]] = {"connected": Trend("edge", "HUB 1H")}
