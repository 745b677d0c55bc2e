"""Canaries as they are when the world begins, in every phase, with the objects Flagger has made for them."""

import json
from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world import flaggered, rollouts
from kurator_tui.demo.world.gated import GATED, RUNNING, Gated, canary_uid
from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site, event
from kurator_tui.demo.world.systems.mesh import networking

Obj = dict[str, Any]

_PORT = 8080
_GATE = {
    "name": "ask-the-ledger-team",
    "type": "confirm-promotion",
    "url": "http://testloader-loadtester.istio-system/gate/check",
    "timeout": "10s",
}


def objects(site: Site) -> Iterator[Obj]:
    """Canaries with what belongs to them, metric templates, where alerts go."""
    for gated in GATED:
        if site.name in gated.clusters and site.find("deployments.apps", gated.namespace, gated.name):
            yield from _canary(site, gated)
    if site.has("webapp"):
        yield _template(site)
    spec = {"type": "slack", "channel": "rollouts", "username": "flagger", "secretRef": {"name": "slack-webhook"}}
    yield site.make(rollouts.CANARY_API, "AlertProvider", "on-call", "istio-system", age=70 * DAY, spec=spec)


def _template(site: Site) -> Obj:
    query = (
        'histogram_quantile(0.99, sum(rate(checkout_queue_seconds_bucket{namespace="{{ namespace }}"}'
        "[{{ interval }}])) by (le))"
    )
    provider = {"type": "prometheus", "address": "http://prometheus.istio-system:9090"}
    meta, spec = {"annotations": {rollouts.ROLLOUT: "webapp"}}, {"provider": provider, "query": query}
    return site.make(
        rollouts.CANARY_API, "MetricTemplate", "queue-time", "webapp", age=20 * DAY, meta=meta, spec=spec
    )


def _canary(site: Site, gated: Gated) -> Iterator[Obj]:
    name, namespace = gated.name, gated.namespace
    spec = json.loads(json.dumps(rollouts.canary_spec(rollouts.block(gated), _PORT)))
    meta: Obj = {"finalizers": ["finalizer.flagger.app"]}
    if gated.policy:
        meta["annotations"] = {rollouts.ROLLOUT: gated.policy}
    else:
        spec["analysis"]["webhooks"].append(_GATE)
        del spec["suspend"], spec["revertOnDeletion"]
    canary = site.make(rollouts.CANARY_API, "Canary", name, namespace, age=20 * DAY, meta=meta, spec=spec)
    canary["metadata"]["uid"] = canary_uid(site.name, namespace, name)
    canary["status"] = _status(site, gated, canary)
    yield canary
    yield from _said(site, gated, canary)
    yield from _made(site, canary, gated.start(site.name).weight)


def _status(site: Site, gated: Gated, canary: Obj) -> Obj:
    start = gated.start(site.name)
    target = site.find("deployments.apps", gated.namespace, gated.name) or {}
    applied = flaggered.spec_hash(target["spec"]["template"])
    since = site.stamp(2 * MINUTE if start.phase in RUNNING else 5 * HOUR)
    changed = start.phase in (*RUNNING, "Failed")
    return {
        "phase": start.phase,
        "canaryWeight": start.weight,
        "failedChecks": start.failed,
        "iterations": start.iterations,
        "lastAppliedSpec": applied,
        "lastPromotedSpec": str(site.rng.getrandbits(32)) if changed else applied,
        "lastTransitionTime": since,
        "trackedConfigs": {f"configmap/{gated.name}-config": site.digest(16)},
        "conditions": [flaggered.promoted(canary, start.phase, since)],
    }


def _said(site: Site, gated: Gated, canary: Obj) -> Iterator[Obj]:
    """The last events about a canary that is not at rest."""
    start, place = gated.start(site.name), f"{gated.name}.{gated.namespace}"
    if start.phase == "Failed":
        halted = f"Halt {place} advancement success rate 97.42% < 99%"
        yield event(site, canary, "Synced", halted, "flagger", ago=5 * HOUR + 30)
        yield event(site, canary, "Synced", f"Canary failed! Scaling down {place}", "flagger", ago=5 * HOUR)
    if start.weight:
        advanced = f"Advance {place} canary weight {start.weight}"
        yield event(site, canary, "Synced", advanced, "flagger", ago=2 * MINUTE, kind="Normal")
    if gated.suspended:
        said = "skipping canary run as object is suspended"
        yield event(site, canary, "Synced", said, "flagger", ago=5, kind="Normal")


def _made(site: Site, canary: Obj, weight: int) -> Iterator[Obj]:
    """The route, destination rules and Services Flagger keeps for a Canary."""
    name, namespace = canary["spec"]["service"]["name"], canary["metadata"]["namespace"]
    api, born = networking(site), 20 * DAY
    spec = flaggered.route_spec(canary, weight)
    yield site.make(api, "VirtualService", name, namespace, age=born, owner=canary, spec=spec)
    for part in (flaggered.PRIMARY, flaggered.CANARY):
        rule = flaggered.rule_spec(canary, part)
        yield site.make(api, "DestinationRule", name + part, namespace, age=born, owner=canary, spec=rule)
    for part in ("", flaggered.PRIMARY, flaggered.CANARY):
        ip = f"10.97.{site.rng.randint(1, 250)}.{site.rng.randint(1, 250)}"
        service = flaggered.service_spec(canary, part) | {"clusterIP": ip, "clusterIPs": [ip]}
        made = site.make("v1", "Service", name + part, namespace, age=born, owner=canary, spec=service)
        yield made | {"status": {"loadBalancer": {}}}
