"""Bytes by second and minute; slow is said in time and taken back slowly."""

from __future__ import annotations

import pytest

from kurator_tui.wire.meter import SLOW_AFTER, SLOW_FOR, Meter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_bytes_of_the_last_second_and_the_last_minute() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.wrote(100)
    assert (meter.last_second, meter.last_minute) == (0, 100)
    clock.now += 1
    meter.wrote(20)
    assert (meter.last_second, meter.last_minute) == (100, 120)
    clock.now += 58
    assert meter.last_minute == 120
    clock.now += 1
    assert (meter.last_second, meter.last_minute) == (0, 20)
    clock.now += 500
    assert (meter.last_minute, meter.bytes) == (0, 120)


def test_a_short_wait_is_not_slow() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.waits()
    clock.now += SLOW_AFTER / 2
    assert not meter.slow
    meter.goes_on()
    assert not meter.slow
    assert meter.worst_stall == pytest.approx(SLOW_AFTER / 2)


def test_a_wait_that_was_ended_is_not_ended_again() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.waits()
    clock.now += SLOW_AFTER / 2
    meter.goes_on()  # the thread that writes
    clock.now += 10
    meter.goes_on()  # the loop, which was busy
    assert meter.worst_stall == pytest.approx(SLOW_AFTER / 2)
    assert not meter.slow


def test_a_long_wait_is_slow_while_it_lasts_and_for_a_while_after() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.waits()
    clock.now += SLOW_AFTER * 2
    meter.waits()
    assert meter.slow
    clock.now += 10
    meter.goes_on()
    clock.now += SLOW_FOR - 0.1
    assert meter.slow
    clock.now += 0.2
    assert not meter.slow
    assert meter.worst_stall == pytest.approx(10 + SLOW_AFTER * 2)
