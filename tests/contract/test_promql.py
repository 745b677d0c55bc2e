"""The demo's PromQL gives what a real Prometheus gives for the same samples (Debian has one)."""

import math
import random
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kurator_tui.demo.promql import (
    PROMETHEUS_2,
    PROMETHEUS_3,
    Edition,
    Grid,
    Points,
    QueryError,
    Result,
    Series,
    instant,
    over_range,
)
from kurator_tui.demo.promql.selectors import Selector
from tests.contract import prometheus
from tests.contract.prometheus import Prometheus
from tests.contract.promql_queries import QUERIES, VECTORS
from tests.examples import examples

pytestmark = pytest.mark.skipif(not prometheus.AVAILABLE, reason="prometheus and promtool are not installed")

START = 1_780_300_800_000
MINUTE = 60_000
HOUR = 60 * MINUTE
#: On a scrape, between scrapes, near the samples' beginning, in a gap, and at their end.
INSTANTS = (START + HOUR, START + HOUR + 17_123, START + 4 * MINUTE, START + 77 * MINUTE, START + 2 * HOUR)
RANGE = Grid(START - 10 * MINUTE, 150_000, 60)
BOUNDS = ("0.005", "0.05", "0.1", "0.5", "1", "+Inf")


class Samples:
    """A storage of a few series."""

    def __init__(self, series: Iterable[Points]) -> None:
        self.series = list(series)

    def select(self, selector: Selector) -> Iterable[Series]:
        """As `Storage`."""
        return [each for each in self.series if selector.accepts(each.labels)]


def times(luck: random.Random, *, regular: bool) -> list[int]:
    """Scrapes of two hours: each 30 s, or with jitter, misses and a hole of a quarter of an hour."""
    every = range(START, START + 2 * HOUR, 30_000)
    if regular:
        return list(every)
    kept = [at for at in every if luck.random() > 0.15 and not 70 * MINUTE < at - START < 85 * MINUTE]
    return [at + luck.randrange(-4000, 4000) for at in kept]


def counter(luck: random.Random, count: int, *, resets: bool) -> list[float]:
    total, found = luck.uniform(0, 40), []
    for _ in range(count):
        total = 0.0 if resets and luck.random() < 0.06 else total + luck.randrange(0, 30)
        found.append(float(total))
    return found


