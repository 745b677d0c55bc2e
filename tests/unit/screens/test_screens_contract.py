"""Every screen that is built has a class, every class has its kind, and the Session is a Source."""

from __future__ import annotations

from kurator_tui.config.actions import VIEWS
from kurator_tui.link.messages import Configured
from kurator_tui.link.session import Session
from kurator_tui.screens.registry import SCREENS
from kurator_tui.screens.source import Source


def test_every_built_screen_has_a_class() -> None:
    assert tuple(SCREENS) == VIEWS


def test_a_session_is_a_source() -> None:
    source: Source = Session(Configured())
    assert source.feeder_state == "starting"
