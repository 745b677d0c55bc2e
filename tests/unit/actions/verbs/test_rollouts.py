"""Rollouts are paused, promoted, aborted, rolled back and retried where it lasts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Plan, Target
from kurator_tui.kinds.rollouts import RolloutRow, Source
from kurator_tui.kinds.verbs_rollouts import addressed
from tests.unit.actions.estate import Estate, Obj, estate

FLAGGER, APPS = "flagger.app", "apps.kurator.dev"
CLUSTERS = (HOST, "eu-1", "eu-2")
SETS = ("flagger", "argo")
APPLICATION = f"apis/{APPS}/v1alpha1/namespaces/d/applications/shop"
CANARY = f"apis/{FLAGGER}/v1beta1/namespaces/d/canaries/web"


def policy(**rollout: Any) -> Obj:
    workload = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "d"}
    traffic = {"trafficRouting": {"canaryStrategy": {"maxWeight": 50}}, "trafficAnalysis": ANALYSIS}
    block = {"workload": workload, "serviceName": "web", "port": 80, "trafficRoutingProvider": "istio"}
    return {
        "name": "front",
        "kustomization": {"interval": "0s", "path": "./", "prune": True},
        "rollout": {**block, "rolloutPolicy": {**traffic, **rollout}},
    }


ANALYSIS = {"checkIntervalSeconds": 30, "checkFailedTimes": 3, "metrics": []}


def shop(world: Estate, *policies: Obj) -> Obj:
    fleet = {"clusters": [{"name": name, "kind": "AttachedCluster"} for name in CLUSTERS[1:]]}
    world.add("fleets", {"metadata": {"name": "f", "namespace": "d"}, "spec": fleet}, "fleet.kurator.dev", HOST)
    source = {"gitRepository": {"interval": "3m", "url": "https://git.example/shop", "ref": {"branch": "main"}}}
    spec = {"source": source, "destination": {"fleet": "f"}, "syncPolicies": list(policies or [policy()])}
    return world.add("applications", {"metadata": {"name": "shop", "namespace": "d"}, "spec": spec}, APPS, HOST)


def canary(world: Estate, cluster: str, phase: str = "Progressing", **spec: Any) -> Obj:
    aim = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    analysis = {"interval": "30s", "threshold": 3, "maxWeight": 50, "stepWeight": 10}
    status = {"phase": phase, "canaryWeight": 20, "failedChecks": 0, "iterations": 0}
    whole = {
        "metadata": {"name": "web", "namespace": "d"},
        "spec": {"targetRef": aim, "service": {"port": 80}, "analysis": analysis, **spec},
        "status": status,
    }
    return world.add("canaries", whole, FLAGGER, cluster)


def row(application: Obj, cluster: str = HOST, index: int = 0) -> Target:
    return Target(cluster, "rollouts", "d", "shop", f"{application['metadata']['uid']}/{index}")


def own(obj: Obj, cluster: str = "eu-1") -> Target:
    return Target(cluster, "rollouts", "d", obj["metadata"]["name"], obj["metadata"]["uid"])


def told(plan: Plan, level: str = "info") -> str:
    return "\n".join(each.text for each in plan.consequences if each.level == level)


async def test_a_pause_is_written_in_the_application_and_says_whom_it_reaches_and_when(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        canary(world, "eu-1")
        plan = await world.plan("rollout.pause", [row(app)])
        assert plan.title == "Pause front of Application shop"
        assert [step.target.kind for step in plan.steps] == [f"applications.{APPS}"]
        assert "front reaches 2: eu-1, eu-2" in told(plan)
        assert "within 30 s and a check, which is each 30 s" in told(plan)
        assert "eu-1: Progressing at 20%" in told(plan)
        assert "eu-2: there is no Canary" in told(plan, "warning")
        await world.commit(plan)
        spec = (await world.get(HOST, APPLICATION))["spec"]
        app["spec"]["syncPolicies"][0]["rollout"]["rolloutPolicy"]["suspend"] = True
        assert spec == app["spec"]
        back = await world.plan("rollout.pause", [row(app)])
        assert back.title.startswith("Resume")


async def test_rows_of_one_policy_on_several_clusters_are_one_request(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        plan = await world.plan("rollout.pause", [row(app, "eu-1"), row(app, "eu-2")], to="pause")
        assert len(plan.steps) == 1
        assert plan.title == "Pause 2 rollouts"


async def test_another_policy_at_that_place_is_not_paused(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        plan = await world.plan("rollout.pause", [row(app)])
        other = {**policy(), "name": "other"}
        status, _ = await world.apis[HOST].call(
            "PATCH",
            f"/{APPLICATION}",
            {"spec": {"syncPolicies": [other, policy()]}},
            Content_Type="application/merge-patch+json",
        )
        assert status == 200
        heard = await world.commit(plan)
        assert heard[-1].failed == 1
        spec = (await world.get(HOST, APPLICATION))["spec"]
        assert [each["rollout"]["rolloutPolicy"].get("suspend") for each in spec["syncPolicies"]] == [None, None]


async def test_a_policy_that_is_gone_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        plan = await world.plan("rollout.pause", [row(app, index=4)])
        assert plan.steps == ()
        assert "no such sync policy" in plan.refusals[0].reason


async def test_an_abort_reaches_one_cluster_through_the_canarys_status(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        for cluster in CLUSTERS[1:]:
            canary(world, cluster)
        plan = await world.plan("rollout.abort", [row(app, "eu-2")])
        assert plan.title == "Abort front of Application shop on eu-2"
        assert [(step.target.cluster, step.what) for step in plan.steps] == [("eu-2", "merge status")]
        assert "only eu-2 is rolled back" in told(plan)
        await world.commit(plan)
        assert [(await world.get(name, CANARY))["status"]["failedChecks"] for name in CLUSTERS[1:]] == [0, 3]


@pytest.mark.parametrize(
    ("phase", "spec", "why"),
    [("Succeeded", {}, "it is Succeeded"), ("Progressing", {"skipAnalysis": True}, "counts no failed checks")],
)
async def test_what_flagger_would_not_roll_back_is_not_aborted(
    tmp_path: Path, phase: str, spec: Obj, why: str
) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        plan = await world.plan("rollout.abort", [own(canary(world, "eu-1", phase, **spec))])
        assert plan.steps == ()
        assert why in plan.refusals[0].reason


async def test_a_failed_rollout_begins_anew_by_its_targets_template_on_one_cluster(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        world.add_deployment("web", replicas=0)
        canary(world, "eu-1", "Failed")
        canary(world, "eu-2", "Succeeded")
        plan = await world.plan("rollout.retry", [row(app, "eu-1"), row(app, "eu-2")])
        assert [step.target.cluster for step in plan.steps] == ["eu-1"]
        assert "only a failed rollout" in plan.refusals[0].reason
        await world.commit(plan)
        template = (await world.deployment("eu-1", "web"))["spec"]["template"]
        assert "kubectl.kubernetes.io/restartedAt" in template["metadata"]["annotations"]
        assert "annotations" not in (await world.deployment("eu-2", "web"))["spec"]["template"]["metadata"]


async def test_a_roll_back_pins_the_policy_to_what_its_primaries_run(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        world.add_deployment("web-primary")
        plan = await world.plan("rollout.back", [row(app)])
        await world.commit(plan)
        found = (await world.get(HOST, APPLICATION))["spec"]["syncPolicies"][0]
        assert found["kustomization"]["images"] == [{"name": "web", "newTag": "1"}]
        assert "until the pin is taken off" in told(plan, "warning")
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await world.get(HOST, APPLICATION))["spec"] == app["spec"]


async def test_a_roll_back_is_refused_where_clusters_run_different_versions(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        world.add_deployment("web-primary", cluster="eu-1")
        world.add_deployment("web-primary", cluster="eu-2", image="web:2")
        plan = await world.plan("rollout.back", [row(app)])
        assert plan.steps == ()
        assert "different versions" in plan.refusals[0].reason


async def test_a_roll_back_to_a_revision_pins_the_git_source(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        app = shop(world)
        commit = "0123456789" * 4
        assert (await world.plan("rollout.back", [row(app)], revision="main")).refusals
        await world.commit(await world.plan("rollout.back", [row(app)], revision=f"main@sha1:{commit}"))
        ref = (await world.get(HOST, APPLICATION))["spec"]["source"]["gitRepository"]["ref"]
        assert ref == {"branch": "main", "commit": commit}


async def test_a_canary_without_an_application_is_written_itself(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        target = own(canary(world, "eu-1", "Initialized"))
        await world.commit(await world.plan("rollout.pause", [target]))
        await world.commit(await world.plan("rollout.promote", [target]))
        spec = (await world.get("eu-1", CANARY))["spec"]
        assert (spec["suspend"], spec["skipAnalysis"]) == (True, True)


async def test_a_canary_of_a_policy_is_paused_in_its_application_and_nowhere_else(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        shop(world)
        made = {"metadata": {"name": "web", "namespace": "d", "annotations": {"kurator.dev/rollout": "front"}}}
        aim = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
        world.add("canaries", {**made, "spec": {"targetRef": aim, "service": {"port": 80}}}, FLAGGER, "eu-1")
        plan = await world.plan("rollout.pause", [Target("eu-1", "canaries.flagger.app", "d", "web")])
        assert plan.steps == ()
        (refusal,) = plan.refusals
        assert refusal.instead is not None
        assert refusal.instead.fields == ("spec.syncPolicies[0].rollout",)


def argo(world: Estate, **status: Any) -> Target:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    made = {"metadata": {"name": "r", "namespace": "d"}, "spec": spec, "status": status}
    return own(world.add("rollouts", made, "argoproj.io", "eu-1"))


ROLLOUT = "apis/argoproj.io/v1alpha1/namespaces/d/rollouts/r"


async def test_argo_rollouts_are_moved_by_their_status(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        waits = {"reason": "CanaryPauseStep", "startTime": "2026-01-01T00:00:00Z"}
        target = argo(world, pauseConditions=[waits], stableRS="a", currentPodHash="b")
        await world.commit(await world.plan("rollout.promote", [target]))
        assert "pauseConditions" not in (await world.get("eu-1", ROLLOUT))["status"]
        assert "full=yes" in (await world.plan("rollout.promote", [target])).refusals[0].reason
        await world.commit(await world.plan("rollout.promote", [target], full="yes"))
        await world.commit(await world.plan("rollout.abort", [target]))
        found = await world.get("eu-1", ROLLOUT)
        assert (found["status"]["promoteFull"], found["status"]["abort"]) == (True, True)
        await world.commit(await world.plan("rollout.retry", [target]))
        assert (await world.get("eu-1", ROLLOUT))["status"]["abort"] is False


async def test_an_argo_rollout_is_paused_by_hand_and_resumed_before_it_is_promoted(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        target = argo(world, stableRS="a", currentPodHash="b")
        await world.commit(await world.plan("rollout.pause", [target]))
        assert (await world.get("eu-1", ROLLOUT))["spec"]["paused"] is True
        (refusal,) = (await world.plan("rollout.promote", [target])).refusals
        assert refusal.instead is not None
        await world.commit(await world.plan(refusal.instead.verb, [target], **refusal.instead.arguments))
        assert (await world.get("eu-1", ROLLOUT))["spec"]["paused"] is False


@pytest.mark.parametrize("verb", ["rollout.promote", "rollout.abort"])
async def test_an_argo_rollout_with_nothing_under_way_is_left_alone(tmp_path: Path, verb: str) -> None:
    async with estate(tmp_path, CLUSTERS, sets=SETS) as world:
        plan = await world.plan(verb, [argo(world, stableRS="a", currentPodHash="a")])
        assert plan.steps == ()
        assert "nothing is under way" in plan.refusals[0].reason


def test_rows_of_the_board_are_asked_of_the_host_once_where_the_application_is_written() -> None:
    rows = [
        RolloutRow(name, "d", "shop", "u/0", 0.0, application="shop", application_namespace="apps")
        for name in CLUSTERS[1:]
    ]
    mine = RolloutRow("eu-1", "d", "own", "c", 0.0, source=str(Source.CANARY))
    expected = [Target(HOST, "rollouts", "apps", "shop", "u/0"), Target("eu-1", "rollouts", "d", "own", "c")]
    assert addressed("rollout.pause", [*rows, mine]) == expected
    assert [each.cluster for each in addressed("rollout.abort", rows)] == ["eu-1", "eu-2"]
