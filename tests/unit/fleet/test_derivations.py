"""The registry of joins: each derived kind is joined once."""

from __future__ import annotations

from kurator_tui.fleet.derivations import JOINS
from kurator_tui.kinds.registry import KINDS


def test_each_joined_kind_has_one_join() -> None:
    joined = sorted(kind.id for kind in KINDS.values() if kind.joined)
    assert sorted(join.kind.id for join in JOINS) == joined
