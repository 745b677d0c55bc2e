"""Latencies and stalls: the last, the worst, and what is forgotten after a minute."""

from __future__ import annotations

import asyncio

import pytest

from kurator_tui.screens.reactions import KEYS, Reactions


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_before_the_first_key_nothing_is_claimed(clock: Clock) -> None:
    found = Reactions(clock)
    assert (found.last_key, found.key_p95, found.worst, found.worst_of_minute) == (None, None, 0.0, 0.0)


def test_keys_are_timed_from_the_press_to_the_frame(clock: Clock) -> None:
    found = Reactions(clock)
    for milliseconds in range(1, 101):
        found.painted(100.0 - milliseconds / 1000)
    assert found.last_key == pytest.approx(0.1)
    assert found.key_p95 == pytest.approx(0.095)
    for _ in range(KEYS):
        found.painted(99.999)
    assert found.key_p95 == pytest.approx(0.001)


def test_the_worst_stall_of_the_minute_is_forgotten_and_the_worst_ever_is_not(clock: Clock) -> None:
    found = Reactions(clock)
    for moment, lag in ((0, 0.3), (10, 0.05), (20, 0.1), (30, 0.02)):
        clock.now = 100.0 + moment
        found.stalled(lag)
    assert found.worst_of_minute == 0.3
    clock.now = 165.0
    assert (found.worst_of_minute, found.worst) == (0.1, 0.3)
    clock.now = 185.0
    assert found.worst_of_minute == 0.02
    clock.now = 500.0
    assert (found.worst_of_minute, found.worst) == (0.0, 0.3)


async def test_a_loop_that_turns_is_watched_until_stopped() -> None:
    found = Reactions()
    seen: list[float] = []
    found.stalled = seen.append  # type: ignore[method-assign, assignment]
    loop = asyncio.get_running_loop()
    found.start()
    assert found._handle is not None
    found._handle._run()  # its time has come
    assert len(seen) == 1
    found.stop()
    assert found._handle.cancelled()
    assert loop.is_running()
