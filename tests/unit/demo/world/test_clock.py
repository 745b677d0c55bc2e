"""Time is told, not read; actions happen at their own instants and in order."""

import pytest

from kurator_tui.demo.world.clock import FIXED_EPOCH, Timeline, WorkQueue, WorldClock, rfc3339


def test_actions_happen_in_order_of_time_then_of_asking() -> None:
    timeline = Timeline(WorldClock())
    seen: list[tuple[str, float]] = []
    for name, delay in (("late", 2.0), ("first", 1.0), ("second", 1.0)):
        timeline.after(delay, lambda name=name: seen.append((name, timeline.clock.elapsed)))  # type: ignore[misc]
    assert timeline.run(1.5) == 2
    assert timeline.clock.elapsed == 1.5
    timeline.run(5.0)
    assert seen == [("first", 1.0), ("second", 1.0), ("late", 2.0)]


def test_a_periodic_action_repeats_from_its_first_time() -> None:
    timeline = Timeline(WorldClock())
    seen: list[float] = []
    timeline.every(10.0, lambda: seen.append(timeline.clock.elapsed), first=3.0)
    timeline.run(25.0)
    assert seen == [3.0, 13.0, 23.0]


def test_stamps_are_wall_times_at_any_speed() -> None:
    clock = WorldClock(FIXED_EPOCH, speed=10.0)
    Timeline(clock).run(clock.elapsed_at(FIXED_EPOCH + 6.0))
    assert clock.elapsed == 60.0
    assert clock.stamp() == rfc3339(FIXED_EPOCH + 6.0)
    assert clock.stamp(6.0) == rfc3339(FIXED_EPOCH)


def test_the_clock_never_runs_backwards() -> None:
    clock = WorldClock()
    timeline = Timeline(clock)
    timeline.run(5.0)
    timeline.run(2.0)
    assert clock.elapsed == 5.0
    assert clock.elapsed_at(FIXED_EPOCH - 100) == 0.0


def test_a_speed_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="speed"):
        WorldClock(speed=0.0)


def test_a_key_asked_for_twice_is_done_once_at_the_earlier_time() -> None:
    timeline = Timeline(WorldClock())
    seen: list[tuple[tuple[str, str], float]] = []
    queue = WorkQueue(timeline, lambda key: seen.append((key, timeline.clock.elapsed)))
    queue.add(("ns", "a"), 2.0)
    queue.add(("ns", "a"), 1.0)
    queue.add(("ns", "a"), 3.0)
    timeline.run(10.0)
    assert seen == [(("ns", "a"), 1.0)]


def test_a_key_returns_after_the_seconds_its_reconcile_asks_for() -> None:
    timeline = Timeline(WorldClock())
    seen: list[float] = []

    def reconcile(_key: tuple[str, str]) -> float | None:
        seen.append(timeline.clock.elapsed)
        return 4.0 if len(seen) < 3 else None

    WorkQueue(timeline, reconcile).add(("", "x"), 1.0)
    timeline.run(100.0)
    assert seen == [1.0, 5.0, 9.0]
