"""Regular expressions a user types, kept from freezing the program.

Python's engine backtracks and cannot be stopped. An expression whose cost could explode is refused, and the more
one may backtrack, the less of each cell it is given to read.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable

MAX_PATTERN = 200
_BUDGET = 2_000_000
"""Steps that one search may cost at worst: about 40 ms."""
_LONGEST, _SHORTEST = 4096, 64
"""Most characters of a cell that are searched, and the fewest worth searching (a name has up to 63)."""

_TOKEN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P=|\(\?P?[<=!:a-zA-Z]*|[()|*+?]|\{\d*(?:,\d*)?\}|.", re.DOTALL
)
_REPEAT = re.compile(r"[*+]|\{\d*(?:,\d*)?\}")


Search = Callable[[str], "re.Match[str] | None"]
"""Finds the first match in a text, as far as it may be searched."""


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """A function that says whether `pattern` is found in a text, any case.

    Raises ValueError with a message for the user when it is malformed or could take too long.
    """
    search = compile_search(pattern)
    return lambda text: search(text) is not None


def compile_search(pattern: str) -> Search:
    """A function that finds `pattern` in a text, any case. Raises ValueError as `compile_pattern` does."""
    compiled, span = _compiled(pattern)
    search = compiled.search
    return lambda text: search(text, 0, span)


def compile_spans(pattern: str) -> Callable[[str], list[tuple[int, int]]]:
    """A function that finds where `pattern` is in a text: (start, end) of each match that is not empty.

    Raises ValueError as `compile_pattern` does.
    """
    compiled, span = _compiled(pattern)
    find = compiled.finditer
    return lambda text: [match.span() for match in find(text, 0, span) if match.end() > match.start()]


def _compiled(pattern: str) -> tuple[re.Pattern[str], int]:
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"a regular expression may have {MAX_PATTERN} characters")
    span = _span(pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern, re.IGNORECASE), span
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from None


def _span(pattern: str) -> int:
    """How many characters may be searched within the budget.

    With r repeats there are about span^(r+1) / (r+1)! ways to place them; every optional part and every choice in
    a group multiplies that. Nested repeats have no such bound: ValueError.
    """
    repeats, factor = 0, 1
    groups = [1]
    """For each open group: 0 when something in it repeats or is optional, else its number of alternatives."""
    closed: int | None = None
    for token in _TOKEN.findall(pattern):
        if token == "?" or _REPEAT.fullmatch(token):
            if closed is not None and closed != 1 and token != "?":
                raise ValueError("a repeat of a repeat, or of a choice, could take for ever")
            if token == "?":
                factor *= 2
            elif not token.strip("{}").isdigit():
                repeats += 1
            groups[-1] = 0
        elif token == "|":
            groups[-1] += bool(groups[-1])
            factor += len(groups) == 1
        elif token == "(?P=" or (token[0] == "\\" and token[1:].isdigit()):
            raise ValueError("references back to a group are not supported")
        elif re.match(r"\(\?[a-z]*x", token):
            raise ValueError("the verbose flag is not supported")
        closed = None
        if token[0] == "(":
            groups.append(1)
        elif token == ")" and len(groups) > 1:
            closed = groups.pop()
            factor *= max(1, closed)
            groups[-1] = groups[-1] if closed == 1 else 0
    power = repeats + 1
    span = int((_BUDGET * math.factorial(power) / factor) ** (1 / power))
    if span < _SHORTEST:
        raise ValueError("so many repeats and choices could take for ever")
    return min(span, _LONGEST)
