"""The Karmada API as the host serves it: clusters, policies, bindings and Works."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.world import kurator
from kurator_tui.demo.world.site import DAY, MINUTE, Site, condition
from kurator_tui.demo.world.systems import federated
from kurator_tui.demo.world.systems.federated import NAMESPACE
from kurator_tui.demo.world.topology import ClusterPlan

Obj = dict[str, Any]

_POLICY, _WORK, _BINDING = "policy.karmada.io/v1alpha1", "work.karmada.io/v1alpha1", "work.karmada.io/v1alpha2"
_SILENT = "edge-cold-chain"


@dataclass(frozen=True, slots=True)
class Spread:
    """One workload over members: replicas by cluster, or why it could not be placed."""

    name: str
    replicas: tuple[tuple[str, int], ...]
    kind: str = "Deployment"
    api: str = "apps/v1"
    wanted: int = 0
    unplaced: str = ""
    sick: str = ""
    suspended: bool = False


_NO_FIT = (
    "0/6 clusters are available: 2 cluster(s) did not match the placement cluster affinity constraint, "
    "3 cluster(s) did not have the API resource, 1 cluster(s) had untolerated taint "
    "{cluster.karmada.io/not-ready: }."
)
SPREADS = (
    Spread("storefront", (("prod-cloud", 6), ("on-prem", 3), ("pre-cloud", 1))),
    Spread("image-resizer", (("prod-cloud", 4), ("ai-cloud", 8)), sick="ai-cloud"),
    Spread("price-feed", (("edge-east", 2), (_SILENT, 2))),
    Spread("session-store", (("prod-cloud", 3),), "StatefulSet"),
    Spread("storefront-config", (("prod-cloud", 0), ("on-prem", 0), ("pre-cloud", 0)), "ConfigMap", "v1"),
    Spread("storefront-public", (("prod-cloud", 0), ("on-prem", 0)), "Service", "v1"),
    Spread("batch-scoring", (), "Job", "batch.volcano.sh/v1alpha1", 12, unplaced=_NO_FIT),
    Spread("loyalty", (("pre-cloud", 2),), suspended=True),
)


def objects(site: Site) -> Iterator[Obj]:
    """Everything of Karmada for the members there are."""
    plans = {plan.name: plan for plan in site.members}
    yield from (_cluster(site, plan) for plan in site.members)
    for spread in SPREADS:
        there = tuple((name, count) for name, count in spread.replicas if name in plans)
        if there or spread.unplaced:
            policy = _policy(site, spread)
            yield policy
            binding = _binding(site, spread, there, policy)
            yield binding
            yield from (_work(site, spread, name, count, binding) for name, count in there)
    yield from _cluster_wide(site, sorted(plans))
    yield from _overrides(site)
    yield from federated.scaling(site)
    yield from federated.others(site)


def karmada_name(plan: ClusterPlan) -> str:
    """What a fleet's Karmada calls a member."""
    return f"{plan.name}-{kurator.reference(plan)['kind'].lower()}"[:63]


def _cluster(site: Site, plan: ClusterPlan) -> Obj:
    name = plan.name
    silent = name == _SILENT
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
        "secretRef": {"namespace": "karmada-cluster", "name": name},
        "impersonatorSecretRef": {"namespace": "karmada-cluster", "name": f"{name}-impersonator"},
    }
    if silent:
        taint = {"key": "cluster.karmada.io/not-ready", "timeAdded": since}
        spec["taints"] = [{**taint, "effect": effect} for effect in ("NoSchedule", "NoExecute")]
    if name == "pre-cloud":
        spec["taints"] = [{"key": "cluster.karmada.io/unschedulable", "effect": "NoSchedule"}]
    share = site.rng.uniform(0.3, 0.7)
    status = {
        "kubernetesVersion": plan.version,
        "conditions": [ready, apis],
        "nodeSummary": {"totalNum": total, "readyNum": 0 if silent else total},
        "resourceSummary": {
            "allocatable": {"cpu": str(cpu), "memory": f"{memory}Gi", "pods": str(110 * total)},
            "allocated": {
                "cpu": f"{round(cpu * share * 1000)}m",
                "memory": f"{round(memory * share)}Gi",
                "pods": "90",
            },
        },
    }
    meta = {
        "finalizers": ["karmada.io/cluster-controller"],
        "labels": {"karmada.example.com/member": karmada_name(plan)},
    }
    return site.make(
        "cluster.karmada.io/v1alpha1", "Cluster", name, age=60 * DAY, meta=meta, spec=spec, status=status
    )


