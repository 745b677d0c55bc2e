"""Node, Namespace, Event. Pods and Deployments have their own files."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from kurator_tui.kinds import device_names
from kurator_tui.kinds.base import HEALTHY, Column, Format, Health, Interned, Kind, Level, Row
from kurator_tui.kinds.meta import (
    GPU_RESOURCES,
    Condition,
    Int32,
    NameRef,
    ObjectMeta,
    Projection,
    SlimMeta,
    condition,
    intern,
    label_pairs,
    unix,
    whole,
)

ROLE_PREFIX = "node-role.kubernetes.io/"
LEGACY_ROLE_LABEL = "kubernetes.io/role"
CORDONED = "node.kubernetes.io/unschedulable"
"""The taint of a cordoned node, which holds since when."""
EDGE_ROLE = "edge"
"""KubeEdge labels its nodes `node-role.kubernetes.io/edge`; its kubelet also names itself in the version."""

PRESSURES = {
    "MemoryPressure": "memory",
    "DiskPressure": "disk",
    "PIDPressure": "pid",
    "NetworkUnavailable": "network",
}
"""Node conditions that are bad when True -> their short name in a row."""


class _Taint(Projection):
    key: str = ""
    value: str | None = None
    effect: str | None = None
    time_added: str | None = None


class _NodeSpec(Projection):
    unschedulable: bool | None = None
    taints: list[_Taint] | None = None


class _NodeInfo(Projection):
    kubelet_version: str | None = None
    os_image: str | None = None
    container_runtime_version: str | None = None


class _Address(Projection):
    type: str = ""
    address: str = ""


class _NodeStatus(Projection):
    conditions: list[Condition] | None = None
    capacity: dict[str, str | int | float] | None = None
    allocatable: dict[str, str | int | float] | None = None
    addresses: list[_Address] | None = None
    node_info: _NodeInfo = msgspec.field(default_factory=_NodeInfo)


class Node(Projection):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    spec: _NodeSpec = msgspec.field(default_factory=_NodeSpec)
    status: _NodeStatus = msgspec.field(default_factory=_NodeStatus)


class NodeRow(Row, frozen=True, gc=False, array_like=True):
    """`ready`, `reason` and `message` are the Ready condition's ("Unknown" without one).

    Allocatable CPU is in millicores, memory in bytes; `heartbeat` is the Unix second of the last one. `pressures`
    are short names of the conditions that are True and bad. `taints` are `key=value:Effect`. `devices` are its
    accelerators as `device_names.of_node` writes them.
    """

    ready: Interned = "Unknown"
    reason: Interned = ""
    message: Interned = ""
    roles: tuple[str, ...] = ()
    version: Interned = ""
    unschedulable: bool = False
    pressures: tuple[str, ...] = ()
    edge: bool = False
    cpu_allocatable: int = 0
    memory_allocatable: int = 0
    pods_allocatable: int = 0
    gpus: int = 0
    heartbeat: float = 0.0
    taints: tuple[str, ...] = ()
    internal_ip: str = ""
    os_image: Interned = ""
    runtime: Interned = ""
    labels: tuple[tuple[str, str], ...] = ()
    deleting: bool = False
    devices: Interned = ""
    since: float = 0.0
    """When Ready changed last, Unix seconds."""
    cordoned: float = 0.0
    """When it was cordoned, Unix seconds; 0.0 where nothing says it."""


def _roles(labels: dict[str, str]) -> tuple[str, ...]:
    """Roles as kubectl finds them: the label's suffix, or the value of the legacy label."""
    roles = {key.removeprefix(ROLE_PREFIX) for key in labels if key.startswith(ROLE_PREFIX)}
    roles.add(labels.get(LEGACY_ROLE_LABEL, ""))
    return tuple(intern(role) for role in sorted(roles) if role)


def _taint(taint: _Taint) -> str:
    value = f"={taint.value}" if taint.value else ""
    return intern(f"{taint.key}{value}:{taint.effect or ''}")


def _pressures(conditions: list[Condition] | None) -> tuple[str, ...]:
    return tuple(PRESSURES[c.type] for c in conditions or () if c.status == "True" and c.type in PRESSURES)


def _internal_ip(addresses: list[_Address] | None) -> str:
    return next((a.address for a in addresses or () if a.type == "InternalIP"), "")


