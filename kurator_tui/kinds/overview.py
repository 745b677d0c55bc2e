"""The two derived kinds a fleet is read by: `fleets` and `clusters`.

Their rows are joins made by `kurator_tui.fleet`; here is only what they hold and how a column reads it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kurator_tui.kinds.base import HEALTHY, AnyKind, Column, Format, Health, Kind, Level, Row

PLUGINS = ("metric", "grafana", "kyverno", "backup", "storage", "flagger", "submariner")
"""Order of the plugin matrix."""


class PluginCell(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One plugin component on one member ("host" for host-side ones)."""

    plugin: str
    component: str
    member: str
    level: Level
    reason: str = ""
    release: str = ""
    """Name of the HelmRelease, "" when Kurator never made one."""
    revision: str = ""


class Finding(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Something in a fleet that is degraded or failed: for a fleet's health a part of it, as a row's `findings`
    an open incident."""

    level: Level
    where: str
    """A member, or a plugin's component on one; `3 clusters`."""
    reason: str = ""


class FleetOverview(Row, frozen=True, gc=False, array_like=True):
    """One fleet as the console sees it. CPU in millicores, memory in bytes, summed over the
    members that were listed at least once; None while none of them was."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    phase: str = ""
    members: tuple[str, ...] = ()
    """Cluster names as they appear in `clusters`."""
    live: int = 0
    """Members that answer our own probe now."""
    kurator_ready: int = 0
    """`status.readyClusters`: what Kurator last believed, possibly hours ago."""
    plugins: tuple[PluginCell, ...] = ()
    nodes: int | None = 0
    nodes_ready: int | None = 0
    pods: int | None = 0
    cpu_requested: int | None = 0
    cpu_allocatable: int | None = 0
    memory_requested: int | None = 0
    memory_allocatable: int | None = 0
    gpus: int = 0
    labels: tuple[tuple[str, str], ...] = ()
    found: int = 0
    """How many incidents go on about its members and its own objects, those of low severity left out."""
    findings: tuple[Finding, ...] = ()
    """The worst of them, `MOST_FINDINGS` at most."""


MOST_FINDINGS = 50


def _findings_level(row: FleetOverview) -> Level:
    """Of the worst finding; of a remembered row only their number is known."""
    if row.findings:
        return row.findings[0].level
    return Level.DEGRADED if row.found else Level.HEALTHY


class ClusterOverview(Row, frozen=True, gc=False, array_like=True):
    """One member, or the host. `name` equals `cluster`.

    `state` is a `store.freshness.State` value with the Unix second it began in `since`; `contact` is the last
    second the API server answered. `nodes`, `pods` and the sums are None until they were listed once.
    """

    level: Level = Level.UNKNOWN
    reason: str = ""
    kind: str = ""
    """Host, Cluster, AttachedCluster, CustomCluster or Context."""
    object_name: str = ""
    """Name of the Kurator object; differs from `name` only where two members share it."""
    fleet: str = ""
    via: str = ""
    """Where the credentials come from: `context NAME`, `secret NAME/KEY`, `in-cluster`."""
    state: str = ""
    since: float = 0.0
    server: str = ""
    latency: float | None = None
    """Milliseconds of the last probe."""
    contact: float = 0.0
    version: str = ""
    skew: int | None = None
    """Minor versions behind the newest member; 0 is newest."""
    phase: str = ""
    kurator_ready: bool | None = None
    nodes: int | None = None
    nodes_ready: int | None = None
    pods: int | None = None
    pods_ready: int | None = None
    cpu_requested: int | None = None
    cpu_allocatable: int | None = None
    memory_requested: int | None = None
    memory_allocatable: int | None = None
    gpus: int = 0
    certificate_expiry: float | None = None
    """Whichever of `client_expiry` and `server_expiry` is first."""
    streams: int = 0
    infrastructure: str = ""
    endpoint: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    """Of the Kurator object: what an Application's clusterSelector tests."""
    note: str = ""
    """What was refused or failed beside the state itself, e.g. `cannot list nodes: forbidden`."""
    numbers: float | None = None
    """Unix second at which Thanos told `nodes`, `pods` or the sums; None where the objects are counted."""
    client_expiry: float | None = None
    """Unix second at which the client certificate in use ends; None with a token."""
    server_expiry: float | None = None
    """Unix second at which the API server's own certificate ends."""
    ahead: float = 0.0
    """Seconds by which the API server's clock is ahead of this machine's, less than none where it is behind."""
    found: int = 0
    """How many incidents go on about it, those of low severity left out."""
    worst: Level = Level.HEALTHY
    """Of the worst of these."""


def current_latency(row: ClusterOverview) -> float | None:
    """Milliseconds of the last probe; None while the row is stale: that probe says nothing about now."""
    return None if row.level is Level.STALE else row.latency


def _ratio(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def _load_level(ratio: float | None) -> Level:
    if ratio is None:
        return Level.UNKNOWN
    return Level.FAILED if ratio >= 0.95 else Level.DEGRADED if ratio >= 0.8 else Level.HEALTHY


def fleet_overview_health(row: FleetOverview) -> Health:
    return Health(row.level, row.reason) if row.level is not Level.HEALTHY else HEALTHY


def cluster_overview_health(row: ClusterOverview) -> Health:
    return Health(row.level, row.reason) if row.level is not Level.HEALTHY else HEALTHY


def worst_plugin(row: FleetOverview, plugin: str) -> tuple[int, int, Level] | None:
    """(healthy cells, all cells, worst level) of one plugin, or None when the fleet does not use it."""
    cells = [cell for cell in row.plugins if cell.plugin == plugin]
    if not cells:
        return None
    order = (Level.HEALTHY, Level.PROGRESSING, Level.STALE, Level.UNKNOWN, Level.DEGRADED, Level.FAILED)
    worst = max((cell.level for cell in cells), key=order.index)
    return sum(cell.level is Level.HEALTHY for cell in cells), len(cells), worst


def _plugin_column(plugin: str, title: str, priority: int) -> Column[FleetOverview]:
    def value(row: FleetOverview) -> str | None:
        found = worst_plugin(row, plugin)
        return None if found is None else f"{found[0]}/{found[1]}"

    def level(row: FleetOverview) -> Level:
        found = worst_plugin(row, plugin)
        return Level.UNKNOWN if found is None else found[2]

    return Column(plugin, title, value, priority=priority, level=level)


def _members_level(row: FleetOverview) -> Level:
    if row.live == len(row.members):
        return Level.HEALTHY
    if row.level is Level.PROGRESSING:  # members are still connecting
        return Level.PROGRESSING
    return Level.FAILED if row.live == 0 else Level.DEGRADED


def _nodes_level(row: ClusterOverview) -> Level:
    return Level.DEGRADED if row.nodes and row.nodes_ready != row.nodes else Level.HEALTHY


_LOAD: tuple[Column[Any], ...] = (
    Column(
        "cpu",
        "CPU REQ",
        lambda r: _ratio(r.cpu_requested, r.cpu_allocatable),
        Format.RATIO,
        priority=3,
        level=lambda r: _load_level(_ratio(r.cpu_requested, r.cpu_allocatable)),
    ),
    Column(
        "memory",
        "MEM REQ",
        lambda r: _ratio(r.memory_requested, r.memory_allocatable),
        Format.RATIO,
        priority=3,
        level=lambda r: _load_level(_ratio(r.memory_requested, r.memory_allocatable)),
    ),
)
"""Requested over allocatable, the same of a fleet and of a cluster."""

FLEETS: AnyKind = Kind(
    id="fleets",
    name="FleetOverview",
    plural="fleets",
    row=FleetOverview,
    health=fleet_overview_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=6),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("phase", "PHASE", lambda r: r.phase, priority=5),
        Column("live", "LIVE", lambda r: r.live, Format.COUNT, priority=1, level=_members_level),
        Column("members", "MEMBERS", lambda r: len(r.members), Format.COUNT, priority=1),
        Column("findings", "FINDINGS", lambda r: r.found, Format.COUNT, priority=2, level=_findings_level),
        _plugin_column("metric", "METRIC", 3),
        _plugin_column("grafana", "GRAFANA", 4),
        _plugin_column("kyverno", "POLICY", 3),
        _plugin_column("backup", "BACKUP", 3),
        _plugin_column("storage", "STORAGE", 4),
        _plugin_column("flagger", "FLAGGER", 3),
        _plugin_column("submariner", "SUBMAR", 4),
        Column("nodes", "NODES", lambda r: r.nodes, Format.COUNT, priority=2),
        Column("pods", "PODS", lambda r: r.pods, Format.COUNT, priority=2),
        *_LOAD,
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=5),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
    ),
)

