"""The hub: one `MemberLink` a cluster, started and stopped as Fleets change, and the rows joined from them.

A dead member costs the others nothing: each link is its own task, and the joins read only the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from kurator_tui.api.connection import Connection
from kurator_tui.api.kubeconfig import Kubeconfig
from kurator_tui.errors import CredentialError
from kurator_tui.fleet import credentials
from kurator_tui.fleet.aggregate import Aggregate, AggregatedMember
from kurator_tui.fleet.derivations import JOINS
from kurator_tui.fleet.derived import Derived
from kurator_tui.fleet.interest import WHEREVER, Interest, Reach
from kurator_tui.fleet.joins import Joins, Link
from kurator_tui.fleet.log_turns import Turns
from kurator_tui.fleet.member import MemberLink
from kurator_tui.fleet.membership import CONTEXT_KIND, HOST_KIND, Member
from kurator_tui.fleet.merging import Merging, Notice, most_members, too_large, unread
from kurator_tui.fleet.numbers import Numbers
from kurator_tui.fleet.options import HubOptions
from kurator_tui.fleet.pace import Gates, ProbePace
from kurator_tui.fleet.polled import Polled
from kurator_tui.fleet.polls import POLLS
from kurator_tui.fleet.roster import MANAGED, MEMBERSHIP_KINDS, Roster, contexts
from kurator_tui.fleet.sharding import shard_of, wanted_shards
from kurator_tui.fleet.thanos import Thanoses
from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.kurator import FLEET, FleetRow
from kurator_tui.kinds.overview import ClusterOverview
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.registry import KINDS
from kurator_tui.store.freshness import State
from kurator_tui.store.store import Delta, Store

HOST_KINDS = (FLEET, *MANAGED, HELM_RELEASE)
HOST_IDS = frozenset(kind.id for kind in HOST_KINDS)
EVERYWHERE = (NODE, POD)
JOIN_INTERVAL = 0.1
"""Seconds between two rounds of joins while things change."""
JOIN_SHARE = 30
"""A round that takes long is followed by a rest this many times as long, up to `SLOWEST_JOIN` seconds."""
SLOWEST_JOIN = 1.0


@dataclass(slots=True)
class _Running:
    link: Link
    task: asyncio.Task[None] | None = field(default=None, repr=False)
    """None for a member that is read through an aggregate: that has the task."""


class Hub:
    """All links of one console. `store` holds every row, raw and joined."""

    def __init__(
        self,
        own: Kubeconfig,
        options: HubOptions,
        store: Store,
        *,
        clock: Callable[[], float] = time.time,
        forgotten: Callable[[str], None] = lambda _cluster: None,
        divided: Callable[[int], None] = lambda _shards: None,
        notice: Notice = lambda _title, _message: None,
    ) -> None:
        self.store = store
        self.log_turns = Turns()
        """Of all logs that are read."""
        self._own = own
        self._options = options
        self._clock = clock
        self._forgotten = forgotten
        self._divided = divided
        self._shards = options.shards
        self._running: dict[str, _Running] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._roster = Roster(store, options.fleet)
        self._interest = Interest(self._want_all)
        self._exec_gate = asyncio.Lock()
        self._membership_dirty = False
        self._wake = asyncio.Event()
        label = options.edge_site_label
        self.derived = Derived(store, JOINS, self._interest, clock, self._wake.set, site_label=label)
        self._unwatched: frozenset[str] = frozenset()
        asked = (options.thanos, self._host_connection, clock)
        self._numbers = Numbers(*asked, self._on_member, options.thanos_access)
        self.thanos = Thanoses(*asked, self.everyone, options.thanos_access)
        self._polled = Polled(store, self.thanos, POLLS, self._running.__contains__)
        self._joins = Joins(store, self._numbers, options.fleet, lead=options.shard == 0)
        self._gates = Gates()
        self._merging = Merging(self._aggregate, self._reconcile_again, notice)
        self._probes = ProbePace(lambda: len(self._running))
        store.listen(self._on_rows)

    # -- reading --------------------------------------------------------------------------------------------

    @property
    def links(self) -> dict[str, Link]:
        """Every cluster's link by cluster name."""
        return {name: running.link for name, running in self._running.items()}

    @property
    def host(self) -> MemberLink:
        link = self._running[HOST].link
        if not isinstance(link, MemberLink):
            raise TypeError("the host is always read directly")
        return link

    @property
    def connections(self) -> list[Connection]:
        """Every open connection."""
        links = [running.link for running in self._running.values()]
        direct = [link.connection for link in links if isinstance(link, MemberLink)]
        merged = [aggregate.connection for aggregate in self._merging.aggregates]
        return [connection for connection in (*direct, *merged) if connection is not None]

    def everyone(self) -> list[Member]:
        """Every member, those of other feeders too, and the host."""
        return [*(running.link.member for running in self._running.values()), *self._joins.others()]

    @property
    def leads(self) -> bool:
        """Whether this is the feeder that speaks of the host and of fleets."""
        return self._options.shard == 0

    @property
    def namespace(self) -> str:
        """The only namespace that is read on the host; "" for all."""
        return self._options.namespace

    @property
    def serves_kurator(self) -> bool | None:
        """Whether the host serves Fleets; None while that is not known."""
        served = self.host.served
        return None if served is None else served.resolve(FLEET) is not None

    def synced(self, kinds: set[str]) -> bool:
        """Whether every cluster is as complete as it can be, `kinds` included."""
        waiting = (State.CONNECTING, State.SYNCING)
        if HOST not in self._running or self._joins.pending or self._numbers.pending or self._unjoined:
            return False
        if self._membership_dirty and self._roster.known():
            return False
        for name, link in self.links.items():
            if self.store.freshness(name).state in waiting:
                return False
            if link.contact.error:
                continue
            raw = {each for kind in kinds for each in self.derived.raw(kind, host=name == HOST)}
            awaited = {kind for kind in raw if not KINDS[kind].derived or kind in self.derived}
            if name == HOST:
                awaited |= {kind.id for kind in HOST_KINDS}
            if any(self.store.freshness(name, kind).state in waiting for kind in awaited):
                return False
        return True

    @property
    def _unjoined(self) -> bool:
        return self.derived.pending or self._polled.pending

    # -- interest -------------------------------------------------------------------------------------------

    def require(self, kind: str, reach: Reach = WHEREVER) -> None:
        """Watch `kind` at `reach`, and no longer where it was required before, until `release`."""
        if kind in self._polled:
            self._polled.require(kind)
        elif kind in self.derived:
            self.derived.require(kind, reach)
        else:
            self._interest.require(kind, reach)
        self._want_all()

    def release(self, kind: str) -> None:
        """Nobody reads `kind` any more: it is watched a little longer (`fleet.interest`)."""
        if kind in self._polled:
            self._polled.release(kind)
        elif kind in self.derived:
            self.derived.release(kind)
        else:
            self._interest.release(kind)

    def watch(self, kinds: Mapping[str, str], by: str) -> None:
        """Watch `kinds` everywhere for `by`, and none any more of those watched for it before.

        Each has the field selector of the objects that are needed, "" for all. Those that are asked for in rounds
        are asked for; kinds that are joined are not.
        """
        wanted = (kind for kind in kinds if not KINDS[kind].derived or kind in self._polled)
        self._interest.only({kind: Reach(fields=kinds[kind]) for kind in wanted}, by)
        self._want_all()

    def redefined(self) -> None:
        """`kinds.registry` was told of a kind: it is watched as it is now."""
        self._want_all()

    def resync(self, cluster: str = "") -> None:
        """List again, in one cluster or in all."""
        for name, running in self._running.items():
            if cluster in ("", name) and isinstance(running.link, MemberLink):
                running.link.resync()
        for aggregate in self._merging.aggregates:
            if not cluster or cluster in aggregate.names.values():
                aggregate.resync()

    def join(self, rows: list[Row], gone: Iterable[str]) -> None:
        """Overview rows of members that belong to other feeders: they count in their fleets."""
        self._joins.take([row for row in rows if isinstance(row, ClusterOverview)], gone)
        self._wake.set()

    def _want_all(self) -> None:
        for running in self._running.values():
            if isinstance(running.link, MemberLink):
                self._want(running.link)
        self._merging.want(self._member_kinds())
        self._polled.join(self._interest.kinds())

    def _member_kinds(self, cluster: str = "") -> dict[str, AnyKind]:
        """Kinds to be watched in `cluster`; without one in any."""
        extra = [KINDS[id] for id in self._interest.kinds(cluster) if not KINDS[id].derived]
        base = [KINDS[kind.id] for kind in EVERYWHERE]
        return {kind.id: kind for kind in (*base, *extra)}

    def _want(self, link: MemberLink) -> None:
        kinds = self._member_kinds(link.member.name)
        if link.member.name in self._unwatched:
            for kind in kinds:
                self.store.set_freshness(link.member.name, kind, unread(link.contact.began))
            return
        if link.member.kind == HOST_KIND:
            kinds = {kind.id: KINDS[kind.id] for kind in HOST_KINDS} | kinds
        narrow = {kind: self._interest.narrow(kind, link.member.name) for kind in kinds}
        link.want(kinds, frozenset(kind.id for kind in EVERYWHERE), narrow)

    # -- life -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until cancelled; then every connection is closed."""
        numbers = asyncio.create_task(self._numbers.run(), name="numbers")
        self._start(Member(HOST, HOST_KIND, context=self._options.context or ""))
        if self._options.members_from == "contexts":
            self._reconcile(contexts(self._own, self._options.context))
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if self._membership_dirty and self._roster.known():
                    self._membership_dirty = False
                    self._reconcile(self._roster.members())
                began = time.process_time()
                self._joins.refresh(self.links)
                for _turn in self.derived.turns({name: link.member for name, link in self.links.items()}):
                    await asyncio.sleep(0)
                spent = time.process_time() - began
                await asyncio.sleep(min(max(JOIN_INTERVAL, JOIN_SHARE * spent), SLOWEST_JOIN))
        finally:
            own = (running.task for running in self._running.values() if running.task is not None)
            tasks = [numbers, *self._ending, *own, *self._merging.tasks()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._polled.close()
            await self.thanos.close()

    def _start(self, member: Member) -> None:
        link = MemberLink(
            member,
            self._connect,
            self.store,
            self._on_member,
            self._clock,
            self._namespace_of,
            probes=self._probes,
            gates=self._gates,
        )
        self._want(link)
        self._running[member.name] = _Running(link, asyncio.create_task(link.run(), name=f"member {member.name}"))
        self._on_member(member.name)

    def _namespace_of(self, kind: AnyKind) -> str:
        """The option chooses among Kurator's objects, never among what a cluster runs."""
        return self._options.namespace if kind.id in HOST_IDS else ""

    def _stop(self, name: str) -> None:
        running = self._running.pop(name)
        if isinstance(running.link, MemberLink) and running.task is not None:
            running.link.stop()
            running.task.cancel()
            self._ending.add(running.task)
            running.task.add_done_callback(self._ending.discard)
        self.store.forget_cluster(name)
        self._joins.forget(name)
        self.derived.forget(name)
        self._forgotten(name)
        self._wake.set()

    def _reconcile(self, wanted: list[Member]) -> None:
        """Stop links whose spec is gone or different, start the new ones; other feeders' members are not ours."""
        if not self._shards:
            self._shards = wanted_shards(len(wanted), len(EVERYWHERE))
            if self._shards > 1:
                self._divided(self._shards)
        large = self._options.through == "auto" and too_large(len(wanted), len(EVERYWHERE))
        wanted = [member for member in wanted if shard_of(member.name, self._shards) == self._options.shard]
        specs = {member.name: member for member in wanted}
        merged = self._merging.reconcile(self._merged_fleets(large), wanted)
        direct = [member for member in wanted if member.name not in merged]
        most = most_members(len(EVERYWHERE)) // max(1, self._shards) if large else len(direct)
        before, self._unwatched = self._unwatched, self._merging.beyond(direct, most)
        for name, running in list(self._running.items()):
            aggregate = running.link.aggregate if isinstance(running.link, AggregatedMember) else None
            same = specs.get(name) == running.link.member and (name in before) == (name in self._unwatched)
            if name != HOST and not (same and aggregate is merged.get(name)):
                self._stop(name)
        for member in wanted:
            if member.name in self._running:
                continue
            if (aggregate := merged.get(member.name)) is None:
                self._start(member)
            else:
                self._running[member.name] = _Running(AggregatedMember(member, aggregate, self.store))
                self._on_member(member.name)
        self._merging.want(self._member_kinds())

    def _merged_fleets(self, large: bool) -> list[FleetRow]:
        """Fleets to be read through Karmada if they can be."""
        if not large and self._options.through != "karmada":
            return []
        return [row for row in self.store.rows(FLEET.id, HOST) if isinstance(row, FleetRow)]

    def _aggregate(self, fleet: FleetRow, members: list[Member], refused: Callable[[str], None]) -> Aggregate:
        plane = Member(
            f"karmada of {fleet.name}", "Fleet", fleet.namespace, fleet.name, fleet.credential_secret, "kubeconfig"
        )

        async def connect() -> Connection:
            return (await self._connect(plane))[0]

        return Aggregate(fleet, members, connect, self.store, self._on_member, self._clock, self._gates, refused)

    def _reconcile_again(self) -> None:
        self._membership_dirty = self._options.members_from != "contexts"
        self._wake.set()

    def _host_connection(self) -> Connection | None:
        return self.host.connection if HOST in self._running else None

    async def _connect(self, member: Member) -> tuple[Connection, str]:
        if member.kind in (HOST_KIND, CONTEXT_KIND):
            context = self._own.select(member.context or None)
            connection = await Connection.open(
                member.name, self._own, context.name, user_owned=True, exec_gate=self._exec_gate
            )
            return connection, f"context {context.name}"
        host = self.host.connection
        if host is None:
            raise CredentialError("waiting for the host: the member's Secret is read there")
        if member.missing:
            raise self._roster.missing(member)
        config, chosen, own, via = await credentials.find(member, host, self._own)
        return await Connection.open(member.name, config, chosen, user_owned=own, exec_gate=self._exec_gate), via

    # -- events ---------------------------------------------------------------------------------------------

    def _on_member(self, name: str) -> None:
        with contextlib.suppress(KeyError):
            if name == HOST or name in self._running:
                self._joins.touch(name)
        self._wake.set()

    def _on_rows(self, kind: str, delta: Delta) -> None:
        self.derived.take(kind, delta)
        if kind in MEMBERSHIP_KINDS:
            self._membership_dirty = self._options.members_from != "contexts"
            self._joins.touch_fleets()
        elif kind == HELM_RELEASE.id:
            self._joins.touch_fleets()
        elif kind == INCIDENTS.id:
            self._joins.touch_incidents()
        elif not self._joins.pending:
            return
        self._wake.set()
