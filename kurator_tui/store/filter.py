"""A filter text as a predicate on rows of one kind. The language is described in `store.query`.

Case never matters. A text or regular expression is looked for in every column but ages, and in cluster,
namespace and name; a fuzzy word in those three. `column:value` wants the whole value or one whole word of it, and
takes `*`; a value left empty wants an empty cell.
"""

from __future__ import annotations

from collections.abc import Callable

from kurator_tui.kinds.base import AnyKind, Format
from kurator_tui.kinds.selectors import Requirement, Selector
from kurator_tui.store.matchers import (
    Clock,
    Field,
    compare,
    equals,
    figures,
    fuzzy,
    has_labels,
    labelled,
    matching,
)
from kurator_tui.store.patterns import compile_pattern
from kurator_tui.store.query import FilterError, Sort, Term, parse
from kurator_tui.store.search import Condition, Filter, Flips, Needle
from kurator_tui.store.texts import row_text, text_reads

__all__ = ["Filter", "FilterError", "compile_filter", "known_columns"]

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


Selected = Callable[[Selector], Condition]
"""How rows without labels are selected by them: somebody asks the servers."""


def compile_filter(text: str, kind: AnyKind, now: Clock, selected: Selected | None = None) -> Filter | None:
    """`text` as a predicate on rows of `kind`; None for an empty text, which filters nothing.

    `now` gives Unix seconds; `selected` decides about labels where rows hold none. Raises `FilterError`, whose
    message names the columns when one is unknown.
    """
    fields = _fields(kind)
    terms = parse(text, fields)
    if not terms:
        return None
    needles: list[Needle] = []
    conditions: list[Condition] = []
    if selected is not None and not has_labels(kind):
        asked = tuple(_requirement(term) for term in terms if term.sort is Sort.LABEL)
        terms = [term for term in terms if term.sort is not Sort.LABEL]
        conditions += [selected(asked)] if asked else []
    choices: dict[str, list[Condition]] = {}
    for term in terms:
        if term.sort is Sort.TEXT:
            needles.append(_needle(term, kind, fields))
            continue
        condition = _compile(term, kind, fields, now)
        if term.sort is Sort.EQUALS and not term.negated:
            choices.setdefault(term.column, []).append(condition)
        else:
            conditions.append(_not(condition) if term.negated else condition)
    chosen = [found[0] if len(found) == 1 else _any(found) for found in choices.values()]
    reads = text_reads(kind)
    return Filter(text, tuple(needles), (*chosen, *conditions), lambda row: row_text(row, reads))


_INVERTED = {"in": "notin", "notin": "in", "exists": "absent", "absent": "exists"}


def _requirement(term: Term) -> Requirement:
    operator = {"=": "in", "!=": "notin"}.get(term.operator, term.operator)
    if term.negated:
        operator = _INVERTED[operator]
    return Requirement(term.column, operator, (term.value,) if operator in ("in", "notin") else ())


def _needle(term: Term, kind: AnyKind, fields: dict[str, Field]) -> Needle:
    text = term.value.casefold()
    return Needle(text, term.negated, figures(text, _searched(kind, fields)))


def _searched(kind: AnyKind, fields: dict[str, Field]) -> list[Field]:
    return [field for key, field in fields.items() if key in _PLACE or kind.column(key)]


def _not(condition: Condition) -> Condition:
    match = condition.match
    return Condition(("not", condition.spec), lambda row: not match(row), condition.flips)


def _any(conditions: list[Condition]) -> Condition:
    matches = tuple(condition.match for condition in conditions)
    flips = tuple(condition.flips for condition in conditions if condition.flips is not None)
    return Condition(
        ("any", frozenset(condition.spec for condition in conditions)),
        lambda row: any(match(row) for match in matches),
        _either(flips) if flips else None,
    )


def _either(flips: tuple[Flips, ...]) -> Flips:
    return lambda row, then, now: any(flip(row, then, now) for flip in flips)


def _compile(term: Term, kind: AnyKind, fields: dict[str, Field], now: Clock) -> Condition:
    spec = (term.sort, term.column, term.operator, term.value)
    if term.sort is Sort.LABEL:
        return Condition(spec, labelled(term, kind))
    if term.sort is Sort.FUZZY:
        return Condition(spec, fuzzy(term.value.casefold()))
    if term.sort is Sort.EQUALS:
        return equals(spec, term, fields[term.column], now)
    if term.sort is Sort.COMPARE:
        return compare(spec, term, fields[term.column], now)
    try:
        return Condition(spec, matching(compile_pattern(term.value), _searched(kind, fields)))
    except ValueError as error:
        raise FilterError(str(error), term.position) from None
