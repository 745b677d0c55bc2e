"""Pictures of screens without a terminal."""

from __future__ import annotations

import pytest

from kurator_tui.config.reading import FileProblem
from kurator_tui.screens.export import render
from tests.ui.estate import NOW, estate


async def test_a_picture_has_title_and_rows_and_the_text_has_the_cells() -> None:
    svg, text = await render(estate(), "clusters", (100, 20), clock=lambda: NOW)
    assert svg.startswith("<svg")
    assert "kurator-tui · clusters" in svg.replace("&#160;", " ")
    lines = text.splitlines()
    assert len(lines) <= 20
    assert "edge-cold-chain" in text
    assert max(map(len, lines)) <= 100


async def test_the_same_rows_make_the_same_picture() -> None:
    first = await render(estate(), "fleets", (80, 24), clock=lambda: NOW, details=True)
    second = await render(estate(), "fleets", (80, 24), clock=lambda: NOW, details=True)
    assert first[1] == second[1]
    assert "on-prem · metric" in first[1]


async def test_keys_are_pressed_before_it_is_drawn() -> None:
    _svg, text = await render(estate(), "fleets", (80, 24), clock=lambda: NOW, keys=("slash", "e", "d", "enter"))
    assert "filter ed" in text


async def test_an_unknown_theme_is_refused() -> None:
    with pytest.raises(FileProblem, match="kurator-light"):
        await render(estate(), "fleets", (80, 24), theme="nonsense")
