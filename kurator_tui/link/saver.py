"""Leaves the last known rows to the next start: when the console ends, and at most once a minute before.

Rows are encoded in slices between which the screen has its turns; the file is written in a thread. A disk that is
full or read-only costs one line in the log, and the end of the console does not wait for one that hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TypeGuard

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.forwards import FORWARDS
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview
from kurator_tui.link.remembered import Keeper, Remembered
from kurator_tui.store.freshness import State
from kurator_tui.store.saved import Collector, Table, pack
from kurator_tui.store.store import Store

_LOG = logging.getLogger(__name__)

INTERVAL = 60.0
"""Seconds between two savings while the console runs."""
PATIENCE = 2.0
"""Seconds the end of the console waits for the last saving."""


class Saver:
    """Saves the rows of `store`, and what `remembered` still holds, with `keeper`; without one nothing happens."""

    def __init__(
        self, store: Store, remembered: Remembered, keeper: Keeper | None, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._remembered = remembered
        self._keeper = keeper
        self._clock = clock
        self._heard = False
        """Whether this session learned anything."""
        self._changed = False
        self._failed = False
        self._saving = asyncio.Lock()

    def changed(self) -> None:
        """There is something that is not saved yet."""
        self._heard = self._changed = True

    async def run(self, interval: float = INTERVAL) -> None:
        """Save every `interval` seconds if something changed, until cancelled."""
        while True:
            await asyncio.sleep(interval)
            if self._changed:
                await self.save()

    async def save(self) -> None:
        """Save now, unless this session learned nothing."""
        keeper = self._keeper
        if keeper is None or not self._heard:
            return
        async with self._saving:
            self._changed = False
            pieces = await self._pieces()
            if not pieces:
                return
            try:
                await beside(lambda: keeper.write(pieces))
            except OSError as error:
                if not self._failed:
                    self._failed = True
                    _LOG.warning("the last known rows cannot be kept: %s", error)

    async def last(self) -> None:
        """Save a last time, or give up after `PATIENCE`."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self.save()
        except TimeoutError:
            _LOG.warning("the last known rows were not kept: not written within %g s", PATIENCE)

    async def _pieces(self) -> list[bytes | memoryview]:
        """The whole file; empty when there are no rows. What is forwarded ends with the console."""
        from kurator_tui.kinds.registry import KINDS  # as in `Remembered.run`

        collector = Collector()
        for kind in sorted((kind for kind in KINDS.values() if kind is not FORWARDS), key=self._weight):
            for _ in collector.add(kind, self._tables(kind), self._remembered.parts(kind)):
                await asyncio.sleep(0)
        if collector.left_out:
            _LOG.info("too many rows to keep: %s", ", ".join(collector.left_out))
        if not collector.parts:
            return []
        kept = {part.kind for part in collector.parts}
        return pack(self._remembered.about, collector.parts, [KINDS[id] for id in sorted(kept)])

    def _weight(self, kind: AnyKind) -> tuple[bool, int]:
        """What is saved first: the overviews, then small kinds before large ones."""
        return kind.id not in (FLEETS.id, CLUSTERS.id), self._store.count(kind.id)

    def _tables(self, kind: AnyKind) -> list[Table]:
        """This session's rows of `kind`, where they are complete."""
        now = self._clock()
        tables: list[Table] = []
        for cluster in self._store.clusters(kind.id):
            since = self._since(kind, cluster, now)
            if since is not None and (rows := list(self._store.rows(kind.id, cluster))):
                tables.append(Table(cluster, since, rows))
        return tables

    def _since(self, kind: AnyKind, cluster: str, now: float) -> float | None:
        """When the rows of a cluster were last true; None when they are not this session's, or not all."""
        place = (kind.id, cluster)
        if self._remembered.holds(place) or place in self._remembered.open:
            return None
        if kind.id == CLUSTERS.id:  # the row is about the state too: it is true in every state
            rows = self._store.rows(kind.id, cluster)
            return min((row.since for row in rows if _stale(row)), default=now)
        freshness = self._store.freshness(cluster, kind.id)
        if freshness.state is State.STALE:
            return freshness.since
        return now if freshness.state is State.LIVE else None


async def beside(work: Callable[[], None]) -> None:
    """Run `work` in a thread that the end of the process does not wait for. Raises what it raises."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def tell(error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        failure: BaseException | None = None
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised where it is awaited
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(tell, failure)

    threading.Thread(target=run, name="rows", daemon=True).start()
    await done


def _stale(row: Row) -> TypeGuard[ClusterOverview]:
    return isinstance(row, ClusterOverview) and row.state == State.STALE
