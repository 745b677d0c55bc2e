"""What follows from a change is told before anything is sent: pods, budgets, quotas, what goes with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kurator_tui.actions.quotas import short
from kurator_tui.actions.reader import LiveReader
from kurator_tui.actions.rolling import rolled
from kurator_tui.errors import Forbidden
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Plan, Target
from tests.unit.actions.estate import estate

Obj = dict[str, Any]
DEPLOYMENT, DAEMON, STATEFUL = "deployments.apps", "daemonsets.apps", "statefulsets.apps"


def told(plan: Plan) -> list[str]:
    return [each.text for each in plan.consequences]


def budget(**spec: Any) -> Obj:
    selector = {"matchLabels": {"app": "shop"}}
    return {
        "metadata": {"name": "shop", "namespace": "d"},
        "spec": {"selector": selector, **spec},
        "status": {"desiredHealthy": 2, "currentHealthy": 2, "disruptionsAllowed": 0},
    }


def quota(pods: int, used: int) -> Obj:
    hard = {"pods": str(pods)}
    status = {"hard": hard, "used": {"pods": str(used)}}
    return {"metadata": {"name": "team", "namespace": "d"}, "spec": {"hard": hard}, "status": status}


# -- how many pods there are meanwhile --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "spec", "low", "high", "level"),
    [
        (DEPLOYMENT, {"replicas": 10}, 8, 13, "info"),
        (DEPLOYMENT, {"replicas": 1}, 1, 2, "info"),
        (
            DEPLOYMENT,
            {"replicas": 4, "strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}},
            3,
            4,
            "info",
        ),
        (
            DEPLOYMENT,
            {"replicas": 2, "strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "100%"}}},
            0,
            2,
            "warning",
        ),
        (DEPLOYMENT, {"replicas": 3, "strategy": {"type": "Recreate"}}, 0, 3, "warning"),
        (DEPLOYMENT, {"replicas": 3, "paused": True}, 3, 3, "warning"),
        (STATEFUL, {"replicas": 3}, 2, 3, "info"),
        (STATEFUL, {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 3}}}, 3, 3, "warning"),
        (STATEFUL, {"replicas": 3, "updateStrategy": {"type": "OnDelete"}}, 3, 3, "warning"),
        (DAEMON, {}, 4, 5, "info"),
    ],
)
def test_replicas_over_time_while_a_template_rolls(kind: str, spec: Obj, low: int, high: int, level: str) -> None:
    obj = {"spec": spec, "status": {"desiredNumberScheduled": 5}}
    roll = rolled(kind, obj)
    assert roll is not None
    assert (roll.low, min(roll.high, 5) if kind == DAEMON else roll.high, roll.level) == (low, high, level)


def test_a_workload_without_pods_replaces_none() -> None:
    assert rolled(DEPLOYMENT, {"spec": {"replicas": 0}}) is None


async def test_any_verb_that_changes_a_template_tells_of_its_pods(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(replicas=4)
        live = await world.deployment()
        live["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
        plan = await world.plan("edit", yaml=yaml.safe_dump(live))
        assert told(plan)[0] == "4 pods are replaced: 3 to 5 of them while it rolls"
        assert told(await world.plan("label", labels="a=1")) == []


# -- budgets, quotas ---------------------------------------------------------------------------------------------


async def test_a_roll_that_goes_below_a_budget_is_told(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(replicas=2)
        world.add("poddisruptionbudgets", budget(minAvailable=2), "policy")
        patch = {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}}}
        await world.apis["m1"].call(
            "PATCH",
            "/apis/apps/v1/namespaces/d/deployments/shop",
            patch,
            Content_Type="application/merge-patch+json",
        )
        plan = await world.plan("restart")
        assert "budget shop wants 2 healthy; rolling asks no budget: down to 1" in told(plan)


async def test_replicas_that_leave_a_budget_no_room_are_told(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(replicas=3)
        world.add("poddisruptionbudgets", budget(minAvailable=2), "policy")
        plan = await world.plan("scale", replicas="2")
        assert "budget shop wants 2 healthy: of 2 none may be evicted, drains wait" in told(plan)
        assert not any("budget shop" in text for text in told(await world.plan("scale", replicas="5")))


async def test_a_pod_that_is_deleted_asks_no_budget(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        pod = {"metadata": {"name": "p", "namespace": "d", "labels": {"app": "shop"}}}
        world.add("pods", {**pod, "spec": {"containers": [{"name": "c", "image": "i"}]}})
        world.add("poddisruptionbudgets", budget(minAvailable=2), "policy")
        plan = await world.plan("delete", [Target("m1", "pods", "d", "p")])
        assert any("allows no disruption now" in text and "a delete asks no budget" in text for text in told(plan))


async def test_pods_that_no_quota_has_room_for_are_told(tmp_path: Path) -> None:
    async with estate(tmp_path, ("m1", "m2")) as world:
        world.add_deployment(replicas=2)
        world.add("resourcequotas", quota(10, 9), cluster="m2")
        plan = await world.plan("scale", replicas="5")
        (said,) = [each for each in plan.consequences if "ResourceQuota" in each.text]
        assert said.text == "ResourceQuota team has room for 1 of 3 more pods: 9 of 10 pods are used"
        assert (said.level, said.target.cluster if said.target else "") == ("warning", "m2")


@pytest.mark.parametrize(
    ("hard", "used", "room"),
    [
        ({"requests.cpu": "1"}, {"requests.cpu": "400m"}, "room for 2 of 3"),
        ({"limits.memory": "1Gi"}, {"limits.memory": "0"}, "room for 2 of 3"),
        ({"cpu": "10"}, {"cpu": "1"}, ""),
        ({"requests.storage": "0"}, {}, ""),
    ],
)
def test_requests_and_limits_count_against_a_quota(hard: Obj, used: Obj, room: str) -> None:
    resources = {"requests": {"cpu": "250m"}, "limits": {"memory": "400Mi"}}
    template = {"spec": {"containers": [{"resources": resources}]}}
    said = short([{"metadata": {"name": "q"}, "status": {"hard": hard, "used": used}}], template, 3)
    assert room in said
    assert bool(said) is bool(room)


def test_a_quota_of_a_scope_says_nothing_of_pods_at_large() -> None:
    scoped = {**quota(1, 1), "spec": {"scopes": ["BestEffort"]}}
    assert short([scoped], {}, 3) == ""


# -- what goes with it, what its controller does ------------------------------------------------------------------


async def test_what_goes_with_a_deleted_workload_is_told_unless_it_is_orphaned(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(replicas=4)
        assert told(await world.plan("delete")) == ["its 4 pods end with it"]
        assert told(await world.plan("delete", propagation="Orphan")) == ["what it owns stays, without an owner"]


async def test_the_data_of_a_deleted_claim_go_as_its_volume_says(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        head = {"metadata": {"name": "v"}}
        spec = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/v"}}
        world.add("persistentvolumes", {**head, "spec": {**spec, "persistentVolumeReclaimPolicy": "Delete"}})
        world.add(
            "persistentvolumeclaims", {"metadata": {"name": "c", "namespace": "d"}, "spec": {"volumeName": "v"}}
        )
        plan = await world.plan("delete", [Target("m1", "persistentvolumeclaims", "d", "c")])
        assert "its volume v goes, the data is lost" in told(plan)


async def test_an_application_names_the_members_it_reaches(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        members = [{"kind": "AttachedCluster", "name": name} for name in ("eu-1", "eu-2")]
        world.add(
            "fleets",
            {"metadata": {"name": "f", "namespace": "d"}, "spec": {"clusters": members}},
            "fleet.kurator.dev",
        )
        policy = {"name": "p", "destination": {"fleet": "f"}, "kustomization": {"interval": "5m", "prune": True}}
        source = {"gitRepository": {"url": "https://git", "interval": "5m"}}
        app = {"metadata": {"name": "a", "namespace": "d"}, "spec": {"source": source, "syncPolicies": [policy]}}
        world.add("applications", app, "apps.kurator.dev")
        targets = [Target(HOST, "applications.apps.kurator.dev", "d", "a")]
        plan = await world.plan("delete", targets)
        assert any("to 2 clusters (eu-1, eu-2) where prune is on" in text for text in told(plan))
        live = await world.get(HOST, "apis/apps.kurator.dev/v1alpha1/namespaces/d/applications/a")
        live["spec"]["syncPolicies"][0]["kustomization"]["path"] = "./other"
        plan = await world.plan("edit", targets, yaml=yaml.safe_dump(live))
        assert any("it reaches 2 clusters (eu-1, eu-2)" in text for text in told(plan))


async def test_budgets_that_may_not_be_read_are_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = LiveReader.list

    async def refused(self: LiveReader, cluster: str, kind: str, namespace: str = "", **how: str) -> list[Obj]:
        if kind.startswith("poddisruptionbudgets"):
            raise Forbidden("you may not list budgets", code=403)
        return await real(self, cluster, kind, namespace, **how)

    monkeypatch.setattr(LiveReader, "list", refused)
    async with estate(tmp_path) as world:
        world.add_deployment(replicas=3)
        world.add_deployment("web", replicas=3)
        plan = await world.plan("scale", [*world.targets(), *world.targets(name="web")], replicas="2")
        assert len(plan.steps) == 2
        assert [text for text in told(plan) if "cannot be read" in text] == [
            "poddisruptionbudgets of m1/d cannot be read, so none is told: you may not list budgets"
        ]
