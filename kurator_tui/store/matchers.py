"""One term of a filter as a test on a row. See `store.query` for the language."""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from kurator_tui.kinds.base import SEVERITY, AnyKind, Format, Level, Row, Value
from kurator_tui.kinds.cells import cell_text
from kurator_tui.store.amounts import amount, natural
from kurator_tui.store.query import FilterError, Term

Match = Callable[[Row], bool]
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


def _cells(fields: Collection[Field], *, numbers: bool) -> Callable[[Row], list[str]]:
    """A reader of a row's cells that hold text, and of its numbers if `numbers`; ages are neither."""
    texts = [field.read for field in fields if field.format in (Format.TEXT, Format.HEALTH)]
    figures = [field for field in fields if field.format not in (Format.TEXT, Format.HEALTH, *TIMES)]

    def cells(row: Row) -> list[str]:
        found = [value if type(value) is str else _plain(value) for read in texts if (value := read(row))]
        if numbers:
            found += [cell_text(field.read(row), field.format) for field in figures]
        return found

    return cells


def containing(text: str, fields: Collection[Field]) -> Match:
    """Whether some cell contains `text`, any case. Numbers are made into text only to find a digit."""
    needle, cells = text.casefold(), _cells(fields, numbers=any(char.isdigit() for char in text))
    return lambda row: needle in "\n".join(cells(row)).casefold()


def matching(test: Test, fields: Collection[Field]) -> Match:
    """Whether `test` holds for some cell."""
    cells = _cells(fields, numbers=True)
    return lambda row: any(map(test, cells(row)))


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


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _glob(pattern: str) -> Test:
    folded = pattern.casefold()
    if "*" not in folded:
        return lambda text: text == folded
    search = re.compile(fnmatch.translate(folded.replace("[", "[[]").replace("?", "[?]"))).match
    return lambda text: search(text) is not None


_WORDS = re.compile(r"[\s,]+")


def equals(term: Term, field: Field, now: Clock) -> Match:
    if field.format is Format.HEALTH and "*" not in term.value and term.value.lower() not in tuple(Level):
        raise FilterError(f"{term.column} is one of " + ", ".join(Level), term.position)
    test, read, format = _glob(term.value), field.read, field.format
    if not term.value:
        return lambda row: read(row) in (None, "")
    if format in (Format.TEXT, Format.HEALTH):

        def match(row: Row) -> bool:
            text = _plain(read(row)).casefold()
            return test(text) or (bool(text) and any(test(word) for word in _WORDS.split(text) if word))

        return match

    def match_number(row: Row) -> bool:
        value = read(row)
        if value is None:
            return False
        return test(_plain(value)) or test(cell_text(value, format, now()).casefold())

    return match_number


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(term: Term, field: Field, now: Clock) -> Match:
    """Whether a cell is less or more than the term's amount; an empty cell is neither."""
    try:
        limit = amount(term.value, field.format)
    except ValueError as error:
        raise FilterError(f"{term.column} is compared with {error}", term.position) from None
    holds, read, format = _OPERATORS[term.operator], field.read, field.format

    def match(row: Row) -> bool:
        value = read(row)
        if value is None or value == "" or (format in TIMES and not value):
            return False
        return holds(_comparable(value, format, now), limit)

    return match


def _comparable(value: Value, format: Format, now: Clock) -> Any:
    if format is Format.HEALTH:
        return SEVERITY[Level(str(value))]
    if format is Format.TEXT:
        return natural(_plain(value))
    if not isinstance(value, (int, float)):
        return float("nan")
    if format is Format.AGE:
        return now() - value
    return value - now() if format is Format.UNTIL else value


# -- labels ---------------------------------------------------------------------------------------------------


def labelled(term: Term, kind: AnyKind) -> Match:
    """Labels keep their case: they are identifiers."""
    if "labels" not in kind.row.__struct_fields__:
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
