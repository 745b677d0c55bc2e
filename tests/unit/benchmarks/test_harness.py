"""What a figure is worth, and that one broken benchmark costs its own figures only."""

import json
import math

import pytest

from benchmarks import harness
from benchmarks.harness import Benchmark, Figure, Result


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure("f", 5.0, "ms", 5.0), "kept"),
        (Figure("f", 5.1, "ms", 5.0), "MISSED"),
        (Figure("f", 5000.0, "", 5000, lower_is_better=False), "kept"),
        (Figure("f", 4999.0, "", 5000, lower_is_better=False), "MISSED"),
        (Figure("f", 0.0, "B", 0), "kept"),
        (Figure("f", 7.0, "ms"), "-"),
        (Figure("f", math.nan, "ms", 5.0), "FAILED"),
        (Figure("f", math.nan, "ms"), "FAILED"),
        (Figure("f", math.inf, "ms", 5.0), "MISSED"),
    ],
)
def test_a_figure_is_judged_by_its_budget(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict
    assert figure.kept == (verdict in ("kept", "-"))


def test_a_percentile_is_a_value_that_was_measured() -> None:
    samples = [float(n) for n in range(1, 101)]
    assert harness.percentile(samples, 0.95) == 95.0
    assert harness.percentile(samples, 0.99) == 99.0
    assert harness.percentile([3.0, 1.0], 0.5) == 1.0
    assert math.isnan(harness.percentile([], 0.5))


def test_a_benchmark_that_breaks_is_a_failed_figure(capsys: pytest.CaptureFixture[str]) -> None:
    result = harness.measure(Benchmark("no_such_benchmark", ""), quick=True)
    assert [figure.verdict for figure in result.figures] == ["FAILED"]
    assert "no_such_benchmark" in result.figures[0].note


def test_a_failed_value_is_null_in_json() -> None:
    result = Result(Benchmark("b", ""), (Figure("f", math.nan, "ms", 5.0),), 1.0)
    report = json.loads(json.dumps(harness.as_json([result], {}), allow_nan=False))
    assert report["figures"][0] == {**report["figures"][0], "value": None, "verdict": "FAILED", "benchmark": "b"}


def test_the_quick_ones_are_chosen_by_name_or_together() -> None:
    assert all(benchmark.quick for benchmark in harness.chosen([], quick=True))
    assert [benchmark.name for benchmark in harness.chosen(["fleet"], quick=True)] == ["fleet"]
    assert harness.chosen([], quick=False) == list(harness.SUITE)
    with pytest.raises(SystemExit, match="no such benchmark: fleets"):
        harness.chosen(["fleets"], quick=False)


def test_a_line_of_the_table_says_value_budget_and_comparison() -> None:
    figure = Figure("key", 3.14159, "ms", 5, 12.0, ("a bare table", 2.5), "400 keys")
    assert harness.line(figure) == (
        *("key", "3.14 ms", "12 ms", "≤ 5 ms", "kept"),
        *("a bare table 2.50 ms", "400 keys"),
    )
    assert harness.line(Figure("held", 5000.0, "", 5000, lower_is_better=False))[3] == "≥ 5,000"
