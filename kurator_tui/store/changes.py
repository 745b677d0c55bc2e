"""Batches of changes on their way to a reader, and the outbox that merges them while the reader is slower."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import islice

from kurator_tui.kinds.base import Key, Row
from kurator_tui.store.store import Store


@dataclass(slots=True)
class Batch:
    """What changed in one kind, over any number of clusters.

    A replacement of a cluster's rows `begins` before the rows of this batch and `completes` after them; between
    the two lie as many batches as it takes.
    """

    kind: str
    rows: list[Row] = field(default_factory=list)
    removed: list[Key] = field(default_factory=list)
    begins: list[str] = field(default_factory=list)
    completes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.removed)

    def only(self, clusters: Collection[str]) -> Batch:
        """What is about `clusters`; all of it where none are named."""
        if not clusters:
            return self
        rows = [row for row in self.rows if row.cluster in clusters]
        removed = [key for key in self.removed if key[0] in clusters]
        begins, completes = (
            [name for name in names if name in clusters] for names in (self.begins, self.completes)
        )
        return Batch(self.kind, rows, removed, begins, completes)

    def apply(self, store: Store) -> None:
        """Take these changes over into `store`."""
        for cluster in self.begins:
            store.begin(self.kind, cluster)
        by_cluster: dict[str, dict[str, Row | None]] = {}
        for row in self.rows:
            by_cluster.setdefault(row.cluster, {})[row.uid] = row
        for cluster, uid in self.removed:
            by_cluster.setdefault(cluster, {})[uid] = None
        for cluster, rows in by_cluster.items():
            store.put(self.kind, cluster, rows)
        for cluster in self.completes:
            store.complete(self.kind, cluster)


@dataclass(slots=True)
class _Waiting:
    """What waits of one (kind, cluster). While `begins` is set nothing of the replacement was handed out."""

    rows: dict[str, Row | None] = field(default_factory=dict)
    begins: bool = False
    completes: bool = False


class Outbox:
    """Pending changes by kind and cluster, merged by uid: its size is bounded by the number of objects."""

    def __init__(self) -> None:
        self._pending: dict[str, dict[str, _Waiting]] = {}

    def __bool__(self) -> bool:
        return bool(self._pending)

    def holds(self, cluster: str, kind: str = "") -> bool:
        """Whether something waits for `cluster`: of `kind`, or of any."""
        if kind:
            return cluster in self._pending.get(kind, ())
        return any(cluster in clusters for clusters in self._pending.values())

    def begin(self, kind: str, cluster: str) -> None:
        """The rows put from now on until `complete` replace what the reader has; what waited is superseded."""
        self._pending.setdefault(kind, {})[cluster] = _Waiting(begins=True)

    def complete(self, kind: str, cluster: str) -> None:
        """The replacement of (kind, cluster) is whole with what was put until now."""
        self._waiting(kind, cluster).completes = True

    def put(self, kind: str, cluster: str, uid: str, row: Row | None) -> None:
        """Merge the state of one object into what waits; None when it is gone."""
        waiting = self._waiting(kind, cluster)
        if row is None and waiting.begins:
            waiting.rows.pop(uid, None)  # the reader never hears of it: the replacement drops it
        else:
            waiting.rows[uid] = row

    def drop(self, kind: str) -> None:
        """Forget what waits for `kind` (nobody reads it any more)."""
        self._pending.pop(kind, None)

    def drop_cluster(self, cluster: str) -> None:
        """Forget what waits for `cluster` (it is no member any more)."""
        for kind, clusters in list(self._pending.items()):
            clusters.pop(cluster, None)
            if not clusters:
                del self._pending[kind]

    def take(self, limit: int) -> Batch | None:
        """At most `limit` changes of the kind with the fewest rows waiting; None when all is told.

        Small kinds go first: the rows of a hundred clusters do not wait for a hundred thousand pods.
        """
        if not self._pending:
            return None
        kind = min(self._pending, key=self._size)
        clusters = self._pending[kind]
        batch = Batch(kind)
        while clusters and len(batch) < limit:
            cluster = next(iter(clusters))
            if self._take(clusters[cluster], cluster, limit - len(batch), batch):
                del clusters[cluster]
        if not clusters:
            del self._pending[kind]
        return batch

    def _size(self, kind: str) -> int:
        clusters = self._pending[kind]
        return sum(len(waiting.rows) for waiting in clusters.values())

    @staticmethod
    def _take(waiting: _Waiting, cluster: str, limit: int, batch: Batch) -> bool:
        """Move up to `limit` changes of one cluster into `batch`; whether nothing is left."""
        if waiting.begins:
            waiting.begins = False
            batch.begins.append(cluster)
        if len(waiting.rows) <= limit:
            taken, waiting.rows = waiting.rows, {}
        else:
            taken = {uid: waiting.rows.pop(uid) for uid in list(islice(waiting.rows, limit))}
        for uid, row in taken.items():
            if row is None:
                batch.removed.append((cluster, uid))
            else:
                batch.rows.append(row)
        if waiting.rows:
            return False
        if waiting.completes:
            batch.completes.append(cluster)
        return True

    def _waiting(self, kind: str, cluster: str) -> _Waiting:
        clusters = self._pending.setdefault(kind, {})
        waiting = clusters.get(cluster)
        if waiting is None:
            waiting = clusters[cluster] = _Waiting()
        return waiting
