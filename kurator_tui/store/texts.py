"""What text search reads: the case-folded text of each row's cells, by slot, made in slices and kept a while.

Costs about 190 bytes a pod and 2 µs to make, so it is made when somebody is about to search, and forgotten later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from kurator_tui.kinds.base import AnyKind, Format, Row, Value
from kurator_tui.store.ordering import STEP

SEPARATOR = "\n"
"""Between the cells of one row: no needle reaches over it."""
_BETWEEN = "\0"


def plain(value: Value) -> str:
    """A value of a text cell as text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def text_reads(kind: AnyKind) -> tuple[Callable[[Any], Value], ...]:
    """Readers of all that text search looks at: the cells that hold text, and the row's place."""
    place: dict[str, Callable[[Any], Value]] = {
        "cluster": lambda row: row.cluster,
        "namespace": lambda row: row.namespace,
        "name": lambda row: row.name,
    }
    place.update(
        {column.key: column.value for column in kind.columns if column.format in (Format.TEXT, Format.HEALTH)}
    )
    return tuple(place.values())


def row_text(row: Row, reads: Sequence[Callable[[Any], Value]]) -> str:
    """The text of one row."""
    return SEPARATOR.join([plain(read(row)) for read in reads]).casefold()


class Texts:
    """The texts of rows by slot; None where none was made yet or the row changed."""

    def __init__(self, kind: AnyKind) -> None:
        self._reads = text_reads(kind)
        self.by_slot: list[str | None] = []

    def __bool__(self) -> bool:
        return bool(self.by_slot)

    def clear(self) -> None:
        """Give the memory back."""
        self.by_slot = []

    def changed(self, slots: Iterable[int]) -> None:
        """The rows of `slots` are others now."""
        texts = self.by_slot
        known = len(texts)
        for slot in slots:
            if slot < known:
                texts[slot] = None

    def make(self, rows: Sequence[Row]) -> Any:
        """Generator that makes what is missing for `rows` (by slot), pausing in between."""
        texts = self.by_slot
        start = 0
        while start < len(rows):
            if texts is not self.by_slot:  # cleared meanwhile
                texts, start = self.by_slot, 0
            texts.extend([None] * (min(start + STEP, len(rows)) - len(texts)))
            part = texts[start : start + STEP]
            if None in part:
                missing = [start + at for at, text in enumerate(part) if text is None]
                for at in range(0, len(missing), STEP // 4):
                    some = missing[at : at + STEP // 4]
                    made = self._of([rows[slot] for slot in some])
                    for slot, text in zip(some, made, strict=True):
                        texts[slot] = text
                    yield
            elif not start % (16 * STEP):
                yield
            start += STEP

    def _of(self, rows: Sequence[Row]) -> list[str]:
        """The texts of `rows`, a column at a time."""
        columns: list[list[Value]] = []
        for read in self._reads:
            column = list(map(read, rows))
            if any(not issubclass(found, str) for found in set(map(type, column))):
                column = [plain(value) for value in column]
            columns.append(column)
        joined = map(SEPARATOR.join, zip(*columns, strict=True))
        texts = _BETWEEN.join(joined).casefold().split(_BETWEEN)
        if len(texts) == len(rows):
            return texts
        return [row_text(row, self._reads) for row in rows]


def chunks(slots: Sequence[int], size: int = STEP) -> Iterable[list[int]]:
    """`slots` in lists of `size`."""
    source = iter(slots)
    while part := list(islice(source, size)):
        yield part
