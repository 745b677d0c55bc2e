"""A host that does not answer is the first thing the status line says."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import HOST, Level
from kurator_tui.screens.summary import describe
from kurator_tui.store.freshness import Freshness, State
from tests.ui.estate import NOW, estate


@pytest.mark.parametrize(
    ("state", "level"),
    [(State.UNREACHABLE, Level.FAILED), (State.STALE, Level.STALE), (State.FORBIDDEN, Level.DEGRADED)],
)
def test_a_host_that_does_not_answer_is_named_first(state: State, level: Level) -> None:
    source = estate()
    source.store.set_freshness(HOST, "", Freshness(state, NOW - 90, "refused"))
    first, *others = describe(source, NOW).troubles
    assert (first.cluster, first.text, first.level) == (HOST, f"{state} 90s", level)
    assert len(others) == 2


@pytest.mark.parametrize("state", [State.LIVE, State.CONNECTING, State.SYNCING])
def test_a_host_that_answers_or_may_soon_is_no_trouble(state: State) -> None:
    source = estate()
    source.store.set_freshness(HOST, "", Freshness(state, NOW - 90))
    assert HOST not in [trouble.cluster for trouble in describe(source, NOW).troubles]
