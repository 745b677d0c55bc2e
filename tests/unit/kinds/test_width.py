"""Text is measured and cut in the cells a terminal gives it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.kinds.width import cut, pad, width_of


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("日本", 4), ("🚀", 2), ("e\u0301", 1), ("ﾊﾝ", 2), ("각", 2), ("\u1100\u1161\u11a8", 2), ("", 0)],
)
def test_text_is_as_wide_as_a_terminal_makes_it(text: str, cells: int) -> None:
    assert width_of(text) == cells


def test_cut_and_pad_count_cells() -> None:
    assert cut("東京都", 4) == "東…"
    assert cut("long", 3, ellipsis="~") == "lo~"
    assert cut("東", 0) == ""
    assert pad("e\u0301", 3) == "e\u0301  "
    assert pad("7", 3, right=True) == "  7"


def test_who_draws_says_how_wide_a_character_is() -> None:
    def narrow(_char: str) -> int:
        return 1

    assert width_of("東京都", narrow) == 3
    assert pad("東京都", 4, measure=narrow) == "東京都 "


@given(st.text(max_size=40), st.integers(0, 50), st.booleans())
def test_padded_text_is_exactly_as_wide_as_asked(text: str, width: int, right: bool) -> None:
    assert width_of(pad(text, width, right=right)) == width
