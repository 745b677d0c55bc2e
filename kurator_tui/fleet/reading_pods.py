"""The pods of a node that is read: those the feeder watches, as they change; else one list of that node's alone.

Pods are watched everywhere but in members read through an aggregator that does not hold them, and where a user may
not watch them: there the node's own are asked for once, with each session of the reading.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.listing import list_pages
from kurator_tui.errors import ConsoleError
from kurator_tui.fleet.doors import Door
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.reading import HOSTED, Hosted, Which
from kurator_tui.store.store import Delta


class NodePods:
    """What runs on one node. `wake` is called when `take` has something to tell."""

    def __init__(
        self, hub: Hub, which: Which, wake: Callable[[], None], now: Callable[[], float] = time.time
    ) -> None:
        self._hub, self._which, self._wake, self._now = hub, which, wake, now
        self._listening: Callable[[], None] | None = None
        self._changed = False
        self._asked: list[PodRow] = []
        self._asked_at, self._trouble = 0.0, ""

    async def follow(self, through: Door) -> None:
        """Know them from now on; of anything but a node nothing."""
        if self._which.kind != NODE.id:
            return
        told = self._hub.store.told(self._which.cluster, POD.id)
        if told is not None and told.trustworthy:
            self._asked_at = 0.0
            if self._listening is None:
                self._listening = self._hub.store.listen(self._on_rows)
        else:
            self.stop()
            await self._ask(through)
        self._changed = True
        self._wake()

    def stop(self) -> None:
        """Listen to nothing any more."""
        if self._listening is not None:
            self._listening()
            self._listening = None

    def take(self) -> Iterator[Hosted]:
        """What is to be told now: all of them, in messages of `HOSTED` pods."""
        if not self._changed:
            return
        self._changed = False
        rows = self._asked if self._listening is None else self._watched()
        for at in range(0, len(rows) or 1, HOSTED):
            yield Hosted(rows[at : at + HOSTED], at == 0, self._asked_at, self._trouble)

    def _on_rows(self, kind: str, delta: Delta) -> None:
        if kind == POD.id and any(cluster == self._which.cluster for cluster, _uid in delta):
            self._changed = True
            self._wake()

    def _watched(self) -> list[PodRow]:
        rows = self._hub.store.rows(POD.id, self._which.cluster)
        return [row for row in rows if isinstance(row, PodRow) and row.node == self._which.name]

    async def _ask(self, through: Door) -> None:
        """One list of the node's pods; what is wrong with it is told instead."""
        path = ResourcePath("", "v1", "pods", True, frozenset(), prefix=through.prefix).collection(None)
        query = [("fieldSelector", f"spec.nodeName={self._which.name}")]
        decoder, rows = RowDecoder(POD, self._which.cluster), list[PodRow]()
        try:
            async with contextlib.aclosing(list_pages(through.connection, path, decoder, query=query)) as pages:
                async for page in pages:
                    rows += page.rows
        except ConsoleError as error:
            self._trouble = error.brief
        else:
            self._asked, self._trouble = rows, ""
        self._asked_at = self._now()
