"""The edge as KubeEdge sees it: its nodes, their sites, the pods on them.

Derived kinds; `kurator_tui.fleet.edge_*` join their rows, here is only what they hold and say. A node out of
contact is never called down: it may work on its own, and nobody here can know.
"""

from __future__ import annotations

import enum

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


class Contact(enum.StrEnum):
    """How a node stands to the cloud."""

    ONLINE = "online"
    SILENT = "silent"
    """Still called Ready, but its heartbeats stopped."""
    AUTONOMOUS = "offline-autonomous"
    """No contact, with pods that run on without it as far as anybody knows."""
    OFFLINE = "offline"
    """No contact, and no pods to run."""
    FAILED = "failed"
    """In contact, and reporting a problem."""
    NEW = "no status"
    """Never reported anything."""


PARTLY_FAILED, PARTLY_OFFLINE, NO_NODES = "partly failed", "partly offline", "no nodes"
"""What a site is beside what nodes are."""
AWAY = (Contact.SILENT, Contact.AUTONOMOUS, Contact.OFFLINE)
"""Contacts of nodes that nothing is heard of."""


class EdgeNodeRow(Row, frozen=True, gc=False, array_like=True):
    """An edge node. `heard` is the Unix second of the last contact of a node that is not heard of now, else 0.0:
    heartbeats of nodes in contact change no row. `since` is when Ready changed last. `pods` are those on it that
    have not ended, `running` of them run and `terminating` wait for it to confirm their end; requests and what can
    be allocated are in millicores and bytes. `flaps` are the changes of contact seen within an hour."""

    level: Interned = str(Level.UNKNOWN)
    reason: str = ""
    state: Interned = ""
    site: Interned = ""
    region: Interned = ""
    heard: float = 0.0
    since: float = 0.0
    version: Interned = ""
    """Of the kubelet that edgecore is built on."""
    edgecore: Interned = ""
    runtime: Interned = ""
    pods: int = 0
    running: int = 0
    terminating: int = 0
    cpu_requested: int = 0
    cpu_allocatable: int = 0
    memory_requested: int = 0
    memory_allocatable: int = 0
    flaps: int = 0
    cordoned: bool = False
    labels: tuple[tuple[str, str], ...] = ()


class EdgeSiteRow(Row, frozen=True, gc=False, array_like=True):
    """Edge nodes at one place, or in the map a region's (`line`). Counts of nodes add up to `nodes`; those of
    devices are None where devices cannot be read. `connected` is what CloudCore of the cluster counts of the
    `expected` edge nodes of the whole cluster, None where nobody tells."""

    level: Interned = str(Level.UNKNOWN)
    reason: str = ""
    state: Interned = ""
    site: Interned = ""
    region: Interned = ""
    line: Interned = "site"
    """`site`, or `region` for the line above its sites in the map."""
    path: str = ""
    depth: int = 0
    source: Interned = ""
    """What made the site: `group`, the label's name, or `cluster`."""
    nodes: int = 0
    online: int = 0
    away: int = 0
    """Out of contact, maybe autonomous."""
    failed: int = 0
    unknown: int = 0
    """Without any status yet."""
    flapping: int = 0
    pods: int = 0
    devices: int | None = None
    devices_online: int | None = None
    heard: float = 0.0
    """The last contact with any of its nodes where none is heard of now, else 0.0."""
    connected: int | None = None
    expected: int = 0
    cloudcore: Interned = ""
    """Replicas of CloudCore in the cluster as `ready/wanted`, `none`; "" where that is not known."""


class EdgePodRow(Row, frozen=True, gc=False, array_like=True):
    """A pod on an edge node, as the cluster believes it to be. `believed` is the Unix second of the last contact
    with its node where that is not heard of now, else 0.0: what is believed is as old as that."""

    level: Interned = str(Level.UNKNOWN)
    reason: str = ""
    status: Interned = ""
    ready: Interned = ""
    node: Interned = ""
    site: Interned = ""
    state: Interned = ""
    """Contact of its node."""
    believed: float = 0.0
    restarts: int = 0
    owner: Interned = ""


def edge_health(row: EdgeNodeRow | EdgeSiteRow | EdgePodRow) -> Health:
    """What is out of contact is unknown, never failed: it may work on its own. Failed is what says so itself;
    flapping, cordoned or under pressure is degraded, and so is a site with failed nodes, without any CloudCore
    that is ready, or with fewer nodes connected to it than are Ready."""
    return told_health(Level(row.level), row.reason)


def _level(row: EdgeNodeRow | EdgeSiteRow | EdgePodRow) -> Level:
    return Level(row.level)


_STATES = {
    Contact.ONLINE: Level.HEALTHY,
    Contact.FAILED: Level.FAILED,
    PARTLY_FAILED: Level.DEGRADED,
}


def _state_level(row: EdgeNodeRow | EdgeSiteRow) -> Level:
    """Of the contact alone: the row's own level knows more."""
    return _STATES.get(row.state, Level.UNKNOWN)


def _core_level(row: EdgeSiteRow) -> Level:
    ready, _, wanted = row.cloudcore.partition("/")
    return Level.HEALTHY if ready == wanted or not wanted else Level.DEGRADED


def _share(part: int | None, whole: int | None) -> str:
    if whole is None:
        return ""
    return f"{'?' if part is None else part}/{whole}"


def _pods(row: EdgeNodeRow) -> str:
    return f"{row.running}/{row.pods}"


def _terminating(row: EdgeNodeRow) -> int | None:
    return row.terminating or None


def _load(asked: int, there: int) -> float | None:
    return asked / there if there else None


def _node(row: EdgeNodeRow) -> Subject:
    return Subject("nodes", row.cluster, "", row.name)


