"""Policies audit or enforce where that lasts; exceptions name all that a workload makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from tests.unit.actions.estate import Estate, Obj, estate

KYVERNO, FLEETS = "kyverno.io", "fleet.kurator.dev"
POLICY = f"apis/{KYVERNO}/v1/clusterpolicies/tags"
CLUSTERS = (HOST, "m1")


def policy(world: Estate, rules: list[Obj] | None = None, action: str = "Audit", **meta: Any) -> Target:
    spec = {"rules": rules or [{"name": "tag", "validate": {}}], "validationFailureAction": action}
    world.add("clusterpolicies", {"metadata": {"name": "tags", **meta}, "spec": spec}, KYVERNO, "m1")
    return Target("m1", f"clusterpolicies.{KYVERNO}", "", "tags")


def fleet(world: Estate, security: Obj | None) -> Target:
    kyverno = {} if security is None else {"podSecurity": security}
    spec = {"clusters": [{"name": "m1", "kind": "AttachedCluster"}], "plugin": {"policy": {"kyverno": kyverno}}}
    world.add("fleets", {"metadata": {"name": "f", "namespace": "d"}, "spec": spec}, FLEETS, HOST)
    return Target(HOST, f"fleets.{FLEETS}", "d", "f")


async def test_an_own_policy_is_enforced_and_says_what_breaks_it_now(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kyverno",)) as world:
        results = [{"policy": "tags", "result": "fail"}, {"policy": "other", "result": "fail"}]
        report = {"metadata": {"name": "r", "namespace": "d"}, "results": results}
        world.add("policyreports", report, "wgpolicyk8s.io")
        target = policy(world)
        plan = await world.plan("kyverno.action", [target])
        assert plan.consequences[0].text.startswith("1 objects break it now")
        await world.commit(plan)
        assert (await world.get("m1", POLICY))["spec"]["validationFailureAction"] == "Enforce"
        assert (await world.plan("kyverno.action", [target], to="Enforce")).refusals


async def test_rules_that_say_it_themselves_are_changed_too(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kyverno",)) as world:
        rules = [{"name": "a", "validate": {"failureAction": "Audit"}}, {"name": "b", "mutate": {}}]
        target = policy(world, rules)
        await world.commit(await world.plan("kyverno.action", [target], to="Enforce"))
        spec = (await world.get("m1", POLICY))["spec"]
        assert spec["validationFailureAction"] == "Enforce"
        assert spec["rules"] == [{"name": "a", "validate": {"failureAction": "Enforce"}}, rules[1]]


async def test_a_policy_that_validates_nothing_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kyverno",)) as world:
        plan = await world.plan("kyverno.action", [policy(world, [{"name": "m", "mutate": {}}])])
        assert "none of its rules validates" in plan.refusals[0].reason


async def test_a_policy_of_the_fleets_chart_is_refused_and_planned_at_the_fleet_instead(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=("kyverno",)) as world:
        fleet(world, {"standard": "baseline", "validationFailureAction": "Audit"})
        labels = {"fleet.kurator.dev/name": "f", "fleet.kurator.dev/plugin": "kyverno"}
        release = {"metadata": {"name": "kyverno-policies-m1", "namespace": "d", "labels": labels}, "spec": {}}
        world.add("helmreleases", release, "helm.toolkit.fluxcd.io", HOST)
        notes = {"meta.helm.sh/release-name": "kyverno-kyverno-policies-m1"}
        target = policy(world, annotations=notes, labels={"app.kubernetes.io/managed-by": "Helm"})
        refused = await world.plan("kyverno.action", [target])
        assert refused.steps == ()
        instead = refused.refusals[0].instead
        assert instead is not None
        assert instead.target is not None
        plan = await world.plan(instead.verb, [instead.target], **instead.arguments)
        assert "reaches 1 members: m1" in plan.consequences[0].text
        await world.commit(plan)
        found = await world.get(HOST, f"apis/{FLEETS}/v1alpha1/namespaces/d/fleets/f")
        security = found["spec"]["plugin"]["policy"]["kyverno"]["podSecurity"]
        assert security["validationFailureAction"] == "Enforce"


async def test_a_fleet_without_pod_security_policies_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS) as world:
        plan = await world.plan("kyverno.action", [fleet(world, None)])
        assert "no pod security policies" in plan.refusals[0].reason


async def test_an_exception_names_the_pods_that_a_deployment_makes(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kyverno",)) as world:
        plan = await world.plan("kyverno.exempt", [policy(world)], what="deployment/shop", **{"in": "d"})
        await world.commit(plan)
        listed = await world.get("m1", f"apis/{KYVERNO}/v2alpha1/namespaces/d/policyexceptions")
        (made,) = listed["items"]
        (resources,) = [each["resources"] for each in made["spec"]["match"]["any"]]
        assert resources["kinds"] == ["Deployment", "ReplicaSet", "Pod"]
        assert resources["names"] == ["shop", "shop-*"]
        (named,) = made["spec"]["exceptions"]
        assert named == {"policyName": "tags", "ruleNames": ["tag", "autogen-tag", "autogen-cronjob-tag"]}
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await world.get("m1", f"apis/{KYVERNO}/v2alpha1/namespaces/d/policyexceptions"))["items"] == []


async def test_an_exception_that_would_except_nothing_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("kyverno",)) as world:
        target = policy(world)
        plan = await world.plan("kyverno.exempt", [target], rules="nope", what="Pod/x", **{"in": "d"})
        assert "no rule nope; it has tag" in plan.refusals[0].reason
        bare = await world.plan("kyverno.exempt", [target], what="x", **{"in": "d"})
        assert "no KIND/NAME" in bare.refusals[0].reason
