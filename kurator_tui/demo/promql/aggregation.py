"""Aggregation operators: columns by groups of labels."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, cast

import promql_parser as ast

from kurator_tui.demo.promql.ranges import deviation, largest, mean, quantile, smallest, variance
from kurator_tui.demo.promql.values import (
    Column,
    Key,
    Labels,
    QueryError,
    Scalars,
    Vector,
    merged,
    only,
    other_than,
)

Row = Sequence[float | None]
Grouping = Callable[[Labels], Key]

_OF_VALUES: dict[str, Callable[[Sequence[float]], float]] = {
    "sum": sum,
    "avg": mean,
    "count": lambda values: float(len(values)),
    "min": smallest,
    "max": largest,
    "group": lambda _values: 1.0,
    "stddev": deviation,
    "stdvar": variance,
}


def grouping(modifier: Any) -> Grouping:
    """The labels that the groups of an aggregation have."""
    if modifier is None:
        return lambda _labels: ()
    return (only if modifier.type == ast.AggModifierType.By else other_than)(modifier.labels)


def aggregate(name: str, vector: Vector, parameter: Scalars | str | None, key: Grouping) -> Vector:
    """The operator `name` over a vector; `parameter` is what is given to topk, quantile and count_values.

    Raises QueryError (execution) for an operator that is not known.
    """
    groups: dict[Key, Vector] = {}
    for column in vector:
        groups.setdefault(key(column.labels), []).append(column)
    if name in ("topk", "bottomk") and isinstance(parameter, Scalars):
        ranked = (_ranked(columns, parameter, largest_first=name == "topk") for columns in groups.values())
        return [column for columns in ranked for column in columns]
    if name == "count_values" and isinstance(parameter, str):
        counted = (_counted(labels, columns, parameter) for labels, columns in groups.items())
        return merged([column for columns in counted for column in columns])
    if name == "quantile" and isinstance(parameter, Scalars):
        return [Column(dict(labels), _quantiles(columns, parameter)) for labels, columns in groups.items()]
    if name not in _OF_VALUES:
        raise QueryError(
            "bad_data",
            f"1:1: parse error: {name}() is experimental and must be enabled with "
            "--enable-feature=promql-experimental-functions",
        )
    of = _OF_VALUES[name]
    return [Column(dict(labels), _each_row(columns, of)) for labels, columns in groups.items()]


def _each_row(columns: Vector, of: Callable[[Sequence[float]], float]) -> list[float | None]:
    """A function of the values there are at each instant."""
    rows = list(zip(*(column.values for column in columns), strict=True))
    if of is sum:
        with suppress(TypeError):  # a value is missing
            return list(map(sum, cast(list[Sequence[float]], rows)))
    found: list[float | None] = []
    for row in rows:
        values = present(row) if None in row else cast(Sequence[float], row)
        found.append(of(values) if values else None)
    return found


def present(row: Row) -> list[float]:
    """The values there are."""
    return [value for value in row if value is not None]


def _quantiles(columns: Vector, shares: Scalars) -> list[float | None]:
    rows = zip(*(column.values for column in columns), strict=True)
    values = (present(row) for row in rows)
    return [quantile(share, row) if row else None for share, row in zip(shares, values, strict=True)]


def _ranked(columns: Vector, counts: Scalars, *, largest_first: bool) -> Vector:
    """The largest or smallest `counts` values at each instant, in order of the first instant."""
    kept: list[list[float | None]] = [[None] * len(counts) for _ in columns]
    order: dict[int, None] = {}
    for instant, count in enumerate(counts):
        if math.isnan(count) or abs(count) > 2**62:
            raise QueryError("execution", f"Scalar value {count} overflows int64")
        at = [(column.values[instant], place) for place, column in enumerate(columns)]
        rows = [(value, place) for value, place in at if value is not None]
        rows.sort(key=lambda row: _rank(row[0], largest_first=largest_first))
        for value, place in rows[: max(0, int(count))]:
            kept[place][instant] = value
            order[place] = None
    return [Column(columns[place].labels, kept[place]) for place in order]


def _rank(value: float, *, largest_first: bool) -> tuple[bool, float]:
    """NaN comes last either way."""
    return (True, 0.0) if math.isnan(value) else (False, -value if largest_first else value)


def _counted(labels: Key, columns: Vector, name: str) -> Vector:
    """How often each value occurs, the value being a label."""
    length = len(columns[0].values)
    found: dict[str, Column] = {}
    for column in columns:
        for instant, value in enumerate(column.values):
            if value is None:
                continue
            text = number(value)
            one = found.setdefault(text, Column({**dict(labels), name: text}, [None] * length))
            one.values[instant] = (one.values[instant] or 0.0) + 1.0
    return list(found.values())


def number(value: float) -> str:
    """A sample's value as the API writes it: shortest digits, no exponent, NaN, +Inf, -Inf."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == int(value) and abs(value) < 1e21:
        return "-0" if not value and math.copysign(1, value) < 0 else str(int(value))
    return repr(value)
