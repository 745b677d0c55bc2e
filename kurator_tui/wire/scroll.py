"""Finding a vertical scroll between two pictures: lines that are somewhere else than they were.

It only proposes; a proposal that were wrong would cost bytes, never a wrong screen, since the differ compares
every cell again after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import inf
from operator import gt, ne
from typing import NamedTuple

FEWEST = 3
"""Changed lines below which no scroll is looked for."""
EDGE = 2
"""Columns at either side that are left out of the comparison: cursor signs, borders and scroll bars."""
COST = 25
"""Bytes of the sequences."""
MOVE = 6
"""About the bytes of a move of the cursor."""


class Scroll(NamedTuple):
    """Lines `top` to `bottom` move up by `up` lines; down when it is negative."""

    top: int
    bottom: int
    up: int


def find_scroll(front: Sequence[str], back: Sequence[str], changed: Sequence[int]) -> Scroll | None:
    """The scroll that saves most cells on the way from `front` to `back`; None when none is worth it.

    `changed` are the lines that differ, in order. Both pictures are lines of equal length.
    """
    if len(changed) < FEWEST:
        return None
    first, last = changed[0], changed[-1]
    width = len(front[0])
    proposed: list[Scroll] = []
    for left, right in ((EDGE, width // 2), (width // 2, width - EDGE)):
        moved = _moves(front, back, first, last, left, right)
        if moved is not None and moved not in proposed:
            proposed.append(moved)
    enough = COST if len(proposed) == 1 else inf
    best: tuple[float, Scroll] | None = None
    for scroll in proposed:
        if (saved := _saving(front, back, scroll, enough)) > (best[0] if best else COST):
            best = saved, scroll
    return best[1] if best else None


def _moves(
    front: Sequence[str], back: Sequence[str], first: int, last: int, left: int, right: int
) -> Scroll | None:
    """The move most lines agree on, by what stands between the columns `left` and `right`."""
    was = _places(front, first, last, left, right)
    now = _places(back, first, last, left, right)
    votes = Counter(was[text] - y for text, y in now.items() if text in was and was[text] != y)
    if not votes:
        return None
    up, count = votes.most_common(1)[0]
    if count < FEWEST - 1:
        return None
    lines = [y for text, y in now.items() if text in was and was[text] - y == up]
    lines += [y + up for y in lines]
    return Scroll(min(lines), max(lines), up)


def _places(lines: Sequence[str], first: int, last: int, left: int, right: int) -> dict[str, int]:
    """Text between two columns -> its line, for texts that stand on one line only."""
    found: dict[str, int] = {}
    often: set[str] = set()
    for y in range(first, last + 1):
        text = lines[y][left:right]
        if text in found:
            often.add(text)
        found[text] = y
    return {text: y for text, y in found.items() if text not in often}


def _saving(front: Sequence[str], back: Sequence[str], scroll: Scroll, enough: float) -> int:
    """About the bytes that need not be written when `scroll` is done first; no matter how many above `enough`."""
    top, bottom, up = scroll
    saved = 0
    for y in range(top, bottom + 1):
        saved -= _cost(front[y + up], back[y]) if top <= y + up <= bottom else len(back[y])
    for y in range(top, bottom + 1):
        if saved > enough:
            break
        saved += _cost(front[y], back[y])
    return saved


def _cost(old: str, new: str) -> int:
    """About the bytes from one line to another: cells that differ, and a move to each run of them."""
    if old == new:
        return 0
    differs = [*map(ne, old, new)]
    runs = [*map(gt, differs, [False, *differs])]
    return differs.count(True) + MOVE * runs.count(True)
