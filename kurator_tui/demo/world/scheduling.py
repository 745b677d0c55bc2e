"""Which node a pod goes to: the filters and scores of a scheduler, reduced to what the demo's pods use."""

from collections import Counter
from typing import Any

from kurator_tui.demo.world.cluster import SimCluster, controller_of
from kurator_tui.demo.world.objects import pod_requests, quantity

Obj = dict[str, Any]


def ready(node: Obj) -> bool:
    """True when the node's Ready condition is True."""
    conditions = (node.get("status") or {}).get("conditions") or ()
    return any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)


def tolerates(pod_spec: Obj, node: Obj, effects: tuple[str, ...] = ("NoSchedule", "NoExecute")) -> bool:
    """True when every taint of these effects is tolerated."""
    taints = (node.get("spec") or {}).get("taints") or ()
    tolerations = pod_spec.get("tolerations") or ()
    return all(
        any(_tolerates(toleration, taint) for toleration in tolerations)
        for taint in taints
        if taint.get("effect") in effects
    )


def _tolerates(toleration: Obj, taint: Obj) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    if toleration.get("operator") == "Exists":
        return toleration.get("key") in (None, "", taint.get("key"))
    return toleration.get("key") == taint.get("key") and (toleration.get("value") or "") == (
        taint.get("value") or ""
    )


def selected(pod_spec: Obj, node: Obj) -> bool:
    """True when the node fits the pod's nodeSelector and required node affinity."""
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in (pod_spec.get("nodeSelector") or {}).items()):
        return False
    affinity = (pod_spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    terms = required.get("nodeSelectorTerms")
    return not terms or any(_term(term, node, labels) for term in terms)


def _term(term: Obj, node: Obj, labels: dict[str, str]) -> bool:
    fields = {"metadata.name": node["metadata"]["name"]}
    return all(_requirement(each, labels) for each in term.get("matchExpressions") or ()) and all(
        _requirement(each, fields) for each in term.get("matchFields") or ()
    )


def _requirement(each: Obj, values: dict[str, str]) -> bool:
    value, wanted = values.get(each.get("key", "")), each.get("values") or ()
    match each.get("operator"):
        case "In":
            return value in wanted
        case "NotIn":
            return value not in wanted
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


def pick(cluster: SimCluster, pod: Obj) -> tuple[str | None, str]:
    """The node for a pod, or None and why, in the words of a FailedScheduling event."""
    wanted = {**pod_requests(pod), "pods": 1.0}
    owner = controller_of(pod)
    siblings = (
        Counter((each.get("spec") or {}).get("nodeName") for each in cluster.owned(owner["uid"], "pods"))
        if owner
        else Counter()
    )
    best: tuple[float, str] | None = None
    refusals: Counter[str] = Counter()
    nodes = cluster.all_of("nodes")
    for node in nodes:
        name = node["metadata"]["name"]
        refusal = _refusal(cluster, pod["spec"], node, wanted)
        if refusal:
            refusals[refusal] += 1
            continue
        capacity = quantity(node["status"]["allocatable"]["cpu"]) or 1.0
        load = cluster.requested_on(name).get("cpu", 0.0) / capacity
        score = (load + 0.5 * siblings.get(name, 0), name)
        best = min(best, score) if best else score
    if best:
        return best[1], ""
    detail = ", ".join(f"{count} {reason}" for reason, count in sorted(refusals.items()))
    return None, f"0/{len(nodes)} nodes are available: {detail}. preemption: 0/{len(nodes)} nodes are available."


def _refusal(cluster: SimCluster, pod_spec: Obj, node: Obj, wanted: dict[str, float]) -> str:
    if (node.get("spec") or {}).get("unschedulable") and not _ignores_cordon(pod_spec):
        return "node(s) were unschedulable"
    if not tolerates(pod_spec, node):
        taint = node["spec"]["taints"][0]
        return f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value') or ''}}}"
    if not selected(pod_spec, node):
        return "node(s) didn't match Pod's node affinity/selector"
    free = (node.get("status") or {}).get("allocatable") or {}
    used = cluster.requested_on(node["metadata"]["name"])
    for what, amount in wanted.items():
        if amount and used.get(what, 0.0) + amount > quantity(free.get(what, 0)) + 1e-6:
            return "Too many pods" if what == "pods" else f"Insufficient {what}"
    return ""


def _ignores_cordon(pod_spec: Obj) -> bool:
    return any(
        each.get("key") == "node.kubernetes.io/unschedulable" and each.get("operator") == "Exists"
        for each in pod_spec.get("tolerations") or ()
    )
