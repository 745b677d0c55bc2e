"""Edge nodes are upgraded by one job a cluster, and put into groups of which each has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.kinds.plans import Plan, Target
from tests.unit.actions.estate import Estate, Obj, estate

EDGE, MEMBERSHIP = "node-role.kubernetes.io/edge", "apps.kubeedge.io/belonging-to"
JOBS = "apis/operations.kubeedge.io/v1alpha2/nodeupgradejobs"
GROUPS = "apis/apps.kubeedge.io/v1alpha1/nodegroups"


def node(world: Estate, name: str, release: str = "v1.17.0", ready: str = "True", **labels: str) -> None:
    own = {EDGE: ""} if release else {}
    info = {"kubeletVersion": f"v1.28.6-kubeedge-{release}" if release else "v1.28.6"}
    status = {"nodeInfo": info, "conditions": [{"type": "Ready", "status": ready}]}
    world.add("nodes", {"metadata": {"name": name, "labels": {**own, **labels}}, "spec": {}, "status": status})


def group(world: Estate, name: str, *nodes: str, **labels: str) -> Target:
    spec = {"nodes": list(nodes), "matchLabels": labels}
    world.add("nodegroups", {"metadata": {"name": name}, "spec": spec}, "apps.kubeedge.io")
    return Target("m1", "nodegroups.apps.kubeedge.io", "", name)


def nodes(*names: str, cluster: str = "m1") -> list[Target]:
    return [Target(cluster, "nodes", "", name) for name in names]


def told(plan: Plan, level: str) -> list[str]:
    return [each.text for each in plan.consequences if each.level == level]


async def listed(world: Estate, path: str, cluster: str = "m1") -> list[Obj]:
    return list((await world.get(cluster, path))["items"])


async def test_edge_nodes_are_upgraded_by_one_job_a_cluster(tmp_path: Path) -> None:
    async with estate(tmp_path, ("m1", "m2"), sets=("kubeedge",)) as world:
        for name in ("e1", "e2"):
            node(world, name)
        spec = {"containers": [{"name": "c", "image": "kubeedge/cloudcore:v1.19.0"}]}
        template = {"metadata": {"labels": {"a": "b"}}, "spec": spec}
        cloud = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
        world.add("deployments", {"metadata": {"name": "c", "namespace": "kubeedge"}, "spec": cloud}, "apps", "m1")
        targets = [*nodes("e1", "e2"), *nodes("e1", cluster="m2")]
        plan = await world.plan("kubeedge.upgrade", targets, version="v1.21.0", concurrency="2")
        assert [step.target.cluster for step in plan.steps] == ["m1", "m2"]
        assert "CloudCore runs v1.19.0, which is older: it is upgraded first" in told(plan, "warning")
        await world.commit(plan)
        (job,) = await listed(world, JOBS)
        assert job["spec"] == {
            "version": "v1.21.0",
            "nodeNames": ["e1", "e2"],
            "concurrency": 2,
            "failureTolerate": "0.1",
            "timeoutSeconds": 300,
            "checkItems": ["cpu", "mem", "disk"],
        }
        assert [each["spec"]["nodeNames"] for each in await listed(world, JOBS, "m2")] == [["e1"]]
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert await listed(world, JOBS) == []


async def test_nodes_that_cannot_be_upgraded_are_left_out_with_the_reason(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kubeedge",)) as world:
        node(world, "cloud", release="")
        node(world, "new", release="v1.21.0")
        node(world, "away", ready="Unknown")
        node(world, "newer", release="v1.22.0")
        targets = nodes("cloud", "new", "away", "newer")
        plan = await world.plan("kubeedge.upgrade", targets, version="v1.21.0", ask="yes")
        reasons = [each.reason for each in plan.refusals]
        assert ["no edge node" in reasons[0], "already" in reasons[1], "offline" in reasons[2]] == [True] * 3
        assert "that is an older release than it runs" in told(plan, "warning")
        await world.commit(plan)
        (job,) = await listed(world, JOBS)
        assert (job["spec"]["nodeNames"], job["spec"]["requireConfirmation"]) == (["newer"], True)
        with pytest.raises(UsageError, match="latest is no release"):
            await world.plan("kubeedge.upgrade", targets, version="latest")


async def test_a_cluster_without_upgrade_jobs_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        node(world, "e1", release="v1.10.0")
        plan = await world.plan("kubeedge.upgrade", nodes("e1"), version="v1.21.0")
        assert plan.steps == ()
        assert "knows no upgrade jobs" in plan.refusals[0].reason


async def test_an_older_release_has_the_same_job(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kubeedge-old",)) as world:
        node(world, "e1", release="v1.15.0")
        await world.commit(await world.plan("kubeedge.upgrade", nodes("e1"), version="v1.16.0"))
        (job,) = await listed(world, JOBS.replace("v1alpha2", "v1alpha1"))
        assert job["spec"]["nodeNames"] == ["e1"]


async def test_a_group_is_made_with_its_first_nodes_and_gets_more(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kubeedge",)) as world:
        for name in ("e1", "e2", "e3"):
            node(world, name)
        plan = await world.plan("kubeedge.group", nodes("e1", "e2"), group="east")
        await world.commit(plan)
        await world.commit(await world.plan("kubeedge.group", nodes("e3"), group="east"))
        (found,) = await listed(world, GROUPS)
        assert found["spec"]["nodes"] == ["e1", "e2", "e3"]


async def test_a_node_of_another_group_is_taken_out_there_first(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kubeedge",)) as world:
        node(world, "e1", **{MEMBERSHIP: "west"})
        group(world, "west", "e1")
        (refusal,) = (await world.plan("kubeedge.group", nodes("e1"), group="east")).refusals
        instead = refusal.instead
        assert instead is not None
        assert instead.target is not None
        await world.commit(await world.plan(instead.verb, [instead.target], **instead.arguments))
        (found,) = await listed(world, GROUPS)
        assert found["spec"]["nodes"] == []


async def test_nodes_of_a_group_are_added_and_taken_out_by_name(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kubeedge",)) as world:
        node(world, "e1")
        node(world, "e2")
        node(world, "e3", zone="a")
        target = group(world, "east", "e1", "e3", zone="a")
        plan = await world.plan("kubeedge.nodes", [target], nodes="e2 e1- e3-")
        assert "e3 stays in it: its labels match the group's matchLabels" in told(plan, "warning")
        assert any("scheduled to e1 any more" in each for each in told(plan, "warning"))
        await world.commit(plan)
        (found,) = await listed(world, GROUPS)
        assert found["spec"]["nodes"] == ["e2"]
        await world.commit(await world.plan("undo", [], plan=plan.id))
        (found,) = await listed(world, GROUPS)
        assert found["spec"]["nodes"] == ["e1", "e3"]


@pytest.mark.parametrize(
    ("said", "why"),
    [("e9", "no node e9"), ("e2", "e2 is in group west"), ("e2-", "not in it by name"), ("e1", "already")],
)
async def test_what_a_group_cannot_have_is_refused(tmp_path: Path, said: str, why: str) -> None:
    async with estate(tmp_path, sets=("kubeedge",)) as world:
        node(world, "e1", **{MEMBERSHIP: "east"})
        node(world, "e2", **{MEMBERSHIP: "west"})
        plan = await world.plan("kubeedge.nodes", [group(world, "east", "e1")], nodes=said)
        assert plan.steps == ()
        assert why in plan.refusals[0].reason
