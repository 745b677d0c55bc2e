"""One object of one member, live: a GET, then a watch of that name alone, never a list; and its events.

    ObjectReading.run        sends what is known; ends when nothing can ever be known
    ObjectReading._follow    when it breaks, say so, wait, go on
    ObjectReading._session   one GET and the watches that go on from it

The object's bytes are kept only until they are sent, masked. An object that was deleted is waited for: another one
of its name is shown in its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from kurator_tui.api.backoff import Backoff, Clock, SystemClock
from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.failures import not_kubernetes
from kurator_tui.api.watch import Cursor, WatchSettings, Word, watch_once
from kurator_tui.errors import ApiError, ConsoleError, Expired, Forbidden, NotFound, Unauthorized, UsageError
from kurator_tui.fleet.doors import Door, door
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.reading_events import ObjectEvents
from kurator_tui.fleet.reading_pods import NodePods
from kurator_tui.kinds.base import HEALTHY, AnyKind, Kind, Row
from kurator_tui.kinds.decode import RowDecoder, WatchEvent
from kurator_tui.kinds.links import kind_named
from kurator_tui.kinds.masking import masked
from kurator_tui.kinds.meta import Projection, SlimMeta
from kurator_tui.kinds.reading import (
    DELETED,
    LIVE,
    PART,
    REFUSED,
    STALE,
    Kin,
    Owned,
    Standing,
    Told,
    Version,
    Which,
    encode,
)
from kurator_tui.kinds.registry import KINDS

PACE = 0.1
"""Seconds between two rounds of messages: an object that changes more often is told less often."""
MOST_OWNERS = 6
"""Owners of owners that are followed."""


def locate(hub: Hub, which: Which) -> tuple[Door, ResourcePath, AnyKind]:
    """The way to the cluster, and where it serves the kind. Raises ConsoleError."""
    kind = KINDS.get(which.kind)
    if kind is None or kind.derived:
        raise UsageError(f"{which.kind} has no object of its own")
    through = door(hub, which.cluster)
    served = hub.links[which.cluster].served
    if served is None:
        raise UsageError(f"{which.cluster} is not connected")
    path = served.resolve(kind)
    if path is None:
        raise NotFound(f"{which.cluster} does not serve {kind.id}")
    return through, path, kind


async def fetch(hub: Hub, which: Which, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The whole object, nothing masked; `headers` may impersonate. Raises ConsoleError."""
    through, path, _kind = locate(hub, which)
    item = through.prefix + path.item(which.namespace or None, which.name)
    answer = await through.connection.request("GET", item, headers=headers)
    return mapping(answer.body, through.connection.server)


def mapping(body: bytes, server: str) -> dict[str, Any]:
    """`body` as a JSON object. Raises ConsoleError when it is anything else."""
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if isinstance(decoded := msgspec.json.decode(body), dict):
            return decoded
    raise not_kubernetes(server, "no object")


def controller(obj: dict[str, Any]) -> dict[str, Any] | None:
    """The owner reference that controls `obj`, or None."""
    meta = obj.get("metadata")
    references = meta.get("ownerReferences") if isinstance(meta, dict) else None
    for each in references if isinstance(references, list) else ():
        if isinstance(each, dict) and each.get("controller") is True:
            return each
    return None


class _Named(Projection):
    metadata: SlimMeta = msgspec.field(default_factory=SlimMeta)


class _Seen(Row, frozen=True, gc=False, array_like=True):
    """An object's identity with its bytes."""

    version: str = ""
    body: bytes = b""


def _seen(cluster: str, obj: _Named) -> _Seen:
    meta = obj.metadata
    return _Seen(cluster, meta.namespace or "", meta.name, meta.uid, 0.0, meta.resource_version)


WHOLE: Kind[_Named, _Seen] = Kind(
    id="whole objects",
    name="Object",
    row=_Seen,
    projection=_Named,
    project=_seen,
    health=lambda _row: HEALTHY,
    columns=(),
)
"""How an object that is read as a whole is decoded; no screen knows this kind."""


class _Envelope(msgspec.Struct):
    object: msgspec.Raw


