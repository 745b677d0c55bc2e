"""Submariner: gateways between clusters, their endpoints, services exported and imported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, conditions, judge, worst
from kurator_tui.kinds.table import Part, cell, table

GROUP = "submariner.io"
SERVICES = "multicluster.x-k8s.io"

_UNITS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ns": 1e-6}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|μs|ns|h|m|s)")


def _milliseconds(duration: Any) -> float:
    """A duration of Go, `1.2ms` or `1m0.5s`."""
    return sum(float(number) * _UNITS[unit] for number, unit in _DURATION.findall(str(duration)))


def _slowest(texts: Any, nanoseconds: Any) -> float | None:
    """The longest average round trip of all connections; older releases count nanoseconds."""
    found = [_milliseconds(text) for text in texts or ()] or [number / 1e6 for number in nanoseconds or ()]
    return max(found, default=None)


def _peer(connection: Mapping[str, Any]) -> str:
    endpoint = connection.get("endpoint") or {}
    told = connection.get("statusMessage") or connection.get("status") or "none"
    return f"{endpoint.get('cluster_id') or endpoint.get('hostname') or '?'}: {told}"


LONGEST_MESSAGE = 200
"""Characters of what a gateway says of a connection that a join keeps."""
_BEST = ("connected", "connecting", "error")
"""Of several connections to one cluster the first of these tells how it is."""


def _connections(connections: Any) -> dict[str, list[Any]]:
    """Cluster -> status, message, average and last round trip in ms, NAT, gateway node, cable driver."""
    found: dict[str, list[Any]] = {}
    for each in connections or ():
        endpoint, status = each.get("endpoint") or {}, str(each.get("status") or "none")
        rtt, old = each.get("latencyRTT") or {}, each.get("latency") or {}
        average, last = rtt.get("average"), rtt.get("last")
        told = [
            status,
            str(each.get("statusMessage") or "")[:LONGEST_MESSAGE],
            _milliseconds(average) if average else _nanoseconds(old.get("averageRTT")),
            _milliseconds(last) if last else _nanoseconds(old.get("lastRTT")),
            each.get("usingNAT"),
            str(endpoint.get("hostname") or ""),
            str(endpoint.get("backend") or ""),
        ]
        cluster = str(endpoint.get("cluster_id") or "")
        known = found.get(cluster)
        if cluster and (known is None or _rank(status) < _rank(known[0])):
            found[cluster] = told
    return found


def _nanoseconds(number: Any) -> float | None:
    return number / 1e6 if isinstance(number, int | float) else None


def _rank(status: str) -> int:
    return _BEST.index(status) if status in _BEST else len(_BEST)


@judge(
    "status.haStatus",
    "status.statusFailure",
    "status.connections[*]",
    says="`status.connections`: error is degraded, all of them failed; connecting is progressing",
)
def _gateway(role: Any, failure: Any, connections: Any) -> Health:
    if failure:
        return Health(Level.FAILED, str(failure))
    if not role:
        return Health(Level.UNKNOWN, "no status yet")
    broken = [each for each in connections or () if each.get("status") == "error"]
    if broken:
        level = Level.FAILED if len(broken) == len(connections) else Level.DEGRADED
        return Health(level, "; ".join(_peer(each) for each in broken[:3]))
    waiting = [each for each in connections or () if each.get("status") != "connected"]
    if waiting:
        return Health(Level.PROGRESSING, "; ".join(_peer(each) for each in waiting[:3]))
    return Health(Level.HEALTHY, "" if role == "active" else str(role))


GATEWAY = table(
    f"gateways.{GROUP}",
    "Gateway",
    ("v1",),
    cell("ha", "status.haStatus", title="HA STATUS", priority=2),
    cell(
        "connected",
        "status.connections[?(@.status=='connected')].status",
        "status.connections[*].status",
        read=lambda up, known: f"{len(up)}/{len(known)}",
        priority=2,
    ),
    cell("clusters", "status.connections[*].endpoint.cluster_id", width=50),
    cell(
        "slowest",
        "status.connections[*].latencyRTT.average",
        "status.connections[*].latency.averageRTT",
        read=_slowest,
        format=Format.MILLISECONDS,
        title="SLOWEST RTT",
    ),
    cell("cable", "status.localEndpoint.backend"),
    cell("host", "status.localEndpoint.hostname", priority=5, width=40),
    cell("nat", "status.connections[*].usingNAT", read=any, wide=True),
    cell("version", "status.version", wide=True),
    health=_gateway,
    parts={
        "connections": Part(("status.connections",), _connections),
        "local": "status.localEndpoint.cluster_id",
        "failure": "status.statusFailure",
    },
)

ENDPOINT = table(
    f"endpoints.{GROUP}",
    "Endpoint",
    ("v1",),
    cell("of", "spec.cluster_id", title="OF CLUSTER", priority=2),
    cell("host", "spec.hostname", width=40),
    cell("cable", "spec.backend"),
    cell("private", "spec.private_ip", "spec.private_ips", title="PRIVATE IP"),
    cell("public", "spec.public_ip", "spec.public_ips", title="PUBLIC IP"),
    cell("subnets", "spec.subnets", width=50),
    cell("nat", "spec.nat_enabled", priority=5),
    cell("checked", "spec.healthCheckIP", "spec.healthCheckIPs", title="HEALTH CHECK IP", wide=True),
)


@judge("status.conditions[*]", says="Conflict is degraded")
def _conflict(told: Any) -> Health:
    found = by_type(told).get("Conflict", {})
    return Health(Level.DEGRADED, because(found) or "Conflict") if found.get("status") == "True" else HEALTHY


SERVICE_EXPORT = table(
    f"serviceexports.{SERVICES}",
    "ServiceExport",
    ("v1alpha1",),
    cell("conditions", "status.conditions[?(@.status=='True')].type"),
    health=worst(
        conditions("Valid", "Ready", "Synced", waiting=("AwaitingExport", "AwaitingSync", "Pending")), _conflict
    ),
    short_names=("svcex",),
)


def _port(port: Mapping[str, Any]) -> str:
    return f"{port.get('port', '')}/{port.get('protocol') or 'TCP'}"


@judge("status.clusters[*].cluster", says="progressing until a cluster backs it")
def _import(clusters: Any) -> Health:
    return HEALTHY if clusters else Health(Level.PROGRESSING, "no cluster backs it")


SERVICE_IMPORT = table(
    f"serviceimports.{SERVICES}",
    "ServiceImport",
    ("v1alpha1",),
    cell("type", "spec.type"),
    cell("ips", "spec.ips", title="IP"),
    cell("ports", "spec.ports[*]", read=lambda ports: ",".join(_port(port) for port in ports)),
    cell("clusters", "status.clusters[*].cluster", width=50, priority=2),
    health=_import,
    parts={"clusters": "status.clusters[*].cluster"},
    short_names=("svcim",),
)

KINDS = (GATEWAY, ENDPOINT, SERVICE_EXPORT, SERVICE_IMPORT)
