"""Each colour depth gets codes it can show and no others; a change of pen is as short as it can be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color
from rich.style import Style

from kurator_tui.wire.pens import DEPTHS, PLAIN, Pen, Pens
from tests.unit.wire.terminal import Terminal

STYLE = Style.parse("bold #c08040 on #203040")
PARTS = st.lists(
    st.sampled_from(
        ["bold", "italic", "underline", "reverse", "strike", "red", "#102030", "on blue", "on #405060"]
    ),
    max_size=6,
)


def sequence(depth: str, style: Style = STYLE) -> str:
    pens = Pens(DEPTHS[depth], Color.parse("#000000"))
    return pens.change(PLAIN, pens.of(style))


def test_true_colour() -> None:
    assert sequence("truecolor") == "\x1b[1;38;2;192;128;64;48;2;32;48;64m"


def test_256_colours() -> None:
    assert re.fullmatch(r"\x1b\[1;38;5;\d+;48;5;\d+m", sequence("256"))


def test_16_colours() -> None:
    assert re.fullmatch(r"\x1b\[1;(3|9)\d;(4|10)\dm", sequence("16"))


def test_mono_keeps_attributes_and_drops_colours() -> None:
    assert sequence("mono", Style.parse("bold #c08040 on #101010")) == "\x1b[1m"


def test_mono_reverses_what_stands_out_by_its_background() -> None:
    assert sequence("mono", Style.parse("black on white")) == "\x1b[7m"
    assert sequence("mono", STYLE).endswith(";7m"), "as the line of the cursor"
    assert sequence("mono", Style.parse("white on #111111")) == ""
    assert sequence("mono", Style.parse("reverse white on #eeeeee")) == "\x1b[7m"


def test_styles_that_look_the_same_are_one_pen() -> None:
    pens = Pens(DEPTHS["16"])
    assert pens.of(Style.parse("#ff0000")) == pens.of(Style.parse("#fe0101"))
    assert pens.of(Style.from_meta({"@click": "quit"})) == PLAIN


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("red", "red", ""),
        ("bold red on blue", "bold green on blue", "\x1b[32m"),
        ("bold red on blue", "red on blue", "\x1b[22m"),
        ("bold dim red on blue", "dim red on blue", "\x1b[22;2m"),
        ("red on blue", "none", "\x1b[m"),
        ("red on blue", "on blue", "\x1b[39m"),
        ("red on blue", "red", "\x1b[49m"),
    ],
)
def test_a_change_says_only_what_changes(old: str, new: str, expected: str) -> None:
    pens = Pens(DEPTHS["16"])
    assert pens.change(pens.of(Style.parse(old)), pens.of(Style.parse(new))) == expected


@given(st.lists(PARTS, min_size=2, max_size=5))
def test_a_chain_of_changes_ends_where_a_fresh_start_would(looks: list[list[str]]) -> None:
    pens = Pens(DEPTHS["truecolor"])
    chained, fresh = Terminal(5, 1), Terminal(5, 1)
    pen: Pen = PLAIN
    for look in looks:
        new = pens.of(Style.parse(" ".join(look) or "none"))
        chained.feed(pens.change(pen, new))
        pen = new
    chained.feed("x")
    fresh.feed(pens.change(PLAIN, pen) + "x")
    assert chained.cells[0][0] == fresh.cells[0][0]


def test_links_are_opened_and_closed_and_never_carry_control_characters() -> None:
    pens = Pens(DEPTHS["truecolor"])
    linked = pens.of(Style(link="https://example.org"))
    assert pens.change(PLAIN, linked).endswith("https://example.org\x1b\\")
    assert pens.change(linked, PLAIN) == "\x1b]8;;\x1b\\"
    assert pens.of(Style(link="https://example.org\x1b\\\x1b[2J")) == PLAIN
