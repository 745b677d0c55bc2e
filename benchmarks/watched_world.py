"""The demo's world as the console reads it, in the world's own time: objects, rows, joins, triage. No HTTP.

What a network would do is played: a member whose server misbehaves falls silent, and tells what it missed when it
answers again. All kinds that analysers read are watched everywhere, as while the inbox is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world.topology import HOST
from kurator_tui.demo.world.world import World
from kurator_tui.fleet.health import Contact, Facts, member_state
from kurator_tui.fleet.hub import EVERYWHERE, HOST_KINDS
from kurator_tui.fleet.joins import Joins
from kurator_tui.fleet.membership import HOST_KIND, Member
from kurator_tui.fleet.numbers import Numbers
from kurator_tui.fleet.roster import MEMBERSHIP_KINDS, Roster
from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.kinds.observability import SIDECARS, SidecarRow
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Delta, Store
from kurator_tui.triage.registry import own
from kurator_tui.triage.triage import Triage

Decoder = RowDecoder[Any, Any]
ALWAYS = (*HOST_KINDS, *EVERYWHERE)
ROUND = 20.0
"""Seconds between two rounds in which Thanos is asked."""
SILENT = {
    "refuse": (0.5, "connection refused"),
    "hang": (2.0, "timed out"),
    "error500": (0.5, "500 Internal Server Error"),
    "throttle429": (0.5, "429 Too Many Requests"),
}
"""Of faults by which a server is not read any more: seconds until the probe notices, and what it says."""


class Link:
    """What `Joins` reads of a connection."""

    def __init__(self, member: Member, version: str, now: float) -> None:
        self.member = member
        self.contact = Contact(now, last=now)
        self.facts = Facts(via="secret", server=f"https://{member.name}", version=version, latency=2.0, streams=2)
        self.state = Freshness(State.LIVE, now)

    def note(self) -> str:
        """Nothing is refused here."""
        return ""


class WatchedWorld:
    """`advance` lets time pass; `incidents` is the inbox."""

    def __init__(self, world: World, triage: Callable[[Store, Callable[[], float]], Triage] | None = None) -> None:
        self.world = world
        self.store = Store()
        clock = world.clock.wall
        self.triage = triage(self.store, clock) if triage else Triage(self.store, own(), clock)
        self.links: dict[str, Link] = {}
        self._raw = {kind.id: kind for kind in (*self.triage.kinds, *ALWAYS) if not kind.derived}
        self._waiting: dict[str, dict[tuple[str, str], tuple[Decoder, StorageEvent]]] = {}
        """By cluster: the last change of each (kind, uid) that was not told yet."""
        self._remembered: list[Member] = []
        self._asked = 0.0
        self._roster = Roster(self.store)
        self._joins = Joins(self.store, Numbers("", lambda: None, clock, lambda _name: None))
        self.store.listen(self._changed)
        world.on_fault(self._fault)
        world.on_version(self._run_version)
        self._reconcile([Member(HOST, HOST_KIND)])
        self._flush()

    @property
    def now(self) -> float:
        """Unix seconds of the world."""
        return self.world.clock.wall()

    @property
    def incidents(self) -> list[IncidentRow]:
        """The rows of the inbox."""
        return [row for row in self.store.rows(INCIDENTS.id) if isinstance(row, IncidentRow)]

    @property
    def silent(self) -> list[str]:
        """Members that are not read at present."""
        return [name for name, link in self.links.items() if link.contact.error]

    def advance(self, seconds: float, step: float = 1.0) -> Iterator[float]:
        """Let world time pass in steps, judging after each; gives the time after each."""
        end = self.now + seconds
        while self.now < end:
            self.world.tick(min(end, self.now + step))
            self._flush()
            yield self.now

    # -- reading ------------------------------------------------------------------------------------------------

    def _read(self, name: str) -> None:
        """List what the cluster has, and watch it from now on."""
        cluster = self.world.clusters[name]
        for kind in self._raw.values():
            if kind.id not in cluster.types:
                self.store.set_freshness(name, kind.id, Freshness(State.ABSENT, self.now))
                continue
            decoder = RowDecoder(kind, name)
            listed = cluster.storage.entries(cluster.types[kind.id])
            self.store.replace(kind.id, name, [decoder.row(stored.raw) for stored in listed])
            self.store.set_freshness(name, kind.id, Freshness(State.LIVE, self.now))
            cluster.watch(kind.id, partial(self._note, decoder))
        self.store.set_freshness(name, "", Freshness(State.LIVE, self.now))

    def _note(self, decoder: Decoder, event: StorageEvent) -> None:
        place = self._waiting.setdefault(decoder.cluster, {})
        place[decoder.kind.id, str(event.obj["metadata"]["uid"])] = (decoder, event)

    def _fault(self, name: str, mode: str) -> None:
        """A server misbehaves: what the probe says of it some moments later, at once when it is well again."""
        after, why = SILENT.get(mode, (0.0, ""))
        self.world.timeline.after(after, partial(self._probed, name, mode, why))

    def _run_version(self, name: str, version: str) -> None:
        if name in self.links:
            self.links[name].facts = replace(self.links[name].facts, version=version)
            self._joins.touch(name)

    def _probed(self, name: str, mode: str, why: str) -> None:
        if self.world.faults.get(name, "none") != mode or name not in self.links:
            return
        contact = self.links[name].contact
        self.links[name].contact = replace(contact, last=contact.last if why else self.now, error=why)
        self._vouch(name)

    def _vouch(self, name: str) -> None:
        """Say how far the rows of a cluster can be trusted."""
        link = self.links[name]
        link.state = member_state(link.contact, {})
        self.store.set_freshness(name, "", link.state)
        for kind in self._raw:
            if self.store.freshness(name, kind).state is not State.ABSENT:
                self.store.set_freshness(name, kind, link.state)
        self._joins.touch(name)

    # -- making rows --------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        """What changed as rows; then everything that is made of rows."""
        for name, events in self._waiting.items():
            if name in self.links and self.links[name].contact.error:
                continue  # nobody tells of it
            changes: dict[str, dict[str, Row | None]] = {}
            for (kind, uid), (decoder, event) in events.items():
                gone = event.type == "DELETED"
                changes.setdefault(kind, {})[uid] = None if gone else decoder.row(event.new.raw)
            events.clear()
            for kind, rows in changes.items():
                self.store.put(kind, name, rows)
        if self._remembered != (members := [Member(HOST, HOST_KIND), *self._roster.members()]):
            self._reconcile(members)
        self._observe()
        self._joins.refresh(self.links)  # type: ignore[arg-type]
        due = self.triage.next_at
        if self.triage.pending or (due is not None and due <= self.now):
            self.triage.refresh()

    def _reconcile(self, members: list[Member]) -> None:
        """Clusters become members, and are none any more."""
        self._remembered = members
        names = {member.name for member in members}
        for name in [name for name in self.links if name not in names]:
            del self.links[name]
            self.store.forget_cluster(name)
            self._joins.forget(name)
            self.triage.forget(name)
        for member in members:
            if member.missing and member.name not in self.links:
                self.links[member.name] = Link(member, "", self.now)
                why = str(self._roster.missing(member))
                self.links[member.name].contact = Contact(self.now, error=why)
                self._vouch(member.name)
            elif member.name not in self.links and member.name in self.world.clusters:
                version = self.world.plans[member.name].version
                self.links[member.name] = Link(member, version, self.now)
                self._read(member.name)
                self._joins.touch(member.name)
        self._joins.touch_fleets()

    def _observe(self) -> None:
        """What Thanos says of its sidecars, in rounds."""
        if self.now < self._asked + ROUND:
            return
        self._asked = self.now
        for name in self.links:
            if name == HOST or name not in self.world.clusters:
                continue
            lost = name in self.world.unexposed
            level, reason = (Level.FAILED, "not among the stores of Thanos") if lost else (Level.HEALTHY, "")
            row = SidecarRow(name, "", name, name, 0.0, level, reason, "" if lost else f"{name}:10901", self.now)
            self.store.replace(SIDECARS.id, name, [row])
            self.store.set_freshness(name, SIDECARS.id, Freshness(State.LIVE, self.now))

    def _changed(self, kind: str, _delta: Delta) -> None:
        if kind in MEMBERSHIP_KINDS or kind == HELM_RELEASE.id:
            self._joins.touch_fleets()
        elif kind in (NODE.id, POD.id):
            for name in {cluster for cluster, _uid in _delta}:
                self._joins.touch(name)
