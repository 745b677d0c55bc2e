"""The store itself: one table a kind, freshness beside it, and listeners told what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from kurator_tui.kinds.base import Key, Row
from kurator_tui.store.freshness import UNKNOWN, Freshness

Delta = dict[Key, Row | None]
"""Key -> its new row, or None when it is gone."""

Listener = Callable[[str, Delta], None]
"""Called with (kind id, delta) after changes."""

Observer = Callable[[str, Row | None, Row | None], None]
"""Called with (cluster, row before, row now) for each row that changed; None for none."""

FreshnessListener = Callable[[str, str, Freshness], None]
"""Called with (cluster, kind id or "" for the cluster itself, freshness)."""


class Store:
    """Rows of all kinds over all clusters. See the package's docstring for what it promises.

    Listeners are told at once, unless `defer` was called: then what changed is merged by key until `flush`.
    """

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, dict[str, Row]]] = {}
        self._seen: dict[tuple[str, str], set[str]] = {}
        """(kind, cluster) being replaced -> uids that are there."""
        self._pending: dict[str, Delta] = {}
        """What listeners were not told yet."""
        self._wake: Callable[[], None] | None = None
        self.taken = 0
        """Number of states put since the start, whether they changed anything or not."""
        self._freshness: dict[tuple[str, str], Freshness] = {}
        self._listeners: list[Listener] = []
        self._observers: dict[str, list[Observer]] = {}
        self._freshness_listeners: list[FreshnessListener] = []
        self._dropped_listeners: list[Callable[[str], None]] = []

    # -- who hears ----------------------------------------------------------------------------------------------

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after changes; returns the function that stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def observe(self, kind: str, observer: Observer) -> None:
        """Call `observer` for each changed row of `kind`, at once: for sums that must not be counted anew."""
        self._observers.setdefault(kind, []).append(observer)

    def listen_freshness(self, listener: FreshnessListener) -> Callable[[], None]:
        """Call `listener` after each change of freshness; returns the function that stops it."""
        self._freshness_listeners.append(listener)
        return lambda: self._freshness_listeners.remove(listener)

    def listen_dropped(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call `listener` with each kind whose table is dropped whole; returns the function that stops it."""
        self._dropped_listeners.append(listener)
        return lambda: self._dropped_listeners.remove(listener)

    def defer(self, wake: Callable[[], None]) -> None:
        """From now on listeners wait for `flush`; `wake` is called when there is something to flush."""
        self._wake = wake

    def flush(self) -> None:
        """Tell the listeners what changed since they were told last: one merged delta a kind."""
        while self._pending:
            kind, delta = self._pending.popitem()
            if delta:
                for listener in tuple(self._listeners):
                    listener(kind, delta)

    # -- rows ---------------------------------------------------------------------------------------------------

    def put(self, kind: str, cluster: str, rows: Mapping[str, Row | None]) -> None:
        """Take over the state of some objects of one cluster: uid -> row, None when it is gone."""
        table = self._table(kind, cluster)
        seen = self._seen.get((kind, cluster))
        observers = self._observers.get(kind, ())
        delta: Delta | None = None
        self.taken += len(rows)
        for uid, row in rows.items():
            old = table.get(uid)
            if row is None:
                if seen is not None:
                    seen.discard(uid)
                if old is None:
                    continue
                del table[uid]
            else:
                if seen is not None:
                    seen.add(uid)
                if old == row:
                    continue
                table[uid] = row
            if delta is None:
                delta = self._delta(kind)
            delta[(cluster, uid)] = row
            for observer in observers:
                observer(cluster, old, row)
        if delta is not None:
            self._changed()

    def begin(self, kind: str, cluster: str) -> None:
        """What is put from now on until `complete` is everything there is. Nothing is removed yet."""
        self._table(kind, cluster)
        self._seen[(kind, cluster)] = set()

    def complete(self, kind: str, cluster: str) -> None:
        """End a replacement: rows that were not put since `begin` are gone. Without `begin` nothing happens."""
        seen = self._seen.pop((kind, cluster), None)
        if seen is not None:
            self.put(kind, cluster, dict.fromkeys(self._table(kind, cluster).keys() - seen))

    def replace(self, kind: str, cluster: str, rows: Iterable[Row]) -> None:
        """`rows` are everything there is of (kind, cluster)."""
        self.begin(kind, cluster)
        self.put(kind, cluster, {row.uid: row for row in rows})
        self.complete(kind, cluster)

    def remake(self, kind: str, made: Callable[[Row], Row]) -> None:
        """Put what is `made` of each row of `kind` in its place; nothing comes or goes."""
        observers = self._observers.get(kind, ())
        for cluster, table in self._tables.get(kind, {}).items():
            for uid, old in table.items():
                row = made(old)
                if row == old:
                    continue
                table[uid] = row
                self._delta(kind)[(cluster, uid)] = row
                for observer in observers:
                    observer(cluster, old, row)
        self._changed()

    def forget_cluster(self, cluster: str) -> None:
        """Remove all rows and freshness of a cluster that is no member any more."""
        for kind, clusters in list(self._tables.items()):
            self._seen.pop((kind, cluster), None)
            if cluster in clusters:
                self.replace(kind, cluster, ())
                del clusters[cluster]
        for key in [key for key in self._freshness if key[0] == cluster]:
            del self._freshness[key]

    def forget(self, kind: str, cluster: str) -> None:
        """Remove the rows of (kind, cluster), which nobody reads any more, and how fresh they were."""
        self.replace(kind, cluster, ())
        del self._tables[kind][cluster]
        self.forget_freshness(cluster, kind)

    def forget_kind(self, kind: str) -> None:
        """Drop a table nobody reads any more, and how fresh it was; who listens for rows is told nothing."""
        self._tables.pop(kind, None)
        self._pending.pop(kind, None)
        for place in [place for place in self._freshness if place[1] == kind]:
            del self._freshness[place]
        for key in [key for key in self._seen if key[0] == kind]:
            del self._seen[key]
        for listener in tuple(self._dropped_listeners):
            listener(kind)

    def _table(self, kind: str, cluster: str) -> dict[str, Row]:
        clusters = self._tables.get(kind)
        if clusters is None:
            clusters = self._tables[kind] = {}
        table = clusters.get(cluster)
        if table is None:
            table = clusters[cluster] = {}
        return table

    def _delta(self, kind: str) -> Delta:
        delta = self._pending.get(kind)
        if delta is None:
            delta = self._pending[kind] = {}
        return delta

    def _changed(self) -> None:
        if self._wake is None:
            self.flush()
        else:
            self._wake()

    # -- freshness ----------------------------------------------------------------------------------------------

    def set_freshness(self, cluster: str, kind: str, freshness: Freshness) -> None:
        """Record how fresh (cluster, kind) is; `kind` "" is the cluster itself."""
        if self._freshness.get((cluster, kind)) != freshness:
            self._freshness[(cluster, kind)] = freshness
            for listener in tuple(self._freshness_listeners):
                listener(cluster, kind, freshness)

    def forget_freshness(self, cluster: str, kind: str) -> None:
        """Nothing is known of (cluster, kind) itself any more: what holds for the cluster holds for it."""
        if self._freshness.pop((cluster, kind), None) is not None:
            for listener in tuple(self._freshness_listeners):
                listener(cluster, kind, self.freshness(cluster, kind))

    def freshness(self, cluster: str, kind: str = "") -> Freshness:
        """How fresh (cluster, kind) is; falls back to the cluster's own freshness."""
        return self._freshness.get((cluster, kind)) or self._freshness.get((cluster, ""), UNKNOWN)

    def told(self, cluster: str, kind: str) -> Freshness | None:
        """How fresh (cluster, kind) itself is, None while nothing was said of it."""
        return self._freshness.get((cluster, kind))

    def freshness_items(self) -> Iterator[tuple[str, str, Freshness]]:
        """All known (cluster, kind, freshness)."""
        for (cluster, kind), freshness in self._freshness.items():
            yield cluster, kind, freshness

    # -- reading ------------------------------------------------------------------------------------------------

    def kinds(self) -> list[str]:
        """Kinds that have a table."""
        return list(self._tables)

    def clusters(self, kind: str) -> list[str]:
        """Clusters that have a table of `kind`."""
        return list(self._tables.get(kind, ()))

    def rows(self, kind: str, cluster: str | None = None) -> Iterator[Row]:
        """All rows of a kind, or those of one cluster."""
        clusters = self._tables.get(kind, {})
        if cluster is not None:
            yield from clusters.get(cluster, {}).values()
            return
        for rows in clusters.values():
            yield from rows.values()

    def get(self, kind: str, key: Key) -> Row | None:
        """The row under `key`, or None."""
        return self._tables.get(kind, {}).get(key[0], {}).get(key[1])

    def count(self, kind: str, cluster: str | None = None) -> int:
        """Number of rows of a kind, over all clusters or in one."""
        clusters = self._tables.get(kind, {})
        if cluster is not None:
            return len(clusters.get(cluster, {}))
        return sum(len(rows) for rows in clusters.values())
