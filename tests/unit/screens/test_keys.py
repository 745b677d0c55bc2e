"""From key presses to requests: digits, counts, and what ends a count."""

from __future__ import annotations

import pytest

from kurator_tui.config.actions import Context
from kurator_tui.config.keymap import preset
from kurator_tui.screens.keys import MOST, Keys

FLEETS = Context(view="fleets")


def pressed(*keys: str) -> list[tuple[str, int]]:
    """(action, count) of each key that asks for something."""
    typed = Keys(preset("default"))
    found = [typed.press(key, FLEETS) for key in keys]
    return [(asked[0].id, asked[1].count) for asked in found if asked is not None]


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        (["j"], [("move.down", 1)]),
        (["1", "1", "j"], [("move.down", 11)]),
        (["6", "j"], [("screen.triage", 1), ("move.down", 1)]),
        (["5", "j"], [("screen.metrics", 1), ("move.down", 1)]),
        (["1", "0", "j"], [("move.down", 10)]),
        (["1", "2"], [("screen.clusters", 1)]),
        (["alt+1", "alt+2", "j"], [("move.down", 12)]),
        (["0", "j"], [("screen.batch", 1), ("move.down", 1)]),
        (["1", "0", "f9", "j"], [("move.down", 1)]),
        (["2"], [("screen.clusters", 1)]),
        (["3"], [("screen.edge", 1)]),
    ],
)
def test_counts_and_screens(keys: list[str], asked: list[tuple[str, int]]) -> None:
    assert pressed(*keys) == asked


def test_a_count_is_bounded() -> None:
    assert pressed(*["1"] * 30, "j") == [("move.down", MOST)]
