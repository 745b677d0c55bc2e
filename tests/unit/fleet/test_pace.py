"""What stands for a probe."""

from __future__ import annotations

from kurator_tui.fleet.pace import LONGEST_UNPROBED, Heard

INTERVAL = 20.0


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def heard_at(time: Time) -> Heard:
    heard = Heard(time)
    heard.probed(1000)
    return heard


def test_what_a_stream_brings_stands_for_two_probes() -> None:
    time = Time()
    heard = heard_at(time)
    assert heard.came(1001)
    assert heard.lately(INTERVAL)
    time.now += INTERVAL
    assert not heard.came(1001)
    assert heard.lately(INTERVAL)
    time.now += INTERVAL
    assert not heard.came(1001)
    assert not heard.lately(INTERVAL)


def test_a_silent_member_is_probed() -> None:
    heard = heard_at(Time())
    assert not heard.came(1000)
    assert not heard.lately(INTERVAL)


def test_the_answer_of_a_probe_is_nothing_that_a_stream_brought() -> None:
    heard = heard_at(Time())
    heard.probed(1300)
    assert not heard.came(1300)


def test_whatever_comes_a_member_is_probed_now_and_then() -> None:
    time = Time()
    heard = heard_at(time)
    time.now += LONGEST_UNPROBED
    assert heard.came(2000)
    assert not heard.lately(INTERVAL)
