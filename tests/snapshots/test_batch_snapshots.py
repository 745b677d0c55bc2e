"""Pictures of screen 0: queues that starve with their totals, jobs that wait, devices in pieces, victims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from tests.ui.batch_source import JOINS, batched
from tests.unit.fleet.batch_objects import NOW

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])


@SIZES
@pytest.mark.parametrize("kind", JOINS)
def test_batch(snap_compare: Callable[..., bool], kind: str, size: tuple[int, int]) -> None:
    app: Any = KuratorApp(batched(), Settings(), clock=lambda: NOW, view=kind)
    assert snap_compare(app, terminal_size=size)
