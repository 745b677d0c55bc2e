"""What Karmada propagates: policies that compete, bindings, overrides, and the Works that bring things to members.

What is propagated is there on the members, with the replicas that Karmada counts; what is not (nothing fits, a
member refuses it, dispatching is suspended) is not.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.world.installed import installed
from kurator_tui.demo.world.site import DAY, MINUTE, Site, condition
from kurator_tui.demo.world.systems.federated import NAMESPACE
from kurator_tui.demo.world.topology import ClusterPlan

Obj = dict[str, Any]

POLICY, WORK, BINDING = "policy.karmada.io/v1alpha1", "work.karmada.io/v1alpha1", "work.karmada.io/v1alpha2"
#: The member that Karmada lost half an hour ago.
SILENT = "edge-cold-chain"
BATCH = "batch.volcano.sh/v1alpha1"
#: Keeps what is no training off the clusters with accelerators.
TRAINING = {"key": "dedicated", "value": "training", "effect": "NoSchedule"}
_REFUSED = (
    'Failed to apply all manifests (0/1): admission webhook "validate.kyverno.svc-fail" denied the request: '
    "resource Deployment/features/feature-store was blocked due to the following policies require-requests"
)
_UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Spread:
    """One thing over members: replicas by cluster (0 for what has none), and what is wrong with it.

    `refused` is a cluster that does not take it, `evicted` one (with its replicas) that it is moved away from;
    `wanted` are replicas of what fits nowhere.
    """

    name: str
    replicas: tuple[tuple[str, int], ...]
    namespace: str = NAMESPACE
    kind: str = "Deployment"
    api: str = "apps/v1"
    wanted: int = 0
    sick: str = ""
    refused: str = ""
    evicted: tuple[str, int] | None = None
    suspended: bool = False


SPREADS = (
    Spread("ingress-nginx-controller", (("prod-cloud", 3), ("on-prem", 3), ("pre-cloud", 3)), "ingress-nginx"),
    Spread("telemetry", (("edge-east", 5),), "edge-apps", evicted=(SILENT, 4)),
    Spread("mqtt-bridge", (("edge-east", 6), (SILENT, 5)), "edge-apps"),
    Spread("feature-store", (("ai-cloud", 6), ("on-prem", 2)), "features", refused="on-prem"),
    Spread("user-session", (("ai-cloud", 11),), "notebooks", sick="ai-cloud"),
    Spread("prompt-cache", (("ai-cloud", 3),), "inference", "StatefulSet"),
    Spread("storefront-config", (("prod-cloud", 0), ("on-prem", 0), ("pre-cloud", 0)), kind="ConfigMap", api="v1"),
    Spread("storefront-public", (("prod-cloud", 0), ("on-prem", 0)), kind="Service", api="v1"),
    Spread("batch-scoring", (), kind="Job", api=BATCH, wanted=12),
    Spread("loyalty", (("pre-cloud", 2),), suspended=True),
)
_MIRROR = {"imageOverrider": [{"component": "Registry", "operator": "replace", "value": "registry.dc1.example"}]}
_COST = {"labelsOverrider": [{"operator": "add", "value": {"cost-centre": "4711"}}]}
_ONE = {"plaintext": [{"path": "/spec/replicas", "operator": "replace", "value": 1}]}
_DEPLOYMENTS = {"apiVersion": "apps/v1", "kind": "Deployment"}
_INGRESS = {**_DEPLOYMENTS, "namespace": "ingress-nginx", "name": "ingress-nginx-controller"}
#: (thing, cluster) → the annotations of the Work that say which overrides it was made with: (policy, overriders).
_APPLIED = {
    ("ingress-nginx-controller", "on-prem"): ("applied-overrides", "ingress-mirror", _MIRROR),
    ("ingress-nginx-controller", "prod-cloud"): ("applied-cluster-overrides", "cost-labels", _COST),
}


def trains(plan: ClusterPlan) -> bool:
    """Whether a member is kept for training: it has what runs that."""
    return "volcano" in installed(plan)


def objects(site: Site) -> Iterator[Obj]:
    """Policies, bindings, overrides and Works for the members there are."""
    names = {plan.name for plan in site.members}
    for spread in SPREADS:
        there = tuple((name, count) for name, count in spread.replicas if name in names)
        if there or spread.wanted:
            policy = _policy(site, spread)
            yield policy
            leaving = spread.evicted if spread.evicted is not None and spread.evicted[0] in names else None
            yield _binding(site, spread, there, leaving, policy)
            for name, count in (*there, *([leaving] if leaving is not None else ())):
                yield _work(site, spread, name, count)
    yield from _rivals(site)
    yield from _overrides(site)


# -- policies ---------------------------------------------------------------------------------------------------


def _placement(spread: Spread) -> Obj:
    names = [name for name, _ in spread.replicas]
    if not names:
        return {"clusterAffinity": {"labelSelector": {"matchLabels": {"location": "core"}}}}
    placement: Obj = {"clusterAffinity": {"clusterNames": [*names, *(spread.evicted or ())[:1]]}}
    counts = {count for _, count in spread.replicas}
    if spread.evicted is not None or len(counts) > 1:
        weights = [{"targetCluster": {"clusterNames": [name]}, "weight": count} for name, count in spread.replicas]
        placement["replicaScheduling"] = {
            "replicaSchedulingType": "Divided",
            "replicaDivisionPreference": "Weighted",
            "weightPreference": {"staticWeightList": weights},
        }
    elif counts != {0}:
        placement["replicaScheduling"] = {"replicaSchedulingType": "Duplicated"}
    return placement


def _policy(site: Site, spread: Spread) -> Obj:
    spec: Obj = {
        "resourceSelectors": [{"apiVersion": spread.api, "kind": spread.kind, "name": spread.name}],
        "placement": _placement(spread),
        "priority": 0,
        "conflictResolution": "Overwrite" if spread.name == "ingress-nginx-controller" else "Abort",
        "preemption": "Never",
        "schedulerName": "default-scheduler",
    }
    if spread.suspended:
        spec["suspension"] = {"dispatching": True}
    return site.make(POLICY, "PropagationPolicy", spread.name, spread.namespace, age=25 * DAY, spec=spec)


def _rivals(site: Site) -> Iterator[Obj]:
    """Policies that match what others have: a wider one, one for a whole kind, one that came too late."""
    spec: Obj = {"conflictResolution": "Abort", "preemption": "Never", "priority": 0}
    wide = spec | {"resourceSelectors": [{**_DEPLOYMENTS, "namespace": "ingress-nginx"}], "priority": 50}
    yield site.make(POLICY, "ClusterPropagationPolicy", "platform-defaults", age=70 * DAY, spec=wide)
    every = spec | {
        "resourceSelectors": [_DEPLOYMENTS],
        "placement": {"clusterAffinity": {"labelSelector": {"matchLabels": {"location": "edge"}}}},
    }
    yield site.make(POLICY, "PropagationPolicy", "edge-defaults", "edge-apps", age=70 * DAY, spec=every)
    late = spec | {
        "resourceSelectors": [{**_DEPLOYMENTS, "name": "telemetry"}],
        "placement": {"clusterAffinity": {"clusterNames": ["edge-east"]}},
        "priority": 5,
    }
    yield site.make(POLICY, "PropagationPolicy", "telemetry-east-only", "edge-apps", age=30 * MINUTE, spec=late)


def _overrides(site: Site) -> Iterator[Obj]:
    spec = {
        "resourceSelectors": [_INGRESS],
        "overrideRules": [
            {"targetCluster": {"clusterNames": ["on-prem"]}, "overriders": _MIRROR},
            {"targetCluster": {"labelSelector": {"matchLabels": {"location": "edge"}}}, "overriders": _ONE},
        ],
    }
    yield site.make(POLICY, "OverridePolicy", "ingress-mirror", "ingress-nginx", spec=spec)
    wide = {
        "resourceSelectors": [_DEPLOYMENTS],
        "overrideRules": [{"targetCluster": {"clusterNames": ["prod-cloud"]}, "overriders": _COST}],
    }
    yield site.make(POLICY, "ClusterOverridePolicy", "cost-labels", spec=wide)


# -- bindings ---------------------------------------------------------------------------------------------------


def _no_fit(site: Site) -> str:
    """What the scheduler says of `batch-scoring`, in its words and with the estate's own numbers."""
    edge = sum("edge" in plan.flavours for plan in site.members)
    batch = sum(trains(plan) and "edge" not in plan.flavours for plan in site.members)
    taint = "{dedicated=training:NoSchedule}"
    parts = (
        (batch, f"cluster(s) had untolerated taint {taint}"),
        (edge, "cluster(s) did not match the placement cluster affinity constraint"),
        (len(site.members) - edge - batch, "cluster(s) did not have the API resource"),
    )
    said = ", ".join(f"{count} {words}" for count, words in parts if count)
    return f"0/{len(site.members)} clusters are available: {said}."


