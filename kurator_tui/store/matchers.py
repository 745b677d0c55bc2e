"""One term of a filter as a test on a row. See `store.query` for the language."""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Any

from kurator_tui.kinds.base import SEVERITY, AnyKind, Format, Level, Row, Value
from kurator_tui.kinds.cells import cell_text
from kurator_tui.store.amounts import amount, natural
from kurator_tui.store.query import FilterError, Term
from kurator_tui.store.search import Condition, Flips, Match
from kurator_tui.store.texts import plain

Clock = Callable[[], float]
Test = Callable[[str], bool]

TIMES = (Format.AGE, Format.UNTIL)
"""Formats whose cells change while their rows do not."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something of a row that a term can be about."""

    read: Callable[[Any], Value]
    format: Format = Format.TEXT


# -- anywhere in a row ----------------------------------------------------------------------------------------


MEMORY = 4096
"""Verdicts on values that a test remembers: most columns have few different values."""


def remembering(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """`test`, which depends on nothing but its argument, asked once a value."""
    known: dict[Any, bool] = {}

    def ask(value: Any) -> bool:
        sort = value.__class__
        key = value if sort is str or sort is int else (sort, value)  # True and 1.0 are other cells than 1
        verdict = known.get(key)
        if verdict is None:
            verdict = test(value)
            if len(known) < MEMORY:
                known[key] = verdict
        return verdict

    return ask


_TEXTS = (Format.TEXT, Format.HEALTH)
_OF_NUMBERS = frozenset("0123456789.,%-+bkmgtpeinus")
"""What the text of a number is made of."""


def _numbers(fields: Collection[Field]) -> list[Field]:
    """Those whose cells are numbers; ages change with time and are not searched."""
    return [field for field in fields if field.format not in (*_TEXTS, *TIMES)]


def figures(needle: str, fields: Collection[Field]) -> Match | None:
    """Whether the text of some number contains `needle`; None when none could. A number is found by a digit."""
    found = _numbers(fields)
    if not found or not any(char.isdigit() for char in needle) or not _OF_NUMBERS.issuperset(needle):
        return None

    def holds(format: Format) -> Callable[[Value], bool]:
        return remembering(lambda value: needle in cell_text(value, format).casefold())

    return _some([(field.read, holds(field.format)) for field in found])


def _some(tests: list[tuple[Callable[[Any], Value], Callable[[Any], bool]]]) -> Match:
    """Whether one of the tests holds for what it reads; nothing is in an empty cell."""

    def match(row: Row) -> bool:
        for read, test in tests:
            value = read(row)
            if value is not None and test(value):
                return True
        return False

    return match


def matching(test: Test, fields: Collection[Field]) -> Match:
    """Whether `test` holds for some cell; ages are not looked at."""

    def shown(format: Format) -> Callable[[Value], bool]:
        return remembering(lambda value: test(cell_text(value, format)))

    tests = [
        (field.read, remembering(lambda value: test(plain(value)))) for field in fields if field.format in _TEXTS
    ]
    tests += [(field.read, shown(field.format)) for field in _numbers(fields)]
    return lambda row: any(test(read(row)) for read, test in tests)


def fuzzy(needle: str) -> Match:
    """Whether the characters of `needle` appear in this order in the row's cluster, namespace or name."""

    def match(row: Row) -> bool:
        return any(_subsequence(needle, text.casefold()) for text in (row.name, row.namespace, row.cluster))

    return match


def _subsequence(needle: str, text: str) -> bool:
    at = 0
    for char in needle:
        at = text.find(char, at) + 1
        if not at:
            return False
    return True


# -- one column -----------------------------------------------------------------------------------------------


def _glob(pattern: str) -> Test:
    folded = pattern.casefold()
    if "*" not in folded:
        return lambda text: text == folded
    search = re.compile(fnmatch.translate(folded.replace("[", "[[]").replace("?", "[?]"))).match
    return lambda text: search(text) is not None


_WORDS = re.compile(r"[\s,]+")


def equals(spec: Hashable, term: Term, field: Field, now: Clock) -> Condition:
    """Whether a cell is the term's value, or has it as a word."""
    if field.format is Format.HEALTH and "*" not in term.value and term.value.lower() not in tuple(Level):
        raise FilterError(f"{term.column} is one of " + ", ".join(Level), term.position)
    test, read, format = _glob(term.value), field.read, field.format
    if not term.value:
        return Condition(spec, lambda row: read(row) in (None, ""))
    if format in _TEXTS:

        def says(value: Value) -> bool:
            text = plain(value).casefold()
            return test(text) or any(test(word) for word in _WORDS.split(text) if word)

        asked = remembering(says)
        return Condition(spec, lambda row: asked(read(row)))

    def match_number(row: Row) -> bool:
        value = read(row)
        if value is None:
            return False
        return test(plain(value)) or test(cell_text(value, format, now()).casefold())

    return Condition(spec, match_number, _always if format in TIMES else None)


def _always(row: Row, then: float, now: float) -> bool:
    return True


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(spec: Hashable, term: Term, field: Field, now: Clock) -> Condition:
    """Whether a cell is less or more than the term's amount; an empty cell is neither."""
    try:
        limit = amount(term.value, field.format)
    except ValueError as error:
        raise FilterError(f"{term.column} is compared with {error}", term.position) from None
    holds, read, format = _OPERATORS[term.operator], field.read, field.format
    if format in TIMES:
        return Condition(spec, _timed(holds, read, format, limit, now), _passing(read, format, limit))
    asked = remembering(lambda value: holds(_comparable(value, format), limit))

    def match(row: Row) -> bool:
        value = read(row)
        return value is not None and value != "" and asked(value)

    return Condition(spec, match)


def _comparable(value: Value, format: Format) -> Any:
    if format is Format.HEALTH:
        return SEVERITY[Level(str(value))]
    if format is Format.TEXT:
        return natural(plain(value))
    return value if isinstance(value, (int, float)) else float("nan")


def _timed(
    holds: Callable[[Any, Any], bool], read: Callable[[Any], Value], format: Format, limit: float, now: Clock
) -> Match:
    sign = 1 if format is Format.UNTIL else -1

    def match(row: Row) -> bool:
        value = read(row)
        return bool(value) and isinstance(value, (int, float)) and holds(sign * (value - now()), limit)

    return match


def _passing(read: Callable[[Any], Value], format: Format, limit: float) -> Flips:
    """A cell is the limit away from `now` at exactly one moment."""
    distance = limit if format is Format.UNTIL else -limit

    def flips(row: Row, then: float, now: float) -> bool:
        value = read(row)
        return isinstance(value, (int, float)) and then <= value - distance <= now

    return flips


# -- labels ---------------------------------------------------------------------------------------------------


def has_labels(kind: AnyKind) -> bool:
    """Whether rows of `kind` hold their labels."""
    return "labels" in kind.row.__struct_fields__


def labelled(term: Term, kind: AnyKind) -> Match:
    """Labels keep their case: they are identifiers."""
    if not has_labels(kind):
        raise FilterError(f"labels of {kind.plural} are not kept here", term.position)
    key, value, how = term.column, term.value, term.operator

    def match(row: Row) -> bool:
        pairs: tuple[tuple[str, str], ...] = getattr(row, "labels")  # noqa: B009 - not on every row
        found = next((pair[1] for pair in pairs if pair[0] == key), None)
        if how == "exists":
            return found is not None
        if how == "absent":
            return found is None
        return (found == value) == (how == "=")

    return match
