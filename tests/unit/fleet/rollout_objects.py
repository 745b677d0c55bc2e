"""An estate of plain objects for the tests of the `rollouts` join: what servers would send, and the rows of it."""

from __future__ import annotations

import json
from typing import Any

from kurator_tui.fleet import rollouts
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.apps import DAEMON_SET
from kurator_tui.kinds.argo import ROLLOUT
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.core import EVENT
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.flagger import CANARY
from kurator_tui.kinds.flux import GIT_REPOSITORY, HELM_RELEASE, KUSTOMIZATION
from kurator_tui.kinds.istio import VIRTUAL_SERVICE
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, FLEET
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.rollouts import Gate, RolloutRow
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

Object = dict[str, Any]
LIVE = Freshness(State.LIVE, 1.0)
REVISION, NEXT = "main@sha1:aaaa", "main@sha1:bbbb"


def at(minutes: float) -> str:
    """A moment of the tests' day, as an API server writes it."""
    return f"2026-01-01T10:{int(minutes):02d}:{round(minutes % 1 * 60):02d}Z"


def second(minutes: float) -> float:
    """The same in Unix seconds."""
    return unix(at(minutes))


class Estate:
    """A host with fleet `prod` of `m1` and `m2`, both answering; nothing is deployed."""

    def __init__(self) -> None:
        self.store = Store()
        self.gates: dict[tuple[str, str, str], tuple[Gate, ...]] = {}
        self.seen = Seen(self.store, lambda: 0.0, lambda *place: self.gates.get(place, ()))
        self.seen.members = {HOST: Member(HOST, "Host")}
        for name in (HOST, "m1", "m2"):
            self.store.set_freshness(name, "", LIVE)
        for kind in (APPLICATION, FLEET, KUSTOMIZATION, HELM_RELEASE, GIT_REPOSITORY):
            self.store.set_freshness(HOST, kind.id, LIVE)
        for name in ("m1", "m2"):
            self.member(name)
        self.fleet("m1", "m2")

    def put(self, kind: AnyKind, obj: Object, cluster: str = HOST) -> None:
        row = RowDecoder(kind, cluster).row(json.dumps(obj).encode())
        self.store.put(kind.id, cluster, {row.uid: row})
        self.seen.shared_changed()

    def delete(self, kind: AnyKind, uid: str, cluster: str = HOST) -> None:
        self.store.put(kind.id, cluster, {uid: None})
        self.seen.shared_changed()

    def member(self, name: str, **labels: str) -> None:
        self.seen.members = {**self.seen.members, name: Member(name, "AttachedCluster", "apps", name)}
        self.put(ATTACHED_CLUSTER, {"metadata": meta(name, "apps", labels=labels)})
        self.store.set_freshness(name, CANARY.id, LIVE)

    def fleet(self, *names: str) -> None:
        clusters = [{"kind": "AttachedCluster", "name": name} for name in names]
        self.put(FLEET, {"metadata": meta("prod", "apps"), "spec": {"clusters": clusters}})

    def down(self, cluster: str, reason: str = "no answer") -> None:
        self.store.set_freshness(cluster, "", Freshness(State.STALE, 5.0, reason))

    # -- host ---------------------------------------------------------------------------------------------------

    def application(self, *policies: Object, revision: str = REVISION, **more: Any) -> None:
        spec = {"destination": {"fleet": "prod"}, "syncPolicies": list(policies) or [policy()]}
        status = {
            "sourceStatus": {"gitRepoStatus": {"artifact": {"revision": revision}}},
            **more.pop("status", {}),
        }
        spec |= more.pop("spec", {})
        self.put(APPLICATION, {"metadata": meta("web", "apps", **more), "spec": spec, "status": status})

    def repository(self, revision: str) -> None:
        labelled = meta("web", "apps", labels={"apps.kurator.dev/app-name": "web"})
        self.put(GIT_REPOSITORY, {"metadata": labelled, "status": {"artifact": {"revision": revision}}})

    def kustomization(
        self, name: str, revision: str = REVISION, ready: str = "True", message: str = "", **spec: Any
    ) -> None:
        labels = {"apps.kurator.dev/app-name": "web"}
        condition = {"type": "Ready", "status": ready, "reason": "Because", "message": message}
        condition["lastTransitionTime"] = at(2)
        status = {"lastAppliedRevision": revision, "conditions": [condition]}
        self.put(KUSTOMIZATION, {"metadata": meta(name, "apps", labels=labels), "spec": spec, "status": status})

    # -- members ------------------------------------------------------------------------------------------------

    def canary(self, cluster: str = "m1", name: str = "backend", **more: Any) -> None:
        self.put(CANARY, canary(name, **more), cluster)

    def workload(
        self, name: str, image: str, ready: int = 2, wanted: int = 2, cluster: str = "m1", **more: Any
    ) -> None:
        self.put(DEPLOYMENT, deployment(name, image, ready, wanted, **more), cluster)

    def daemons(self, name: str, image: str, ready: int, wanted: int) -> None:
        spec = {"template": {"spec": {"containers": [{"image": image}]}}}
        status = {"numberReady": ready, "desiredNumberScheduled": wanted}
        self.put(DAEMON_SET, {"metadata": meta(name), "spec": spec, "status": status}, "m1")

    def routes(self, *http: Object, name: str = "backend") -> None:
        self.put(VIRTUAL_SERVICE, {"metadata": meta(name), "spec": {"http": list(http)}}, "m1")

    def says(self, minutes: float, message: str, name: str = "backend", cluster: str = "m1") -> None:
        about = {"kind": "Canary", "name": name, "namespace": "shop"}
        uid = f"event-{minutes}-{message}"
        event = {"involvedObject": about, "message": message, "reason": "Synced", "lastTimestamp": at(minutes)}
        self.put(EVENT, {"metadata": meta(uid), **event}, cluster)

    def argo(self, **more: Any) -> None:
        self.put(ROLLOUT, {"metadata": meta("queue"), **more}, "m1")

    # -- rows ---------------------------------------------------------------------------------------------------

    def rows(self, cluster: str = "m1") -> list[RolloutRow]:
        self.seen.changed(cluster)
        self.seen.begin(cluster)
        found = list(rollouts.rows(self.seen, cluster))
        assert all(isinstance(row, RolloutRow) for row in found)
        return found  # type: ignore[return-value]

    def row(self, cluster: str = "m1") -> RolloutRow:
        (row,) = self.rows(cluster)
        return row


