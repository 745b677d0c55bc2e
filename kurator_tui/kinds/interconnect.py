"""The derived kinds of Submariner: connections from member to member (`links`), services that members share.

`kurator_tui.fleet.interconnect` and `fleet.exported` join the rows; here is only what they hold and say.
"""

from __future__ import annotations

from kurator_tui.kinds.base import AnyKind, Column, Format, Health, Interned, Kind, Level, Row, Subject
from kurator_tui.kinds.submariner import GATEWAY, SERVICE_EXPORT, SERVICE_IMPORT

SLOW, VERY_SLOW = 100.0, 200.0
"""Milliseconds of an average round trip from which on the number is coloured, and the link degraded."""


class LinkRow(Row, frozen=True, gc=False, array_like=True):
    """One member's connection to another, as its gateway sees it. `name` is the other one.

    `status` is connected, connecting, error or none in the gateway's words, `missing` where one should be, and
    `no gateway` in the only row of a member that has none. Round trips are in milliseconds.
    """

    status: Interned = ""
    average: float | None = None
    last: float | None = None
    back: Interned = ""
    """The same connection as the other one sees it; "" where that is not known."""
    cable: Interned = ""
    node: Interned = ""
    """The active gateway's node; `remote_node` that of the other one."""
    remote_node: Interned = ""
    gateways: Interned = ""
    """How many gateways this member has: `1 active, 1 passive`."""
    version: Interned = ""
    remote_version: Interned = ""
    nat: bool | None = None
    object_namespace: Interned = ""
    """Of the Gateway, whose name is in `object_name`."""
    object_name: str = ""
    level: Interned = str(Level.HEALTHY)
    reason: str = ""


class LinkMatrixRow(Row, frozen=True, gc=False, array_like=True):
    """One member's row of the matrix member × member: `line` has a cell of the same width for each, by number."""

    number: int = 0
    line: str = ""
    """`1:·       2:error   3:29ms`: to the members that have these numbers."""
    healthy: int = 0
    links: int = 0
    level: Interned = str(Level.HEALTHY)
    reason: str = ""


class ExportedServiceRow(Row, frozen=True, gc=False, array_like=True):
    """A service that a member exports, or one that it imports though nobody exports it."""

    status: Interned = ""
    """exported, conflict, not valid, waiting, stale import."""
    clusters: str = ""
    """Members that export it."""
    imported: int = 0
    """Members that import it."""
    type: Interned = ""
    ip: str = ""
    ports: Interned = ""
    host: str = ""
    """Its name in the cluster set."""
    kind: Interned = SERVICE_EXPORT.id
    level: Interned = str(Level.HEALTHY)
    reason: str = ""


def link_health(row: LinkRow) -> Health:
    """Connected on both sides is healthy; an error, a missing connection and no active gateway are failed."""
    return Health(Level(row.level), row.reason)


def matrix_health(row: LinkMatrixRow) -> Health:
    """The worst of the member's links."""
    return Health(Level(row.level), row.reason)


def export_health(row: ExportedServiceRow) -> Health:
    """The conditions of the ServiceExport; an import that nobody exports is degraded."""
    return Health(Level(row.level), row.reason)


def _link_level(row: LinkRow) -> Level:
    return Level(row.level)


def _matrix_level(row: LinkMatrixRow) -> Level:
    return Level(row.level)


def _export_level(row: ExportedServiceRow) -> Level:
    return Level(row.level)


def _slow(row: LinkRow) -> Level:
    if row.average is None or row.average < SLOW:
        return Level.HEALTHY
    return Level.DEGRADED if row.average < VERY_SLOW else Level.FAILED


def _gateway(row: LinkRow) -> Subject | None:
    return Subject(GATEWAY.id, row.cluster, row.object_namespace, row.object_name) if row.object_name else None


def _export(row: ExportedServiceRow) -> Subject:
    return Subject(row.kind, row.cluster, row.namespace, row.name)


LINKS: AnyKind = Kind(
    id="links",
    name="Link",
    plural="links",
    short_names=("link",),
    row=LinkRow,
    health=link_health,
    namespaced=False,
    joined=True,
    subject=_gateway,
    sort="-health",
    columns=(
        Column("cluster", "FROM", lambda r: r.cluster, priority=0),
        Column("name", "TO", lambda r: r.name, priority=0),
        Column("health", "HEALTH", _link_level, Format.HEALTH, priority=0, level=_link_level),
        Column("status", "STATUS", lambda r: r.status, priority=1),
        Column("average", "RTT", lambda r: r.average, Format.MILLISECONDS, priority=1, level=_slow),
        Column("last", "LAST", lambda r: r.last, Format.MILLISECONDS, priority=4),
        Column("back", "OTHER SIDE", lambda r: r.back, priority=3),
        Column("cable", "CABLE", lambda r: r.cable, priority=5),
        Column("node", "GATEWAY", lambda r: r.node, priority=6, width=40),
        Column("remote_node", "THEIR GATEWAY", lambda r: r.remote_node, priority=8, wide=True, width=40),
        Column("gateways", "HA", lambda r: r.gateways, priority=6, width=24),
        Column("version", "VERSION", lambda r: r.version, priority=7),
        Column("remote_version", "THEIRS", lambda r: r.remote_version, priority=8, wide=True),
        Column("nat", "NAT", lambda r: r.nat, priority=8, wide=True),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=110),
    ),
)

LINK_MATRIX: AnyKind = Kind(
    id="linkmatrix",
    name="LinkMatrix",
    plural="linkmatrix",
    short_names=("matrix",),
    row=LinkMatrixRow,
    health=matrix_health,
    namespaced=False,
    joined=True,
    sort="number",
    columns=(
        Column("number", "#", lambda r: r.number, Format.COUNT, priority=0),
        Column("name", "FROM", lambda r: r.name, priority=0),
        Column("health", "HEALTH", _matrix_level, Format.HEALTH, priority=2, level=_matrix_level),
        Column("line", "TO, BY NUMBER", lambda r: r.line, priority=0, width=500),
        Column("healthy", "HEALTHY", lambda r: r.healthy, Format.COUNT, priority=6, wide=True),
        Column("links", "LINKS", lambda r: r.links, Format.COUNT, priority=6, wide=True),
        Column("reason", "REASON", lambda r: r.reason, priority=5, width=60),
    ),
)

EXPORTED_SERVICES: AnyKind = Kind(
    id="exportedservices",
    name="ExportedService",
    plural="exportedservices",
    short_names=("exported",),
    row=ExportedServiceRow,
    health=export_health,
    joined=True,
    subject=_export,
    sort="name",
    columns=(
        Column("name", "SERVICE", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=2),
        Column("health", "HEALTH", _export_level, Format.HEALTH, priority=0, level=_export_level),
        Column("status", "STATUS", lambda r: r.status, priority=1),
        Column("clusters", "EXPORTED BY", lambda r: r.clusters, priority=3, width=50),
        Column("imported", "IMPORTED IN", lambda r: r.imported, Format.COUNT, priority=4),
        Column("type", "TYPE", lambda r: r.type, priority=5),
        Column("ip", "IP", lambda r: r.ip, priority=6, width=40),
        Column("ports", "PORTS", lambda r: r.ports, priority=5),
        Column("host", "HOST", lambda r: r.host, priority=7, wide=True, width=70),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=6),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=110),
    ),
)

KINDS = (LINKS, LINK_MATRIX, EXPORTED_SERVICES)

IMPORTED = SERVICE_IMPORT.id
"""What a row stands for that nobody exports."""
