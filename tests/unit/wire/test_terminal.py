"""Scroll regions only where the terminal surely has them."""

from __future__ import annotations

import pytest

from kurator_tui.wire.terminal import has_scroll_regions


@pytest.mark.parametrize(
    "term", ["xterm-256color", "tmux-256color", "screen.xterm-256color", "linux", "st-256color", "xterm-kitty"]
)
def test_known_terminals(term: str) -> None:
    assert has_scroll_regions({"TERM": term})


@pytest.mark.parametrize("term", ["", "dumb", "eterm-color", "vt52", "stupid", "my-xterm"])
def test_others(term: str) -> None:
    assert not has_scroll_regions({"TERM": term})
    assert not has_scroll_regions({})