def meta(name: str, namespace: str = "shop", **more: Any) -> Object:
    return {"name": name, "namespace": namespace, "uid": f"uid-{name}", "creationTimestamp": at(0), **more}


def policy(name: str = "canary", service: str = "backend", **more: Any) -> Object:
    """A sync policy with a rollout block of the Deployment `backend`."""
    workload = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "backend", "namespace": "shop"}
    block = {"trafficRoutingProvider": "istio", "serviceName": service, "workload": workload}
    return {"name": name, "kustomization": {"path": "./"}, "rollout": block, **more}


ANALYSIS: Object = {"interval": "1m", "threshold": 5, "maxWeight": 50, "stepWeight": 10}
AB: Object = {"interval": "30s", "threshold": 2, "iterations": 10, "match": [{"headers": {}}]}
BLUE_GREEN: Object = {"interval": "30s", "threshold": 2, "iterations": 10}


def canary(
    name: str = "backend",
    phase: str = "Progressing",
    weight: int = 0,
    analysis: Object | None = ANALYSIS,
    *,
    iterations: int = 0,
    failed: int = 0,
    began: float = 1,
    checked: float = 5,
    policy: str = "canary",
    mesh: str = "",
    status: Object | None = None,
    **spec: Any,
) -> Object:
    """A Canary of `backend`; its phase `began` and its last check was in those minutes."""
    told = {"type": "Promoted", "status": "Unknown", "reason": phase, "message": "m", "lastUpdateTime": at(began)}
    found = {
        "phase": phase,
        "canaryWeight": weight,
        "iterations": iterations,
        "failedChecks": failed,
        "lastTransitionTime": at(checked),
        "conditions": [told],
    } | (status or {})
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    body = {"targetRef": target, "service": {"name": name, "port": 80}, "provider": "istio", **spec}
    if analysis is not None:
        body.setdefault("analysis", analysis)
    given = {"kurator.dev/rollout": policy, "kuma.io/mesh": mesh}
    annotations = {key: value for key, value in given.items() if value}
    return {"metadata": meta(name, annotations=annotations), "spec": body, "status": found}


def deployment(name: str, image: str, ready: int = 2, wanted: int = 2, **more: Any) -> Object:
    spec = {"replicas": wanted, "template": {"spec": {"containers": [{"image": image}]}}}
    status = {
        "replicas": wanted,
        "readyReplicas": ready,
        "updatedReplicas": wanted,
        "availableReplicas": ready,
        "conditions": [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}],
    }
    return {"metadata": meta(name, **more.pop("meta", {})), "spec": spec, "status": status | more}


def split(primary: int, other: int, *, match: bool = False, service: str = "backend") -> Object:
    """A route of a VirtualService."""
    to = [(f"{service}-primary", primary), (f"{service}-canary", other)]
    route = [{"destination": {"host": host}, "weight": weight} for host, weight in to]
    return {"route": route} | ({"match": [{"headers": {}}]} if match else {})
