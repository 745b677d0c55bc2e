"""A console's source with deliveries in every state and the chains of two Applications, as rows of the joins."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.deliveries import DELIVERIES, DELIVERY_STEPS, DeliveryRow, DeliveryStepRow, Sync
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.flux import GIT_REPOSITORY, KUSTOMIZATION
from kurator_tui.kinds.kurator_apps import APPLICATION
from tests.ui.estate import NOW, workloads
from tests.ui.source import FakeSource

OLD = "main@sha1:8d2f1c7e5b0a94d36f2e1a7c9b8d4f6051e3a2c7"
NEW = "main@sha1:b4d1b4d1b4d1b4d1b4d1b4d1b4d1b4d1b4d1b4d1"
PULL = "ImagePullBackOff: Back-off pulling image registry.shop.example/webapp/frontend:v4.19.0 (2 of 8 updated)"
DEPENDS = "waits for base-attachedcluster-ai-cloud: BuildFailed: no such file"


def delivery(cluster: str, name: str = "webapp", **more: Any) -> DeliveryRow:
    """A delivery that is in sync unless `more` says otherwise."""
    found: dict[str, Any] = {
        "level": Level.HEALTHY,
        "state": str(Sync.IN_SYNC),
        "policy": name,
        "fleet": "production",
        "object_kind": "Kustomization",
        "object_name": f"{name}-attachedcluster-{cluster}",
        "source": f"GitRepository/{name}",
        "revision_before": OLD,
        "revision_after": OLD,
        "applied": NOW - 5400.0,
        "objects": 19,
        "read": 14,
        "healthy": 14,
    }
    return DeliveryRow(cluster, "default", name, f"{name}/{cluster}", NOW - 86400.0, **(found | more))


DELIVERED = (
    delivery(
        "prod-cloud",
        revision_before=NEW,
        revision_after=NEW,
        applied=NOW - 65.0,
        level=Level.FAILED,
        healthy=13,
        blocked_by="workload",
        reason=f"Deployment webapp/frontend: {PULL}",
    ),
    delivery("on-prem"),
    delivery(
        "edge-east",
        revision_after=NEW,
        behind=NOW - 720.0,
        level=Level.DEGRADED,
        state=str(Sync.OUT_OF_SYNC),
        reason="main@b4d1b4d is not applied yet",
    ),
    delivery(
        "ai-cloud",
        "search",
        revision_before="",
        level=Level.DEGRADED,
        state=str(Sync.BLOCKED),
        blocked_by="dependency",
        reason=DEPENDS,
        read=0,
        healthy=0,
    ),
    delivery("prod-cloud", "search", state=str(Sync.SUSPENDED), reason="suspended at main@8d2f1c7"),
    delivery(
        "on-prem",
        "erp",
        object_kind="HelmRelease",
        source="HelmRepository/erp",
        revision_before="2024.6.1",
        revision_after="2024.7.0",
        level=Level.FAILED,
        state=str(Sync.BLOCKED),
        blocked_by="upgrade",
        reason='UpgradeFailed: cannot patch "reporting" with kind Deployment: field is immutable',
    ),
    delivery(
        HOST,
        "ledger",
        revision_before="",
        level=Level.FAILED,
        state=str(Sync.BLOCKED),
        blocked_by="selector",
        object_name="",
        reason="no cluster of the fleet production has the labels of its clusterSelector",
        read=0,
        healthy=0,
    ),
)


def step(path: str, cluster: str, depth: int, what: str, name: str, **more: Any) -> DeliveryStepRow:
    """A line of the tree of `default/webapp`, unless `more` says otherwise."""
    found: dict[str, Any] = {"level": Level.HEALTHY, "root": "default/webapp", "where": cluster}
    row = found | more
    return DeliveryStepRow(
        cluster,
        "webapp" if depth == 3 else "default",
        name,
        f"{row['root']}{path}",
        NOW - 9000.0,
        path=f"{row['root']}{path}",
        depth=depth,
        object_kind=what,
        **row,
    )


def _on(cluster: str, revision: str, *, broken: bool = False) -> list[DeliveryStepRow]:
    worst: dict[str, Any] = {"level": Level.FAILED, "reason": PULL} if broken else {}
    above = {**worst, "reason": f"Deployment webapp/frontend: {PULL}"} if broken else {}
    name = f"webapp-attachedcluster-{cluster}"
    return [
        step(
            f" 1 0000 {cluster}",
            cluster,
            2,
            "Kustomization",
            name,
            kind=KUSTOMIZATION.id,
            revision=revision,
            since=NOW - 65.0 if broken else NOW - 5400.0,
            state=str(Sync.IN_SYNC),
            policy="webapp",
            summary="./deploy 19 objects",
            **{**above, "where": HOST},
        ),
        step(
            f" 1 0000 {cluster} 0",
            cluster,
            3,
            "ConfigMap",
            "frontend-config",
            kind="configmaps",
            level=Level.UNKNOWN,
            reason="health not read",
        ),
        step(f" 1 0000 {cluster} 1", cluster, 3, "Service", "frontend", kind="services"),
        step(f" 1 0000 {cluster} 2", cluster, 3, "Deployment", "frontend", kind=DEPLOYMENT.id, **worst),
        step(f" 1 0000 {cluster} 3", cluster, 3, "StatefulSet", "orders-db", kind="statefulsets.apps"),
    ]


STEPS = (
    step("", HOST, 0, "Application", "webapp", kind=APPLICATION.id, summary="2 in sync"),
    step(
        " 0",
        HOST,
        1,
        "GitRepository",
        "webapp",
        kind=GIT_REPOSITORY.id,
        revision=NEW,
        since=NOW - 70.0,
        summary="https://git.shop.example/platform/webapp-deploy.git main sha256:9f86d081884c7d65",
    ),
    *_on("on-prem", OLD),
    *_on("prod-cloud", NEW, broken=True),
    step("", HOST, 0, "Application", "erp", kind=APPLICATION.id, root="default/erp", summary="1 blocked"),
)


def delivering() -> FakeSource:
    """The estate of the UI tests with these rows."""
    source = workloads()
    for kind, rows in ((DELIVERIES, DELIVERED), (DELIVERY_STEPS, STEPS)):
        by_cluster: dict[str, dict[str, Row | None]] = {}
        for row in rows:
            by_cluster.setdefault(row.cluster, {})[row.uid] = row
        for cluster, found in by_cluster.items():
            source.store.put(kind.id, cluster, found)
    return source
