"""From a rollout block of an Application to the Canary that Kurator renders of it on each member.  Pure."""

from typing import Any

from kurator_tui.demo.world.gated import INTERVAL, Gated

Obj = dict[str, Any]

CANARY_API = "flagger.app/v1beta1"
ROLLOUT = "kurator.dev/rollout"
"""Annotation of what Kurator made on members: the name of the policy."""
METRICS = (("request-success-rate", {"min": 99}), ("request-duration", {"max": 500}))
#: Seconds a gate looks back.
WINDOW = 60


def block(gated: Gated, port: int = 8080) -> Obj:
    """`spec.syncPolicies[].rollout` as its user wrote it."""
    metrics = [
        {"name": name, "intervalSeconds": WINDOW, "thresholdRange": dict(bounds)} for name, bounds in METRICS
    ]
    command = f"hey -z 1m -q 10 -c 2 http://{gated.service_name}-canary.{gated.namespace}:{port}/"
    public = {"gateways": ["istio-system/public-gateway"], "hosts": ["shop.example"]} if gated.public else {}
    workload = {"apiVersion": "apps/v1", "kind": "Deployment", "name": gated.name, "namespace": gated.namespace}
    return {
        "testLoader": True,
        "trafficRoutingProvider": "istio",
        "workload": workload,
        "serviceName": gated.service_name,
        "port": port,
        "rolloutPolicy": {
            "trafficRouting": {"timeoutSeconds": 15, **public, **gated.routing},
            "trafficAnalysis": {
                "checkIntervalSeconds": INTERVAL,
                "checkFailedTimes": gated.threshold,
                "metrics": metrics,
                "webhooks": {"timeoutSeconds": 60, "command": [command]},
            },
            "rolloutTimeoutSeconds": 600,
            **({"suspend": True} if gated.suspended else {}),
        },
    }


def canary_spec(rollout: Obj, target_port: int) -> Obj:
    """`spec` of the Canary for a rollout block; `target_port` is that of the live Service.

    Raises KeyError for a block without the parts that Kurator takes for granted.
    """
    policy, workload = rollout["rolloutPolicy"], rollout["workload"]
    routing = policy["trafficRouting"]
    service: Obj = {"name": rollout["serviceName"], "port": rollout["port"], "targetPort": target_port}
    service |= {name: routing[name] for name in ("gateways", "hosts", "retries", "headers") if routing.get(name)}
    service["timeout"] = f"{routing.get('timeoutSeconds', 0)}s"
    return {
        "provider": rollout.get("trafficRoutingProvider", "istio"),
        "progressDeadlineSeconds": policy.get("rolloutTimeoutSeconds", 600),
        "targetRef": {name: workload[name] for name in ("apiVersion", "kind", "name")},
        "service": service,
        "analysis": _analysis(rollout),
        "skipAnalysis": bool(policy.get("skipTrafficAnalysis")),
        "revertOnDeletion": bool(policy.get("revertOnDeletion")),
        "suspend": bool(policy.get("suspend")),
    }


def _analysis(rollout: Obj) -> Obj:
    routing, checks = rollout["rolloutPolicy"]["trafficRouting"], rollout["rolloutPolicy"]["trafficAnalysis"]
    analysis: Obj = {"interval": f"{checks['checkIntervalSeconds']}s", "threshold": checks["checkFailedTimes"]}
    analysis |= dict(routing.get("canaryStrategy") or {})
    if routing.get("analysisTimes"):
        analysis["iterations"] = routing["analysisTimes"]
    if routing.get("match"):
        analysis["match"] = routing["match"]
    analysis["metrics"] = [_metric(each, rollout["workload"]["namespace"]) for each in checks.get("metrics") or ()]
    hooks = checks.get("webhooks") or {}
    workload = rollout["workload"]
    analysis["webhooks"] = [
        {
            "name": f"generated-testload-{number}",
            "url": f"http://{workload['name']}-testloader.{workload['namespace']}/",
            "timeout": f"{hooks['timeoutSeconds']}s",
            "metadata": {"cmd": command},
        }
        for number, command in enumerate(hooks.get("command") or ())
    ]
    return analysis


def _metric(metric: Obj, namespace: str) -> Obj:
    made = {"name": metric["name"], "interval": f"{metric['intervalSeconds']}s"}
    if metric.get("thresholdRange"):
        made["thresholdRange"] = metric["thresholdRange"]
    if metric["name"] not in [name for name, _ in METRICS]:
        made["templateRef"] = {"name": metric["name"], "namespace": namespace}
    return made
