"""Karmada kinds that work over clusters: autoscalers, timetables, quotas, rebalancing, services."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, HOUR, Site, condition

Obj = dict[str, Any]

NAMESPACE = "shop"
_POLICY, _SCALING, _APPS = (
    "policy.karmada.io/v1alpha1",
    "autoscaling.karmada.io/v1alpha1",
    "apps.karmada.io/v1alpha1",
)


def scaling(site: Site) -> Iterator[Obj]:
    """Autoscalers over clusters: one at work, one without metrics; and a timetable."""
    both = (
        ("ingress-nginx", "ingress-nginx-controller", 9, 12, True),
        ("notebooks", "user-session", 11, 11, False),
    )
    for space, name, current, wanted, healthy in both:
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        metric = {
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
        }
        failing = "unable to get metrics for resource cpu: no metrics returned"
        active = condition(
            "ScalingActive", True, site.stamp(DAY), "ValidMetricFound", "the HPA was able to compute"
        )
        if not healthy:
            active = condition("ScalingActive", False, site.stamp(HOUR), "FailedGetResourceMetric", failing)
        status = {"currentReplicas": current, "desiredReplicas": wanted, "conditions": [active]}
        status |= {"currentMetrics": [_current_metric()]} if healthy else {"currentMetrics": []}
        spec = {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 20, "metrics": [metric]}
        yield site.make(_SCALING, "FederatedHPA", name, space, spec=spec, status=status)
    rules = [
        {"name": "evening", "schedule": "0 17 * * 1-5", "targetMinReplicas": 8, "timeZone": "Europe/Berlin"},
        {"name": "night", "schedule": "0 23 * * *", "targetMinReplicas": 3, "timeZone": "Europe/Berlin"},
    ]
    done = {"scheduleTime": site.stamp(15 * HOUR), "executionTime": site.stamp(15 * HOUR - 1)}
    history = [
        {
            "ruleName": "evening",
            "nextExecutionTime": site.stamp(-9 * HOUR),
            "successfulExecutions": [{**done, "appliedMinReplicas": 8}],
        },
        {
            "ruleName": "night",
            "nextExecutionTime": site.stamp(-15 * HOUR),
            "failedExecutions": [{**done, "message": "federatedhpas.autoscaling.karmada.io is being updated"}],
        },
    ]
    target = {"apiVersion": _SCALING, "kind": "FederatedHPA", "name": "ingress-nginx-controller"}
    spec = {"scaleTargetRef": target, "rules": rules}
    status = {"executionHistories": history}
    yield site.make(_SCALING, "CronFederatedHPA", "shop-hours", "ingress-nginx", spec=spec, status=status)


def _current_metric() -> Obj:
    return {
        "type": "Resource",
        "resource": {"name": "cpu", "current": {"averageUtilization": 83, "averageValue": "207m"}},
    }


def others(site: Site) -> Iterator[Obj]:
    """A quota near its end, a rebalancing that half failed, a service over clusters."""
    hard = {"cpu": "40", "memory": "120Gi"}
    shares = (("prod-cloud", "24", "18500m", "61Gi"), ("on-prem", "16", "15900m", "44Gi"))
    status = {
        "overall": hard,
        "overallUsed": {"cpu": "34400m", "memory": "105Gi"},
        "aggregatedStatus": [
            {"clusterName": name, "hard": {"cpu": limit}, "used": {"cpu": cpu, "memory": memory}}
            for name, limit, cpu, memory in shares
        ],
    }
    assigned = [{"clusterName": name, "hard": {"cpu": limit}} for name, limit, *_ in shares]
    spec: Obj = {"overall": hard, "staticAssignments": assigned}
    yield site.make(_POLICY, "FederatedResourceQuota", "shop", NAMESPACE, spec=spec, status=status)
    workloads = [
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "namespace": space}
        for space, name in (("notebooks", "user-session"), (NAMESPACE, "storefront-old"))
    ]
    observed: list[Obj] = [{"workload": workloads[0], "result": "Successful"}]
    observed.append({"workload": workloads[1], "result": "Failed", "reason": "ReferencedBindingNotFound"})
    done: Obj = {"observedWorkloads": observed, "observedGeneration": 1, "finishTime": site.stamp(2 * HOUR)}
    spec = {"workloads": workloads}
    yield site.make(_APPS, "WorkloadRebalancer", "after-outage", age=2 * HOUR, spec=spec, status=done)
    spec = {
        "types": ["CrossCluster"],
        "ports": [{"name": "http", "port": 8080}],
        "providerClusters": [{"name": "prod-cloud"}],
        "consumerClusters": [{"name": "on-prem"}, {"name": "pre-cloud"}],
    }
    since = site.stamp(3 * DAY)
    applied = condition(
        "EndpointSliceDispatched", True, since, "EndpointSliceDispatchedSucceed", "EndpointSlice are dispatched"
    )
    api = "networking.karmada.io/v1alpha1"
    state = {"conditions": [applied]}
    yield site.make(api, "MultiClusterService", "session-store", NAMESPACE, spec=spec, status=state)
