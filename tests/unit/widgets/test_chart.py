"""Charts as text: what is drawn where, and what is said when there is nothing."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.kinds.base import Level
from kurator_tui.widgets.braille import NOBODY, Canvas
from kurator_tui.widgets.chart import SERIES, Chart, Drawn, Marker, Threshold, compose
from kurator_tui.widgets.layout import cells
from kurator_tui.widgets.palette import LEVEL_CLASSES, MUTED, STRONG, Line, text_of
from kurator_tui.widgets.sparkline import spark

END = 1_790_000_000.0
FLOATS = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=300)


def in_utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def chart(*series: Drawn, **more: object) -> Chart:
    return Chart("CPU", "cores", END, 3600.0, series, timezone=in_utc, **more)  # type: ignore[arg-type]


def texts(lines: list[Line]) -> list[str]:
    return [text_of(line) for line in lines]


def styles(lines: list[Line], text: str) -> set[str]:
    return {piece.style for line in lines for piece in line if text in piece.text}


def picture(canvas: Canvas, *, ascii_only: bool = False) -> list[str]:
    return ["".join(text for text, _ in canvas.row(y, ascii_only=ascii_only)) for y in range(canvas.height)]


# -- dots -------------------------------------------------------------------------------------------------------


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right() -> None:
    canvas = Canvas(4, 2)
    canvas.line(0, [0, 1, 2, 3, 4, 5, 6, 7], 0, 7)
    assert picture(canvas) == ["  ⡠⠊", "⡠⠊  "]


def test_two_far_points_are_joined() -> None:
    canvas = Canvas(4, 2)
    canvas.line(0, [0, 7], 0, 7)
    assert picture(canvas) == ["  ⡠⠊", "⡠⠊  "]


def test_a_gap_is_empty() -> None:
    canvas = Canvas(5, 1)
    canvas.line(0, [1, 1, *[math.nan] * 6, 1, 1], 0, 1)
    assert picture(canvas) == ["⠉   ⠉"]


def test_values_beyond_the_edge_and_infinite_ones_are_at_the_edge() -> None:
    canvas = Canvas(2, 1)
    canvas.line(0, [math.inf, 9, -9, -math.inf], 0, 1)
    assert [run[1] for run in canvas.row(0)] == [0]


def test_the_line_drawn_last_has_the_cell() -> None:
    canvas = Canvas(3, 1)
    canvas.line(0, [0, 0], 0, 1)
    canvas.line(1, [0, math.nan], 0, 1)
    assert [owner for _, owner in canvas.row(0)] == [1, 0]
    assert NOBODY not in [owner for _, owner in canvas.row(0)]


@given(FLOATS, st.integers(1, 90), st.integers(1, 20))
def test_any_values_are_drawn(values: list[float], width: int, height: int) -> None:
    canvas = Canvas(width, height)
    canvas.line(0, values, 0.0, 10.0)
    assert {cells(line) for line in picture(canvas)} == {width}
    assert all(line.isascii() for line in picture(canvas, ascii_only=True))


# -- charts -----------------------------------------------------------------------------------------------------


def test_a_chart_has_a_head_an_axis_with_units_and_times() -> None:
    lines = texts(compose(chart(Drawn("eu-1", [0, 2, 4, 3.25])), 60, 10))
    assert lines[0].startswith("CPU")
    assert lines[0].endswith("━ eu-1 3.25")
    assert lines[1].lstrip().startswith("4 ┤")
    assert lines[8].lstrip().startswith("0 ┤")
    assert "14:00" in lines[9]
    assert len(lines) == 10


def test_the_legend_says_how_many_lines_it_leaves_out() -> None:
    lines = texts(compose(chart(*(Drawn(f"cluster-{number}", [1, 2]) for number in range(9)), total=40), 60, 8))
    assert lines[0].endswith("+37")


def test_the_cursor_reads_out_the_values_of_its_moment() -> None:
    lines = compose(chart(Drawn("eu-1", [1, 2, 3]), cursor=END - 1800), 60, 8)
    assert "eu-1 2" in text_of(lines[0])
    assert "13:43:20" in text_of(lines[0])
    assert "│" in styles_text(lines, STRONG)


def styles_text(lines: list[Line], style: str) -> str:
    return "".join(piece.text for line in lines for piece in line if piece.style == style)


def test_a_threshold_is_drawn_in_the_colour_of_what_lies_beyond_and_a_marker_is_named() -> None:
    found = chart(
        Drawn("eu-1", [1, 2, 3]),
        thresholds=(Threshold(2, Level.FAILED),),
        markers=(Marker(END - 900, "shop v7"),),
    )
    lines = compose(found, 60, 10)
    assert LEVEL_CLASSES[Level.FAILED] in styles(lines, "┈┈")
    assert "┊" in styles_text(lines, MUTED)
    assert "shop v7" in text_of(lines[-1])


def test_a_chosen_line_stands_out_and_the_others_are_muted() -> None:
    lines = compose(chart(Drawn("a", [1, 2]), Drawn("b", [2, 1]), chosen="b"), 60, 8)
    assert text_of(lines[0]).index("b 1") < text_of(lines[0]).index("a 2")
    assert styles(lines[:1], "━ b") == {STRONG}
    assert styles(lines[:1], "━ a") == {MUTED}


def test_old_values_are_muted_all() -> None:
    lines = compose(chart(Drawn("a", [1, 2]), stale=True), 60, 8)
    assert not {piece.style for line in lines for piece in line} & set(SERIES)


def test_a_success_rate_is_shown_where_it_moves_and_up_to_all() -> None:
    lines = texts(compose(Chart("ok", "percent", END, 600, (Drawn("", [98.5, 99.9]),), timezone=in_utc), 40, 8))
    assert lines[1].lstrip().startswith("100% ┤")
    assert "98" in lines[-2]


def test_nothing_is_said_with_its_reason() -> None:
    lines = texts(compose(chart(note="kube-state-metrics is off"), 60, 8))
    assert "kube-state-metrics is off" in "\n".join(lines)
    assert "no data" in "\n".join(texts(compose(chart(Drawn("a", [math.nan, math.inf])), 60, 8)))


def test_ascii_only_is_ascii() -> None:
    found = chart(Drawn("a", [1, 2]), thresholds=(Threshold(1, Level.FAILED),), cursor=END, focused=True)
    assert all(text.isascii() for text in texts(compose(found, 60, 8, ascii_only=True)))


@given(st.lists(FLOATS, max_size=4), st.integers(1, 120), st.integers(0, 30), st.booleans())
def test_no_line_is_wider_or_missing(series: list[list[float]], width: int, height: int, ascii_only: bool) -> None:
    found = chart(*(Drawn(f"\x1b[31m{number}", values) for number, values in enumerate(series)), cursor=END - 60)
    lines = compose(found, width, height, ascii_only=ascii_only)
    assert len(lines) == height
    if width >= 16:
        assert all(cells(text) <= width for text in texts(lines))
        assert "\x1b" not in text_of(lines[0]) if lines else True


# -- sparklines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "width", "text"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 8], 8, "▁▂▃▄▅▆▇█"),
        ([5, 5], 4, "  ██"),
        ([], 3, "   "),
        ([math.nan, 4, 8], 3, " ▅█"),
        ([0, 0, 8, 8], 2, "▁█"),
        ([0, 0], 2, "▁▁"),
    ],
)
def test_a_sparkline_has_a_block_a_share(values: list[float], width: int, text: str) -> None:
    assert spark(values, width) == text


def test_a_sparkline_of_success_rates_has_a_scale_of_its_own() -> None:
    assert spark([99, 99.5, 100], 3, low=99, high=100) == "▁▅█"
    assert spark([1, 8], 2, ascii_only=True).isascii()
