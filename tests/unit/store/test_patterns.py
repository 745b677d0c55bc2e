"""Typed regular expressions: those that could freeze the program are refused, the rest are cheap."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.store.patterns import MAX_PATTERN, compile_pattern

HOSTILE = "a" * 100_000


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|a)*$",
        "(a*)*b",
        "(x+x+)+y",
        "((a{1,9}))*",
        "(?:a|b)+",
        "(.*)(\\1)+",
        "([a-z]+)*",
        "(a?){30}",
        "(a|b){3}",
        ".*.*.*.*.*=",
        "(?P<n>a+)(?P=n)",
        "(?x)(a+) +",
        "a?" * 30 + "a" * 30,
        "(a|a)" * 30,
        "(",
        "[",
        "*",
        "a**",
        "a" * (MAX_PATTERN + 1),
    ],
)
def test_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"could take|not a regular|not supported|may have"):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^web-[0-9]+$", "web-12", True),
        ("^web-[0-9]+$", "web-x", False),
        ("ERR", "an error", True),
        ("a|b|c", "xxc", True),
        ("(shop|data)/web.*", "data/web-1", True),
        ("x{3}", "xxx", True),
        ("(ab)+c", "ababc", True),
        ("[]*a]+", "]", True),
        (r"\(\d+\)", "(12)", True),
        ("(?i)A", "a", True),
        ("", "anything", True),
        (r"web\.shop", "webxshop", False),
    ],
)
def test_accepted(pattern: str, text: str, found: bool) -> None:
    assert compile_pattern(pattern)(text) is found


@given(st.text(r"ab.*+?|()[]{},1^$\x", max_size=25))
def test_whatever_is_accepted_is_quick_on_hostile_text(pattern: str) -> None:
    try:
        search = compile_pattern(pattern)
    except ValueError:
        return
    started = time.process_time()
    search(HOSTILE)
    assert time.process_time() - started < 2.0
