"""What one cluster holds: the truth that the store is compared with, and the history a watch can go on from.

No I/O and no faults: a `Model` is always right. `server.Server` speaks for it, rightly or not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

PODS = "/api/v1/pods"
NODES = "/api/v1/nodes"
FLEETS = "/apis/fleet.kurator.dev/v1alpha1/fleets"
ATTACHED = "/apis/cluster.kurator.dev/v1alpha1/attachedclusters"
CLUSTERS = "/apis/cluster.kurator.dev/v1alpha1/clusters"
CUSTOM = "/apis/infrastructure.cluster.x-k8s.io/v1alpha1/customclusters"
RELEASES = "/apis/helm.toolkit.fluxcd.io/v2beta1/helmreleases"
WIDGETS = "/apis/example.org/v1/widgets"
NEWER_WIDGETS = "/apis/example.org/v2/widgets"

KINDS = {
    PODS: "Pod",
    NODES: "Node",
    FLEETS: "Fleet",
    ATTACHED: "AttachedCluster",
    CLUSTERS: "Cluster",
    CUSTOM: "CustomCluster",
    RELEASES: "HelmRelease",
    WIDGETS: "Widget",
    NEWER_WIDGETS: "Widget",
}
HOST_PATHS = tuple(path for path in KINDS if KINDS[path] != "Widget")
CLUSTER_SCOPED = frozenset({NODES})

Fact = tuple[Any, ...]
"""What must be seen of one object; begins with its uid."""
Body = dict[str, Any]
Key = tuple[str, str]


class Expired(Exception):
    """The history asked for is compacted (HTTP 410)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One change: `raw` is the object as JSON, with the version of the change."""

    version: int
    type: str
    path: str
    raw: bytes
    namespace: str = ""

    @property
    def line(self) -> bytes:
        return line(self.type, self.raw)


class Stored(NamedTuple):
    """One object: its encoding and what must be seen of it."""

    raw: bytes
    fact: Fact


class Backup(NamedTuple):
    version: int
    floor: int
    tables: dict[str, dict[Key, Stored]]
    log: list[Event]


def line(type: str, raw: bytes) -> bytes:
    """One watch line."""
    return b'{"type":"%s","object":%s}\n' % (type.encode(), raw)


def bookmark(version: int, *, end: bool = False) -> bytes:
    """A bookmark's line; `end` marks the end of a WatchList's initial events."""
    meta: Body = {"resourceVersion": str(version)}
    if end:
        meta["annotations"] = {"k8s.io/initial-events-end": "true"}
    return line("BOOKMARK", msgspec.json.encode({"metadata": meta}))


class Model:
    """Objects by collection path. Every change counts `version` up, is logged, and told to the listeners."""

    def __init__(self, paths: Iterable[str] = (NODES, PODS)) -> None:
        self.version = 100
        self.floor = 0
        """The oldest version from which a watch can go on."""
        self.tables: dict[str, dict[Key, Stored]] = {path: {} for path in paths}
        self._log: list[Event] = []
        self._uids = itertools.count()
        self._snapshots: dict[tuple[str, str, int], list[bytes]] = {}
        self._listeners: list[Callable[[Event], None]] = []

    # -- what happens --------------------------------------------------------------------------------------------

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Have `listener` called after every change."""
        self._listeners.append(listener)

    def put(self, path: str, name: str, revision: int = 0, *, namespace: str = "default", **more: Any) -> str:
        """Create or change an object; returns its uid. `more` is merged into it (Kurator's specs, ballast)."""
        key = (_namespace(path, namespace), name)
        before = self.tables[path].get(key)
        uid: str = before.fact[0] if before else f"{KINDS[path].lower()}-{name}-{next(self._uids)}"
        self.version += 1
        obj, fact = _object(path, key, uid, revision, more)
        stored = Stored(_encode(obj, self.version), fact)
        self.tables[path][key] = stored
        self._tell("MODIFIED" if before else "ADDED", path, stored.raw, key[0])
        return uid

    def delete(self, path: str, name: str, *, namespace: str = "default") -> None:
        """Delete an object."""
        key = (_namespace(path, namespace), name)
        gone = self.tables[path].pop(key)
        self.version += 1
        obj = msgspec.json.decode(gone.raw)
        self._tell("DELETED", path, _encode(obj, self.version), key[0])

    def _tell(self, type: str, path: str, raw: bytes, namespace: str) -> None:
        event = Event(self.version, type, path, raw, namespace)
        self._log.append(event)
        for listener in tuple(self._listeners):
            listener(event)

    def compact(self) -> None:
        """Forget the history: what went before is 410, pages in progress included."""
        self.floor = self.version
        self._log.clear()
        self._snapshots.clear()

    def backup(self) -> Backup:
        tables = {path: dict(table) for path, table in self.tables.items()}
        return Backup(self.version, self.floor, tables, list(self._log))

    def restore(self, backup: Backup) -> None:
        """Be as at the backup, version and history too; nobody is told."""
        self.version, self.floor = backup.version, backup.floor
        self.tables = {path: dict(table) for path, table in backup.tables.items()}
        self._log = list(backup.log)
        self._snapshots.clear()

    # -- what is asked -------------------------------------------------------------------------------------------

    def facts(self, path: str) -> set[Fact]:
        """What must be seen of a collection; nothing for one that is not served."""
        return {stored.fact for stored in self.tables.get(path, {}).values()}

    def names(self, path: str, namespace: str = "default") -> list[str]:
        return [name for ns, name in self.tables[path] if ns == _namespace(path, namespace)]

    def page(self, path: str, limit: int, token: str, namespace: str = "") -> bytes:
        """One page of a list as it was when its first page was asked for. Raises `Expired` after a compaction."""
        start, version = 0, self.version
        if token:
            start, version = (int(part) for part in token.split("-"))
            if (path, namespace, version) not in self._snapshots:
                raise Expired
        else:
            self._snapshots[(path, namespace, version)] = self.raw(path, namespace)
        items = self._snapshots[(path, namespace, version)]
        end = start + limit if limit else len(items)
        more = f"{end}-{version}" if end < len(items) else ""
        return page(path, items[start:end], version, more)

    def raw(self, path: str, namespace: str = "") -> list[bytes]:
        """Every object of a collection, or of one namespace of it, as JSON."""
        return [stored.raw for key, stored in self.tables[path].items() if namespace in ("", key[0])]

    def since(self, path: str, version: int, namespace: str = "") -> list[bytes]:
        """The watch lines after `version`. Raises `Expired`."""
        if version < self.floor:
            raise Expired
        events = (event for event in self._log if event.path == path and event.version > version)
        return [event.line for event in events if namespace in ("", event.namespace)]


