"""The join behind `plumbing`: from a member's Prometheus to the Thanos of its fleet, and Ceph beside.

    Prometheus and its sidecar ─► Service with a load balancer's address ─► Endpoints on the host ─► Thanos' stores

Kurator enters only IP addresses into the Endpoints, once a pass of its controller, and skips members whose load
balancer has a name (kurator-api §10 K8); nothing else tells that a member is missing from every number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.lifecycle_estate import value
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import HOST, SEVERITY, Health, Level, Row
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.networking import ENDPOINTS, SERVICE
from kurator_tui.kinds.observability import PLUMBING, SIDECARS, PlumbingRow, SidecarRow
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.kinds.prometheus import PROMETHEUS
from kurator_tui.kinds.rook import CEPH_CLUSTER
from kurator_tui.kinds.table import ObjectRow, object_health
from kurator_tui.store.freshness import UNREADABLE, State

NAMESPACE, SERVER, SIDECAR = "monitoring", "prometheus-prometheus", "prometheus-prometheus-thanos"
"""Of the fleet plugin on members (kurator-api §9)."""
REMOTE, GRAFANA = "thanos-sidecar-remote", "grafana"
"""Of the fleet plugin on the host, in the fleet's namespace."""


class Home(NamedTuple):
    """What the host says of one member: its fleet, and what that has on the host."""

    fleet: str = ""
    metric: bool = False
    endpoints: str | None = None
    """Addresses that Thanos is given; None without the object."""
    grafana: str = ""


def homes(seen: Seen) -> Mapping[str, Home]:
    """By member."""
    fleets = {(kind, row.namespace, name): row for row in seen.rows(FLEET, HOST) for kind, name in row.members}
    endpoints = {row.namespace: row for row in seen.rows(ENDPOINTS, HOST) if row.name == REMOTE}
    grafanas = {row.namespace: row for row in seen.rows(SERVICE, HOST) if row.name == GRAFANA}
    found: dict[str, Home] = {}
    for member in seen.members.values():
        fleet = fleets.get((member.kind, member.namespace, member.object_name))
        if fleet is not None:
            given = endpoints.get(fleet.namespace)
            grafana = grafanas.get(fleet.namespace)
            found[member.name] = Home(
                fleet.name,
                "metric" in fleet.plugins,
                value(ENDPOINTS, given, "endpoints") if given is not None else None,
                _address(grafana) if grafana is not None and "grafana" in fleet.plugins else "",
            )
    return found


def _address(service: ObjectRow) -> str:
    return value(SERVICE, service, "external") or value(SERVICE, service, "cluster_ip")