CLUSTERS: AnyKind = Kind(
    id="clusters",
    name="ClusterOverview",
    plural="clusters",
    namespaced=False,
    row=ClusterOverview,
    health=cluster_overview_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("state", "STATE", lambda r: r.state, priority=4),
        Column("fleet", "FLEET", lambda r: r.fleet, priority=2),
        Column("kind", "KIND", lambda r: r.kind, priority=4),
        Column("via", "VIA", lambda r: r.via, priority=7),
        Column("latency", "LATENCY", current_latency, Format.MILLISECONDS, priority=3),
        Column("contact", "CONTACT", lambda r: r.contact or None, Format.AGE, priority=3),
        Column("version", "VERSION", lambda r: r.version, priority=2),
        Column("skew", "SKEW", lambda r: r.skew, Format.COUNT, priority=5),
        Column("findings", "FINDINGS", lambda r: r.found, Format.COUNT, priority=3, level=lambda r: r.worst),
        Column("nodes", "NODES", lambda r: r.nodes, Format.COUNT, priority=1),
        Column("nodes_ready", "READY", lambda r: r.nodes_ready, Format.COUNT, priority=3, level=_nodes_level),
        Column("pods", "PODS", lambda r: r.pods, Format.COUNT, priority=1),
        *_LOAD,
        Column("certificate_expiry", "CERT", lambda r: r.certificate_expiry, Format.UNTIL, priority=6),
        Column("streams", "STREAMS", lambda r: r.streams, Format.COUNT, priority=7),
        Column("numbers", "NUMBERS", lambda r: r.numbers, Format.AGE, priority=8, wide=True),
        Column("server", "SERVER", lambda r: r.server, priority=8, wide=True),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
    ),
)

KINDS = (FLEETS, CLUSTERS)
