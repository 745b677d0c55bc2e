"""ASCII only: drawing characters go, data stays, and no cell moves."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from kurator_tui.wire.ascii import AsciiOnly, to_ascii


@pytest.mark.parametrize(
    ("drawn", "shown"),
    [
        ("─ Pods 4 ─", "- Pods 4 -"),
        ("╭──╮│ │╰──╯", "+--+| |+--+"),
        ("a · b…", "a - b~"),
        ("NAME↑", "NAME^"),
        ("▁▃█▔", "_##-"),
        ("plain", "plain"),
    ],
)
def test_what_is_drawn_becomes_ascii_of_the_same_width(drawn: str, shown: str) -> None:
    assert to_ascii(drawn) == shown


def test_letters_of_any_script_are_data() -> None:
    assert to_ascii("日本語 Ünïcode עברית") == "日本語 Ünïcode עברית"


def test_every_box_and_block_has_an_ascii_twin() -> None:
    for code in range(0x2500, 0x25A0):
        assert to_ascii(chr(code)).isascii()
        assert len(to_ascii(chr(code))) == 1


def test_the_filter_keeps_styles() -> None:
    bold = Style(bold=True)
    found = AsciiOnly().apply([Segment("│x", bold), Segment("y")], Color(0, 0, 0))
    assert found == [Segment("|x", bold), Segment("y")]
