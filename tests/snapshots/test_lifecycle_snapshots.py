"""Pictures of the tables beside Clusters and Fleets."""

from __future__ import annotations

import pytest

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from tests.snapshots.test_snapshots import SIZES, Compare
from tests.ui.estate import NOW
from tests.ui.lifecycle_source import ROWS, living


@SIZES
@pytest.mark.parametrize("kind", ROWS)
def test_beside_clusters_and_fleets(snap_compare: Compare, size: tuple[int, int], kind: str) -> None:
    shown = KuratorApp(living(), Settings(), clock=lambda: NOW, view=kind)
    assert snap_compare(shown, press=["wait:300"], terminal_size=size)
