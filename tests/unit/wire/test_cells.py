"""Strips as strings of cells: one character a column, whatever the text."""

from __future__ import annotations

import sys

from rich.cells import split_graphemes
from rich.color import ColorSystem

from kurator_tui.wire import cells
from kurator_tui.wire.cells import Cells
from kurator_tui.wire.pens import Pens
from tests.unit.wire.terminal import strip


def test_characters_taken_one_by_one_are_single_clusters_of_one_column() -> None:
    singles = [char for char in map(chr, range(0x20, sys.maxunicode)) if cells._SINGLE.fullmatch(char)]
    assert len(singles) > 1000
    text = "".join(singles)
    assert split_graphemes(text)[0] == [(at, at + 1, 1) for at in range(len(text))]


def test_text_of_signs_is_a_cell_a_character_and_a_mark_joins_the_one_before() -> None:
    made = Cells(Pens(ColorSystem.TRUECOLOR))
    plain = made.of(strip([("▸ ● ok …", "none")], 8))
    assert [made.text[ord(cell)] for cell in plain] == list("▸ ● ok …")
    marked = made.of(strip([("▸ e\u0301", "none")], 3))
    assert [made.text[ord(cell)] for cell in marked] == ["▸", " ", "e\u0301"]


def test_control_characters_get_no_cell() -> None:
    made = Cells(Pens(ColorSystem.TRUECOLOR))
    line = made._segment("a\x1b[\x07\x9b\x7fb▸\x00", made.pens.of(None))
    assert [made.text[ord(cell)] for cell in line] == ["a", "[", "b", "▸"]
