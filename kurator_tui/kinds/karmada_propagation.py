"""Karmada's road from a template to members: propagation and override policies, bindings, Works."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Kind, Level
from kurator_tui.kinds.judge import because, by_type, judge
from kurator_tui.kinds.karmada_parts import BINDING_PARTS, OVERRIDE_PARTS, POLICY_PARTS, WORK_PARTS
from kurator_tui.kinds.table import ObjectRow, cell, table

POLICY, WORK_GROUP = "policy.karmada.io", "work.karmada.io"

_SUSPENDED = Health(Level.HEALTHY, "dispatching suspended")


def _selected(kinds: Any, names: Any) -> str:
    """`Deployment/web, ConfigMap` of resource selectors; names are as many as kinds, or they are left out."""
    words = [str(kind) for kind in kinds or ()]
    if names and len(names) == len(words):
        words = [f"{kind}/{name}" for kind, name in zip(words, names, strict=True)]
    return ", ".join(dict.fromkeys(words))


_SELECTS = cell(
    "resources", "spec.resourceSelectors[*].kind", "spec.resourceSelectors[*].name", read=_selected, width=50
)

# -- policies ---------------------------------------------------------------------------------------------------


def _placed(names: Any, groups: Any, excluded: Any) -> str:
    """The clusters that a placement names; which ones labels choose is Karmada's to say."""
    words = [*(names or ()), *(name for group in groups or () for name in group or ())]
    said = ",".join(dict.fromkeys(str(word) for word in words)) or "any"
    return said + (f" but {','.join(map(str, excluded))}" if excluded else "")


@judge("spec.suspension.dispatching", says="it has no state; one whose dispatching is suspended says so")
def _policy(suspended: Any) -> Health:
    return _SUSPENDED if suspended is True else HEALTHY


def _propagation(plural: str, name: str, short: str, *, namespaced: bool) -> Kind[Any, ObjectRow]:
    placement = "spec.placement"
    return table(
        f"{plural}.{POLICY}",
        name,
        ("v1alpha1",),
        _SELECTS,
        cell(
            "placement",
            f"{placement}.clusterAffinity.clusterNames",
            f"{placement}.clusterAffinities[*].clusterNames",
            f"{placement}.clusterAffinity.exclude",
            read=_placed,
            width=50,
        ),
        cell("scheduling", f"{placement}.replicaScheduling.replicaSchedulingType", priority=4),
        cell("division", f"{placement}.replicaScheduling.replicaDivisionPreference", priority=5),
        cell("priority", "spec.priority", format=Format.COUNT, priority=4),
        cell("conflict", "spec.conflictResolution", title="CONFLICT RESOLUTION", priority=5),
        cell("suspended", "spec.suspension.dispatching", wide=True),
        cell("paused_on", "spec.suspension.dispatchingOnClusters.clusterNames", title="SUSPENDED ON", wide=True),
        cell("preemption", "spec.preemption", wide=True),
        cell("scheduler", "spec.schedulerName", wide=True),
        health=_policy,
        short_names=(short,),
        namespaced=namespaced,
        parts=POLICY_PARTS,
    )


PROPAGATION_POLICY = _propagation("propagationpolicies", "PropagationPolicy", "pp", namespaced=True)
CLUSTER_PROPAGATION_POLICY = _propagation(
    "clusterpropagationpolicies", "ClusterPropagationPolicy", "cpp", namespaced=False
)


def _overriders(*found: Any) -> str:
    """The sorts of overriders in use: `imageOverrider, plaintext`."""
    return ", ".join(
        dict.fromkeys(key for each in found for one in _flat(each) for key, value in one.items() if value)
    )


def _flat(found: Any) -> list[dict[str, Any]]:
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def _override(plural: str, name: str, short: str, *, namespaced: bool) -> Kind[Any, ObjectRow]:
    return table(
        f"{plural}.{POLICY}",
        name,
        ("v1alpha1",),
        _SELECTS,
        cell("rules", "spec.overrideRules", format=Format.COUNT),
        cell(
            "clusters",
            "spec.overrideRules[*].targetCluster.clusterNames",
            "spec.targetCluster.clusterNames",
            read=lambda groups, older: _placed(older, groups, None),
            width=50,
        ),
        cell("overriders", "spec.overrideRules[*].overriders", "spec.overriders", read=_overriders, width=50),
        short_names=(short,),
        namespaced=namespaced,
        parts=OVERRIDE_PARTS,
    )


OVERRIDE_POLICY = _override("overridepolicies", "OverridePolicy", "op", namespaced=True)
CLUSTER_OVERRIDE_POLICY = _override("clusteroverridepolicies", "ClusterOverridePolicy", "cop", namespaced=False)

# -- bindings ---------------------------------------------------------------------------------------------------

_TOLD = "status.aggregatedStatus"


