"""Scroll regions and erasing in colour only where the terminal surely has them."""

from __future__ import annotations

import pytest

from kurator_tui.wire.terminal import Skills


@pytest.mark.parametrize("term", ["xterm", "xterm-256color", "xterm-kitty", "foot", "alacritty", "vte-256color"])
def test_terminals_that_scroll_and_erase(term: str) -> None:
    assert Skills.of({"TERM": term}) == Skills(scrolls=True, erases=True)


@pytest.mark.parametrize("term", ["tmux-256color", "screen.xterm-256color", "screen", "linux", "st-256color"])
def test_terminals_that_surely_scroll_only(term: str) -> None:
    assert Skills.of({"TERM": term}) == Skills(scrolls=True, erases=False)


@pytest.mark.parametrize("term", ["", "dumb", "eterm-color", "vt52", "stupid", "my-xterm"])
def test_others(term: str) -> None:
    assert Skills.of({"TERM": term}) == Skills.of({}) == Skills(scrolls=False, erases=False)
