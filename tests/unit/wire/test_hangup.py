"""Two Ctrl-] within a moment leave; everything else is the remote process's."""

from __future__ import annotations

import pytest

from kurator_tui.wire.hangup import MOMENT, Hangup


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def asked(*typed: bytes, pause: float = 0.1, interrupts: bool = False) -> list[bool]:
    clock = Clock()
    hangup = Hangup(interrupts=interrupts, clock=clock)
    answers = []
    for data in typed:
        answers.append(hangup.asked(data))
        clock.now += pause
    return answers


def test_twice_within_a_moment() -> None:
    assert asked(b"\x1d", b"\x1d") == [False, True]
    assert asked(b"\x1d\x1d") == [True]
    assert asked(b"ls\x1d", b"\x1d") == [False, True]


def test_twice_with_a_pause_or_something_between_is_for_the_remote_process() -> None:
    assert asked(b"\x1d", b"\x1d", pause=MOMENT * 2) == [False, False]
    assert asked(b"\x1d", b"j", b"\x1d") == [False, False, False]


@pytest.mark.parametrize("pasted", [b"a\x1d\x1db", b"\x1d\x1d\x1d\x1d"])
def test_a_paste_that_holds_the_keys_does_not_leave(pasted: bytes) -> None:
    assert asked(pasted) == [False]


def test_ctrl_c_leaves_only_where_it_is_no_signal() -> None:
    assert asked(b"\x03") == [False]
    assert asked(b"\x03", interrupts=True) == [True]
