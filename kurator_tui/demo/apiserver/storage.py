"""Objects of one cluster in memory, with resourceVersions, event history and subscriptions.

Promises:
- One integer counts every write of the cluster; an object's `metadata.resourceVersion` is the count at its last
  change and a deletion counts too.  A write that changes nothing is no write: no count, no event.
- Objects handed out are shared and **must not be mutated**; objects taken in are copied.  `modify` gives a
  private copy to change.
- Every subscriber of a resource gets every event after its subscription, in order of resourceVersion.
- Each object keeps its JSON encoding, so lists and watches do not encode again.

Everything is synchronous and belongs to one event loop's thread.  No policy here: validation, defaults, field
managers, access and deletion rules are the pipeline's; in-process controllers write here directly.
"""

import uuid
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.changes import Key, Obj, StorageEvent, Stored, Subscription, encode
from kurator_tui.demo.apiserver.resources import Catalogue, ResourceType

#: Built-in kinds whose objects count their spec changes; custom kinds all do.
_GENERATION_GROUPS = frozenset({"apps", "batch", "policy", "networking.k8s.io", "apiextensions.k8s.io"})
_GENERATION_CORE = frozenset({"pods", "replicationcontrollers"})

Objects = list[Obj]
Entries = list[Stored]
Events = list[StorageEvent]


