"""The page of figures is made of what was measured."""

import math

import pytest

from benchmarks import report
from benchmarks.harness import SUITE, Benchmark, Figure, Result

FACTS = {
    "date": "2026-11-21",
    "processor": "P",
    "cores": "2",
    "memory": "24 GiB",
    "python": "CPython",
    "load": "0",
}
SYNC = Benchmark("sync", "the first sync")


def test_a_new_result_replaces_the_old_one_of_the_same_benchmark_only() -> None:
    old = report.merged({}, [Result(SYNC, (Figure("a", 1.0, "s"),), 1), Result(SUITE[0], (), 1)], FACTS)
    new = report.merged(old, [Result(SYNC, (Figure("b", 2.0, "s"),), 1)], {**FACTS, "date": "2026-11-22"})
    assert [figure["name"] for figure in new["sync"]["figures"]] == ["b"]
    assert new["sync"]["machine"]["date"] == "2026-11-22"
    assert new[SUITE[0].name] == old[SUITE[0].name]


def test_what_failed_replaces_nothing() -> None:
    old = report.merged({}, [Result(SYNC, (Figure("a", 1.0, "s"),), 1)], FACTS)
    assert report.merged(old, [Result(SYNC, (Figure("sync", math.nan, ""),), 1)], FACTS) == old


def test_a_missed_budget_is_on_the_page() -> None:
    figure = Figure("all rows", 3.0, "x", 1.5, 3.3, ("a|b", 1.0))
    page = report.render(report.merged({}, [Result(SYNC, (figure,), 9.6)], FACTS))
    assert "## sync: the first sync\n" in page
    assert "2026-11-21; P, 2 cores, 24 GiB, CPython; load 0 before; 10 s." in page
    assert "| all rows | 3 x | 3.30 x | ≤ 1.50 x | MISSED | a\\|b 1 x |  |" in page


@pytest.mark.skipif(not report.PAGE.exists(), reason="nothing was measured yet")
def test_the_page_is_made_of_the_kept_figures() -> None:
    assert report.PAGE.read_text() == report.render(report.load())
