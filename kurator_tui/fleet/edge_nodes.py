"""The join behind `edgenodes`: a cluster's edge nodes with their Leases, the pods on them, and how they flap.

Kept up node by node. A heartbeat changes no row: who is in contact is only said to be, and the moment of the last
contact is told when there is none any more. Silence is measured by our own clock, from when a Lease was last seen
to change, since nodes write their own times into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import add, sub
from typing import NamedTuple, cast

from msgspec.structs import replace

from kurator_tui.fleet.edge_contact import (
    LEASE_NAMESPACE,
    LEASE_SECONDS,
    NO_LOAD,
    STATUS_SECONDS,
    Load,
    contact_health,
    contact_of,
    load_of,
    region_of,
    site_of,
    versions,
)
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.pieces import Objects, in_pieces
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.configuration import LEASE
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.edge import AWAY, EDGE_NODES, Contact, EdgeNodeRow
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.store.freshness import State

NODE_KINDS = (NODE, POD, LEASE)
"""What an edge node's row is made of."""
LOOK = 10.0
"""Seconds between two looks for nodes that fell silent."""
LEASES_OF_NODES = {LEASE.id: f"metadata.namespace={LEASE_NAMESPACE}"}


class _Beat(NamedTuple):
    """The last renewal of a Lease: as the node wrote it, when we saw it (0.0: it was there already), for how many
    seconds it holds, and from when on silence counts."""

    stamp: float
    seen: float
    holds: float
    counts: float


def is_node_lease(row: ObjectRow) -> bool:
    """Whether a Lease is a node's heartbeat."""
    return row.namespace == LEASE_NAMESPACE


def _number(row: ObjectRow, key: str) -> float:
    value = LEASE.value(row, key)
    return float(value) if isinstance(value, int | float) else 0.0


