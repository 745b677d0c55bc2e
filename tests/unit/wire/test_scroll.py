"""Which scroll is proposed between two pictures, and that it is the one that saves most."""

from __future__ import annotations

import random
from math import inf
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.wire import scroll
from kurator_tui.wire.scroll import Scroll, find_scroll

WIDTH = 40
LINES = st.lists(st.sampled_from([letter * WIDTH for letter in "abcdefgh"]), min_size=8, max_size=8)


def line(number: int) -> str:
    """A line that no other looks like."""
    dice = random.Random(number)
    return "".join(dice.choice("abcdefghijklmnop") for _ in range(WIDTH))


def changed(front: list[str], back: list[str]) -> list[int]:
    return [y for y, (was, now) in enumerate(zip(front, back, strict=True)) if was != now]


def found(front: list[str], back: list[str]) -> Scroll | None:
    return find_scroll(front, back, changed(front, back))


def test_a_list_that_scrolled_between_fixed_lines_is_found() -> None:
    rows = [line(number) for number in range(20)]
    head, foot = [line(100)], [line(101), line(102)]
    assert found(head + rows[:12] + foot, head + rows[2:14] + foot) == Scroll(1, 12, 2)
    assert found(head + rows[3:15] + foot, head + rows[:12] + foot) == Scroll(1, 12, -3)


def test_other_lines_are_not_taken_for_a_scroll() -> None:
    assert found([line(n) for n in range(12)], [line(n) for n in range(50, 62)]) is None


def test_few_lines_that_agree_do_not_move_the_many_between_them() -> None:
    front = [line(n) for n in range(12)]
    back = [row[:-6] + "xxxxxx" for row in front]
    back[0], back[1], back[10], back[11] = front[1], line(51), front[11], line(61)
    assert found(front, back) is None


@given(LINES, LINES)
def test_an_estimate_that_stops_early_decides_as_a_full_one(front: list[str], back: list[str]) -> None:
    decided = found(front, back)
    whole = scroll._saving
    with patch.object(scroll, "_saving", lambda front, back, at, enough: whole(front, back, at, inf)):
        assert found(front, back) == decided
