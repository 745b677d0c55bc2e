"""A member with edge nodes for the tests of the edge joins: objects as servers send them, and the rows of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.pieces import Pieces
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.configuration import LEASE
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kubeedge import DEVICE, DEVICE_STATUS, NODE_GROUP
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Delta, Store

Object = dict[str, Any]
START = 1_767_261_600.0
"""Unix seconds of 2026-01-01T10:00:00Z."""
LIVE = Freshness(State.LIVE, START)
GROUP = "apps.kubeedge.io/belonging-to"
REGION = "topology.kubernetes.io/region"
ZONE = "topology.kubernetes.io/zone"


def at(seconds: float) -> str:
    """So many seconds into the tests' day, as an API server writes it."""
    whole = int(seconds)
    return f"2026-01-01T{10 + whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}Z"


def node(
    name: str,
    ready: str = "True",
    *,
    beat: float = 0.0,
    edge: bool = True,
    spec: Object | None = None,
    labels: Object | None = None,
    **places: str,
) -> Object:
    """A Node. Its `group`, `region`, `zone` are labels, too."""
    known = {"group": GROUP, "region": REGION, "zone": ZONE}
    found = {known.get(key, key): value for key, value in places.items()} | (labels or {})
    if edge:
        found["node-role.kubernetes.io/edge"] = ""
    reason = {"True": "EdgeReady", "Unknown": "NodeStatusUnknown", "False": "KubeletNotReady"}.get(ready, "")
    condition = {
        "type": "Ready",
        "status": ready,
        "reason": reason,
        "message": {"False": "container runtime is not running"}.get(ready, ""),
        "lastHeartbeatTime": at(beat),
        "lastTransitionTime": at(0),
    }
    return {
        "metadata": {"name": name, "uid": f"node-{name}", "labels": found, "creationTimestamp": at(0)},
        "spec": spec or {},
        "status": {
            "conditions": [condition],
            "allocatable": {"cpu": "2", "memory": "4Gi"},
            "nodeInfo": {
                "kubeletVersion": "v1.29.5-kubeedge-v1.17.0",
                "containerRuntimeVersion": "containerd://1.7",
            },
        },
    }


def lease(name: str, renewed: float, **spec: object) -> Object:
    """The heartbeat Lease of a node."""
    meta = {"name": name, "namespace": "kube-node-lease", "uid": f"lease-{name}"}
    return {"metadata": meta, "spec": {"renewTime": at(renewed), "leaseDurationSeconds": 40, **spec}}


def pod(name: str, on: str, *, phase: str = "Running", ending: float | None = None) -> Object:
    """A pod on a node; `ending` is when it was asked to end."""
    meta: Object = {"name": name, "namespace": "edge-apps", "uid": f"pod-{name}", "creationTimestamp": at(0)}
    if ending is not None:
        meta["deletionTimestamp"] = at(ending)
    container = {"name": "c", "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}
    ready = {"name": "c", "ready": phase == "Running", "state": {"running": {}}, "restartCount": 2}
    status = {"phase": phase, "containerStatuses": [ready]}
    return {"metadata": meta, "spec": {"nodeName": on, "containers": [container]}, "status": status}


def deployment(name: str, namespace: str, ready: int, wanted: int) -> Object:
    """A Deployment."""
    meta = {"name": name, "namespace": namespace, "uid": f"deploy-{namespace}-{name}"}
    return {"metadata": meta, "spec": {"replicas": wanted}, "status": {"readyReplicas": ready, "replicas": wanted}}


def encoded(obj: Object) -> bytes:
    """As a server sends it."""
    return json.dumps(obj).encode()


class Edge:
    """One member called `m1`, its store, and the rows of one join, kept up as `fleet.derived` keeps them up."""

    def __init__(self, join: Join, *, site_label: str = "", **unreadable: State) -> None:
        self.join = join
        self.now = START
        self.store = Store()
        self.store.set_freshness("m1", "", LIVE)
        named: dict[str, AnyKind] = {
            "nodes": NODE,
            "pods": POD,
            "leases": LEASE,
            "devices": DEVICE,
            "statuses": DEVICE_STATUS,
        }
        states = {named[word].id: state for word, state in unreadable.items()}
        for raw in join.members:
            self.store.set_freshness("m1", raw.id, Freshness(states.get(raw.id, State.LIVE), START))
        self.seen = Seen(self.store, lambda: self.now, lambda *_place: ())
        self.seen.site_label = site_label
        self.made: list[str] = []
        """Names of the rows that were different, since somebody looked."""
        self._rows: dict[str, Row] = {}
        self._pieces: Pieces | None = None
        self.store.listen(self._hand)

    def put(self, kind: AnyKind, *objects: Object) -> None:
        """These objects are as they are now."""
        rows = [RowDecoder(kind, "m1").row(encoded(obj)) for obj in objects]
        self.store.put(kind.id, "m1", {row.uid: row for row in rows})

    def delete(self, kind: AnyKind, *uids: str) -> None:
        """These are gone."""
        self.store.put(kind.id, "m1", dict.fromkeys(uids))

    def put_rows(self, kind: AnyKind, *rows: Row) -> None:
        """These rows are as they are now."""
        self.store.put(kind.id, "m1", {row.uid: row for row in rows})

    def nodes(self, *objects: Object) -> None:
        """These Nodes, and a Lease for each that was renewed with its last heartbeat."""
        self.put(NODE, *objects)

    def group(self, name: str) -> None:
        """A NodeGroup without a word of its nodes."""
        self.put(NODE_GROUP, {"metadata": {"name": name, "uid": f"group-{name}"}, "spec": {}})

    def cloudcore(self, ready: int, wanted: int) -> None:
        """CloudCore's Deployment."""
        self.put(DEPLOYMENT, deployment("cloudcore", "kubeedge", ready, wanted))

    def wait(self, seconds: float) -> None:
        """Time goes by, and is looked at each ten seconds."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + 10.0, end)
            if self._pieces is not None:
                self._pieces.look()

    def rows(self) -> Mapping[str, Any]:
        """The rows by name, as they are now."""
        if self._pieces is None:
            assert self.join.pieces is not None
            self._pieces = self.join.pieces(self.seen, "m1")
            for raw in self.join.members:
                wanted = self.join.only.get(raw.id, lambda _row: True)
                rows = [row for row in self.store.rows(raw.id, "m1") if wanted(row)]
                self._pieces.take(raw.id, {row.uid: row for row in rows})
        self.made = []
        for uid, row in self._pieces.made():
            if row is None:
                self._rows.pop(uid, None)
            else:
                self._rows[uid] = row
                self.made.append(row.name)
        assert not self._pieces.waiting
        return {row.name: row for row in self._rows.values()}

    def _hand(self, kind: str, delta: Delta) -> None:
        if self._pieces is not None:
            self._pieces.take(kind, {uid: row for (_cluster, uid), row in delta.items()})
