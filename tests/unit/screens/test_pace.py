"""The feeder's pace follows focus and terminal, and is told only when it changes."""

from __future__ import annotations

from dataclasses import dataclass

from kurator_tui.screens.pace import AWAY, FOCUSED, Pace
from tests.ui.source import FakeSource


@dataclass
class Meter:
    slow: bool = False


def test_what_the_feeder_does_anyway_is_not_told() -> None:
    source = FakeSource()
    Pace(source, None).update(focused=True)
    assert source.paces == []


def test_it_slows_down_while_nobody_looks() -> None:
    source = FakeSource()
    pace = Pace(source, Meter())
    for focused in (False, False, True, True):
        pace.update(focused=focused)
    assert source.paces == [AWAY, FOCUSED]


def test_it_slows_down_while_the_terminal_does_not_keep_up() -> None:
    source, meter = FakeSource(), Meter()
    pace = Pace(source, meter)
    meter.slow = True
    pace.update(focused=True)
    pace.update(focused=False)
    meter.slow = False
    pace.update(focused=False)
    pace.update(focused=True)
    assert source.paces == [AWAY, FOCUSED]
