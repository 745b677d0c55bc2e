"""What this run saw of rollouts: states, trends, and how it was at a moment."""

from __future__ import annotations

from msgspec import structs

from kurator_tui.store.trail import Trail
from tests.unit.kinds.test_board import rollout


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def seen(*weights: int) -> tuple[Trail, Clock]:
    """A rollout that went through these weights, ten seconds each."""
    clock = Clock()
    trail = Trail(clock)
    for weight in weights:
        trail.note([rollout(weight=weight)])
        clock.now += 10
    return trail, clock


def test_a_state_is_kept_when_something_changed_that_one_looks_at() -> None:
    trail, _clock = seen(10, 10, 20)
    trail.note([rollout(weight=20, next_check=999.0, ends=1200.0)])
    assert [(state.at, state.row.weight) for state in trail.states(rollout().key)] == [(100.0, 10), (120.0, 20)]


def test_the_trend_is_of_the_present_analysis() -> None:
    trail, _clock = seen(10, 20, 30)
    key = rollout().key
    assert trail.weights(key) == (10, 20, 30)
    assert trail.weights(key, 2) == (20, 30)
    trail.note([rollout(phase="Failed", weight=0)])
    trail.note([rollout(weight=10)])
    assert trail.weights(key) == (10,)


def test_it_is_known_how_it_was_at_a_moment() -> None:
    trail, _clock = seen(10, 20)
    key = rollout().key
    before, first, later = trail.at(key, 99.0), trail.at(key, 105.0), trail.at(key, 500.0)
    assert before is None
    assert first is not None
    assert later is not None
    assert (first.weight, later.weight) == (10, 20)
    assert trail.moments([key]) == [100.0, 110.0]


def test_what_is_remembered_is_bounded() -> None:
    clock = Clock()
    trail = Trail(clock, most=5)
    for weight in range(50):
        clock.now += 1
        trail.note([structs.replace(rollout(), weight=weight)])
    assert [state.row.weight for state in trail.states(rollout().key)] == [45, 46, 47, 48, 49]