def _node(cluster: str, obj: Node) -> NodeRow:
    meta, spec, status = obj.metadata, obj.spec, obj.status
    ready = condition(status.conditions, "Ready") or Condition(status="Unknown")
    roles = _roles(meta.labels or {})
    version = intern(status.node_info.kubelet_version)
    allocatable = status.allocatable or {}
    return NodeRow(
        cluster=cluster,
        namespace="",
        name=intern(meta.name),
        uid=meta.uid,
        created=unix(meta.creation_timestamp),
        ready=intern(ready.status),
        reason=intern(ready.reason),
        message=intern(ready.message),
        roles=roles,
        version=version,
        unschedulable=bool(spec.unschedulable),
        pressures=_pressures(status.conditions),
        edge=EDGE_ROLE in roles or "kubeedge" in version,
        cpu_allocatable=whole(allocatable.get("cpu"), 1000),
        memory_allocatable=whole(allocatable.get("memory")),
        pods_allocatable=whole(allocatable.get("pods")),
        gpus=sum(whole(allocatable.get(name)) for name in GPU_RESOURCES),
        heartbeat=unix(ready.last_heartbeat_time),
        taints=tuple(_taint(taint) for taint in spec.taints or ()),
        internal_ip=_internal_ip(status.addresses),
        os_image=intern(status.node_info.os_image),
        runtime=intern(status.node_info.container_runtime_version),
        labels=label_pairs(meta),
        deleting=bool(meta.deletion_timestamp),
        devices=device_names.of_node(status.capacity or {}, allocatable),
        since=unix(ready.last_transition_time),
        cordoned=next((unix(taint.time_added) for taint in spec.taints or () if taint.key == CORDONED), 0.0),
    )


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if seconds else "never"


def node_health(row: NodeRow) -> Health:
    """Ready decides. An edge node out of contact may be working on its own: it is unknown, never failed."""
    if row.ready == "True":
        if row.pressures:
            return Health(Level.DEGRADED, " and ".join(row.pressures) + " pressure")
        return Health(Level.DEGRADED, "cordoned") if row.unschedulable else HEALTHY
    if row.ready == "Unknown" and not (row.reason or row.heartbeat):
        return Health(Level.UNKNOWN, "no status yet")
    if row.ready == "Unknown" and row.edge:
        return Health(Level.UNKNOWN, f"offline – last seen {_moment(row.heartbeat)}")
    reason = ": ".join(part for part in (row.reason, row.message) if part)
    return Health(Level.FAILED, reason or "not ready")


def node_status(row: NodeRow) -> str:
    """kubectl's STATUS column: `Ready`, `NotReady`, `Unknown`, with `,SchedulingDisabled` when cordoned."""
    status = {"True": "Ready", "False": "NotReady"}.get(row.ready, "NotReady" if row.reason else "Unknown")
    return f"{status},SchedulingDisabled" if row.unschedulable else status


def _level(row: NodeRow) -> Level:
    return node_health(row).level


NODE = Kind(
    id="nodes",
    name="Node",
    versions=("v1",),
    plural="nodes",
    short_names=("no",),
    namespaced=False,
    row=NodeRow,
    projection=Node,
    project=_node,
    health=node_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=1),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=0, level=_level),
        Column("status", "STATUS", node_status, priority=2),
        Column("roles", "ROLES", lambda r: ",".join(r.roles), priority=3),
        Column("version", "VERSION", lambda r: r.version, priority=3),
        Column("cpu", "CPU", lambda r: r.cpu_allocatable, Format.MILLICORES, priority=4),
        Column("memory", "MEMORY", lambda r: r.memory_allocatable, Format.BYTES, priority=4),
        Column("pods", "PODS", lambda r: r.pods_allocatable, Format.COUNT, priority=6),
        Column("gpus", "GPUS", lambda r: r.gpus or None, Format.COUNT, priority=5),
        Column("heartbeat", "HEARTBEAT", lambda r: r.heartbeat or None, Format.AGE, priority=6),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=2),
        Column("reason", "REASON", lambda r: node_health(r).reason, priority=3, width=80),
        Column("taints", "TAINTS", lambda r: ",".join(r.taints), priority=7, wide=True),
        Column("internal_ip", "INTERNAL-IP", lambda r: r.internal_ip, priority=7, wide=True),
        Column("os_image", "OS-IMAGE", lambda r: r.os_image, priority=8, wide=True),
        Column("runtime", "RUNTIME", lambda r: r.runtime, priority=8, wide=True),
    ),
)


class _NamespaceStatus(Projection):
    phase: str | None = None
    conditions: list[Condition] | None = None


class Namespace(Projection):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    status: _NamespaceStatus = msgspec.field(default_factory=_NamespaceStatus)


class NamespaceRow(Row, frozen=True, gc=False, array_like=True):
    """`reason` is what keeps a terminating namespace alive, "" when nothing does."""

    phase: str = ""
    reason: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    deleting: bool = False


