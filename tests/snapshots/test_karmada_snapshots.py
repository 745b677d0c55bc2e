"""Pictures of Karmada's sections of Delivery: propagations, their hops, clusters. Rows come out of the joins."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.kinds.karmada import KARMADA_CLUSTER
from tests.ui.estate import NOW
from tests.ui.karmada_source import propagated

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
Compare = Callable[..., bool]


def _app(view: str) -> KuratorApp:
    return KuratorApp(propagated(), Settings(), clock=lambda: NOW, view=view)


@SIZES
def test_propagations(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(_app("propagations"), terminal_size=size)


@SIZES
def test_hops_of_propagations(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(_app("propagationsteps"), terminal_size=size)


@SIZES
def test_clusters_of_karmada(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(_app(KARMADA_CLUSTER.id), terminal_size=size)
