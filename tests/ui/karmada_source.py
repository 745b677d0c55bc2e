"""A console's source with the rows that the joins make of a Karmada: one propagation of each sort."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.karmada import KARMADA_CLUSTER
from kurator_tui.store.freshness import Freshness, State
from tests.ui.estate import NOW, clusters, workloads
from tests.ui.source import FakeSource
from tests.unit.fleet.karmada_objects import WEB, ControlPlane, nowhere, told

SHARES = {"allocatable": {"cpu": "64", "memory": "256Gi"}, "allocated": {"cpu": "40", "memory": "220Gi"}}


def _clusters(karmada: ControlPlane) -> None:
    nodes = {
        "nodeSummary": {"totalNum": 4, "readyNum": 4},
        "kubernetesVersion": "v1.31.1",
        "resourceSummary": SHARES,
    }
    place = {"provider": "aws", "region": "eu-west-1"}
    karmada.cluster("m1", status=nodes, spec=place)
    karmada.cluster("m2", ("cluster.karmada.io/unschedulable", "NoSchedule"), status=nodes, spec=place)
    lost = [("cluster.karmada.io/not-ready", effect) for effect in ("NoSchedule", "NoExecute")]
    condition = {"type": "Ready", "status": "False", "reason": "ClusterNotReachable", "message": "no answer"}
    karmada.cluster("edge", *lost, ready="False", status={**nodes, "conditions": [condition]})


def _karmada() -> ControlPlane:
    """One of each: all well with an override, refused by a member, evicted, suspended, nowhere."""
    karmada = ControlPlane()
    _clusters(karmada)
    mirror = {
        "imageOverrider": [{"component": "Registry", "operator": "replace", "value": "registry.dc1.example"}]
    }
    karmada.policy(priority=10)
    karmada.policy("everything", {"apiVersion": "apps/v1", "kind": "Deployment"}, wide=True)
    karmada.override("mirror", {"overriders": mirror, "targetCluster": {"clusterNames": ["m2"]}})
    karmada.binding(placement={"clusterAffinity": {"clusterNames": ["m1", "m2"]}})
    for cluster in ("m1", "m2"):
        karmada.work(cluster)
        karmada.deployment(cluster)
    for name, how in _OTHERS.items():
        karmada.policy(name, WEB | {"name": name})
        karmada.binding(name, name=f"{name}-deployment", resource=WEB | {"name": name}, **how)
    return karmada


_DENIED = 'admission webhook "validate.kyverno.svc-fail" denied the request'
_OTHERS: dict[str, dict[str, Any]] = {
    "api": {"status": {"aggregatedStatus": [told("m1"), told("m2", applied=False, appliedMessage=_DENIED)]}},
    "feed": {
        "clusters": ("m1",),
        "spec": {"gracefulEvictionTasks": [{"fromCluster": "edge", "reason": "TaintUntolerated", "replicas": 2}]},
    },
    "loyalty": {
        "clusters": ("m1",),
        "spec": {"suspension": {"dispatching": True}},
        "status": {"aggregatedStatus": []},
    },
    "scoring": {
        "clusters": (),
        "placement": {"clusterAffinity": {"clusterNames": ["m2", "edge"]}},
        "status": nowhere(
            "0/3 clusters are available: 2 cluster(s) had untolerated taint {x}, "
            "1 cluster(s) did not match the placement cluster affinity constraint."
        ),
    },
    "search": {"status": {"aggregatedStatus": [told("m1", "Unhealthy"), told("m2")]}},
}


def propagated() -> FakeSource:
    """The estate of the UI tests with a Karmada on its host, over the clusters `m1`, `m2` and `edge`."""
    karmada, source = _karmada(), workloads()
    steps = karmada.steps()
    rows: dict[str, list[Any]] = {
        "propagations": list(karmada.rows()),
        "propagationsteps": steps,
        KARMADA_CLUSTER.id: list(karmada.seen.rows(KARMADA_CLUSTER, HOST)),
    }
    for kind, found in rows.items():
        for cluster in {row.cluster for row in found}:
            its = {row.uid: row for row in found if row.cluster == cluster}
            source.store.put(kind, cluster, its)
        for cluster in (HOST, "m1", "m2", *(row.cluster for row in clusters())):
            source.store.set_freshness(cluster, kind, Freshness(State.LIVE, NOW - 1))
    for cluster in ("m1", "m2"):
        source.store.set_freshness(cluster, "", Freshness(State.LIVE, NOW - 1))
    return source