def _namespace(cluster: str, obj: Namespace) -> NamespaceRow:
    meta, status = obj.metadata, obj.status
    blocked = next((c for c in status.conditions or () if c.status == "True"), None)
    return NamespaceRow(
        cluster=cluster,
        namespace="",
        name=intern(meta.name),
        uid=meta.uid,
        created=unix(meta.creation_timestamp),
        phase=intern(status.phase),
        reason=": ".join(part for part in (blocked.reason, blocked.message) if part) if blocked else "",
        labels=label_pairs(meta),
        deleting=bool(meta.deletion_timestamp),
    )


def namespace_health(row: NamespaceRow) -> Health:
    """Active is healthy; Terminating is on its way, and degraded once a condition says what blocks it."""
    if row.phase == "Active":
        return HEALTHY
    if row.phase == "Terminating":
        return Health(Level.DEGRADED, row.reason) if row.reason else Health(Level.PROGRESSING, "Terminating")
    return Health(Level.UNKNOWN, row.phase or "no status yet")


NAMESPACE = Kind(
    id="namespaces",
    name="Namespace",
    versions=("v1",),
    plural="namespaces",
    short_names=("ns",),
    namespaced=False,
    row=NamespaceRow,
    projection=Namespace,
    project=_namespace,
    health=namespace_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=1),
        Column("status", "STATUS", lambda r: r.phase, level=lambda r: namespace_health(r).level),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=2),
        Column("reason", "REASON", lambda r: namespace_health(r).reason, priority=3, width=80),
    ),
)


class _Series(Projection):
    count: Int32 | None = None
    last_observed_time: str | None = None


class _EventSource(Projection):
    component: str | None = None


class Event(Projection):
    metadata: SlimMeta = msgspec.field(default_factory=SlimMeta)
    involved_object: NameRef = msgspec.field(default_factory=NameRef)
    type: str | None = None
    reason: str | None = None
    message: str | None = None
    count: Int32 | None = None
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    series: _Series | None = None
    source: _EventSource | None = None
    reporting_component: str | None = None


class EventRow(Row, frozen=True, gc=False, array_like=True):
    """`type` is Normal or Warning; `last_seen` is in Unix seconds; `count` is the series' when there is one."""

    type: str = ""
    reason: str = ""
    message: str = ""
    object_kind: str = ""
    object_name: str = ""
    object_namespace: str = ""
    count: int = 1
    last_seen: float = 0.0
    source: str = ""


def _event(cluster: str, obj: Event) -> EventRow:
    meta, about, series = obj.metadata, obj.involved_object, obj.series or _Series()
    created = unix(meta.creation_timestamp)
    seen = series.last_observed_time or obj.last_timestamp or obj.event_time or obj.first_timestamp
    return EventRow(
        cluster=cluster,
        namespace=intern(meta.namespace),
        name=meta.name,
        uid=meta.uid,
        created=created,
        type=intern(obj.type),
        reason=intern(obj.reason),
        message=obj.message or "",
        object_kind=intern(about.kind),
        object_name=about.name or "",
        object_namespace=intern(about.namespace),
        count=series.count or obj.count or 1,
        last_seen=unix(seen) or created,
        source=intern(obj.reporting_component or (obj.source.component if obj.source else None)),
    )


def event_health(row: EventRow) -> Health:
    """A Warning is degraded: an event reports, it does not judge the object."""
    return HEALTHY if row.type != "Warning" else Health(Level.DEGRADED, row.reason or "Warning")


EVENT = Kind(
    id="events",
    name="Event",
    versions=("v1",),
    plural="events",
    short_names=("ev",),
    row=EventRow,
    projection=Event,
    project=_event,
    health=event_health,
    columns=(
        Column("last_seen", "LAST SEEN", lambda r: r.last_seen, Format.AGE, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=1),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=2),
        Column("type", "TYPE", lambda r: r.type, level=lambda r: event_health(r).level),
        Column("reason", "REASON", lambda r: r.reason),
        Column("object", "OBJECT", lambda r: f"{r.object_kind.lower()}/{r.object_name}", priority=0),
        Column("count", "COUNT", lambda r: r.count, Format.COUNT, priority=3),
        Column("source", "SOURCE", lambda r: r.source, priority=4),
        Column("message", "MESSAGE", lambda r: r.message, priority=2, width=120),
        Column("name", "NAME", lambda r: r.name, priority=6, wide=True),
    ),
)

KINDS = (NODE, NAMESPACE, EVENT)
