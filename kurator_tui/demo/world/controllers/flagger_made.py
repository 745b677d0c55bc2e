"""What Flagger writes beside the Canary: primary, Services, routes and rules; and the traffic behind them."""

import json
from typing import Any

from kurator_tui.demo.apiserver.durations import seconds_of
from kurator_tui.demo.world import flaggered
from kurator_tui.demo.world.cluster import SimCluster, owner_reference
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.controllers.flagger_view import View
from kurator_tui.demo.world.traffic import Traffic

Obj = dict[str, Any]

ROUTES = "virtualservices.networking.istio.io"
RULES = "destinationrules.networking.istio.io"
_DEPLOYMENTS = "deployments.apps"
#: Requests a second that a load test brings to a canary.
_LOAD = 10.0
#: The part of the traffic that A/B testing chooses, percent.
_CHOSEN = 15.0


class Made:
    """The objects around the Canaries of one cluster.

    `SimCluster.manners` says which images answer badly; whatever else runs answers well.
    """

    def __init__(self, cluster: SimCluster, traffic: Traffic) -> None:
        self._cluster = cluster
        self._traffic = traffic

    # -- workloads

    def primary(self, view: View, target: Obj) -> None:
        """Create the primary Deployment when it is not there."""
        if self._cluster.find(_DEPLOYMENTS, view.namespace, view.primary) is None:
            made = flaggered.primary_of(target, max(1, common.replicas_of(target)))
            made["metadata"]["ownerReferences"] = [owner_reference(view.obj)]
            self._cluster.create(_DEPLOYMENTS, made)

    def replicas_of_primary(self, view: View) -> int:
        """How many pods the new version gets."""
        found = self._cluster.find(_DEPLOYMENTS, view.namespace, view.primary)
        return max(1, common.replicas_of(found)) if found else 1

    def scale(self, view: View, replicas: int) -> None:
        """Give the target this many pods."""
        found = self._cluster.find(_DEPLOYMENTS, view.namespace, view.target)
        if found is not None and common.replicas_of(found) != replicas:
            place = (view.namespace, view.target)
            self._cluster.modify(_DEPLOYMENTS, *place, lambda o: o["spec"].update(replicas=replicas))
        if not replicas:
            self._traffic.heal(self._cluster.name, view.namespace, view.target)
            self._traffic.set(self._cluster.name, view.namespace, view.target, rate=0.0)

    def promote(self, view: View, target: Obj) -> None:
        """Copy the target's template to the primary, with how it answers."""
        template = flaggered.copied(target["spec"]["template"], view.primary)
        place = (view.namespace, view.primary)
        self._cluster.modify(_DEPLOYMENTS, *place, lambda o: o["spec"].update(template=template))
        self._answer(view, view.primary, 100)

    def changed(self, view: View) -> None:
        """Another image runs in the canary: how the last one answered is forgotten."""
        self._traffic.heal(self._cluster.name, view.namespace, view.target)

    # -- network

    def weight(self, view: View) -> int:
        """Percentage of the traffic that the route sends to the canary."""
        return flaggered.canary_weight(self._cluster.find(ROUTES, view.namespace, view.service))

    def route(self, view: View, weight: int) -> None:
        """Send this percentage of the traffic (with A/B testing: of the chosen requests) to the canary."""
        spec = flaggered.route_spec(view.obj, weight)
        self._put(ROUTES, view, view.service, spec)
        self._split(view, weight)
        self._answer(view, view.target, weight)

    def tell(self, view: View) -> None:
        """Have the traffic be what the route says."""
        weight = self.weight(view)
        self._split(view, weight)
        self._answer(view, view.target, weight)

    def keep(self, view: View) -> None:
        """Put back what is missing of Services, rules and route."""
        for part in ("", flaggered.PRIMARY, flaggered.CANARY):
            self._service(view, part)
        for part in (flaggered.PRIMARY, flaggered.CANARY):
            if self._cluster.find(RULES, view.namespace, view.service + part) is None:
                self._put(RULES, view, view.service + part, flaggered.rule_spec(view.obj, part))
        if self._cluster.find(ROUTES, view.namespace, view.service) is None:
            self.route(view, int(view.status.get("canaryWeight") or 0))

    def _service(self, view: View, part: str) -> None:
        name, wanted = view.service + part, flaggered.service_spec(view.obj, part)
        found = self._cluster.find("services", view.namespace, name)
        if found is None:
            ip = self._cluster.next_ip("10.96")
            meta = self._meta(view, name)
            spec = {**wanted, "clusterIP": ip, "clusterIPs": [ip]}
            made = {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec}
            self._cluster.create("services", {**made, "status": {"loadBalancer": {}}})
        elif found["spec"].get("selector") != wanted["selector"]:
            selector = wanted["selector"]
            place = (view.namespace, name)
            self._cluster.modify("services", *place, lambda o: o["spec"].update(selector=selector))

    def _put(self, resource: str, view: View, name: str, spec: Obj) -> None:
        found = self._cluster.find(resource, view.namespace, name)
        if found is None:
            rt = self._cluster.types[resource]
            meta = self._meta(view, name)
            made = {"apiVersion": rt.api_version, "kind": rt.kind, "metadata": meta, "spec": spec}
            self._cluster.create(resource, made)
        elif found["spec"] != spec:
            self._cluster.modify(resource, view.namespace, name, lambda o: o.update(spec=spec))

    def _meta(self, view: View, name: str) -> Obj:
        owner = owner_reference(json.loads(json.dumps(view.obj)))
        return {"name": name, "namespace": view.namespace, "ownerReferences": [owner]}

    # -- traffic

    def _split(self, view: View, weight: int) -> None:
        place = (self._cluster.name, view.namespace, view.target)
        share = weight * _CHOSEN / 100 if view.matched else weight
        self._traffic.split(*place, share)
        running = view.phase in ("Progressing", "WaitingPromotion")
        if running and view.loaded and self._traffic.state(*place).rate < _LOAD:
            self._traffic.set(*place, rate=_LOAD)

    def _answer(self, view: View, workload: str, weight: int) -> None:
        """Requests to a workload are answered in the manner of the target's image."""
        target = self._cluster.find(_DEPLOYMENTS, view.namespace, view.target)
        if target is None:
            return
        manner = self._cluster.manners.get(target["spec"]["template"]["spec"]["containers"][0]["image"])
        if manner is None:
            if workload != view.target:
                self._traffic.heal(self._cluster.name, view.namespace, workload)
        elif weight >= manner.weight:
            place = (self._cluster.name, view.namespace, workload)
            self._traffic.set(*place, success_rate=manner.success, latency=manner.latency)


