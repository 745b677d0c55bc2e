"""The store itself: one table a kind, freshness beside it, and listeners told what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kurator_tui.kinds.base import Key, Row
from kurator_tui.store.changes import Changes
from kurator_tui.store.freshness import UNKNOWN, Freshness

Delta = dict[Key, Row | None]
"""Key -> its new row, or None when it is gone."""

Listener = Callable[[str, Delta], None]
"""Called with (kind id, delta) after a change set was applied."""

FreshnessListener = Callable[[str, str, Freshness], None]
"""Called with (cluster, kind id or "" for the cluster itself, freshness)."""


class Store:
    """Rows of all kinds over all clusters. See the package's docstring for what it promises."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, dict[str, Row]]] = {}
        self._freshness: dict[tuple[str, str], Freshness] = {}
        self._listeners: list[Listener] = []
        self._freshness_listeners: list[FreshnessListener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each change; returns the function that stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def listen_freshness(self, listener: FreshnessListener) -> Callable[[], None]:
        """Call `listener` after each change of freshness; returns the function that stops it."""
        self._freshness_listeners.append(listener)
        return lambda: self._freshness_listeners.remove(listener)

    def apply(self, changes: Changes) -> Delta:
        """Apply one change set and tell the listeners; returns what really changed."""
        clusters = self._tables.setdefault(changes.kind, {})
        rows = clusters.setdefault(changes.cluster, {})
        delta: Delta = {}
        if changes.replaced:
            kept = {row.uid for row in changes.upserted}
            for uid in [uid for uid in rows if uid not in kept]:
                del rows[uid]
                delta[(changes.cluster, uid)] = None
        for uid in changes.removed:
            if rows.pop(uid, None) is not None:
                delta[(changes.cluster, uid)] = None
        for row in changes.upserted:
            if rows.get(row.uid) != row:
                rows[row.uid] = row
                delta[(changes.cluster, row.uid)] = row
        if delta:
            for listener in tuple(self._listeners):
                listener(changes.kind, delta)
        return delta

    def forget_cluster(self, cluster: str) -> None:
        """Remove all rows and freshness of a cluster that is no member any more."""
        for kind, clusters in list(self._tables.items()):
            if cluster in clusters:
                self.apply(Changes(kind, cluster, replaced=True))
                del clusters[cluster]
        for key in [key for key in self._freshness if key[0] == cluster]:
            del self._freshness[key]

    def forget_kind(self, kind: str) -> None:
        """Drop a table nobody reads any more, without telling anyone."""
        self._tables.pop(kind, None)

    def set_freshness(self, cluster: str, kind: str, freshness: Freshness) -> None:
        """Record how fresh (cluster, kind) is; `kind` "" is the cluster itself."""
        if self._freshness.get((cluster, kind)) != freshness:
            self._freshness[(cluster, kind)] = freshness
            for listener in tuple(self._freshness_listeners):
                listener(cluster, kind, freshness)

    def freshness(self, cluster: str, kind: str = "") -> Freshness:
        """How fresh (cluster, kind) is; falls back to the cluster's own freshness."""
        return self._freshness.get((cluster, kind)) or self._freshness.get((cluster, ""), UNKNOWN)

    def freshness_items(self) -> Iterator[tuple[str, str, Freshness]]:
        """All known (cluster, kind, freshness)."""
        for (cluster, kind), freshness in self._freshness.items():
            yield cluster, kind, freshness

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
