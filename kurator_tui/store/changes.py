"""Change sets, and the outbox that merges them while a reader is slower than the cluster."""

from __future__ import annotations

from dataclasses import dataclass, field

from kurator_tui.kinds.base import Row


@dataclass(slots=True)
class Changes:
    """What changed in one (kind, cluster). With `replaced`, `upserted` is everything there is."""

    kind: str
    cluster: str
    upserted: list[Row] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    """uids"""
    replaced: bool = False

    def __bool__(self) -> bool:
        return bool(self.replaced or self.upserted or self.removed)


class Outbox:
    """Pending changes by (kind, cluster), merged by uid: its size is bounded by the number of objects.

    `take` hands out about `limit` rows, oldest (kind, cluster) first; the rest waits. A replacement
    is never cut, or what it does not hold yet would look gone.
    """

    def __init__(self) -> None:
        self._pending: dict[tuple[str, str], tuple[dict[str, Row | None], bool]] = {}

    def __bool__(self) -> bool:
        return bool(self._pending)

    def put(self, changes: Changes) -> None:
        """Merge `changes` into what waits."""
        key = (changes.kind, changes.cluster)
        rows, replaced = ({}, True) if changes.replaced else self._pending.get(key, ({}, False))
        for uid in changes.removed:
            rows[uid] = None
        for row in changes.upserted:
            rows[row.uid] = row
        if replaced:
            for uid in [uid for uid, row in rows.items() if row is None]:
                del rows[uid]
        if rows or replaced:
            self._pending[key] = (rows, replaced)

    def drop(self, kind: str) -> None:
        """Forget what waits for `kind` (nobody reads it any more)."""
        for key in [key for key in self._pending if key[0] == kind]:
            del self._pending[key]

    def drop_cluster(self, cluster: str) -> None:
        """Forget what waits for `cluster` (it is no member any more)."""
        for key in [key for key in self._pending if key[1] == cluster]:
            del self._pending[key]

    def take(self, limit: int) -> list[Changes]:
        """About `limit` rows of pending changes."""
        taken: list[Changes] = []
        for key in list(self._pending):
            if limit <= 0:
                break
            rows, replaced = self._pending.pop(key)
            if len(rows) > limit and not replaced:
                tail = dict(list(rows.items())[limit:])
                rows = dict(list(rows.items())[:limit])
                self._pending[key] = (tail, False)
            limit -= max(1, len(rows))
            upserted = [row for row in rows.values() if row is not None]
            removed = [uid for uid, row in rows.items() if row is None]
            taken.append(Changes(key[0], key[1], upserted, removed, replaced))
        return taken