@dataclass(slots=True)
class _Found:
    """What is wrong, and how bad that is; what is nobody's fault is said beside."""

    faults: list[Health] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def add(self, level: Level, reason: str) -> None:
        self.faults.append(Health(level, reason))

    def verdict(self) -> Health:
        worst = max(self.faults, key=lambda each: SEVERITY[each.level], default=None)
        faults = sorted(self.faults, key=lambda each: -SEVERITY[each.level])
        reasons = [*(each.reason for each in faults), *self.said]
        return Health(worst.level if worst is not None else Level.HEALTHY, "; ".join(filter(None, reasons)))


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The one row of a member."""
    if cluster == HOST:
        return
    home = seen.shared(homes).get(cluster, Home())
    found = _Found()
    server = _server(seen, cluster, home, found)
    told = next((cast(SidecarRow, row) for row in seen.rows(SIDECARS, cluster)), None)
    store = _store(seen, cluster, told, home, found)
    missing = store not in ("", "live", "lags")  # else it is exposed by whatever, or nobody knows
    exposed = _exposed(seen, cluster, home, found if missing else _Found()) if server is not None else ""
    ceph = next(iter(seen.rows(CEPH_CLUSTER, cluster)), None)
    if ceph is not None and (its := object_health(ceph)).level is not Level.HEALTHY:
        found.add(its.level, f"Ceph: {its.reason}")
    verdict = found.verdict()
    yield PlumbingRow(
        *(cluster, "", cluster, cluster, 0.0),
        level=verdict.level,
        reason=verdict.reason,
        fleet=home.fleet,
        prometheus=_servers(server) if server is not None else "",
        sidecar=told.address if told is not None else "",
        exposed=exposed,
        store=store,
        lag=max(0.0, told.asked - told.newest) if told is not None and told.newest is not None else None,
        grafana=home.grafana,
        ceph=value(CEPH_CLUSTER, ceph, "ceph") if ceph is not None else "",
        used=_number(ceph, "used") if ceph is not None else None,
    )


JOIN = Join(
    PLUMBING,
    (FLEET, ENDPOINTS, SERVICE),
    (CLUSTERS, PROMETHEUS, SERVICE, CEPH_CLUSTER, SIDECARS),
    rows,
    only={SERVICE.id: lambda row: row.name in (SIDECAR, GRAFANA)},
    fields={ENDPOINTS.id: f"metadata.name={REMOTE}"},
    planned=homes,
)


def _server(seen: Seen, cluster: str, home: Home, found: _Found) -> ObjectRow | None:
    """The member's Prometheus, the plugin's own before any other."""
    servers: list[ObjectRow] = sorted(seen.rows(PROMETHEUS, cluster), key=lambda row: row.name != SERVER)
    if servers:
        if (health := object_health(servers[0])).level is not Level.HEALTHY:
            found.add(min(health.level, Level.DEGRADED, key=SEVERITY.__getitem__), f"Prometheus: {health.reason}")
        return servers[0]
    state = seen.freshness(cluster, PROMETHEUS).state
    if seen.freshness(cluster).state is not State.LIVE:
        return None
    if state in UNREADABLE:
        found.said.append(cannot_be_read("prometheuses"))
    elif not home.metric:
        found.said.append("its fleet has no metrics plugin")
    elif state is State.ABSENT:
        found.add(Level.FAILED, "no Prometheus operator: the metrics plugin is not installed here")
    elif state is State.LIVE:
        found.add(Level.FAILED, "there is no Prometheus: the metrics plugin did not make one")
    return None


def _servers(row: ObjectRow) -> str:
    ready, wanted = _number(row, "ready", PROMETHEUS), _number(row, "desired", PROMETHEUS)
    return f"{ready or 0:g}/{wanted or 0:g} {value(PROMETHEUS, row, 'version')}".strip()


def _number(row: ObjectRow, key: str, kind: Any = CEPH_CLUSTER) -> float | None:
    found = kind.value(row, key)
    return float(found) if isinstance(found, int | float) else None


def _exposed(seen: Seen, cluster: str, home: Home, found: _Found) -> str:
    """The address at which Thanos can reach the sidecar."""
    service = next((row for row in seen.rows(SERVICE, cluster) if row.name == SIDECAR), None)
    if service is None:
        if home.metric and seen.freshness(cluster, SERVICE).state is State.LIVE:
            found.add(Level.DEGRADED, f"there is no Service {SIDECAR}: nobody can ask its sidecar")
        return ""
    address = value(SERVICE, service, "external")
    if not home.metric or home.endpoints is None:
        return address
    given = {each.rpartition(":")[0] or each for each in home.endpoints.split(",") if each}
    if address in ("", "<pending>"):
        found.add(Level.DEGRADED, f"{SIDECAR} has no address from a load balancer")
    elif not any(part in given for part in address.split(",")):
        number = address.replace(".", "").replace(",", "").isdigit() or ":" in address
        what = address if number else f"{address} is a name, which Kurator skips: it"
        found.add(Level.DEGRADED, f"{what} is not among the Endpoints of {REMOTE}")
    return address


_WORDS = {"its sidecar fails": "failing", "no sidecar:": "bucket only", "no sample": "no samples"}
"""How the reason of a sidecar that is not live begins -> the word for that."""


def _store(seen: Seen, cluster: str, told: SidecarRow | None, home: Home, found: _Found) -> str:
    """A word for what Thanos has of the member."""
    if told is None:
        state = seen.freshness(cluster, SIDECARS)
        if home.metric and state.state in (State.STALE, *UNREADABLE):
            found.add(Level.UNKNOWN, f"Thanos: {state.reason}")
        return ""
    if told.level is not Level.HEALTHY and home.metric:
        missing = ": its numbers are missing" if told.level is Level.FAILED else ""
        found.add(told.level, f"Thanos: {told.reason}{missing}")
    if told.level is not Level.FAILED:
        return "lags" if told.level is Level.DEGRADED else "live"
    return next((word for words, word in _WORDS.items() if told.reason.startswith(words)), "missing")
