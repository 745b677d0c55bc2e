"""How many may run: HorizontalPodAutoscaler, PodDisruptionBudget, PriorityClass, RuntimeClass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, judge
from kurator_tui.kinds.table import cell, table


def _metric(spec: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """`cpu 40%/80%`; a metric without a current value is `?`."""
    kind = str(spec.get("type", ""))
    key = kind[:1].lower() + kind[1:]
    wanted, has = spec.get(key) or {}, now.get(key) or {}
    name = wanted.get("name") or (wanted.get("metric") or {}).get("name") or kind
    return f"{name} {_amount(has.get('current'))}/{_amount(wanted.get('target'))}"


def _amount(value: Any) -> str:
    if not isinstance(value, Mapping):
        return "?"
    if value.get("averageUtilization") is not None:
        return f"{value['averageUtilization']}%"
    return str(value.get("averageValue") or value.get("value") or "?")


def _metrics(specs: Any, current: Any) -> str:
    now = [*(current or ()), *[{}] * len(specs or ())]
    return ", ".join(_metric(spec, now[at]) for at, spec in enumerate(specs or ()))


@judge(
    "status.conditions[*]",
    "status.currentReplicas",
    "spec.maxReplicas",
    says="AbleToScale and ScalingActive have to be True; at its most replicas it is degraded",
)
def _autoscaler(told: Any, current: Any, most: Any) -> Health:
    found = by_type(told)
    for kind in ("AbleToScale", "ScalingActive"):
        if found.get(kind, {}).get("status") == "False" and found[kind].get("reason") != "ScalingDisabled":
            return Health(Level.FAILED, because(found[kind]))
    limited = found.get("ScalingLimited", {})
    if limited.get("status") == "True" and limited.get("reason") == "TooManyReplicas":
        return Health(Level.DEGRADED, f"wants more than its {most} replicas")
    return HEALTHY if found else Health(Level.UNKNOWN, "no status yet")


HORIZONTAL_POD_AUTOSCALER = table(
    "horizontalpodautoscalers.autoscaling",
    "HorizontalPodAutoscaler",
    ("v2", "v2beta2"),
    cell(
        "reference",
        "spec.scaleTargetRef.kind",
        "spec.scaleTargetRef.name",
        read=lambda kind, name: f"{kind}/{name}",
        width=40,
    ),
    cell("targets", "spec.metrics[*]", "status.currentMetrics[*]", read=_metrics, width=50),
    cell("min", "spec.minReplicas", format=Format.COUNT, title="MINPODS"),
    cell("max", "spec.maxReplicas", format=Format.COUNT, title="MAXPODS"),
    cell("replicas", "status.currentReplicas", format=Format.COUNT, priority=2),
    cell("desired", "status.desiredReplicas", format=Format.COUNT, wide=True),
    cell("scaled", "status.lastScaleTime", format=Format.AGE, title="LAST SCALE", priority=5),
    health=_autoscaler,
    short_names=("hpa",),
)


@judge(
    "status.disruptionsAllowed",
    "status.currentHealthy",
    "status.desiredHealthy",
    "status.expectedPods",
    says="fewer healthy pods than wanted is degraded; one that never allows a disruption says so",
)
def _budget(allowed: Any, healthy: Any, wanted: Any, expected: Any) -> Health:
    if healthy is None or wanted is None:
        return Health(Level.UNKNOWN, "no status yet")
    if healthy < wanted:
        return Health(Level.DEGRADED, f"{healthy} of {wanted} healthy: drains will wait")
    return Health(Level.HEALTHY, "allows no disruption" if expected and not allowed else "")


POD_DISRUPTION_BUDGET = table(
    "poddisruptionbudgets.policy",
    "PodDisruptionBudget",
    ("v1", "v1beta1"),
    cell("min", "spec.minAvailable", title="MIN AVAILABLE"),
    cell("max", "spec.maxUnavailable", title="MAX UNAVAILABLE"),
    cell("allowed", "status.disruptionsAllowed", format=Format.COUNT, title="ALLOWED DISRUPTIONS"),
    cell("healthy", "status.currentHealthy", format=Format.COUNT),
    cell("wanted", "status.desiredHealthy", format=Format.COUNT),
    health=_budget,
    short_names=("pdb",),
    parts={"selector": "spec.selector.matchLabels"},
)

PRIORITY_CLASS = table(
    "priorityclasses.scheduling.k8s.io",
    "PriorityClass",
    ("v1",),
    cell("value", "value", format=Format.COUNT),
    cell("default", "globalDefault", title="GLOBAL-DEFAULT"),
    cell("preemption", "preemptionPolicy", title="PREEMPTIONPOLICY"),
    cell("description", "description", priority=5, width=60),
    short_names=("pc",),
    namespaced=False,
)

RUNTIME_CLASS = table(
    "runtimeclasses.node.k8s.io", "RuntimeClass", ("v1",), cell("handler", "handler"), namespaced=False
)

KINDS = (HORIZONTAL_POD_AUTOSCALER, POD_DISRUPTION_BUDGET, PRIORITY_CLASS, RUNTIME_CLASS)
