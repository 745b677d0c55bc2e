"""The ring of log lines: nothing leaves it uncounted, and positions and filters hold while lines come and go."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.kinds.log_lines import LogLine, Mark
from kurator_tui.store.log_ring import OVERHEAD, LogRing, Sieve
from kurator_tui.store.patterns import Search, compile_search, compile_spans


def line(text: str, lost: int = 0) -> LogLine:
    return LogLine(1, 1, text, lost)


def lines(*numbers: int) -> list[LogLine]:
    return [line(f"line {number}") for number in numbers]


def mark(kind: Mark, lost: int = 0) -> LogLine:
    return LogLine(0, 1, "", lost, kind)


def shown(sieve: Sieve) -> list[str]:
    return [sieve.ring[sieve.position(at)].text for at in range(len(sieve))]


def test_positions_stay_while_newer_lines_come_and_older_ones_leave() -> None:
    ring = LogRing(most_lines=10)
    ring.append(lines(*range(8)))
    at = ring.end - 1
    assert ring[at].text == "line 7"
    ring.append(lines(*range(8, 14)))
    assert ring[at].text == "line 7"
    assert len(ring) <= 10


def test_a_position_that_left_is_an_index_error() -> None:
    ring = LogRing(most_lines=2)
    ring.append(lines(1, 2, 3))
    with pytest.raises(IndexError):
        ring[0]


def test_older_lines_get_positions_before_the_others() -> None:
    ring = LogRing(most_lines=10)
    ring.append(lines(5, 6))
    assert ring.prepend(lines(3, 4)) == 2
    assert (ring.first, ring[ring.first].text, ring[0].text) == (-2, "line 3", "line 5")


def test_of_older_lines_the_newest_are_taken_as_far_as_there_is_room() -> None:
    ring = LogRing(most_lines=4)
    ring.append(lines(5, 6))
    assert ring.prepend(lines(1, 2, 3, 4)) == 2
    assert [one.text for one in ring] == ["line 3", "line 4", "line 5", "line 6"]
    assert ring.prepend(lines(0)) == 0


def test_bytes_bound_it_too() -> None:
    ring = LogRing(most_lines=1000, most_bytes=10 * (OVERHEAD + 1000))
    for _ in range(50):
        ring.append([line("x" * 1000)])
        assert ring.bytes <= ring.most_bytes
    assert ring.gone == 50 - len(ring)


def test_one_line_larger_than_the_ring_is_kept() -> None:
    ring = LogRing(most_bytes=100)
    ring.append([line("x" * 5000)])
    assert len(ring) == 1


def test_what_was_dropped_elsewhere_and_what_was_cut_is_counted() -> None:
    ring = LogRing()
    ring.append([line("a", 7), mark(Mark.DROPPED, 40), mark(Mark.LOST), line("b")])
    assert (ring.missing, ring.cut, ring.came) == (40, 7, 2)


@given(st.lists(st.lists(st.booleans(), max_size=30), max_size=30), st.integers(1, 40))
def test_every_line_is_in_the_ring_or_counted_as_gone(batches: list[list[bool]], most: int) -> None:
    ring = LogRing(most_lines=most)
    came, left = 0, 0
    for batch in batches:
        left += ring.append([line("text") if real else mark(Mark.WAITING) for real in batch])
        came += sum(batch)
    assert ring.came == came == ring.gone + sum(not one.mark for one in ring)
    assert len(ring) <= most
    assert ring.first == left


def test_a_sieve_without_an_expression_shows_everything() -> None:
    ring = LogRing()
    sieve = Sieve(ring)
    ring.append(lines(1, 2))
    sieve.follow()
    assert shown(sieve) == ["line 1", "line 2"]
    assert not sieve.working


def test_include_and_exclude_hold_for_what_is_there_and_what_comes() -> None:
    ring = LogRing()
    ring.append(lines(1, 2, 12, 3))
    sieve = Sieve(ring, compile_search("2"), compile_search("12"))
    sieve.work(1.0)
    assert shown(sieve) == ["line 2"]
    ring.append(lines(22, 4))
    sieve.follow()
    assert shown(sieve) == ["line 2", "line 22"]


def test_marks_pass_every_filter() -> None:
    ring = LogRing()
    ring.append([mark(Mark.DROPPED, 3), line("a")])
    sieve = Sieve(ring, compile_search("nothing"))
    sieve.work(1.0)
    assert [sieve.ring[sieve.position(at)].mark for at in range(len(sieve))] == [Mark.DROPPED]


def test_the_newest_lines_are_looked_at_first_and_in_slices() -> None:
    ring = LogRing()
    ring.append(lines(*range(5000)))
    sieve = Sieve(ring, compile_search("line"))
    assert sieve.work(0.0)
    assert sieve.working
    assert shown(sieve)[-1] == "line 4999"
    assert len(sieve) < 5000
    sieve.work(10.0)
    assert not sieve.working
    assert len(sieve) == 5000


def test_index_is_the_next_line_shown() -> None:
    ring = LogRing()
    ring.append(lines(1, 2, 3))
    sieve = Sieve(ring, compile_search("[13]"))
    sieve.work(1.0)
    assert [sieve.index(at) for at in range(4)] == [0, 1, 1, 2]
    with pytest.raises(IndexError):
        sieve.position(2)


_EVENTS = st.lists(st.tuples(st.sampled_from("apw"), st.integers(0, 25)), max_size=25)


@given(_EVENTS, st.integers(1, 60), st.sampled_from([None, "1"]), st.sampled_from([None, "2"]))
def test_a_sieve_agrees_with_looking_at_everything(
    events: list[tuple[str, int]], most: int, include: str | None, exclude: str | None
) -> None:
    ring = LogRing(most_lines=most)
    ring.append(lines(*range(10)))
    searches: list[Search | None] = [compile_search(one) if one else None for one in (include, exclude)]
    sieve = Sieve(ring, *searches)
    for what, count in events:
        if what == "a":
            ring.append(lines(*range(count)))
            sieve.follow()
        elif what == "p":
            ring.prepend(lines(*range(count)))
        else:
            sieve.work(0.0)
    sieve.work(60.0)
    wanted = [one.text for one in ring if include is None or include in one.text]
    assert shown(sieve) == [text for text in wanted if exclude is None or exclude not in text]
    assert sieve.lines() == [ring[sieve.position(at)] for at in range(len(sieve))]


def test_spans_are_where_an_expression_is_found() -> None:
    assert compile_spans("O+")("foo boo") == [(1, 3), (5, 7)]
    assert compile_spans("x*")("foo") == []
    with pytest.raises(ValueError, match="for ever"):
        compile_spans("(a+)+$")
    found = compile_search("B")("abc")
    assert isinstance(found, re.Match)
