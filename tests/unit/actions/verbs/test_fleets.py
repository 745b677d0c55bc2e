"""Fleets: who may join, what comes with a fleet and what leaves with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.verb import Risk
from tests.unit.actions.estate import Estate, Obj, estate
from tests.unit.actions.verbs.kurator import (
    FLEETS,
    INFRA,
    add_cluster,
    add_fleet,
    add_release,
    attached,
    members,
    on_host,
    refused,
    said,
    take_back,
    write,
)

SETS = ("backup",)
METRIC: Obj = {"thanos": {"objectStoreConfig": {"secretName": "s"}}}
PLUGINS: Obj = {"metric": METRIC, "policy": {"kyverno": {"podSecurity": {"standard": "baseline"}}}}


def add_application(world: Estate, name: str = "shop", **selects: str) -> None:
    policy = {"name": "web", "kustomization": {"interval": "5m", "prune": True, "path": "."}}
    aim: Obj = {"fleet": "f", **({"clusterSelector": {"matchLabels": selects}} if selects else {})}
    source = {"gitRepository": {"url": "https://git.example/shop", "interval": "5m"}}
    spec = {"source": source, "destination": aim, "syncPolicies": [policy]}
    world.add(
        "applications", {"metadata": {"name": name, "namespace": "d"}, "spec": spec}, "apps.kurator.dev", HOST
    )


async def test_clusters_join_and_it_is_told_what_comes_to_them(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_fleet(world, "m1", plugin=PLUGINS)
        for name in ("thanos", "prometheus-m1", "kyverno-m1", "kyverno-policies-m1"):
            add_release(world, name)
        add_application(world, "shop", env="prod")
        targets = [add_cluster(world, "m2", env="prod"), add_cluster(world, "m3")]
        plan = await world.plan("fleet.join", targets, to="f")
        told = said(plan)
        assert "HelmReleases are made: prometheus on m2, m3; kyverno on m2, m3; kyverno-policies on m2, m3" in told
        assert "Applications go to m2: shop (web)" in told
        assert "go to m3" not in told
        await write(world, plan)
        assert await members(world) == ["m1", "m2", "m3"]
        await take_back(world, plan)
        assert await members(world) == ["m1"]


async def test_a_fleet_without_a_list_gets_one(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        world.add("fleets", {"metadata": {"name": "f", "namespace": "d"}, "spec": {}}, FLEETS, HOST)
        plan = await world.plan("fleet.join", [add_cluster(world, "m1")], to="f")
        await write(world, plan)
        assert await members(world) == ["m1"]


async def test_a_cluster_is_in_one_fleet_only(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_fleet(world, "m1")
        add_fleet(world, "m2", name="g")
        plan = await world.plan("fleet.join", [attached("m2")], to="f")
        assert "it is in Fleet g" in refused(plan)
        assert plan.refusals[0].instead is not None
        assert plan.refusals[0].instead.verb == "fleet.leave"


@pytest.mark.parametrize(
    ("name", "why"), [("nowhere", "there is no fleets nowhere in d"), ("f", "m1 is a member already")]
)
async def test_joining_what_cannot_be_joined_is_refused(tmp_path: Path, name: str, why: str) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_fleet(world, "m1")
        if name == "nowhere":
            add_cluster(world, "m9")
        plan = await world.plan("fleet.join", [attached("m9" if name == "nowhere" else "m1")], to=name)
        assert why in refused(plan)


async def test_a_custom_cluster_is_told_to_be_attached_instead(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_fleet(world, "m1")
        obj = {"metadata": {"name": "metal", "namespace": "d"}, "spec": {"cni": {"type": "calico"}}}
        world.add("customclusters", obj, INFRA, HOST)
        plan = await world.plan("fleet.join", [Target(HOST, f"customclusters.{INFRA}", "d", "metal")], to="f")
        assert "no CustomCluster" in refused(plan)
        instead = plan.refusals[0].instead
        assert instead is not None
        assert (instead.verb, instead.arguments) == ("custom.attach", {"join": "f"})


async def test_a_member_that_is_missing_or_not_ready_holds_plugins_up(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_fleet(world, "m1", plugin=PLUGINS)
        spec = {
            "clusters": [{"name": "m1", "kind": "AttachedCluster"}, {"name": "gone", "kind": "AttachedCluster"}]
        }
        head = {"name": "g", "namespace": "d"}
        world.add("fleets", {"metadata": head, "spec": {**spec, "plugin": {"grafana": {}}}}, FLEETS, HOST)
        plan = await world.plan("fleet.join", [add_cluster(world, "m2", ready=False)], to="f")
        assert "m2 is not ready: it gets no plugin until it is" in said(plan)
        assert "g is in this namespace, too" in said(plan)
        plan = await world.plan("fleet.join", [add_cluster(world, "m3")], to="g")
        assert "installs no plugin on any member of the fleet" not in said(plan)  # nothing of it is on members


async def test_what_leaves_with_a_cluster_is_told(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_fleet(world, "m1", "m2", plugin=PLUGINS)
        for name in ("thanos", "prometheus-m1", "prometheus-m2", "kyverno-m1", "kyverno-m2"):
            add_release(world, name, ready=name != "prometheus-m1")
        add_application(world)
        aim = {"fleet": "f", "clusters": [{"kind": "AttachedCluster", "name": "m2"}]}
        nightly = {
            "metadata": {"name": "nightly", "namespace": "d"},
            "spec": {"schedule": "@daily", "destination": aim},
        }
        world.add("backups", nightly, "backup.kurator.dev", HOST)
        plan = await world.plan("fleet.leave", [attached("m2")])
        told = said(plan)
        assert "Helm uninstalls: prometheus on m2; kyverno on m2" in told
        assert "nothing is deleted while a plugin is not Ready: prometheus-m1" in told
        assert "Applications no longer look after m2: shop" in told
        assert "scheduled Backups name what leaves, and fail from then on: nightly" in told
        assert plan.risk is Risk.DISRUPTIVE
        await write(world, plan)
        assert await members(world) == ["m1"]
        await take_back(world, plan)
        assert await members(world) == ["m1", "m2"]


async def test_leaving_a_fleet_that_stores_on_its_members_is_destructive(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_fleet(world, "m1", "m2", plugin={"distributedStorage": {"storage": {}}})
        plan = await world.plan("fleet.leave", [attached("m1")])
        assert plan.risk is Risk.DESTRUCTIVE
        assert "may be lost for good" in said(plan)


async def test_the_broker_does_not_leave(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        plugin = {"submariner": {"brokerCluster": "m1", "clusterCidrs": {}, "serviceCidrs": {}}}
        add_fleet(world, "m1", "m2", plugin=plugin)
        assert "m1 holds Submariner's broker" in refused(await world.plan("fleet.leave", [attached("m1")]))
        assert "HelmReleases" in said(await world.plan("fleet.leave", [attached("m2")]))


async def test_a_cluster_of_no_fleet_leaves_none(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        assert "no fleet" in refused(await world.plan("fleet.leave", [add_cluster(world, "m1")]))


async def test_members_are_exchanged_in_one_change(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = add_fleet(world, "m1", "m2", "m3")
        add_cluster(world, "m4")
        plan = await world.plan("fleet.members", [target], add="m4", remove="m1 m3")
        assert len(plan.steps) == 1
        await write(world, plan)
        assert await members(world) == ["m2", "m4"]
        await take_back(world, plan)
        assert await members(world) == ["m1", "m2", "m3"]


@pytest.mark.parametrize(
    ("given", "why"),
    [({"remove": "m9"}, "m9 is no member"), ({"add": "m9"}, "no cluster m9 in d"), ({}, "nobody is said")],
)
async def test_members_that_cannot_be_exchanged_are_refused(
    tmp_path: Path, given: dict[str, str], why: str
) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        assert why in refused(await world.plan("fleet.members", [add_fleet(world, "m1")], **given))


async def test_a_fleet_is_made_with_its_clusters_and_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_cluster(world, "m1")
        plan = await world.plan("fleet.create", [], name="new", namespace="d", clusters="m1", karmada="yes")
        await write(world, plan)
        made = await on_host(world, "fleets", "new", FLEETS)
        assert made["spec"]["clusters"] == [{"kind": "AttachedCluster", "name": "m1"}]
        assert made["metadata"]["annotations"] == {"fleet.kurator.dev/controlplane": "karmada"}
        await take_back(world, plan)
        assert (await on_host(world, "fleets", "new", FLEETS))["reason"] == "NotFound"


@pytest.mark.parametrize(
    ("name", "clusters", "why"),
    [("f", "", "already"), ("A B", "", "no name"), ("new", "m9", "no cluster m9"), ("new", "m1", "in Fleet f")],
)
async def test_a_fleet_that_cannot_be_made_is_refused(tmp_path: Path, name: str, clusters: str, why: str) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_fleet(world, "m1")
        plan = await world.plan("fleet.create", [], name=name, namespace="d", clusters=clusters)
        assert why in refused(plan)


async def test_a_fleet_that_git_writes_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        labels = {"kustomize.toolkit.fluxcd.io/name": "fleets", "kustomize.toolkit.fluxcd.io/namespace": "d"}
        add_fleet(world, "m1", labels=labels)
        plan = await world.plan("fleet.join", [add_cluster(world, "m2")], to="f")
        assert "Kustomization d/fleets applies it again" in refused(plan)