def unready(cluster: SimCluster, view: View, name: str) -> tuple[str, bool]:
    """What a Deployment still waits for ('' nothing), and whether it has waited for too long."""
    found = cluster.find(_DEPLOYMENTS, view.namespace, name)
    if found is None:
        return f'deployments.apps "{name}" not found', False
    status, conditions = found.get("status") or {}, {}
    for each in status.get("conditions") or ():
        conditions[each["type"]] = each
    if int(status.get("observedGeneration") or 0) < int(found["metadata"].get("generation") or 0):
        return "waiting for rollout to finish: observed deployment generation less than desired generation", False
    available = conditions.get("Available") or {}
    late = available.get("status") == "False" and (
        seconds_of(available["lastUpdateTime"]) + view.deadline < cluster.clock.wall()
    )
    if late or (conditions.get("Progressing") or {}).get("reason") == "ProgressDeadlineExceeded":
        return f'deployment "{name}" exceeded its progress deadline', True
    return _waits(found, status), False


def _waits(deployment: Obj, status: Obj) -> str:
    wanted, updated = common.replicas_of(deployment), int(status.get("updatedReplicas") or 0)
    total, ready = int(status.get("replicas") or 0), int(status.get("availableReplicas") or 0)
    if updated < wanted:
        return f"waiting for rollout to finish: {updated} out of {wanted} new replicas have been updated"
    if total > updated:
        return f"waiting for rollout to finish: {total - updated} old replicas are pending termination"
    if ready < updated:
        told = f"{ready} of {updated} (readyThreshold 100%) updated replicas are available"
        return f"waiting for rollout to finish: {told}"
    return ""
