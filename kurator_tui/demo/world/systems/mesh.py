"""Istio and Flagger on members with a mesh: routes, rules, gateways, access rules, and canaries in every phase.

The API version follows the set: `istio` has v1beta1, `istio-1` has v1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site, condition, event

Obj = dict[str, Any]

_FLAGGER = "flagger.app/v1beta1"
_ROLLOUT = {"kurator.dev/rollout": "webapp"}


@dataclass(frozen=True, slots=True)
class Rollout:
    """One Canary: phase, weight, failed checks; `clusters` that have it, and how traffic is split."""

    name: str
    clusters: tuple[str, ...]
    phase: str
    weight: int = 0
    failed: int = 0
    iterations: int = 0
    namespace: str = "webapp"
    suspended: bool = False
    said: str = ""


ROLLOUTS = (
    Rollout("backend", ("prod-cloud",), "Progressing", 20, 1),
    Rollout("backend", ("on-prem",), "Succeeded"),
    Rollout("cart", ("prod-cloud", "on-prem"), "Initialized"),
    Rollout(
        "checkout",
        ("prod-cloud",),
        "Failed",
        failed=5,
        said="Canary analysis failed, Deployment scaled to zero.",
    ),
    Rollout("search", ("on-prem",), "Progressing", iterations=4, failed=2),
    Rollout("recommendation", ("on-prem",), "Initializing"),
    Rollout("gateway", ("prod-cloud",), "Progressing", 30, namespace="payments", suspended=True),
    Rollout("ledger", ("prod-cloud",), "WaitingPromotion", 50, namespace="payments"),
)


def rollouts(site: Site) -> Iterator[Obj]:
    """Canaries with the objects Flagger makes for them, metric templates, where alerts go."""
    for rollout in ROLLOUTS:
        if site.name in rollout.clusters and site.find("deployments.apps", rollout.namespace, rollout.name):
            yield from _canary(site, rollout)
    if site.has("webapp"):
        query = (
            'histogram_quantile(0.99, sum(rate(checkout_queue_seconds_bucket{namespace="{{ namespace }}"}'
            "[{{ interval }}])) by (le))"
        )
        provider = {"type": "prometheus", "address": "http://prometheus.istio-system:9090"}
        meta = {"annotations": _ROLLOUT}
        spec = {"provider": provider, "query": query}
        yield site.make(_FLAGGER, "MetricTemplate", "queue-time", "webapp", age=20 * DAY, meta=meta, spec=spec)
    spec = {"type": "slack", "channel": "rollouts", "username": "flagger", "secretRef": {"name": "slack-webhook"}}
    yield site.make(_FLAGGER, "AlertProvider", "on-call", "istio-system", age=70 * DAY, spec=spec)


def _canary(site: Site, rollout: Rollout) -> Iterator[Obj]:
    name, namespace = rollout.name, rollout.namespace
    analysis: Obj = {
        "interval": "60s",
        "threshold": 5,
        "metrics": [
            {"name": "request-success-rate", "interval": "60s", "thresholdRange": {"min": 99}},
            {"name": "request-duration", "interval": "60s", "thresholdRange": {"max": 500}},
        ],
        "webhooks": [
            {
                "name": "generated-testload-0",
                "url": f"http://{name}-testloader.{namespace}/",
                "timeout": "60s",
                "metadata": {"cmd": f"hey -z 1m -q 10 -c 2 http://{name}-canary.{namespace}:8080/"},
            }
        ],
    }
    analysis |= {"iterations": 10} if rollout.iterations else {"maxWeight": 50, "stepWeight": 10}
    spec = {
        "provider": "istio",
        "progressDeadlineSeconds": 600,
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "service": {"name": name, "port": 8080, "targetPort": 8080, "timeout": "15s"},
        "suspend": rollout.suspended,
        "analysis": analysis,
    }
    since = site.stamp(2 * MINUTE if rollout.phase == "Progressing" else 5 * HOUR)
    promoted = {"Succeeded": "True", "Initialized": "True", "Failed": "False"}.get(rollout.phase, "Unknown")
    said = rollout.said or {
        "Succeeded": "Canary analysis completed successfully, promotion finished.",
        "Initialized": "Deployment initialization completed.",
        "Initializing": "New Deployment detected, starting initialization.",
        "WaitingPromotion": "Waiting for approval.",
    }.get(rollout.phase, "New revision detected, progressing canary analysis.")
    status = {
        "phase": rollout.phase,
        "canaryWeight": rollout.weight,
        "failedChecks": rollout.failed,
        "iterations": rollout.iterations,
        "lastAppliedSpec": site.digest(10),
        "lastPromotedSpec": site.digest(10),
        "lastTransitionTime": since,
        "trackedConfigs": {f"configmap/{name}-config": site.digest(16)},
        "conditions": [condition("Promoted", promoted, since, rollout.phase, said, lastUpdateTime=since)],
    }
    meta = {"annotations": _ROLLOUT, "finalizers": ["finalizer.flagger.app"]}
    canary = site.make(_FLAGGER, "Canary", name, namespace, age=20 * DAY, meta=meta, spec=spec, status=status)
    yield canary
    if rollout.failed:
        halted = f"Halt {name}.{namespace} advancement success rate 97.42% < 99%"
        yield event(site, canary, "Synced", halted, "flagger", ago=70)
    if rollout.phase == "Progressing" and not rollout.suspended:
        advanced = f"Advance {name}.{namespace} canary weight {rollout.weight}"
        yield event(site, canary, "Synced", advanced, "flagger", ago=10, kind="Normal")
    if rollout.phase != "Initializing":
        yield from _made(site, rollout, canary)


def _made(site: Site, rollout: Rollout, canary: Obj) -> Iterator[Obj]:
    """The route, destination rules and services Flagger keeps for a Canary."""
    name, namespace = rollout.name, rollout.namespace
    route = [
        {"destination": {"host": f"{name}-primary"}, "weight": 100 - rollout.weight},
        {"destination": {"host": f"{name}-canary"}, "weight": rollout.weight},
    ]
    http = {"route": route, "timeout": "15s"}
    spec: Obj = {"hosts": [name], "gateways": ["mesh"], "http": [http]}
    if name == "backend":
        spec = {**spec, "hosts": ["shop.example", name], "gateways": ["istio-system/public-gateway", "mesh"]}
    api = networking(site)
    yield site.make(api, "VirtualService", name, namespace, age=20 * DAY, owner=canary, spec=spec)
    for part in ("primary", "canary"):
        rule = {"host": f"{name}-{part}", "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}}}
        yield site.make(api, "DestinationRule", f"{name}-{part}", namespace, age=20 * DAY, owner=canary, spec=rule)
        ip = f"10.97.{site.rng.randint(1, 250)}.{site.rng.randint(1, 250)}"
        service = {
            "ports": [{"name": "http", "protocol": "TCP", "port": 8080, "targetPort": 8080}],
            "selector": {"app": name},
            "clusterIP": ip,
            "clusterIPs": [ip],
            "type": "ClusterIP",
            "sessionAffinity": "None",
        }
        state: Obj = {"loadBalancer": {}}
        named = f"{name}-{part}"
        yield site.make("v1", "Service", named, namespace, age=20 * DAY, owner=canary, spec=service, status=state)


def networking(site: Site) -> str:
    """The API version of Istio's networking kinds in this cluster."""
    return f"networking.istio.io/{'v1' if 'istio-1' in site.sets else 'v1beta1'}"


