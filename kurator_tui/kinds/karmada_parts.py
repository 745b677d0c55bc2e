"""What the joins need of Karmada's objects beside the columns: small plain data, read once when an object arrives.

A binding may be of hundreds of clusters: what is told of each is kept by what is told, not by cluster.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.shapes import mapping, mappings, text
from kurator_tui.kinds.table import Part, Parts

_LONGEST = 200
"""Characters of a message that is kept once for each cluster it is of."""
_LARGEST = 64 * 2**10
"""Characters of an annotation that is decoded."""

POLICY_PARTS: Parts = {
    "selectors": "spec.resourceSelectors",
    "placement": "spec.placement",
    "priority": "spec.priority",
    "preemption": "spec.preemption",
    "suspension": "spec.suspension",
}


def _rules(rules: Any, target: Any, overriders: Any) -> list[Any]:
    """(targetCluster or None, overriders) of each rule; those of an older release are one rule."""
    found = [[each.get("targetCluster"), mapping(each.get("overriders"))] for each in mappings(rules)]
    return found or ([[target, overriders]] if isinstance(overriders, Mapping) and overriders else [])


OVERRIDE_PARTS: Parts = {
    "selectors": Part(("spec.resourceSelectors",), lambda found: list(mappings(found))),
    "rules": Part(("spec.overrideRules", "spec.targetCluster", "spec.overriders"), _rules),
}

# -- bindings ---------------------------------------------------------------------------------------------------


def _placed(clusters: Any) -> dict[str, Any]:
    """Cluster -> replicas, None where there are none."""
    return {text(each.get("name")): each.get("replicas") for each in mappings(clusters)}


def _told(items: Any) -> list[list[Any]]:
    """[applied, health, message, clusters] of each thing that is told of some clusters."""
    found: dict[tuple[Any, str, str], list[str]] = {}
    for each in mappings(items):
        key = (
            each.get("applied") is True,
            text(each.get("health")) or "Unknown",
            text(each.get("appliedMessage"))[:_LONGEST],
        )
        found.setdefault(key, []).append(text(each.get("clusterName")))
    return [[*key, clusters] for key, clusters in found.items()]


_COUNTS = (("readyReplicas", "replicas"), ("numberReady", "desiredNumberScheduled"), ("succeeded", "active"))


def _counts(items: Any) -> dict[str, list[int]]:
    """Cluster -> [ready, wanted] of the member's object, for what is counted."""
    found = {}
    for each in mappings(items):
        status = mapping(each.get("status"))
        for ready, wanted in _COUNTS:
            if isinstance(status.get(wanted), int):
                have = status.get(ready)
                found[text(each.get("clusterName"))] = [have if isinstance(have, int) else 0, status[wanted]]
                break
    return found


def _resource(found: Any) -> dict[str, Any]:
    return {key: text(mapping(found).get(key)) for key in ("apiVersion", "kind", "namespace", "name")}


_EVICTION = ("fromCluster", "reason", "message", "producer", "replicas", "creationTimestamp")


def _evictions(tasks: Any) -> list[dict[str, Any]]:
    return [{key: each.get(key) for key in _EVICTION} for each in mappings(tasks)]


def _required(found: Any) -> list[str]:
    """`namespace/name` of the bindings that it goes along with."""
    return [f"{text(each.get('namespace'))}/{text(each.get('name'))}" for each in mappings(found)]


def _marks(labels: Any, annotations: Any) -> list[dict[str, str]]:
    """Labels and annotations by which Karmada's objects know each other."""
    return [
        {
            key: text(value)
            for key, value in mapping(found).items()
            if key.endswith(("karmada.io/name", "karmada.io/namespace", "karmada.io/permanent-id"))
        }
        for found in (labels, annotations)
    ]


_MARKS = Part(("metadata.labels", "metadata.annotations"), _marks)

BINDING_PARTS: Parts = {
    "resource": Part(("spec.resource",), _resource),
    "placement": "spec.placement",
    "clusters": Part(("spec.clusters",), _placed),
    "replicas": Part(
        ("spec.replicas", "spec.resource.replicas"), lambda now, before: before if now is None else now
    ),
    "told": Part(("status.aggregatedStatus",), _told),
    "counts": Part(("status.aggregatedStatus",), _counts),
    "conditions": "status.conditions",
    "evictions": Part(("spec.gracefulEvictionTasks",), _evictions),
    "suspension": "spec.suspension",
    "required_by": Part(("spec.requiredBy",), _required),
    "group": "status.schedulerObservingAffinityName",
    "generations": Part(("metadata.generation", "status.schedulerObservedGeneration"), lambda *found: list(found)),
    "marks": _MARKS,
}

# -- Works ------------------------------------------------------------------------------------------------------

_APPLIED = (("cop", "policy.karmada.io/applied-cluster-overrides"), ("op", "policy.karmada.io/applied-overrides"))


def _applied(annotations: Any) -> list[list[Any]]:
    """[sort, policy, overriders] of the overrides that were applied, in their order."""
    found = []
    for sort, key in _APPLIED:
        said = text(mapping(annotations).get(key))
        for each in mappings(_json(said)):
            found.append([sort, text(each.get("policyName")), mapping(each.get("overriders"))])
    return found


def _json(said: str) -> Any:
    """What an annotation holds; None for what is no JSON."""
    try:
        return json.loads(said) if 0 < len(said) <= _LARGEST else None
    except (ValueError, RecursionError):
        return None


def _manifests(kinds: Any, namespaces: Any, names: Any) -> list[str]:
    """[kind, namespace, name] of the first manifest; a binding's Work has no other."""
    return [text(found[0]) if found else "" for found in (kinds, namespaces, names)]


_MANIFEST = "spec.workload.manifests[*]"

WORK_PARTS: Parts = {
    "marks": _MARKS,
    "overrides": Part(("metadata.annotations",), _applied),
    "manifest": Part(
        (f"{_MANIFEST}.kind", f"{_MANIFEST}.metadata.namespace", f"{_MANIFEST}.metadata.name"), _manifests
    ),
    "labels": Part((f"{_MANIFEST}.metadata.labels",), lambda found: dict(mapping(found[0] if found else None))),
    "conditions": "status.conditions",
    "suspended": "spec.suspendDispatching",
}
