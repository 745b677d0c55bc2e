"""Measured values as short texts, and the labels of axes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.kinds.units import amount, label, moments, ticks

UNITS = ("", "count", "cores", "bytes", "bytes/s", "ratio", "percent", "seconds", "ms", "1/s")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.234, "cores", "1.23"),
        (45_100, "count", "45.1k"),
        (3.2 * 2**30, "bytes", "3.20Gi"),
        (0, "bytes", "0B"),
        (1500, "bytes/s", "1.46Ki/s"),
        (12, "1/s", "12/s"),
        (0.9923, "ratio", "99.2%"),
        (99.23, "percent", "99.2%"),
        (350, "ms", "350ms"),
        (0.0002, "seconds", "200µs"),
        (900, "seconds", "15m"),
        (200_000, "seconds", "2.31d"),
        (math.nan, "", "-"),
        (None, "", "-"),
        (math.inf, "cores", "∞"),
        (-math.inf, "cores", "-∞"),
    ],
)
def test_an_amount_is_short_and_has_its_unit(value: float | None, unit: str, text: str) -> None:
    assert amount(value, unit) == text


@given(st.floats(allow_nan=True, allow_infinity=True, width=32), st.sampled_from(UNITS))
def test_any_value_has_a_text(value: float, unit: str) -> None:
    assert amount(value, unit)


@pytest.mark.parametrize(
    ("low", "high", "most", "unit", "expected"),
    [
        (0, 7.3, 5, "", [0, 2, 4, 6, 8]),
        (0, 1, 5, "ratio", [0, 0.25, 0.5, 0.75, 1]),
        (0, 6e9, 5, "bytes", [0, 2 * 2**30, 4 * 2**30, 6 * 2**30]),
        (93, 99.9, 4, "percent", [92.5, 95, 97.5, 100]),
        (0, 500, 4, "seconds", [0, 300, 600]),
    ],
)
def test_an_axis_has_round_values(low: float, high: float, most: int, unit: str, expected: list[float]) -> None:
    assert ticks(low, high, most, unit) == pytest.approx(expected)


@given(
    st.floats(-1e12, 1e12),
    st.floats(0, 1e12),
    st.integers(2, 12),
    st.sampled_from(UNITS),
)
def test_an_axis_encloses_the_values_with_few_labels(low: float, reach: float, most: int, unit: str) -> None:
    found = ticks(low, low + reach, most, unit)
    slack = 1e-6 * max(abs(low), reach, 1e-300)
    assert 2 <= len(found) <= most + 1
    assert found[0] <= low + slack
    assert found[-1] >= low + reach - slack


def test_an_axis_of_nothing_is_an_axis() -> None:
    assert len(ticks(math.nan, math.inf, 4)) >= 2
    assert len(ticks(5, 5, 4)) >= 2


@pytest.mark.parametrize(("low", "high"), [(0, 1.7e308), (-1.7e308, 1.7e308), (1e308, 1e308), (1.0, 1.7e308)])
def test_an_axis_of_the_largest_numbers_is_finite(low: float, high: float) -> None:
    found = ticks(low, high, 5)
    assert len(found) >= 2
    assert all(math.isfinite(value) for value in found)


def test_labels_have_no_empty_digits() -> None:
    assert [label(value) for value in (2.5, 10, 100, 2.0)] == ["2.5", "10", "100", "2"]
    assert label(0.995, "ratio") == "99.5%"


def test_moments_are_round_in_the_zone_of_the_reader() -> None:
    half_past = 1_790_000_000 // 3600 * 3600 + 1800
    found = moments(half_past - 3600, half_past, 4, offset=5.5 * 3600)
    assert [(at + 5.5 * 3600) % 900 for at in found] == [0] * len(found)
    assert 2 <= len(found) <= 4
    assert moments(0, 60, 0) == []
