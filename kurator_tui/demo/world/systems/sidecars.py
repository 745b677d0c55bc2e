"""How Thanos reaches the members' Prometheus: a balanced Service each, on the host the Endpoints Kurator keeps."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, Site
from kurator_tui.demo.world.topology import (
    EDGE_FLEET,
    EDGE_NAMESPACE,
    HOST,
    MAIN_FLEET,
    MAIN_NAMESPACE,
    ClusterPlan,
)

Obj = dict[str, Any]

_PORT = {"name": "grpc", "protocol": "TCP", "port": 10901, "targetPort": 10901}
_REMOTE = "thanos-sidecar-remote"
_SERVER = "prometheus-prometheus-prometheus"


def balancer(plan: ClusterPlan) -> str:
    """The address a member's load balancer gave its sidecar."""
    return f"{plan.subnet}.200"


def objects(site: Site) -> Iterator[Obj]:
    """The member's Service, or what each fleet's metrics plugin made on the host."""
    site = site.apart("sidecars")
    if site.name == HOST:
        for fleet, namespace in ((MAIN_FLEET, MAIN_NAMESPACE), (EDGE_FLEET, EDGE_NAMESPACE)):
            joined = [plan for plan in site.members if plan.fleet == fleet]
            if joined:
                yield from _remote(site, fleet, namespace, joined)
    elif "prometheus" in site.sets:
        yield _exposed(site)


def _exposed(site: Site) -> Obj:
    spec = {
        "type": "LoadBalancer",
        "clusterIP": "10.96.77.91",
        "clusterIPs": ["10.96.77.91"],
        "ports": [{**_PORT, "nodePort": 31901}],
        "selector": {"app": _SERVER},
    }
    labels = {"app.kubernetes.io/instance": "monitoring-prometheus", "app.kubernetes.io/component": "prometheus"}
    return site.make(
        *("v1", "Service", "prometheus-prometheus-thanos", "monitoring"),
        age=30 * DAY,
        meta={"labels": labels},
        spec=spec,
        status={"loadBalancer": {"ingress": [{"ip": balancer(site.plan)}]}},
    )


def _remote(site: Site, fleet: str, namespace: str, joined: list[ClusterPlan]) -> Iterator[Obj]:
    """A Service without a selector, and the Endpoints of its name, which belong to the release of Thanos."""
    owner = site.find("helmreleases.helm.toolkit.fluxcd.io", namespace, "thanos")
    labels = {
        "app.kubernetes.io/managed-by": "fleet-manager",
        "fleet.kurator.dev/name": fleet,
        "fleet.kurator.dev/plugin": "metric",
    }
    spec = {"clusterIP": "None", "clusterIPs": ["None"], "ports": [_PORT], "type": "ClusterIP"}
    common: Obj = {"age": 50 * DAY, "owner": owner, "meta": {"labels": labels}}
    yield site.make("v1", "Service", _REMOTE, namespace, **common, spec=spec, status={"loadBalancer": {}})
    addresses = [{"ip": balancer(plan)} for plan in joined]
    port = {key: _PORT[key] for key in ("name", "port", "protocol")}
    subsets = [{"addresses": addresses, "ports": [port]}]
    yield site.make("v1", "Endpoints", _REMOTE, namespace, **common, subsets=subsets)
