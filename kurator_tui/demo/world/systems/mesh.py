"""Istio on members with a mesh: routes, rules, gateways and access rules.

The API version follows the set: `istio` has v1beta1, `istio-1` has v1.
"""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, HOUR, Site, condition

Obj = dict[str, Any]


def networking(site: Site) -> str:
    """The API version of Istio's networking kinds in this cluster."""
    return f"networking.istio.io/{'v1' if 'istio-1' in site.sets else 'v1beta1'}"


def objects(site: Site) -> Iterator[Obj]:
    """What people wrote for the mesh."""
    api = networking(site)
    yield from _gateways(site, api)
    yield from _routes(site, api)
    yield from _conflicts(site, api)
    yield from _outside(site, api)
    yield from _security(site)


def _gateways(site: Site, api: str) -> Iterator[Obj]:
    tls = {"mode": "SIMPLE", "credentialName": "shop-tls"}
    servers = [
        {
            "port": {"number": 80, "name": "http", "protocol": "HTTP"},
            "hosts": ["shop.example"],
            "tls": {"httpsRedirect": True},
        },
        {"port": {"number": 443, "name": "https", "protocol": "HTTPS"}, "hosts": ["shop.example"], "tls": tls},
    ]
    spec = {"selector": {"app": "istio-ingressgateway"}, "servers": servers}
    yield site.make(api, "Gateway", "public-gateway", "istio-system", age=100 * DAY, spec=spec)


def _routes(site: Site, api: str) -> Iterator[Obj]:
    """Routes without a canary: one splits by header, one names in one cluster a subset nobody defines."""
    for namespace, name in (
        ("webapp", "frontend"),
        ("webapp", "catalog"),
        ("payments", "fraud-scoring"),
        ("erp", "planning"),
    ):
        if not site.find("services", namespace, name):
            continue
        labels = {"v1": {"app": name}, "v2": {"app.kubernetes.io/name": name}}
        subsets = [{"name": version, "labels": its} for version, its in labels.items()]
        outliers = {"consecutive5xxErrors": 5, "interval": "30s", "baseEjectionTime": "60s"}
        rule = {"host": name, "subsets": subsets, "trafficPolicy": {"outlierDetection": outliers}}
        yield site.make(api, "DestinationRule", name, namespace, age=60 * DAY, spec=rule)
        header = {"match": [{"headers": {"x-beta": {"exact": "true"}}}]}
        mistaken = name == "catalog" and site.name == "on-prem"
        other = "v3" if mistaken else "v2"
        spec: Obj = {
            "hosts": [name],
            "http": [
                {**header, "route": [{"destination": {"host": name, "subset": other}}]},
                {"route": _weighted(site, name), "retries": {"attempts": 3}},
            ],
        }
        more: Obj = {}
        if mistaken:
            unknown = {
                "code": "IST0101",
                "description": f"Referenced host+subset in destinationrule not found: {name}+v3",
            }
            said = {"type": {"code": unknown["code"], "name": "ReferencedResourceNotFound"}, "level": "ERROR"}
            more = {"status": {"observedGeneration": "1", "validationMessages": [said | {"documentationUrl": ""}]}}
        yield site.make(api, "VirtualService", name, namespace, age=60 * DAY, spec=spec, **more)


def _weighted(site: Site, name: str) -> list[Obj]:
    """Where the rest of the requests go: to one subset, to both, or in one cluster to less than all of both."""
    shares = {"frontend": (75, 25 if site.name != "pre-cloud" else 15)}.get(name, (100,))
    versions = ("v1", "v2")[: len(shares)]
    return [
        {"destination": {"host": name, "subset": version}, "weight": share}
        for version, share in zip(versions, shares, strict=True)
    ]


