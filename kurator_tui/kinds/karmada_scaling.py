"""Karmada over members: federated autoscalers and quotas, rebalancing, services that reach over clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, conditions, judge
from kurator_tui.kinds.meta import quantity
from kurator_tui.kinds.table import cell, table

SCALING = "autoscaling.karmada.io"


def _target(kind: Any, name: Any) -> str:
    return f"{kind}/{name}" if name else ""


_REFERENCE = cell("reference", "spec.scaleTargetRef.kind", "spec.scaleTargetRef.name", read=_target, width=40)


@judge(
    "status.conditions[*]",
    "spec.maxReplicas",
    "status.currentReplicas",
    says="AbleToScale and ScalingActive have to be True; at its most replicas it is degraded",
)
def _autoscaler(told: Any, most: Any, current: Any) -> Health:
    found = by_type(told)
    for kind in ("AbleToScale", "ScalingActive"):
        if found.get(kind, {}).get("status") == "False" and found[kind].get("reason") != "ScalingDisabled":
            return Health(Level.FAILED, because(found[kind]))
    limited = found.get("ScalingLimited", {})
    if limited.get("status") == "True" and limited.get("reason") == "TooManyReplicas":
        return Health(Level.DEGRADED, f"wants more than its {most} replicas")
    return HEALTHY if found or current is not None else Health(Level.UNKNOWN, "no status yet")


FEDERATED_HPA = table(
    f"federatedhpas.{SCALING}",
    "FederatedHPA",
    ("v1alpha1",),
    _REFERENCE,
    cell("min", "spec.minReplicas", format=Format.COUNT, title="MINPODS"),
    cell("max", "spec.maxReplicas", format=Format.COUNT, title="MAXPODS"),
    cell("replicas", "status.currentReplicas", format=Format.COUNT),
    cell("desired", "status.desiredReplicas", format=Format.COUNT),
    cell("scaled", "status.lastScaleTime", format=Format.AGE, title="LAST SCALE", priority=5),
    cell("metrics", "spec.metrics[*].type", wide=True),
    health=_autoscaler,
    short_names=("fhpa",),
)


def _last(executions: Any) -> Mapping[str, Any]:
    """The execution that was last: Karmada keeps the newest first, which is not counted on."""
    there = [each for each in executions or () if isinstance(each, Mapping)]
    return max(
        there, key=lambda each: str(each.get("executionTime") or each.get("scheduleTime") or ""), default={}
    )


@judge(
    "spec.rules[*].suspend",
    "spec.rules[*].name",
    "status.executionHistories[*]",
    says="failed when the last execution of a rule failed; with every rule suspended it says so",
)
def _cron(off: Any, names: Any, histories: Any) -> Health:
    for each in histories or ():
        failed, done = _last(each.get("failedExecutions")), _last(each.get("successfulExecutions"))
        if failed and str(failed.get("executionTime")) > str(done.get("executionTime") or ""):
            return Health(Level.FAILED, f"{each.get('ruleName')}: {failed.get('message') or 'execution failed'}")
    if names and sum(1 for flag in off or () if flag is True) == len(names):
        return Health(Level.HEALTHY, "suspended")
    return HEALTHY


CRON_FEDERATED_HPA = table(
    f"cronfederatedhpas.{SCALING}",
    "CronFederatedHPA",
    ("v1alpha1",),
    _REFERENCE,
    cell("rules", "spec.rules[*].name", width=40),
    cell("schedules", "spec.rules[*].schedule", width=40),
    cell(
        "next",
        "status.executionHistories[*].nextExecutionTime",
        read=lambda times: min(times, default=None),
        format=Format.UNTIL,
        title="NEXT RUN",
    ),
    cell("suspended", "spec.rules[?(@.suspend==true)].name", title="SUSPENDED RULES", priority=5),
    health=_cron,
    short_names=("cronfhpa",),
)


def _shares(most: Any, used: Any) -> list[tuple[float, str]]:
    """(share used, resource), of those that have a limit."""
    if not (isinstance(most, Mapping) and isinstance(used, Mapping)):
        return []
    return [(quantity(used.get(name)) / limit, name) for name, each in most.items() if (limit := quantity(each))]


@judge("status.overall", "status.overallUsed", says="a resource that is used up is degraded")
def _quota(most: Any, used: Any) -> Health:
    if most is None:
        return Health(Level.UNKNOWN, "no status yet")
    share, name = max(_shares(most, used), default=(0.0, ""))
    return Health(Level.DEGRADED, f"{name} is used up") if share >= 1 else HEALTHY


def _used(most: Any, used: Any) -> str:
    had = used if isinstance(used, Mapping) else {}
    return ", ".join(f"{name} {had.get(name, 0)}/{each}" for name, each in most.items()) if most else ""


FEDERATED_RESOURCE_QUOTA = table(
    "federatedresourcequotas.policy.karmada.io",
    "FederatedResourceQuota",
    ("v1alpha1",),
    cell("used", "status.overall", "status.overallUsed", read=_used, width=60),
    cell(
        "fullest",
        "status.overall",
        "status.overallUsed",
        read=lambda most, used: max(_shares(most, used), default=(None, ""))[0],
        format=Format.RATIO,
    ),
    cell("clusters", "status.aggregatedStatus[*].clusterName", "spec.staticAssignments[*].clusterName", width=50),
    health=_quota,
)

# -- rebalancing, services --------------------------------------------------------------------------------------


@judge(
    "status.observedWorkloads[*].result",
    'status.observedWorkloads[?(@.result!="Successful")].reason',
    "spec.workloads",
    "metadata.generation",
    "status.observedGeneration",
    says="every workload's result has to be Successful",
)
def _rebalancer(results: Any, reasons: Any, workloads: Any, generation: Any, observed: Any) -> Health:
    wanted, done = len(workloads or ()), (results or []).count("Successful")
    failed = (results or []).count("Failed")
    if failed:
        why = next((str(reason) for reason in reasons or () if reason), "Failed")
        return Health(Level.DEGRADED if done else Level.FAILED, f"{failed} of {wanted}: {why}")
    behind = isinstance(generation, int) and isinstance(observed, int) and observed < generation
    if behind or done < wanted:
        return Health(Level.PROGRESSING, f"{done} of {wanted} rescheduled")
    return HEALTHY


WORKLOAD_REBALANCER = table(
    "workloadrebalancers.apps.karmada.io",
    "WorkloadRebalancer",
    ("v1alpha1",),
    cell("workloads", "spec.workloads[*].name", width=60),
    cell(
        "done",
        'status.observedWorkloads[?(@.result=="Successful")].result',
        "spec.workloads",
        read=lambda done, wanted: f"{len(done)}/{len(wanted or ())}",
    ),
    cell("finished", "status.finishTime", format=Format.AGE),
    cell("ttl", "spec.ttlSecondsAfterFinished", format=Format.COUNT, title="TTL SECONDS", wide=True),
    health=_rebalancer,
    namespaced=False,
)

MULTI_CLUSTER_SERVICE = table(
    "multiclusterservices.networking.karmada.io",
    "MultiClusterService",
    ("v1alpha1",),
    cell("types", "spec.types"),
    cell("providers", "spec.providerClusters[*].name", "spec.serviceProvisionClusters", width=40),
    cell("consumers", "spec.consumerClusters[*].name", "spec.serviceConsumptionClusters", width=40),
    cell("ports", "spec.ports[*].port", priority=4),
    cell("address", "status.loadBalancer.ingress[*].ip", "status.loadBalancer.ingress[*].hostname", priority=4),
    health=conditions(
        "ServiceApplied", "EndpointSliceApplied", "EndpointSliceDispatched", "EndpointSliceCollected"
    ),
    short_names=("mcs",),
)

KINDS = (
    *(FEDERATED_HPA, CRON_FEDERATED_HPA, FEDERATED_RESOURCE_QUOTA, WORKLOAD_REBALANCER, MULTI_CLUSTER_SERVICE),
)
