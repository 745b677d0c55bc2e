"""Text measured, cut and padded in terminal cells.

Who draws says how wide a character is: a screen must agree with the library it draws with, a printed table asks
Unicode (`character_cells`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

Measure = Callable[[str], int]
"""Cells of one character: 0, 1 or 2."""

ELLIPSIS = "…"


def character_cells(char: str) -> int:
    """Cells of `char` by Unicode: wide and emoji characters two, combining marks none."""
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    if "\u1160" <= char <= "\u11ff":  # vowels and finals that join the Hangul syllable before them
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def width_of(text: str, measure: Measure = character_cells) -> int:
    """Cells a terminal needs for `text`."""
    return len(text) if text.isascii() else sum(map(measure, text))


def cut(text: str, width: int, *, ellipsis: str = ELLIPSIS, measure: Measure = character_cells) -> str:
    """`text` in at most `width` cells, its end replaced by `ellipsis` when it does not fit."""
    if width_of(text, measure) <= width:
        return text
    if width <= 0:
        return ""
    room, taken = width - len(ellipsis), 0
    for position, char in enumerate(text):
        taken += measure(char)
        if taken > room:
            return text[:position] + ellipsis
    return text


def cut_before(
    mark: str, text: str, width: int, *, ellipsis: str = ELLIPSIS, measure: Measure = character_cells
) -> str:
    """`text` in at most `width` cells: what is before the last `mark` is cut first, at most to a third of them.

    `container crashes again and again: Deployment/web` -> `container crash…: Deployment/web`.
    """
    head, _, tail = text.rpartition(mark)
    if not head or width_of(text, measure) <= width:
        return cut(text, width, ellipsis=ellipsis, measure=measure)
    room = max(width // 3, width - width_of(mark + tail, measure))
    short = cut(head, room, ellipsis=ellipsis, measure=measure)
    return cut(short + mark + tail, width, ellipsis=ellipsis, measure=measure)


def pad(text: str, width: int, *, right: bool = False, measure: Measure = character_cells) -> str:
    """`text` in exactly `width` cells: cut when too long, filled with spaces at its far side."""
    text = cut(text, width, measure=measure)
    fill = " " * (width - width_of(text, measure))
    return fill + text if right else text + fill