def page(path: str, items: list[bytes], version: int | str, more: str = "") -> bytes:
    """A list answer."""
    meta = msgspec.json.encode({"resourceVersion": str(version), "continue": more})
    return b'{"kind":"%sList","metadata":%s,"items":[%s]}' % (KINDS[path].encode(), meta, b",".join(items))


def collection(path: str) -> tuple[str, str]:
    """The collection that `path` asks for, and the only namespace that is asked for: "" for all."""
    before, found, rest = path.partition("/namespaces/")
    namespace, _, plural = rest.partition("/")
    return (f"{before}/{plural}", namespace) if found and plural and "/" not in plural else (path, "")


def _namespace(path: str, namespace: str) -> str:
    return "" if path in CLUSTER_SCOPED else namespace


def _encode(obj: Body, version: int) -> bytes:
    obj["metadata"]["resourceVersion"] = str(version)
    return msgspec.json.encode(obj)


def _object(path: str, key: Key, uid: str, revision: int, more: Body) -> tuple[Body, Fact]:
    namespace, name = key
    meta: Body = {"name": name, "uid": uid, "creationTimestamp": "2026-01-01T00:00:00Z"}
    if namespace:
        meta["namespace"] = namespace
    meta.update(more.pop("metadata", {}))
    obj: Body = {"kind": KINDS[path], "apiVersion": "v1", "metadata": meta}
    if path == PODS:
        node = f"n{revision % 7}"
        running = {"name": "c", "ready": True, "restartCount": revision, "state": {"running": {}}}
        obj["spec"] = {"nodeName": node, "containers": [{"name": "c"}]}
        obj["status"] = {"phase": "Running", "containerStatuses": [running]}
        return {**obj, **more}, (uid, namespace, name, "Running", revision, node)
    if path == NODES:
        ready, version = "True" if revision % 2 == 0 else "False", f"v1.{revision}.0"
        obj["status"] = {
            "conditions": [{"type": "Ready", "status": ready}],
            "nodeInfo": {"kubeletVersion": version},
        }
        return {**obj, **more}, (uid, name, ready, version)
    return {**obj, **more}, (uid, namespace, name)
