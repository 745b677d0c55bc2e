"""A filtered, ordered window on rows: what a table shows, without knowing a table.

Order is kept by bisect for few moves and by Timsort for many. A view tells its reader which lines changed, so
that a widget repaints those and nothing else.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import total_ordering
from typing import Any

from kurator_tui.kinds.base import SEVERITY, AnyColumn, AnyKind, Format, Key, Level, Row, Value
from kurator_tui.store.store import Delta

BISECT_LIMIT = 1500
"""Above this many moves in one delta a full Timsort of the nearly sorted order is cheaper."""

Predicate = Callable[[Row], bool]
_Entry = tuple[Any, tuple[str, str, str], Key]


@dataclass(slots=True)
class Moved:
    """What a delta did to the lines of a view.

    `lines` are indices whose row changed in place. From `first` to `last` (inclusive, or None) every line may hold
    another row. `resized` says the number of rows changed.
    """

    lines: set[int] = field(default_factory=set)
    first: int | None = None
    last: int | None = None
    resized: bool = False

    def __bool__(self) -> bool:
        return bool(self.lines) or self.first is not None or self.resized

    def span(self, index: int) -> None:
        """Widen the moved range to hold `index`."""
        self.first = index if self.first is None else min(self.first, index)
        self.last = index if self.last is None else max(self.last, index)


@total_ordering
class _Descending:
    """A text that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and other.value == self.value

    def __lt__(self, other: _Descending) -> bool:
        return other.value < self.value

    def __hash__(self) -> int:
        return hash(self.value)


class View:
    """Rows of one kind, filtered by a predicate and ordered by a column (then cluster, namespace, name)."""

    def __init__(self, kind: AnyKind, sort: str = "name", *, descending: bool = False) -> None:
        self.kind = kind
        self._rows: dict[Key, Row] = {}
        self._order: list[_Entry] = []
        self._entries: dict[Key, _Entry] = {}
        self._predicate: Predicate | None = None
        self.descending = descending
        self._column = self._sortable(sort)

    def _sortable(self, key: str) -> AnyColumn:
        return self.kind.column(key) or self.kind.columns[0]

    # -- reading ----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Row]:
        return (self._rows[entry[2]] for entry in self._order)

    @property
    def total(self) -> int:
        """Number of rows before the filter."""
        return len(self._rows)

    @property
    def sort_key(self) -> str:
        return self._column.key

    def row(self, index: int) -> Row:
        """The row on line `index`."""
        return self._rows[self._order[index][2]]

    def key(self, index: int) -> Key:
        """The key of the row on line `index`."""
        return self._order[index][2]

    def index(self, key: Key) -> int | None:
        """The line of `key`, or None when it is filtered out or unknown."""
        entry = self._entries.get(key)
        return None if entry is None else bisect_left(self._order, entry)

    # -- changing ---------------------------------------------------------------------------------------------

    def load(self, rows: Iterable[Row]) -> None:
        """Start again from `rows`."""
        self._rows = {row.key: row for row in rows}
        self._rebuild()

    def filter(self, predicate: Predicate | None) -> None:
        """Show only rows for which `predicate` is true; None shows all."""
        self._predicate = predicate
        self._rebuild()

    def sort(self, key: str, *, descending: bool = False) -> None:
        """Order by the column `key`."""
        self._column = self._sortable(key)
        self.descending = descending
        self._rebuild()

    def apply(self, delta: Delta) -> Moved:
        """Apply changes and say which lines they touched."""
        before = len(self._order)
        if len(delta) > BISECT_LIMIT:
            for key, row in delta.items():
                self._set(key, row)
            self._rebuild()
            return Moved(first=0, last=max(before, len(self._order)), resized=len(self._order) != before)
        moved = self._apply_few(delta)
        moved.resized = len(self._order) != before
        if moved.resized and moved.first is not None:
            moved.last = max(before, len(self._order))
        return moved

    def _apply_few(self, delta: Delta) -> Moved:
        """Apply changes one by one.

        A line that lost its row counts by its place before all of them, a line that got one by its place after:
        between the two extremes rows may have shifted, outside them none has.
        """
        moved, order, changed = Moved(), self._order, list[_Entry]()
        gone, come = list[_Entry](), list[_Entry]()
        for key, row in delta.items():
            self._set(key, row)
            old = self._entries.get(key)
            new = self._entry(row) if row is not None and self._shows(row) else None
            if new is not None and old == new:
                changed.append(new)
                continue
            if old is not None:
                gone.append(old)
                del self._entries[key]
            if new is not None:
                come.append(new)
                self._entries[key] = new
        for entry in gone:
            moved.span(bisect_left(order, entry))
        for entry in gone:
            del order[bisect_left(order, entry)]
        for entry in come:
            insort(order, entry)
        for entry in come:
            moved.span(bisect_left(order, entry))
        moved.lines.update(bisect_left(order, entry) for entry in changed)
        return moved

    def _set(self, key: Key, row: Row | None) -> None:
        if row is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = row

    def _shows(self, row: Row) -> bool:
        return self._predicate is None or self._predicate(row)

    def _entry(self, row: Row) -> _Entry:
        value = self._column.value(row)
        return (
            _rank(value, self._column.format, self.descending),
            (row.cluster, row.namespace, row.name),
            row.key,
        )

    def _rebuild(self) -> None:
        self._entries = {key: self._entry(row) for key, row in self._rows.items() if self._shows(row)}
        self._order = sorted(self._entries.values())


def _rank(value: Value, format: Format, descending: bool) -> tuple[int, Any]:
    """A key that orders mixed values: numbers, then text, then nothing; ages youngest first."""
    if value is None or value == "":
        return (2, 0)
    if format is Format.HEALTH and isinstance(value, str):
        number: float = SEVERITY[Level(value)]
    elif isinstance(value, str):
        return (1, _Descending(value.casefold()) if descending else value.casefold())
    else:
        number = -float(value) if format is Format.AGE else float(value)
    return (0, -number if descending else number)
