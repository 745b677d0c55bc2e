"""From the store to the console: merged, batched each 100 ms, and only as fast as the console acknowledges.

Rows of a subscription wait in an `Outbox` (merged by uid, so bounded by the number of objects), freshness in a
dict. A `live` freshness is held back until the rows it vouches for are on their way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kurator_tui.kinds.base import Row
from kurator_tui.link import messages as m
from kurator_tui.link.framing import encode_rows, frame
from kurator_tui.store.changes import Changes, Outbox
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Delta, Store

BATCH_INTERVAL = 0.1
"""Seconds between two batches."""
BATCH_ROWS = 2000
WINDOW = 4
"""Batches that may be unacknowledged."""


class Outgoing:
    """Everything on its way to one console."""

    def __init__(self, store: Store, writer: asyncio.StreamWriter) -> None:
        self._store = store
        self._writer = writer
        self._outbox = Outbox()
        self._freshness: dict[tuple[str, str], Freshness] = {}
        self._subscriptions: dict[str, frozenset[str]] = {}
        self._wake = asyncio.Event()
        self._sent = 0
        self._acknowledged = 0
        self._announced = False
        store.listen(self._on_rows)
        store.listen_freshness(self._on_freshness)

    def subscribe(self, kind: str, clusters: frozenset[str]) -> None:
        """Send all rows of `kind`, now and whenever they change."""
        self._subscriptions[kind] = clusters
        for cluster in self._store.clusters(kind):
            if not clusters or cluster in clusters:
                rows = list(self._store.rows(kind, cluster))
                self._outbox.put(Changes(kind, cluster, upserted=rows, replaced=True))
        for cluster, known, freshness in self._store.freshness_items():
            if known in ("", kind):
                self._freshness[(cluster, known)] = freshness
        self._announced = False
        self._wake.set()

    def unsubscribe(self, kind: str) -> None:
        """Stop sending `kind`."""
        self._subscriptions.pop(kind, None)
        self._outbox.drop(kind)

    @property
    def subscribed(self) -> set[str]:
        """Kinds the console reads."""
        return set(self._subscriptions)

    def acknowledge(self, batch: int) -> None:
        """The console applied everything up to `batch`."""
        self._acknowledged = max(self._acknowledged, batch)
        self._wake.set()

    def send(self, message: m.Message) -> None:
        """Send a message that is not rows, at once."""
        self._writer.write(frame(message))

    def nudge(self) -> None:
        """Something `run` waits for may have changed."""
        self._wake.set()

    async def run(self, synced: Callable[[], bool]) -> None:
        """Send until cancelled. `synced` says whether the first sync is complete."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._flush()
            if not self._announced and self._subscriptions and not self._outbox and synced():
                self._announced = True
                self.send(m.FirstSyncDone())
            await self._writer.drain()
            await asyncio.sleep(BATCH_INTERVAL)
            if self._freshness or (self._outbox and self._sent - self._acknowledged < WINDOW):
                self._wake.set()

    def _flush(self) -> None:
        if self._sent - self._acknowledged < WINDOW:
            for changes in self._outbox.take(BATCH_ROWS):
                self._sent += 1
                self._writer.write(frame(_rows_changed(self._sent, changes)))
        for key, freshness in list(self._freshness.items()):
            if freshness.state is State.LIVE and self._outbox:
                continue
            del self._freshness[key]
            self.send(m.FreshnessChanged(*key, freshness.state.value, freshness.since, freshness.reason))

    def _on_rows(self, kind: str, delta: Delta) -> None:
        clusters = self._subscriptions.get(kind)
        if clusters is None:
            return
        by_cluster: dict[str, tuple[list[Row], list[str]]] = {}
        for (cluster, uid), row in delta.items():
            if not clusters or cluster in clusters:
                upserted, removed = by_cluster.setdefault(cluster, ([], []))
                if row is None:
                    removed.append(uid)
                else:
                    upserted.append(row)
        for cluster, (upserted, removed) in by_cluster.items():
            self._outbox.put(Changes(kind, cluster, upserted, removed))
        self._wake.set()

    def _on_freshness(self, cluster: str, kind: str, freshness: Freshness) -> None:
        if kind == "" or kind in self._subscriptions:
            self._freshness[(cluster, kind)] = freshness
        self._wake.set()


def _rows_changed(batch: int, changes: Changes) -> m.RowsChanged:
    return m.RowsChanged(
        batch,
        changes.kind,
        changes.cluster,
        encode_rows(changes.upserted),
        tuple(changes.removed),
        changes.replaced,
    )
