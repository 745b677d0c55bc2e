"""Which of some log lines tells the error: the last one of the most telling sort. Pure; lines are any text."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SORTS = (
    r"^panic:|\bfatal\b|\bFATAL\b|^F\d{4} |Segmentation fault|OutOfMemoryError|out of memory|Traceback \(most",
    r"^(?:[\w.]+\.)*\w*(?:Error|Exception)(?::|$)|^Caused by:|\bunhandled\b|\bCRITICAL\b|\bcritical\b",
    r"\bERROR\b|\berror\b|^E\d{4} |\"level\":\s*\"error\"|\blevel=error\b|\bException\b",
    r"\bfailed\b|\bFailed\b|\brefused\b|\btimed? ?out\b|\bdenied\b|\bnot found\b|\bno such\b|\bunable to\b",
    r"\bWARN(?:ING)?\b|\bwarn(?:ing)?\b|^W\d{4} ",
)
"""The more telling first."""
_PATTERNS = tuple(re.compile(each) for each in _SORTS)
_HARMLESS = re.compile(r"\b(?:0|no) (?:errors?|failures?)\b|\berrors?[=:] ?0\b", re.IGNORECASE)
LONGEST = 4000
"""Characters of a line that are looked at."""


def failing_line(lines: Sequence[str]) -> int | None:
    """The index of the line that most likely says what went wrong, None where none does.

    Of a Python traceback that is its last line, which names the exception.
    """
    best: tuple[int, int] | None = None
    for at, line in enumerate(lines):
        looked_at = line[:LONGEST]
        if _HARMLESS.search(looked_at):
            continue
        sort = next((number for number, each in enumerate(_PATTERNS) if each.search(looked_at)), None)
        if sort is not None and (best is None or sort <= best[0]):
            best = (sort, at)
    if best is None:
        return None
    return _end_of_traceback(lines, best[1]) if "Traceback (most" in lines[best[1]] else best[1]


def _end_of_traceback(lines: Sequence[str], start: int) -> int:
    """The first line behind `start` that is not indented."""
    for at in range(start + 1, len(lines)):
        if lines[at] and not lines[at][0].isspace():
            return at
    return start
