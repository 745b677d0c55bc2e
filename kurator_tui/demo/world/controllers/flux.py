"""Flux on the host: a repository's revision moves, and seconds later each member has the images of the new one."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world import kurator
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.topology import ClusterPlan

Obj = dict[str, Any]

REPOSITORIES = "gitrepositories.source.toolkit.fluxcd.io"
KUSTOMIZATIONS = "kustomizations.kustomize.toolkit.fluxcd.io"
_DEPLOYMENTS = "deployments.apps"
_FLUX_LABEL = "kustomize.toolkit.fluxcd.io"
_RETRY = 20.0
"""Seconds until a delivery that failed is tried again."""


class Flux:
    """Delivers what was pushed; `down` tells the members that cannot be reached."""

    def __init__(
        self,
        around: common.Surroundings,
        plans: Mapping[str, ClusterPlan],
        members: Mapping[str, SimCluster],
        down: Callable[[str], bool],
    ) -> None:
        self._host = around.cluster
        self._record = around.record
        self._members = members
        self._down = down
        self._by_secret = {kurator.secret_of(plan)["name"]: name for name, plan in plans.items()}
        self._images: dict[common.Key, dict[common.Key, str]] = {}
        self.queue = WorkQueue(around.cluster.timeline, self._deliver)
        around.cluster.watch(REPOSITORIES, self._fetched)

    def push(self, namespace: str, repository: str, revision: str, images: Mapping[common.Key, str]) -> None:
        """A commit arrives: from this revision on, these Deployments (namespace, name) have these images."""
        found = self._host.find(REPOSITORIES, namespace, repository)
        if found is None or (found.get("spec") or {}).get("suspend"):
            return
        self._images.setdefault((namespace, repository), {}).update(images)
        now = self._host.clock.stamp()
        message = f"stored artifact for revision '{revision}'"
        artifact = {**(found["status"].get("artifact") or {}), "revision": revision, "lastUpdateTime": now}
        conditions = [
            _condition(True, "Succeeded", message, now),
            _condition(True, "Succeeded", message, now, "ArtifactInStorage"),
        ]
        status = {**found["status"], "artifact": artifact, "conditions": conditions}
        self._host.set_status(REPOSITORIES, found, status)
        self._record(found, "NewArtifact", message, source="source-controller")

    def _fetched(self, event: StorageEvent) -> None:
        if event.type != "MODIFIED" or _revision(event.obj) == _revision(event.old_obj or {}):
            return
        namespace, name = common.key_of(event.obj)
        for each in self._host.all_of(KUSTOMIZATIONS, namespace):
            if each["spec"]["sourceRef"]["name"] == name:
                self.queue.add(common.key_of(each), self._host.rng.uniform(1.0, 2.5))

    def _deliver(self, key: common.Key) -> float | None:
        """One step of a delivery: first it is said to be under way, then it is done."""
        delivery = self._host.find(KUSTOMIZATIONS, *key)
        if delivery is None or delivery["spec"].get("suspend"):
            return None
        source = (key[0], str(delivery["spec"]["sourceRef"]["name"]))
        revision = _revision(self._host.find(REPOSITORIES, *source) or {})
        status, now = delivery.get("status") or {}, self._host.clock.stamp()
        if status.get("lastAttemptedRevision") != revision:
            busy = _condition(None, "Progressing", "Reconciliation in progress", now)
            working = _condition(True, "Progressing", "Reconciliation in progress", now, "Reconciling")
            self._tell(delivery, {**status, "lastAttemptedRevision": revision, "conditions": [busy, working]})
            return self._host.rng.uniform(1.0, 2.5)
        member = self._by_secret.get(delivery["spec"]["kubeConfig"]["secretRef"]["name"], "")
        if member not in self._members or self._down(member):
            said = f'Get "https://{member}:6443/api": dial tcp: connect: connection refused'
            failed = _condition(False, "ReconciliationFailed", said, now)
            self._tell(delivery, {**status, "conditions": [failed]})
            self._record(delivery, "ReconciliationFailed", said, source="kustomize-controller", kind="Warning")
            return _RETRY
        for place, image in self._images.get(source, {}).items():
            self._members[member].modify(_DEPLOYMENTS, *place, partial(_apply, image, key, now))
        done = f"Applied revision: {revision}"
        ready = _condition(True, "ReconciliationSucceeded", done, now)
        self._tell(delivery, {**status, "lastAppliedRevision": revision, "conditions": [ready]})
        self._record(delivery, "ReconciliationSucceeded", done, source="kustomize-controller")
        return None

    def _tell(self, delivery: Obj, status: Obj) -> None:
        generation = int(delivery["metadata"].get("generation") or 1)
        self._host.set_status(KUSTOMIZATIONS, delivery, {**status, "observedGeneration": generation})


def _condition(good: bool | None, reason: str, message: str, since: str, kind: str = "Ready") -> Obj:
    status = "Unknown" if good is None else str(good)
    made = {"type": kind, "status": status, "lastTransitionTime": since, "reason": reason, "message": message}
    return {**made, "observedGeneration": 1}


def _revision(source: Obj) -> str:
    return str(((source.get("status") or {}).get("artifact") or {}).get("revision") or "")


def _apply(image: str, key: common.Key, now: str, deployment: Obj) -> None:
    """What kustomize-controller leaves on what it applies: labels that name it, and which fields are its own."""
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    container["image"] = image
    labels = {f"{_FLUX_LABEL}/namespace": key[0], f"{_FLUX_LABEL}/name": key[1]}
    deployment["metadata"]["labels"] = {**(deployment["metadata"].get("labels") or {}), **labels}
    path: Obj = {f'k:{{"name":"{container["name"]}"}}': {".": {}, "f:image": {}, "f:name": {}}}
    written = {
        "manager": "kustomize-controller",
        "operation": "Apply",
        "apiVersion": "apps/v1",
        "time": now,
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": path}}}},
    }
    others = [
        each
        for each in deployment["metadata"].get("managedFields") or ()
        if each.get("manager") != written["manager"]
    ]
    deployment["metadata"]["managedFields"] = [*others, written]
