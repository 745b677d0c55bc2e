"""What listens for the webhooks of Kurator Pipelines: EventListeners, their Services, an Ingress before one."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, Site, condition
from kurator_tui.demo.world.topology import MAIN_NAMESPACE

Obj = dict[str, Any]

#: Pipeline → how its listener is reached from outside; the others only inside the cluster.
_OUTSIDE = {"webapp-backend": "ingress", "ledger": "balancer"}
#: Pipelines whose listener somebody deleted.
_GONE = frozenset({"edge-charts"})
_PORT = 8080


def objects(site: Site, pipeline: str, owner: Obj) -> Iterator[Obj]:
    """The listener of one pipeline and what is before it."""
    name = f"{pipeline}-listener"
    if pipeline in _GONE:
        return
    since = site.stamp(30 * DAY)
    url = f"http://el-{name}.{MAIN_NAMESPACE}.svc.cluster.local:{_PORT}"
    spec = {
        "serviceAccountName": pipeline,
        "triggers": [
            {
                "name": f"{pipeline}-trigger",
                "bindings": [{"ref": f"{pipeline}-triggerbinding", "kind": "TriggerBinding"}],
                "template": {"ref": f"{pipeline}-triggertemplate"},
            }
        ],
    }
    conditions = [
        condition("Available", True, since, "MinimumReplicasAvailable", "Deployment has minimum availability."),
        condition("Ready", True, since, ""),
    ]
    status = {"address": {"url": url}, "conditions": conditions}
    api = "triggers.tekton.dev/v1beta1"
    made = site.make(
        api, "EventListener", name, MAIN_NAMESPACE, age=30 * DAY, owner=owner, spec=spec, status=status
    )
    yield made
    yield _service(site, made, f"el-{name}", balanced=_OUTSIDE.get(pipeline) == "balancer")
    if _OUTSIDE.get(pipeline) == "ingress":
        yield _ingress(site, pipeline, f"el-{name}")
        data = {"tls.crt": "LS0tLS1CRUdJTg==", "tls.key": "LS0tLS1CRUdJTg=="}
        yield site.make(
            "v1", "Secret", "hooks-tls", MAIN_NAMESPACE, age=30 * DAY, type="kubernetes.io/tls", data=data
        )
        nginx = {"controller": "k8s.io/ingress-nginx"}
        yield site.make("networking.k8s.io/v1", "IngressClass", "nginx", age=150 * DAY, spec=nginx)


def _service(site: Site, owner: Obj, name: str, *, balanced: bool) -> Obj:
    port = {"name": "http-listener", "protocol": "TCP", "port": _PORT, "targetPort": _PORT}
    spec: Obj = {"type": "ClusterIP", "clusterIP": f"10.96.44.{len(name)}", "ports": [port]}
    status: Obj = {"loadBalancer": {}}
    if balanced:
        spec = {**spec, "type": "LoadBalancer", "ports": [{**port, "nodePort": 31880}]}
        status = {"loadBalancer": {"ingress": [{"ip": "203.0.113.31"}]}}
    meta = {"labels": {"app.kubernetes.io/managed-by": "EventListener", "app.kubernetes.io/part-of": "Triggers"}}
    return site.make(
        "v1", "Service", name, MAIN_NAMESPACE, age=30 * DAY, owner=owner, meta=meta, spec=spec, status=status
    )


def _ingress(site: Site, pipeline: str, service: str) -> Obj:
    host = "hooks.shop.example"
    backend = {"service": {"name": service, "port": {"number": _PORT}}}
    rule = {"host": host, "http": {"paths": [{"path": f"/{pipeline}", "pathType": "Prefix", "backend": backend}]}}
    spec = {"ingressClassName": "nginx", "rules": [rule], "tls": [{"hosts": [host], "secretName": "hooks-tls"}]}
    status = {"loadBalancer": {"ingress": [{"ip": "203.0.113.24"}]}}
    name = f"{pipeline}-webhook"
    return site.make(
        "networking.k8s.io/v1", "Ingress", name, MAIN_NAMESPACE, age=30 * DAY, spec=spec, status=status
    )