def _group(row: EdgeSiteRow) -> Subject | None:
    """Only a group is an object."""
    if row.source != "group":
        return None
    return Subject("nodegroups.apps.kubeedge.io", row.cluster, "", row.site)


def _pod(row: EdgePodRow) -> Subject:
    return Subject("pods", row.cluster, row.namespace, row.name)


EDGE_NODES: AnyKind = Kind(
    id="edgenodes",
    name="EdgeNode",
    plural="edgenodes",
    row=EdgeNodeRow,
    namespaced=False,
    joined=True,
    health=edge_health,
    subject=_node,
    columns=(
        Column("name", "NODE", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=4),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=5, level=_level),
        Column("state", "STATE", lambda r: r.state, priority=0, level=_state_level),
        Column("heard", "CONTACT", lambda r: r.heard or None, Format.AGE, priority=0),
        Column("site", "SITE", lambda r: r.site, priority=1),
        Column("region", "REGION", lambda r: r.region, priority=6),
        Column("pods", "PODS", _pods, priority=2),
        Column("terminating", "STUCK", _terminating, Format.COUNT, priority=4),
        Column("cpu", "CPU", lambda r: _load(r.cpu_requested, r.cpu_allocatable), Format.RATIO, priority=5),
        Column(
            "memory", "MEM", lambda r: _load(r.memory_requested, r.memory_allocatable), Format.RATIO, priority=5
        ),
        Column("flaps", "FLAPS 1H", lambda r: r.flaps or None, Format.COUNT, priority=4),
        Column("edgecore", "EDGECORE", lambda r: r.edgecore, priority=5),
        Column("version", "KUBELET", lambda r: r.version, priority=5),
        Column("since", "SINCE", lambda r: r.since or None, Format.AGE, priority=5),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
        Column("runtime", "RUNTIME", lambda r: r.runtime, priority=7),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=7, wide=True),
    ),
)

_SITE_COLUMNS: tuple[Column[EdgeSiteRow], ...] = (
    Column("health", "HEALTH", _level, Format.HEALTH, priority=3, level=_level),
    Column("state", "STATE", lambda r: r.state, priority=0, level=_state_level),
    Column("online", "ONLINE", lambda r: _share(r.online, r.nodes), priority=0),
    Column("away", "OFFLINE", lambda r: r.away or None, Format.COUNT, priority=1),
    Column("failed", "FAILED", lambda r: r.failed or None, Format.COUNT, priority=1),
    Column("heard", "CONTACT", lambda r: r.heard or None, Format.AGE, priority=1),
    Column("devices", "DEVICES", lambda r: _share(r.devices_online, r.devices), priority=1),
    Column("connected", "CLOUDHUB", lambda r: _share(r.connected, r.expected), priority=3),
    Column("cloudcore", "CLOUDCORE", lambda r: r.cloudcore or "?", priority=4, level=_core_level),
    Column("flapping", "FLAPPING", lambda r: r.flapping or None, Format.COUNT, priority=5),
    Column("pods", "PODS", lambda r: r.pods, Format.COUNT, priority=5),
    Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
    Column("nodes", "NODES", lambda r: r.nodes, Format.COUNT, priority=7, wide=True),
    Column("unknown", "NO STATUS", lambda r: r.unknown or None, Format.COUNT, priority=7, wide=True),
    Column("source", "MADE BY", lambda r: r.source, priority=8, wide=True),
)

EDGE_SITES: AnyKind = Kind(
    id="edgesites",
    name="EdgeSite",
    plural="edgesites",
    row=EdgeSiteRow,
    namespaced=False,
    joined=True,
    health=edge_health,
    subject=_group,
    columns=(
        Column("name", "SITE", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=2),
        Column("region", "REGION", lambda r: r.region, priority=4),
        *_SITE_COLUMNS,
    ),
)

EDGE_MAP: AnyKind = Kind(
    id="edgemap",
    name="EdgeMapLine",
    plural="edgemap",
    row=EdgeSiteRow,
    namespaced=False,
    joined=True,
    health=edge_health,
    subject=_group,
    sort="path",
    columns=(
        Column("name", "REGION / SITE", lambda r: "  " * r.depth + r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=2),
        *_SITE_COLUMNS,
        Column("path", "PATH", lambda r: r.path, hidden=True),
        Column("depth", "DEPTH", lambda r: r.depth, Format.COUNT, hidden=True),
        Column("line", "LINE", lambda r: r.line, hidden=True),
        Column("site", "SITE", lambda r: r.site, hidden=True),
        Column("region", "REGION", lambda r: r.region, hidden=True),
    ),
)

EDGE_PODS: AnyKind = Kind(
    id="edgepods",
    name="EdgePod",
    plural="edgepods",
    row=EdgePodRow,
    joined=True,
    health=edge_health,
    subject=_pod,
    columns=(
        Column("name", "POD", lambda r: r.name, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=3),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=4),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=0, level=_level),
        Column("status", "BELIEVED", lambda r: r.status, priority=0),
        Column("believed", "BELIEF FROM", lambda r: r.believed or None, Format.AGE, priority=0),
        Column("ready", "READY", lambda r: r.ready, priority=2),
        Column("node", "NODE", lambda r: r.node, priority=1),
        Column("state", "NODE STATE", lambda r: r.state, priority=2),
        Column("site", "SITE", lambda r: r.site, priority=5),
        Column("restarts", "RESTARTS", lambda r: r.restarts, Format.COUNT, priority=4),
        Column("owner", "OWNER", lambda r: r.owner, priority=6),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=3),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
    ),
)

KINDS = (EDGE_SITES, EDGE_MAP, EDGE_NODES, EDGE_PODS)
