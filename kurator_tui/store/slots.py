"""Rows by slot: each row of a view has a small number for as long as it lives, by which all else is found.

The identity of a slot (cluster, namespace, name, uid) never changes: a row that comes back under the same key with
another name gets another slot. Slots of rows that are gone keep their row until `bury`, so that work that was
paused meanwhile still finds what it saw.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from itertools import chain
from operator import attrgetter
from typing import Any

from kurator_tui.kinds.base import Key, Row
from kurator_tui.store.ordering import STEP, sort_slots

_within = attrgetter("namespace", "name", "uid")


class Slots:
    """Rows, the slot of each key, and the slots of each cluster in the order of their identities."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.count = 0
        """Rows that live."""
        self._tables: dict[str, dict[str, int]] = {}
        self._homes: dict[str, array[int]] = {}
        """Slots of a cluster by identity; made when asked for, forgotten when a row comes or goes."""
        self._free: list[int] = []
        self._dead: list[int] = []
        self._turnover = 0
        """Rows that came or went so far."""
        self.cluster_turnover = 0
        """Clusters that got their first row, or lost their last one, so far."""

    def get(self, key: Key) -> int | None:
        """The slot of `key`."""
        table = self._tables.get(key[0])
        return None if table is None else table.get(key[1])

    def add(self, row: Row) -> int:
        """A slot for a row that is new."""
        if self._free:
            slot = self._free.pop()
            self.rows[slot] = row
        else:
            slot = len(self.rows)
            self.rows.append(row)
        table = self._tables.get(row.cluster)
        if table is None:
            table = self._tables[row.cluster] = {}
            self.cluster_turnover += 1
        table[row.uid] = slot
        self._homes.pop(row.cluster, None)
        self.count += 1
        self._turnover += 1
        return slot

    def remove(self, key: Key) -> None:
        """The row under `key` is gone."""
        table = self._tables[key[0]]
        self._dead.append(table.pop(key[1]))
        if not table:
            del self._tables[key[0]]
            self.cluster_turnover += 1
        self._homes.pop(key[0], None)
        self.count -= 1
        self._turnover += 1

    def alive(self, slot: int) -> bool:
        """Whether `slot` has a row."""
        return self.get(self.rows[slot].key) == slot

    def bury(self) -> None:
        """Slots of rows that are gone may be given again. Only while nobody is in the middle of something."""
        self._free += self._dead
        self._dead.clear()

    def clusters(self) -> Collection[str]:
        """Clusters that have rows."""
        return self._tables.keys()

    def of(self, cluster: str) -> Collection[int]:
        """The slots of `cluster`."""
        return self._tables.get(cluster, {}).values()

    def sample(self, cluster: str) -> Row | None:
        """Any row of `cluster`."""
        table = self._tables.get(cluster)
        return None if not table else self.rows[next(iter(table.values()))]

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(table.values() for table in self._tables.values())

    def fill(self, rows: list[Row]) -> Any:
        """Generator that adds `rows`, pausing in between; the last of several under one key counts."""
        for start in range(0, len(rows), STEP):
            for row in rows[start : start + STEP]:
                if (slot := self.get(row.key)) is None:
                    self.add(row)
                else:
                    self.rows[slot] = row
                    self._homes.pop(row.cluster, None)
            yield

    def by_identity(self) -> Any:
        """Generator that returns all slots in the order of their identities, pausing in between.

        Slots that come or go meanwhile may be in it or not.
        """
        found = array("I")
        for cluster in sorted(self._tables):
            home = self._homes.get(cluster)
            if home is None:
                home = yield from self._home(cluster)
            found += home
        return found

    def _home(self, cluster: str) -> Any:
        table = self._tables.get(cluster)
        if table is None:
            return array("I")
        slots, rows, turnover = list(table.values()), self.rows, self._turnover
        keys: dict[int, tuple[str, str, str]] = {}
        for start in range(0, len(slots), STEP):
            keys.update((slot, _within(rows[slot])) for slot in slots[start : start + STEP])
            yield
        home = array("I", (yield from sort_slots(slots, keys)))
        if self._turnover == turnover:  # else good enough for now, not to keep
            self._homes[cluster] = home
        return home
