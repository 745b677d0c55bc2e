"""Karmada's clusters are cordoned and evicted, its policies placed, weighted and paused, workloads rebalanced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Plan, Target
from kurator_tui.kinds.verb import Risk
from tests.unit.actions.estate import Estate, Obj, estate

KARMADA, POLICY, WORK = "cluster.karmada.io", "policy.karmada.io", "work.karmada.io"
CLUSTER = Target(HOST, f"clusters.{KARMADA}", "", "eu")
PLACEMENT = Target(HOST, f"propagationpolicies.{POLICY}", "d", "p")
BINDING = Target(HOST, f"resourcebindings.{WORK}", "d", "b")
KEY = "cluster.karmada.io/unschedulable"


def fleet(world: Estate, **placement: Any) -> None:
    for name in ("eu", "us"):
        spec: Obj = {"syncMode": "Push", "taints": [{"key": "own", "effect": "NoSchedule"}]}
        world.add("clusters", {"metadata": {"name": name}, "spec": spec}, KARMADA)
    head = {"name": "p", "namespace": "d"}
    selectors = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}]
    policy: Obj = {"resourceSelectors": selectors, "placement": placement}
    world.add("propagationpolicies", {"metadata": head, "spec": policy}, POLICY)
    resource = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "d", "uid": "u"}
    bound = {"resource": resource, "clusters": [{"name": "eu", "replicas": 3}]}
    made_for = {"propagationpolicy.karmada.io/name": "p", "propagationpolicy.karmada.io/namespace": "d"}
    binding = {"metadata": {"name": "b", "namespace": "d", "annotations": made_for}, "spec": bound}
    world.add("resourcebindings", binding, WORK)


async def taints(world: Estate) -> list[tuple[str, str]]:
    found = await world.get(HOST, f"apis/{KARMADA}/v1alpha1/clusters/eu")
    return [(each["key"], each["effect"]) for each in found["spec"]["taints"]]


async def placement(world: Estate) -> Obj:
    found = await world.get(HOST, f"apis/{POLICY}/v1alpha1/namespaces/d/propagationpolicies/p")
    return dict(found["spec"])


def told(plan: Plan) -> str:
    return "\n".join(each.text for each in plan.consequences)


async def test_a_cluster_is_cordoned_evicted_and_uncordoned_and_keeps_other_taints(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        fleet(world)
        await world.commit(await world.plan("karmada.cordon", [CLUSTER]))
        assert await taints(world) == [("own", "NoSchedule"), (KEY, "NoSchedule")]
        plan = await world.plan("karmada.evict", [CLUSTER])
        assert (plan.risk, plan.word) == (Risk.DESTRUCTIVE, "eu")
        assert "1 resourcebindings are moved away" in told(plan)
        assert "nowhere else yet: b" in told(plan)
        await world.commit(plan)
        assert await taints(world) == [("own", "NoSchedule"), (KEY, "NoExecute")]
        await world.commit(await world.plan("karmada.uncordon", [CLUSTER]))
        assert await taints(world) == [("own", "NoSchedule")]
        assert "not cordoned" in (await world.plan("karmada.uncordon", [CLUSTER])).refusals[0].reason


async def test_a_policy_is_moved_to_clusters_that_there_are(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        fleet(world, clusterAffinity={"clusterNames": ["eu"]})
        with pytest.raises(UsageError, match="no cluster mars"):
            await world.plan("karmada.place", [PLACEMENT], clusters="us mars")
        plan = await world.plan("karmada.place", [PLACEMENT], clusters="us")
        assert "taken away from eu" in told(plan)
        await world.commit(plan)
        assert (await placement(world))["placement"]["clusterAffinity"] == {"clusterNames": ["us"]}


async def test_replicas_are_divided_by_weight(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        fleet(world)
        plan = await world.plan("karmada.weight", [PLACEMENT], weights="eu=2 us=1")
        assert "from now on they share them" in told(plan)
        await world.commit(plan)
        found = (await placement(world))["placement"]["replicaScheduling"]
        assert [each["weight"] for each in found["weightPreference"]["staticWeightList"]] == [2, 1]
        assert found["replicaSchedulingType"] == "Divided"
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await placement(world))["placement"] == {}
        with pytest.raises(UsageError):
            await world.plan("karmada.weight", [PLACEMENT], weights="eu=much")


async def test_dispatch_is_paused_to_all_or_some_and_resumed(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        fleet(world)
        await world.commit(await world.plan("karmada.dispatch", [PLACEMENT]))
        assert (await placement(world))["suspension"] == {"dispatching": True}
        await world.commit(await world.plan("karmada.dispatch", [PLACEMENT], to="pause", clusters="eu"))
        assert (await placement(world))["suspension"] == {"dispatchingOnClusters": {"clusterNames": ["eu"]}}
        await world.commit(await world.plan("karmada.dispatch", [PLACEMENT]))
        assert "suspension" not in await placement(world)


async def test_workloads_are_rescheduled_by_one_request(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        fleet(world)
        plan = await world.plan("karmada.rebalance", [BINDING])
        assert "Deployment web is at eu 3" in told(plan)
        await world.commit(plan)
        (made,) = (await world.get(HOST, "apis/apps.karmada.io/v1alpha1/workloadrebalancers"))["items"]
        workload = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "d"}
        assert made["spec"]["workloads"] == [workload]


async def test_a_policy_moves_from_one_cluster_to_another_wherever_it_names_it(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        weighted = [
            {"targetCluster": {"clusterNames": ["eu"]}, "weight": 2},
            {"targetCluster": {"clusterNames": ["asia"]}, "weight": 1},
        ]
        fleet(
            world,
            clusterAffinity={"clusterNames": ["eu", "asia"]},
            replicaScheduling={"weightPreference": {"staticWeightList": weighted}},
        )
        plan = await world.plan("karmada.move", [PLACEMENT], **{"from": "eu", "to": "us"})
        assert "Deployment web is at eu 3" in told(plan)
        assert "us has taints (own)" in told(plan)
        assert "does not wait for us" in told(plan)
        await world.commit(plan)
        found = await placement(world)
        assert found["placement"]["clusterAffinity"] == {"clusterNames": ["us", "asia"]}
        listed = found["placement"]["replicaScheduling"]["weightPreference"]["staticWeightList"]
        assert [each["targetCluster"]["clusterNames"] for each in listed] == [["us"], ["asia"]]
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await placement(world))["placement"]["clusterAffinity"] == {"clusterNames": ["eu", "asia"]}


async def test_a_workload_moves_through_the_policy_that_it_is_of(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        fleet(world, clusterAffinities=[{"affinityName": "a", "clusterNames": ["eu"]}])
        plan = await world.plan("karmada.move", [BINDING, PLACEMENT], **{"from": "eu", "to": "us"})
        assert [step.target.kind for step in plan.steps] == [PLACEMENT.kind]
        await world.commit(plan)
        (group,) = (await placement(world))["placement"]["clusterAffinities"]
        assert group["clusterNames"] == ["us"]


async def test_a_policy_that_names_no_cluster_is_placed_instead_of_moved(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        fleet(world, clusterAffinity={"labelSelector": {"matchLabels": {"a": "b"}}})
        (refusal,) = (await world.plan("karmada.move", [PLACEMENT], **{"from": "eu", "to": "us"})).refusals
        assert refusal.instead is not None
        assert (refusal.instead.verb, refusal.instead.arguments) == ("karmada.place", {"clusters": "us"})
        with pytest.raises(UsageError, match="no cluster mars"):
            await world.plan("karmada.move", [PLACEMENT], **{"from": "eu", "to": "mars"})
        with pytest.raises(UsageError):
            await world.plan("karmada.move", [PLACEMENT], **{"from": "eu", "to": "eu"})
