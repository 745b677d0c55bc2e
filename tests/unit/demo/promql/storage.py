"""A storage of points for tests: `name{label="value"} 1 2 3` a scrape each 30 s from 0 on, `_` where one lacks."""

import re
from collections.abc import Iterable

from kurator_tui.demo.promql import PROMETHEUS_3, Edition, Grid, Points, Series, instant, over_range
from kurator_tui.demo.promql.selectors import Selector

SCRAPE = 30


class Written:
    """The series of a text, one a line."""

    def __init__(self, text: str) -> None:
        self.series = [_series(line) for line in text.strip().splitlines()]

    def select(self, selector: Selector) -> Iterable[Series]:
        """As `Storage`."""
        return [each for each in self.series if selector.accepts(each.labels)]

    def at(self, query: str, seconds: float, edition: Edition = PROMETHEUS_3) -> dict[str, float]:
        """Values at an instant, by labels as text."""
        rows = instant(self, query, round(seconds * 1000), edition).rows
        return {_text(labels): points[0][1] for labels, points in rows}

    def between(self, query: str, start: float, end: float, step: float) -> dict[str, list[tuple[float, float]]]:
        """(seconds, value) at each step, by labels as text."""
        apart = round(step * 1000)
        grid = Grid(round(start * 1000), apart, round((end - start) * 1000) // apart + 1)
        return {_text(labels): points for labels, points in over_range(self, query, grid).rows}


def _series(line: str) -> Points:
    name, labels, values = re.fullmatch(r"(\w+)(?:\{(.*)\})? (.*)", line.strip()).groups()  # type: ignore[union-attr]
    pairs = re.findall(r'(\w+)="([^"]*)"', labels or "")
    points = [(n * SCRAPE * 1000, float(v)) for n, v in enumerate(values.split()) if v != "_"]
    return Points({"__name__": name, **dict(pairs)}, [at for at, _ in points], [value for _, value in points])


def _text(labels: dict[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
