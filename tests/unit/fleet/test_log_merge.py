"""Lines of many logs in the order of their times, within bounds."""

from __future__ import annotations

from kurator_tui.fleet.log_merge import Keyed, Merge
from kurator_tui.kinds.log_lines import LogLine, Mark


def lines(source: int, *keys: int) -> list[Keyed]:
    return [(key, LogLine(source, key, f"{source}:{key}")) for key in keys]


def texts(taken: list[LogLine]) -> list[str]:
    return [line.text for line in taken]


def test_a_line_waits_a_moment_for_older_ones() -> None:
    merge = Merge(window=0.25)
    merge.put(0.0, lines(1, 5, 7))
    assert merge.take(0.2) == []
    merge.put(0.2, lines(2, 4, 6, 9))
    assert texts(merge.take(0.25)) == ["2:4", "1:5", "2:6", "1:7"]
    assert texts(merge.take(0.45)) == ["2:9"]
    assert len(merge) == 0


def test_what_comes_late_goes_out_late_and_the_order_of_one_log_stays() -> None:
    merge = Merge(window=0.25)
    merge.put(0.0, lines(1, 10, 10, 10))
    merge.put(0.0, lines(2, 10))
    assert texts(merge.take(1.0)) == ["1:10", "1:10", "1:10", "2:10"]
    merge.put(1.0, lines(2, 3))
    merge.put(1.1, lines(1, 11))
    assert texts(merge.take(1.3)) == ["2:3"]


def test_everything_at_once() -> None:
    merge = Merge()
    merge.put(0.0, lines(1, 3))
    merge.put(0.0, lines(2, 1))
    assert texts(merge.take(0.0, everything=True)) == ["2:1", "1:3"]
    assert merge.take(0.0, everything=True) == []


def test_dropping_keeps_the_newest_and_the_marks_and_says_how_many() -> None:
    merge = Merge(most_lines=10, clock=lambda: 5.0)
    merge.put(0.0, [(1, LogLine(1, 1, "", 0, Mark.LOST)), *lines(1, *range(2, 12))])
    assert merge.full
    dropped = merge.drop()
    assert not merge.full
    assert merge.low
    mark, lost, *rest = merge.take(1.0)
    assert (mark.mark, mark.lost, mark.time, mark.source) == (Mark.DROPPED, dropped, 5_000_000_000, 0)
    assert lost.mark == Mark.LOST
    assert texts(rest) == [f"1:{key}" for key in range(2 + dropped, 12)]
    assert merge.dropped == dropped
    merge.put(2.0, lines(1, 20))
    assert texts(merge.take(3.0)) == ["1:20"]


def test_few_long_lines_are_full_too() -> None:
    merge = Merge(most_bytes=1000)
    merge.put(0.0, [(1, LogLine(1, 1, "x" * 2000))])
    assert merge.full
    merge.take(1.0)
    assert merge.low
