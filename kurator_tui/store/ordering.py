"""The order of rows in a view: sort keys, and lists of slots kept in that order. Knows no filter and no screen.

Rows have small numbers (slots, see `store.slots`), and everything here is an array of slots beside lists indexed
by slot: a row that changes without moving costs nothing, and a million rows sort without a million tuples.

The order of two rows: numbers before texts before empty cells, then by sort key, then by identity (cluster,
namespace, name, uid). It is total, and a descending order turns round the sort keys only.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from itertools import compress
from operator import attrgetter
from typing import Any

from kurator_tui.kinds.base import SEVERITY, AnyColumn, Format, Row

Rank = Any
"""Sort key of one row: a number, a case-folded text, or None for an empty cell."""
Identity = tuple[str, str, str, str]

NUMBER, TEXT, EMPTY = 0, 1, 2
STEP = 512
"""Rows handled between two chances to pause: well under a millisecond."""
PART = 4096
"""Rows sorted in one go: about a millisecond."""

identity: Callable[[Row], Identity] = attrgetter("cluster", "namespace", "name", "uid")

Steps = Generator[None, None, None]
"""Work that may be paused at every yield."""


def ranking(column: AnyColumn, *, descending: bool) -> Callable[[Row], Rank]:
    """The sort key of `column`; ages sort youngest first. Texts keep their direction: `Order` turns them round."""
    read, negative = column.value, descending != (column.format is Format.AGE)
    if column.format is Format.HEALTH:
        severity: dict[Any, int] = {level: -number if descending else number for level, number in SEVERITY.items()}
        return lambda row: severity.get(read(row))

    def rank(row: Row) -> Rank:
        value = read(row)
        if isinstance(value, str):
            folded = value.casefold()
            return (value if folded == value else folded) or None  # most are folded: no second copy
        if value is None or value != value:  # NaN has no place in any order
            return None
        return -value if negative else value

    return rank


def sort_class(rank: Rank) -> int:
    """Which of the three sections a sort key belongs to."""
    if rank is None:
        return EMPTY
    return TEXT if isinstance(rank, str) else NUMBER


def sort_slots(slots: Sequence[int], ranks: Mapping[int, Rank] | Sequence[Rank], *, reverse: bool = False) -> Any:
    """Generator that returns `slots` (a list) stably ordered by `ranks`, all of one class, pausing in between.

    A sample says where to cut the range of keys; each part is then sorted by itself, so no step is long.
    """
    get = ranks.__getitem__
    if len(slots) <= PART:
        return sorted(slots, key=get, reverse=reverse)
    cuts = len(slots) // (PART // 2)
    sample = sorted(get(slots[at]) for at in range(0, len(slots), max(1, len(slots) // (cuts * 16))))
    if len(set(sample)) * 4 < len(sample):
        return (yield from _grouped(slots, get, reverse=reverse))
    pivots = sample[16 :: max(1, len(sample) // cuts)]
    parts: list[list[int]] = [[] for _ in range(len(pivots) + 1)]
    for start in range(0, len(slots), STEP):
        for slot in slots[start : start + STEP]:
            parts[bisect_right(pivots, get(slot))].append(slot)
        yield
    found: list[int] = []
    for part in reversed(parts) if reverse else parts:
        part.sort(key=get, reverse=reverse)
        found += part
        part.clear()
        yield
    return found


def _grouped(slots: Sequence[int], get: Callable[[int], Rank], *, reverse: bool) -> Any:
    """As `sort_slots`, where many have the same key: only the keys are sorted."""
    groups: dict[Rank, list[int]] = {}
    for start in range(0, len(slots), STEP):
        for slot in slots[start : start + STEP]:
            rank = get(slot)
            if rank in groups:
                groups[rank].append(slot)
            else:
                groups[rank] = [slot]
        yield
    found: list[int] = []
    for rank in sorted(groups, reverse=reverse):
        found += groups[rank]
    return found


class Order:
    """Slots in order. `rows` and `ranks` are indexed by slot and shared with whoever changes them.

    A slot must be removed while `rows` and `ranks` still hold what it was inserted with.
    """

    __slots__ = ("_numbers", "_texts", "ranks", "reverse", "rows", "slots")

    def __init__(
        self, rows: Sequence[Row], ranks: list[Rank], *, reverse: bool, slots: Iterable[int] = ()
    ) -> None:
        self.rows, self.ranks, self.reverse = rows, ranks, reverse
        self.slots = array("I", slots)
        self._numbers = self._texts = 0
        self._count()

    def _count(self) -> None:
        """Where the sections end."""
        classes = lambda slot: sort_class(self.ranks[slot])  # noqa: E731
        self._numbers = bisect_left(self.slots, TEXT, key=classes)
        self._texts = bisect_left(self.slots, EMPTY, key=classes)

    def __len__(self) -> int:
        return len(self.slots)

    def only(self, mask: bytearray) -> Order:
        """The same order with the slots that `mask` has a 1 for."""
        kept = compress(self.slots, map(mask.__getitem__, self.slots))
        return Order(self.rows, self.ranks, reverse=self.reverse, slots=kept)

    # -- where ------------------------------------------------------------------------------------------------

    def position(self, slot: int) -> int:
        """The line of `slot`, or the one it would get."""
        rank, slots, get = self.ranks[slot], self.slots, self.ranks.__getitem__
        kind = sort_class(rank)
        low = (0, self._numbers, self._texts)[kind]
        high = (self._numbers, self._texts, len(slots))[kind]
        if kind == TEXT and self.reverse:
            low, high = self._falling(rank, low, high)
        elif kind != EMPTY:
            low = bisect_left(slots, rank, low, high, key=get)
            tied = low < high and get(slots[low]) == rank
            high = bisect_right(slots, rank, low, high, key=get) if tied else low
        if low == high:
            return low
        rows, row = self.rows, self.rows[slot]
        if high - low > TIED:  # most of the way by a text that all rows of a cluster share: half the time
            low = bisect_left(slots, row.cluster, low, high, key=lambda other: rows[other].cluster)
            high = bisect_right(slots, row.cluster, low, high, key=lambda other: rows[other].cluster)
        return bisect_left(slots, identity(row), low, high, key=lambda other: identity(rows[other]))

    def _falling(self, rank: str, low: int, high: int) -> tuple[int, int]:
        """First and last line of `rank` among texts that fall."""
        slots, ranks, end = self.slots, self.ranks, high
        while low < high:
            middle = (low + high) // 2
            if rank < ranks[slots[middle]]:
                low = middle + 1
            else:
                high = middle
        first, high = low, end
        while low < high:
            middle = (low + high) // 2
            if ranks[slots[middle]] < rank:
                high = middle
            else:
                low = middle + 1
        return first, low

    # -- changing ---------------------------------------------------------------------------------------------

    def remove(self, slots: Iterable[int]) -> list[int]:
        """Take `slots` out (all are in); returns the lines they had, in order, or the first and the last."""
        gone = list(slots)
        many = len(gone) * BULK > len(self.slots)
        lines = [] if many else sorted(map(self.position, gone))
        for slot in gone:
            self._shift(self.ranks[slot], -1)
        if many:
            return self._sweep(gone)
        self._cut(lines)
        return lines

    def _sweep(self, gone: list[int]) -> list[int]:
        """Take out `gone` without looking for each; returns the first and the last line."""
        mask = bytearray(b"\1") * len(self.rows)
        for slot in gone:
            mask[slot] = 0
        flags = bytes(map(mask.__getitem__, self.slots))
        self.slots = array("I", compress(self.slots, flags))
        return [flags.find(0), flags.rfind(0)]

    def drop(self, dead: Iterable[int]) -> None:
        """Take out whatever is there of `dead`, whose rows may be others by now."""
        self._sweep(list(dead))

    def insert(self, slots: Iterable[int]) -> list[int]:
        """Put `slots` in; returns the lines they have now, in order."""
        come, lines = self._sorted(slots), list[int]()
        position = self.position
        before = [position(slot) for slot in come]
        for extra, line in enumerate(before):
            lines.append(line + extra)
        if len(come) <= FEW:
            for slot, line in zip(come, lines, strict=True):
                self.slots.insert(line, slot)
        else:
            old, new, start = self.slots, array("I"), 0
            for slot, line in zip(come, before, strict=True):
                if line != start:
                    new += old[start:line]
                    start = line
                new.append(slot)
            self.slots = new + old[start:]
        for slot in come:
            self._shift(self.ranks[slot], 1)
        return lines

    def recount(self) -> None:
        """After `drop`: where the sections end. `ranks` must be right for all slots that stayed."""
        self._count()

    def _sorted(self, slots: Iterable[int]) -> list[int]:
        rows, ranks = self.rows, self.ranks
        come = sorted(slots, key=lambda slot: identity(rows[slot]))
        if len(come) < 2:
            return come
        parts: list[list[int]] = [[], [], []]
        for slot in come:
            parts[sort_class(ranks[slot])].append(slot)
        parts[NUMBER].sort(key=ranks.__getitem__)
        parts[TEXT].sort(key=ranks.__getitem__, reverse=self.reverse)
        return parts[NUMBER] + parts[TEXT] + parts[EMPTY]

    def _cut(self, lines: list[int]) -> None:
        if len(lines) <= FEW:
            for line in reversed(lines):
                del self.slots[line]
            return
        old, new, start = self.slots, array("I"), 0
        for line in lines:
            new += old[start:line]
            start = line + 1
        self.slots = new + old[start:]

    def _shift(self, rank: Rank, by: int) -> None:
        kind = sort_class(rank)
        self._numbers += by * (kind == NUMBER)
        self._texts += by * (kind != EMPTY)


FEW = 24
"""Up to here moving the tail for each slot is cheaper than building the array again."""
BULK = 256
"""From one slot in so many on, going through all is cheaper than looking for each."""
TIED = 32
"""From so many equal sort keys on clusters are compared before identities."""


def _apart(slots: Sequence[int], ranks: list[Rank]) -> Any:
    """Generator that returns `slots` in three lists, one a sort class."""
    parts: list[list[int]] = [[], [], []]
    for start in range(0, len(slots), STEP):
        for slot in slots[start : start + STEP]:
            parts[sort_class(ranks[slot])].append(slot)
        yield
    return parts


def ordered(slots: Sequence[int], rows: Sequence[Row], ranks: list[Rank], *, reverse: bool) -> Any:
    """Generator that returns the `Order` of `slots`, which come in the order of their identities."""
    classes = {
        EMPTY if kind is type(None) else TEXT if issubclass(kind, str) else NUMBER
        for kind in set(map(type, ranks))
    }
    parts: list[Sequence[int]] = [[], [], []]
    if len(classes) == 1:
        parts[classes.pop()] = slots
    else:
        parts = yield from _apart(slots, ranks)
    numbers = yield from sort_slots(parts[NUMBER], ranks)
    texts = yield from sort_slots(parts[TEXT], ranks, reverse=reverse)
    return Order(rows, ranks, reverse=reverse, slots=[*numbers, *texts, *parts[EMPTY]])
