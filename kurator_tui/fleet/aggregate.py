"""Members read through their fleet's Karmada control plane: one watch a kind for all of them.

A fleet too large for a connection to each member is read from what aggregates it already: karmada-search caches
the members' objects and serves them merged, each with the name of its cluster in an annotation. What is known of a
member is then as true as that cache: a member that Karmada itself cannot reach is stale, since Karmada said so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kurator_tui.api.connection import Connection, Response
from kurator_tui.api.discovery import Served, discover
from kurator_tui.api.facts import Began, Changed, Fact, Listed, Lost, Resumed
from kurator_tui.api.listing import list_pages
from kurator_tui.api.metadata import METADATA, OBJECTS
from kurator_tui.api.reflector import reflect
from kurator_tui.errors import ConsoleError, NotInstalled
from kurator_tui.fleet.health import Contact, Facts, mistake
from kurator_tui.fleet.member import CONNECT_DELAYS
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.merged import MergedDecoder
from kurator_tui.fleet.pace import Gates
from kurator_tui.kinds.arranging import same_rows
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.karmada import (
    KARMADA_CLUSTER,
    RESOURCE_REGISTRY,
    KarmadaClusterRow,
    ResourceRegistryRow,
)
from kurator_tui.kinds.kurator import FleetRow
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

_LOG = logging.getLogger(__name__)

PROXY = "/apis/search.karmada.io/v1alpha1/proxying/karmada/proxy"
"""Below it karmada-search serves the members' resources merged."""
MERGED = "karmada-search"
"""How `via` begins of members that are read so: nobody asks them themselves."""

Connect = Callable[[], Awaitable[Connection]]


def karmada_name(member: Member) -> str:
    """What Kurator calls a member inside Karmada (kurator-api §1, names)."""
    return f"{member.object_name}-{member.kind.lower()}"[:63]