def objects(site: Site) -> Iterator[Obj]:
    """What people wrote for the mesh."""
    api = networking(site)
    yield from _gateways(site, api)
    yield from _routes(site, api)
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
    spec = {"selector": {"istio": "ingressgateway"}, "servers": servers}
    yield site.make(api, "Gateway", "public-gateway", "istio-system", age=100 * DAY, spec=spec)


def _routes(site: Site, api: str) -> Iterator[Obj]:
    """Routes without a canary: one splits by header, one names a subset nobody defines."""
    for namespace, name in (
        ("webapp", "frontend"),
        ("webapp", "catalog"),
        ("payments", "fraud-scoring"),
        ("erp", "planning"),
    ):
        if not site.find("services", namespace, name):
            continue
        subsets = [{"name": version, "labels": {"version": version}} for version in ("v1", "v2")]
        outliers = {"consecutive5xxErrors": 5, "interval": "30s", "baseEjectionTime": "60s"}
        rule = {"host": name, "subsets": subsets, "trafficPolicy": {"outlierDetection": outliers}}
        yield site.make(api, "DestinationRule", name, namespace, age=60 * DAY, spec=rule)
        header = {"match": [{"headers": {"x-beta": {"exact": "true"}}}]}
        other = "v3" if name == "catalog" else "v2"
        spec: Obj = {
            "hosts": [name],
            "http": [
                {**header, "route": [{"destination": {"host": name, "subset": other}}]},
                {
                    "route": [{"destination": {"host": name, "subset": "v1"}, "weight": 100}],
                    "retries": {"attempts": 3},
                },
            ],
        }
        more: Obj = {}
        if name == "catalog":
            unknown = {
                "code": "IST0101",
                "description": f"Referenced host+subset in destinationrule not found: {name}+v3",
            }
            said = {"type": {"code": unknown["code"], "name": "ReferencedResourceNotFound"}, "level": "ERROR"}
            more = {"status": {"observedGeneration": "1", "validationMessages": [said | {"documentationUrl": ""}]}}
        yield site.make(api, "VirtualService", name, namespace, age=60 * DAY, spec=spec, **more)


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