def _placement(spread: Spread) -> Obj:
    names = [name for name, _ in spread.replicas]
    placement: Obj = {"clusterAffinity": {"clusterNames": names or ["ai-cloud"]}}
    if any(count for _, count in spread.replicas):
        weights = [
            {"targetCluster": {"clusterNames": [name]}, "weight": count}
            for name, count in spread.replicas
            if count
        ]
        placement["replicaScheduling"] = {
            "replicaSchedulingType": "Divided",
            "replicaDivisionPreference": "Weighted",
            "weightPreference": {"staticWeightList": weights},
        }
    return placement


def _policy(site: Site, spread: Spread) -> Obj:
    spec: Obj = {
        "resourceSelectors": [{"apiVersion": spread.api, "kind": spread.kind, "name": spread.name}],
        "placement": _placement(spread),
        "priority": 0,
        "conflictResolution": "Overwrite" if spread.name == "storefront" else "Abort",
        "preemption": "Never",
        "schedulerName": "default-scheduler",
    }
    if spread.suspended:
        spec["suspension"] = {"dispatching": True}
    return site.make(_POLICY, "PropagationPolicy", spread.name, NAMESPACE, age=25 * DAY, spec=spec)


def _binding(site: Site, spread: Spread, there: tuple[tuple[str, int], ...], policy: Obj) -> Obj:
    since = site.stamp(45 * MINUTE if spread.unplaced else 4 * DAY)
    if spread.unplaced:
        conditions = [condition("Scheduled", False, since, "NoClusterFit", spread.unplaced)]
    else:
        applied = _all_applied(site, spread, there, since)
        good = "Binding has been scheduled successfully."
        conditions = [condition("Scheduled", True, since, "Success", good), applied]
    spec: Obj = {
        "resource": {
            "apiVersion": spread.api,
            "kind": spread.kind,
            "name": spread.name,
            "namespace": NAMESPACE,
            "uid": policy["metadata"]["uid"],
            "resourceVersion": str(site.rng.randint(10_000, 90_000)),
        },
        "clusters": [{"name": name, **({"replicas": count} if count else {})} for name, count in there],
        "placement": policy["spec"]["placement"],
        "conflictResolution": policy["spec"]["conflictResolution"],
        "schedulerName": "default-scheduler",
    }
    if spread.suspended:
        spec["suspension"] = {"dispatching": True}
    replicas = sum(count for _, count in there) or spread.wanted
    if replicas:
        spec["replicas"] = replicas
        spec["replicaRequirements"] = {
            "resourceRequest": {"cpu": "250m", "memory": "256Mi"},
            "namespace": NAMESPACE,
        }
    if spread.name == "price-feed":
        spec["gracefulEvictionTasks"] = [
            {
                "fromCluster": _SILENT,
                "reason": "TaintUntolerated",
                "producer": "taint-manager",
                "replicas": 2,
                "creationTimestamp": site.stamp(33 * MINUTE),
                "gracePeriodSeconds": 600,
            }
        ]
    status: Obj = {"conditions": conditions, "schedulerObservedGeneration": 3}
    if there and not spread.suspended:
        status["aggregatedStatus"] = [_aggregated(spread, name, count) for name, count in there]
        status["lastScheduledTime"] = since
    made_for = "propagationpolicy.karmada.io"
    about = {
        "labels": {f"{made_for}/permanent-id": policy["metadata"]["uid"]},
        "annotations": {f"{made_for}/name": spread.name, f"{made_for}/namespace": NAMESPACE},
    }
    name = f"{spread.name}-{spread.kind.lower()}"
    return site.make(
        _BINDING, "ResourceBinding", name, NAMESPACE, age=25 * DAY, meta=about, spec=spec, status=status
    )


def _all_applied(site: Site, spread: Spread, there: tuple[tuple[str, int], ...], since: str) -> Obj:
    if spread.suspended or any(name == _SILENT for name, _ in there):
        message = "Failed to apply all works, see status.aggregatedStatus for details"
        return condition("FullyApplied", False, site.stamp(33 * MINUTE), "FullyAppliedFailed", message)
    return condition(
        "FullyApplied", True, since, "FullyAppliedSuccess", "All works have been successfully applied"
    )


