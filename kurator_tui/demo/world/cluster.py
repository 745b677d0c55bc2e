"""One simulated cluster as its controllers see it: storage, indexes and deferred watches.

Controllers read shared objects (never change them) and write through this class only.  Watches are delivered by
`pump`, after the action that wrote has ended, so a controller never runs inside another.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent, Subscription
from kurator_tui.demo.apiserver.resources import ResourceType
from kurator_tui.demo.apiserver.storage import Storage
from kurator_tui.demo.world.clock import Timeline
from kurator_tui.demo.world.objects import pod_requests

Obj = dict[str, Any]
Ref = tuple[str, str, str]
"""(resource such as `deployments.apps`, namespace, name)."""
Handler = Callable[[StorageEvent], None]
Admit = Callable[[Obj], str]
"""A pod that is about to be created → why it is refused, "" when it is not."""

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True, slots=True)
class Manner:
    """How the containers of an image answer once they get at least `weight` percent of the traffic.

    `success` is a share (0 to 1), `latency` the 99th percentile in milliseconds; None is as before.
    """

    success: float | None = None
    latency: float | None = None
    weight: int = 0


class SimCluster:
    """A cluster's objects, its time and its randomness.

    `rng` is seeded by the world's seed and the cluster's name: clusters do not disturb each other's luck.
    `stopped_nodes` are nodes whose kubelet does not answer: their pods neither start nor finish.
    `bad_images` are image references that no registry serves in this cluster, `manners` says which images answer
    badly in it. `admission` are policies by name that may refuse the pods of controllers.
    """

    def __init__(self, name: str, storage: Storage, timeline: Timeline, seed: int) -> None:
        self.name = name
        self.storage = storage
        self.timeline = timeline
        self.clock = timeline.clock
        self.rng = random.Random(f"{seed}/{name}")
        self.stopped_nodes: set[str] = set()
        self.bad_images: set[str] = set()
        self.manners: dict[str, Manner] = {}
        self.admission: dict[str, Admit] = {}
        self.types: dict[str, ResourceType] = {
            rt.group_resource: rt for rt in reversed(storage.catalogue.all()) if not rt.virtual
        }
        self._subscriptions: list[tuple[str, Subscription]] = [
            (resource, storage.subscribe(rt)) for resource, rt in self.types.items()
        ]
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._waiting: list[tuple[str, StorageEvent]] = []
        self._owned: dict[str, set[Ref]] = defaultdict(set)
        self._on_node: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self._requested: dict[str, dict[str, float]] = {}
        self._holding: set[tuple[str, str]] = set()
        self._seen = storage.rv
        self.ip_count = 10

    # -- reading

    def find(self, resource: str, ns: str, name: str) -> Obj | None:
        """The shared object, or None."""
        return self.storage.find(self.types[resource], ns, name)

    def all_of(self, resource: str, ns: str | None = None) -> list[Obj]:
        """The shared objects of a namespace (None = all), ordered by namespace and name."""
        return self.storage.list(self.types[resource], ns)[0] if resource in self.types else []

    def owned(self, uid: str, resource: str | None = None) -> list[Obj]:
        """The objects that name this uid as an owner, ordered; only of `resource` when given."""
        self._drain()
        refs = sorted(ref for ref in self._owned.get(uid, ()) if resource is None or ref[0] == resource)
        found = (self.find(*ref) for ref in refs)
        return [obj for obj in found if obj is not None]

    def owned_refs(self, uid: str) -> list[Ref]:
        """Where the objects are that name this uid as an owner, ordered."""
        self._drain()
        return sorted(self._owned.get(uid, ()))

    def pods_on(self, node: str) -> list[Obj]:
        """The pods bound to a node, ordered."""
        self._drain()
        found = (self.find("pods", *key) for key in sorted(self._on_node.get(node, ())))
        return [pod for pod in found if pod is not None]

    def requested_on(self, node: str) -> dict[str, float]:
        """What the unfinished pods bound to a node ask for: cpu (cores), memory (bytes), nvidia.com/gpu, pods."""
        self._drain()
        return self._requested.get(node, {})

    def refusal(self, pod: Obj) -> str:
        """Why the first policy that refuses a new pod does so, "" when none does."""
        return next((why for admit in self.admission.values() if (why := admit(pod))), "")

    # -- writing

    def create(self, resource: str, obj: Obj) -> Obj:
        """Add an object; the one already there when the name is taken."""
        meta = obj["metadata"]
        existing = self.find(resource, meta.get("namespace", ""), meta["name"])
        return existing or self.storage.create(self.types[resource], obj)

    def modify(self, resource: str, ns: str, name: str, change: Callable[[Obj], object]) -> Obj | None:
        """Alter a private copy in place and write it; None when the object is gone."""
        if self.find(resource, ns, name) is None:
            return None

        def altered(copy: Obj) -> Obj:
            change(copy)
            return copy

        return self.storage.modify(self.types[resource], ns, name, altered)

    def set_status(self, resource: str, obj: Obj, status: Obj) -> None:
        """Write a status that differs from the present one; nothing when the object is gone."""
        meta = obj["metadata"]
        current = self.find(resource, meta.get("namespace", ""), meta["name"])
        if current is not None and current.get("status") != status:
            self.storage.update(self.types[resource], {**current, "status": status})

    def delete(self, resource: str, ns: str, name: str) -> None:
        """Delete as the API does: bound pods get their grace period, finalizers are waited for."""
        obj = self.find(resource, ns, name)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            return
        graceful = resource == "pods" and (obj.get("spec") or {}).get("nodeName")
        if graceful:
            grace = int(obj["spec"].get("terminationGracePeriodSeconds", 30))
            self.modify(resource, ns, name, lambda o: _doom(o, self.clock.stamp(-grace), grace))
        elif obj["metadata"].get("finalizers") or resource == "namespaces":
            self.modify(resource, ns, name, lambda o: _doom(o, self.clock.stamp(), 0))
        else:
            self.storage.remove(self.types[resource], ns, name)

    def remove(self, resource: str, ns: str, name: str) -> None:
        """Remove an object at once, if it is there."""
        if self.find(resource, ns, name) is not None:
            self.storage.remove(self.types[resource], ns, name)

    # -- watching

    def watch(self, resource: str, handler: Handler) -> None:
        """Have `handler` called by `pump` for each later change of a resource."""
        if resource in self.types:
            self._handlers[resource].append(handler)

    def watch_all(self, handler: Callable[[str, StorageEvent], None]) -> None:
        """As `watch`, for every resource; the handler also gets the resource's name."""
        for resource in self.types:
            self._handlers[resource].append(partial(handler, resource))

    def pump(self) -> None:
        """Deliver the changes since the last call."""
        self._drain()
        while self._waiting:
            events, self._waiting = self._waiting, []
            for resource, event in events:
                for handler in self._handlers[resource]:
                    handler(event)
            self._drain()

    def _drain(self) -> None:
        """Take new changes from the storage into the indexes, and keep them for `pump`."""
        if self.storage.rv == self._seen:
            return
        self._seen = self.storage.rv
        fresh: list[tuple[str, StorageEvent]] = []
        for resource, subscription in self._subscriptions:
            if subscription.queued:  # most have nothing, and this is asked a hundred thousand times
                fresh.extend((resource, event) for event in subscription.pending())
        fresh.sort(key=lambda item: item[1].rv)
        for resource, event in fresh:
            self._index(resource, event)
        self._waiting.extend(fresh)

    def _index(self, resource: str, event: StorageEvent) -> None:
        obj = event.obj
        meta = obj["metadata"]
        ref = (resource, meta.get("namespace", ""), meta["name"])
        gone = event.type == "DELETED"
        if event.old_obj is not None:
            for owner in _owners(event.old_obj):
                self._owned[owner].discard(ref)
        if not gone:
            for owner in _owners(obj):
                self._owned[owner].add(ref)
        if resource == "pods":
            self._index_pod(event, ref[1:], gone)

    def _index_pod(self, event: StorageEvent, key: tuple[str, str], gone: bool) -> None:
        node = (event.obj.get("spec") or {}).get("nodeName")
        if not node:
            return
        on_node = self._on_node[node]
        (on_node.discard if gone else on_node.add)(key)
        status = event.obj.get("status")
        over = gone or (isinstance(status, dict) and status.get("phase") in ("Succeeded", "Failed"))
        if over != (key in self._holding):
            return  # what it asks for is counted, or taken off, already
        (self._holding.discard if over else self._holding.add)(key)
        total = self._requested.setdefault(node, {})
        sign = -1 if over else 1
        for what, amount in {**pod_requests(event.obj), "pods": 1.0}.items():
            total[what] = total.get(what, 0.0) + sign * amount

    # -- small helpers

    def suffix(self, length: int = 5) -> str:
        """A random name suffix as Kubernetes writes them."""
        return "".join(self.rng.choices(_ALPHABET, k=length))

    def next_ip(self, prefix: str) -> str:
        """An unused address `prefix`.a.b."""
        self.ip_count += 1
        return f"{prefix}.{self.ip_count // 250 % 250}.{self.ip_count % 250 + 2}"

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do `action` in this many world seconds."""
        self.timeline.after(seconds, action)


def _owners(obj: Obj) -> list[str]:
    references = obj["metadata"].get("ownerReferences")
    if not isinstance(references, list):
        return []
    return [str(ref.get("uid")) for ref in references if isinstance(ref, dict)]


def _doom(obj: Obj, when: str, grace: int) -> None:
    obj["metadata"]["deletionTimestamp"] = when
    obj["metadata"]["deletionGracePeriodSeconds"] = grace
    if obj.get("kind") == "Namespace":
        obj.setdefault("status", {})["phase"] = "Terminating"


def owner_reference(owner: Obj) -> Obj:
    """The controller reference to `owner`."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controller_of(obj: Obj) -> Obj | None:
    """The owner reference of the controller, or None."""
    for ref in obj["metadata"].get("ownerReferences") or ():
        if isinstance(ref, dict) and ref.get("controller"):
            return ref
    return None
