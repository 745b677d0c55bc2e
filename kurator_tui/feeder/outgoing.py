"""From the store to the console: merged, batched each 100 ms, and only as fast as the console acknowledges.

Rows of a subscription wait in an `Outbox` (merged by uid, so bounded by the number of objects), freshness in a
dict. A `live` freshness is held back until the rows it vouches for are on their way.

The console may hold rows of an earlier feeder, so the first rows of each (kind, cluster) begin a replacement; it
completes as soon as the cluster was listed or cannot be, even with no row at all, and not before. Rows are sent as
they come meanwhile: a hundred thousand pods do not wait for their last page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kurator_tui import memory
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.table import without_parts
from kurator_tui.link import messages as m
from kurator_tui.link.framing import encode_rows, frame
from kurator_tui.store.changes import Batch, Outbox
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Delta, Store

BATCH_INTERVAL = 0.1
"""Seconds between two batches, unless the console asks for another pace."""
SLICE = 500
"""Rows a message: what the console applies between two turns of its screen."""
BACKLOG = 2**16
"""Unread bytes from which on what only tells that all is well is left out."""
WINDOW = 24
"""Messages with rows that may be unacknowledged: about 2 MB of pods."""
SETTLED = (State.LIVE, State.ABSENT, State.UNREAD, State.FORBIDDEN)
"""States in which the store's rows are all there are."""
ANSWERING = (State.LIVE, State.FORBIDDEN)


