"""The objects of an application: its workload, Service and disruption budget.  Pure functions of `apps.App`."""

from dataclasses import replace
from typing import Any

from kurator_tui.demo.world import flaggered
from kurator_tui.demo.world.apps import App
from kurator_tui.demo.world.objects import container, pod_template

Obj = dict[str, Any]

EDGE_TOLERATION = {"key": "node-role.kubernetes.io/edge", "operator": "Exists", "effect": "NoSchedule"}
CONTROL_TOLERATION = {"key": "node-role.kubernetes.io/control-plane", "operator": "Exists", "effect": "NoSchedule"}
#: What each pod of a StatefulSet asks for.
_CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "8Gi"}},
        "volumeMode": "Filesystem",
    },
    "status": {"phase": "Pending"},
}


def workload(app: App) -> Obj:
    """The Deployment, StatefulSet, DaemonSet or Job of an application, without status."""
    if app.release == "primary":
        return flaggered.primary_of(workload(replace(app, release="target")), app.replicas)
    labels = {"app": app.name, "app.kubernetes.io/name": app.name, "app.kubernetes.io/part-of": app.namespace}
    selector = {"matchLabels": {"app": app.name}}
    meta: Obj = {"name": app.name, "namespace": app.namespace, "labels": labels}
    spec: Obj = {"selector": selector, "template": _template(app, labels)}
    version = "batch/v1" if app.kind == "Job" else "apps/v1"
    if app.kind == "Job":
        parallel = {"parallelism": app.replicas, "completions": app.replicas, "backoffLimit": 6}
        spec = {**parallel, "completionMode": "NonIndexed", "suspend": False, "template": spec["template"]}
    elif app.kind == "DaemonSet":
        rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": "34%"}}
        spec |= {"updateStrategy": rolling, "revisionHistoryLimit": 10}
    elif app.kind == "StatefulSet":
        rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
        spec |= {
            "replicas": app.replicas,
            "serviceName": app.name,
            "podManagementPolicy": "OrderedReady",
            "updateStrategy": rolling,
            "revisionHistoryLimit": 10,
            "volumeClaimTemplates": [_CLAIM],
        }
    else:
        rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
        spec |= {
            "replicas": app.replicas,
            "strategy": rolling,
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
        }
    return {"apiVersion": version, "kind": app.kind, "metadata": meta, "spec": spec}


def _template(app: App, labels: dict[str, str]) -> Obj:
    containers = [
        container(app.name, app.image, cpu=app.cpu, memory=app.memory, port=app.port, gpus=app.gpus),
    ]
    if app.sidecar:
        containers.append(container("thanos-sidecar", app.sidecar, cpu="50m", memory="64Mi", port=10902))
    spec: Obj = {}
    if app.where:
        spec["tolerations"] = [EDGE_TOLERATION]
    if app.where == "edge":
        spec["nodeSelector"] = {"node-role.kubernetes.io/edge": ""}
    if app.kind == "DaemonSet" and app.where != "edge":
        spec["tolerations"] = [*spec.get("tolerations", ()), CONTROL_TOLERATION]
    if app.name == "dcgm-exporter":
        spec["nodeSelector"] = {"nvidia.com/gpu.present": "true"}
    if app.kind == "Job":
        spec["restartPolicy"] = "Never"
    return pod_template(labels, containers, **spec)


def service(app: App, address: str) -> Obj:
    """The ClusterIP Service in front of an application (headless for StatefulSets)."""
    port = {"name": "http", "protocol": "TCP", "port": app.port, "targetPort": app.port}
    headless = app.kind == "StatefulSet"
    ip = "None" if headless else address
    public = app.name in ("istio-ingressgateway", "ingress-nginx-controller", "grafana")
    spec: Obj = {
        "ports": [{**port, **({"nodePort": 30000 + (app.port or 0) % 2700} if public else {})}],
        "selector": {"app": app.name},
        "clusterIP": ip,
        "clusterIPs": [ip],
        "type": "LoadBalancer" if public else "ClusterIP",
        "sessionAffinity": "None",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "internalTrafficPolicy": "Cluster",
    }
    status: Obj = {"loadBalancer": {"ingress": [{"ip": f"203.0.113.{len(app.name)}"}]} if public else {}}
    meta = {"name": app.name, "namespace": app.namespace, "labels": {"app": app.name}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec, "status": status}


def budget(app: App) -> Obj:
    """The PodDisruptionBudget of an application that has one, without status."""
    value: int | str = int(app.budget) if app.budget.isdigit() else app.budget
    meta = {"name": app.name, "namespace": app.namespace, "labels": {"app": app.name}}
    behind = app.name + flaggered.PRIMARY if app.release == "primary" else app.name
    spec = {"minAvailable": value, "selector": {"matchLabels": {"app": behind}}}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta, "spec": spec}
