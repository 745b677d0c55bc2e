"""The one registry of screens: view id -> class. A new screen is added here and to `config.actions.SCREENS`."""

from __future__ import annotations

from kurator_tui.screens.clusters import ClustersScreen
from kurator_tui.screens.fleets import FleetsScreen
from kurator_tui.screens.table_screen import TableScreen

SCREENS: dict[str, type[TableScreen]] = {"fleets": FleetsScreen, "clusters": ClustersScreen}
