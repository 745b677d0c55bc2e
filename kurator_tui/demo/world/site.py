"""What the functions that describe a system's objects know of their cluster, and how they make objects.

A site has luck and uids of its own (seeded by the cluster's name), so that furnishing a cluster changes nothing
that was there before.
"""

import copy
import random
import uuid
from collections.abc import Sequence
from typing import Any

from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.installed import installed
from kurator_tui.demo.world.recorder import make_event
from kurator_tui.demo.world.topology import ClusterPlan

Obj = dict[str, Any]

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


class Site:
    """One cluster for the functions in `systems`: they read it and yield objects, and write nothing.

    `members` are the plans of the estate's members; `sets` the systems this cluster has.
    """

    def __init__(self, cluster: SimCluster, plan: ClusterPlan, members: Sequence[ClusterPlan], seed: int) -> None:
        self.name = plan.name
        self.plan = plan
        self.members = tuple(members)
        self.sets = frozenset(installed(plan))
        self.rng = random.Random(f"{seed}/{plan.name}/site")
        self.catalogue = cluster.storage.catalogue
        self._cluster = cluster

    def apart(self, name: str) -> "Site":
        """The same with luck of its own: what is made with it changes nothing that is made after it."""
        found = copy.copy(self)
        found.rng = random.Random(f"{name}/{self.name}/apart")
        return found

    def find(self, resource: str, namespace: str, name: str) -> Obj | None:
        """An object that is there already (read-only), or None."""
        return self._cluster.find(resource, namespace, name) if resource in self._cluster.types else None

    def all_of(self, resource: str, namespace: str | None = None) -> list[Obj]:
        """The objects that are there already (read-only); [] for a kind that is not served."""
        return self._cluster.all_of(resource, namespace)

    def has(self, namespace: str) -> bool:
        """Whether this namespace exists."""
        return self.find("namespaces", "", namespace) is not None

    def stamp(self, ago: float = 0.0) -> str:
        """The start of the world less `ago` seconds, as a Kubernetes `Time`."""
        return self._cluster.clock.stamp(ago)

    def micro(self, ago: float = 0.0) -> str:
        """As `stamp`, with microseconds."""
        return self._cluster.clock.micro_stamp(ago)

    def suffix(self, length: int = 5) -> str:
        """A random name suffix as Kubernetes writes them."""
        return "".join(self.rng.choices(_ALPHABET, k=length))

    def digest(self, length: int = 40) -> str:
        """Random hexadecimal digits, such as a commit's."""
        return f"{self.rng.getrandbits(4 * length):0{length}x}"

    def make(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str = "",
        *,
        age: float = 0.0,
        owner: Obj | None = None,
        meta: Obj | None = None,
        **body: Any,
    ) -> Obj:
        """An object with identity and age (seconds; 0 takes weeks at random); `meta` adds metadata."""
        age = age or self.rng.uniform(5, 60) * DAY
        found: Obj = {"name": name, **({"namespace": namespace} if namespace else {}), **(meta or {})}
        found["uid"] = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        found["creationTimestamp"] = self.stamp(age)
        if owner is not None:
            found["ownerReferences"] = [owned_by(owner)]
        return {"apiVersion": api_version, "kind": kind, "metadata": found, **body}


def owned_by(owner: Obj) -> Obj:
    """The controller reference to `owner`."""
    meta = owner["metadata"]
    identity = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": meta["name"], "uid": meta["uid"]}
    return {**identity, "controller": True, "blockOwnerDeletion": True}


def condition(kind: str, status: str | bool, since: str, reason: str, message: str = "", **more: Any) -> Obj:
    """A condition as most controllers write them."""
    shown = status if isinstance(status, str) else "True" if status else "False"
    made = {"type": kind, "status": shown, "lastTransitionTime": since, "reason": reason, "message": message}
    return {**made, **more}


def event(
    site: Site, obj: Obj, reason: str, message: str, source: str, *, ago: float = 2 * MINUTE, kind: str = "Warning"
) -> Obj:
    """An Event about an object, repeated for the better part of an hour; the last time `ago` seconds ago."""
    name = f"{obj['metadata']['name']}.{site.digest(16)}"
    count, now = site.rng.randint(3, 90), site.stamp(ago)
    made = make_event(obj, name, reason, message, kind=kind, source=source, host="", now=now, count=count)
    made["firstTimestamp"] = site.stamp(ago + 50 * MINUTE)
    made["metadata"]["creationTimestamp"] = made["firstTimestamp"]
    return made