class Aggregate:
    """One fleet's members through Karmada. `refused` is called, once, when it cannot be read this way at all."""

    def __init__(
        self,
        fleet: FleetRow,
        members: Sequence[Member],
        connect: Connect,
        store: Store,
        changed: Callable[[str], None],
        clock: Callable[[], float],
        gates: Gates,
        refused: Callable[[str], None],
    ) -> None:
        self.fleet = fleet
        self.names = {karmada_name(member): member.name for member in members}
        self.connection: Connection | None = None
        self.served: Served | None = None
        self.contact = Contact(clock())
        self.ready: dict[str, KarmadaClusterRow] = {}
        """What Karmada says of each member, by our name."""
        self._listed: set[str] = set()
        """Members in Karmada's present list of clusters, as far as it has come."""
        self.streams: dict[str, Freshness] = {}
        self.failure: ConsoleError | None = None
        self._connect = connect
        self._store = store
        self._changed = changed
        self._clock = clock
        self._gates = gates
        self._refused = refused
        self._wanted: dict[str, AnyKind] = {}
        self._covered: frozenset[tuple[str, str]] = frozenset()
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._closed = False

    @property
    def via(self) -> str:
        """How the console gets at these members."""
        return f"{MERGED} of fleet {self.fleet.name}"

    def want(self, kinds: Mapping[str, AnyKind]) -> None:
        """Read exactly `kinds`, as far as karmada-search caches them."""
        for kind in [id for id, known in self._wanted.items() if kinds.get(id) is not known]:
            if (watcher := self._watchers.pop(kind, None)) is not None:
                watcher.cancel()
            for cluster in self.names.values() if not same_rows(self._wanted[kind], kinds.get(kind)) else ():
                self._store.forget(kind, cluster)
        self._wanted = dict(kinds)
        self._reconcile()

    def resync(self) -> None:
        """List everything again."""
        self._stop_watchers()
        self._reconcile()

    def stop(self) -> None:
        """From now on nothing more is watched or written; the caller cancels the task of `run`."""
        self._closed = True
        self._stop_watchers()

    async def run(self) -> None:
        """Connect and stay connected until cancelled."""
        failures = 0
        try:
            while True:
                try:
                    await self._session()
                except NotInstalled as error:
                    self._refused(error.brief)
                    return
                except ConsoleError as error:
                    failures = 0 if self.served is not None else failures
                    _LOG.info("%s: %s", self.via, error.brief)
                    self.failure = error
                    self.contact = replace(self.contact, error=error.brief)
                    self._publish()
                finally:
                    await self._hang_up()
                failures += 1
                delay = CONNECT_DELAYS[min(failures, len(CONNECT_DELAYS) - 1)]
                await asyncio.sleep(delay * random.uniform(0.7, 1.3))
        finally:
            await self._hang_up()

    async def _session(self) -> None:
        """From connecting to the moment Karmada's clusters cannot be watched any more. Raises why."""
        connection = await self._connect()
        self.connection = connection
        served = await discover(connection)
        registries = served.resolve(RESOURCE_REGISTRY)
        clusters = served.resolve(KARMADA_CLUSTER)
        if registries is None or clusters is None:
            raise NotInstalled(f"{self.via}: karmada-search is not installed.")
        rows: list[ResourceRegistryRow] = []
        decoder = RowDecoder(RESOURCE_REGISTRY, self.fleet.name)
        async for page in list_pages(connection, registries.collection(), decoder):
            rows += page.rows
        self._covered = covered(rows)
        self.served = served
        self.contact = replace(self.contact, last=self._clock(), error="")
        self.failure = None
        self._reconcile()
        self._publish()
        lost: asyncio.Future[ConsoleError] = asyncio.get_running_loop().create_future()

        def tell(fact: Fact) -> None:
            self._take_clusters(fact)
            if isinstance(fact, Lost) and not lost.done():
                lost.set_result(fact.error)

        decoded = RowDecoder(KARMADA_CLUSTER, self.fleet.name)
        watch = asyncio.create_task(reflect(connection, clusters, decoded, tell, herd=self._gates.herd))
        try:
            ends: set[asyncio.Future[Any]] = {watch, lost}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if watch.done():
                await watch  # a mistake of ours in it
            raise await lost
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    def _take_clusters(self, fact: Fact) -> None:
        if self._closed:
            return
        if isinstance(fact, Began):
            self._listed.clear()
        elif isinstance(fact, Listed):
            self.ready = {name: row for name, row in self.ready.items() if name in self._listed}
        elif isinstance(fact, Changed):
            gone = {uid for uid, row in fact.rows.items() if row is None}
            self.ready = {name: row for name, row in self.ready.items() if row.uid not in gone}
            for row in fact.rows.values():
                if isinstance(row, KarmadaClusterRow) and row.name in self.names:
                    self.ready[self.names[row.name]] = row
                    self._listed.add(self.names[row.name])
        self.contact = replace(self.contact, last=self._clock())
        self._publish()

    def _reconcile(self) -> None:
        connection, served = self.connection, self.served
        if connection is None or served is None:
            return
        for id, kind in self._wanted.items():
            if id not in self._watchers:
                self._watchers[id] = asyncio.create_task(self._watch(kind, connection, served))

    async def _watch(self, kind: AnyKind, connection: Connection, served: Served) -> None:
        """Keep the rows of all members of one kind; a mistake of ours there is told, and tried again."""
        while True:
            try:
                await self._reflect(kind, connection, served)
            except Exception as error:  # noqa: BLE001 - as of a member's kinds: it must be seen, not hide
                self._report(kind.id, State.STALE, mistake(f"{self.via}/{kind.id}", error).brief)
                await asyncio.sleep(CONNECT_DELAYS[-1])
            else:
                return

    async def _reflect(self, kind: AnyKind, connection: Connection, served: Served) -> None:
        versions = [f"{kind.group}/{version}" if kind.group else version for version in kind.versions]
        path = served.resolve(kind)
        if path is None or not any((version, kind.name) in self._covered for version in versions):
            self._report(kind.id, State.UNREAD, f"karmada-search caches no {kind.plural}")
            return
        self._report(kind.id, State.SYNCING, "")

        def tell(fact: Fact) -> None:
            self._take(kind, fact)

        proxied = replace(path, prefix=PROXY)
        decoder = MergedDecoder(kind, self.names)
        await reflect(
            connection,
            proxied,
            decoder,
            tell,
            accept=METADATA if kind.metadata_only else OBJECTS,
            herd=self._gates.herd,
            admit=self._gates.listing.enter,
        )

    def _take(self, kind: AnyKind, fact: Fact) -> None:
        store = self._store
        if self._closed:
            return
        match fact:
            case Changed(rows):
                for cluster, part in self._by_cluster(kind, rows).items():
                    store.put(kind.id, cluster, part)
            case Began():
                for cluster in self.names.values():
                    store.begin(kind.id, cluster)
            case Listed():
                for cluster in self.names.values():
                    store.complete(kind.id, cluster)
                self._report(kind.id, State.LIVE, "")
            case Resumed():
                self._report(kind.id, State.LIVE, "")
            case Lost(error):
                self._report(kind.id, State.STALE, error.brief)
            case _:
                pass

    def _by_cluster(self, kind: AnyKind, rows: Mapping[str, Row | None]) -> dict[str, dict[str, Row | None]]:
        """Rows by their cluster; an object that is gone is looked for where it was."""
        found: dict[str, dict[str, Row | None]] = {}
        for uid, row in rows.items():
            if row is not None:
                found.setdefault(row.cluster, {})[uid] = row
                continue
            for cluster in self.names.values():
                if self._store.get(kind.id, (cluster, uid)) is not None:
                    found.setdefault(cluster, {})[uid] = None
        return found

    def _report(self, kind: str, state: State, reason: str) -> None:
        known = self.streams.get(kind)
        if known is None or (known.state, known.reason) != (state, reason):
            self.streams[kind] = Freshness(state, self._clock(), reason)
            self._publish()

    def _publish(self) -> None:
        """Write the state of every member and kind into the store."""
        if self._closed:
            return
        for cluster in self.names.values():
            own = self.state_of(cluster)
            self._store.set_freshness(cluster, "", own)
            for kind in self._wanted:
                stream = self.streams.get(kind, Freshness(State.CONNECTING, self.contact.began))
                shadowed = own.state is not State.LIVE and stream.state is State.LIVE
                self._store.set_freshness(cluster, kind, own if shadowed else stream)
            self._changed(cluster)

    def state_of(self, cluster: str) -> Freshness:
        """One member: as fresh as our stream, and as Karmada's."""
        contact, row = self.contact, self.ready.get(cluster)
        if contact.error:
            state = State.STALE if contact.last else State.UNREACHABLE
            return Freshness(state, contact.last or contact.began, f"{self.via}: {contact.error}")
        if not contact.last:
            return Freshness(State.CONNECTING, contact.began)
        if row is None:
            return Freshness(
                State.UNREACHABLE, contact.began, f"Karmada knows no cluster of this name ({self.via})"
            )
        if row.ready != "True":
            return Freshness(State.STALE, row.since, f"Karmada: {row.reason or 'not ready'}")
        streams = [self.streams.get(kind) for kind in self._wanted]
        broken = [f for f in streams if f is not None and f.state is State.STALE]
        if broken:
            return broken[0]
        if any(f is None or f.state is State.SYNCING for f in streams):
            return Freshness(State.SYNCING, contact.began)
        return Freshness(State.LIVE, max((f.since for f in streams if f is not None), default=contact.last))

    def _stop_watchers(self) -> list[asyncio.Task[None]]:
        tasks = list(self._watchers.values())
        self._watchers.clear()
        for task in tasks:
            task.cancel()
        return tasks

    async def _hang_up(self) -> None:
        connection, self.connection, self.served = self.connection, None, None
        tasks = self._stop_watchers()
        now = self._clock()
        self.streams = {
            kind: Freshness(State.STALE, now, self.contact.error) if f.state is State.LIVE else f
            for kind, f in self.streams.items()
            if f.state is not State.SYNCING
        }
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            if connection is not None:
                with contextlib.suppress(ConsoleError):
                    await connection.close()


