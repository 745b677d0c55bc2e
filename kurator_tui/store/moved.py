"""What a change did to the lines of a view."""

from __future__ import annotations

from collections.abc import Sequence

from kurator_tui.store.ordering import Order


class Moved:
    """What a change did to the lines of a view. Good until the next change.

    `lines` are indices whose row changed in place. From `first` to `last` (inclusive, or None) every line may hold
    another row. `resized` says the number of rows changed, `clusters` that other clusters may be shown now.
    """

    __slots__ = ("_changed", "_lines", "_order", "clusters", "first", "last", "resized")

    def __init__(self, order: Order | None = None, changed: Sequence[int] = ()) -> None:
        self._order, self._changed = order, changed
        self._lines: frozenset[int] | None = None
        self.first: int | None = None
        self.last: int | None = None
        self.resized = False
        self.clusters = False

    @property
    def lines(self) -> frozenset[int]:
        """Lines whose row changed in place; found when asked, since most of them nobody sees."""
        if self._lines is None:
            order = self._order
            self._lines = frozenset() if order is None else frozenset(map(order.position, self._changed))
        return self._lines

    def __bool__(self) -> bool:
        return bool(self._changed) or self.first is not None or self.resized

    def span(self, lines: Sequence[int]) -> None:
        """Widen the moved range to hold `lines`, which are in order."""
        if lines:
            self.first = lines[0] if self.first is None else min(self.first, lines[0])
            self.last = lines[-1] if self.last is None else max(self.last, lines[-1])
