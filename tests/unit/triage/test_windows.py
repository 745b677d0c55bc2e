"""Chains of findings that began soon after each other: what is kept from changes is what would be found anew."""

from __future__ import annotations

import random

import pytest

from kurator_tui.kinds.base import Key
from kurator_tui.triage.causes import Cause
from kurator_tui.triage.windows import GRAIN, Windows

CAUSE = Cause("moment", "they began together", ("cluster",), "cluster", within=60.0, least=3)
ALIKE = ("moment", "eu")


def chains(known: dict[Key, tuple[float, str]]) -> dict[Key, tuple[str, ...]]:
    """The chains of all findings, looked for among all of them."""
    found: dict[Key, tuple[str, ...]] = {}
    order = sorted((began, key) for key, (began, _workload) in known.items())
    run: list[tuple[float, Key]] = []
    for at, (began, key) in enumerate(order):
        run = [*run, (began, key)] if run and began - run[-1][0] <= CAUSE.within else [(began, key)]
        ends = at + 1 == len(order) or order[at + 1][0] - began > CAUSE.within
        if ends and len({known[key][1] for _began, key in run}) >= CAUSE.least:
            found |= {key: (*ALIKE, str(int(run[0][0] // GRAIN))) for _began, key in run}
    return found


@pytest.mark.parametrize("seed", range(8))
def test_chains_kept_from_changes_are_those_that_are_found_anew_and_all_that_differs_is_told(seed: int) -> None:
    chance = random.Random(seed)
    windows, known, told = Windows(), dict[Key, tuple[float, str]](), dict[Key, tuple[str, ...]]()
    for _round in range(120):
        touched = set[Key]()
        for _change in range(chance.randrange(1, 6)):
            key = ("eu", f"f{chance.randrange(40)}")
            touched.add(key)
            if key in known:
                windows.drop(ALIKE, key)
                del known[key]
            if chance.random() < 0.7:
                known[key] = chance.choice([float(chance.randrange(1500)), 600.0]), f"w{chance.randrange(5)}"
                windows.put(CAUSE, ALIKE, key, known[key][0], ("w", known[key][1]))
        different = windows.changed().keys() | touched
        now = chains(known)
        assert {key: windows.of(ALIKE, key) for key in known} == {key: now.get(key) for key in known}
        assert {key for key in known if now.get(key) != told.get(key)} <= different
        told = now


def test_one_more_in_a_chain_of_very_many_looks_at_none_of_them() -> None:
    windows = Windows()
    for number in range(10_000):
        windows.put(CAUSE, ALIKE, ("eu", f"f{number}"), 1000.0 + number % 300, ("w", f"{number % 100}"))
    assert len(windows.changed()) == 10_000
    windows.put(CAUSE, ALIKE, ("eu", "one"), 1150.0, ("w", "1"))
    assert windows.changed() == {}
    assert windows.of(ALIKE, ("eu", "one")) == (*ALIKE, "1")
