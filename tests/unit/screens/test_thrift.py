"""When a console gives things up: beyond its limit, and not all the time."""

from __future__ import annotations

from kurator_tui.screens.thrift import AGAIN, Thrift


def test_without_a_limit_nothing_is_given_up() -> None:
    assert not Thrift(0, resident=lambda: 2**40).due()


def test_where_the_system_does_not_say_what_is_held_nothing_is_given_up() -> None:
    assert not Thrift(2**20, resident=lambda: 0).due()


def test_beyond_the_limit_something_is_given_up_now_and_then() -> None:
    held, now = [100], [1000.0]
    thrift = Thrift(100, resident=lambda: held[0], clock=lambda: now[0])
    assert not thrift.due()
    held[0] = 101
    assert thrift.due()
    now[0] += AGAIN - 1
    assert not thrift.due(), "what was let go takes a while to be given back"
    now[0] += 1
    assert thrift.due()
    assert thrift.times == 2
    held[0], now[0] = 99, now[0] + AGAIN
    assert not thrift.due()