def _conflicts(site: Site, api: str) -> Iterator[Obj]:
    """Written without looking: a second route for a host, an entry with the name of a Service, a client that
    speaks plainly to pods that demand TLS."""
    if site.name == "pre-cloud":
        to = [{"destination": {"host": "frontend", "subset": "v2"}}]
        spec: Obj = {"hosts": ["frontend"], "http": [{"route": to}]}
        yield site.make(api, "VirtualService", "frontend-preview", "webapp", age=3 * DAY, spec=spec)
        plain = {"host": "session-redis", "trafficPolicy": {"tls": {"mode": "DISABLE"}}}
        yield site.make(api, "DestinationRule", "session-redis", "webapp", age=20 * DAY, spec=plain)
        spec = {"hosts": ["session-redis"], "tcp": [{"route": [{"destination": {"host": "session-redis"}}]}]}
        yield site.make(api, "VirtualService", "session-redis", "webapp", age=20 * DAY, spec=spec)
    if site.name == "on-prem":
        port = {"number": 80, "name": "http", "protocol": "HTTP"}
        hosts = ["search.webapp.svc.cluster.local"]
        spec = {"hosts": hosts, "ports": [port], "location": "MESH_INTERNAL", "resolution": "DNS"}
        yield site.make(api, "ServiceEntry", "search-legacy", "webapp", age=200 * DAY, spec=spec)


def _outside(site: Site, api: str) -> Iterator[Obj]:
    """Services beyond the mesh, a machine in it, and how far proxies look."""
    if site.has("payments"):
        port = {"number": 443, "name": "tls", "protocol": "TLS"}
        spec = {"hosts": ["api.bank.example"], "ports": [port], "location": "MESH_EXTERNAL", "resolution": "DNS"}
        yield site.make(api, "ServiceEntry", "bank", "payments", age=80 * DAY, spec=spec)
    port = {"number": 5432, "name": "postgres", "protocol": "TCP"}
    spec = {
        "hosts": ["warehouse-db.shop.internal"],
        "ports": [port],
        "location": "MESH_INTERNAL",
        "resolution": "STATIC",
        "workloadSelector": {"labels": {"app": "warehouse-db"}},
    }
    yield site.make(api, "ServiceEntry", "warehouse-db", "webapp", age=80 * DAY, spec=spec)
    for number in (1, 2):
        about = {
            "address": f"{site.plan.subnet}.{200 + number}",
            "labels": {"app": "warehouse-db"},
            "serviceAccount": "warehouse-db",
            "ports": {"postgres": 5432},
        }
        said = "read tcp: connection reset by peer"
        health = condition("Healthy", number == 1, site.stamp(HOUR), "", "" if number == 1 else said)
        status = {"conditions": [health | {"lastProbeTime": site.stamp(10)}]}
        name = f"warehouse-db-{number}"
        yield site.make(api, "WorkloadEntry", name, "webapp", age=80 * DAY, spec=about, status=status)
    egress = [{"hosts": ["./*", "istio-system/*"]}]
    sidecar = {"egress": egress, "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}}
    yield site.make(api, "Sidecar", "default", "webapp", age=60 * DAY, spec=sidecar)


def _security(site: Site) -> Iterator[Obj]:
    api = f"security.istio.io/{'v1' if 'istio-1' in site.sets else 'v1beta1'}"
    yield site.make(
        api, "PeerAuthentication", "default", "istio-system", age=90 * DAY, spec={"mtls": {"mode": "STRICT"}}
    )
    ports = {"5432": {"mode": "DISABLE"}}
    spec: Obj = {
        "selector": {"matchLabels": {"app": "orders-db"}},
        "mtls": {"mode": "PERMISSIVE"},
        "portLevelMtls": ports,
    }
    yield site.make(api, "PeerAuthentication", "orders-db", "webapp", age=30 * DAY, spec=spec)
    callers = {"principals": ["cluster.local/ns/webapp/sa/default"]}
    rule = {"from": [{"source": callers}], "to": [{"operation": {"methods": ["GET", "POST"]}}]}
    spec = {"selector": {"matchLabels": {"app": "checkout"}}, "action": "ALLOW", "rules": [rule]}
    yield site.make(api, "AuthorizationPolicy", "checkout-callers", "webapp", age=50 * DAY, spec=spec)
    yield site.make(
        api, "AuthorizationPolicy", "deny-all", "istio-system", age=90 * DAY, spec={"action": "DENY", "rules": []}
    )
