"""A Karmada control plane of plain objects for the tests of its joins: what servers would send, and the rows."""

from __future__ import annotations

import json
from typing import Any

from kurator_tui.fleet import propagation_steps, propagations
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.karmada import KARMADA_CLUSTER
from kurator_tui.kinds.karmada_propagation import (
    CLUSTER_OVERRIDE_POLICY,
    CLUSTER_PROPAGATION_POLICY,
    CLUSTER_RESOURCE_BINDING,
    OVERRIDE_POLICY,
    PROPAGATION_POLICY,
    RESOURCE_BINDING,
    WORK,
)
from kurator_tui.kinds.propagations import PROPAGATION_STEPS, PropagationRow, StepRow
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

Object = dict[str, Any]
LIVE = Freshness(State.LIVE, 1.0)
FORBIDDEN = Freshness(State.FORBIDDEN, 5.0, "no")
WEB = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}
DEPLOYMENTS = {"groupVersion": "apps/v1", "resources": [{"name": "deployments", "kind": "Deployment"}]}


class ControlPlane:
    """A Karmada on the host with the clusters `m1` and `m2`, which are members as well; nothing is propagated."""

    def __init__(self, name: str = HOST) -> None:
        self.name = name
        self.store = Store()
        self.seen = Seen(self.store, lambda: 0.0, lambda *_place: ())
        self.seen.members = {HOST: Member(HOST, "Host")}
        for cluster in (HOST, name, "m1", "m2"):
            self.store.set_freshness(cluster, "", LIVE)
        for cluster in ("m1", "m2"):
            self.seen.members = {**self.seen.members, cluster: Member(cluster, "AttachedCluster", "f", cluster)}
            self.store.set_freshness(cluster, DEPLOYMENT.id, LIVE)
            self.cluster(cluster)

    # -- objects ------------------------------------------------------------------------------------------------

    def put(self, kind: AnyKind, obj: Object, cluster: str = "") -> None:
        where = cluster or self.name
        row = RowDecoder(kind, where).row(json.dumps(obj).encode())
        self.store.put(kind.id, where, {row.uid: row})
        self._changed(where)

    def delete(self, kind: AnyKind, uid: str, cluster: str = "") -> None:
        where = cluster or self.name
        self.store.put(kind.id, where, {uid: None})
        self._changed(where)

    def freshness(self, kind: AnyKind, freshness: Freshness, cluster: str = "") -> None:
        self.store.set_freshness(cluster or self.name, kind.id, freshness)
        self._changed(cluster or self.name)

    def _changed(self, cluster: str) -> None:
        self.seen.shared_changed()
        self.seen.changed(cluster)

    def cluster(self, name: str, *taints: tuple[str, str], ready: str = "True", **more: Any) -> None:
        spec = {
            "syncMode": "Push",
            "taints": [{"key": key, "effect": effect} for key, effect in taints],
            **more.pop("spec", {}),
        }
        status = {
            "conditions": [{"type": "Ready", "status": ready}],
            "apiEnablements": [DEPLOYMENTS],
            **more.pop("status", {}),
        }
        self.put(KARMADA_CLUSTER, {"metadata": meta(name, "", **more), "spec": spec, "status": status})

    def policy(self, name: str = "web", *selectors: Object, wide: bool = False, **spec: Any) -> None:
        kind, namespace = (CLUSTER_PROPAGATION_POLICY, "") if wide else (PROPAGATION_POLICY, "shop")
        chosen = list(selectors) or [WEB]
        self.put(kind, {"metadata": meta(name, namespace), "spec": {"resourceSelectors": chosen, **spec}})

    def override(self, name: str, *rules: Object, selectors: Any = None, wide: bool = False) -> None:
        kind, namespace = (CLUSTER_OVERRIDE_POLICY, "") if wide else (OVERRIDE_POLICY, "shop")
        spec = {"resourceSelectors": [WEB] if selectors is None else selectors, "overrideRules": list(rules)}
        self.put(kind, {"metadata": meta(name, namespace), "spec": spec})

    def binding(
        self, policy: str = "web", clusters: tuple[str, ...] = ("m1", "m2"), wide: bool = False, **more: Any
    ) -> None:
        """Of Deployment `web`, claimed by a policy, scheduled and healthy wherever it is."""
        mark = "clusterpropagationpolicy.karmada.io" if wide else "propagationpolicy.karmada.io"
        marks = {f"{mark}/name": policy, f"{mark}/namespace": "shop"} if policy else {}
        spec = {
            "resource": more.pop("resource", WEB),
            "clusters": [{"name": cluster, "replicas": 2} for cluster in clusters],
            "replicas": 2 * len(clusters) or 2,
            "placement": more.pop("placement", {}),
            **more.pop("spec", {}),
        }
        status = {
            "conditions": [scheduled(), {"type": "FullyApplied", "status": "True"}],
            "aggregatedStatus": [told(cluster) for cluster in clusters],
            **more.pop("status", {}),
        }
        head = meta(more.pop("name", "web-deployment"), more.pop("namespace", "shop"), annotations=marks, **more)
        kind = RESOURCE_BINDING if head.get("namespace") else CLUSTER_RESOURCE_BINDING
        self.put(kind, {"metadata": head, "spec": spec, "status": status})

    def work(self, cluster: str, name: str = "web-7f6", **more: Any) -> None:
        annotations = {
            "resourcebinding.karmada.io/name": "web-deployment",
            "resourcebinding.karmada.io/namespace": "shop",
            **more.pop("annotations", {}),
        }
        labels = more.pop("labels", {})
        manifest = {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop", "labels": labels}}
        applied = {"type": "Applied", "status": "True", "reason": "AppliedSuccessful", **more.pop("applied", {})}
        spec = {"workload": {"manifests": [manifest]}, **more}
        head = meta(name, f"karmada-es-{cluster}", annotations=annotations)
        self.put(WORK, {"metadata": head, "spec": spec, "status": {"conditions": [applied]}})

    def deployment(self, cluster: str, ready: int = 2, wanted: int = 2, **more: Any) -> None:
        counts: Object = {
            "replicas": wanted,
            "updatedReplicas": wanted,
            "readyReplicas": ready,
            "availableReplicas": ready,
        }
        counts["conditions"] = more.pop("conditions", [])
        obj = {"metadata": meta("web", "shop", **more), "spec": {"replicas": wanted}, "status": counts}
        self.put(DEPLOYMENT, obj, cluster)

    # -- rows ---------------------------------------------------------------------------------------------------

    def rows(self, cluster: str = "") -> list[PropagationRow]:
        where = cluster or self.name
        self.seen.begin(where)
        return [row for row in propagations.rows(self.seen, where) if isinstance(row, PropagationRow)]

    def row(self) -> PropagationRow:
        (row,) = self.rows()
        return row

    def steps(self, *clusters: str) -> list[StepRow]:
        """The lines of these clusters (of all without any), in their order."""
        found = []
        for cluster in clusters or dict.fromkeys((self.name, "m1", "m2")):
            self.seen.begin(cluster)
            found += [row for row in propagation_steps.rows(self.seen, cluster) if isinstance(row, StepRow)]
        return sorted(found, key=lambda row: row.path.casefold())

    def step(self, hop: str, member: str = "") -> StepRow:
        """The one line of a hop (about one member)."""
        (found,) = (row for row in self.steps() if row.hop == hop and row.member == member)
        return found


def meta(name: str, namespace: str = "shop", **more: Any) -> Object:
    """Metadata of an object."""
    head = {"name": name, "uid": f"uid-{namespace}-{name}", "resourceVersion": "7", **more}
    return head | {"namespace": namespace} if namespace else head


def scheduled(reason: str = "Success", message: str = "") -> Object:
    """The condition; any reason but Success is a failure."""
    status = "True" if reason == "Success" else "False"
    return {"type": "Scheduled", "status": status, "reason": reason, "message": message}


def nowhere(message: str = "", reason: str = "NoClusterFit") -> Object:
    """Status of a binding that is scheduled to no cluster."""
    return {"conditions": [scheduled(reason, message)], "aggregatedStatus": []}


def told(cluster: str, health: str = "Healthy", **more: Any) -> Object:
    """What a binding is told of a cluster."""
    counts = {"replicas": 2, "readyReplicas": 2 if health == "Healthy" else 0}
    return {"clusterName": cluster, "applied": True, "health": health, "status": counts, **more}


def tree(rows: list[StepRow]) -> list[str]:
    """Lines as they are read: indented name, level, state, reason."""
    name = PROPAGATION_STEPS.column("name")
    assert name is not None
    return [
        " | ".join(str(part) for part in (name.value(row), row.level, row.state, row.reason) if part)
        for row in rows
    ]
