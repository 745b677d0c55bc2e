"""Puts every system's objects into a built cluster, custom resource definitions first.

Only adds: pods, workloads and whatever else is there stay as they are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import cleanup, endpoints
from kurator_tui.demo.world.site import Site
from kurator_tui.demo.world.systems import (
    access,
    admission,
    batch,
    canaries,
    core,
    definitions,
    delivery,
    edge,
    federation,
    interconnect,
    machines,
    mesh,
    monitoring,
    newer_flux,
    operators,
    pipelines,
    policy,
    protection,
    sidecars,
    volumes,
)
from kurator_tui.demo.world.topology import ClusterPlan

Obj = dict[str, Any]
Describe = Callable[[Site], Iterator[Obj]]

#: Set of kinds → what describes its objects, in the order of `installed`.
SYSTEMS: Mapping[str, Describe] = {
    "backup": protection.host_objects,
    "flux": delivery.objects,
    "cluster-api": machines.objects,
    "tekton": pipelines.objects,
    "karmada": federation.objects,
    "velero": protection.member_objects,
    "kyverno": policy.objects,
    "kyverno-2": policy.objects,
    "volcano": batch.objects,
    "istio": mesh.objects,
    "istio-1": mesh.objects,
    "flagger": canaries.objects,
    "submariner": interconnect.objects,
    "prometheus": monitoring.objects,
    "flux-2": newer_flux.objects,
    "rook": operators.storage,
    "argo": operators.argo,
    "widgets": operators.widgets,
    "platform-host": operators.platform_host,
    "platform-edge": operators.platform_edge,
    "platform-mesh": operators.platform_mesh,
    "kubeedge": edge.objects,
    "kubeedge-old": edge.objects,
}
#: What every cluster has.
EVERYWHERE: tuple[Describe, ...] = (
    definitions.objects,
    core.objects,
    access.objects,
    volumes.objects,
    sidecars.objects,
    admission.objects,
)


def furnish(cluster: SimCluster, plan: ClusterPlan, members: Sequence[ClusterPlan], seed: int) -> None:
    """Write the objects of everything that is installed in this cluster."""
    site = Site(cluster, plan, members, seed)
    kinds = {(rt.api_version, rt.kind): rt.group_resource for rt in cluster.types.values()}
    described = (*EVERYWHERE, *(describe for name, describe in SYSTEMS.items() if name in site.sets))
    for describe in described:
        for obj in describe(site):
            _put(cluster, kinds[obj["apiVersion"], obj["kind"]], obj)


def _put(cluster: SimCluster, resource: str, obj: Obj) -> None:
    """Store an object; its namespace is made first, the slice of a Service with it."""
    namespace = obj["metadata"].get("namespace", "")
    if namespace and cluster.find("namespaces", "", namespace) is None:
        _namespace(cluster, namespace, obj["metadata"]["creationTimestamp"])
    made = cluster.create(resource, obj)
    if resource == "services" and (made.get("spec") or {}).get("selector"):
        piece = endpoints.slice_of(cluster, made)
        piece["metadata"]["creationTimestamp"] = made["metadata"]["creationTimestamp"]
        cluster.create(endpoints.SLICES, piece)


def _namespace(cluster: SimCluster, name: str, born: str) -> None:
    meta = {"name": name, "labels": {"kubernetes.io/metadata.name": name}, "creationTimestamp": born}
    spec, status = {"finalizers": ["kubernetes"]}, {"phase": "Active"}
    obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": meta, "spec": spec, "status": status}
    cluster.create("namespaces", obj)
    cleanup.furnish(cluster, name)
