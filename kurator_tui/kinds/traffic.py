"""The derived kinds of a mesh: hosts (`traffichosts`), their trees of routes (`traffic`), what Thanos counts.

`kurator_tui.fleet.traffic` joins the first two of Istio's objects, cluster by cluster; `trafficnumbers` are asked
for in rounds. Here is only what the rows hold and say.
"""

from __future__ import annotations

from kurator_tui.kinds.base import HEALTHY, AnyKind, Column, Format, Health, Interned, Kind, Level, Row, Subject

SUCCESS_LOW, SUCCESS_BAD = 99.0, 95.0
"""Per cent of requests that succeed below which the number is degraded, and failed; as on the page `traffic`."""
P99_HIGH, P99_BAD = 500.0, 2000.0
"""The same of milliseconds."""
INDENT = "  "


class TrafficHostRow(Row, frozen=True, gc=False, array_like=True):
    """One host in one cluster. `name` is what people call it, `root` its full name.

    Endpoints are those of all places its routes lead to. `success` is in per cent and `p99` in milliseconds, None
    where nobody counts. `created` is its oldest route's.
    """

    root: str = ""
    kind: Interned = ""
    object_name: str = ""
    routes: int = 0
    weights: str = ""
    """Of the route that divides what others leave: `primary 90 · canary 10`."""
    endpoints_ready: int | None = None
    endpoints: int | None = None
    mtls: Interned = ""
    gateways: str = ""
    address: str = ""
    success: float | None = None
    p99: float | None = None
    rate: float | None = None
    """Requests a second."""
    level: Interned = str(Level.HEALTHY)
    reason: str = ""


class TrafficRow(Row, frozen=True, gc=False, array_like=True):
    """One line of a host's tree in one cluster; `path` orders the lines of all trees.

    `type` is host, gateway, route or destination; `kind` and `object_name` (in `namespace`) are the object that it
    stands for, "" for none.
    """

    root: str = ""
    path: str = ""
    depth: int = 0
    type: Interned = ""
    kind: Interned = ""
    object_name: str = ""
    takes: str = ""
    """What a route takes, in words; "" for all."""
    weight: int | None = None
    """Per cent of its route that go to a destination."""
    endpoints_ready: int | None = None
    endpoints: int | None = None
    mtls: Interned = ""
    address: str = ""
    success: float | None = None
    p99: float | None = None
    rate: float | None = None
    level: Interned = str(Level.HEALTHY)
    reason: str = ""


class TrafficNumberRow(Row, frozen=True, gc=False, array_like=True):
    """What Thanos counts of one workload's requests in the last five minutes."""

    rate: float = 0.0
    """Requests a second."""
    success: float | None = None
    """Per cent."""
    p99: float | None = None
    """Milliseconds."""


def traffic_health(row: TrafficHostRow | TrafficRow) -> Health:
    """Judged where the row is joined: no route to anywhere is failed, conflicts are degraded."""
    return Health(Level(row.level), row.reason)


def number_health(_row: TrafficNumberRow) -> Health:
    """Always healthy: a number is no verdict."""
    return HEALTHY


def _level(row: TrafficHostRow | TrafficRow) -> Level:
    return Level(row.level)


def _ready(row: TrafficHostRow | TrafficRow) -> str:
    return "" if row.endpoints is None else f"{row.endpoints_ready or 0}/{row.endpoints}"


def _success_level(row: TrafficHostRow | TrafficRow | TrafficNumberRow) -> Level:
    if row.success is None or row.success >= SUCCESS_LOW:
        return Level.HEALTHY
    return Level.DEGRADED if row.success >= SUCCESS_BAD else Level.FAILED


def _p99_level(row: TrafficHostRow | TrafficRow | TrafficNumberRow) -> Level:
    if row.p99 is None or row.p99 < P99_HIGH:
        return Level.HEALTHY
    return Level.DEGRADED if row.p99 < P99_BAD else Level.FAILED


def _subject(row: TrafficHostRow | TrafficRow) -> Subject | None:
    return Subject(row.kind, row.cluster, row.namespace, row.object_name) if row.kind else None


TRAFFIC_HOSTS: AnyKind = Kind(
    id="traffichosts",
    name="TrafficHost",
    plural="traffichosts",
    short_names=("hosts", "traffichost"),
    row=TrafficHostRow,
    health=traffic_health,
    joined=True,
    subject=_subject,
    sort="name",
    columns=(
        Column("name", "HOST", lambda r: r.name, priority=0, width=50),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=0, level=_level),
        Column("routes", "ROUTES", lambda r: r.routes, Format.COUNT, priority=8, wide=True),
        Column("weights", "WEIGHTS", lambda r: r.weights, priority=1, width=50),
        Column("ready", "READY", _ready, priority=3),
        Column("success", "OK %", lambda r: r.success, Format.COUNT, priority=2, level=_success_level),
        Column("latency", "P99", lambda r: r.p99, Format.MILLISECONDS, priority=3, level=_p99_level),
        Column("rate", "REQ/S", lambda r: r.rate, Format.COUNT, priority=6),
        Column("mtls", "MTLS", lambda r: r.mtls, priority=4),
        Column("gateways", "GATEWAYS", lambda r: r.gateways, priority=5, width=40),
        Column("address", "ADDRESS", lambda r: r.address, priority=6, width=40),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=8, wide=True),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=8, wide=True),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=110),
        Column("root", "FULL NAME", lambda r: r.root, hidden=True),
    ),
)

TRAFFIC: AnyKind = Kind(
    id="traffic",
    name="Traffic",
    plural="traffic",
    row=TrafficRow,
    health=traffic_health,
    joined=True,
    subject=_subject,
    sort="path",
    columns=(
        Column("name", "HOST, ROUTE, TO", lambda r: INDENT * r.depth + r.name, priority=0, width=60),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=0, level=_level),
        Column("weight", "WEIGHT", lambda r: r.weight, Format.COUNT, priority=1),
        Column("ready", "READY", _ready, priority=1),
        Column("match", "MATCH", lambda r: r.takes, priority=3, width=50),
        Column("success", "OK %", lambda r: r.success, Format.COUNT, priority=2, level=_success_level),
        Column("latency", "P99", lambda r: r.p99, Format.MILLISECONDS, priority=3, level=_p99_level),
        Column("rate", "REQ/S", lambda r: r.rate, Format.COUNT, priority=6),
        Column("mtls", "MTLS", lambda r: r.mtls, priority=4),
        Column("address", "ADDRESS", lambda r: r.address, priority=5, width=40),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=8, wide=True),
        Column("type", "TYPE", lambda r: r.type, priority=8, wide=True),
        Column("object", "OBJECT", lambda r: r.object_name, priority=8, wide=True, width=40),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=8, wide=True),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=110),
        Column("path", "PATH", lambda r: r.path, hidden=True),
        Column("root", "FULL NAME", lambda r: r.root, hidden=True),
    ),
)

TRAFFIC_NUMBERS: AnyKind = Kind(
    id="trafficnumbers",
    name="TrafficNumber",
    plural="trafficnumbers",
    row=TrafficNumberRow,
    health=number_health,
    columns=(
        Column("name", "WORKLOAD", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=1),
        Column("rate", "REQ/S", lambda r: r.rate, Format.COUNT, priority=1),
        Column("success", "OK %", lambda r: r.success, Format.COUNT, priority=1, level=_success_level),
        Column("latency", "P99", lambda r: r.p99, Format.MILLISECONDS, priority=2, level=_p99_level),
    ),
)

KINDS = (TRAFFIC_HOSTS, TRAFFIC, TRAFFIC_NUMBERS)
