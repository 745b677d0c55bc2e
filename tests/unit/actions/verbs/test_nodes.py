"""Nodes are cordoned, drained and tainted, pods evicted; nothing is waited for that cannot come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.actions.applying import LivePorts
from kurator_tui.errors import UsageError
from kurator_tui.kinds.plans import Plan, Target
from kurator_tui.kinds.verb import Risk
from tests.unit.actions.estate import Estate, Obj, estate, last_states

NODE = Target("m1", "nodes", "", "n")


def node(world: Estate, ready: str = "True", labels: dict[str, str] | None = None, **spec: Any) -> None:
    status = {"conditions": [{"type": "Ready", "status": ready, "reason": "x"}]}
    world.add("nodes", {"metadata": {"name": "n", "labels": labels or {}}, "spec": spec, "status": status})


def pod(world: Estate, name: str, owner: str = "ReplicaSet", on: str = "n", **more: Any) -> Obj:
    owners = (
        [{"apiVersion": "apps/v1", "kind": owner, "name": "o", "uid": "u", "controller": True}] if owner else []
    )
    head = {"name": name, "namespace": "d", "labels": {"app": "shop"}, "ownerReferences": owners}
    head |= more.pop("metadata", {})
    spec = {"nodeName": on, "containers": [{"name": "c", "image": "i"}], **more}
    return world.add("pods", {"metadata": head, "spec": spec, "status": {"phase": "Running"}})


def budget(world: Estate, name: str = "b", allowed: int = 0) -> None:
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "shop"}}}
    status = {"disruptionsAllowed": allowed, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1}
    status |= {"observedGeneration": 1}
    head = {"name": name, "namespace": "d"}
    world.add("poddisruptionbudgets", {"metadata": head, "spec": spec, "status": status}, "policy")


def told(plan: Plan) -> str:
    return "\n".join(each.text for each in plan.consequences)


def steps(plan: Plan) -> list[tuple[str, str]]:
    return [(step.target.name, step.what) for step in plan.steps]


async def test_a_node_is_cordoned_and_uncordoned(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        node(world)
        plan = await world.plan("cordon", [NODE])
        assert plan.risk is Risk.SAFE
        await world.commit(plan)
        assert (await world.get("m1", "api/v1/nodes/n"))["spec"]["unschedulable"] is True
        assert "already" in (await world.plan("cordon", [NODE])).refusals[0].reason
        await world.commit(await world.plan("uncordon", [NODE]))
        assert "unschedulable" not in (await world.get("m1", "api/v1/nodes/n"))["spec"]


async def test_a_drain_cordons_and_evicts_what_can_be_made_again(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        node(world)
        pod(world, "web")
        pod(world, "elsewhere", on="other")
        pod(world, "agent", owner="DaemonSet")
        pod(world, "kube", owner="Node", metadata={"annotations": {"kubernetes.io/config.mirror": "x"}})
        plan = await world.plan("drain", [NODE])
        assert steps(plan) == [("n", "patch"), ("web", "evict")]
        assert "1 pod (d/agent) of DaemonSets stay" in told(plan)
        assert "1 pod (d/kube) are static and stay" in told(plan)
        heard = await world.commit(plan)
        assert last_states(heard) == {0: "done", 1: "done"}
        assert (await world.get("m1", "api/v1/nodes/n"))["spec"]["unschedulable"] is True
        gone = await world.get("m1", "api/v1/namespaces/d/pods/web")
        assert gone.get("reason") == "NotFound" or gone["metadata"]["deletionTimestamp"]
        (left,) = (await world.plan("undo", [], plan=plan.id)).refusals
        assert "cannot be taken back" in left.reason


async def test_pods_that_nobody_makes_again_and_emptydir_need_a_word(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        node(world)
        pod(world, "alone", owner="")
        pod(world, "scratch", volumes=[{"name": "v", "emptyDir": {}}])
        plan = await world.plan("drain", [NODE])
        assert steps(plan) == [("n", "patch")]
        reasons = [refusal.reason for refusal in plan.refusals]
        assert "d/alone" in reasons[0]
        assert "d/scratch" in reasons[1]
        plan = await world.plan("drain", [NODE], force="yes", emptydir="yes")
        assert steps(plan) == [("n", "patch"), ("alone", "evict"), ("scratch", "evict")]
        assert "data in emptyDir is lost" in told(plan)


@pytest.mark.parametrize(("verb", "targets"), [("drain", [NODE]), ("evict", [Target("m1", "pods", "d", "web")])])
async def test_a_budget_in_the_way_is_told_before_waited_for_and_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str, targets: list[Target]
) -> None:
    waited: list[float] = []

    async def sleep(_ports: LivePorts, seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(LivePorts, "sleep", sleep)
    async with estate(tmp_path) as world:
        node(world)
        pod(world, "web")
        budget(world)
        plan = await world.plan(verb, targets, patience="6s")
        assert plan.ready, "a server says 429 to the dry run, too: it may allow it later"
        assert "budget b allows no disruption now (1 healthy, 1 needed); it is tried for 6s" in told(plan)
        assert "not now: The disruption budget b needs 1 healthy pods and has 1 currently" in told(plan)
        heard = await world.commit(plan)
        assert list(last_states(heard).values())[-1] == "failed"
        assert sum(waited) >= 6
        failed = next(each.message for each in heard if each.state == "failed")
        assert "violate the pod's disruption budget" in failed
        assert "deletionTimestamp" not in (await world.get("m1", "api/v1/namespaces/d/pods/web"))["metadata"]


async def test_a_pod_that_several_budgets_mean_is_left_out_and_the_rest_is_drained(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        node(world)
        pod(world, "web")
        pod(world, "other", metadata={"labels": {"app": "other"}})
        budget(world, allowed=1)
        assert told(await world.plan("evict", [Target("m1", "pods", "d", "web")])) == ""
        budget(world, "b2", allowed=1)
        plan = await world.plan("drain", [NODE])
        assert steps(plan) == [("n", "patch"), ("other", "evict")]
        (refusal,) = plan.refusals
        assert "several budgets mean it (b, b2)" in refusal.reason
        assert refusal.instead is not None
        assert (refusal.instead.verb, refusal.target.name) == ("delete", "web")
        alone = await world.plan("evict", [Target("m1", "pods", "d", "web")])
        assert (alone.steps, alone.refusals[0].reason) == ((), refusal.reason)


async def test_an_offline_edge_node_is_not_waited_for_and_force_says_what_it_does(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        node(world, ready="Unknown", labels={"node-role.kubernetes.io/edge": ""})
        pod(world, "web")
        plan = await world.plan("drain", [NODE])
        assert steps(plan) == [("n", "patch")]
        (refusal,) = plan.refusals
        assert "edge node" in refusal.reason
        assert refusal.instead is not None
        assert (refusal.instead.verb, refusal.instead.arguments["force"]) == ("drain", "yes")
        assert "1 pod (d/web)" in refusal.instead.text
        forced = await world.plan("drain", [NODE], force="yes")
        assert (forced.risk, steps(forced)) == (Risk.DESTRUCTIVE, [("n", "patch"), ("web", "delete")])
        await world.commit(forced)
        assert (await world.get("m1", "api/v1/namespaces/d/pods/web"))["reason"] == "NotFound"


async def test_taints_are_set_and_removed_and_say_whom_they_end(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        node(world, taints=[{"key": "old", "effect": "NoSchedule"}])
        pod(world, "web")
        pod(world, "tough", tolerations=[{"key": "gpu", "operator": "Exists"}])
        plan = await world.plan("taint", [NODE], taints="gpu=yes:NoExecute old-")
        assert "1 pod (d/web) end at once" in told(plan)
        await world.commit(plan)
        found = (await world.get("m1", "api/v1/nodes/n"))["spec"]["taints"]
        assert [(each["key"], each["value"], each["effect"]) for each in found] == [("gpu", "yes", "NoExecute")]
        await world.commit(await world.plan("undo", [], plan=plan.id))
        found = (await world.get("m1", "api/v1/nodes/n"))["spec"]["taints"]
        assert [each["key"] for each in found] == ["old"]


@pytest.mark.parametrize("said", ["gpu", "gpu=1:Never", "=1:NoSchedule", "node.kubernetes.io/unreachable-"])
async def test_what_is_no_taint_of_ours_is_refused(tmp_path: Path, said: str) -> None:
    async with estate(tmp_path) as world:
        node(world)
        with pytest.raises(UsageError):
            await world.plan("taint", [NODE], taints=said)