def _binding(
    site: Site,
    spread: Spread,
    there: tuple[tuple[str, int], ...],
    leaving: tuple[str, int] | None,
    policy: Obj,
) -> Obj:
    since = site.stamp(4 * DAY if there else 45 * MINUTE)
    conditions = [condition("Scheduled", False, since, "NoClusterFit", _no_fit(site) if not there else "")]
    if there:
        good = "Binding has been scheduled successfully."
        conditions = [condition("Scheduled", True, since, "Success", good), _all_applied(site, spread, since)]
    spec: Obj = {
        "resource": {
            "apiVersion": spread.api,
            "kind": spread.kind,
            "name": spread.name,
            "namespace": spread.namespace,
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
    if replicas := sum(count for _, count in there) or spread.wanted:
        requests = {"cpu": "250m", "memory": "256Mi"}
        spec["replicas"] = replicas
        spec["replicaRequirements"] = {"resourceRequest": requests, "namespace": spread.namespace}
    if leaving is not None:
        spec["gracefulEvictionTasks"] = [_eviction(site, *leaving)]
    status: Obj = {"conditions": conditions, "schedulerObservedGeneration": 3}
    if there and not spread.suspended:
        told = (*there, *([leaving] if leaving is not None else ()))
        status["aggregatedStatus"] = [_aggregated(spread, name, count) for name, count in told]
        status["lastScheduledTime"] = since
    made_for = "propagationpolicy.karmada.io"
    about = {
        "labels": {f"{made_for}/permanent-id": policy["metadata"]["uid"]},
        "annotations": {f"{made_for}/name": spread.name, f"{made_for}/namespace": spread.namespace},
    }
    name = f"{spread.name}-{spread.kind.lower()}"
    return site.make(
        BINDING, "ResourceBinding", name, spread.namespace, age=25 * DAY, meta=about, spec=spec, status=status
    )


def _eviction(site: Site, cluster: str, count: int) -> Obj:
    return {
        "fromCluster": cluster,
        "reason": "TaintUntolerated",
        "producer": "TaintManager",
        "replicas": count,
        "creationTimestamp": site.stamp(33 * MINUTE),
        "gracePeriodSeconds": 3600,
    }


def _all_applied(site: Site, spread: Spread, since: str) -> Obj:
    if spread.suspended or spread.refused:
        message = "Failed to apply all works, see status.aggregatedStatus for details"
        return condition("FullyApplied", False, site.stamp(33 * MINUTE), "FullyAppliedFailed", message)
    good = "All works have been successfully applied"
    return condition("FullyApplied", True, since, "FullyAppliedSuccess", good)


def _aggregated(spread: Spread, name: str, count: int) -> Obj:
    """What the binding is told of one cluster."""
    if name == spread.refused:
        return {"clusterName": name, "applied": False, "appliedMessage": _REFUSED, "health": _UNKNOWN}
    found: Obj = {"clusterName": name, "applied": True, "health": _health(spread, name)}
    if count:
        ready = count - 1 if name == spread.sick else count
        counts = {"replicas": count, "readyReplicas": ready, "updatedReplicas": count, "availableReplicas": ready}
        found["status"] = {**counts, **({"unavailableReplicas": count - ready} if ready < count else {})}
    return found


def _health(spread: Spread, name: str) -> str:
    if name == SILENT:
        return _UNKNOWN
    return "Unhealthy" if name == spread.sick else "Healthy"


# -- Works ------------------------------------------------------------------------------------------------------


def applied(since: str) -> list[Obj]:
    """Conditions of a Work that was applied."""
    message = "Manifest has been successfully applied"
    return [condition("Applied", True, since, "AppliedSuccessful", message)]


def work(site: Site, cluster: str, manifest: Obj, annotations: Obj, conditions: list[Obj], **spec: Any) -> Obj:
    """The Work that brings one manifest to a cluster."""
    meta = {"annotations": annotations, "finalizers": ["karmada.io/execution-controller"]}
    status = {"conditions": conditions}
    body = {"workload": {"manifests": [manifest]}, **spec}
    name = f"{manifest['metadata']['name']}-{site.suffix(10)}"
    place = f"karmada-es-{cluster}"
    return site.make(WORK, "Work", name, place, age=25 * DAY, meta=meta, spec=body, status=status)


def _work(site: Site, spread: Spread, name: str, count: int) -> Obj:
    manifest: Obj = {
        "apiVersion": spread.api,
        "kind": spread.kind,
        "metadata": {"name": spread.name, "namespace": spread.namespace},
        **({"spec": {"replicas": count}} if count else {}),
    }
    annotations = {
        "resourcebinding.karmada.io/name": f"{spread.name}-{spread.kind.lower()}",
        "resourcebinding.karmada.io/namespace": spread.namespace,
    }
    if (override := _APPLIED.get((spread.name, name))) is not None:
        key, policy, overriders = override
        annotations[f"policy.karmada.io/{key}"] = json.dumps([{"policyName": policy, "overriders": overriders}])
    if spread.suspended:
        told = "Work dispatching is suspended."
        off = [condition("Dispatching", False, site.stamp(4 * DAY), "SuspendDispatching", told)]
        return work(site, name, manifest, annotations, off, suspendDispatching=True)
    if name == spread.refused:
        since = site.stamp(33 * MINUTE)
        return work(
            site, name, manifest, annotations, [condition("Applied", False, since, "AppliedFailed", _REFUSED)]
        )
    made = work(site, name, manifest, annotations, applied(site.stamp(4 * DAY)))
    made["status"]["manifestStatuses"] = [_state(spread, name, count)]
    return made


def _state(spread: Spread, name: str, count: int) -> Obj:
    group, _, version = spread.api.rpartition("/")
    identifier = {
        "ordinal": 0,
        "group": group,
        "version": version,
        "kind": spread.kind,
        "resource": f"{spread.kind.lower()}s",
        "namespace": spread.namespace,
        "name": spread.name,
    }
    told = _aggregated(spread, name, count)
    return {"identifier": identifier, **{key: told[key] for key in ("health", "status") if key in told}}
