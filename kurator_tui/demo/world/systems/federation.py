"""The Karmada API as the host serves it: its clusters, and a namespace that goes to all of them."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from kurator_tui.demo.world import kurator
from kurator_tui.demo.world.installed import catalogue
from kurator_tui.demo.world.site import DAY, MINUTE, Site, condition
from kurator_tui.demo.world.systems import federated, propagated
from kurator_tui.demo.world.systems.federated import NAMESPACE
from kurator_tui.demo.world.systems.propagated import BINDING, POLICY, SILENT, TRAINING
from kurator_tui.demo.world.topology import ClusterPlan

Obj = dict[str, Any]


def objects(site: Site) -> Iterator[Obj]:
    """Everything of Karmada for the members there are."""
    yield from (_cluster(site, plan) for plan in site.members)
    yield from propagated.objects(site)
    yield from _cluster_wide(site, sorted(plan.name for plan in site.members))
    yield from federated.scaling(site)
    yield from federated.others(site)


def karmada_name(plan: ClusterPlan) -> str:
    """What a fleet's Karmada calls a member."""
    return f"{plan.name}-{kurator.reference(plan)['kind'].lower()}"[:63]


def _cluster(site: Site, plan: ClusterPlan) -> Obj:
    name = plan.name
    silent = name == SILENT
    since = site.stamp(38 * MINUTE if silent else 30 * DAY)
    total = sum(pool.count for pool in plan.pools)
    cpu = sum(pool.count * pool.cpu for pool in plan.pools)
    memory = sum(pool.count * pool.memory for pool in plan.pools)
    lost = "cluster is not reachable, the health endpoint answered: context deadline exceeded"
    ready = condition("Ready", True, since, "ClusterReady", "cluster is healthy and ready to accept workloads")
    if silent:
        ready = condition("Ready", False, since, "ClusterNotReachable", lost)
    apis = condition("CompleteAPIEnablements", True, since, "Complete", "")
    spec: Obj = {
        "syncMode": "Pull" if "edge" in plan.flavours else "Push",
        "apiEndpoint": f"https://{plan.subnet}.5:6443",
        "provider": "aws" if name.endswith("cloud") else "on-premises",
        "region": plan.pools[0].zones[0].rstrip("abc"),
        "zones": list(plan.pools[0].zones),
        "secretRef": {"namespace": "karmada-cluster", "name": name},
        "impersonatorSecretRef": {"namespace": "karmada-cluster", "name": f"{name}-impersonator"},
    }
    if silent:
        taint = {"key": "cluster.karmada.io/not-ready", "timeAdded": since}
        spec["taints"] = [{**taint, "effect": effect} for effect in ("NoSchedule", "NoExecute")]
    if name == "pre-cloud":
        spec["taints"] = [{"key": "cluster.karmada.io/unschedulable", "effect": "NoSchedule"}]
    if propagated.trains(plan):
        spec["taints"] = [TRAINING]
    share = site.rng.uniform(0.3, 0.7)
    status = {
        "kubernetesVersion": plan.version,
        "apiEnablements": _enablements(plan),
        "conditions": [ready, apis],
        "nodeSummary": {"totalNum": total, "readyNum": 0 if silent else total},
        "resourceSummary": {
            "allocatable": {"cpu": str(cpu), "memory": f"{memory}Gi", "pods": str(110 * total)},
            "allocated": {
                "cpu": f"{round(cpu * share * 1000)}m",
                "memory": f"{round(memory * share)}Gi",
                "pods": str(round(110 * total * share / 2)),
            },
            "allocating": {"cpu": "1500m" if propagated.trains(plan) else "0", "memory": "0", "pods": "0"},
        },
    }
    meta = {
        "finalizers": ["karmada.io/cluster-controller"],
        "labels": {
            "karmada.example.com/member": karmada_name(plan),
            "location": "edge" if "edge" in plan.flavours else "core",
        },
    }
    return site.make(
        "cluster.karmada.io/v1alpha1", "Cluster", name, age=60 * DAY, meta=meta, spec=spec, status=status
    )


@lru_cache(maxsize=64)
def _enablements(plan: ClusterPlan) -> list[Obj]:
    """What the member's API server serves, as Karmada collects it."""
    found: dict[str, list[Obj]] = {}
    for rt in catalogue(plan):
        found.setdefault(rt.api_version, []).append({"kind": rt.kind, "name": rt.plural})
    return [{"groupVersion": version, "resources": found[version]} for version in sorted(found)]


def _cluster_wide(site: Site, names: list[str]) -> Iterator[Obj]:
    """A namespace that goes to every member, as one cluster policy and its binding."""
    spec = {
        "resourceSelectors": [{"apiVersion": "v1", "kind": "Namespace", "name": NAMESPACE}],
        "placement": {"clusterAffinity": {"exclude": ["edge-east"]}},
        "priority": 10,
        "conflictResolution": "Abort",
        "preemption": "Never",
    }
    policy = site.make(POLICY, "ClusterPropagationPolicy", "shared-namespaces", age=50 * DAY, spec=spec)
    yield policy
    name, since = f"{NAMESPACE}-namespace", site.stamp(49 * DAY)
    good = "Binding has been scheduled successfully."
    applied = "All works have been successfully applied"
    resource = {"apiVersion": "v1", "kind": "Namespace", "name": NAMESPACE, "uid": policy["metadata"]["uid"]}
    clusters = [name for name in names if name != "edge-east"]
    status = {
        "conditions": [
            condition("Scheduled", True, since, "Success", good),
            condition("FullyApplied", True, since, "FullyAppliedSuccess", applied),
        ],
        "aggregatedStatus": [{"clusterName": name, "applied": True, "health": "Healthy"} for name in clusters],
    }
    about = {"resource": resource, "clusters": [{"name": name} for name in clusters]}
    yield site.make(
        BINDING,
        "ClusterResourceBinding",
        name,
        age=50 * DAY,
        meta={"annotations": {"clusterpropagationpolicy.karmada.io/name": "shared-namespaces"}},
        spec=about,
        status=status,
    )
    for cluster in clusters:
        made_for = {"clusterresourcebinding.karmada.io/name": name}
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        yield propagated.work(site, cluster, manifest, made_for, propagated.applied(since))
