"""What removes objects: garbage collection by owner, namespace deletion, pods of nodes that are gone."""

from functools import partial
from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import Ref, SimCluster
from kurator_tui.demo.world.controllers import common

Obj = dict[str, Any]

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"


class GarbageCollector:
    """Deletes the dependents of deleted owners; holds or frees owners with a deletion finalizer."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self._doomed: dict[str, Ref] = {}
        around.cluster.watch_all(self._changed)

    def _changed(self, resource: str, event: StorageEvent) -> None:
        obj = event.obj
        meta = obj["metadata"]
        uid = str(meta.get("uid"))
        if event.type == "DELETED":
            self._doomed.pop(uid, None)
            self._cluster.after(0.1, lambda: self._collect(uid))
            self._dependent_left(obj)
        elif meta.get("deletionTimestamp") and meta.get("finalizers"):
            finalizers = meta["finalizers"]
            if FOREGROUND in finalizers or ORPHAN in finalizers:
                self._doomed[uid] = (resource, str(meta.get("namespace", "")), meta["name"])
                self._cluster.after(0.1, lambda: self._hold(uid))

    def _dependent_left(self, obj: Obj) -> None:
        for ref in obj["metadata"].get("ownerReferences") or ():
            owner = str(ref.get("uid")) if isinstance(ref, dict) else ""
            if owner in self._doomed:
                self._cluster.after(0.05, partial(self._hold, owner))

    def _collect(self, uid: str) -> None:
        """The owner is gone: delete what no other owner keeps."""
        for ref in self._cluster.owned_refs(uid):
            obj = self._cluster.find(*ref)
            if obj is None:
                continue
            others = [each for each in obj["metadata"]["ownerReferences"] if each.get("uid") != uid]
            if others:
                self._cluster.modify(*ref, partial(_keep_owners, others))
            else:
                self._cluster.delete(*ref)

    def _hold(self, uid: str) -> None:
        """The owner waits: orphan its dependents, or delete them and let it go after the last."""
        ref = self._doomed.get(uid)
        owner = self._cluster.find(*ref) if ref else None
        if ref is None or owner is None:
            return
        dependents = self._cluster.owned_refs(uid)
        if ORPHAN in (owner["metadata"].get("finalizers") or ()):
            for each in dependents:
                self._cluster.modify(*each, partial(_disown, uid))
            self._release(ref, ORPHAN)
        elif dependents:
            for each in dependents:
                self._delete_in_turn(each)
        else:
            self._release(ref, FOREGROUND)

    def _delete_in_turn(self, ref: Ref) -> None:
        """Delete a dependent; one with dependents of its own waits for them as its owner does."""
        obj = self._cluster.find(*ref)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            return
        if not self._cluster.owned_refs(obj["metadata"]["uid"]):
            self._cluster.delete(*ref)
            return
        now = self._cluster.clock.stamp()

        def doom(copy: Obj) -> None:
            meta = copy["metadata"]
            meta.update(deletionTimestamp=now, deletionGracePeriodSeconds=0)
            meta["finalizers"] = [*(meta.get("finalizers") or ()), FOREGROUND]

        self._cluster.modify(*ref, doom)

    def _release(self, ref: Ref, finalizer: str) -> None:
        def change(obj: Obj) -> None:
            obj["metadata"]["finalizers"] = [f for f in obj["metadata"]["finalizers"] if f != finalizer]

        self._cluster.modify(*ref, change)


def _keep_owners(owners: list[Obj], obj: Obj) -> None:
    obj["metadata"]["ownerReferences"] = owners


def _disown(uid: str, obj: Obj) -> None:
    kept = [ref for ref in obj["metadata"].get("ownerReferences") or () if ref.get("uid") != uid]
    obj["metadata"]["ownerReferences"] = kept


class Namespaces:
    """Empties a namespace that is being deleted, then removes it; gives new ones what every namespace has."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self.queue = WorkQueue(around.cluster.timeline, self._reconcile)
        around.cluster.watch("namespaces", self._changed)

    def _changed(self, event: StorageEvent) -> None:
        if event.type != "DELETED":
            self.queue.add(("", event.obj["metadata"]["name"]), 0.2)

    def _reconcile(self, key: common.Key) -> float | None:
        name = key[1]
        namespace = self._cluster.find("namespaces", "", name)
        if namespace is None:
            return None
        if not namespace["metadata"].get("deletionTimestamp"):
            furnish(self._cluster, name)
            return None
        left = self._empty(name)
        if left:
            return 0.5
        self._cluster.remove("namespaces", "", name)
        return None

    def _empty(self, name: str) -> int:
        """Delete everything in the namespace; how many objects are still there."""
        left = 0
        for resource, rt in self._cluster.types.items():
            if not rt.namespaced:
                continue
            for obj in self._cluster.all_of(resource, name):
                self._cluster.delete(resource, name, obj["metadata"]["name"])
            left += len(self._cluster.all_of(resource, name))
        return left


def furnish(cluster: SimCluster, namespace: str) -> None:
    """The default ServiceAccount and the root CA ConfigMap of a namespace."""
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "default", "namespace": namespace},
    }
    cluster.create("serviceaccounts", account)
    note = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints."
    meta = {
        "name": "kube-root-ca.crt",
        "namespace": namespace,
        "annotations": {"kubernetes.io/description": note},
    }
    data = {"ca.crt": "-----BEGIN CERTIFICATE-----\n(simulated)\n-----END CERTIFICATE-----\n"}
    cluster.create("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data})


class Finalizers:
    """Lets deleted objects go, as the operators do that put finalizers on them.

    Fleets and the Flux objects of plugins have controllers of their own.
    """

    _CORE = frozenset({"persistentvolumeclaims", "persistentvolumes"})
    _HANDLED = ("fleets.fleet.kurator.dev", "helmreleases.helm", "helmrepositories.source")

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        for resource, rt in around.cluster.types.items():
            if (rt.custom and not resource.startswith(self._HANDLED)) or resource in self._CORE:
                around.cluster.watch(resource, partial(self._changed, resource))

    def _changed(self, resource: str, event: StorageEvent) -> None:
        meta = event.obj["metadata"]
        waits = set(meta.get("finalizers") or ()) - {FOREGROUND, ORPHAN}
        if event.type != "DELETED" and meta.get("deletionTimestamp") and waits:
            self._cluster.after(1.0, partial(self._let_go, resource, common.key_of(event.obj)))

    def _let_go(self, resource: str, key: common.Key) -> None:
        def change(obj: Obj) -> None:
            kept = {FOREGROUND, ORPHAN}
            obj["metadata"]["finalizers"] = [f for f in obj["metadata"].get("finalizers") or () if f in kept]

        self._cluster.modify(resource, *key, change)


class OrphanedPods:
    """Removes the pods of nodes that were deleted."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        around.cluster.watch("nodes", self._changed)

    def _changed(self, event: StorageEvent) -> None:
        if event.type == "DELETED":
            self._cluster.after(1.0, lambda: self._remove(event.obj["metadata"]["name"]))

    def _remove(self, node: str) -> None:
        if self._cluster.find("nodes", "", node) is None:
            for pod in self._cluster.pods_on(node):
                self._cluster.remove("pods", *common.key_of(pod))
            self._cluster.remove("leases.coordination.k8s.io", "kube-node-lease", node)
            self._cluster.stopped_nodes.discard(node)
