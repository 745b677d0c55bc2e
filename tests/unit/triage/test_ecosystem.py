"""From objects to incidents: what has one cause in the systems around Kubernetes is one row of the inbox."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.alerts import ALERTS, AlertRow
from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.cluster_api import CLUSTER, MACHINE
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.kinds.kyverno import CLUSTER_POLICY
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.submariner import GATEWAY
from kurator_tui.kinds.velero import BACKUP, BACKUP_STORAGE_LOCATION
from kurator_tui.kinds.volcano import POD_GROUP, QUEUE
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from kurator_tui.triage.registry import own
from kurator_tui.triage.triage import Triage
from tests.unit.triage.objects import condition, made, row, stamp
from tests.unit.triage.stage import NOW


class Fleet:
    """Every analyser there is, on clusters of which every kind is known."""

    def __init__(self) -> None:
        self.now = NOW
        self.store = Store()
        self.triage = Triage(self.store, own(), lambda: self.now)

    def put(self, kind: AnyKind, *rows: Row) -> None:
        for each in rows:
            for known in self.triage.kinds:
                for cluster in (each.cluster, HOST):
                    if self.store.told(cluster, known.id) is None:
                        self.store.set_freshness(cluster, known.id, Freshness(State.LIVE, self.now))
            self.store.put(kind.id, each.cluster, {each.uid: each})
        self.triage.refresh()

    def later(self, seconds: float = 900.0) -> dict[str, IncidentRow]:
        """What is open after a while, by the code that leads."""
        self.now += seconds
        self.triage.refresh()
        self.triage.refresh()
        rows = [each for each in self.store.rows(INCIDENTS.id) if isinstance(each, IncidentRow)]
        found = {each.code: each for each in rows if each.state != "resolved"}
        assert len(found) == len([each for each in rows if each.state != "resolved"])
        return found


def edge_node(name: str, ready: str, zone: str = "depot") -> Row:
    told = condition("Ready", ready, "NodeStatusUnknown")
    told |= {"lastHeartbeatTime": stamp(600), "lastTransitionTime": stamp(600)}
    labels = {"node-role.kubernetes.io/edge": "", "topology.kubernetes.io/zone": zone}
    return row(NODE, made(name, "", meta={"labels": labels}, status={"conditions": [told]}))


def stuck_pod(name: str, node: str) -> Row:
    meta = {"deletionTimestamp": stamp(60)}
    states = [{"name": "app", "ready": True, "state": {"running": {}}}]
    status = {"phase": "Running", "containerStatuses": states}
    spec = {"nodeName": node, "containers": [{"name": "app"}]}
    return row(POD, made(name, meta=meta, owner="ReplicaSet/app-5d9c7f8b6", spec=spec, status=status))


def test_a_site_is_one_incident_with_its_nodes_and_the_pods_on_them() -> None:
    fleet = Fleet()
    fleet.put(NODE, edge_node("n1", "Unknown"), edge_node("n2", "Unknown"), edge_node("m1", "True", "mall"))
    fleet.put(POD, stuck_pod("app-1", "n1"), stuck_pod("app-2", "n2"))
    (found,) = fleet.later().values()
    assert (found.code, found.cause, found.because, found.objects) == ("KT3111", "site depot", "one edge site", 4)


def test_nodes_and_sites_follow_from_cloudcore_where_that_does_not_run() -> None:
    fleet = Fleet()
    fleet.put(NODE, *(edge_node(f"n{n}", "Unknown", f"site-{n % 2}") for n in range(4)))
    status = {"readyReplicas": 0}
    fleet.put(DEPLOYMENT, row(DEPLOYMENT, made("cloudcore", "kubeedge", spec={"replicas": 1}, status=status)))
    assert fleet.later()["KT3112"].because == "CloudCore does not run"
    assert "KT3111" not in fleet.later()


def test_backups_of_all_clusters_follow_from_the_bucket_that_is_away() -> None:
    fleet = Fleet()
    spec = {"objectStorage": {"bucket": "fleet-backups"}, "default": True}
    for cluster in ("eu", "us"):
        place = made("default", "velero", spec=spec, status={"phase": "Unavailable", "message": "403"})
        run = made(f"{cluster}-b", "velero", spec={}, status={"phase": "FailedValidation"})
        fleet.put(BACKUP_STORAGE_LOCATION, row(BACKUP_STORAGE_LOCATION, place, cluster))
        fleet.put(BACKUP, row(BACKUP, run, cluster))
    (found,) = fleet.later().values()
    assert (found.cause, found.clusters, found.objects) == ("location fleet-backups", ("eu", "us"), 4)


def test_gangs_that_are_not_let_in_follow_from_their_queue() -> None:
    fleet = Fleet()
    queue = made("research", "", spec={}, status={"state": "Closed", "pending": 2})
    fleet.put(QUEUE, row(QUEUE, queue))
    for name in ("a", "b"):
        gang = made(name, owner=f"Job/{name}", spec={"queue": "research"}, status={"phase": "Pending"})
        fleet.put(POD_GROUP, row(POD_GROUP, gang))
    (found,) = fleet.later().values()
    assert (found.because, found.objects) == ("one queue holds them", 3)


def gateway(cluster: str, **peers: str) -> Row:
    told = [{"status": status, "endpoint": {"cluster_id": peer}} for peer, status in peers.items()]
    status = {"haStatus": "active", "connections": told, "localEndpoint": {"cluster_id": cluster}}
    return row(GATEWAY, made("gw", "submariner-operator", status=status), cluster)


def test_a_tunnel_is_one_incident_though_both_its_ends_tell_of_it() -> None:
    fleet = Fleet()
    fleet.put(GATEWAY, gateway("eu", us="error", asia="connected"), gateway("us", eu="error", asia="connected"))
    (found,) = fleet.later().values()
    assert (found.cause, found.clusters) == ("link eu – us", ("eu", "us"))


def test_a_gateway_that_lost_all_is_the_cause_for_those_who_lost_it() -> None:
    fleet = Fleet()
    fleet.put(GATEWAY, gateway("eu", us="error", asia="error"))
    fleet.put(GATEWAY, gateway("us", eu="error", asia="connected"), gateway("asia", eu="error", us="connected"))
    (found,) = fleet.later().values()
    assert (found.code, found.because, found.clusters) == (
        *("KT3803", "one gateway between clusters"),
        ("asia", "eu", "us"),
    )


def test_a_cluster_and_its_machines_are_one_incident() -> None:
    fleet = Fleet()
    failed = {"phase": "Failed", "failureMessage": "quota exceeded"}
    fleet.put(CLUSTER, row(CLUSTER, made("one", "default", status=failed), HOST))
    for name in ("m1", "m2"):
        its = made(name, "default", spec={"clusterName": "one"}, status=failed)
        fleet.put(MACHINE, row(MACHINE, its, HOST))
    (found,) = fleet.later().values()
    assert (found.cause, found.objects) == ("made default/one", 3)


def test_a_policy_that_is_not_in_force_anywhere_is_one_incident() -> None:
    fleet = Fleet()
    for cluster in ("eu", "us"):
        told = {"conditions": [condition("Ready", "False", "Failed")]}
        fleet.put(CLUSTER_POLICY, row(CLUSTER_POLICY, made("no-root", "", spec={}, status=told), cluster))
    (found,) = fleet.later().values()
    assert (found.code, found.cause, found.clusters) == ("KT3401", "policy no-root", ("eu", "us"))


def alert(name: str, cluster: str = "eu", **labels: str) -> AlertRow:
    uid = f"u-{name}-{labels.get('deployment', '')}"
    return AlertRow(cluster, "shop", name, uid, NOW, severity="critical", labels=tuple(sorted(labels.items())))


def test_an_alert_about_a_workload_folds_under_what_its_pods_show() -> None:
    fleet = Fleet()
    waiting: dict[str, Any] = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "shop:v7"'}
    status = {"phase": "Pending", "containerStatuses": [{"name": "app", "state": {"waiting": waiting}}]}
    spec = {"nodeName": "n1", "containers": [{"name": "app"}]}
    fleet.put(POD, row(POD, made("web-1", owner="ReplicaSet/web-5d9c7f8b6", spec=spec, status=status)))
    fleet.put(ALERTS, alert("Short", deployment="web"))
    (found,) = fleet.later(60).values()
    assert (found.code, found.symptoms) == ("KT1002", 1)


def test_one_alert_for_many_is_one_incident() -> None:
    fleet = Fleet()
    fleet.put(ALERTS, alert("Slow", deployment="a"), alert("Slow", deployment="b"), alert("Slow", "us"))
    (found,) = fleet.later(60).values()
    assert (found.cause, found.clusters, found.objects) == ("alert Slow", ("eu", "us"), 2)
