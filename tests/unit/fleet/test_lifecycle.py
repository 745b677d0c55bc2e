"""The lifecycle trees: what is where in them, what is said of upgrades, what deleted clusters leave behind."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.cluster_api import CLUSTER as CAPI_CLUSTER
from kurator_tui.kinds.cluster_api import MACHINE, MACHINE_SET
from kurator_tui.kinds.cluster_api_aws import AWS_IDENTITY
from kurator_tui.kinds.lifecycle import LIFECYCLE
from kurator_tui.store.freshness import State
from tests.unit.fleet.lifecycle_objects import NEW, OLD, Host, condition, meta


def cloud(version: str = OLD) -> Host:
    """A Cluster on AWS with a machine for its control plane and two workers, all of `OLD`."""
    host = Host()
    host.member("prod", "Cluster")
    host.cluster(version=version)
    host.capi()
    host.plane()
    host.workers()
    host.machine("cp-a", "KubeadmControlPlane/prod-kcp")
    host.machine("w-a", "MachineSet/prod-md-0-x", creationTimestamp="2026-01-03T00:00:00Z")
    host.machine("w-b", "MachineSet/prod-md-0-x", creationTimestamp="2026-01-02T00:00:00Z")
    return host


def test_a_cluster_is_a_tree_down_to_its_machines() -> None:
    shown = [(row.depth, row.kind, row.name) for row in cloud().lines()]
    assert shown == [
        (0, "Cluster", "prod"),
        (1, "Cluster API Cluster", "prod"),
        (2, "KubeadmControlPlane", "prod-kcp"),
        (3, "Machine", "cp-a"),
        (2, "MachineDeployment", "prod-md-0"),
        (3, "MachineSet", "prod-md-0-x"),
        (4, "Machine", "w-a"),
        (4, "Machine", "w-b"),
    ]


def test_all_lines_of_a_tree_know_its_root_and_its_member_and_are_the_hosts() -> None:
    rows = cloud().rows()
    assert {(row.cluster, row.root, row.member) for row in rows} == {(HOST, "prod", "prod")}
    assert len({row.uid for row in rows}) == len(rows)


def test_what_is_done_is_one_line_with_its_steps_counted() -> None:
    top = cloud().line("prod", "Cluster")
    assert (top.level, top.ladder, top.ready, top.endpoint) == (Level.HEALTHY, "3/3", "3/3", "lb.example:6443")


def test_machines_that_are_behind_wait_for_their_turn_control_plane_first_then_the_oldest() -> None:
    host = cloud(NEW)
    turns = {row.name: row.order for row in host.rows() if row.kind == "Machine"}
    assert turns == {"cp-a": 1, "w-b": 2, "w-a": 3}
    top = host.line("prod", "Cluster")
    assert (top.version, top.wanted, top.level) == (OLD, NEW, Level.PROGRESSING)
    assert top.reason == f"upgrade to {NEW}: 0 of 3 machines have it"


def test_a_machine_that_has_the_version_has_no_turn() -> None:
    host = cloud(NEW)
    host.machine("cp-a", "KubeadmControlPlane/prod-kcp", NEW)
    assert {row.name: row.order for row in host.rows() if row.kind == "Machine"} == {
        "cp-a": None,
        "w-b": 1,
        "w-a": 2,
    }
    assert host.line("prod", "Cluster").reason == f"upgrade to {NEW}: 1 of 3 machines have it"


def test_one_that_is_not_healthy_is_replaced_before_the_others_of_its_group() -> None:
    host = cloud(NEW)
    told = condition("Ready", "False", "NodeNotHealthy", "Warning")
    host.machine("w-a", "MachineSet/prod-md-0-x", OLD, told, creationTimestamp="2026-01-03T00:00:00Z")
    assert host.line("w-a").order == 2


def scaling_down(to: int, **spec: Any) -> Host:
    """As `cloud`, its MachineSet asked for `to` of its two machines: w-a is the younger one."""
    host = cloud()
    owner = {"kind": "MachineDeployment", "name": "prod-md-0", "uid": "u-prod-md-0", "controller": True}
    wanted = {"clusterName": "prod", "replicas": to, "template": {"spec": {"version": OLD}}, **spec}
    status = {"replicas": 2, "readyReplicas": 2}
    host.put(
        MACHINE_SET,
        {"metadata": meta("prod-md-0-x", ownerReferences=[owner]), "spec": wanted, "status": status},
    )
    return host


@pytest.mark.parametrize(
    ("spec", "first"),
    [
        ({"deletePolicy": "Oldest"}, "w-b"),
        ({"deletePolicy": "Newest"}, "w-a"),
        ({"deletion": {"order": "Newest"}}, "w-a"),
    ],
)
def test_a_machine_set_that_scales_down_says_which_machine_goes_by_its_order(
    spec: dict[str, Any], first: str
) -> None:
    host = scaling_down(1, **spec)
    assert [(row.name, row.order, row.reason) for row in host.rows() if row.order] == [
        (first, 1, "goes: prod-md-0-x scales down to 1")
    ]
    assert [row.order for row in scaling_down(0, **spec).rows() if row.name == first] == [1]
    assert not any(row.order for row in scaling_down(2, **spec).rows())


def test_a_marked_machine_goes_first_and_in_random_order_nobody_knows_which_one_does() -> None:
    assert not any(row.order for row in scaling_down(1, deletePolicy="Random").rows())
    host = scaling_down(1, deletePolicy="Oldest")
    marked: dict[str, Any] = {
        "creationTimestamp": "2026-01-03T00:00:00Z",
        "annotations": {"cluster.x-k8s.io/delete-machine": ""},
    }
    host.machine("w-a", "MachineSet/prod-md-0-x", **marked)
    assert (host.line("w-a").order, host.line("w-b").order) == (1, None)


def test_a_version_with_or_without_its_v_is_the_same() -> None:
    assert all(row.order is None for row in cloud(OLD.removeprefix("v")).rows())


def test_the_step_that_failed_is_a_line_with_its_reason_and_those_after_it_come_later() -> None:
    host = Host()
    host.cluster(
        "new",
        OLD,
        condition("InfrastructureReady"),
        condition("CNI", "False", "CNIProvisionFailed", "Error"),
        condition("Ready", "False", "Provisioning"),
        phase="Failed",
    )
    host.capi("new")
    steps = [(row.name, row.phase, row.level) for row in host.lines() if row.kind == "step"]
    assert steps == [
        ("InfrastructureReady", "done", Level.HEALTHY),
        ("CNI", "failed", Level.FAILED),
        ("Ready", "later", Level.UNKNOWN),
    ]
    assert host.line("CNI").reason == "CNIProvisionFailed"
    assert host.line("new", "Cluster").ladder == "1/3 CNI"


def test_a_cluster_of_which_nothing_was_written_yet_is_at_its_first_step() -> None:
    host = Host()
    host.cluster("new", phase="Provisioning")
    assert host.line("new", "Cluster").reason == "Kurator has not made its Cluster API objects yet"


def test_a_host_without_cluster_api_is_told_to_have_none() -> None:
    host = Host()
    host.cluster()
    host.state(CAPI_CLUSTER, State.ABSENT)
    top = host.line("prod", "Cluster")
    assert (top.level, "Cluster API is not installed" in top.reason) == (Level.DEGRADED, True)


def test_machinery_that_may_not_be_read_is_named_at_the_top() -> None:
    host = cloud()
    host.state(MACHINE, State.FORBIDDEN)
    assert "machines cannot be read" in host.line("prod", "Cluster").reason


def test_an_instance_that_finds_no_room_says_why_its_machine_waits() -> None:
    host = cloud()
    waits = condition("Ready", "False", "WaitingForInfrastructure", "Info")
    host.machine("w-a", "MachineSet/prod-md-0-x", OLD, waits, phase="Provisioning")
    host.instance("w-a", "", condition("Ready", "False", "InsufficientInstanceCapacity", "Warning"))
    row = host.line("w-a")
    assert (row.level, row.reason, row.infrastructure) == (
        Level.DEGRADED,
        "InsufficientInstanceCapacity",
        "m5.large",
    )
    assert "1 of 3 machines: w-a" in host.line("prod", "Cluster").reason


# -- bare metal -------------------------------------------------------------------------------------------------


def metal(phase: str = "Provisioned", wanted: str = OLD) -> Host:
    host = Host()
    host.custom("metal", phase)
    host.hosts("metal")
    host.capi("metal", "CustomCluster")
    host.plane("metal", wanted, OLD)
    return host


def test_a_custom_cluster_shows_its_hosts_in_kubesprays_order_and_the_kube_vip() -> None:
    host = metal()
    top = host.line("metal", "CustomCluster")
    assert top.endpoint == "kube-vip 192.168.0.5 k8s.example"
    names = [(row.name, row.kind) for row in host.lines() if row.kind in ("master", "worker")]
    assert names == [("m0", "master"), ("n0", "worker"), ("n1", "worker")]


def test_while_kubespray_upgrades_its_hosts_have_turns() -> None:
    host = metal("Upgrading", NEW)
    host.worker("metal-upgrade-abcde", "metal")
    assert [row.order for row in host.lines() if row.kind in ("master", "worker")] == [1, 2, 3]
    top = host.line("metal", "CustomCluster")
    assert (top.version, top.wanted) == (OLD, NEW)
    assert top.reason == "Upgrading: kubespray upgrade: pod metal-upgrade-abcde Running"
    assert host.line("metal-upgrade-abcde").phase == "upgrade"


def test_a_worker_pod_that_failed_says_how_to_try_again() -> None:
    host = metal("ScalingUp")
    host.worker("metal-scale-up-old", "metal", "Succeeded", "2026-01-01T00:00:00Z")
    host.worker("metal-scale-up-abcde", "metal", "Failed", "2026-01-02T00:00:00Z")
    top = host.line("metal", "CustomCluster")
    assert (top.level, "deleting that pod tries again" in top.reason) == (Level.FAILED, True)


def test_a_failed_scale_goes_back_to_provisioned_and_is_told_all_the_same() -> None:
    host = metal()
    failed = condition("ScaledUp", "False", "ScaleUpWorkerRunFailed")
    host.custom("metal", "Provisioned", condition("Ready"), failed)
    top = host.line("metal", "CustomCluster")
    assert (top.level, top.reason) == (Level.DEGRADED, "ScaledUp: ScaleUpWorkerRunFailed")


def test_hosts_that_nobody_lists_are_missed() -> None:
    host = Host()
    host.custom("metal", machines="elsewhere")
    assert host.line("elsewhere").reason == "CustomMachine elsewhere does not exist: no hosts are known"


def test_an_attached_cluster_that_wraps_a_custom_one_is_its_tree_and_no_other() -> None:
    host = metal()
    host.member("dc1", "AttachedCluster")
    host.attached("dc1", "metal-kubeconfig-x7k2p")
    host.attached("elsewhere", "elsewhere")
    assert host.line("metal", "CustomCluster").member == "dc1"
    assert [row.name for row in host.rows() if row.kind == "AttachedCluster"] == ["elsewhere"]
    assert host.line("elsewhere").reason == "attached: made and upgraded elsewhere"


# -- left behind ------------------------------------------------------------------------------------------------


def test_what_a_deleted_cluster_left_behind_is_below_its_name_with_its_finalizers() -> None:
    host = Host()
    host.machine("w-a", "MachineSet/gone-md-0-x", finalizers=["machine.cluster.x-k8s.io"])
    host.put(AWS_IDENTITY, {"metadata": meta("id", labels={"cluster.kurator.dev/cluster-name": "gone"})})
    host.worker("late-init-abcde", "late")
    assert host.line("w-a").reason == "left behind; finalizers machine.cluster.x-k8s.io"
    assert sorted((row.name, row.level) for row in host.rows() if row.kind == "gone") == [
        ("gone", Level.DEGRADED),
        ("gone", Level.DEGRADED),
        ("late", Level.DEGRADED),
    ]


def test_nothing_is_called_left_behind_while_clusters_cannot_be_read() -> None:
    host = Host()
    host.machine("w-a", "MachineSet/gone-md-0-x")
    host.state(CAPI_CLUSTER, State.FORBIDDEN)
    assert host.rows() == []


def test_a_cluster_api_cluster_that_kurator_forgot_is_left_behind() -> None:
    host = Host()
    host.capi("gone")
    assert [row.kind for row in host.lines()] == ["gone", "Cluster"]


def test_an_object_that_its_finalizers_hold_for_long_says_which() -> None:
    host = cloud()
    host.machine(
        "w-a", "MachineSet/prod-md-0-x", deletionTimestamp="2026-01-02T00:00:00Z", finalizers=["aws.io/x"]
    )
    row = host.line("w-a")
    assert (row.level, row.reason.endswith("held by aws.io/x")) == (Level.DEGRADED, True)


# -- hostile ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("odd", [None, 3, [], {"conditions": "no list"}, {"conditions": [None, 3, {"type": 4}]}])
def test_shapes_that_nobody_expects_cost_nobody_else(odd: object) -> None:
    host = cloud()
    host.put(CAPI_CLUSTER, {"metadata": meta("odd", "capi-odd"), "spec": odd, "status": odd})
    host.put(MACHINE, {"metadata": meta("odd-m"), "spec": odd, "status": odd})
    assert host.line("prod", "Cluster").level is Level.HEALTHY


def test_enter_narrows_to_one_tree_and_the_order_of_paths_is_the_tree() -> None:
    host = cloud()
    host.custom("metal")
    rows = host.lines()
    assert [row.root for row in rows] == sorted(row.root for row in rows)
    assert LIFECYCLE.sort == "path"
    column = LIFECYCLE.column("name")
    assert column is not None
    assert next(column.value(row) for row in rows if row.kind == "Machine") == "      cp-a"


def test_thousands_of_machines_are_all_there_once() -> None:
    host = Host()
    host.cluster(version=NEW)
    host.capi()
    host.workers()
    for at in range(2000):
        host.machine(f"w-{at:04}", "MachineSet/prod-md-0-x")
    machines = [row for row in host.rows() if row.kind == "Machine"]
    assert (len(machines), sorted(row.order or 0 for row in machines)) == (2000, list(range(1, 2001)))
