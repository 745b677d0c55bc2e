"""Pictures of the sections of Edge: rows as their joins make them of one member's objects, 80×24 and 200×50."""

from __future__ import annotations

import pytest

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.fleet.join import Join
from tests.snapshots.test_snapshots import SIZES, Compare
from tests.ui.edge_source import NOW, SECTIONS, edged


@SIZES
@pytest.mark.parametrize("join", SECTIONS, ids=lambda join: str(join.kind.id))
def test_sections_of_edge(snap_compare: Compare, join: Join, size: tuple[int, int]) -> None:
    app = KuratorApp(edged(join), Settings(), clock=lambda: NOW, view=join.kind.id)
    assert snap_compare(app, terminal_size=size)
