"""Traffic of workloads: healthy unless told otherwise, and counters that agree with it."""

import pytest

from kurator_tui.demo.world.clock import FIXED_EPOCH, WorldClock
from kurator_tui.demo.world.traffic import State, Traffic

BACKEND = ("prod-cloud", "webapp", "backend")


@pytest.fixture
def clock() -> WorldClock:
    return WorldClock()


@pytest.fixture
def traffic(clock: WorldClock) -> Traffic:
    return Traffic(clock)


def success(traffic: Traffic, start: float, end: float) -> float:
    """The share of the requests between two times that succeeded, by the counters."""
    course = traffic.course(*BACKEND)
    every, good = course.counter(lambda _state: 1.0), course.counter(lambda state: state.success)
    return (good(end) - good(start)) / (every(end) - every(start))


def test_a_workload_nobody_touched_is_healthy(traffic: Traffic) -> None:
    state = traffic.state(*BACKEND)
    assert state.rate > 0
    assert state.success > 0.99
    assert state.p99 < 500


def test_a_bad_workload_fails_from_the_moment_it_became_bad(traffic: Traffic, clock: WorldClock) -> None:
    clock.elapsed = 100.0
    traffic.set(*BACKEND, success_rate=0.9)
    assert success(traffic, FIXED_EPOCH, FIXED_EPOCH + 100) == pytest.approx(
        traffic.course(*BACKEND).states[0].success
    )
    assert success(traffic, FIXED_EPOCH + 100, FIXED_EPOCH + 160) == pytest.approx(0.9)
    clock.elapsed = 200.0
    traffic.heal(*BACKEND)
    assert success(traffic, FIXED_EPOCH + 200, FIXED_EPOCH + 260) > 0.99


def test_counters_never_decrease(traffic: Traffic, clock: WorldClock) -> None:
    for second in range(0, 600, 60):
        clock.elapsed = float(second)
        traffic.set(*BACKEND, rate=float(second % 3 * 20), success_rate=1 - second / 1200)
    for weigh in (lambda _s: 1.0, lambda s: 1 - s.success, lambda s: s.within(100.0)):
        counter = traffic.course(*BACKEND).counters(weigh)
        values = counter([FIXED_EPOCH - 60 + 7 * step for step in range(120)])
        assert values == sorted(values)
        assert values[-1] > values[0]


def test_the_99th_percentile_is_where_it_was_set() -> None:
    assert State(1.0, 1.0, 500.0).within(500.0) == pytest.approx(0.99)
    assert State(1.0, 1.0, 500.0).within(float("inf")) == 1.0
    assert State(1.0, 1.0, 500.0).within(0.0) == 0.0


def test_canary_and_primary_share_the_traffic(traffic: Traffic) -> None:
    total = traffic.state(*BACKEND).rate
    traffic.split(*BACKEND, 20)
    canary, primary = traffic.state(*BACKEND).rate, traffic.state("prod-cloud", "webapp", "backend-primary").rate
    assert [canary, primary] == pytest.approx([0.2 * total, 0.8 * total])


def test_a_course_that_was_taken_does_not_change(traffic: Traffic, clock: WorldClock) -> None:
    course = traffic.course(*BACKEND)
    clock.elapsed = 5.0
    traffic.set(*BACKEND, success_rate=0.1)
    assert course.at(FIXED_EPOCH + 10).success > 0.99


def test_many_changes_are_kept_in_bounded_space(traffic: Traffic, clock: WorldClock) -> None:
    for second in range(1000):
        clock.elapsed = float(second)
        traffic.set(*BACKEND, latency=100.0 + second)
    course = traffic.course(*BACKEND)
    assert len(course.times) <= 200
    assert course.at(FIXED_EPOCH + 999).p99 == 1099.0


def test_what_cannot_be_is_refused(traffic: Traffic) -> None:
    refusal = "rates are not negative"
    with pytest.raises(ValueError, match=refusal):
        traffic.set(*BACKEND, rate=-1.0)
    with pytest.raises(ValueError, match=refusal):
        traffic.set(*BACKEND, success_rate=1.1)
    with pytest.raises(ValueError, match=refusal):
        traffic.set(*BACKEND, latency=0.0)
