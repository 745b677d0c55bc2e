"""Rates that are summed are asked for together where that gives the same, and one by one where it does not."""

from collections.abc import Iterable

import pytest

from kurator_tui.demo.promql import Grid, evaluator, over_range
from kurator_tui.demo.promql.selectors import Selector
from kurator_tui.demo.promql.series import Points, Scraped, Series, together
from kurator_tui.demo.promql.values import Labels, Seconds
from kurator_tui.demo.series.waves import wave

NOW = 1_780_000_000
LONG_AGO = NOW - 30 * 86400.0


class Some:
    """A storage of these series."""

    def __init__(self, *series: Series) -> None:
        self.series = series

    def select(self, selector: Selector) -> Iterable[Series]:
        return (each for each in self.series if selector.accepts(each.labels))


def counter(pod: str, cluster: str, start: float = LONG_AGO, born: int = 0) -> Scraped:
    labels = {"__name__": "cpu", "cluster": cluster, "pod": pod}
    return Scraped(labels, wave(pod, 0.2, 0.6).counter(start), born, monotone=True)


SERIES: tuple[Series, ...] = (
    *(counter(f"p{number}", "ab"[number % 2]) for number in range(10)),
    counter("new", "a", NOW - 1200.0, (NOW - 1200) * 1000),
    counter("newest", "b", NOW - 900.0, (NOW - 900) * 1000),
    Points({"__name__": "cpu", "cluster": "b", "pod": "written"}, [NOW * 1000 - 60_000, NOW * 1000], [1.0, 7.0]),
)


def values(promql: str) -> dict[tuple[tuple[str, str], ...], list[tuple[float, float]]]:
    found = over_range(Some(*SERIES), promql, Grid((NOW - 1800) * 1000, 60_000, 31))
    return {tuple(sorted(labels.items())): points for labels, points in found.rows}


@pytest.mark.parametrize(
    "promql", ["sum by (cluster) (rate(cpu[5m]))", "sum(increase(cpu[2m]))", "sum without (pod) (rate(cpu[5m]))"]
)
def test_the_sum_is_that_of_each_rate(promql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = values(promql)
    monkeypatch.setattr(evaluator, "together", lambda every, _key, _bounds: every)
    apart = values(promql)
    assert found.keys() == apart.keys()
    for labels, points in apart.items():
        assert [at for at, _ in found[labels]] == [at for at, _ in points]
        assert [value for _, value in found[labels]] == pytest.approx([value for _, value in points], rel=1e-6)


def test_what_has_counted_for_long_is_asked_for_once_a_group() -> None:
    def grouped(labels: Labels) -> str:
        return labels["cluster"]

    ends = Seconds((float(NOW - 600), float(NOW)))
    found = list(together(SERIES, grouped, lambda _series: (ends, 100.0)))
    assert [each.labels["pod"] for each in found] == ["new", "newest", "written", "p0", "p1"]
