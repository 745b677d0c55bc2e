"""What Kurator's fleet manager and Flux do on the host: labels, fleet status, plugins, reconcile requests."""

from functools import partial
from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world import kurator
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.topology import ClusterPlan

Obj = dict[str, Any]

FLEETS = "fleets.fleet.kurator.dev"
MEMBERS = {"Cluster": "clusters.cluster.kurator.dev", "AttachedCluster": "attachedclusters.cluster.kurator.dev"}
RELEASES = "helmreleases.helm.toolkit.fluxcd.io"
REPOSITORIES = "helmrepositories.source.toolkit.fluxcd.io"
CONTROL_PLANE = "fleet.kurator.dev/controlplane"
_REQUESTED = "reconcile.fluxcd.io/requestedAt"


class FleetManager:
    """Joins and removes members as `spec.clusters` says; `plans` are the clusters that really exist."""

    def __init__(self, around: common.Surroundings, plans: dict[str, ClusterPlan]) -> None:
        self._cluster = around.cluster
        self._plans = plans
        self.queue = WorkQueue(around.cluster.timeline, self._reconcile)
        around.cluster.watch(FLEETS, self._fleet_changed)
        for resource in MEMBERS.values():
            around.cluster.watch(resource, partial(self._member_changed, resource))
        around.cluster.watch(RELEASES, partial(self._flux_changed, RELEASES))
        around.cluster.watch(REPOSITORIES, partial(self._flux_changed, REPOSITORIES))

    def _fleet_changed(self, event: StorageEvent) -> None:
        if event.type != "DELETED":
            self.queue.add(common.key_of(event.obj), 0.5)

    def _member_changed(self, resource: str, event: StorageEvent) -> None:
        for fleet in self._cluster.all_of(FLEETS, event.obj["metadata"]["namespace"]):
            self.queue.add(common.key_of(fleet), 0.5)
        if event.type != "DELETED" and resource == MEMBERS["AttachedCluster"]:
            self._cluster.after(1.0, partial(self._probe, common.key_of(event.obj)))

    def _probe(self, key: common.Key) -> None:
        """AttachedClusters are ready when their Secret has the key."""
        attached = self._cluster.find(MEMBERS["AttachedCluster"], *key)
        if attached is None:
            return
        where = (attached.get("spec") or {}).get("kubeconfig") or {}
        secret = self._cluster.find("secrets", key[0], str(where.get("name")))
        ready = secret is not None and where.get("key", "value") in (secret.get("data") or {})
        self._cluster.set_status(MEMBERS["AttachedCluster"], attached, {"ready": ready})

    def _reconcile(self, key: common.Key) -> None:
        fleet = self._cluster.find(FLEETS, *key)
        if fleet is None or CONTROL_PLANE in (fleet["metadata"].get("annotations") or {}):
            return
        namespace, name = key
        leaving = bool(fleet["metadata"].get("deletionTimestamp"))
        clusters = [] if leaving else (fleet.get("spec") or {}).get("clusters") or []
        listed = {
            (MEMBERS.get(str(each.get("kind") or "Cluster"), ""), str(each.get("name")))
            for each in clusters
            if isinstance(each, dict)
        }
        ready = sum(self._join(resource, namespace, member, name) for resource, member in sorted(listed))
        self._dismiss(namespace, name, listed)
        self._plugins(fleet, {member for _, member in listed})
        if leaving:
            self._cluster.modify(FLEETS, namespace, name, lambda o: o["metadata"].update(finalizers=[]))
            return
        status = {"phase": "Ready", "readyClusters": ready, "unReadyClusters": len(listed) - ready}
        self._cluster.set_status(FLEETS, fleet, {**(fleet.get("status") or {}), **status})

    def _join(self, resource: str, namespace: str, member: str, fleet: str) -> bool:
        """Label a listed member; True when it is ready."""
        obj = self._cluster.find(resource, namespace, member) if resource else None
        if obj is None:
            return False
        if (obj["metadata"].get("labels") or {}).get(kurator.FLEET_LABEL) != fleet:
            self._cluster.modify(
                resource, namespace, member, lambda o: o["metadata"].setdefault("labels", {}).update(_label(fleet))
            )
        status = obj.get("status") or {}
        return bool(status.get("ready")) or status.get("phase") == "Ready"

    def _dismiss(self, namespace: str, fleet: str, listed: set[tuple[str, str]]) -> None:
        for resource in MEMBERS.values():
            for obj in self._cluster.all_of(resource, namespace):
                name = obj["metadata"]["name"]
                labelled = (obj["metadata"].get("labels") or {}).get(kurator.FLEET_LABEL) == fleet
                if labelled and (resource, name) not in listed:
                    self._cluster.modify(resource, namespace, name, _unlabel)

    def _plugins(self, fleet: Obj, members: set[str]) -> None:
        """Create the releases of new members, delete those of members that left."""
        namespace, name = common.key_of(fleet)
        now = self._cluster.clock.stamp()
        wanted = kurator.releases(fleet, None, now) if members else []
        for member in sorted(members):
            wanted += kurator.releases(fleet, self._plan(member, namespace), now)
        names = {(each["kind"], each["metadata"]["name"]) for each in wanted}
        for each in wanted:
            resource = RELEASES if each["kind"] == "HelmRelease" else REPOSITORIES
            there = self._cluster.find(resource, namespace, each["metadata"]["name"])
            if there is None:
                self._install(resource, each)
            elif resource == RELEASES and there["spec"].get("values") != each["spec"].get("values"):
                self._upgrade(there, each)
        for resource, kind in ((RELEASES, "HelmRelease"), (REPOSITORIES, "HelmRepository")):
            for obj in self._cluster.all_of(resource, namespace):
                ours = (obj["metadata"].get("labels") or {}).get("fleet.kurator.dev/name") == name
                if ours and (kind, obj["metadata"]["name"]) not in names:
                    self._cluster.delete(resource, namespace, obj["metadata"]["name"])

    def _install(self, resource: str, obj: Obj) -> None:
        """A new release is reconciled for a few seconds before it is ready."""
        if resource == RELEASES:
            ready = obj["status"]
            version = obj["spec"]["chart"]["spec"]["version"]
            meta = obj["metadata"]
            busy = kurator.release_status(
                meta["name"],
                meta["namespace"],
                version,
                self._cluster.clock.stamp(),
                busy="Reconciliation in progress",
            )
            obj = {**obj, "status": busy}
            delay = self._cluster.rng.uniform(4.0, 9.0)
            self._cluster.after(delay, partial(self._cluster.set_status, RELEASES, obj, ready))
        self._cluster.create(resource, obj)

    def _upgrade(self, there: Obj, wanted: Obj) -> None:
        """Other values: Helm is busy for a few seconds."""
        namespace, name = common.key_of(there)
        self._cluster.modify(RELEASES, namespace, name, lambda obj: obj.update(spec=wanted["spec"]))
        version, now = wanted["spec"]["chart"]["spec"]["version"], self._cluster.clock.stamp()
        busy = kurator.release_status(name, namespace, version, now, busy="Reconciliation in progress")
        self._cluster.set_status(RELEASES, there, busy)
        delay = self._cluster.rng.uniform(4.0, 9.0)
        self._cluster.after(delay, partial(self._cluster.set_status, RELEASES, there, wanted["status"]))

    def _plan(self, member: str, namespace: str) -> ClusterPlan:
        fleet = "edge" if namespace == "edge" else "production"
        return self._plans.get(member) or ClusterPlan(member, "", (), (), fleet=fleet)

    def _flux_changed(self, resource: str, event: StorageEvent) -> None:
        """Flux lets deleted objects go, and answers reconcile requests."""
        if event.type == "DELETED":
            return
        key = common.key_of(event.obj)
        if event.obj["metadata"].get("deletionTimestamp"):
            self._cluster.after(1.0, partial(self._let_go, resource, key))
            return
        token = (event.obj["metadata"].get("annotations") or {}).get(_REQUESTED)
        if token and (event.obj.get("status") or {}).get("lastHandledReconcileAt") != token:
            self._cluster.after(1.5, partial(self._handled, resource, key, token))

    def _let_go(self, resource: str, key: common.Key) -> None:
        self._cluster.modify(resource, *key, lambda o: o["metadata"].update(finalizers=[]))

    def _handled(self, resource: str, key: common.Key, token: str) -> None:
        obj = self._cluster.find(resource, *key)
        if obj is not None:
            self._cluster.set_status(resource, obj, {**(obj.get("status") or {}), "lastHandledReconcileAt": token})


def _label(fleet: str) -> dict[str, str]:
    return {kurator.FLEET_LABEL: fleet}


def _unlabel(obj: Obj) -> None:
    obj["metadata"]["labels"].pop(kurator.FLEET_LABEL, None)
