"""Rows of kinds that are tables, as rules read them: cells by name, and whether a row says it is unwell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kurator_tui.kinds.base import Kind, Level, Value
from kurator_tui.kinds.table import ObjectRow

DAY = 86_400.0
_UNWELL = frozenset({str(Level.FAILED), str(Level.DEGRADED)})


def unwell(row: ObjectRow) -> bool:
    """Whether the platform says that it failed, or that it works less well."""
    return row.level in _UNWELL


def failed(row: ObjectRow) -> bool:
    """Whether the platform says that it failed."""
    return row.level == Level.FAILED


def cell(kind: Kind[Any, ObjectRow], key: str) -> Callable[[ObjectRow], Value]:
    """What reads the cell `key` of a row. Raises ValueError for a kind without it."""
    column = kind.column(key)
    if column is None:
        raise ValueError(f"{kind.id} has no {key}")
    return column.value


def word(kind: Kind[Any, ObjectRow], key: str) -> Callable[[ObjectRow], str]:
    """The same as text, "" where there is nothing."""
    read = cell(kind, key)

    def text(row: ObjectRow) -> str:
        value = read(row)
        return "" if value is None else str(value)

    return text


def number(kind: Kind[Any, ObjectRow], key: str) -> Callable[[ObjectRow], float]:
    """The same as a number (a moment in Unix seconds, a share of 1.0), 0.0 where there is none."""
    read = cell(kind, key)

    def amount(row: ObjectRow) -> float:
        value = read(row)
        return float(value) if isinstance(value, int | float) else 0.0

    return amount
