"""The join behind `edgedevices`: a cluster's devices with what they report and the contact of their nodes.

Kept up device by device. Leases are not read: whether a node is in contact its Ready condition says well enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from kurator_tui.fleet.edge_contact import contact_of, site_of
from kurator_tui.fleet.edge_twins import (
    DEVICE_KINDS,
    REPORTS_WELL,
    Twinned,
    last_online,
    model,
    node,
    protocol,
    twins_of,
)
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.pieces import Objects, in_pieces
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HEALTHY, Health, Level, Row
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.edge import AWAY, Contact
from kurator_tui.kinds.edge_devices import EDGE_DEVICES, EdgeDeviceRow, Twin
from kurator_tui.kinds.kubeedge import DEVICE_STATUS
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.store.freshness import State

STEP = 60.0
"""Seconds in steps of which a device's last word is told: each would change its row."""


class EdgeDevices:
    """The devices of one cluster."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self._seen = seen
        self._cluster = cluster
        self._twins = Twinned()
        self._nodes: dict[str, NodeRow] = {}
        self._names: dict[str, str] = {}
        """uid of a Node -> its name."""
        self._on: dict[str, set[str]] = {}
        """Node -> uids of its devices."""
        self._where: dict[str, str] = {}
        """uid of a device -> its node."""
        self._told: dict[str, float] = {}
        """uid -> the last word that its row tells."""
        self._pending: set[str] = set()
        self._splits = seen.freshness(cluster, DEVICE_STATUS).state is State.LIVE
        self._knows_nodes = seen.freshness(cluster, NODE).state in (State.LIVE, State.STALE)

    @property
    def waiting(self) -> bool:
        return bool(self._pending)

    def look(self) -> None:
        """Time alone changes no device."""

    def take(self, kind: str, objects: Objects) -> None:
        if kind == NODE.id:
            for uid, row in objects.items():
                self._take_node(uid, cast("NodeRow | None", row))
            return
        for uid in self._twins.take(kind, objects):
            device = self._twins.devices.get(uid)
            before, now = self._where.pop(uid, ""), node(device) if device is not None else ""
            if before != now:
                self._on.get(before, set()).discard(uid)
            if device is not None:
                self._where[uid] = now
                self._on.setdefault(now, set()).add(uid)
            self._pending.add(uid)

    def _take_node(self, uid: str, row: NodeRow | None) -> None:
        name = row.name if row is not None else self._names.pop(uid, "")
        before = self._nodes.get(name)
        if row is not None:
            self._names[uid] = name
            self._nodes[name] = row
        elif before is not None and before.uid == uid:
            del self._nodes[name]
        if row is None or before is None or (before.ready, before.labels) != (row.ready, row.labels):
            self._pending |= self._on.get(name, set())

    def made(self) -> Iterator[tuple[str, Row | None]]:
        while self._pending:
            uid = self._pending.pop()
            device = self._twins.devices.get(uid)
            if device is None:
                self._told.pop(uid, None)
                yield uid, None
            else:
                yield uid, self._row(uid, device)

    def _row(self, uid: str, device: ObjectRow) -> EdgeDeviceRow:
        where, status = self._nodes.get(self._where[uid]), self._twins.status(device)
        contact = contact_of(where, None, silent=False) if where is not None else None
        state, twins = self._twins.state(device), twins_of(device, status)
        online = last_online(device, status)
        told = self._told.get(uid, 0.0)
        if online - told >= STEP or online < told:
            told = self._told[uid] = online
        health = self._health(device, contact, state, twins, told=status is not None)
        return EdgeDeviceRow(
            self._cluster,
            device.namespace,
            device.name,
            uid,
            device.created,
            level=str(health.level),
            reason=health.reason,
            state=state,
            model=model(device),
            node=self._where[uid],
            site=site_of(where, self._cluster, self._seen.site_label)[0] if where is not None else "",
            contact=str(contact or ""),
            protocol=protocol(device),
            last_online=told,
            twins=twins,
            labels=device.labels,
        )

    def _health(
        self, device: ObjectRow, contact: Contact | None, state: str, twins: tuple[Twin, ...], *, told: bool
    ) -> Health:
        its = self._where[device.uid]
        if contact is None and self._knows_nodes:
            return Health(Level.DEGRADED, f"its node {its} does not exist" if its else "it is bound to no node")
        if contact in AWAY:
            return Health(Level.UNKNOWN, f"its node is out of contact: as {its} reported it last")
        if state == "unhealthy":
            return Health(Level.FAILED, "unhealthy")
        if state not in ("", *REPORTS_WELL):
            return Health(Level.UNKNOWN if state == "unknown" else Level.DEGRADED, f"the device is {state}")
        if not state and self._splits and not told and not twins:
            return Health(Level.UNKNOWN, "no status yet")
        if other := next((twin for twin in twins if twin.differs), None):
            reports = other.reported or "nothing"
            return Health(Level.PROGRESSING, f"{other.name}: wants {other.desired}, reports {reports}")
        return HEALTHY


JOIN = Join(EDGE_DEVICES, (), (*DEVICE_KINDS, NODE), in_pieces, pieces=EdgeDevices)
