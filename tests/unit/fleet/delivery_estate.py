"""An estate of plain objects for the tests of the joins of delivery, on that of the rollouts."""

from __future__ import annotations

from typing import Any

from kurator_tui.fleet import deliveries, delivery_steps
from kurator_tui.fleet.delivery_objects import READ
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.deliveries import DeliveryRow, DeliveryStepRow
from kurator_tui.kinds.flux import GIT_REPOSITORY, HELM_RELEASE, HELM_REPOSITORY, KUSTOMIZATION, OCI_REPOSITORY
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.rollout_objects import LIVE, REVISION, Estate, Object, at, meta

LABEL = {"apps.kurator.dev/app-name": "web"}
FORBIDDEN = Freshness(State.FORBIDDEN, 5.0, "no")
ABSENT = Freshness(State.ABSENT, 5.0)
ON_M1 = "sync-attachedcluster-m1"
"""Of the policy `sync` on `m1`."""


def sync(name: str = "sync", **more: Any) -> Object:
    return {"name": name, "kustomization": {"path": "./"}, **more}


def told(status: str = "True", reason: str = "ReconciliationSucceeded", message: str = "", **more: Any) -> Object:
    """The condition Ready."""
    return {
        "type": "Ready",
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": at(2),
        **more,
    }


class DeliveryEstate(Estate):
    """Fleet `prod` of `m1` and `m2`, Application `web` from a Git repository, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.seen.now = lambda: self.now
        for kind in (HELM_REPOSITORY, OCI_REPOSITORY):
            self.store.set_freshness(HOST, kind.id, LIVE)
        for cluster in (HOST, "m1", "m2"):
            for each in (*READ, POD):
                self.store.set_freshness(cluster, each.id, LIVE)
        self.ready_fleet()
        self.web()
        self.git()

    def ready_fleet(self, phase: str = "Ready", *names: str) -> None:
        clusters = [{"kind": "AttachedCluster", "name": name} for name in names or ("m1", "m2")]
        fleet = {"metadata": meta("prod", "apps"), "spec": {"clusters": clusters}, "status": {"phase": phase}}
        self.put(FLEET, fleet)

    def state(self, kind: AnyKind, freshness: Freshness, cluster: str = HOST) -> None:
        self.store.set_freshness(cluster, kind.id, freshness)
        self.seen.shared_changed()

    def web(self, *policies: Object, source: str = "gitRepository", **more: Any) -> None:
        url = {source: {"url": "https://git.example/web"}} if source else {}
        self.application(*(policies or (sync(),)), spec={"source": url, **more.pop("spec", {})}, **more)

    def git(self, revision: str = REVISION, *conditions: Object, **spec: Any) -> None:
        artifact = {"revision": revision, "lastUpdateTime": at(1), "digest": "sha256:feed"} if revision else None
        status = {"artifact": artifact, "conditions": list(conditions) or [told(reason="Succeeded")]}
        self.put(
            GIT_REPOSITORY,
            {"metadata": meta("web", "apps", labels=LABEL, uid="git"), "spec": spec, "status": status},
        )

    def applied(
        self,
        name: str = ON_M1,
        revision: str = REVISION,
        *conditions: Object,
        inventory: tuple[str, ...] = (),
        attempted: str = "",
        **spec: Any,
    ) -> None:
        """A Kustomization that applied `revision`, and has the objects of `inventory`."""
        status = {
            "lastAppliedRevision": revision,
            "lastAttemptedRevision": attempted or revision,
            "conditions": list(conditions) or [told()],
            "inventory": {"entries": [{"id": each, "v": "v1"} for each in inventory]},
        }
        self.put(KUSTOMIZATION, {"metadata": meta(name, "apps", labels=LABEL), "spec": spec, "status": status})

    def release(
        self, *conditions: Object, version: str = "2.2.0", status: Object | None = None, **spec: Any
    ) -> None:
        chart = {
            "spec": {"chart": "web", "version": version, "sourceRef": {"kind": "HelmRepository", "name": "web"}}
        }
        found = {"lastAppliedRevision": version, "lastAttemptedRevision": version, **(status or {})}
        found["conditions"] = list(conditions) or [told()]
        self.put(
            HELM_RELEASE,
            {"metadata": meta(ON_M1, "apps", labels=LABEL), "spec": {"chart": chart, **spec}, "status": found},
        )

    # -- rows ---------------------------------------------------------------------------------------------------

    def deliveries(self, cluster: str = "m1") -> list[DeliveryRow]:
        self.seen.changed(cluster)
        self.seen.begin(cluster)
        found = list(deliveries.rows(self.seen, cluster))
        assert all(isinstance(row, DeliveryRow) for row in found)
        return found  # type: ignore[return-value]

    def delivery(self, cluster: str = "m1") -> DeliveryRow:
        (row,) = self.deliveries(cluster)
        return row

    def steps(self, *clusters: str) -> list[DeliveryStepRow]:
        """The lines of these clusters (all without any) in their order."""
        found: list[DeliveryStepRow] = []
        for cluster in clusters or (HOST, "m1", "m2"):
            self.seen.changed(cluster)
            self.seen.begin(cluster)
            lines = list(delivery_steps.rows(self.seen, cluster))
            assert all(isinstance(row, DeliveryStepRow) for row in lines)
            found += lines  # type: ignore[arg-type]
        return sorted(found, key=lambda row: row.path)
