"""Devices at the edge: what is wished of each and what it reports, side by side."""

from __future__ import annotations

import msgspec

from kurator_tui.kinds.base import (
    AnyKind,
    Column,
    Format,
    Health,
    Interned,
    Kind,
    Level,
    Row,
    Subject,
    told_health,
)


class Twin(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One property of a device; "" is what nobody wished, or what it does not report."""

    name: Interned
    desired: str = ""
    reported: str = ""

    @property
    def differs(self) -> bool:
        """Whether it is wished to be other than it is."""
        return bool(self.desired) and self.desired != self.reported


class EdgeDeviceRow(Row, frozen=True, gc=False, array_like=True):
    """A device with its DeviceStatus. `state` is its own word, "" where its release has none; `contact` is its
    node's. `last_online` is the Unix second at which it was online or reported last, told in steps of a minute."""

    level: Interned = str(Level.UNKNOWN)
    reason: str = ""
    state: Interned = ""
    model: Interned = ""
    node: Interned = ""
    site: Interned = ""
    contact: Interned = ""
    protocol: Interned = ""
    last_online: float = 0.0
    twins: tuple[Twin, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


def device_health(row: EdgeDeviceRow) -> Health:
    """Unhealthy is failed, offline degraded; a property that is not as wished is progressing. Of a device whose
    node is out of contact nothing is known; one whose node does not exist is degraded."""
    return told_health(Level(row.level), row.reason)


def _level(row: EdgeDeviceRow) -> Level:
    return Level(row.level)


def desired(row: EdgeDeviceRow) -> str:
    """`interval=30 setpoint=-18`: what is wished, property by property."""
    return "  ".join(f"{twin.name}={twin.desired}" for twin in row.twins if twin.desired)


def reported(row: EdgeDeviceRow) -> str:
    """The same of what is reported, in the same order; `?` stands for what is not."""
    return "  ".join(f"{twin.name}={twin.reported or '?'}" for twin in row.twins)


def differs(row: EdgeDeviceRow) -> str:
    """`setpoint -18 → -21.5`: wished and reported, of those that are not the same."""
    return "  ".join(f"{twin.name} {twin.desired} → {twin.reported or '?'}" for twin in row.twins if twin.differs)


def _subject(row: EdgeDeviceRow) -> Subject:
    return Subject("devices.devices.kubeedge.io", row.cluster, row.namespace, row.name)


EDGE_DEVICES: AnyKind = Kind(
    id="edgedevices",
    name="EdgeDevice",
    plural="edgedevices",
    row=EdgeDeviceRow,
    joined=True,
    health=device_health,
    subject=_subject,
    columns=(
        Column("name", "DEVICE", lambda r: r.name, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=6),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=5),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=0, level=_level),
        Column("state", "STATE", lambda r: r.state, priority=4),
        Column("desired", "DESIRED", desired, priority=3, width=50),
        Column("reported", "REPORTED", reported, priority=2, width=60),
        Column(
            "differs",
            "DIFFERS",
            differs,
            priority=5,
            width=50,
            level=lambda r: Level.PROGRESSING if differs(r) else Level.HEALTHY,
        ),
        Column("model", "MODEL", lambda r: r.model, priority=5),
        Column("protocol", "PROTOCOL", lambda r: r.protocol, priority=4),
        Column("last_online", "ONLINE", lambda r: r.last_online or None, Format.AGE, priority=4),
        Column("node", "NODE", lambda r: r.node, priority=5),
        Column("contact", "NODE STATE", lambda r: r.contact, priority=5),
        Column("site", "SITE", lambda r: r.site, priority=6),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=7, wide=True),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=80),
    ),
)

KINDS = (EDGE_DEVICES,)
