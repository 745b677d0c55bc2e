"""A workload that Karmada propagates is another one on some clusters, by one OverridePolicy of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Plan, Target
from tests.unit.actions.estate import Estate, Obj, estate

POLICY, WORK = "policy.karmada.io", "work.karmada.io"
BINDING = Target(HOST, f"resourcebindings.{WORK}", "d", "b")
OVERRIDES = f"apis/{POLICY}/v1alpha1/namespaces/d/overridepolicies"
SELECTOR = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "d", "name": "shop"}


def karmada(world: Estate, **spec: Any) -> None:
    for name in ("eu", "us"):
        world.add("clusters", {"metadata": {"name": name}, "spec": {"syncMode": "Push"}}, "cluster.karmada.io")
    world.add_deployment(replicas=6)
    bound = {"resource": SELECTOR, "clusters": [{"name": "eu", "replicas": 6}], "replicas": 6, **spec}
    world.add("resourcebindings", {"metadata": {"name": "b", "namespace": "d"}, "spec": bound}, WORK)


def override(world: Estate, name: str, *rules: Obj, selector: Obj = SELECTOR) -> None:
    spec = {"resourceSelectors": [selector], "overrideRules": list(rules)}
    world.add("overridepolicies", {"metadata": {"name": name, "namespace": "d"}, "spec": spec}, POLICY)


def rule(clusters: list[str], *plain: tuple[str, object]) -> Obj:
    listed = [{"path": path, "operator": "replace", "value": value} for path, value in plain]
    return {"targetCluster": {"clusterNames": clusters}, "overriders": {"plaintext": listed}}


def told(plan: Plan) -> str:
    return "\n".join(each.text for each in plan.consequences)


async def listed(world: Estate) -> list[Obj]:
    return list((await world.get(HOST, OVERRIDES))["items"])


IMAGE = "/spec/template/spec/containers/0/image"


async def test_an_image_and_replicas_are_others_on_one_cluster(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        karmada(world)
        plan = await world.plan("karmada.override", [BINDING], clusters="us", image="web:2", replicas="2")
        assert "it is not at us now" in told(plan)
        assert "scheduler does not count it" in told(plan)
        await world.commit(plan)
        (made,) = await listed(world)
        assert made["metadata"]["name"] == "shop-deployment"
        assert made["spec"]["resourceSelectors"] == [SELECTOR]
        assert made["spec"]["overrideRules"] == [rule(["us"], (IMAGE, "web:2"), ("/spec/replicas", 2))]
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert await listed(world) == []


async def test_the_rule_of_the_same_clusters_is_changed_and_others_stay(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        karmada(world)
        other = rule(["us"], ("/spec/replicas", 9))
        override(world, "shop-deployment", other, rule(["eu"], (IMAGE, "web:1"), ("/spec/paused", True)))
        override(world, "theirs", rule(["eu"]), selector={"apiVersion": "apps/v1", "kind": "Deployment"})
        override(world, "elsewhere", rule(["eu"]), selector={**SELECTOR, "name": "x"})
        plan = await world.plan("karmada.override", [BINDING], clusters="eu", image="web=web:2")
        assert "OverridePolicy theirs is about it, too" in told(plan)
        assert "elsewhere" not in told(plan)
        await world.commit(plan)
        found = next(each for each in await listed(world) if each["metadata"]["name"] == "shop-deployment")
        expected = rule(["eu"], ("/spec/paused", True), (IMAGE, "web:2"))
        assert found["spec"]["overrideRules"] == [other, expected]
        again = await world.plan("karmada.override", [BINDING], clusters="eu", image="web:2")
        assert "overridden so already" in again.refusals[0].reason


async def test_what_the_template_has_not_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        karmada(world)
        plan = await world.plan("karmada.override", [BINDING], clusters="eu", image="side=x:1")
        assert plan.steps == ()
        assert plan.refusals[0].reason == "it has no container side"


async def test_an_override_says_what_of_and_where(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        karmada(world)
        with pytest.raises(UsageError, match="needs image or replicas"):
            await world.plan("karmada.override", [BINDING], clusters="eu")
        with pytest.raises(UsageError, match="no cluster mars"):
            await world.plan("karmada.override", [BINDING], clusters="mars", replicas="1")


async def test_replicas_need_no_template_and_an_image_says_that_it_cannot_be_read(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        karmada(world, resource={**SELECTOR, "name": "away"})
        plan = await world.plan("karmada.override", [BINDING], clusters="eu", image="web:2")
        assert "its template cannot be read" in plan.refusals[0].reason
        await world.commit(await world.plan("karmada.override", [BINDING], clusters="eu", replicas="3"))
        (made,) = await listed(world)
        assert made["spec"]["overrideRules"] == [rule(["eu"], ("/spec/replicas", 3))]


async def test_what_has_no_replicas_gets_none(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        karmada(world, replicas=None)
        plan = await world.plan("karmada.override", [BINDING], clusters="eu", replicas="3")
        assert plan.refusals[0].reason == "it has no replicas"
