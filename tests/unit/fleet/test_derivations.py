"""The registry of joins: each derived kind is joined once."""

from __future__ import annotations

from kurator_tui.fleet.derivations import JOINS
from kurator_tui.kinds.base import Health, Level
from kurator_tui.kinds.registry import KINDS


def test_each_joined_kind_has_one_join() -> None:
    joined = sorted(kind.id for kind in KINDS.values() if kind.joined)
    assert sorted(join.kind.id for join in JOINS) == joined


def test_each_join_that_fails_leaves_a_failed_row_of_its_kind() -> None:
    for join in JOINS:
        row = join.failure("edge-1", "a mistake")
        assert (type(row), row.cluster) == (join.kind.row, "edge-1")
        assert join.kind.health(row) == Health(Level.FAILED, "a mistake")
