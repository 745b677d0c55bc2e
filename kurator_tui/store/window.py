"""What a view holds: rows, their order, and which of them are shown. Changed at once, never halfway.

`store.work` prepares another order or another choice beside it and puts it in place when it is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kurator_tui.kinds.base import AnyColumn, AnyKind, Key, Row
from kurator_tui.store.moved import Moved
from kurator_tui.store.ordering import Order, Rank, ranking
from kurator_tui.store.search import Match
from kurator_tui.store.slots import Slots
from kurator_tui.store.store import Delta
from kurator_tui.store.texts import Texts


class Window:
    """Rows of one kind in order, and those of them that a predicate lets through."""

    def __init__(self, kind: AnyKind, column: AnyColumn, *, descending: bool) -> None:
        self.kind = kind
        self.slots = Slots()
        self.texts = Texts(kind)
        self.column, self.descending = column, descending
        self.rank: Callable[[Row], Rank] = ranking(column, descending=descending)
        self.ranks: list[Rank] = []
        """By slot."""
        self.all = self.shown = Order(self.slots.rows, self.ranks, reverse=descending)
        self.predicate: Match | None = None
        self.mask: bytearray | None = None
        """For each slot whether it is shown; None when all are (then `shown` is `all`)."""

    def use(self, slots: Slots, texts: Texts) -> None:
        """Other rows; an order and a choice of them must follow at once."""
        self.slots, self.texts = slots, texts

    def rearrange(self, kind: AnyKind) -> None:
        """The kind has other columns now; an order by one of these, and a choice, must follow."""
        self.kind, self.texts = kind, Texts(kind)
        if (chosen := self.predicate) is not None:
            self.predicate = lambda row: chosen(row)  # no filter that another one could be narrower than

    def order_by(self, column: AnyColumn, order: Order) -> None:
        """Another order of the same rows."""
        self.column, self.descending = column, order.reverse
        self.rank = ranking(column, descending=order.reverse)
        self.ranks, self.all = order.ranks, order
        self.shown = order if self.mask is None else order.only(self.mask)

    def show_only(self, predicate: Match | None, mask: bytearray | None, among: Order | None = None) -> None:
        """Another choice of the same rows; `among` is an order that holds all of them, if not the one of all."""
        self.predicate, self.mask = predicate, mask
        self.shown = self.all if mask is None else (among or self.all).only(mask)

    def shows(self, cluster: str) -> bool:
        """Whether a row of `cluster` is shown."""
        slots, mask = self.slots.of(cluster), self.mask
        return bool(slots) if mask is None else any(map(mask.__getitem__, slots))

    # -- changes ----------------------------------------------------------------------------------------------

    def apply(self, delta: Delta) -> tuple[Moved, list[int]]:
        """Apply changes; returns what they did to the lines, and all slots they touched."""
        change = _Change(self, delta)
        if not change.touched and not change.coming:
            return Moved(), []
        clusters = self.slots.cluster_turnover
        before = len(self.shown)
        gone = self._take_out(change)
        slots = self._write(change)
        come = self._put_in(change, slots)
        self.texts.changed(change.touched)
        self.texts.changed(slots)  # of rows that were there before
        moved = Moved(self.shown, change.seen)
        moved.span(gone)
        moved.span(come)
        moved.resized = len(self.shown) != before
        if moved.resized and moved.first is not None:
            moved.last = max(before, len(self.shown))
        moved.clusters = self.slots.cluster_turnover != clusters or (moved.resized and self.mask is not None)
        return moved, change.touched + slots

    def _take_out(self, change: _Change) -> list[int]:
        """Rows that go, or move, leave the order while it still knows them; returns the lines they had."""
        mask, moving = self.mask, [slot for slot, _, _ in change.moving]
        out = change.going + moving
        if mask is None:
            return self.all.remove(out)
        for slot, row in change.same:
            if self._lets(row) != mask[slot]:
                (change.leaving if mask[slot] else change.entering).append(slot)
        if change.leaving or change.entering:
            change.seen = [slot for slot, row in change.same if mask[slot]]
            change.seen = sorted(set(change.seen).difference(change.leaving))
        else:
            change.seen = [slot for slot, _ in change.same if mask[slot]]
        gone = self.shown.remove([slot for slot in out if mask[slot]] + change.leaving)
        self.all.remove(out)
        for slot in out + change.leaving:
            mask[slot] = 0
        return gone

    def _write(self, change: _Change) -> list[int]:
        """The rows themselves; returns the slots of those that are new."""
        slots, ranks, rows = self.slots, self.ranks, self.slots.rows
        for slot, row in change.same:
            rows[slot] = row
        for slot, row, rank in change.moving:
            rows[slot], ranks[slot] = row, rank
        for key in change.removed:
            slots.remove(key)
        new: list[int] = []
        for row in change.coming:
            slot = slots.add(row)
            if slot == len(ranks):
                ranks.append(None)
                if self.mask is not None:
                    self.mask.append(0)
            ranks[slot] = self.rank(row)
            new.append(slot)
        return new

    def _put_in(self, change: _Change, new: list[int]) -> list[int]:
        """Rows that are new, or moved, get their places; returns the lines of those that are shown."""
        come, mask, rows = [slot for slot, _, _ in change.moving] + new, self.mask, self.slots.rows
        if mask is None:
            return self.all.insert(come)
        self.all.insert(come)
        entering = change.entering
        for slot in come:
            mask[slot] = 0  # a slot that was used before may have been left behind with a 1
            if self._lets(rows[slot]):
                entering.append(slot)
        for slot in entering:
            mask[slot] = 1
        return self.shown.insert(entering)

    def reconsider(self, slots: Iterable[int]) -> bool:
        """Ask the predicate again about the rows of `slots`; whether a verdict differs."""
        mask, rows = self.mask, self.slots.rows
        if mask is None:
            return False
        differing = [slot for slot in slots if self.slots.alive(slot) and self._lets(rows[slot]) != mask[slot]]
        self.shown.remove([slot for slot in differing if mask[slot]])
        entering = [slot for slot in differing if not mask[slot]]
        for slot in differing:
            mask[slot] = not mask[slot]
        self.shown.insert(entering)
        return bool(differing)

    def _lets(self, row: Row) -> bool:
        return self.predicate is None or bool(self.predicate(row))


class _Change:
    """A delta taken apart by what it does to the order."""

    __slots__ = ("coming", "entering", "going", "leaving", "moving", "removed", "same", "seen", "touched")

    def __init__(self, window: Window, delta: Delta) -> None:
        self.same: list[tuple[int, Row]] = []
        """Rows that changed and keep their place."""
        self.moving: list[tuple[int, Row, Rank]] = []
        self.going: list[int] = []
        self.removed: list[Key] = []
        self.coming: list[Row] = []
        self.entering: list[int] = []
        """Slots that keep their place in the order and are shown now."""
        self.leaving: list[int] = []
        get, rows, ranks, rank_of = window.slots.get, window.slots.rows, window.ranks, window.rank
        for key, row in delta.items():
            slot = get(key)
            if slot is None:
                if row is not None:
                    self.coming.append(row)
                continue
            old = rows[slot]
            if row is None or old.name != row.name or old.namespace != row.namespace:
                self.going.append(slot)
                self.removed.append(key)
                if row is not None:
                    self.coming.append(row)
            elif (rank := rank_of(row)) == ranks[slot]:
                self.same.append((slot, row))
            else:
                self.moving.append((slot, row, rank))
        self.seen = [slot for slot, _ in self.same]
        """Slots that are shown, and were, on the same line but for others that moved."""
        self.touched = self.seen + [slot for slot, _, _ in self.moving] + self.going
