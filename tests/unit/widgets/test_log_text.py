"""A log line on the screen: inert, within its width, its level, its JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cells import UNSAFE
from kurator_tui.kinds.log_lines import LogLine, LogSource, Mark
from kurator_tui.widgets.layout import cells
from kurator_tui.widgets.log_text import (
    COMPACT,
    MATCH,
    PRETTY,
    LogLook,
    compose,
    decode,
    level_of,
    origin,
    origin_style,
    stamp,
    texts,
)
from kurator_tui.widgets.palette import LEVEL_CLASSES, text_of

JSON = '{"ts":"2025-11-21T04:40:00Z","level":"warn","msg":"slow reply","took":{"ms":12},"path":"/a b"}'


def drawn(text: str, look: LogLook | None = None, width: int = 60, lost: int = 0) -> list[str]:
    return [text_of(row) for row in compose(LogLine(1, 0, text, lost=lost), "", look or LogLook(), width)]


@given(st.text(max_size=300), st.integers(8, 80), st.booleans())
def test_no_text_can_act_on_a_terminal_or_leave_its_width(text: str, width: int, wrap: bool) -> None:
    for row in drawn(text, LogLook(wrap=wrap), width):
        assert not UNSAFE.search(row)
        assert cells(row) <= width


@given(st.text(alphabet="abc日本語é ", max_size=200), st.integers(8, 40))
def test_folding_loses_nothing(text: str, width: int) -> None:
    assert "".join(drawn(text, width=width)) == text


def test_colours_are_left_out_and_other_sequences_are_shown() -> None:
    assert drawn("\x1b[31mred\x1b[0m\x1b[2J\ttab") == ["red␛[2J tab"]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("2025 ERROR broken", Level.FAILED),
        ("level=warning msg=x", Level.DEGRADED),
        ("E1121 10:00:00.1 main.go:1] no", Level.FAILED),
        ("I1121 10:00:00.1 main.go:1] yes", Level.HEALTHY),
        ("DEBUG noise", Level.UNKNOWN),
        ("terror and warned", None),
        ("GET /index 200", None),
    ],
)
def test_a_line_says_its_level(text: str, level: Level | None) -> None:
    assert level_of(text) is level


def test_the_field_of_a_json_line_says_its_level_not_a_word_in_it() -> None:
    assert level_of("x", decode('{"level":"info","msg":"error page served"}')) is Level.HEALTHY
    assert level_of("x", decode('{"level":50,"msg":"m"}')) is Level.FAILED


def test_json_on_one_line_begins_with_level_and_message() -> None:
    (line,) = texts(JSON, LogLook(form=COMPACT))
    assert line == 'WARN  slow reply took={"ms": 12} path="/a b" ts=2025-11-21T04:40:00Z'


def test_json_spread_out_has_a_line_a_field() -> None:
    assert [row.strip() for row in texts(JSON, LogLook(form=PRETTY))][2] == '"level": "warn",'


def test_fields_are_picked_also_inner_ones_and_missing_ones_are_seen() -> None:
    assert texts(JSON, LogLook(fields=("level", "took.ms", "nope"))) == ["warn  12  -"]
    assert texts("plain", LogLook(fields=("level",))) == ["plain"]


@pytest.mark.parametrize("text", ["{", '{"a":', "[1]", "{" * 3000, '{"a": "\udc80"}'])
def test_what_is_no_json_object_is_shown_as_it_is(text: str) -> None:
    assert decode(text) is None
    assert texts(text, LogLook(form=PRETTY))


def test_a_very_long_line_takes_a_bounded_part_of_the_screen_and_says_so() -> None:
    rows = drawn("x" * 60_000, width=40)
    assert len(rows) <= 101
    assert "more" in rows[-1] or len(rows) == 100


def test_what_was_cut_off_is_said() -> None:
    assert drawn("begin", lost=5_000_000) == ["begin … 4.8MiB more were cut off"]


def test_matches_are_painted() -> None:
    look = LogLook(highlight=lambda text: [(2, 4)])
    (row,) = compose(LogLine(1, 0, "abcdef"), "", look, 40)
    assert [(piece.text, piece.style == MATCH) for piece in row] == [("ab", False), ("cd", True), ("ef", False)]


def test_time_is_utc_or_local() -> None:
    assert stamp(1_763_700_000_123_456_789, LogLook(utc=True)) == "11-21 04:40:00.123 "
    assert stamp(0, LogLook()).strip() == ""


def test_names_have_the_parts_that_differ_and_keep_cluster_and_end() -> None:
    source = LogSource(1, "edge-1", "shop", "web-5c8f6d9-abcde", "app")
    assert origin(source, (True, False, True, False), 40) == "edge-1/web-5c8f6d9-abcde"
    short = origin(source, (True, False, True, False), 16)
    assert short.startswith("edge-1/…")
    assert short.endswith("abcde")
    assert cells(short) <= 16
    assert origin_style("a") == origin_style("a")


def test_dropped_lines_are_counted_in_words_and_not_dim() -> None:
    (row,) = compose(LogLine(0, 0, "", 1234, Mark.DROPPED), "", LogLook(), 80)
    assert "1,234 lines dropped" in text_of(row)
    assert row[-1].style == LEVEL_CLASSES[Level.DEGRADED]


@pytest.mark.parametrize("mark", list(Mark))
def test_every_mark_is_said_in_words(mark: Mark) -> None:
    (row,) = compose(LogLine(1, 0, "reason", 1, mark), "web", LogLook(), 120)
    assert len(text_of(row)) > 6