def _aggregated(spread: Spread, name: str, count: int) -> Obj:
    found: Obj = {"clusterName": name, "applied": name != _SILENT, "health": "Healthy"}
    if name == _SILENT:
        found["appliedMessage"] = 'Failed to apply all manifests (0/1): Get "https://10.61.1.5:6443": i/o timeout'
        found["health"] = "Unknown"
        return found
    sick = name == spread.sick
    if sick:
        found["health"] = "Unhealthy"
    if count:
        ready = count - 3 if sick else count
        counts = {"replicas": count, "readyReplicas": ready, "updatedReplicas": count, "availableReplicas": ready}
        found["status"] = {**counts, **({"unavailableReplicas": count - ready} if sick else {})}
    return found


def _work(site: Site, spread: Spread, name: str, count: int, binding: Obj) -> Obj:
    manifest: Obj = {
        "apiVersion": spread.api,
        "kind": spread.kind,
        "metadata": {"name": spread.name, "namespace": NAMESPACE},
    }
    if count:
        manifest["spec"] = {"replicas": count}
    group, _, version = spread.api.rpartition("/")
    aggregated = _aggregated(spread, name, count)
    identifier = {
        "ordinal": 0,
        "group": group,
        "version": version,
        "kind": spread.kind,
        "resource": f"{spread.kind.lower()}s",
        "namespace": NAMESPACE,
        "name": spread.name,
    }
    since = site.stamp(33 * MINUTE if not aggregated["applied"] else 4 * DAY)
    conditions = [condition("Applied", True, since, "AppliedSuccessful", "Manifest has been successfully applied")]
    if not aggregated["applied"]:
        conditions = [condition("Applied", False, since, "AppliedFailed", aggregated["appliedMessage"])]
    state = {"identifier": identifier, "health": aggregated["health"]}
    if "status" in aggregated:
        state["status"] = aggregated["status"]
    spec: Obj = {"workload": {"manifests": [manifest]}}
    status: Obj = {"conditions": conditions, "manifestStatuses": [state]}
    if spread.suspended:
        spec["suspendDispatching"] = True
        status = {
            "conditions": [
                condition("Dispatching", False, since, "SuspendDispatching", "Work dispatching is suspended.")
            ]
        }
    meta = {
        "labels": {"resourcebinding.karmada.io/permanent-id": binding["metadata"]["uid"]},
        "annotations": {"resourcebinding.karmada.io/name": binding["metadata"]["name"]},
        "finalizers": ["karmada.io/execution-controller"],
    }
    named = f"{spread.name}-{site.suffix(10)}"
    return site.make(_WORK, "Work", named, f"karmada-es-{name}", age=25 * DAY, meta=meta, spec=spec, status=status)


def _cluster_wide(site: Site, names: list[str]) -> Iterator[Obj]:
    """A namespace that goes to every member, as one cluster policy and its binding."""
    spec = {
        "resourceSelectors": [{"apiVersion": "v1", "kind": "Namespace", "name": NAMESPACE}],
        "placement": {"clusterAffinity": {"exclude": ["edge-east"]}},
        "priority": 10,
        "conflictResolution": "Abort",
        "preemption": "Never",
    }
    policy = site.make(_POLICY, "ClusterPropagationPolicy", "shared-namespaces", age=50 * DAY, spec=spec)
    yield policy
    since = site.stamp(49 * DAY)
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
        _BINDING, "ClusterResourceBinding", f"{NAMESPACE}-namespace", age=50 * DAY, spec=about, status=status
    )


def _overrides(site: Site) -> Iterator[Obj]:
    mirror = {"component": "Registry", "operator": "replace", "value": "registry.dc1.example"}
    spec = {
        "resourceSelectors": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "storefront"}],
        "overrideRules": [
            {"targetCluster": {"clusterNames": ["on-prem"]}, "overriders": {"imageOverrider": [mirror]}},
            {
                "targetCluster": {"labelSelector": {"matchLabels": {"location": "edge"}}},
                "overriders": {"plaintext": [{"path": "/spec/replicas", "operator": "replace", "value": 1}]},
            },
        ],
    }
    yield site.make(_POLICY, "OverridePolicy", "storefront-mirror", NAMESPACE, spec=spec)
    labels = {"labelsOverrider": [{"operator": "add", "value": {"cost-centre": "4711"}}]}
    wide = {"overrideRules": [{"targetCluster": {"clusterNames": ["prod-cloud"]}, "overriders": labels}]}
    yield site.make(_POLICY, "ClusterOverridePolicy", "cost-labels", spec=wide)
