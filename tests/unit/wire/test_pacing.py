"""Allowance by the user's limit, and by what the terminal has shown it has read."""

from __future__ import annotations

import math

import pytest

from kurator_tui.wire.pacing import ASK_EVERY, FIRST, GIVE_UP, LARGEST, LEAST, SMALLEST, Pacing
from tests.unit.wire.test_meter import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def answer(pacing: Pacing, clock: Clock, sent: int, took: float) -> None:
    pacing.sent(sent)
    assert pacing.should_ask()
    pacing.asked()
    clock.now += took
    pacing.answered()


def test_nothing_limits_a_terminal_nobody_knows(clock: Clock) -> None:
    pacing = Pacing(clock=clock)
    pacing.sent(10_000_000)
    assert pacing.allowance() == math.inf


def test_the_users_limit_holds_over_time(clock: Clock) -> None:
    pacing = Pacing(max_kbps=40, clock=clock)
    total, began = 0, clock.now
    while clock.now < began + 60:
        if room := pacing.allowance():
            assert room <= 5000
            pacing.sent(int(room) + 300)  # a line more than allowed, as a frame may be
            total += int(room) + 300
        else:
            clock.now += pacing.wait()
    assert 0.9 * 300_000 < total < 1.02 * 300_000


def test_a_terminal_that_answered_once_only_is_never_waited_for(clock: Clock) -> None:
    pacing = Pacing(clock=clock)
    answer(pacing, clock, 100, 0.001)
    pacing.sent(ASK_EVERY)
    pacing.asked()
    pacing.sent(1_000_000)
    assert pacing.allowance() == math.inf
    assert not pacing.should_ask()


def test_a_terminal_that_never_answers_is_asked_once(clock: Clock) -> None:
    pacing = Pacing(clock=clock)
    pacing.asked()
    clock.now += 3600
    pacing.sent(1_000_000)
    assert not pacing.should_ask()


def test_one_that_answers_gets_a_window_and_no_more(clock: Clock) -> None:
    pacing = Pacing(clock=clock)
    answer(pacing, clock, 100, 0.001)
    answer(pacing, clock, ASK_EVERY, 0.001)
    pacing.sent(ASK_EVERY)
    pacing.asked()
    sent = ASK_EVERY
    while pacing.allowance():
        pacing.sent(500)
        sent += 500
    assert sent <= LARGEST + 500
    assert 0 < pacing.wait() <= GIVE_UP
    pacing.answered()
    assert pacing.allowance() == math.inf


def test_the_window_shrinks_to_what_a_slow_line_reads_in_time(clock: Clock) -> None:
    pacing = Pacing(clock=clock)
    answer(pacing, clock, 100, 0.05)
    answer(pacing, clock, ASK_EVERY, 0.1)
    for _ in range(5):
        answer(pacing, clock, ASK_EVERY, ASK_EVERY / 5000)
    pacing.sent(ASK_EVERY)
    pacing.asked()
    pacing.sent(SMALLEST - LEAST)
    assert pacing.allowance() == 0


def test_a_long_but_fast_line_keeps_a_large_window(clock: Clock) -> None:
    pacing = Pacing(clock=clock)
    for _ in range(6):
        answer(pacing, clock, ASK_EVERY, 0.6)
    pacing.sent(ASK_EVERY)
    pacing.asked()
    pacing.sent(LARGEST - 2 * ASK_EVERY)
    assert pacing.allowance() >= ASK_EVERY


def test_an_answer_that_never_comes_is_given_up(clock: Clock) -> None:
    pacing = Pacing(clock=clock)
    answer(pacing, clock, 100, 0.001)
    answer(pacing, clock, ASK_EVERY, 0.001)
    pacing.sent(ASK_EVERY)
    pacing.asked()
    pacing.sent(4 * FIRST)
    assert pacing.allowance() == 0
    clock.now += GIVE_UP + 1
    assert pacing.allowance() == math.inf
    assert not pacing.should_ask(), "not before there is something to ask for"
    pacing.sent(ASK_EVERY)
    assert pacing.should_ask()


def test_a_new_terminal_is_not_judged_by_the_old_one(clock: Clock) -> None:
    pacing = Pacing(clock=clock)
    answer(pacing, clock, 100, 0.001)
    answer(pacing, clock, ASK_EVERY, 0.001)
    pacing.asked()
    pacing.sent(10 * FIRST)
    assert pacing.allowance() == 0
    pacing.reset()
    assert pacing.allowance() == math.inf
    assert pacing.should_ask()
