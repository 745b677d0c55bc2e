"""The events of one object and of what it makes, watched while it is read, as changes for its reader."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.facts import Began, Changed, Fact, Listed, Lost, Resumed
from kurator_tui.api.reflector import reflect
from kurator_tui.errors import ConsoleError, Forbidden, Unauthorized
from kurator_tui.fleet.doors import Door
from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.reading import EVENTS, EVENTS_KEPT, LIVE, REFUSED, STALE, Happened, Kin, Which

CLUSTER_SCOPED = "default"
"""Namespace of the events of what has none."""


class Stand(Protocol):
    """Told how the events stand from now on."""

    def __call__(self, state: str, reason: str = "") -> None: ...


class ObjectEvents:
    """The events of the object and of what it makes, as changes since the last `take`."""

    def __init__(self, cluster: str, stand: Stand, wake: Callable[[], None]) -> None:
        self._cluster = cluster
        self._stand = stand
        self._wake = wake
        self._task: asyncio.Task[None] | None = None
        self._way: tuple[Door, Kin, Which] | None = None
        self._for: tuple[Door, str] | None = None
        self._kin: Kin | None = None
        self._known: dict[str, EventRow] = {}
        self._changed: dict[str, EventRow | None] = {}
        self._listing: set[str] | None = None
        self._anew = False

    async def follow(self, through: Door, uid: str, kin: Kin, which: Which) -> None:
        """Watch those of the object `uid` from now on, unless they are watched."""
        self._way = (through, kin, which)
        if self._for == (through, uid) and self._task is not None and not self._task.done():
            return
        await self.stop()
        self._begin(uid)

    def renamed(self, uid: str) -> None:
        """Another object has the name now."""
        if self._task is not None:
            self._task.cancel()
        self._known.clear()
        self._changed.clear()
        self._anew = True
        self._begin(uid)

    async def stop(self) -> None:
        """Watch nothing any more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _begin(self, uid: str) -> None:
        if self._way is None:
            return
        through, kin, which = self._way
        self._kin, self._for = kin, (through, uid)
        selector = f"involvedObject.uid={uid}" if uid and kin.alone else ""
        if which.kind == "nodes":  # kubelets name a node by its name where others have its uid
            selector = f"involvedObject.kind=Node,involvedObject.name={which.name}"
        self._task = asyncio.create_task(self._read(through, which, selector))

    async def _read(self, through: Door, which: Which, selector: str) -> None:
        path = ResourcePath("", "v1", "events", True, frozenset(), prefix=through.prefix)
        decoder = RowDecoder(EVENT, self._cluster)
        try:
            await reflect(
                through.connection,
                path,
                decoder,
                self._take,
                namespace=which.namespace or CLUSTER_SCOPED,
                field_selector=selector or None,
                watch_list=False,
            )
        except ConsoleError as error:
            self._stand(REFUSED, error.brief)

    def _take(self, fact: Fact) -> None:
        match fact:
            case Began():
                self._listing = set()
            case Changed(rows):
                for uid, row in rows.items():
                    self._put(uid, row if isinstance(row, EventRow) else None)
            case Listed():
                for uid in self._known.keys() - (self._listing or set()):
                    self._put(uid, None)
                self._listing = None
                self._stand(LIVE)
            case Resumed():
                self._stand(LIVE)
            case Lost(error):
                refused = isinstance(error, Forbidden | Unauthorized)
                self._stand(REFUSED if refused else STALE, error.brief)
            case _:
                pass

    def _put(self, uid: str, row: EventRow | None) -> None:
        if row is not None and (self._kin is None or not self._kin.holds(row)):
            return
        if row is None and uid not in self._known:
            return
        if self._listing is not None and row is not None:
            self._listing.add(uid)
        if row is None:
            del self._known[uid]
        else:
            self._known[uid] = row
        self._changed[uid] = row
        if len(self._known) > EVENTS_KEPT:
            oldest = min(self._known.values(), key=lambda each: each.last_seen).uid
            self._known.pop(oldest)
            self._changed[oldest] = None
        self._wake()

    def take(self) -> list[Happened]:
        """What is new since the last call, as messages."""
        changed, self._changed = self._changed, {}
        anew, self._anew = self._anew, False
        rows = [row for row in changed.values() if row is not None]
        gone = [uid for uid, row in changed.items() if row is None]
        parts = [rows[at : at + EVENTS] for at in range(0, len(rows), EVENTS)] or ([[]] if gone or anew else [])
        return [Happened(part, gone if at == 0 else [], anew and at == 0) for at, part in enumerate(parts)]
