"""What Flagger makes for a Canary (primary, Services, routes and their rules), and how it writes its condition.

Shapes, names and texts are those of Flagger 1.34 with Istio.  Pure functions.
"""

import hashlib
import json
from typing import Any

Obj = dict[str, Any]

PRIMARY, CANARY = "-primary", "-canary"
LABEL = "app"
"""The label by which target and primary are told apart."""
_PROMOTED = {"Initialized": "True", "Succeeded": "True", "Failed": "False"}
_SAID = {
    "Initializing": "New {kind} detected, starting initialization.",
    "Initialized": "{kind} initialization completed.",
    "Waiting": "Waiting for approval.",
    "WaitingPromotion": "Waiting for approval.",
    "Progressing": "New revision detected, progressing canary analysis.",
    "Promoting": "Canary analysis completed, starting primary rolling update.",
    "Finalising": "Canary analysis completed, routing all traffic to primary.",
    "Succeeded": "Canary analysis completed successfully, promotion finished.",
    "Failed": "Canary analysis failed, {kind} scaled to zero.",
}


def spec_hash(template: Obj) -> str:
    """What `lastAppliedSpec` and `lastPromotedSpec` tell of a pod template."""
    text = json.dumps(template, sort_keys=True).encode()
    return str(int.from_bytes(hashlib.sha256(text).digest()[:4], "big"))


def copied(template: Obj, name: str) -> Obj:
    """A target's pod template as the primary (`name`) has it: other labels, otherwise the same."""
    found: Obj = json.loads(json.dumps(template))
    found["metadata"]["labels"][LABEL] = name
    return found


def primary_of(target: Obj, replicas: int) -> Obj:
    """The Deployment that serves everybody: a copy of the target's."""
    meta, spec = target["metadata"], json.loads(json.dumps(target["spec"]))
    name = meta["name"] + PRIMARY
    made = {"name": name, "namespace": meta["namespace"], "labels": {**(meta.get("labels") or {}), LABEL: name}}
    spec |= {"replicas": replicas, "selector": {"matchLabels": {LABEL: name}}}
    spec["template"] = copied(spec["template"], name)
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": made, "spec": spec}


def service_spec(canary: Obj, part: str) -> Obj:
    """`spec` of one of the three Services; `part` is '', `-primary` or `-canary`."""
    service, target = canary["spec"]["service"], canary["spec"]["targetRef"]["name"]
    port = {"name": service.get("portName", "http"), "protocol": "TCP", "port": service["port"]}
    port["targetPort"] = service.get("targetPort", service["port"])
    return {
        "ports": [port],
        "selector": {LABEL: target if part == CANARY else target + PRIMARY},
        "type": "ClusterIP",
        "sessionAffinity": "None",
    }


def route_spec(canary: Obj, weight: int) -> Obj:
    """`spec` of the VirtualService that sends `weight` percent of the requests to the canary."""
    service = canary["spec"]["service"]
    name, match = service["name"], (canary["spec"].get("analysis") or {}).get("match")

    def rule(*weights: tuple[str, int]) -> Obj:
        route = [{"destination": {"host": name + part}, "weight": each} for part, each in weights]
        more = {key: service[key] for key in ("timeout", "retries") if service.get(key)}
        return {"route": route, **more}

    rules = [rule((PRIMARY, 100 - weight), (CANARY, weight))]
    if match:
        rules = [{"match": match, **rules[0]}, rule((PRIMARY, 100))]
    gateways = service.get("gateways") or []
    found: Obj = {"hosts": [*(service.get("hosts") or ()), name], "http": rules}
    return found | {"gateways": [*gateways, *(() if "mesh" in gateways else ("mesh",))]}


def rule_spec(canary: Obj, part: str) -> Obj:
    """`spec` of a DestinationRule."""
    host = canary["spec"]["service"]["name"] + part
    return {"host": host, "trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}}}


def canary_weight(route: Obj | None) -> int:
    """The percentage of a VirtualService that goes to the canary; 0 when it does not say."""
    rules = ((route or {}).get("spec") or {}).get("http") or [{}]
    for each in rules[0].get("route") or ():
        if str((each.get("destination") or {}).get("host", "")).endswith(CANARY):
            return int(each.get("weight") or 0)
    return 0


def promoted(canary: Obj, phase: str, now: str) -> Obj:
    """The one condition of a Canary, in a phase that begins now; its transition time goes with its status."""
    kind = canary["spec"]["targetRef"].get("kind", "Deployment")
    status = _PROMOTED.get(phase, "Unknown")
    before = ((canary.get("status") or {}).get("conditions") or [{}])[0]
    since = before.get("lastTransitionTime", now) if before.get("status") == status else now
    return {
        "type": "Promoted",
        "status": status,
        "reason": phase,
        "message": _SAID.get(phase, "").format(kind=kind),
        "lastUpdateTime": now,
        "lastTransitionTime": since,
    }
