"""Pictures of executions of pipelines and of the tree of their tasks, joined from objects."""

from __future__ import annotations

import pytest

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.kinds.executions import EXECUTIONS, TASKS
from tests.snapshots.test_snapshots import SIZES, Compare
from tests.ui.estate import workloads
from tests.ui.pipelines_source import building
from tests.unit.fleet.rollout_objects import second


@SIZES
@pytest.mark.parametrize("section", [EXECUTIONS.id, TASKS.id])
def test_pipelines(snap_compare: Compare, size: tuple[int, int], section: str) -> None:
    shown = KuratorApp(building(workloads()), Settings(), clock=lambda: second(30), view=section)
    assert snap_compare(shown, press=["wait:300"], terminal_size=size)
