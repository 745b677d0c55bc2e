"""A few pictures of whole screens, compared cell by cell: 80×24 and 200×50, fixed clock, default theme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.app import App

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from tests.ui.estate import NOW, estate

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
Compare = Callable[..., bool]


def app(view: str, **settings: object) -> App[int]:
    """The console on the estate of the UI tests, at its moment."""
    return KuratorApp(estate(), Settings(**settings), clock=lambda: NOW, view=view)  # type: ignore[arg-type]


@SIZES
def test_fleets(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app("fleets"), terminal_size=size)


@SIZES
def test_fleet_details(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app("fleets"), press=["enter"], terminal_size=size)


@SIZES
def test_clusters(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app("clusters"), terminal_size=size)


@SIZES
def test_cluster_details(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app("clusters"), press=["j", "enter"], terminal_size=size)


def test_help(snap_compare: Compare) -> None:
    assert snap_compare(app("fleets"), press=["question_mark"], terminal_size=(80, 24))


@pytest.mark.parametrize("theme", ["kurator-light", "high-contrast", "colour-blind"])
def test_themes(snap_compare: Compare, theme: str) -> None:
    assert snap_compare(app("clusters", theme=theme), terminal_size=(80, 24))
