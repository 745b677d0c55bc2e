"""Clusters that Kurator makes: machines, versions, and what kubespray must not be told while it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.actions.versions import refused as upgrade_refused
from kurator_tui.actions.versions import skewed
from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.verb import Risk
from tests.unit.actions.estate import Estate, Obj, estate
from tests.unit.actions.verbs.kurator import CLUSTER, INFRA, on_host, refused, said, take_back, write

SETS = ("cluster-api",)
CAPI, CONTROL_PLANE = "cluster.x-k8s.io", "controlplane.cluster.x-k8s.io"
KEY = {"apiVersion": "v1", "kind": "Secret", "name": "cluster-secret", "namespace": "d"}


# -- versions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "wanted", "why"),
    [
        ("v1.29.3", "v1.30.0", ""),
        ("1.29.3", "v1.29.4", ""),
        ("v1.29.3", "v1.31.0", "v1.30 is the next"),
        ("v1.29.3", "v1.29.3", "already"),
        ("v1.29.3", "v1.28.9", "does not go back"),
        ("v1.29.3", "v2.0.0", "one minor at a time"),
        ("v1.29.3", "latest", "no version"),
        ("", "v1.30.0", "is not known"),
    ],
)
def test_an_upgrade_takes_one_minor_at_a_time_and_never_goes_back(now: str, wanted: str, why: str) -> None:
    assert (why in upgrade_refused(now, wanted)) if why else not upgrade_refused(now, wanted)


def test_kubelets_may_be_three_minors_older_from_28_on_and_two_before() -> None:
    nodes = {"a": "v1.27.1", "b": "v1.26.9", "edge": "v1.27.2-kubeedge-v1.10.0", "odd": "?"}
    assert skewed("v1.30.0", nodes) == ["b (v1.26.9)"]
    assert skewed("v1.27.0", {"a": "v1.24.0", "b": "v1.25.0"}) == ["a (v1.24.0)"]


# -- a Cluster of Kurator ---------------------------------------------------------------------------------------


def cluster(world: Estate, *, phase: str = "Ready", pools: int = 1) -> Target:
    pool = {"replicas": 3, "instanceType": "t3"}
    network = {"vpc": {"name": "v"}, "cni": {"type": "calico"}}
    spec = {
        "version": "v1.29.3",
        "region": "eu-west-1",
        "credential": {"secretRef": "aws"},
        "network": network,
        "infraType": "aws",
        "master": pool,
        "workers": [pool] * pools,
    }
    obj = {"metadata": {"name": "c", "namespace": "d"}, "spec": spec, "status": {"phase": phase}}
    world.add("clusters", obj, CLUSTER, HOST)
    return Target(HOST, f"clusters.{CLUSTER}", "d", "c")


def add_node(world: Estate, version: str) -> None:
    world.add(
        "nodes", {"metadata": {"name": "n"}, "status": {"nodeInfo": {"kubeletVersion": version}}}, cluster="c"
    )


async def test_machines_are_scaled_in_the_cluster_and_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = cluster(world)
        more = await world.plan("cluster.scale", [target], replicas="5")
        assert "c-md-0: 2 more machines are made" in said(more)
        await write(world, more)
        assert (await on_host(world, "clusters", "c", CLUSTER))["spec"]["workers"][0]["replicas"] == 5
        await take_back(world, more)
        assert (await on_host(world, "clusters", "c", CLUSTER))["spec"]["workers"][0]["replicas"] == 3
        none = await world.plan("cluster.scale", [target], replicas="0")
        assert none.risk is Risk.DESTRUCTIVE
        assert "no worker is left" in said(none)
        fewer = await world.plan("cluster.scale", [target], pool="master", replicas="1")
        assert (fewer.risk, fewer.word) == (Risk.DESTRUCTIVE, "c")
        for given, why in (
            ({"replicas": "3"}, "has 3 already"),
            ({"replicas": "4", "pool": "master"}, "an odd number"),
            ({"replicas": "4", "pool": "1"}, "say which pool: master, 0 (t3)"),
        ):
            assert why in refused(await world.plan("cluster.scale", [target], **given))


async def test_a_pool_must_be_named_where_there_are_several_and_a_cluster_settled(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = cluster(world, pools=2, phase="Failed")
        assert "say which pool: master, 0 (t3), 1 (t3)" in refused(
            await world.plan("cluster.scale", [target], replicas="4")
        )
        plan = await world.plan("cluster.scale", [target], replicas="4", pool="1")
        assert "it is Failed: nothing may come of it" in said(plan)
        await write(world, plan)
        workers = (await on_host(world, "clusters", "c", CLUSTER))["spec"]["workers"]
        assert [each["replicas"] for each in workers] == [3, 4]


async def test_a_cluster_that_is_being_made_is_left_alone(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = cluster(world, phase="Provisioning")
        assert "it is Provisioning" in refused(await world.plan("cluster.scale", [target], replicas="4"))
        assert "it is Provisioning" in refused(await world.plan("cluster.upgrade", [target], version="v1.30.1"))


async def test_a_cluster_is_upgraded_by_a_minor_its_kubelets_allow_and_not_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST, "c"), sets=SETS) as world:
        target = cluster(world)
        add_node(world, "v1.29.3")
        assert "v1.30 is the next" in refused(await world.plan("cluster.upgrade", [target], version="v1.31.0"))
        plan = await world.plan("cluster.upgrade", [target], version="1.30.1")
        assert plan.word == "c"
        assert "all 6 machines are replaced" in said(plan)
        await write(world, plan)
        assert (await on_host(world, "clusters", "c", CLUSTER))["spec"]["version"] == "v1.30.1"
        with pytest.raises(UsageError, match="cannot be taken back"):
            await world.plan("undo", [], plan=plan.id)
        again = await world.plan("cluster.upgrade", [target], version="1.31.0")
        assert "the last upgrade is not through: it is v1.30.1, and its nodes are v1.29.3" in refused(again)


async def test_a_kubelet_that_is_too_old_holds_an_upgrade_up(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST, "c"), sets=SETS) as world:
        target = cluster(world)
        add_node(world, "v1.26.1")
        plan = await world.plan("cluster.upgrade", [target], version="v1.30.0")
        assert "does not work with kubelets of n (v1.26.1)" in refused(plan)


# -- bare metal -------------------------------------------------------------------------------------------------


def machines(world: Estate, *, phase: str = "Provisioned", workers: int = 2) -> Target:
    master = {"hostName": "cp", "privateIP": "10.0.0.1", "publicIP": "1.0.0.1", "sshKey": KEY}
    node = [
        {"hostName": f"w{n}", "privateIP": f"10.0.0.{n + 1}", "publicIP": f"1.0.0.{n + 1}", "sshKey": KEY}
        for n in range(1, workers + 1)
    ]
    head = {"name": "metal", "namespace": "d"}
    world.add("custommachines", {"metadata": head, "spec": {"master": [master], "node": node}}, INFRA, HOST)
    spec = {"cni": {"type": "calico"}, "machineRef": {"kind": "CustomMachine", "name": "metal", "namespace": "d"}}
    world.add("customclusters", {"metadata": head, "spec": spec, "status": {"phase": phase}}, INFRA, HOST)
    return Target(HOST, f"custommachines.{INFRA}", "d", "metal")


async def nodes(world: Estate) -> list[Obj]:
    found: list[Obj] = (await on_host(world, "custommachines", "metal", INFRA))["spec"]["node"]
    return found


async def test_a_node_is_added_with_the_key_of_the_others_and_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = machines(world)
        plan = await world.plan("machine.add", [target], host="w9", private="10.0.0.9", labels="zone=a")
        await write(world, plan)
        address = {"privateIP": "10.0.0.9", "publicIP": "10.0.0.9"}
        assert (await nodes(world))[-1] == {"hostName": "w9", **address, "sshKey": KEY, "labels": {"zone": "a"}}
        await take_back(world, plan)
        assert [each["hostName"] for each in await nodes(world)] == ["w1", "w2"]
        for given, why in (
            ({"host": "w1", "private": "10.0.0.9"}, "among its machines already"),
            ({"host": "w9", "private": "10.0.0.2"}, "w1 has that address already"),
            ({"host": "w9", "private": "10.0.0"}, "no IP address"),
            ({"host": "W 9", "private": "10.0.0.9"}, "no name of a node"),
        ):
            assert why in refused(await world.plan("machine.add", [target], **given))


async def test_a_node_is_removed_but_neither_a_master_nor_the_last(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        target = machines(world)
        assert "of the control plane" in refused(await world.plan("machine.remove", [target], host="cp"))
        assert "none of its nodes: w1, w2" in refused(await world.plan("machine.remove", [target], host="w9"))
        plan = await world.plan("machine.remove", [target], host="w1")
        assert plan.risk is Risk.DESTRUCTIVE
        await write(world, plan)
        assert [each["hostName"] for each in await nodes(world)] == ["w2"]
        assert "its last node" in refused(await world.plan("machine.remove", [target], host="w2"))
        await take_back(world, plan)
        assert [each["hostName"] for each in await nodes(world)] == ["w1", "w2"]


async def test_nothing_is_changed_while_kubespray_runs(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = machines(world, phase="ScalingUp")
        why = "CustomCluster metal is ScalingUp: what is changed now would count as done"
        add = await world.plan("machine.add", [target], host="w9", private="10.0.0.9")
        remove = await world.plan("machine.remove", [target], host="w1")
        upgrade = await world.plan("kcp.upgrade", [control_plane(world, custom=True)], version="v1.30.0")
        for plan in (add, remove, upgrade):
            assert why in refused(plan)


# -- control planes ---------------------------------------------------------------------------------------------


def control_plane(world: Estate, *, custom: bool = False, updated: int = 3, labels: Obj | None = None) -> Target:
    head = {"name": "kcp", "namespace": "d", "labels": labels or {}}
    status = {"replicas": 3, "readyReplicas": 3, "updatedReplicas": updated}
    obj = {"metadata": head, "spec": {"version": "v1.29.3", "replicas": 3}, "status": status}
    world.add("kubeadmcontrolplanes", obj, CONTROL_PLANE, HOST)
    infra = {"kind": "CustomCluster" if custom else "AWSCluster", "name": "metal"}
    spec = {"controlPlaneRef": {"kind": "KubeadmControlPlane", "name": "kcp"}, "infrastructureRef": infra}
    world.add("clusters", {"metadata": {"name": "metal", "namespace": "d"}, "spec": spec}, CAPI, HOST)
    return Target(HOST, f"kubeadmcontrolplanes.{CONTROL_PLANE}", "d", "kcp")


async def test_a_custom_cluster_is_upgraded_through_its_control_plane(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        machines(world)
        target = control_plane(world, custom=True, updated=0)
        skipped = await world.plan("kcp.upgrade", [target], version="v1.31.0")
        assert "one minor at a time" in refused(skipped)
        plan = await world.plan("kcp.upgrade", [target], version="v1.30.0")
        assert "kubespray v2.22.1 upgrades all nodes" in said(plan)
        await write(world, plan)
        assert (await on_host(world, "kubeadmcontrolplanes", "kcp", CONTROL_PLANE))["spec"]["version"] == "v1.30.0"


async def test_a_control_plane_is_upgraded_when_it_is_settled_and_workers_can_follow(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = control_plane(world)
        template = {"spec": {"version": "v1.27.0"}}
        spec = {"clusterName": "metal", "template": template}
        world.add("machinedeployments", {"metadata": {"name": "md", "namespace": "d"}, "spec": spec}, CAPI, HOST)
        plan = await world.plan("kcp.upgrade", [target], version="v1.30.0")
        assert "workers stay at v1.27.0" in said(plan)
        await write(world, plan)
        too_far = await world.plan("kcp.upgrade", [target], version="v1.31.0")
        assert "kubelets of md (v1.27.0): upgrade them first" in refused(too_far)


async def test_a_control_plane_that_rolls_or_is_kurators_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = control_plane(world, updated=1)
        plan = await world.plan("kcp.upgrade", [target], version="v1.30.0")
        assert "of 3 machines 3 are ready and 1 up to date" in refused(plan)
    (tmp_path / "owned").mkdir()
    async with estate(tmp_path / "owned", (HOST,), sets=SETS) as world:
        own = {"cluster.kurator.dev/cluster-name": "c", "cluster.kurator.dev/cluster-namespace": "d"}
        plan = await world.plan("kcp.upgrade", [control_plane(world, labels=own)], version="v1.30.0")
        assert "Cluster c renders it again" in refused(plan)
        assert plan.refusals[0].instead is not None
        assert plan.refusals[0].instead.target == Target(HOST, f"clusters.{CLUSTER}", "d", "c")
