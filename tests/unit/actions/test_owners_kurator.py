"""What Kurator or Karmada would undo is refused, and the verb that is told instead does it where it lasts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Instead, Plan, Target
from tests.unit.actions.estate import Estate, Obj, estate

APPS, FLEETS, FLAGGER, CAPI = "apps.kurator.dev", "fleet.kurator.dev", "flagger.app", "cluster.x-k8s.io"
KUSTOMIZE, HELM, SOURCE = "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io", "source.toolkit.fluxcd.io"
APPLICATION = Target(HOST, f"applications.{APPS}", "d", "shop")
CLUSTERS = (HOST, "m1")
GIT = {"kind": "GitRepository", "name": "shop"}


def head(name: str, **more: Any) -> Obj:
    return {"name": name, "namespace": "d", **more}


async def refused(world: Estate, verb: str, target: Target, **arguments: str) -> Instead:
    """Nothing is planned, one refusal says where to write instead."""
    plan = await world.plan(verb, [target], **arguments)
    assert plan.steps == ()
    (refusal,) = plan.refusals
    assert refusal.instead is not None
    return refusal.instead


async def done_instead(world: Estate, instead: Instead) -> Plan:
    """What one key makes of a refusal, applied."""
    assert instead.target is not None
    plan = await world.plan(instead.verb, [instead.target], **instead.arguments)
    assert plan.refusals == ()
    await world.commit(plan)
    return plan


# -- an Application -----------------------------------------------------------------------------------------------


def application(world: Estate) -> None:
    """Two policies with rollouts, the second one a chart."""
    workload = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "d"}
    block = {"workload": workload, "serviceName": "web", "port": 80, "trafficRoutingProvider": "istio"}
    analysis = {"checkIntervalSeconds": 30, "checkFailedTimes": 3, "metrics": []}
    rollout = {**block, "rolloutPolicy": {"trafficRouting": {}, "trafficAnalysis": analysis}}
    kustomization = {"interval": "5m", "path": "./", "prune": True}
    helm = {"interval": "5m", "chart": {"spec": {"chart": "c"}}}
    policies = [
        {"name": "Front", "kustomization": kustomization, "rollout": rollout},
        {"helm": helm, "rollout": {**rollout, "workload": {**workload, "name": "api"}}},
    ]
    git = {"interval": "3m", "url": "https://git.example/shop"}
    spec = {"source": {"gitRepository": git}, "destination": {"fleet": "f"}, "syncPolicies": policies}
    world.add("applications", {"metadata": head("shop"), "spec": spec}, APPS, HOST)
    members = {"clusters": [{"name": "m1", "kind": "AttachedCluster"}]}
    world.add("fleets", {"metadata": head("f"), "spec": members}, FLEETS, HOST)


async def written(world: Estate) -> Obj:
    return dict((await world.get(HOST, f"apis/{APPS}/v1alpha1/namespaces/d/applications/shop"))["spec"])


def canary(world: Estate, policy: str, status: Obj | None = None) -> Target:
    made = head("web", annotations={"kurator.dev/rollout": policy})
    aim = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"targetRef": aim, "service": {"port": 80}, "analysis": {}}
    world.add("canaries", {"metadata": made, "spec": spec, "status": status or {}}, FLAGGER, "m1")
    return Target("m1", f"canaries.{FLAGGER}", "d", "web")


async def test_a_canary_is_paused_in_the_sync_policy_that_it_is_of_alone(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=("flagger",)) as world:
        application(world)
        instead = await refused(world, "rollout.pause", canary(world, "Front"))
        assert (instead.target, instead.verb) == (APPLICATION, "rollout.pause")
        assert instead.fields == ("spec.syncPolicies[0].rollout",)
        await done_instead(world, instead)
        policies = (await written(world))["syncPolicies"]
        assert [each["rollout"]["rolloutPolicy"].get("suspend") for each in policies] == [True, None]


async def test_a_canary_is_promoted_in_the_sync_policy_whose_name_kurator_made(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=("flagger",)) as world:
        application(world)
        target = canary(world, "shop-1", {"phase": "Progressing"})
        assert (await world.plan("rollout.promote", [target])).consequences == ()
        await done_instead(world, await refused(world, "rollout.promote", target))
        policies = (await written(world))["syncPolicies"]
        skipped = [each["rollout"]["rolloutPolicy"].get("skipTrafficAnalysis") for each in policies]
        assert skipped == [None, True]


async def test_other_fields_of_a_canary_are_its_rollout_block(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=("flagger",)) as world:
        application(world)
        instead = await refused(world, "annotate", canary(world, "Front"), annotations="a=b")
        assert (instead.target, instead.verb) == (APPLICATION, "")


async def test_a_canary_comes_back_when_it_is_deleted(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=("flagger",)) as world:
        application(world)
        instead = await refused(world, "delete", canary(world, "Front"))
        assert (instead.target, instead.fields) == (APPLICATION, ("spec.syncPolicies[0].rollout",))


async def test_a_canarys_status_is_not_rendered_again_so_an_abort_lasts(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=("flagger",)) as world:
        application(world)
        target = canary(world, "Front", {"phase": "Progressing", "failedChecks": 0})
        plan = await world.plan("rollout.abort", [target])
        assert (plan.refusals, [step.what for step in plan.steps]) == ((), ["merge status"])
        await world.commit(plan)
        found = await world.get("m1", f"apis/{FLAGGER}/v1beta1/namespaces/d/canaries/web")
        assert found["status"]["failedChecks"] == 1


async def test_a_policy_that_there_is_not_is_not_paused(tmp_path: Path) -> None:
    async with estate(tmp_path, CLUSTERS, sets=("flagger",)) as world:
        application(world)
        plan = await world.plan("rollout.pause", [APPLICATION], policy="back")
        assert plan.refusals[0].reason == "it has no sync policy back with a rollout; it has Front, shop-1"


def flux(world: Estate, plural: str, group: str, name: str, spec: Obj) -> Target:
    made = {"metadata": head(name, labels={f"{APPS}/app-name": "shop"}), "spec": spec}
    world.add(plural, made, group, HOST)
    return Target(HOST, f"{plural}.{group}", "d", name)


KUSTOMIZATION = {"interval": "5m", "path": "./", "prune": True, "sourceRef": GIT}
RELEASE = {"interval": "5m", "chart": {"spec": {"chart": "c", "sourceRef": GIT}}}
REPOSITORY = {"interval": "5m", "url": "https://git.example/shop"}
FLUX: list[tuple[str, str, str, Obj, str]] = [
    ("kustomizations", KUSTOMIZE, "front-attachedcluster-m1", KUSTOMIZATION, "syncPolicies[0].kustomization"),
    ("helmreleases", HELM, "shop-1-attachedcluster-m1", RELEASE, "syncPolicies[1].helm"),
    ("gitrepositories", SOURCE, "shop", REPOSITORY, "source"),
]


@pytest.mark.parametrize(("plural", "group", "name", "spec", "field"), FLUX)
async def test_flux_is_suspended_in_the_part_of_the_application_that_says_so(
    tmp_path: Path, plural: str, group: str, name: str, spec: Obj, field: str
) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        application(world)
        before = await written(world)
        target = flux(world, plural, group, name, spec)
        instead = await refused(world, "suspend", target)
        assert (instead.target, instead.fields) == (APPLICATION, (f"spec.{field}.suspend",))
        plan = await done_instead(world, instead)
        assert "until it is resumed" in plan.consequences[0].text
        now = await written(world)
        parts = [now["syncPolicies"][0]["kustomization"], now["syncPolicies"][1]["helm"]]
        states = [each.get("suspend") for each in (*parts, now["source"]["gitRepository"])]
        assert states == [True if each[0] == plural else None for each in FLUX]
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert await written(world) == before


async def test_flux_objects_of_an_application_come_back_when_they_are_deleted(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        application(world)
        target = flux(world, "kustomizations", KUSTOMIZE, "front-attachedcluster-m1", KUSTOMIZATION)
        plan = await world.plan("delete", [target])
        assert plan.steps == ()
        assert "would come back" in plan.refusals[0].reason
        assert plan.refusals[0].instead is not None
        assert plan.refusals[0].instead.target == APPLICATION


async def test_a_request_to_reconcile_is_nobodys_and_is_written(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        application(world)
        flux(world, "gitrepositories", SOURCE, "shop", REPOSITORY)
        target = flux(world, "kustomizations", KUSTOMIZE, "front-attachedcluster-m1", KUSTOMIZATION)
        plan = await world.plan("reconcile", [target])
        assert (plan.refusals, [step.target.name for step in plan.steps]) == ((), ["shop", target.name])


# -- a Fleet ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["suspend", "delete"])
async def test_a_plugins_release_is_the_fleets(tmp_path: Path, verb: str) -> None:
    marks = {"app.kubernetes.io/managed-by": "fleet-manager", f"{FLEETS}/name": "f", f"{FLEETS}/plugin": "metric"}
    async with estate(tmp_path, (HOST,)) as world:
        release = {"metadata": head("prometheus-m1", labels=marks), "spec": RELEASE}
        world.add("helmreleases", release, HELM)
        instead = await refused(world, verb, Target(HOST, f"helmreleases.{HELM}", "d", "prometheus-m1"))
        assert instead.target == Target(HOST, f"fleets.{FLEETS}", "d", "f")
        assert instead.fields == ("spec.plugin.metric",)


async def test_the_spec_of_veleros_schedule_is_left_as_it_is_so_a_pause_lasts(tmp_path: Path) -> None:
    marks = {"kurator.dev/backup-name": "b", f"{FLEETS}/fleet-name": "f", f"{FLEETS}/plugin": "backup"}
    async with estate(tmp_path, ("m1",), sets=("velero",)) as world:
        made = {"metadata": head("s", labels=marks), "spec": {"schedule": "0 2 * * *", "template": {}}}
        world.add("schedules", made, "velero.io")
        plan = await world.plan("velero.pause", [Target("m1", "schedules.velero.io", "d", "s")])
        assert (plan.refusals, len(plan.steps)) == ((), 1)


# -- a Cluster ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plural", "group", "verb", "arguments"),
    [
        ("clusters", CAPI, "pause", {}),
        ("machinedeployments", CAPI, "label", {"labels": "a=b"}),
        ("kubeadmcontrolplanes", f"controlplane.{CAPI}", "label", {"labels": "a=b"}),
        ("machinedeployments", CAPI, "delete", {}),
    ],
)
async def test_cluster_api_objects_of_a_kurator_cluster_are_the_clusters(
    tmp_path: Path, plural: str, group: str, verb: str, arguments: dict[str, str]
) -> None:
    marks = {"cluster.kurator.dev/cluster-name": "aws", "cluster.kurator.dev/cluster-namespace": "d"}
    async with estate(tmp_path, (HOST,), sets=("cluster-api",)) as world:
        world.add(plural, {"metadata": head("aws-x", labels=marks), "spec": {}}, group)
        instead = await refused(world, verb, Target(HOST, f"{plural}.{group}", "d", "aws-x"), **arguments)
        assert instead.target == Target(HOST, "clusters.cluster.kurator.dev", "d", "aws")
        assert instead.fields == ("spec.version", "spec.master", "spec.workers")


@pytest.mark.parametrize(
    ("plural", "group", "name", "spec", "verb", "arguments"),
    [
        ("machinedeployments", CAPI, "aws-md-1", "replicas: 5", "cluster.scale", {"replicas": "5", "pool": "1"}),
        (
            *("kubeadmcontrolplanes", f"controlplane.{CAPI}", "aws-kcp", "replicas: 3"),
            *("cluster.scale", {"replicas": "3", "pool": "master"}),
        ),
        (
            *("kubeadmcontrolplanes", f"controlplane.{CAPI}", "aws-kcp", "version: v1.31.0"),
            *("cluster.upgrade", {"version": "v1.31.0"}),
        ),
    ],
)
async def test_machines_and_versions_are_those_of_the_cluster(
    tmp_path: Path, plural: str, group: str, name: str, spec: str, verb: str, arguments: dict[str, str]
) -> None:
    marks = {"cluster.kurator.dev/cluster-name": "aws", "cluster.kurator.dev/cluster-namespace": "d"}
    async with estate(tmp_path, (HOST,), sets=("cluster-api",)) as world:
        before = {"replicas": 1, "version": "v1.30.0"}
        made = world.add(plural, {"metadata": head(name, labels=marks), "spec": before}, group)
        about = f"apiVersion: {made['apiVersion']}\nkind: {made['kind']}\nmetadata: {{name: {name}, namespace: d}}"
        yaml = f"{about}\nspec: {{{spec}}}\n"
        old = f"{about}\nspec: {{{'replicas: 1' if 'replicas' in spec else 'version: v1.30.0'}}}\n"
        target = Target(HOST, f"{plural}.{group}", "d", name)
        instead = await refused(world, "edit", target, yaml=yaml, **{"from": old})
        assert (instead.verb, instead.arguments) == (verb, arguments)
        assert instead.target == Target(HOST, "clusters.cluster.kurator.dev", "d", "aws")


# -- Karmada ------------------------------------------------------------------------------------------------------


def propagated(world: Estate, *, annotated: bool = True) -> Target:
    """A Deployment on a member as Karmada put it there; its template and binding on the host."""
    marks = {"work.karmada.io/name": "w", "work.karmada.io/namespace": "karmada-es-m1-attachedcluster"}
    told: Obj = {"annotations": marks} if annotated else {"labels": marks}
    world.add_deployment(cluster="m1", **told)
    world.add_deployment(cluster=HOST)
    resource = {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "d", "name": "shop"}
    spec = {"resource": resource, "replicas": 2, "clusters": [{"name": "m1-attachedcluster", "replicas": 2}]}
    world.add("resourcebindings", {"metadata": head("shop-deployment"), "spec": spec}, "work.karmada.io", HOST)
    cluster = {"metadata": {"name": "m1-attachedcluster"}, "spec": {"syncMode": "Push"}}
    world.add("clusters", cluster, "cluster.karmada.io", HOST)
    return Target("m1", "deployments.apps", "d", "shop")


@pytest.mark.parametrize(
    ("verb", "arguments", "path", "value"),
    [
        ("scale", {"replicas": "5"}, "/spec/replicas", 5),
        ("set-image", {"image": "web:2"}, "/spec/template/spec/containers/0/image", "web:2"),
    ],
)
@pytest.mark.parametrize("annotated", [True, False])
async def test_a_members_copy_is_overridden_at_karmada(
    tmp_path: Path, verb: str, arguments: dict[str, str], path: str, value: object, annotated: bool
) -> None:
    async with estate(tmp_path, CLUSTERS, sets=("karmada",)) as world:
        instead = await refused(world, verb, propagated(world, annotated=annotated), **arguments)
        assert instead.verb == "karmada.override"
        await done_instead(world, instead)
        listed = await world.get(HOST, "apis/policy.karmada.io/v1alpha1/namespaces/d/overridepolicies")
        (rule,) = listed["items"][0]["spec"]["overrideRules"]
        assert rule["targetCluster"] == {"clusterNames": ["m1-attachedcluster"]}
        assert rule["overriders"]["plaintext"] == [{"path": path, "operator": "replace", "value": value}]


@pytest.mark.parametrize(("verb", "arguments"), [("label", {"labels": "a=b"}), ("restart", {}), ("delete", {})])
async def test_what_no_verb_overrides_is_the_templates(
    tmp_path: Path, verb: str, arguments: dict[str, str]
) -> None:
    async with estate(tmp_path, CLUSTERS, sets=("karmada",)) as world:
        instead = await refused(world, verb, propagated(world), **arguments)
        assert (instead.verb, "its template at Karmada" in instead.text) == ("", True)
        assert instead.target == Target(HOST, "resourcebindings.work.karmada.io", "d", "shop-deployment")