def covered(registries: Sequence[ResourceRegistryRow]) -> frozenset[tuple[str, str]]:
    """(apiVersion, kind) that are cached of every cluster: a cache of some would pass for all."""
    whole = [row for row in registries if not (row.clusters or row.excluded or row.selected)]
    return frozenset(resource for row in whole for resource in row.resources)


class AggregatedMember:
    """One member of an `Aggregate`: to the joins what a `MemberLink` is."""

    def __init__(self, member: Member, aggregate: Aggregate, store: Store) -> None:
        self.member = member
        self.aggregate = aggregate
        self._store = store

    @property
    def facts(self) -> Facts:
        """As a link's; latency and certificates are between Karmada and the member."""
        row = self.aggregate.ready.get(self.member.name)
        return Facts(
            via=self.aggregate.via, server=row.endpoint if row else "", version=row.version if row else ""
        )

    @property
    def contact(self) -> Contact:
        return self.aggregate.contact

    @property
    def state(self) -> Freshness:
        return self._store.freshness(self.member.name)

    @property
    def failure(self) -> ConsoleError | None:
        return self.aggregate.failure

    @property
    def served(self) -> Served | None:
        return self.aggregate.served

    def note(self) -> str:
        """What is left out."""
        unread = [f.reason for f in self.aggregate.streams.values() if f.state is State.UNREAD]
        return "; ".join(unread)

    async def fetch(self, path: str) -> Response:
        """GET one object through Karmada's proxy to this member. Raises ConsoleError."""
        connection = self.aggregate.connection
        if connection is None:
            raise NotInstalled(f"{self.aggregate.via} is not connected")
        name = karmada_name(self.member)
        return await connection.request("GET", f"/apis/cluster.karmada.io/v1alpha1/clusters/{name}/proxy{path}")
