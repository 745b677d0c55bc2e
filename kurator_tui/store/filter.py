"""A filter text as a predicate on rows of one kind. The language is described in `store.query`.

Case never matters. A text or regular expression is looked for in every column but ages, and in cluster,
namespace and name; a fuzzy word in those three. `column:value` wants the whole value or one whole word of it, and
takes `*`; a value left empty wants an empty cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kurator_tui.kinds.base import AnyKind, Format, Row
from kurator_tui.store.matchers import (
    TIMES,
    Clock,
    Field,
    Match,
    compare,
    containing,
    equals,
    fuzzy,
    labelled,
    matching,
)
from kurator_tui.store.patterns import compile_pattern
from kurator_tui.store.query import FilterError, Sort, Term, parse

__all__ = ["Filter", "FilterError", "compile_filter", "known_columns"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A predicate on rows. With `timed` its verdict changes as time passes, so it needs asking again."""

    text: str
    matches: tuple[Match, ...]
    timed: bool = False

    def __call__(self, row: Row) -> bool:
        return all(match(row) for match in self.matches)


_PLACE = ("cluster", "namespace", "name")
"""Every row has these, whether the kind shows them as columns or not."""


def _fields(kind: AnyKind) -> dict[str, Field]:
    fields = {
        "cluster": Field(lambda row: row.cluster),
        "namespace": Field(lambda row: row.namespace),
        "name": Field(lambda row: row.name),
        "health": Field(lambda row: kind.health(row).level, Format.HEALTH),
        "reason": Field(lambda row: kind.health(row).reason),
    }
    fields.update({column.key: Field(column.value, column.format) for column in kind.columns})
    return fields


def known_columns(kind: AnyKind) -> list[str]:
    """Keys that a filter on `kind` may name, for completion and error messages."""
    return sorted(_fields(kind))


def compile_filter(text: str, kind: AnyKind, now: Clock) -> Filter | None:
    """`text` as a predicate on rows of `kind`; None for an empty text, which filters nothing.

    `now` gives Unix seconds. Raises `FilterError`, whose message names the columns when one is unknown.
    """
    fields = _fields(kind)
    terms = parse(text, fields)
    if not terms:
        return None
    matches: list[Match] = []
    choices: dict[str, list[Match]] = {}
    for term in terms:
        match = _compile(term, kind, fields, now)
        if term.sort is Sort.EQUALS and not term.negated:
            choices.setdefault(term.column, []).append(match)
        else:
            matches.append(_not(match) if term.negated else match)
    chosen = [found[0] if len(found) == 1 else _any(found) for found in choices.values()]
    timed = any(
        term.column and fields[term.column].format in TIMES for term in terms if term.sort is not Sort.LABEL
    )
    return Filter(text, tuple(chosen + matches), timed)


def _not(match: Match) -> Match:
    return lambda row: not match(row)


def _any(matches: Iterable[Match]) -> Match:
    found = tuple(matches)
    return lambda row: any(match(row) for match in found)


def _compile(term: Term, kind: AnyKind, fields: dict[str, Field], now: Clock) -> Match:
    if term.sort is Sort.LABEL:
        return labelled(term, kind)
    if term.sort is Sort.FUZZY:
        return fuzzy(term.value.casefold())
    if term.sort is Sort.EQUALS:
        return equals(term, fields[term.column], now)
    if term.sort is Sort.COMPARE:
        return compare(term, fields[term.column], now)
    searched = [field for key, field in fields.items() if key in _PLACE or kind.column(key)]
    if term.sort is Sort.REGEX:
        try:
            return matching(compile_pattern(term.value), searched)
        except ValueError as error:
            raise FilterError(str(error), term.position) from None
    return containing(term.value, searched)