class _WholeDecoder(RowDecoder[_Named, _Seen]):
    """Rows that keep their bytes."""

    def row(self, raw: bytes | msgspec.Raw) -> _Seen:
        return msgspec.structs.replace(super().row(raw), body=bytes(raw))

    def event(self, line: bytes) -> WatchEvent:
        event = super().event(line)
        if event.row is not None and event.type != "DELETED":
            event.row = msgspec.structs.replace(
                event.row, body=bytes(msgspec.json.decode(line, type=_Envelope).object)
            )
        return event


class ObjectReading:
    """Reads one object for one reader. `send` takes messages of `kinds.reading`, and may wait."""

    def __init__(
        self,
        hub: Hub,
        which: Which,
        send: Callable[[bytes], Awaitable[None]],
        *,
        managed: bool = False,
        alone: bool = False,
        salt: str = "",
        now: Callable[[], float] = time.time,
        clock: Clock | None = None,
    ) -> None:
        self._hub = hub
        self._which = which
        self._send = send
        self._managed = managed
        """Whether managedFields are told."""
        self._alone = alone
        """Whether neither events, owners nor pods are read."""
        self._salt = salt
        """Of what stands for secret values, see `kinds.masking`."""
        self._now = now
        self._clock = clock or SystemClock()
        self._backoff = Backoff()
        self._decoder = _WholeDecoder(WHOLE, which.cluster)
        self._wake = asyncio.Event()
        self._body = b""
        """The newest version that was not sent."""
        self._uid = ""
        self._standings: list[Standing] = []
        self._told: dict[bool, tuple[str, str]] = {}
        """Of the object, of its events: the state and reason told last."""
        self._refused = False
        """Whether the object may be read but not watched."""
        self._events = ObjectEvents(which.cluster, self._stand_events, self.wake)
        self._pods = NodePods(hub, which, self.wake, now)
        self._owner = ""
        """Uid of the owner whose chain was followed last."""
        self._owners: Owned | None = None
        """The chain that was not told."""
        self._climbing: asyncio.Task[None] | None = None

    # -- out --------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send what is known until cancelled. Raises ConsoleError where the object was never seen."""
        following = asyncio.create_task(self._follow())
        following.add_done_callback(lambda _task: self._wake.set())
        try:
            while not following.done():
                await self._wake.wait()
                self._wake.clear()
                await self._flush()
                await self._clock.sleep(PACE)
            await self._flush()
            following.result()
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await self._events.stop()
            self._pods.stop()
            if self._climbing is not None:
                self._climbing.cancel()
                await asyncio.gather(self._climbing, return_exceptions=True)

    async def _flush(self) -> None:
        body, self._body = self._body, b""
        if body:
            for part in self._parts(body):
                await self._tell(part)
        standings, self._standings = self._standings, []
        for standing in standings:
            await self._tell(standing)
        owners, self._owners = self._owners, None
        if owners is not None:
            await self._tell(owners)
        for happened in self._events.take():
            await self._tell(happened)
        for hosted in self._pods.take():
            await self._tell(hosted)

    async def _tell(self, told: Told) -> None:
        await self._send(encode(told))

    def _parts(self, body: bytes) -> list[Version]:
        """A version as messages: masked, without managedFields unless they are wanted."""
        whole = mapping(body, self._which.cluster)
        self._climb(whole)
        meta = whole.get("metadata")
        fields = meta.get("managedFields") if isinstance(meta, dict) else None
        kind = KINDS[self._which.kind]
        if not isinstance(whole.get("kind"), str):  # what a Secret is must not hang on a server's word
            whole["kind"] = kind.name
        data = msgspec.json.encode(masked(whole, self._salt, managed=self._managed))
        count = len(fields) if isinstance(fields, list) else 0
        size = len(msgspec.json.encode(fields)) if count else 0
        pieces = [data[at : at + PART] for at in range(0, len(data), PART)]
        return [Version(piece, at == len(pieces) - 1, count, size) for at, piece in enumerate(pieces)]

    def _climb(self, whole: dict[str, Any]) -> None:
        """Follow the owners, unless that was done."""
        first = controller(whole)
        uid = str(first.get("uid", "")) if first is not None else ""
        if uid == self._owner or self._alone:
            return
        self._owner = uid
        if self._climbing is not None:
            self._climbing.cancel()
        self._climbing = asyncio.create_task(self._follow_owners(whole))

    async def _follow_owners(self, whole: dict[str, Any]) -> None:
        """Owner by owner, one GET each, until there is none or it cannot be read."""
        chain: list[tuple[str, str]] = []
        reference = controller(whole)
        while reference is not None and len(chain) < MOST_OWNERS:
            chain.append((str(reference.get("kind", "")), str(reference.get("name", ""))))
            self._owners = Owned(list(chain))
            self.wake()
            kind = kind_named(str(reference.get("apiVersion", "")), chain[-1][0])
            if kind is None:
                return
            namespace = self._which.namespace if kind.namespaced else ""
            try:
                owner = await fetch(self._hub, Which(self._which.cluster, kind.id, namespace, chain[-1][1]))
            except NotFound:
                chain[-1] = (chain[-1][0], f"{chain[-1][1]} (gone)")
                self._owners = Owned(chain)
                self.wake()
                return
            except ConsoleError:
                return
            reference = controller(owner)

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def stand(self, state: str, reason: str = "", *, events: bool = False) -> None:
        """The object, or its events, stand so from now on."""
        if self._told.get(events) != (state, reason):
            self._told[events] = (state, reason)
            self._standings.append(Standing(state, self._now(), reason, events))
            self.wake()

    def _stand_events(self, state: str, reason: str = "") -> None:
        self.stand(state, reason, events=True)

    # -- in ---------------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        if self._which.cluster not in self._hub.links:
            raise UsageError(f"{self._which.cluster} is no member")
        while True:
            try:
                await self._session()
            except ConsoleError as error:
                if not self._uid and isinstance(error, ApiError) and _permanent(error):
                    raise
                delay = self._failed(error)
            await self._clock.sleep(delay)

    def _failed(self, error: ConsoleError) -> float:
        """Say what is wrong; the seconds until the next try."""
        if isinstance(error, Expired):
            return self._backoff.next()
        if isinstance(error, NotFound) and self._uid:
            self.stand(DELETED, "it was deleted")
            return self._backoff.slow()
        self._refused = _permanent(error)
        self.stand(REFUSED if self._refused else STALE, error.brief)
        return self._backoff.slow() if self._refused else self._backoff.next()

    async def _session(self) -> None:
        """From one GET to the error by which it has to be read again."""
        which = self._which
        through, path, kind = locate(self._hub, which)
        namespace = which.namespace or None
        answer = await through.connection.request("GET", through.prefix + path.item(namespace, which.name))
        mapping(answer.body, through.connection.server)
        seen = self._decoder.row(answer.body)
        self._show(seen)
        if not self._refused:
            self.stand(LIVE)
        if not self._alone:
            await self._events.follow(through, seen.uid, Kin(which, kind.name), which)
            await self._pods.follow(through)
        cursor = Cursor(seen.version)
        query = [("fieldSelector", f"metadata.name={which.name}")]
        while True:
            await watch_once(
                through.connection,
                through.prefix + path.collection(namespace),
                self._decoder,
                cursor,
                self,
                query=query,
                settings=WatchSettings(),
                clock=self._clock,
                rng=self._backoff.rng,
            )

    def _show(self, seen: _Seen) -> None:
        self._body, self._uid = seen.body, seen.uid
        self.wake()

    def rows(self, rows: dict[str, Row | None]) -> None:
        """What one read of the watch brought."""
        self._watched()
        shown = [row for row in rows.values() if isinstance(row, _Seen)]
        if not shown:
            self.stand(DELETED, "it was deleted")
            return
        anew = shown[-1].uid != self._uid
        self._show(shown[-1])
        self.stand(LIVE)
        if anew and not self._alone:
            self._events.renamed(shown[-1].uid)

    def word(self, word: Word) -> None:
        """The watch is open, or brought a bookmark."""
        self._watched()

    def _watched(self) -> None:
        self._backoff.reset()
        if self._refused:
            self._refused = False
            self.stand(LIVE)


def _permanent(error: ConsoleError) -> bool:
    denied = isinstance(error, Unauthorized | Forbidden | NotFound)
    return denied or (isinstance(error, ApiError) and error.code == 405)
