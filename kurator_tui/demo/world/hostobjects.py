"""Fills the host with what Kurator keeps there: members, fleets, plugin releases, a fleet in trouble."""

from collections.abc import Mapping
from typing import Any

from kurator_tui.demo.world import kurator, podstates
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import cleanup
from kurator_tui.demo.world.controllers.fleets import CONTROL_PLANE
from kurator_tui.demo.world.objects import container, pod_from_template, pod_template
from kurator_tui.demo.world.topology import (
    EDGE_FLEET,
    EDGE_NAMESPACE,
    MAIN_FLEET,
    MAIN_NAMESPACE,
    ClusterPlan,
)

Obj = dict[str, Any]

DAY = 86400.0
_MAIN_PLUGINS = ("metric", "grafana", "policy", "backup", "flagger")
_EDGE_PLUGINS = ("metric", "policy")
#: Releases that are in trouble from the start: name → (pod, container, image); Velero's was rolled back.
_BROKEN = {
    "velero-on-prem": (
        *("velero-on-prem-5c7d9f8b6-x2lqk", "velero-plugin-for-aws"),
        "docker.io/velero/velero-plugin-for-aws:v1.7.1-fips",
    ),
    "prometheus-edge-cold-chain": (
        *("prometheus-prometheus-prometheus-0", "prometheus"),
        "docker.io/bitnami/prometheus:2.44.0",
    ),
}
_BUSY = ("flagger-pre-cloud",)


def build(host: SimCluster, plans: list[ClusterPlan], access: Mapping[str, kurator.Access]) -> None:
    """Write everything; members without access get an address nobody listens on."""
    for plan in plans:
        if plan.namespace == EDGE_NAMESPACE:
            _namespace(host, EDGE_NAMESPACE)
        now = host.clock.stamp(host.rng.uniform(20, 90) * DAY)
        for obj in kurator.registration(plan, access.get(plan.name, kurator.Access()), now):
            _put(host, obj, now)
    _credentials(host)
    for name, namespace, plugins in (
        (MAIN_FLEET, MAIN_NAMESPACE, _MAIN_PLUGINS),
        (EDGE_FLEET, EDGE_NAMESPACE, _EDGE_PLUGINS),
    ):
        joined = [plan for plan in plans if plan.fleet == name]
        if joined:
            _fleet(host, name, namespace, joined, plugins)
    _troubled_fleet(host)


def _put(host: SimCluster, obj: Obj, born: str) -> Obj:
    resource = host.storage.catalogue.for_object(obj).group_resource
    obj["metadata"].setdefault("creationTimestamp", born)
    return host.create(resource, obj)


def _namespace(host: SimCluster, name: str) -> None:
    meta = {"name": name, "labels": {"kubernetes.io/metadata.name": name}}
    spec, status = {"finalizers": ["kubernetes"]}, {"phase": "Active"}
    obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": meta, "spec": spec, "status": status}
    _put(host, obj, host.clock.stamp(80 * DAY))
    cleanup.furnish(host, name)


def _credentials(host: SimCluster) -> None:
    """The object-storage Secrets the plugins name."""
    born = host.clock.stamp(70 * DAY)
    storage = "type: S3\nconfig:\n  bucket: thanos\n  endpoint: minio.storage.example:9000\n"
    _put(host, kurator.secret("thanos-objstore", MAIN_NAMESPACE, {"objstore.yml": storage}), born)
    keys = {"access-key": "demo", "secret-key": "demo"}
    _put(host, kurator.secret("backup-credentials", MAIN_NAMESPACE, keys), born)


def _fleet(
    host: SimCluster, name: str, namespace: str, plans: list[ClusterPlan], plugins: tuple[str, ...]
) -> None:
    born = host.clock.stamp(60 * DAY)
    fleet = _put(host, kurator.fleet(name, namespace, [kurator.reference(plan) for plan in plans], plugins), born)
    for plan in (None, *plans):
        for obj in kurator.releases(fleet, plan, host.clock.stamp(host.rng.uniform(1, 50) * DAY)):
            if obj["kind"] == "HelmRelease":
                _trouble(host, obj)
            _put(host, obj, born)


def _trouble(host: SimCluster, release: Obj) -> None:
    """Some releases failed or are still at work."""
    meta, version = release["metadata"], release["spec"]["chart"]["spec"]["version"]
    now = host.clock.stamp(400)
    if meta["name"] in _BROKEN:
        pod, container_name, image = _BROKEN[meta["name"]]
        pod = f"{release['spec']['targetNamespace']}/{pod}"
        message = kurator.PULL_FAILURE.format(pod=pod, container=container_name, image=image)
        release["status"] = kurator.release_status(meta["name"], meta["namespace"], version, now, failure=message)
    elif meta["name"] in _BUSY:
        busy = "Reconciliation in progress"
        release["status"] = kurator.release_status(meta["name"], meta["namespace"], version, now, busy=busy)


def _troubled_fleet(host: SimCluster) -> None:
    """A fleet without members whose Karmada control plane never came up: its init pod failed."""
    namespace, name = "staging", "staging"
    _namespace(host, namespace)
    born = host.clock.stamp(2 * DAY)
    fleet = kurator.fleet(name, namespace, [], (), annotations={CONTROL_PLANE: "karmada"})
    reason = 'init control plane failed: pod "staging-init" failed: karmadactl init: etcd is not ready'
    fleet["status"] = {"phase": "Running", "reason": reason}
    _put(host, fleet, born)
    image = "ghcr.io/kurator-dev/karmadactl:v0.1.0"
    command = ("init", "-n", namespace)
    template = pod_template(
        {kurator.FLEET_LABEL: name}, [container("install", image, args=command)], restartPolicy="Never"
    )
    pod = pod_from_template(template, namespace=namespace, name="staging-init", token_suffix=host.suffix())
    nodes = host.all_of("nodes")
    pod["spec"]["nodeName"] = nodes[-1]["metadata"]["name"]
    pod["metadata"] |= {"creationTimestamp": born, "uid": host.storage.new_uid(), "generation": 1}
    pod["status"] = podstates.creating(pod, born, nodes[-1]["status"]["addresses"][0]["address"])
    pod["status"] = podstates.running(pod, born, host.next_ip("10.244"), ready=False)
    pod["status"] = {**podstates.crashed(pod, born, waiting=False), "phase": "Failed"}
    host.create("pods", pod)
