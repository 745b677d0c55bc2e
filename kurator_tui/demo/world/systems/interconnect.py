"""Submariner on the members it connects: gateways with connections, endpoints, services over clusters."""

import random
from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.installed import CONNECTED
from kurator_tui.demo.world.site import DAY, HOUR, Site, condition
from kurator_tui.demo.world.topology import ClusterPlan

Obj = dict[str, Any]

_API, _SERVICES = "submariner.io/v1", "multicluster.x-k8s.io/v1alpha1"
_NAMESPACE = "submariner-operator"
#: The pair of members whose tunnel is down, and what Libreswan says about it.
_DOWN = frozenset({"on-prem", "pre-cloud"})
#: The member whose gateway does not see that the tunnel is down: its own end still answers.
_UNAWARE = "pre-cloud"
#: The pair of members between which a leased line is long, milliseconds there and back.
_FAR, _LONG = frozenset({"prod-cloud", "pre-cloud"}), 236.0
_REASON = (
    'Failed to successfully ping the remote endpoint IP "10.30.1.12": the tunnel is established but no '
    "traffic passes; "
    "check that UDP port 4500 is open between the gateways"
)

#: Services of all clusters: name, port, who exports it; one of them stopped to.
_IMPORTED = (
    ("session-redis", 6379, ("prod-cloud",)),
    ("orders-db", 5432, ("prod-cloud",)),
    ("frontend", 8080, ("on-prem", "pre-cloud")),
    ("reports", 8080, ("on-prem",)),
)


def objects(site: Site) -> Iterator[Obj]:
    """Everything of Submariner in this cluster."""
    there = {plan.name: plan for plan in site.members if plan.name in CONNECTED}
    nodes = [node["metadata"]["name"] for node in site.all_of("nodes") if "-cp-" not in node["metadata"]["name"]]
    for number, node in enumerate(nodes[:2]):
        yield _gateway(site, there, node, active=not number)
    for plan in there.values():
        endpoint = _endpoint(plan, f"{plan.pools[1].prefix}-01")
        name = f"{plan.name}-{endpoint['cable_name']}".replace(".", "-")
        yield site.make(_API, "Endpoint", name, _NAMESPACE, age=50 * DAY, spec=endpoint)
        cidrs = {"cluster_cidr": [_pods(plan)], "service_cidr": ["10.96.0.0/12"], "global_cidr": []}
        spec = {"cluster_id": plan.name, "color_codes": ["blue"], **cidrs}
        yield site.make(_API, "Cluster", plan.name, _NAMESPACE, age=50 * DAY, spec=spec)
    yield from _shared(site, there)


def _pods(plan: ClusterPlan) -> str:
    return f"10.{40 + len(plan.name)}.0.0/16"


def _endpoint(plan: ClusterPlan, node: str) -> Obj:
    private = f"{plan.subnet}.12"
    return {
        "backend": "libreswan",
        "backend_config": {"natt-discovery-port": "4490", "preferred-server": "false", "udp-port": "4500"},
        "cable_name": f"submariner-cable-{plan.name}-{private.replace('.', '-')}",
        "cluster_id": plan.name,
        "healthCheckIP": f"10.{40 + len(plan.name)}.0.1",
        "hostname": node,
        "nat_enabled": True,
        "private_ip": private,
        "public_ip": f"203.0.113.{20 + len(plan.name)}",
        "subnets": ["10.96.0.0/12", _pods(plan)],
    }


def _gateway(site: Site, there: dict[str, ClusterPlan], node: str, *, active: bool) -> Obj:
    others = [plan for plan in there.values() if plan.name != site.name]
    status = {
        "haStatus": "active" if active else "passive",
        "localEndpoint": _endpoint(site.plan, node),
        "connections": [_connection(site.name, plan) for plan in others] if active else [],
        "statusFailure": "",
        "version": "v0.18.0",
    }
    return site.make(_API, "Gateway", node, _NAMESPACE, age=50 * DAY, status=status)


def _connection(name: str, plan: ClusterPlan) -> Obj:
    rng = random.Random("/".join(sorted((name, plan.name))))
    near = rng.uniform(4, 40)
    base = _LONG if {name, plan.name} == _FAR else near
    down = {name, plan.name} == _DOWN and name != _UNAWARE
    times = {"last": base * 1.1, "min": base * 0.8, "average": base, "max": base * 3, "stdDev": base * 0.1}
    return {
        "endpoint": _endpoint(plan, f"{plan.pools[1].prefix}-01"),
        "status": "error" if down else "connected",
        "statusMessage": _REASON if down else "",
        **({} if down else {"latencyRTT": {key: f"{value:.3f}ms" for key, value in times.items()}}),
    }


def _shared(site: Site, there: dict[str, ClusterPlan]) -> Iterator[Obj]:
    """Exports of this cluster (one of a service that is gone) and imports of everybody's."""
    since = site.stamp(20 * DAY)
    if site.name == "prod-cloud":
        for name, good in (("session-redis", True), ("orders-db", True), ("legacy-catalog", False)):
            said = (
                condition("Valid", True, since, "", "")
                if good
                else condition(
                    "Valid",
                    False,
                    site.stamp(2 * HOUR),
                    "ServiceUnavailable",
                    "Service to be exported doesn't exist",
                )
            )
            status = {"conditions": [said]}
            yield site.make(_SERVICES, "ServiceExport", name, "webapp", age=20 * DAY, status=status)
    elif site.has("webapp"):
        told = [condition("Valid", True, since, "", "")]
        if site.name == "on-prem":
            words = "The service ports conflict between the constituent clusters [on-prem, pre-cloud]"
            told.append(condition("Conflict", True, site.stamp(5 * HOUR), "ConflictingPorts", words))
        yield site.make(_SERVICES, "ServiceExport", "frontend", "webapp", age=9 * DAY, status={"conditions": told})
    if "prod-cloud" in there:
        for name, port, exporters in _IMPORTED:
            spec = {"type": "Headless", "ips": [], "ports": [{"name": "http", "port": port, "protocol": "TCP"}]}
            clusters = {"clusters": [{"cluster": exporter} for exporter in exporters]}
            yield site.make(_SERVICES, "ServiceImport", name, "webapp", age=20 * DAY, spec=spec, status=clusters)
