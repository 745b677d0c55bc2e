"""Forecasts are right for what grows steadily, unmoved by spikes, and silent about everything else."""

from __future__ import annotations

import math
import random

import pytest

from kurator_tui.metrics.forecast import forecast

HOUR = 3600.0


def grows(by_hour: float, start: float = 0.5, count: int = 72, noise: float = 0.0) -> list[tuple[float, float]]:
    rng = random.Random(1)
    return [
        (1e9 + n * 300, start + by_hour * n * 300 / HOUR + (rng.uniform(-noise, noise) if noise else 0.0))
        for n in range(count)
    ]


def test_a_steady_growth_is_full_when_it_says() -> None:
    found = forecast(grows(0.01))
    assert found is not None
    left = (1 - grows(0.01)[-1][1]) / 0.01
    assert found.hours == pytest.approx(left, rel=1e-6)
    assert found.earliest == pytest.approx(left) == found.latest
    assert found.confidence == 1.0


def test_noise_widens_the_bounds_and_lowers_the_confidence() -> None:
    found = forecast(grows(0.02, noise=0.01))
    assert found is not None
    left = (1 - grows(0.02)[-1][1]) / 0.02
    assert found.earliest < found.hours < found.latest
    assert found.earliest <= left <= found.latest
    assert 0.5 <= found.confidence < 1.0


def test_single_spikes_do_not_move_it() -> None:
    points = grows(0.01)
    calm = forecast(points)
    for number in (5, 20, 40, 60):
        points[number] = (points[number][0], 5.0)
    spiked = forecast(points)
    assert calm is not None
    assert spiked is not None
    assert spiked.hours == pytest.approx(calm.hours, rel=0.1)


@pytest.mark.parametrize(
    "points",
    [
        [],
        grows(0.01, count=7),
        grows(0.0),
        grows(-0.01),
        grows(0.0, noise=0.05),
        grows(1e-5),
        [(at, math.nan) for at, _value in grows(0.01)],
        [(1e9, value) for _at, value in grows(0.01)],
        [(1e9 + n * 300, 0.5 + 0.1 * math.sin(n / 3)) for n in range(72)],
    ],
    ids=["none", "few", "flat", "falls", "noise", "too slow", "no numbers", "one moment", "waves"],
)
def test_nothing_is_said_of_what_does_not_grow_steadily(points: list[tuple[float, float]]) -> None:
    assert forecast(points) is None


def test_what_is_full_already_is_full_now() -> None:
    found = forecast(grows(0.02, start=0.99))
    assert found is not None
    assert found.hours == 0.0


def test_values_that_are_no_numbers_are_left_out() -> None:
    points = grows(0.01)
    points[3] = (points[3][0], math.nan)
    points[9] = (points[9][0], math.inf)
    assert forecast(points) is not None
