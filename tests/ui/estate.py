"""A small estate as rows: one fleet in trouble, one well, seven clusters in every state, at a fixed moment."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.overview import ClusterOverview, Finding, FleetOverview, PluginCell
from kurator_tui.kinds.pods import PodRow
from kurator_tui.store.freshness import Freshness, State
from tests.ui.source import FakeSource, live_host

NOW = 1_763_700_000.0
"""2025-11-21 04:40:00 UTC."""
DAY = 86_400.0
GI = 2**30


def cluster(name: str, **fields: Any) -> ClusterOverview:
    """A live, healthy member unless `fields` say otherwise."""
    values: dict[str, Any] = {
        "level": Level.HEALTHY,
        "kind": "AttachedCluster",
        "fleet": "production",
        "via": f"secret {name}-kubeconfig/value",
        "state": State.LIVE.value,
        "since": NOW - 3600,
        "server": f"https://{name}.example:6443",
        "latency": 12.0,
        "contact": NOW - 1,
        "version": "v1.36.1",
        "skew": 0,
        "kurator_ready": True,
        "nodes": 8,
        "nodes_ready": 8,
        "pods": 120,
        "pods_ready": 118,
        "cpu_requested": 18_000,
        "cpu_allocatable": 32_000,
        "memory_requested": 40 * GI,
        "memory_allocatable": 128 * GI,
        "certificate_expiry": NOW + 200 * DAY,
        "streams": 9,
    }
    values.update(fields)
    namespace = "" if name == HOST else "kurator-system"
    return ClusterOverview(
        cluster=name, namespace=namespace, name=name, uid=f"uid-{name}", created=NOW - 90 * DAY, **values
    )


def clusters() -> list[ClusterOverview]:
    """The host and six members."""
    return [
        cluster(
            HOST, kind="Host", fleet="", via="context mgmt-eu", kurator_ready=None, nodes=3, nodes_ready=3, pods=64
        ),
        cluster(
            "prod-cloud", nodes=14, nodes_ready=14, pods=310, kind="Cluster", phase="Ready", infrastructure="aws"
        ),
        cluster("ai-cloud", gpus=16, cpu_requested=31_000, version="v1.35.4", skew=1),
        cluster(
            "on-prem",
            kind="CustomCluster",
            level=Level.DEGRADED,
            reason="2 of 8 nodes not ready",
            nodes_ready=6,
            phase="Provisioned",
            found=2,
            worst=Level.FAILED,
        ),
        cluster(
            "edge-east",
            level=Level.STALE,
            state=State.STALE.value,
            since=NOW - 240,
            contact=NOW - 240,
            reason="no answer in 5 s",
            found=1,
            worst=Level.FAILED,
        ),
        cluster(
            "edge-cold-chain",
            level=Level.FAILED,
            found=1,
            worst=Level.FAILED,
            state=State.UNREACHABLE.value,
            since=NOW - 7200,
            contact=0.0,
            latency=None,
            version="",
            skew=None,
            nodes=None,
            nodes_ready=None,
            pods=None,
            pods_ready=None,
            cpu_requested=None,
            cpu_allocatable=None,
            memory_requested=None,
            memory_allocatable=None,
            certificate_expiry=None,
            streams=0,
            reason="connection refused: 10.9.0.7:6443",
        ),
        cluster("pre-cloud", fleet="staging", certificate_expiry=NOW + 9 * DAY),
    ]


def plugins() -> tuple[PluginCell, ...]:
    """The plugin matrix of `production`."""
    members = ("prod-cloud", "ai-cloud", "on-prem", "edge-east", "edge-cold-chain")
    cells = [PluginCell("grafana", "grafana", HOST, Level.HEALTHY, release="grafana", revision="6.43.5")]
    cells.append(PluginCell("metric", "thanos", HOST, Level.HEALTHY, release="thanos", revision="12.5.1"))
    for member in members:
        bad = member == "on-prem"
        cells.append(
            PluginCell(
                "metric",
                "prometheus",
                member,
                Level.FAILED if bad else Level.HEALTHY,
                "install retries exhausted" if bad else "",
                f"prometheus-{member}",
                "8.2.2",
            )
        )
        missing = member == "edge-cold-chain"
        cells.append(
            PluginCell(
                "backup",
                "velero",
                member,
                Level.UNKNOWN if missing else Level.HEALTHY,
                "no HelmRelease: the fleet's reconcile never reached it" if missing else "",
                "" if missing else f"velero-{member}",
            )
        )
    return tuple(cells)


def fleets() -> list[FleetOverview]:
    """`production` in trouble, `staging` well."""
    return [
        FleetOverview(
            cluster=HOST,
            namespace="kurator-system",
            name="production",
            uid="fleet-1",
            created=NOW - 120 * DAY,
            level=Level.DEGRADED,
            reason="edge-cold-chain unreachable: connection refused (+3 more)",
            found=4,
            findings=(
                Finding(Level.FAILED, "edge-cold-chain", "unreachable: connection refused"),
                Finding(Level.FAILED, "edge-east", "stale: no answer"),
                Finding(Level.FAILED, "prometheus on edge-east", "ImagePullBackOff"),
                Finding(Level.DEGRADED, "on-prem", "1 of 12 nodes not ready"),
            ),
            phase="Ready",
            members=("prod-cloud", "ai-cloud", "on-prem", "edge-east", "edge-cold-chain"),
            live=3,
            kurator_ready=5,
            plugins=plugins(),
            nodes=38,
            nodes_ready=36,
            pods=670,
            cpu_requested=85_000,
            cpu_allocatable=128_000,
            memory_requested=160 * GI,
            memory_allocatable=512 * GI,
            gpus=16,
        ),
        FleetOverview(
            cluster=HOST,
            namespace="kurator-system",
            name="staging",
            uid="fleet-2",
            created=NOW - 30 * DAY,
            level=Level.HEALTHY,
            phase="Ready",
            members=("pre-cloud",),
            live=1,
            kurator_ready=1,
            nodes=8,
            nodes_ready=8,
            pods=120,
            cpu_requested=18_000,
            cpu_allocatable=32_000,
            memory_requested=40 * GI,
            memory_allocatable=128 * GI,
        ),
    ]


def pod(cluster: str, namespace: str, name: str, **fields: Any) -> PodRow:
    """A running pod unless `fields` say otherwise."""
    values: dict[str, Any] = {"phase": "Running", "status": "Running", "ready": 1, "containers": 1, "node": "n1"}
    values.update(fields)
    return PodRow(cluster, namespace, name, f"uid-{cluster}-{name}", NOW - 3 * DAY, **values)


def pods() -> list[PodRow]:
    """Four pods on three clusters: one crashes, one is on the cluster that stopped answering."""
    broken = {"status": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container", "restarts": 12}
    return [
        pod("prod-cloud", "shop", "cart-7d4b9", cpu_requested=250, memory_requested=GI, ip="10.1.0.7"),
        pod("prod-cloud", "shop", "web-5c8f6", ready=0, **broken),
        pod("ai-cloud", "ml", "trainer-0", gpus=8, owner_kind="StatefulSet", owner="trainer"),
        pod("edge-east", "shop", "pos-1", node="edge-n1"),
    ]


def workloads() -> FakeSource:
    """The estate with its pods: all clusters have told theirs but edge-cold-chain, which never answered."""
    source = estate()
    source.put(*pods())
    for row in clusters():
        state = State.LIVE if row.state == State.LIVE else State(row.state)
        if state is not State.UNREACHABLE:
            source.store.set_freshness(row.cluster, "pods", Freshness(state, row.since, row.reason))
    return source


def estate() -> FakeSource:
    """A live source with all of it."""
    source = FakeSource()
    live_host(source)
    source.put(*clusters(), *fleets())
    return source
