"""Small readers every kind shares."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.meta import quantity, unix


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("250m", 0.25),
        ("1Gi", 2**30),
        ("2e3", 2000),
        (4, 4),
        ("1.5", 1.5),
        ("100k", 1e5),
        ("3M", 3e6),
        ("1Ei", 2**60),
        ("100u", 1e-4),
        ("5n", 5e-9),
        (None, 0),
        ("", 0),
        ("lots", 0),
        ("Gi", 0),
        ("-1", -1),
        (" 2 ", 2),
    ],
)
def test_quantities_in_their_base_unit(text: object, value: float) -> None:
    assert quantity(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1970-01-01T00:01:00Z", 60.0),
        ("1970-01-01T00:00:00.500000Z", 0.5),
        ("1970-01-01T01:00:00+01:00", 0.0),
        (None, 0.0),
        ("", 0.0),
        ("yesterday", 0.0),
        ("9999-99-99T00:00:00Z", 0.0),
    ],
)
def test_moments_in_unix_seconds(text: str | None, value: float) -> None:
    assert unix(text) == value
