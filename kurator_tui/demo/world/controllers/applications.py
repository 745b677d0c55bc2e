"""Kurator's application controller: renders Canaries on members, and copies statuses into the Application.

With its known faults.  Every item of `syncStatus` shows the Flux status of the last one.  A Canary is looked up by
the Service's name and made under the workload's, so that a policy where they differ fails at each pass.  And one
member that cannot be reached, or one Canary that is missing, leaves the whole status as it was.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world import rollouts
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.controllers.flagger import CANARIES
from kurator_tui.demo.world.controllers.fleets import FLEETS, MEMBERS
from kurator_tui.demo.world.controllers.flux import KUSTOMIZATIONS, REPOSITORIES

Obj = dict[str, Any]

APPLICATIONS = "applications.apps.kurator.dev"
APP_NAME = "apps.kurator.dev/app-name"
PERIOD = 30.0
"""Seconds between two passes over an Application."""


class _Failed(Exception):
    """A pass that ends before its time; the next one tries again."""


class Applications:
    """Reconciles Applications that have a rollout; `down` tells the members that cannot be reached."""

    def __init__(
        self, around: common.Surroundings, members: Mapping[str, SimCluster], down: Callable[[str], bool]
    ) -> None:
        self._host = around.cluster
        self._members = members
        self._down = down
        self.queue = WorkQueue(around.cluster.timeline, self._reconcile)
        for application in around.cluster.all_of(APPLICATIONS):
            self.queue.add(common.key_of(application), around.cluster.rng.uniform(0.5, 3.0))
        around.cluster.watch(APPLICATIONS, self._changed)
        around.cluster.watch(KUSTOMIZATIONS, self._delivered)

    def _changed(self, event: StorageEvent) -> None:
        old = event.old_obj
        if event.type != "DELETED" and (old is None or old.get("spec") != event.obj.get("spec")):
            self.queue.add(common.key_of(event.obj), 0.5)

    def _delivered(self, event: StorageEvent) -> None:
        """A Kustomization that the Application owns has changed."""
        meta = event.obj["metadata"]
        name = (meta.get("labels") or {}).get(APP_NAME)
        if name:
            self.queue.add((meta["namespace"], name), 1.0)

    def _reconcile(self, key: common.Key) -> float | None:
        application = self._host.find(APPLICATIONS, *key)
        if application is None or application["metadata"].get("deletionTimestamp"):
            return None
        policies = _policies(application)
        if not any(policy.get("rollout") for policy in policies.values()):
            return None
        try:
            self._render_all(key[0], policies)
            status = self._status(application, policies)
        except (_Failed, KeyError):
            return PERIOD
        self._host.set_status(APPLICATIONS, application, {**(application.get("status") or {}), **status})
        return PERIOD

    # -- rendering

    def _render_all(self, namespace: str, policies: dict[str, Obj]) -> None:
        for name, policy in policies.items():
            for member in self._selected(namespace, policy):
                self._kustomization(namespace, name, policy, member)
                if policy.get("rollout"):
                    self._render(name, policy["rollout"], self._reach(member))

    def _kustomization(self, namespace: str, name: str, policy: Obj, member: Obj) -> None:
        """The spec of a member's Kustomization is the policy's: what somebody changed in it is undone."""
        place = (namespace, _delivery_name(name, member))
        found, wanted = self._host.find(KUSTOMIZATIONS, *place), policy.get("kustomization")
        if found is None or wanted is None:
            return
        kept = {key: found["spec"][key] for key in ("kubeConfig", "sourceRef", "force") if key in found["spec"]}
        spec = {**wanted, **kept}
        if found["spec"] != spec:
            self._host.modify(KUSTOMIZATIONS, *place, lambda o: o.update(spec=json.loads(json.dumps(spec))))

    def _render(self, policy: str, rollout: Obj, member: SimCluster) -> None:
        """Make a member's Canary what the policy says, annotations included."""
        workload = rollout["workload"]
        namespace, service = workload["namespace"], rollout["serviceName"]
        spec = rollouts.canary_spec(rollout, _target_port(member, namespace, service, int(rollout["port"])))
        annotations = {rollouts.ROLLOUT: policy}
        found = member.find(CANARIES, namespace, service)
        if found is None:
            if member.find(CANARIES, namespace, workload["name"]) is not None:
                raise _Failed(f'canaries.flagger.app "{workload["name"]}" already exists')
            meta = {"name": workload["name"], "namespace": namespace, "annotations": annotations}
            made = {"apiVersion": rollouts.CANARY_API, "kind": "Canary", "metadata": meta, "spec": spec}
            member.create(CANARIES, json.loads(json.dumps(made)))
        elif found["spec"] != spec or found["metadata"].get("annotations") != annotations:
            member.modify(CANARIES, namespace, service, partial(_rendered, spec, annotations))

    def _reach(self, member: Obj) -> SimCluster:
        name = str(member["name"])
        if name not in self._members or self._down(name):
            raise _Failed(f"{name}: connection refused")
        return self._members[name]

    def _selected(self, namespace: str, policy: Obj) -> Iterator[Obj]:
        """References (kind, name) to the members that a policy goes to."""
        destination = policy.get("destination") or {}
        fleet = self._host.find(FLEETS, namespace, str(destination.get("fleet", "")))
        wanted = (destination.get("clusterSelector") or {}).get("matchLabels") or {}
        for each in ((fleet or {}).get("spec") or {}).get("clusters") or ():
            obj = self._host.find(MEMBERS[each["kind"]], namespace, each["name"])
            labels = ((obj or {}).get("metadata") or {}).get("labels") or {}
            if obj is not None and all(labels.get(key) == value for key, value in wanted.items()):
                yield each

    # -- status

    def _status(self, application: Obj, policies: dict[str, Obj]) -> Obj:
        namespace, name = common.key_of(application)
        found: list[Obj] = []
        last: Obj = {}
        for policy_name, policy in policies.items():
            for member in self._selected(namespace, policy):
                delivery = self._host.find(KUSTOMIZATIONS, namespace, _delivery_name(policy_name, member))
                if delivery is None:
                    continue
                last = delivery.get("status") or {}
                item: Obj = {"name": delivery["metadata"]["name"]}
                if policy.get("rollout"):
                    item["rolloutStatus"] = self._copied(policy["rollout"], member)
                found.append(item)
        made: Obj = {"syncStatus": [{**item, "kustomizationStatus": last} for item in found]}
        source = self._host.find(REPOSITORIES, namespace, name)
        return made | ({"sourceStatus": {"gitRepoStatus": source.get("status") or {}}} if source else {})

    def _copied(self, rollout: Obj, member: Obj) -> Obj:
        canary = self._reach(member).find(CANARIES, rollout["workload"]["namespace"], rollout["serviceName"])
        if canary is None:
            raise _Failed(f'canaries.flagger.app "{rollout["serviceName"]}" not found')
        return {
            "clusterName": member["name"],
            "rolloutNameInCluster": canary["metadata"]["name"],
            "rolloutStatusInCluster": canary.get("status") or {},
        }


def _policies(application: Obj) -> dict[str, Obj]:
    """The sync policies by name."""
    listed = (application.get("spec") or {}).get("syncPolicies") or ()
    return {each.get("name") or f"{application['metadata']['name']}-{n}": each for n, each in enumerate(listed)}


def _delivery_name(policy: str, member: Obj) -> str:
    return f"{policy}-{member['kind']}-{member['name']}".lower()[:63]


def _target_port(member: SimCluster, namespace: str, service: str, port: int) -> int:
    found = member.find("services", namespace, service)
    ports = ((found or {}).get("spec") or {}).get("ports") or [{}]
    target = ports[0].get("targetPort", port)
    return target if isinstance(target, int) else port


def _rendered(spec: Obj, annotations: Obj, canary: Obj) -> None:
    canary["spec"] = json.loads(json.dumps(spec))
    canary["metadata"]["annotations"] = dict(annotations)
