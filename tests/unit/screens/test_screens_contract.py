"""Every screen that is built has a class, every class has its kind, and the Session is a Source."""

from __future__ import annotations

import pytest

from kurator_tui.config.actions import VIEWS
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link.messages import Configured
from kurator_tui.link.session import Session
from kurator_tui.screens.reactions import Gauges
from kurator_tui.screens.registry import make_screen, screen_class
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look
from tests.ui.source import FakeSource


def test_every_built_screen_has_a_class() -> None:
    for view in VIEWS:
        assert issubclass(screen_class(view), TableScreen)


@pytest.mark.parametrize("kind", [kind.id for kind in KINDS.values() if not kind.derived])
def test_every_kind_has_a_screen(kind: str) -> None:
    screen = make_screen(kind, FakeSource(), Look(lambda: 0.0), Gauges())
    assert screen.kind.id == kind
    assert screen.id is not None


def test_a_session_is_a_source() -> None:
    source: Source = Session(Configured())
    assert source.feeder_state == "starting"
