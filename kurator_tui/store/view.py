"""A filtered, ordered window on rows: what a table shows, without knowing a table.

A change that moves nothing is one assignment; rows that come, go or move are merged into the order as one sorted
batch. Filtering and sorting are work that may be paused: `begin_filter` and `begin_sort` say what is wanted,
`work` goes on for so many seconds, and until it is done the view stays as it was, changes included. `filter` and
`sort` do it in one go. A view tells its reader which lines changed, so that a widget repaints those and no others.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterable, Iterator

from kurator_tui.kinds.base import AnyColumn, AnyKind, Key, Row
from kurator_tui.store.moved import Moved
from kurator_tui.store.search import Filter, Match
from kurator_tui.store.store import Delta
from kurator_tui.store.window import Window
from kurator_tui.store.work import Job, loading, masking, rechecking, sorting, texting

__all__ = ["Moved", "Predicate", "View"]

Predicate = Match


class View:
    """Rows of one kind, filtered by a predicate and ordered by a column (then cluster, namespace, name)."""

    def __init__(self, kind: AnyKind, sort: str = "name", *, descending: bool = False) -> None:
        self.kind = kind
        self._wanted = (self._sortable(sort), descending)
        self._wanted_predicate: Predicate | None = None
        self._window = Window(kind, self._wanted[0], descending=descending)
        self._jobs: dict[str, Job] = {}
        """What is being worked on, by what it is for."""

    def _sortable(self, key: str) -> AnyColumn:
        return self.kind.column(key) or self.kind.columns[0]

    # -- reading ----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._window.shown)

    def __iter__(self) -> Iterator[Row]:
        rows = self._window.slots.rows
        return (rows[slot] for slot in self._window.shown.slots)

    @property
    def total(self) -> int:
        """Number of rows before the filter."""
        return self._window.slots.count

    @property
    def predicate(self) -> Predicate | None:
        """The filter that is complete."""
        return self._window.predicate

    @property
    def sort_key(self) -> str:
        """Key of the column the rows are ordered by."""
        return self._window.column.key

    @property
    def descending(self) -> bool:
        """Whether that order is turned round."""
        return self._window.descending

    @property
    def wanted_sort(self) -> tuple[str, bool]:
        """(column, descending) as asked for last: the order now, or the one being worked on."""
        return self._wanted[0].key, self._wanted[1]

    @property
    def clusters(self) -> Collection[str]:
        """Clusters that have rows, shown or not."""
        return self._window.slots.clusters()

    def shows(self, cluster: str) -> bool:
        """Whether a row of `cluster` is shown."""
        return self._window.shows(cluster)

    def sample(self, cluster: str) -> Row | None:
        """Any row of `cluster`, shown or not."""
        return self._window.slots.sample(cluster)

    def row(self, index: int) -> Row:
        """The row on line `index`."""
        window = self._window
        return window.slots.rows[window.shown.slots[index]]

    def key(self, index: int) -> Key:
        """The key of the row on line `index`."""
        return self.row(index).key

    def index(self, key: Key) -> int | None:
        """The line of `key`, or None when it is filtered out or unknown."""
        window = self._window
        slot = window.slots.get(key)
        if slot is None or not (window.mask is None or window.mask[slot]):
            return None
        return window.shown.position(slot)

    # -- filter and order: at once, or in slices --------------------------------------------------------------

    def load(self, rows: Iterable[Row]) -> None:
        """Start again from `rows`."""
        self.begin_load(rows)
        self.work()

    def filter(self, predicate: Predicate | None) -> None:
        """Show only rows for which `predicate` is true; None shows all."""
        self.begin_filter(predicate)
        self.work()

    def sort(self, key: str, *, descending: bool = False) -> None:
        """Order by the column `key`."""
        self.begin_sort(key, descending=descending)
        self.work()

    def begin_load(self, rows: Iterable[Row]) -> None:
        """As `load`, to be worked on. What changes meanwhile should be little: it is applied in one go."""
        self._jobs = {"load": self._loading(list(rows))}

    def begin_filter(self, predicate: Predicate | None) -> None:
        """As `filter`, to be worked on; replaces a filter that was being worked on."""
        self._wanted_predicate = predicate
        if not self._load_again():
            for name in ("recheck", "texts"):
                self._jobs.pop(name, None)
            self._jobs["filter"] = masking(self._window, predicate)

    def begin_sort(self, key: str, *, descending: bool = False) -> None:
        """As `sort`, to be worked on; replaces an order that was being worked on."""
        self._wanted = (self._sortable(key), descending)
        if not self._load_again():
            self._jobs["sort"] = sorting(self._window, self._wanted[0], descending=descending)

    def rearrange(self, kind: AnyKind, sort: str, *, descending: bool = False) -> None:
        """The kind has other columns now: what is shown stays until it is ordered, and filtered, by these."""
        for name in ("recheck", "texts"):
            self._jobs.pop(name, None)
        self.kind = kind
        self._window.rearrange(kind)
        self.begin_sort(sort, descending=descending)

    def begin_recheck(self, then: float, now: float) -> bool:
        """Ask a timed filter again about the rows that may look different at `now` (Unix seconds, as `then`).

        Only where nothing else is being worked on; whether it was begun.
        """
        predicate = self._window.predicate
        if self._jobs or not isinstance(predicate, Filter) or not predicate.timed:
            return False
        self._jobs["recheck"] = rechecking(self._window, predicate, then, now)
        return True

    def begin_texts(self) -> None:
        """Somebody is about to search: make the texts that a search reads."""
        if not self._jobs:
            self._jobs["texts"] = texting(self._window)

    def forget_texts(self) -> None:
        """Nobody searches any more: give the memory of the texts back."""
        if not self._jobs:
            self._window.texts.clear()

    def _loading(self, rows: list[Row]) -> Job:
        column, descending = self._wanted
        return loading(self._window, rows, column, self._wanted_predicate, descending=descending)

    def _load_again(self) -> bool:
        """What is wanted changed: start a load that is being worked on again; whether there is one."""
        job = self._jobs.get("load")
        if job is None or job.rows is None:
            return False
        self._jobs["load"] = again = self._loading(job.rows)
        again.late.update(job.late)
        return True

    @property
    def working(self) -> bool:
        """Whether there is anything to work on."""
        return bool(self._jobs)

    @property
    def doing(self) -> str:
        """What is being worked on that will change what is shown, in a word; empty when nothing is."""
        words = {"load": "reading", "filter": "filtering", "sort": "sorting"}
        return next((words[name] for name in self._jobs if name in words), "")

    @property
    def loading(self) -> bool:
        """Whether other rows are on their way: changes should wait for them."""
        return "load" in self._jobs

    def work(self, seconds: float = math.inf) -> bool:
        """Go on for about `seconds`; whether what is shown is something else now (a filter, an order, rows)."""
        until = time.perf_counter() + seconds
        changed = False
        while self._jobs:
            name, job = next(iter(self._jobs.items()))
            try:
                next(job.steps)
            except StopIteration:
                if self._jobs.get(name) is job:
                    del self._jobs[name]
                changed = changed or job.visible
                self._bury()
            if time.perf_counter() >= until:
                break
        return changed

    def _bury(self) -> None:
        if not self._jobs:
            self._window.slots.bury()

    # -- changes ----------------------------------------------------------------------------------------------

    def apply(self, delta: Delta) -> Moved:
        """Apply changes and say which lines they touched."""
        moved, touched = self._window.apply(delta)
        for job in self._jobs.values():
            job.note(touched, delta)
        self._bury()
        return moved
