"""A fleet of clusters with Volcano for the tests of the batch joins: what servers would send, and its rows."""

from __future__ import annotations

import json
from typing import Any

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.core import EVENT, NODE
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.volcano import JOB, POD_GROUP, QUEUE
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

Object = dict[str, Any]
LIVE = Freshness(State.LIVE, 1.0)
GPU, NPU = "nvidia.com/gpu", "huawei.com/Ascend910"
NOW = unix("2026-01-01T12:00:00Z")


class Estate:
    """A host with fleet `prod` of members, all answering and empty."""

    def __init__(self, *members: str) -> None:
        members = members or ("m1", "m2")
        self.store = Store()
        self.seen = Seen(self.store, lambda: NOW, lambda *_place: ())
        self.seen.members = {HOST: Member(HOST, "Host")}
        for name in (HOST, *members):
            self.store.set_freshness(name, "", LIVE)
        for name in members:
            self.seen.members = {**self.seen.members, name: Member(name, "AttachedCluster", "apps", name)}
        self.fleet(*members)

    def fleet(self, *names: str) -> None:
        clusters = [{"kind": "AttachedCluster", "name": name} for name in names]
        self.put(FLEET, {"metadata": meta("prod", "apps"), "spec": {"clusters": clusters}}, HOST)

    def put(self, kind: AnyKind, obj: Object, cluster: str = "m1") -> None:
        row = RowDecoder(kind, cluster).row(json.dumps(obj).encode())
        self.store.put(kind.id, cluster, {row.uid: row})
        self.seen.shared_changed()
        self.seen.changed(cluster)

    def state(self, kind: AnyKind | None, state: State, cluster: str = "m1") -> None:
        self.store.set_freshness(cluster, kind.id if kind is not None else "", Freshness(state, 5.0))
        self.seen.changed(cluster)

    def rows(self, join: Join, cluster: str = "m1") -> dict[str, Any]:
        """The rows of one cluster by name, as the join makes them."""
        for id, wanted in join.only.items():
            self.seen.fill(id, wanted)
        self.seen.begin(cluster)
        found: list[Row] = list(join.rows(self.seen, cluster))
        assert len({row.uid for row in found}) == len(found), "uids are not unique"
        return {row.name: row for row in found}

    # -- objects ------------------------------------------------------------------------------------------------

    def queue(self, name: str, cluster: str = "m1", state: str = "Open", **spec: Any) -> None:
        status = {"state": state, **spec.pop("status", {})}
        status["allocated"] = spec.pop("allocated", {})
        self.put(QUEUE, {"metadata": meta(name, ""), "spec": {"weight": 1, **spec}, "status": status}, cluster)

    def group(self, name: str, queue: str, cluster: str = "m1", phase: str = "Pending", **more: Any) -> None:
        spec = {"queue": queue, "minMember": 1, "minResources": more.get("asks", {})}
        status = {"phase": phase, "conditions": more.get("conditions", [])}
        created = more.get("created", "2026-01-01T11:59:30Z")
        self.put(POD_GROUP, {"metadata": meta(name, created=created), "spec": spec, "status": status}, cluster)

    def job(self, name: str, queue: str = "q", phase: str = "Pending", cluster: str = "m1", **more: Any) -> None:
        state = {"phase": phase, **more.pop("state", {})}
        created = more.pop("created", "2026-01-01T11:59:30Z")
        spec = {"queue": queue, "minAvailable": 2, "maxRetry": 3, **more.pop("spec", {})}
        self.put(
            JOB,
            {"metadata": meta(name, created=created), "spec": spec, "status": {"state": state, **more}},
            cluster,
        )

    def node(self, name: str, cluster: str = "m1", labels: Object | None = None, **more: Any) -> None:
        has = {"cpu": "16", "memory": "64Gi", **more.get("has", {})}
        status = {
            "capacity": has,
            "allocatable": {**has, **more.get("gives", {})},
            "conditions": [{"type": "Ready", "status": more.get("ready", "True")}],
        }
        spec = {"unschedulable": more.get("cordoned", False)}
        self.put(NODE, {"metadata": meta(name, "", labels=labels), "spec": spec, "status": status}, cluster)

    def pod(self, name: str, node: str = "", cluster: str = "m1", phase: str = "", **asks: int) -> None:
        requests = {{"gpu": GPU, "npu": NPU}.get(key, key): str(amount) for key, amount in asks.items()}
        spec = {"nodeName": node, "containers": [{"name": "main", "resources": {"requests": requests}}]}
        status = {"phase": phase or ("Running" if node else "Pending")}
        self.put(POD, {"metadata": meta(name), "spec": spec, "status": status}, cluster)

    def event(self, name: str, reason: str, message: str, pod: str, cluster: str = "m1", **more: Any) -> None:
        about = {"kind": "Pod", "name": pod, "namespace": "ns"}
        made = {"metadata": meta(name), "involvedObject": about, "reason": reason, "message": message, **more}
        self.put(EVENT, {"lastTimestamp": "2026-01-01T11:50:00Z", "type": "Warning", **made}, cluster)


def meta(name: str, namespace: str = "ns", **more: Any) -> Object:
    created = more.get("created", "2026-01-01T09:00:00Z")
    return {
        "name": name,
        "namespace": namespace,
        "uid": f"uid-{name}",
        "creationTimestamp": created,
        "labels": more.get("labels") or {},
    }


def unschedulable(reason: str, message: str = "") -> list[Object]:
    return [{"type": "Unschedulable", "status": "True", "reason": reason, "message": message}]
