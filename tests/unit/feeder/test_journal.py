"""The log tells each change of a cluster's state once."""

from __future__ import annotations

import logging

import pytest

from kurator_tui.feeder.journal import Journal
from kurator_tui.store.freshness import Freshness, State


def test_a_change_is_written_once_and_troubles_are_warnings(caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal()
    with caplog.at_level(logging.INFO, "kurator_tui"):
        journal.note("m1", "", Freshness(State.LIVE, 1.0))
        journal.note("m1", "", Freshness(State.LIVE, 2.0))
        journal.note("m1", "pods", Freshness(State.FORBIDDEN, 2.0, "no rights"))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "m1 is live"),
        ("WARNING", "m1/pods is forbidden: no rights"),
    ]
