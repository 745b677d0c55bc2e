"""After every frame the terminal shows what a whole repaint would show: every cell's text and attributes."""

from __future__ import annotations

import random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from textual.strip import Strip

from kurator_tui.wire.cells import BLANK, LIMIT, Cells
from kurator_tui.wire.pens import Pens
from kurator_tui.wire.terminal import Skills
from tests.examples import examples
from tests.unit.wire.terminal import Piece, Terminal, make, paint, stock, strip

WIDTH, HEIGHT = 24, 10
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Shrinking whole screens takes minutes and helps nobody."""
STYLES = (
    "white on #101010",
    "bold red on #101010",
    "bold dim on #101010",
    "italic underline #00ff00",
    "reverse on #303030",
    "strike #8899aa on default",
    "none",
)
TEXTS = st.text(alphabet="ab  .│▸你好é", max_size=12) | st.just(" " * 15)
PIECES = st.lists(st.tuples(TEXTS, st.sampled_from(STYLES)), max_size=4)
SCREENS = st.lists(PIECES, min_size=HEIGHT, max_size=HEIGHT)


def shown(lines: list[Strip]) -> Terminal:
    """The oracle: a new terminal painted by Textual."""
    terminal = Terminal(WIDTH, HEIGHT)
    terminal.feed(stock(lines, WIDTH))
    return terminal


@settings(max_examples=examples(60), deadline=None, phases=PHASES)
@given(st.lists(SCREENS, min_size=1, max_size=4), st.builds(Skills, st.booleans(), st.booleans()))
def test_frames_show_what_a_whole_repaint_shows(screens: list[list[list[Piece]]], skills: Skills) -> None:
    grid, differ = make(WIDTH, HEIGHT, skills=skills)
    terminal = Terminal(WIDTH, HEIGHT)
    for screen in screens:
        lines = [strip(pieces, WIDTH) for pieces in screen]
        paint(grid, lines)
        terminal.feed(differ.frame())
        assert terminal.cells == shown(lines).cells
        assert differ.frame() == "", "what was sent is not sent again"


@settings(max_examples=examples(50), deadline=None, phases=PHASES)
@given(
    st.lists(PIECES, min_size=30, max_size=30, unique_by=str),
    st.lists(st.integers(0, 20), min_size=2, max_size=6),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_scrolled_lists_between_fixed_lines_show_what_a_whole_repaint_shows(
    rows: list[list[Piece]], tops: list[int], header: int, footer: int
) -> None:
    grid, differ = make(WIDTH, HEIGHT)
    terminal = Terminal(WIDTH, HEIGHT)
    fixed = [strip([(f"fixed {at}", "bold red on #101010")], WIDTH) for at in range(header + footer)]
    window = HEIGHT - header - footer
    for top in tops:
        lines = fixed[:header] + [strip(row, WIDTH) for row in rows[top : top + window]] + fixed[header:]
        paint(grid, lines)
        terminal.feed(differ.frame())
        assert terminal.cells == shown(lines).cells


@settings(max_examples=examples(50), deadline=None, phases=PHASES)
@given(SCREENS, st.lists(st.tuples(st.integers(-2, 26), st.integers(-1, 10), TEXTS), max_size=12))
def test_pieces_painted_over_wide_characters_leave_no_halves(
    screen: list[list[Piece]], pieces: list[tuple[int, int, str]]
) -> None:
    grid, differ = make(WIDTH, HEIGHT)
    terminal = Terminal(WIDTH, HEIGHT)
    paint(grid, [strip(line, WIDTH) for line in screen])
    terminal.feed(differ.frame())
    for x, y, text in pieces:
        grid.paint(x, y, grid.cells.of(Strip(strip([(text, STYLES[1])], max(1, len(text))))))
        terminal.feed(differ.frame())
    again, repaint = Terminal(WIDTH, HEIGHT), grid.forget
    repaint()
    again.feed(differ.frame())
    assert terminal.cells == again.cells
    tails = grid.cells.tails
    for line in grid.back:
        pairs = zip(BLANK + line, line, strict=False)
        assert all((now in tails) == (before in grid.cells.wide) for before, now in pairs)


def test_a_frame_cut_short_goes_on_where_it_ended() -> None:
    grid, differ = make(WIDTH, HEIGHT)
    terminal = Terminal(WIDTH, HEIGHT)
    lines = [strip([(f"line {y}", STYLES[y % 3])], WIDTH) for y in range(HEIGHT)]
    paint(grid, lines)
    frames = []
    while frame := differ.frame(limit=60):
        frames.append(frame)
        terminal.feed(frame)
        grid.paint(0, 0, grid.cells.of(strip([(f"turn {len(frames)}", STYLES[0])], WIDTH)))
        assert len(frames) < 4 * HEIGHT
        if not grid.changed() or len(frames) > HEIGHT:
            break
    terminal.feed(differ.frame())
    assert len(frames) > 2
    assert terminal.text[1:] == [f"line {y}" for y in range(1, HEIGHT)], "later lines are not starved by the first"


def test_one_changed_cell_costs_a_move_and_its_text() -> None:
    grid, differ = make(200, 50)
    paint(grid, [strip([("x" * 200, "white on #101010")], 200) for _ in range(50)])
    differ.frame()
    grid.paint(120, 30, grid.cells.of(strip([("y", "white on #101010")], 1)))
    frame = differ.frame()
    assert frame == "\x1b[31;121H\x1b[38;5;7;48;2;16;16;16my\x1b[m" or len(frame) < 40


def test_scrolling_a_line_moves_the_others_instead_of_writing_them() -> None:
    grid, differ = make(200, 50)
    rows = [f"row {number:4} " + str(random.Random(number).random()) * 8 for number in range(80)]

    def show(top: int) -> str:
        paint(grid, [strip([(row, "white on #101010")], 200) for row in rows[top : top + 50]])
        return differ.frame()

    whole = len(show(0))
    assert "M" in show(1)
    assert len(show(2)) < whole / 20
    assert "L" in show(1)


def test_without_scroll_regions_none_is_used() -> None:
    grid, differ = make(80, 20, skills=Skills(scrolls=False, erases=True))
    for top in range(3):
        paint(grid, [strip([(f"row {top + y}", "white")], 80) for y in range(20)])
        frame = differ.frame()
    assert "M" not in frame
    assert "\x1b[r" not in frame


def test_long_blanks_are_erased_where_the_terminal_erases_in_colour() -> None:
    text = f"name{' ' * 20}30d{' ' * 40}"
    frames = []
    for erases in (True, False):
        grid, differ = make(80, 1, skills=Skills(scrolls=True, erases=erases))
        paint(grid, [strip([(text, "white on #101010")], 80)])
        frames.append(differ.frame())
    assert "name\x1b[20X\x1b[20C30d\x1b[40X" in frames[0]
    assert text in frames[1]
    assert "X" not in frames[1]


def test_blanks_that_are_underlined_are_written() -> None:
    grid, differ = make(40, 1)
    paint(grid, [strip([(" " * 40, "underline")], 40)])
    assert " " * 40 in differ.frame()


def test_unsure_widths_are_followed_by_absolute_positions() -> None:
    grid, differ = make(40, 2)
    paint(grid, [strip([("🚀 emoji, then text", "white")], 40), strip([("plain", "white")], 40)])
    frame = differ.frame()
    after = frame[frame.index("🚀") + 1 :]
    assert after.startswith("\x1b[1;3H"), "the text behind it stands where it should whatever the terminal thinks"


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\nb", "a\tb", "a\x9bb", "a\x07b", "a\x00b"])
def test_control_characters_never_reach_the_terminal(text: str) -> None:
    grid, differ = make(20, 1)
    paint(grid, [strip([(text, "none")], 20)])
    frame = differ.frame()
    assert not any(
        control in frame.replace("\x1b[1H", "", 1) for control in "\x1b\n\t\x9b\x07\x00"
    ) or frame.endswith("\x1b[m")
    assert "\x1b[2J" not in frame


def test_cells_that_ran_out_begin_anew() -> None:
    cells = Cells(Pens(ColorSystem.TRUECOLOR))
    for number in range(LIMIT // 20):
        cells.of(strip([("abcdefghijklmnopqrst", f"#{number:06x}")], 20))
        if cells.full:
            break
    assert cells.full
    cells.reset()
    assert not cells.full
    assert len(cells.of(strip([("abc", "red")], 20))) == 20


def test_every_frame_ends_in_the_default_pen() -> None:
    grid, differ = make(20, 3)
    paint(grid, [strip([("colour", "bold red on blue")], 20)] * 3)
    assert differ.frame().endswith("\x1b[m")


def test_what_follows_blanks_erased_behind_wide_characters_is_in_its_place() -> None:
    grid, differ = make(WIDTH, 2)
    terminal = Terminal(WIDTH, 2)
    paint(grid, [strip([("x" * WIDTH, STYLES[0])], WIDTH) for _ in range(2)])
    terminal.feed(differ.frame())
    lines = [
        strip([("好好" + " " * 15, STYLES[0]), ("x" * 5, STYLES[0])], WIDTH),
        strip([("x" * 11 + "y" + "x" * 12, STYLES[0])], WIDTH),
    ]
    paint(grid, lines)
    terminal.feed(differ.frame())
    oracle = Terminal(WIDTH, 2)
    oracle.feed(stock(lines, WIDTH))
    assert terminal.cells == oracle.cells
