"""Bells and desktop notifications: no text of a cluster ends the sequence."""

from __future__ import annotations

import pytest

from kurator_tui.wire.bell import LONGEST, in_tmux, ringing


def test_each_way_has_its_sequence() -> None:
    assert ringing("bell", "text") == "\x07"
    assert ringing("osc9", "high: broken") == "\x1b]9;kurator-tui: high: broken\x07"
    assert ringing("osc777", "high: broken") == "\x1b]777;notify;kurator-tui;high: broken\x07"


@pytest.mark.parametrize("way", ["osc9", "osc777"])
@pytest.mark.parametrize("hostile", ["a\x07b", "a\x1b\\b", "a;b;c", "a\x9cb", "a\nb", "x" * 9999])
def test_hostile_text_cannot_leave_the_sequence(way: str, hostile: str) -> None:
    sent = ringing(way, hostile)
    inside = sent.removeprefix("\x1b").removesuffix("\x07")
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in inside)
    assert "\\" not in inside
    assert inside.count(";") == (1 if way == "osc9" else 3)
    assert len(inside) < LONGEST + 40


def test_tmux_is_asked_to_pass_notifications_on_and_rings_its_own_bell() -> None:
    assert ringing("osc9", "broken", tmux=True) == "\x1bPtmux;\x1b\x1b]9;kurator-tui: broken\x07\x1b\\"
    assert ringing("osc777", "broken", tmux=True) == "\x1bPtmux;\x1b\x1b]777;notify;kurator-tui;broken\x07\x1b\\"
    assert ringing("bell", "broken", tmux=True) == "\x07"


def test_tmux_is_known_by_its_variable_and_from_another_machine_by_its_terminal() -> None:
    assert in_tmux({"TMUX": "/tmp/tmux-0/default,1,0", "TERM": "screen-256color"})
    assert in_tmux({"TERM": "tmux-256color"})
    assert not in_tmux({"TERM": "xterm-256color", "TMUX": ""})