class Outgoing:
    """Everything on its way to one console."""

    def __init__(
        self, store: Store, writer: asyncio.StreamWriter, is_member: Callable[[str], bool] = lambda _cluster: True
    ) -> None:
        self.interval = BATCH_INTERVAL
        """Seconds between two batches."""
        self._store = store
        self._writer = writer
        self._is_member = is_member
        self._outbox = Outbox()
        self._freshness: dict[tuple[str, str], Freshness] = {}
        self._subscriptions: dict[str, frozenset[str]] = {}
        self._begun: set[tuple[str, str]] = set()
        """(kind, cluster) whose first replacement was begun."""
        self._open: set[tuple[str, str]] = set()
        """(kind, cluster) whose first replacement is not complete."""
        self._forgotten: set[str] = set()
        self._hidden: set[str] = set()
        self._host_answers = False
        self._cost: m.Costed | None = None
        self._answering = asyncio.Lock()
        self._wake = asyncio.Event()
        self._sent = 0
        self._acknowledged = 0
        self._announced = False
        store.defer(self._wake.set)
        store.listen(self._on_rows)
        store.listen_freshness(self._on_freshness)

    # -- what is read -------------------------------------------------------------------------------------------

    def hide(self, cluster: str) -> None:
        """Never speak of `cluster`: another feeder does."""
        self._hidden.add(cluster)

    def subscribe(self, kind: str, clusters: frozenset[str]) -> None:
        """Send all rows of `kind`, now and whenever they change; again, only those of clusters that are new."""
        self._store.flush()
        self._subscriptions[kind] = clusters
        self._begun = {key for key in self._begun if key[0] != kind or self._reads(*key)}
        self._open &= self._begun
        for cluster in self._store.clusters(kind):
            if self._store.count(kind, cluster):
                self._begin(kind, cluster)
        for cluster, known, freshness in list(self._store.freshness_items()):
            if known in ("", kind):
                self._on_freshness(cluster, known, freshness)
        self._announced = False
        self._wake.set()

    def unsubscribe(self, kind: str) -> None:
        """Stop sending `kind`."""
        self._subscriptions.pop(kind, None)
        self._outbox.drop(kind)
        self._begun = {key for key in self._begun if key[0] != kind}
        self._open &= self._begun

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more: nothing about it is sent until it is one again."""
        self._forgotten.add(cluster)
        self._store.flush()
        self._outbox.drop_cluster(cluster)
        self._begun = {key for key in self._begun if key[1] != cluster}
        self._open &= self._begun
        self._freshness = {key: freshness for key, freshness in self._freshness.items() if key[0] != cluster}
        self.send(m.ClusterForgotten(cluster))

    @property
    def subscribed(self) -> set[str]:
        """Kinds the console reads."""
        return set(self._subscriptions)

    # -- sending ------------------------------------------------------------------------------------------------

    def acknowledge(self, batch: int) -> None:
        """The console applied everything up to `batch`."""
        self._acknowledged = max(self._acknowledged, batch)
        self._wake.set()

    def send(self, message: m.Message) -> None:
        """Send a message that is not rows, at once: for small and rare ones, nothing bounds them."""
        self._writer.write(frame(message))

    def beat(self) -> None:
        """Tell the console that the loop turns; left out while the console itself does not read."""
        if self._reading:
            self.send(m.Pulsed())

    async def answer(self, answer: m.Answered) -> None:
        """Send an answer once the console has read what went before; raises ConnectionError when it is gone."""
        async with self._answering:
            await self._writer.drain()
            self.send(answer)

    def cost(self, cost: m.Costed) -> None:
        """Send what the feeder spends with the next batch; only the last one counts."""
        self._cost = cost
        self._wake.set()

    def nudge(self) -> None:
        """Something `run` waits for may have changed."""
        self._wake.set()

    async def run(self, synced: Callable[[], bool]) -> None:
        """Send until cancelled. `synced` says whether the first sync is complete."""
        loop = asyncio.get_running_loop()
        due = 0.0
        while True:
            await self._wake.wait()
            self._wake.clear()
            collected = loop.time() >= due
            if collected:
                due = loop.time() + self.interval
                self._store.flush()
            self._flush()
            told = collected and not self._outbox  # else the store may hold rows that nobody was sent
            if not self._announced and self._subscriptions and told and synced():
                self._announced = True
                self.send(m.FirstSyncDone())
                memory.settle()
            if not self._outbox:  # else the console's acknowledgements set the pace
                await asyncio.sleep(max(0.0, due - loop.time()))
                if self._freshness or not collected:  # else what came since the last round waits for the next
                    self._wake.set()

    @property
    def _reading(self) -> bool:
        """Whether the console reads what it is sent."""
        return self._writer.transport.get_write_buffer_size() < BACKLOG

    @property
    def _open_window(self) -> bool:
        return self._sent - self._acknowledged < WINDOW

    def _flush(self) -> None:
        if self._cost is not None and self._reading:
            self.send(self._cost)
            self._cost = None
        while self._open_window and (batch := self._outbox.take(SLICE)) is not None:
            self._sent += 1
            self._writer.write(frame(_rows_changed(self._sent, batch)))
        if not self._reading:
            return
        for (cluster, kind), freshness in list(self._freshness.items()):
            if freshness.state is State.LIVE and self._outbox and self._outbox.holds(cluster, kind):
                continue
            del self._freshness[(cluster, kind)]
            self.send(m.FreshnessChanged(cluster, kind, freshness.state.value, freshness.since, freshness.reason))

    # -- what changes -------------------------------------------------------------------------------------------

    def _reads(self, kind: str, cluster: str) -> bool:
        clusters = self._subscriptions.get(kind)
        return clusters is not None and (not clusters or cluster in clusters) and not self._left(cluster)

    def _left(self, cluster: str) -> bool:
        """Whether nothing is to be said of `cluster`: it was forgotten and its link still ends, or is not ours."""
        if cluster in self._forgotten and self._is_member(cluster):
            self._forgotten.discard(cluster)
        return cluster in self._forgotten or cluster in self._hidden

    def _begin(self, kind: str, cluster: str) -> None:
        """Put all rows the store has, unless that was done."""
        if (kind, cluster) not in self._begun and self._reads(kind, cluster):
            self._begun.add((kind, cluster))
            self._open.add((kind, cluster))
            self._outbox.begin(kind, cluster)
            for row in self._store.rows(kind, cluster):
                self._outbox.put(kind, cluster, row.uid, row)

    def _complete(self, kind: str, cluster: str) -> None:
        """The store knows all of (kind, cluster): so will the console with what was put until now."""
        self._begin(kind, cluster)
        if (kind, cluster) in self._open:
            self._open.discard((kind, cluster))
            self._outbox.complete(kind, cluster)

    def _on_rows(self, kind: str, delta: Delta) -> None:
        if kind not in self._subscriptions:
            return
        begun, outbox = self._begun, self._outbox
        left: dict[str, bool] = {}
        for (cluster, uid), row in delta.items():
            if (kind, cluster) not in begun:
                self._begin(kind, cluster)
                continue
            if cluster not in left:
                left[cluster] = not self._reads(kind, cluster)
            if not left[cluster]:
                outbox.put(kind, cluster, uid, row)

    def _on_freshness(self, cluster: str, kind: str, freshness: Freshness) -> None:
        if self._left(cluster) or (kind != "" and not self._reads(kind, cluster)):
            return
        if kind != "" and freshness.state in SETTLED:
            self._store.flush()
            self._complete(kind, cluster)
        self._freshness[(cluster, kind)] = freshness
        if (cluster, kind) == (HOST, ""):
            answers = freshness.state in ANSWERING
            if answers and not self._host_answers:
                self._announced = False  # only now are the members known: say when they are synced
            self._host_answers = answers
        self._wake.set()


def _rows_changed(batch: int, changes: Batch) -> m.RowsChanged:
    return m.RowsChanged(
        batch,
        changes.kind,
        encode_rows(without_parts(KINDS[changes.kind], changes.rows)),
        tuple(changes.removed),
        tuple(changes.begins),
        tuple(changes.completes),
    )