def rfc3339(seconds: float) -> str:
    """`2026-11-21T02:39:10Z` of seconds since the epoch (whole seconds, UTC)."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Table:
    """The objects, order, history and subscribers of one resource."""

    def __init__(self, history: int) -> None:
        self.objects: dict[Key, Stored] = {}
        self.order: list[Key] = []
        self.history: deque[StorageEvent] = deque(maxlen=history)
        self.forgotten = 0
        self.subscribers: list[Subscription] = []

    def publish(self, event: StorageEvent) -> None:
        if len(self.history) == self.history.maxlen:
            self.forgotten = self.history[0].rv
        self.history.append(event)
        for subscriber in tuple(self.subscribers):
            subscriber.offer(event)

    def leave(self, subscriber: Subscription) -> None:
        if subscriber in self.subscribers:
            self.subscribers.remove(subscriber)

    def keys(self, ns: str | None) -> Iterator[Key]:
        if ns is None:
            return iter(self.order)
        start = bisect_left(self.order, (ns, ""))
        stop = bisect_left(self.order, (ns + "\0", ""))
        return iter(self.order[start:stop])


class Storage:
    """Every object of one cluster.

    `clock` returns seconds since the epoch (creation times); `history` is how many events a resource keeps for
    watches that resume; `new_uid` gives object uids (a seeded one makes a world repeatable).
    """

    def __init__(
        self,
        catalogue: Catalogue,
        clock: Callable[[], float],
        *,
        history: int = 1000,
        new_uid: Callable[[], str] = lambda: str(uuid.uuid4()),
        first_version: int = 1,
    ) -> None:
        self.catalogue = catalogue
        self.clock = clock
        self.new_uid = new_uid
        self._history = history
        self._rv = first_version
        self._tables: dict[tuple[str, str], _Table] = {}

    @property
    def rv(self) -> int:
        """The resourceVersion of the latest write."""
        return self._rv

    def now(self) -> str:
        """The clock as an RFC 3339 time."""
        return rfc3339(self.clock())

    def get(self, rt: ResourceType, ns: str, name: str) -> Obj:
        """The object, read-only; raises NotFound.  `ns` is '' for cluster-scoped kinds."""
        return self.stored(rt, ns, name).obj

    def find(self, rt: ResourceType, ns: str, name: str) -> Obj | None:
        """The object, read-only, or None."""
        found = self._table(rt).objects.get((ns, name))
        return found.obj if found else None

    def stored(self, rt: ResourceType, ns: str, name: str) -> Stored:
        """The object with its encoding; raises NotFound."""
        found = self._table(rt).objects.get((ns, name))
        if found is None:
            raise errors.not_found(rt, name)
        return found

    def list(self, rt: ResourceType, ns: str | None = None) -> tuple[Objects, int]:
        """The objects of a namespace (None = all) ordered by namespace and name, read-only, and the version."""
        return [stored.obj for stored in self.entries(rt, ns)], self._rv

    def entries(self, rt: ResourceType, ns: str | None = None) -> Entries:
        """As `list`, with encodings."""
        table = self._table(rt)
        return [table.objects[key] for key in table.keys(ns)]

    def count(self, rt: ResourceType) -> int:
        """How many objects of this resource there are."""
        return len(self._table(rt).objects)

    def entries_at(self, rt: ResourceType, rv: int, ns: str | None = None) -> Entries:
        """As `entries`, at an earlier version; raises Expired when its history is gone."""
        objects = dict(self._table(rt).objects)
        for event in reversed(self.since(rt, rv)):
            if event.old is None:
                objects.pop(event.new.key, None)
            else:
                objects[event.old.key] = event.old
        return [objects[key] for key in sorted(objects) if ns is None or key[0] == ns]

    def create(self, rt: ResourceType, obj: Obj, *, dry_run: bool = False) -> Obj:
        """Add an object; fills uid, creationTimestamp, generation.  Raises AlreadyExists.

        A dry run returns what would be stored, without resourceVersion, and stores nothing.
        """
        meta = dict(obj.get("metadata") or {})
        key = _key(rt, meta)
        table = self._table(rt)
        if key in table.objects:
            raise errors.already_exists(rt, key[1])
        meta.setdefault("uid", self.new_uid())
        meta.setdefault("creationTimestamp", self.now())
        if _counts_generation(rt):
            meta.setdefault("generation", 1)
        if dry_run:
            meta.pop("resourceVersion", None)
            return {"kind": rt.kind, "apiVersion": rt.api_version, **obj, "metadata": meta}
        stored = self._write(rt, obj, meta, key)
        insort(table.order, key)
        table.objects[key] = stored
        table.publish(StorageEvent("ADDED", stored, None, stored.rv))
        return stored.obj

    def update(self, rt: ResourceType, obj: Obj, *, expect_rv: str | None = None, dry_run: bool = False) -> Obj:
        """Replace an object; keeps uid, creationTimestamp, counts generation when the spec changes.

        Raises NotFound, and Conflict when `expect_rv` is given and not the current resourceVersion.  Taking the
        last finalizer off an object that is being deleted removes it.
        """
        meta = dict(obj.get("metadata") or {})
        key = _key(rt, meta)
        table = self._table(rt)
        old = self.stored(rt, *key)
        if expect_rv is not None and expect_rv != str(old.rv):
            raise errors.conflict(rt, key[1])
        _keep_identity(rt, obj, meta, old.obj)
        if {**obj, "metadata": meta, "kind": rt.kind, "apiVersion": rt.api_version} == old.obj:
            return old.obj
        if dry_run:
            return {"kind": rt.kind, "apiVersion": rt.api_version, **obj, "metadata": meta}
        if _is_finished(rt, obj, meta):
            return self._drop(rt, key, obj, meta)
        stored = self._write(rt, obj, meta, key)
        table.objects[key] = stored
        table.publish(StorageEvent("MODIFIED", stored, old, stored.rv))
        return stored.obj

    def remove(self, rt: ResourceType, ns: str, name: str) -> Obj:
        """Remove an object at once, whatever its finalizers; returns its last state.  Raises NotFound."""
        old = self.stored(rt, ns, name).obj
        return self._drop(rt, (ns, name), old, dict(old["metadata"]))

    def retire(self, rt: ResourceType) -> None:
        """Remove every object of a resource, and end its subscriptions once they told that."""
        for stored in self.entries(rt):
            self._drop(rt, stored.key, stored.obj, dict(stored.obj["metadata"]))
        for subscription in tuple(self._table(rt).subscribers):
            subscription.close()

    def modify(self, rt: ResourceType, ns: str, name: str, change: Callable[[Obj], Obj | None]) -> Obj:
        """Write what `change` makes of a private copy: it may alter the copy in place or return another."""
        copy: Obj = msgspec.json.decode(self.stored(rt, ns, name).raw)
        changed = change(copy)
        return self.update(rt, copy if changed is None else changed)

    def apply_status(self, rt: ResourceType, ns: str, name: str, status: Obj) -> Obj:
        """Replace the status of an object and nothing else."""
        return self.update(rt, {**self.get(rt, ns, name), "status": status})

    def subscribe(self, rt: ResourceType) -> Subscription:
        """Events of this resource from now on; close it when done."""
        table = self._table(rt)
        subscription = Subscription(table.leave)
        table.subscribers.append(subscription)
        return subscription

    def since(self, rt: ResourceType, rv: int) -> Events:
        """The kept events after `rv`; raises Expired (410) when older ones are gone."""
        table = self._table(rt)
        if rv < table.forgotten:
            raise errors.too_old(rv, table.forgotten)
        return [event for event in table.history if event.rv > rv]

    def forget_history(self) -> None:
        """Drop all kept events, as a restart or compaction does: watches from before get 410."""
        for rt in self.catalogue:
            table = self._table(rt)
            table.history.clear()
            table.forgotten = self._rv

    def _table(self, rt: ResourceType) -> _Table:
        key = (rt.group, rt.plural)
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = _Table(self._history)
        return table

    def _drop(self, rt: ResourceType, key: Key, obj: Obj, meta: Obj) -> Obj:
        """Remove `key`, publishing `obj` as its last state."""
        table = self._table(rt)
        old = table.objects.pop(key)
        table.order.pop(bisect_left(table.order, key))
        stored = self._write(rt, obj, meta, key)
        table.publish(StorageEvent("DELETED", stored, old, stored.rv))
        return stored.obj

    def _write(self, rt: ResourceType, obj: Obj, meta: Obj, key: Key) -> Stored:
        """The next version of an object: copied, encoded, kind and apiVersion first."""
        self._rv += 1
        meta["resourceVersion"] = str(self._rv)
        head = {"kind": rt.kind, "apiVersion": rt.api_version}
        raw = encode({**head, "metadata": meta, **{k: v for k, v in obj.items() if k not in _HEAD}})
        return Stored(msgspec.json.decode(raw), raw, self._rv, key, _head_size(rt.kind, rt.api_version))


@lru_cache(maxsize=1024)
def _head_size(kind: str, api_version: str) -> int:
    """How long the encoding is up to `metadata`."""
    return len(encode({"kind": kind, "apiVersion": api_version}))


_HEAD = frozenset({"kind", "apiVersion", "metadata"})


def _key(rt: ResourceType, meta: Obj) -> Key:
    return (str(meta.get("namespace") or "") if rt.namespaced else "", str(meta.get("name") or ""))


def _counts_generation(rt: ResourceType) -> bool:
    return rt.custom or rt.group in _GENERATION_GROUPS or (not rt.group and rt.plural in _GENERATION_CORE)


def _keep_identity(rt: ResourceType, obj: Obj, meta: Obj, old: Obj) -> None:
    """Carry over what an update cannot change, and count the generation."""
    before = old["metadata"]
    for field in ("uid", "creationTimestamp", "resourceVersion", "generation"):
        if field in before:
            meta[field] = before[field]
    if "deletionTimestamp" in before:
        meta.setdefault("deletionTimestamp", before["deletionTimestamp"])
    doomed = bool(meta.get("deletionTimestamp")) and not before.get("deletionTimestamp")
    if _counts_generation(rt) and (doomed or _desired(obj) != _desired(old)):
        meta["generation"] = int(before.get("generation") or 0) + 1


def _desired(obj: Obj) -> Obj:
    return {key: value for key, value in obj.items() if key not in _HEAD and key != "status"}


def _is_finished(rt: ResourceType, obj: Obj, meta: Obj) -> bool:
    """True when an object that is being deleted has nothing left to wait for."""
    if not meta.get("deletionTimestamp") or meta.get("finalizers") or meta.get("deletionGracePeriodSeconds"):
        return False
    is_namespace = not rt.group and rt.plural == "namespaces"
    return not (is_namespace and (obj.get("spec") or {}).get("finalizers"))