@judge(
    "status.conditions[*]",
    "spec.suspension.dispatching",
    f"{_TOLD}[?(@.applied!=true)].clusterName",
    f"{_TOLD}[?(@.applied!=true)].appliedMessage",
    f'{_TOLD}[?(@.health=="Unhealthy")].clusterName',
    "spec.gracefulEvictionTasks[*].fromCluster",
    "metadata.generation",
    "status.schedulerObservedGeneration",
    says="Scheduled has to be True; a member that says why it did not apply: failed; an unhealthy one: degraded; "
    "without FullyApplied, or while replicas are evicted, it is progressing; suspended dispatching is healthy",
)
def _binding(
    conditions: Any,
    suspended: Any,
    unapplied: Any,
    messages: Any,
    unhealthy: Any,
    evicted: Any,
    generation: Any,
    observed: Any,
) -> Health:
    told = by_type(conditions)
    scheduled, applied = told.get("Scheduled", {}), told.get("FullyApplied", {})
    if scheduled.get("status") == "False":
        return Health(Level.FAILED, because(scheduled) or "not scheduled")
    if messages:
        return Health(Level.FAILED, f"{', '.join(map(str, unapplied or ()))}: {messages[0]}")
    if unhealthy:
        return Health(Level.DEGRADED, f"unhealthy on {', '.join(map(str, unhealthy))}")
    if suspended is True:
        return _SUSPENDED
    if evicted:
        return Health(Level.PROGRESSING, f"evicting from {', '.join(map(str, evicted))}")
    if isinstance(generation, int) and isinstance(observed, int) and observed < generation:
        return Health(Level.PROGRESSING, "spec update not scheduled yet")
    if applied.get("status") == "True":
        return HEALTHY
    if told:
        return Health(Level.PROGRESSING, because(applied) or "not applied yet")
    return Health(Level.UNKNOWN, "no status yet")


def _template(kind: Any, name: Any) -> str:
    return f"{kind}/{name}" if name else ""


def _targets(clusters: Any) -> str:
    """`m1=2, m2=3`, or only names where there are no replicas."""
    words = []
    for each in clusters or ():
        name, replicas = each.get("name"), each.get("replicas")
        words.append(f"{name}={replicas}" if replicas else str(name))
    return ", ".join(words)


def _applied(clusters: Any, applied: Any) -> str:
    return f"{len(applied or ())}/{len(clusters)}" if clusters else ""


_POLICY_MARKS = tuple(
    f"metadata.{place}['{policy}.karmada.io/name']"
    for place in ("annotations", "labels")
    for policy in ("propagationpolicy", "clusterpropagationpolicy")
)
"""By which a binding says whose it is: an annotation, a label in older releases."""


def _binding_kind(plural: str, name: str, short: str, *, namespaced: bool) -> Kind[Any, ObjectRow]:
    return table(
        f"{plural}.{WORK_GROUP}",
        name,
        ("v1alpha2", "v1alpha1"),
        cell("resource", "spec.resource.kind", "spec.resource.name", read=_template, width=50),
        cell("clusters", "spec.clusters[*]", read=_targets, width=60),
        cell("applied", "spec.clusters[*].name", f"{_TOLD}[?(@.applied==true)].clusterName", read=_applied),
        cell("unhealthy", f'{_TOLD}[?(@.health=="Unhealthy")].clusterName', priority=4, width=40),
        cell("replicas", "spec.replicas", "spec.resource.replicas", format=Format.COUNT, priority=4),
        cell("evicting", "spec.gracefulEvictionTasks[*].fromCluster", priority=5, width=40),
        cell("scheduled", "status.lastScheduledTime", format=Format.AGE, title="LAST SCHEDULED", priority=5),
        cell("policy", *_POLICY_MARKS, wide=True),
        cell("suspended", "spec.suspension.dispatching", wide=True),
        health=_binding,
        short_names=(short,),
        namespaced=namespaced,
        parts=BINDING_PARTS,
    )


RESOURCE_BINDING = _binding_kind("resourcebindings", "ResourceBinding", "rb", namespaced=True)
CLUSTER_RESOURCE_BINDING = _binding_kind(
    "clusterresourcebindings", "ClusterResourceBinding", "crb", namespaced=False
)

# -- Work -------------------------------------------------------------------------------------------------------


@judge(
    "status.conditions[*]",
    "status.manifestStatuses[*].health",
    "spec.suspendDispatching",
    says="Applied has to be True; Degraded or an unhealthy manifest is degraded; suspended dispatching is healthy",
)
def _work(conditions: Any, manifests: Any, suspended: Any) -> Health:
    told = by_type(conditions)
    applied, degraded = told.get("Applied", {}), told.get("Degraded", {})
    if applied.get("status") == "False":
        return Health(Level.FAILED, because(applied) or "not applied")
    if degraded.get("status") == "True":
        return Health(Level.DEGRADED, because(degraded) or "Degraded")
    if "Unhealthy" in (manifests or ()):
        return Health(Level.DEGRADED, f"{manifests.count('Unhealthy')} of {len(manifests)} manifests unhealthy")
    if suspended is True or told.get("Dispatching", {}).get("status") == "False":
        return _SUSPENDED
    if applied.get("status") == "True":
        return HEALTHY
    return Health(Level.PROGRESSING, because(applied) or "not applied yet")


def _member(namespace: Any) -> str:
    return str(namespace or "").removeprefix("karmada-es-")


WORK = table(
    f"works.{WORK_GROUP}",
    "Work",
    ("v1alpha1",),
    cell("member", "metadata.namespace", read=_member),
    cell(
        "workloads",
        "spec.workload.manifests[*].kind",
        "spec.workload.manifests[*].metadata.name",
        read=_selected,
        width=60,
    ),
    cell("applied", 'status.conditions[?(@.type=="Applied")].status'),
    cell("state", "status.manifestStatuses[*].health", width=40),
    cell("suspended", "spec.suspendDispatching", wide=True),
    health=_work,
    short_names=("wk",),
    parts=WORK_PARTS,
)

KINDS = (
    *(PROPAGATION_POLICY, CLUSTER_PROPAGATION_POLICY, OVERRIDE_POLICY, CLUSTER_OVERRIDE_POLICY),
    *(RESOURCE_BINDING, CLUSTER_RESOURCE_BINDING, WORK),
)
