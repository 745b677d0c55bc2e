"""A write that its owner would undo is refused with the place to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from kurator_tui.actions.managed_fields import last_time, owners
from kurator_tui.actions.owners_kurator import APPLICATION, CLUSTER, FLEET, cluster_api
from kurator_tui.actions.plan import Reader
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Refusal, Target
from tests.unit.actions.estate import Estate, estate

D = "d"
SOURCE = {"kind": "GitRepository", "name": "s"}
SPECS = {
    "kustomizations": {"interval": "5m", "path": "./", "prune": True, "sourceRef": SOURCE},
    "helmreleases": {"interval": "5m", "chart": {"spec": {"chart": "c", "sourceRef": SOURCE}}},
}


def meta(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "namespace": D, **more}


def owner(version: str, kind: str, name: str) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "name": name, "uid": "u", "controller": True}


async def refused(world: Estate, verb: str, kind: str, name: str, **arguments: str) -> Refusal:
    cluster = next(iter(world.apis))
    plan = await world.plan(verb, [Target(cluster, kind, D, name)], **arguments)
    assert plan.faults == ()
    (refusal,) = plan.refusals
    assert plan.steps == ()
    return refusal


async def warned(world: Estate, verb: str, kind: str, name: str, **arguments: str) -> list[str]:
    cluster = next(iter(world.apis))
    plan = await world.plan(verb, [Target(cluster, kind, D, name)], **arguments)
    assert plan.refusals == ()
    assert len(plan.steps) == 1
    return [each.text for each in plan.consequences if each.level == "warning"]


async def test_what_kurator_renders_for_a_rollout_is_written_in_its_application(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        world.add_deployment("loader", annotations={"kurator.dev/rollout": "web-0"})
        app = {"metadata": meta("web"), "spec": {"source": {}, "syncPolicies": [{"destination": {}}]}}
        world.add("applications", app, "apps.kurator.dev")
        refusal = await refused(world, "annotate", "deployments.apps", "loader", annotations="a=b")
        assert "within 30 s" in refusal.reason
        assert refusal.instead is not None
        assert refusal.instead.target == Target(HOST, APPLICATION, D, "web")
        assert refusal.instead.fields == ("spec.syncPolicies[0].rollout",)


@pytest.mark.parametrize("plural", ["kustomizations", "helmreleases"])
async def test_flux_objects_of_an_application_are_written_there(tmp_path: Path, plural: str) -> None:
    group = {"kustomizations": "kustomize.toolkit.fluxcd.io", "helmreleases": "helm.toolkit.fluxcd.io"}[plural]
    async with estate(tmp_path, (HOST,)) as world:
        made = {"metadata": meta("x", labels={"apps.kurator.dev/app-name": "web"}), "spec": SPECS[plural]}
        world.add(plural, made, group)
        refusal = await refused(world, "label", f"{plural}.{group}", "x", labels="a=b")
        assert refusal.instead is not None
        assert refusal.instead.target == Target(HOST, APPLICATION, D, "web")
        token = "reconcile.fluxcd.io/requestedAt=now"
        assert await warned(world, "annotate", f"{plural}.{group}", "x", annotations=token) == []


async def test_a_plugins_release_is_written_in_the_fleet(tmp_path: Path) -> None:
    labels = {
        "app.kubernetes.io/managed-by": "fleet-manager",
        "fleet.kurator.dev/name": "quickstart",
        "fleet.kurator.dev/plugin": "metric",
    }
    async with estate(tmp_path, (HOST,)) as world:
        release = {"metadata": meta("t", labels=labels), "spec": SPECS["helmreleases"]}
        world.add("helmreleases", release, "helm.toolkit.fluxcd.io")
        refusal = await refused(world, "annotate", "helmreleases.helm.toolkit.fluxcd.io", "t", annotations="a=b")
        assert refusal.instead is not None
        assert refusal.instead.target == Target(HOST, FLEET, D, "quickstart")
        assert refusal.instead.fields == ("spec.plugin.metric",)
        assert refusal.instead.verb == "plugin.metric"
        gone = await refused(world, "delete", "helmreleases.helm.toolkit.fluxcd.io", "t")
        assert "would come back" in gone.reason


async def test_cluster_api_objects_of_a_kurator_cluster_are_written_there() -> None:
    labels = {"cluster.kurator.dev/cluster-name": "aws", "cluster.kurator.dev/cluster-namespace": D}
    target = Target(HOST, "machinedeployments.cluster.x-k8s.io", D, "aws-md-0")
    claim = await cluster_api(cast(Reader, None), target, {"metadata": meta("aws-md-0", labels=labels)})
    assert claim is not None
    assert claim.holds(("spec", "replicas"))
    assert claim.instead is not None
    assert claim.instead.target == Target(HOST, CLUSTER, D, "aws")


async def test_what_karmada_propagated_is_written_at_karmada(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(annotations={"work.karmada.io/name": "w"})
        refusal = await refused(world, "scale", "deployments.apps", "shop", replicas="5")
        assert refusal.instead is not None
        assert "OverridePolicy" in refusal.instead.text


async def test_replicas_that_an_autoscaler_sets_are_its_bounds(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        aim = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}
        hpa = {"metadata": meta("scaler"), "spec": {"scaleTargetRef": aim, "minReplicas": 2, "maxReplicas": 9}}
        world.add("horizontalpodautoscalers", hpa, "autoscaling")
        refusal = await refused(world, "scale", "deployments.apps", "shop", replicas="5")
        assert refusal.instead is not None
        assert refusal.instead.fields == ("spec.minReplicas", "spec.maxReplicas")
        told = await warned(world, "scale", "deployments.apps", "shop", replicas="0")
        assert any("not while they are 0" in each for each in told)
        assert await warned(world, "restart", "deployments.apps", "shop") == []


async def test_a_replica_set_of_a_deployment_is_scaled_there(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        spec = {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}}
        template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
        owned = meta("shop-1", ownerReferences=[owner("apps/v1", "Deployment", "shop")])
        world.add("replicasets", {"metadata": owned, "spec": {**spec, "template": template}}, "apps")
        refusal = await refused(world, "scale", "replicasets.apps", "shop-1", replicas="5")
        assert refusal.instead is not None
        assert refusal.instead.target == Target("m1", "deployments.apps", D, "shop")
        assert await warned(world, "delete", "replicasets.apps", "shop-1") == ["its pod ends with it"]


async def test_what_helm_installed_is_told_and_written(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(labels={"app.kubernetes.io/managed-by": "Helm"})
        (told,) = await warned(world, "scale", "deployments.apps", "shop", replicas="5")
        assert "next upgrade" in told


async def test_what_argo_heals_is_refused_and_what_it_only_tracks_is_told(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("argo",)) as world:
        world.add_deployment(annotations={"argocd.argoproj.io/tracking-id": "app:apps/Deployment:d/shop"})
        (told,) = await warned(world, "scale", "deployments.apps", "shop", replicas="5")
        assert "Argo CD's Application app may write it again" in told
        spec = {"syncPolicy": {"automated": {"selfHeal": True}}}
        world.add("applications", {"metadata": meta("app"), "spec": spec}, "argoproj.io")
        refusal = await refused(world, "scale", "deployments.apps", "shop", replicas="5")
        assert "heals it" in refusal.reason
        assert refusal.instead is not None
        assert refusal.instead.text == "the source of Argo CD's Application app"


async def test_what_a_helm_release_of_flux_made_is_told_with_its_values_as_the_place(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        labels = {"helm.toolkit.fluxcd.io/name": "r", "helm.toolkit.fluxcd.io/namespace": "flux"}
        world.add_deployment(labels=labels)
        told = await warned(world, "scale", "deployments.apps", "shop", replicas="5")
        assert "HelmRelease flux/r writes it with its next upgrade" in " ".join(told)


async def test_what_flagger_scales_is_scaled_at_the_primary_that_serves(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("flagger",)) as world:
        world.add_deployment()
        canary = world.add(
            "canaries",
            {"metadata": meta("shop"), "spec": {"targetRef": {"kind": "Deployment", "name": "shop"}}},
            "flagger.app",
        )
        refusal = await refused(world, "scale", "deployments.apps", "shop", replicas="5")
        assert refusal.instead is not None
        primary = Target("m1", "deployments.apps", D, "shop-primary")
        assert (refusal.instead.target, refusal.instead.verb) == (primary, "scale")
        owned = {**owner("flagger.app/v1beta1", "Canary", "shop"), "uid": canary["metadata"]["uid"]}
        world.add_deployment("shop-primary", ownerReferences=[owned])
        told = await warned(world, "scale", "deployments.apps", "shop-primary", replicas="5")
        assert all("would not last" not in each for each in told)
        template = await refused(world, "set-image", "deployments.apps", "shop-primary", image="web:2")
        assert template.instead is not None
        assert template.instead.target == Target("m1", "deployments.apps", D, "shop")


async def test_only_fields_that_kustomize_applied_are_put_back(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        fields: dict[str, Any] = {"f:spec": {"f:replicas": {}}}
        managed = {"manager": "kustomize-controller", "operation": "Apply", "apiVersion": "apps/v1"}
        entry = {**managed, "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": fields}
        labels = {"kustomize.toolkit.fluxcd.io/name": "k", "kustomize.toolkit.fluxcd.io/namespace": "flux"}
        world.add_deployment(labels=labels, managedFields=[entry])
        refusal = await refused(world, "scale", "deployments.apps", "shop", replicas="5")
        assert "Kustomization flux/k" in refusal.reason
        assert await warned(world, "restart", "deployments.apps", "shop") == []


def test_managed_fields_name_the_owners_of_a_path_the_last_writer_first() -> None:
    containers: dict[str, Any] = {'k:{"name":"web"}': {".": {}, "f:image": {}}}
    one = {"f:spec": {"f:template": {"f:spec": {"f:containers": containers}}}}
    obj = {
        "metadata": {
            "managedFields": [
                {"manager": "a", "operation": "Apply", "time": "2026-01-01T00:00:00Z", "fieldsV1": one},
                {"manager": "b", "operation": "Update", "time": "2026-01-02T00:00:00Z", "fieldsV1": one},
                {"manager": "c", "operation": "Update", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
            ]
        }
    }
    image = ("spec", "template", "spec", "containers", ("name", "web"), "image")
    assert [each.manager for each in owners(obj, image)] == ["b", "a"]
    assert [each.manager for each in owners(obj, ("spec", "replicas"))] == ["c"]
    assert last_time(obj, "b") == "2026-01-02T00:00:00Z"