def made() -> Iterator[Points]:
    """Counters with and without resets, gauges with odd values, buckets, and one series to match others with."""
    luck = random.Random(7)
    for cluster in ("east", "west", "north"):
        for number, code in enumerate(("200", "404", "500")):
            labels = {"__name__": "requests_total", "cluster": cluster, "code": code, "instance": f"i{number % 2}"}
            at = times(luck, regular=code == "200")
            yield Points(labels, at, counter(luck, len(at), resets=code == "404"))
        for bound in BOUNDS[: -1 if cluster == "north" else None]:
            share = (BOUNDS.index(bound) + 1) / len(BOUNDS)
            at = times(luck, regular=True)
            values = [float(round(share * 7 * number)) for number in range(len(at))]
            yield Points({"__name__": "latency_bucket", "cluster": cluster, "le": bound}, at, values)
        at = times(luck, regular=False)
        yield Points({"__name__": "memory", "cluster": cluster}, at, [luck.gauss(500, 90) for _ in at])
        at = times(luck, regular=True)
        info = {"__name__": "info", "cluster": cluster, "version": f"v1.{len(cluster)}", "zone": cluster[0]}
        yield Points(info, at, [1.0] * len(at))
    at = times(luck, regular=True)
    for name in ("a", "b"):
        steps = [float(number // 20 % 5) for number in range(len(at))]
        yield Points({"__name__": "steps", "name": name}, at, steps if name == "a" else steps[::-1])
    odd = [math.nan, math.inf, 1.0, -math.inf, 0.0, -2.5]
    yield Points({"__name__": "odd"}, at, [odd[number // 7 % len(odd)] for number in range(len(at))])
    yield Points({"__name__": "clock"}, at, [1.7e9 + number * 86_400.0 * 17 for number in range(len(at))])
    short = at[100:120]
    yield Points({"__name__": "short", "cluster": "east"}, short, [float(number) for number in range(len(short))])


STORAGE = Samples(made())
EDITION: Edition = PROMETHEUS_2 if prometheus.AVAILABLE and prometheus.major() == 2 else PROMETHEUS_3


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with prometheus.running(STORAGE.series, tmp_path_factory.mktemp("prometheus")) as server:
        yield server


Rows = dict[tuple[tuple[str, str], ...], list[tuple[float, float]]]


def told(body: Any) -> Rows:
    """The rows of an answer."""
    kind, result = body["data"]["resultType"], body["data"]["result"]
    if kind == "scalar":
        return {(): [(result[0], float(result[1]))]}
    return {
        tuple(sorted(row["metric"].items())): [
            (at, float(value)) for at, value in (row["values"] if "values" in row else [row["value"]])
        ]
        for row in result
    }


def rows(result: Result) -> Rows:
    return {tuple(sorted(labels.items())): points for labels, points in result.rows}


def same(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def agree(mine: Rows, theirs: Rows, about: str) -> None:
    assert mine.keys() == theirs.keys(), about
    for labels, points in theirs.items():
        assert [at for at, _ in mine[labels]] == pytest.approx([at for at, _ in points], abs=1e-3), (about, labels)
        for (at, value), (_, other) in zip(mine[labels], points, strict=True):
            assert same(value, other), (about, dict(labels), at, value, other)


def compare(real: Prometheus, query: str) -> None:
    """The same query, at some instants and over a range, to both."""
    for at in INSTANTS:
        status, body = real.ask("query", query=query, time=at / 1000)
        assert status == 200, body
        agree(rows(instant(STORAGE, query, at, EDITION)), told(body), f"{query} at {at}")
    grid = RANGE
    span = {"start": grid.start / 1000, "end": grid.end / 1000, "step": grid.step / 1000}
    status, body = real.ask("query_range", query=query, **span)
    assert status == 200, body
    agree(rows(over_range(STORAGE, query, grid, EDITION)), told(body), query)


@pytest.mark.parametrize("query", QUERIES)
def test_prometheus_gives_the_same(real: Prometheus, query: str) -> None:
    compare(real, query)


@pytest.mark.parametrize("query", ["topk(2, memory)", "bottomk(3, memory)", "sort(memory)", "sort_desc(memory)"])
def test_prometheus_gives_the_same_order(real: Prometheus, query: str) -> None:
    at = INSTANTS[0]
    _, body = real.ask("query", query=query, time=at / 1000)
    found = [labels for labels, _points in instant(STORAGE, query, at, EDITION).rows]
    assert found == [row["metric"] for row in body["data"]["result"]]


@pytest.mark.parametrize("query", ["memory[2m]", "memory[2m] offset 5m", "(memory[2m])", "memory[5m:1m]"])
def test_prometheus_gives_the_same_samples_of_a_range(real: Prometheus, query: str) -> None:
    at = INSTANTS[1]
    _, body = real.ask("query", query=query, time=at / 1000)
    agree(rows(instant(STORAGE, query, at, EDITION)), told(body), query)


@pytest.mark.parametrize(
    "query",
    [
        "requests_total / on(cluster) memory",
        "memory / on(cluster) requests_total",
        "memory + on(cluster) group_left requests_total",
        "requests_total + on(cluster) group_right requests_total",
        "requests_total * on(cluster) group_left(code) info * 0 + on(cluster) group_left(zone) info",
        '{__name__=~"memory|short", cluster="east"} * 2',
        "max_over_time(time()[10m:1m])",
        'label_replace(memory, "cluster", "one", "", "")',
        'rate({__name__=~"memory|short"}[15m])',
        'label_replace(memory, "1a", "x", "cluster", ".*")',
        'label_replace(memory, "a", "x", "cluster", "(")',
        "rate(memory)",
        "abs(memory[5m])",
        "nosuch(memory)",
        "sum(rate(memory[5m])",
        "",
        "1 == 1",
        'rate(memory[5m], "x")',
        "sum(1)",
        "{}",
    ],
)
def test_prometheus_refuses_the_same(real: Prometheus, query: str) -> None:
    at = INSTANTS[0]
    status, body = real.ask("query", query=query, time=at / 1000)
    assert status in (400, 422), body
    with pytest.raises(QueryError) as refused:
        instant(STORAGE, query, at, EDITION)
    assert refused.value.kind == body["errorType"]
    if refused.value.kind == "execution":
        same_words(refused.value.message, body["error"])


def same_words(mine: str, theirs: str) -> None:
    """Which of several duplicates is told of is left to chance."""
    assert mine.partition(": [")[0].partition(" {")[0] == theirs.partition(": [")[0].partition(" {")[0]


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VECTORS, st.sampled_from(INSTANTS))
def test_prometheus_gives_the_same_for_made_up_queries(real: Prometheus, query: str, at: int) -> None:
    status, body = real.ask("query", query=query, time=at / 1000)
    if status == 200:
        agree(rows(instant(STORAGE, query, at, EDITION)), told(body), f"{query} at {at}")
    else:
        with pytest.raises(QueryError) as refused:
            instant(STORAGE, query, at, EDITION)
        assert (refused.value.kind, status) == (body["errorType"], 422), (query, body)
