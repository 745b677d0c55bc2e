"""The derived kinds of how members are observed: `sidecars`, as Thanos tells, and `plumbing`, a row a member.

`fleet.sidecars` asks Thanos in rounds; `fleet.plumbing` joins that with the members' and the host's objects.
"""

from __future__ import annotations

from kurator_tui.kinds.base import (
    HEALTHY,
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

OLD = 180.0
"""Seconds since the newest sample from which a member is told to lag: six scrapes of half a minute."""


class SidecarRow(Row, frozen=True, gc=False, array_like=True):
    """What Thanos has of one member. `created` is 0.0."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    address: Interned = ""
    """Of the sidecar in `/api/v1/stores`; "" where it is not in there."""
    newest: float | None = None
    """Unix second of the newest sample; None where there is none."""
    asked: float = 0.0
    """Unix second, by the same clock, at which that was asked."""


class PlumbingRow(Row, frozen=True, gc=False, array_like=True):
    """How the metrics of one member come to Thanos, and its storage."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    fleet: Interned = ""
    prometheus: Interned = ""
    """`1/1 2.44.0`: servers that are ready, of those wanted, and their version; "" for none."""
    sidecar: Interned = ""
    """Address under which Thanos asks it."""
    exposed: Interned = ""
    """Address of the member's Service of the sidecar."""
    store: Interned = ""
    """`live`, `failing`, `bucket only`, `missing`; "" where Thanos could not be asked."""
    lag: float | None = None
    """Seconds since its newest sample."""
    grafana: Interned = ""
    ceph: Interned = ""
    """Ceph's word for its health."""
    used: float | None = None
    """Share of Ceph's capacity that is used."""


def sidecar_health(row: SidecarRow) -> Health:
    """Failed where Thanos has no live sidecar of the member; degraded where its newest sample is three minutes
    old."""
    return Health(row.level, row.reason) if row.level is not Level.HEALTHY else HEALTHY


def plumbing_health(row: PlumbingRow) -> Health:
    """Failed where no live metrics arrive, degraded where a part on their way or Ceph is not well; unknown where
    Thanos could not be asked; a member without the metrics plugin is healthy and says so."""
    return told_health(row.level, row.reason)


SIDECARS: AnyKind = Kind(
    id="sidecars",
    name="Sidecar",
    plural="sidecars",
    namespaced=False,
    row=SidecarRow,
    health=sidecar_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("address", "ADDRESS", lambda r: r.address, priority=1, width=40),
        Column("newest", "NEWEST SAMPLE", lambda r: r.newest, Format.AGE, priority=1),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
    ),
)


def _seconds(row: PlumbingRow) -> float | None:
    return row.lag * 1000 if row.lag is not None else None


def _server(row: PlumbingRow) -> Subject | None:
    """The fleet plugin's Prometheus."""
    place = (row.cluster, "monitoring", "prometheus-prometheus")
    return Subject("prometheuses.monitoring.coreos.com", *place) if row.prometheus else None


PLUMBING: AnyKind = Kind(
    id="plumbing",
    name="Plumbing",
    plural="plumbing",
    namespaced=False,
    row=PlumbingRow,
    joined=True,
    health=plumbing_health,
    subject=_server,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("prometheus", "PROMETHEUS", lambda r: r.prometheus, priority=3),
        Column("store", "IN THANOS", lambda r: r.store, priority=0),
        Column("lag", "LAG", _seconds, Format.MILLISECONDS, priority=1),
        Column("sidecar", "SIDECAR", lambda r: r.sidecar, priority=3, width=40),
        Column("exposed", "EXPOSED AT", lambda r: r.exposed, priority=5, width=40),
        Column("ceph", "CEPH", lambda r: r.ceph, priority=2),
        Column("used", "CEPH USED", lambda r: r.used, Format.RATIO, priority=4),
        Column("grafana", "GRAFANA", lambda r: r.grafana, priority=4, width=40),
        Column("fleet", "FLEET", lambda r: r.fleet, priority=5),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=80),
    ),
)

KINDS = (PLUMBING, SIDECARS)
