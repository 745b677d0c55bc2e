"""Moments as people write them."""

from __future__ import annotations

import pytest

from kurator_tui.store.moments import moment, seconds_of

NOW = 1_763_700_000.0
"""2025-11-21 04:40:00 UTC."""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10m", 600), ("1h30m", 5400), ("2d", 172_800), ("10", None), ("x", None), ("", None), ("-5m", None)],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10m", NOW - 600),
        ("04:39Z", NOW - 60),
        ("4:39:30Z", NOW - 30),
        ("04:41Z", NOW + 60 - 86_400),
        ("2025-11-21T04:00:00Z", NOW - 2400),
        ("2025-11-21T05:00:00+01:00", NOW - 2400),
    ],
)
def test_moments(text: str, expected: float) -> None:
    assert moment(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("04:40:30Z", NOW + 30),
        ("04:39Z", NOW - 60),
        ("04:29Z", NOW - 660),
        ("17:00Z", NOW + 44_400 - 86_400),
        ("2025-11-20T04:41:00Z", NOW + 60 - 86_400),
    ],
)
def test_a_time_of_day_is_the_one_nearest_to_what_there_is(text: str, expected: float) -> None:
    assert moment(text, NOW, first=NOW - 600) == expected


@pytest.mark.parametrize("text", ["", "soon", "25:00", "04:61Z", "1969-01-01T00:00:00Z", "9999999999d9", "12"])
def test_what_is_no_moment(text: str) -> None:
    assert moment(text, NOW) is None


def test_longer_ago_than_there_is_time_is_the_beginning() -> None:
    assert moment("999999d", NOW) == 0.0
