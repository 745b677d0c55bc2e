"""Column fitting and cell-accurate text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kurator_tui.kinds.base import AnyColumn, Column, Format
from kurator_tui.kinds.cells import inert
from kurator_tui.widgets.layout import GAP, cells, fit_columns, pad, truncate, wrap

texts = st.text(max_size=60).map(inert)
columns = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(list(Format)), st.booleans(), st.integers(1, 120)),
    min_size=1,
    max_size=12,
)


def column(priority: int, format: Format, wide: bool = False) -> AnyColumn:
    return Column("key", "TITLE", lambda row: None, format, priority=priority, wide=wide)


@given(texts, st.integers(0, 80), st.booleans())
def test_pad_is_exactly_as_wide_as_asked_in_terminal_cells(text: str, width: int, right: bool) -> None:
    padded = pad(text, width, right=right)
    assert cells(padded) == width
    assert cell_len(padded) == width


@given(texts, st.integers(1, 80))
def test_truncate_keeps_what_fits_and_marks_what_does_not(text: str, width: int) -> None:
    short = truncate(text, width)
    assert cells(short) <= width
    if cells(text) > width:
        assert short.endswith("…")


@given(texts, st.integers(2, 60))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    assert len("".join(lines)) <= len(text)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("crashes: web", 12, "crashes: web"),
        ("crashes again and again: web", 17, "crashes aga…: web"),
        ("a: crashes again: web", 12, "a: cra…: web"),
        ("crashes: registry.example/shop", 18, "crash…: registry.…"),
        ("crashes again and again", 8, "crashes…"),
        ("crashes: web", 1, "…"),
    ],
)
def test_text_that_keeps_its_end_loses_what_is_before_it_first(text: str, width: int, shown: str) -> None:
    assert truncate(text, width, keeps=": ") == shown
    assert pad(text, width, keeps=": ") == shown


@given(st.text(alphabet="ab: 漢\u0301", max_size=30), st.integers(0, 30))
def test_text_that_keeps_its_end_fits(text: str, width: int) -> None:
    assert cells(pad(text, width, keeps=": ")) == width


def test_wide_combining_and_disputed_characters() -> None:
    assert cells("日本") == 4
    assert cells("e\u0301") == 1
    assert pad("日本語", 4) == "日… "
    assert pad("☀\ufe0fx", 4) == "☀x  "
    assert pad("a" + "\u0301" * 500, 2).count("\u0301") == 3
    assert pad("7", 3, right=True) == "  7"


@given(columns, st.integers(0, 220), st.booleans(), st.integers(0, 4))
def test_placed_columns_never_overlap_nor_leave_the_line(
    specs: list[tuple[int, Format, bool, int]], available: int, wide: bool, shift: int
) -> None:
    given_columns = [column(priority, format, is_wide) for priority, format, is_wide, _ in specs]
    placed = fit_columns(given_columns, [width for *_, width in specs], available, wide=wide, shift=shift)
    end = 0
    for place in placed:
        assert place.width > 0
        assert place.x in ((0,) if place is placed[0] else (end + GAP, end + GAP + 1))
        end = place.x + place.width
    assert end <= available or not placed


@given(columns, st.integers(0, 220))
def test_a_dropped_column_never_has_a_lower_number_than_a_kept_one_next_to_it(
    specs: list[tuple[int, Format, bool, int]], available: int
) -> None:
    given_columns = [column(priority, format) for priority, format, _, _ in specs]
    placed = fit_columns(given_columns, [width for *_, width in specs], available)
    kept = {place.index for place in placed}
    dropped = [c.priority for at, c in enumerate(given_columns) if at not in kept and c.priority > 0]
    staying = [place.column.priority for place in placed]
    assert not dropped or not staying or min(dropped) >= max(staying)


def test_text_columns_get_the_room_that_is_left() -> None:
    placed = fit_columns(
        [column(0, Format.TEXT), column(1, Format.COUNT), column(2, Format.TEXT)], [10, 5, 60], 120
    )
    assert [place.width for place in placed] == [10, 5, 60]
    placed = fit_columns(
        [column(0, Format.TEXT), column(1, Format.COUNT), column(2, Format.TEXT)], [10, 5, 60], 50
    )
    assert [place.width for place in placed] == [10, 5, 33]


def test_the_last_resort_is_truncation() -> None:
    placed = fit_columns([column(0, Format.TEXT), column(0, Format.HEALTH)], [40, 13], 19)
    assert sum(place.width for place in placed) + GAP == 19
