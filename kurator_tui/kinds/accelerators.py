"""The derived kind `accelerators`: GPUs and NPUs by model, on one cluster and summed up over a fleet.

`kurator_tui.fleet.accelerators` joins the rows of nodes and pods; here is only what they hold and say.
"""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import Column, Format, Health, Interned, Kind, Level, Row, told_health
from kurator_tui.kinds.device_names import short


class AcceleratorRow(Row, frozen=True, gc=False, array_like=True):
    """Devices of one model that are asked for as `resource`; as a row of the host the sum over a fleet's members.

    `used` are those that pods on the nodes ask for, `free` those that a pod could get now: allocatable, on a node
    that takes pods, and not asked for. `fragmented` are free ones on nodes with fewer than `commonest`, what most
    pods that wait (else that run) ask for at once: together they may be enough, and fit nobody.
    """

    level: Level = Level.UNKNOWN
    reason: str = ""
    fleet: Interned = ""
    path: str = ""
    model: Interned = ""
    resource: Interned = ""
    label: Interned = ""
    """`key=value` that its nodes have; "" where the model is told by no label."""
    nodes: int = 0
    capacity: int = 0
    allocatable: int = 0
    used: int = 0
    free: int = 0
    fragmented: int = 0
    commonest: int = 0
    blocked: int = 0
    """Neither used nor free: on nodes that are not ready or cordoned."""
    waiting: int = 0
    """Devices that pods without a node ask for as `resource`, whatever the model."""
    members: tuple[str, ...] = ()


def _health(row: AcceleratorRow) -> Health:
    """Degraded where devices are lost (allocatable below capacity, a node that lacks its device plugin), where
    pods ask for more than there is, or where pods wait while what is free is in pieces; progressing where pods
    wait because all are used. A sum is as its worst member."""
    return told_health(row.level, row.reason)


def _filled(row: AcceleratorRow) -> float | None:
    return row.used / row.allocatable if row.allocatable else None


ACCELERATORS: Kind[Any, AcceleratorRow] = Kind(
    id="accelerators",
    name="Accelerator",
    plural="accelerators",
    short_names=("accel", "npus"),
    namespaced=False,
    joined=True,
    sort="path",
    row=AcceleratorRow,
    health=_health,
    columns=(
        Column("path", "PATH", lambda r: r.path, hidden=True),
        Column("name", "MODEL", lambda r: r.model, priority=0, width=40),
        Column(
            "cluster",
            "CLUSTER",
            lambda r: f"{len(r.members)} clusters" if r.members else r.cluster,
            priority=1,
        ),
        Column("fleet", "FLEET", lambda r: r.fleet, priority=7, wide=True),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=4, level=lambda r: r.level),
        Column("resource", "RESOURCE", lambda r: short(r.resource), priority=3),
        Column("nodes", "NODES", lambda r: r.nodes, Format.COUNT, priority=3),
        Column("capacity", "CAP", lambda r: r.capacity, Format.COUNT, priority=4),
        Column("allocatable", "ALLOC", lambda r: r.allocatable, Format.COUNT, priority=2),
        Column("used", "USED", lambda r: r.used, Format.COUNT, priority=0),
        Column("free", "FREE", lambda r: r.free, Format.COUNT, priority=0),
        Column("fragmented", "FRAG", lambda r: r.fragmented or None, Format.COUNT, priority=1),
        Column("waiting", "WAIT", lambda r: r.waiting or None, Format.COUNT, priority=1),
        Column("filled", "USE", _filled, Format.RATIO, priority=3),
        Column("commonest", "ASKED", lambda r: r.commonest or None, Format.COUNT, priority=5),
        Column("blocked", "BLOCKED", lambda r: r.blocked or None, Format.COUNT, priority=5),
        Column("reason", "REASON", lambda r: r.reason, priority=0, width=90, level=lambda r: r.level),
        Column("members", "MEMBERS", lambda r: ",".join(r.members), priority=8, wide=True, width=60),
    ),
)

KINDS = (ACCELERATORS,)
