"""Values into text that cannot act on a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.kinds.base import Format, Level
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS, cell_text, duration, inert, size

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x9b2J", "\ufffd2J"),
        ("a\nb\tc\r", "a␊b␉c␍"),
        ("\x7f\x00", "␡␀"),
        ("user\u202egpj.exe", "user\ufffdgpj.exe"),
        ("zero\u200bwidth\ufeff", "zero\ufffdwidth\ufffd"),
        ("a\u2028b", "a\ufffdb"),
        ("\ud800", "\ufffd"),
        ("\x1b]8;;http://evil\x07link", "␛]8;;http://evil␇link"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
        ("日本語 مرحبا 🎉", "日本語 مرحبا 🎉"),
    ],
)
def test_hostile_text_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert inert(text) == shown


@given(st.text(st.characters(codec=None)))
def test_nothing_that_steers_a_terminal_passes(text: str) -> None:
    shown = inert(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert not any(
        unicodedata.bidirectional(char) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "PDI", "FSI")
        for char in shown
    )
    assert len(shown) == len(text)
    assert inert(shown) == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0s"), (0, "0s"), (0.999, "0s"), (1, "1s"), (70, "70s"), (2 * MINUTE - 0.001, "119s"),
        (2 * MINUTE, "2m"), (2 * MINUTE + 1, "2m1s"), (190, "3m10s"), (10 * MINUTE - 0.001, "9m59s"),
        (10 * MINUTE, "10m"), (10 * MINUTE + 1, "10m"), (70 * MINUTE, "70m"), (3 * HOUR - 0.001, "179m"),
        (3 * HOUR, "3h"), (3 * HOUR + MINUTE, "3h1m"), (8 * HOUR - 0.001, "7h59m"), (8 * HOUR, "8h"),
        (8 * HOUR + 59 * MINUTE, "8h"), (47 * HOUR, "47h"), (2 * DAY - 0.001, "47h"), (2 * DAY, "2d"),
        (49 * HOUR, "2d1h"), (8 * DAY - 0.001, "7d23h"), (8 * DAY, "8d"), (8 * DAY + 2 * HOUR, "8d"),
        (367 * DAY, "367d"), (2 * YEAR - 0.001, "729d"), (2 * YEAR, "2y"), (2 * YEAR + 23 * HOUR, "2y"),
        (2 * YEAR + 25 * HOUR, "2y1d"), (8 * YEAR - 0.001, "7y364d"),
        (8 * YEAR, "8y"), (8 * YEAR + 364 * DAY, "8y"),
    ],
)  # fmt: skip
def test_durations_are_those_of_kubectl(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0B"), (512, "512B"), (999, "999B"), (1024, "1.0Ki"), (1536, "1.5Ki"), (96 * 2**30, "96Gi"),
        (5 * 2**50, "5.0Pi"), (3000 * 2**50, "3000Pi"),
    ],
)  # fmt: skip
def test_sizes_have_binary_units_and_few_digits(number: float, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("value", "format", "text"),
    [
        (None, Format.COUNT, ""), ("", Format.TEXT, ""), (0, Format.COUNT, "0"), (99_999, Format.COUNT, "99999"),
        (1_234_567, Format.COUNT, "1,234,567"), (True, Format.TEXT, "yes"), (False, Format.TEXT, "no"),
        (940.0, Format.AGE, "60s"), (0.0, Format.AGE, ""), (1120.0, Format.UNTIL, "2m"),
        (999.0, Format.UNTIL, "expired"),
        (0.0, Format.UNTIL, ""), (250, Format.MILLICORES, "250m"), (4000, Format.MILLICORES, "4"),
        (1500, Format.MILLICORES, "1.5"),
        (0.4, Format.MILLISECONDS, "0.4ms"), (31.6, Format.MILLISECONDS, "32ms"), (0.815, Format.RATIO, "82%"),
        ("failed", Format.HEALTH, "✖ failed"), ("a\x1b[2J", Format.TEXT, "a␛[2J"), (2.5, Format.COUNT, "2.5"),
    ],
)  # fmt: skip
def test_cells(value: str | float | bool | None, format: Format, text: str) -> None:
    assert cell_text(value, format, now=1000.0) == text


def test_each_level_has_a_glyph_and_an_ascii_twin() -> None:
    assert set(GLYPHS) == set(ASCII_GLYPHS) == set(Level)
    assert len(set(GLYPHS.values())) == len(set(ASCII_GLYPHS.values())) == len(Level)
    assert all(glyph.isascii() for glyph in ASCII_GLYPHS.values())
    assert cell_text("stale", Format.HEALTH, ascii_only=True) == ". stale"