class EdgeNodes:
    """The edge nodes of one cluster, by name; `changes` tells which rows are different."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self.rows: dict[str, EdgeNodeRow] = {}
        """As they were made last."""
        self._seen = seen
        self._cluster = cluster
        self._now = seen.now
        self._nodes: dict[str, NodeRow] = {}
        self._names: dict[str, str] = {}
        """uid -> name."""
        self._beats: dict[str, _Beat] = {}
        self._leased: dict[str, str] = {}
        """uid of a Lease -> name of its node."""
        self._silent: set[str] = set()
        self._pods: dict[str, PodRow] = {}
        self._loads: dict[str, Load] = {}
        self._pending: set[str] = set()
        self._indexes = any(row.edge for row in seen.rows(NODE, cluster))
        """Whether pods are looked at: where there are no edge nodes they are not."""
        self._counts_pods = seen.freshness(cluster, POD).state in (State.LIVE, State.STALE)
        self._hears = seen.freshness(cluster, LEASE).state is State.LIVE

    @property
    def waiting(self) -> bool:
        return bool(self._pending)

    def node(self, name: str) -> NodeRow | None:
        """The Node called `name`, if it is an edge node."""
        return self._nodes.get(name)

    # -- what changes -------------------------------------------------------------------------------------------

    def take(self, kind: str, objects: Objects) -> None:
        """Nodes, Leases or pods are different; other kinds are passed over."""
        if kind == NODE.id:
            for uid, row in objects.items():
                self._take_node(uid, cast("NodeRow | None", row))
            if self._nodes and not self._indexes:
                self._indexes = True
                self._take_pods({row.uid: row for row in self._seen.rows(POD, self._cluster)})
        elif kind == LEASE.id:
            now = self._now()
            for uid, row in objects.items():
                self._take_lease(uid, cast("ObjectRow | None", row), now)
        elif kind == POD.id and self._indexes:
            self._take_pods(objects)

    def _take_node(self, uid: str, row: NodeRow | None) -> None:
        if row is None or not row.edge:
            name = self._names.pop(uid, "")
            if name and self._nodes[name].uid == uid:
                del self._nodes[name]
                self._pending.add(name)
            return
        name, before = row.name, self._nodes.get(row.name)
        self._names[uid], self._nodes[name] = name, row
        if row.ready != "True":
            self._silent.discard(name)
        if before is None or before.ready != "True" or not _only_beat(before, row):
            self._pending.add(name)
        beaten = before is not None and before.heartbeat != row.heartbeat
        if beaten and name in self._silent and name not in self._beats:
            self._silent.discard(name)
            self._pending.add(name)

    def _is_away(self, name: str) -> bool:
        row = self.rows.get(name)
        return row is not None and row.state in AWAY

    def _take_lease(self, uid: str, row: ObjectRow | None, now: float) -> None:
        if row is None:
            self._beats.pop(self._leased.pop(uid, ""), None)
            return
        stamp, before = _number(row, "renewed"), self._beats.get(row.name)
        if before is not None and before.stamp == stamp:
            return
        self._leased[uid] = row.name
        seen = now if before is not None else 0.0
        self._beats[row.name] = _Beat(stamp, seen, _number(row, "seconds") or LEASE_SECONDS, now)
        if row.name in self._silent or self._is_away(row.name):
            self._silent.discard(row.name)
            self._pending.add(row.name)

    def _take_pods(self, objects: Objects) -> None:
        pods = self._pods
        for uid, row in objects.items():
            before, now = pods.get(uid), cast("PodRow | None", row)
            if before is now:
                continue
            if before is not None:
                self._count(before.node, sub, load_of(before))
                del pods[uid]
            if now is not None and now.node:
                self._count(now.node, add, load_of(now))
                pods[uid] = now

    def _count(self, node: str, how: Callable[[int, int], int], load: Load) -> None:
        self._loads[node] = Load(*map(how, self._loads.get(node, NO_LOAD), load))
        if node in self._nodes:
            self._pending.add(node)

    def look(self) -> None:
        """Find the nodes that fell silent, and those that flap no more."""
        now, live = self._now(), self._seen.freshness(self._cluster).state is State.LIVE
        if live:
            for name, node in self._nodes.items():
                if node.ready == "True" and name not in self._silent and self._is_silent(node, now):
                    self._silent.add(name)
                    self._pending.add(name)
        self._pending.update(name for name, row in self.rows.items() if row.flaps)

    def _is_silent(self, node: NodeRow, now: float) -> bool:
        beat = self._beats.get(node.name)
        if beat is not None:
            return self._hears and now - beat.counts > beat.holds
        return bool(node.heartbeat) and now - node.heartbeat > STATUS_SECONDS

    # -- rows ---------------------------------------------------------------------------------------------------

    def changes(self) -> Iterator[tuple[EdgeNodeRow | None, EdgeNodeRow | None]]:
        """(before, now) of each node whose row is different."""
        while self._pending:
            name = self._pending.pop()
            before, node = self.rows.get(name), self._nodes.get(name)
            now = None if node is None else self._row(node)
            if now is not None:
                self.rows[name] = now
            else:
                self.rows.pop(name, None)
            if before != now:
                yield before, now

    def made(self) -> Iterator[tuple[str, Row | None]]:
        for before, now in self.changes():
            if before is not None and (now is None or now.uid != before.uid):
                yield before.uid, None
            if now is not None:
                yield now.uid, now

    def heard(self, node: NodeRow) -> float:
        """When a node was last heard of, Unix seconds; 0.0 for never."""
        beat = self._beats.get(node.name)
        if beat is None:
            return node.heartbeat
        return beat.seen or min(max(beat.stamp, node.heartbeat), self._now())

    def _row(self, node: NodeRow) -> EdgeNodeRow:
        load = self._loads.get(node.name, NO_LOAD) if self._counts_pods else None
        contact = contact_of(node, load, silent=node.name in self._silent)
        flaps = self._seen.flaps.of(self._cluster, node.name)
        health = contact_health(node, contact, load, flaps)
        kubelet, edgecore = versions(node.version)
        counted = load or NO_LOAD
        return EdgeNodeRow(
            self._cluster,
            "",
            node.name,
            node.uid,
            node.created,
            level=str(health.level),
            reason=health.reason,
            state=str(contact),
            site=site_of(node, self._cluster, self._seen.site_label)[0],
            region=region_of(node),
            heard=0.0 if contact in (Contact.ONLINE, Contact.FAILED) else self.heard(node),
            since=node.since,
            version=kubelet,
            edgecore=edgecore,
            runtime=node.runtime,
            pods=counted.pods,
            running=counted.running,
            terminating=counted.terminating,
            cpu_requested=counted.cpu,
            cpu_allocatable=node.cpu_allocatable,
            memory_requested=counted.memory,
            memory_allocatable=node.memory_allocatable,
            flaps=flaps,
            cordoned=node.unschedulable,
            labels=node.labels,
        )


def _only_beat(before: NodeRow, now: NodeRow) -> bool:
    """Whether a node reported nothing new but that it is there."""
    return before == now or replace(before, heartbeat=now.heartbeat) == now


JOIN = Join(
    EDGE_NODES,
    (),
    NODE_KINDS,
    in_pieces,
    only={LEASE.id: is_node_lease},
    fields=LEASES_OF_NODES,
    pieces=EdgeNodes,
    every=LOOK,
)
