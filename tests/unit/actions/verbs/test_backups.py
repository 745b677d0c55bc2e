"""Kurator's backups are made so that its controller does not panic, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Plan, Target
from tests.unit.actions.estate import Estate, Obj, estate

CLUSTER, BACKUP = "cluster.kurator.dev", "backup.kurator.dev"
SETS = ("backup",)


def member(name: str) -> Target:
    return Target(HOST, f"attachedclusters.{CLUSTER}", "d", name)


def fleet(world: Estate, provider: str = "aws", members: tuple[str, ...] = ("m1", "m2")) -> Target:
    location = {"bucket": "b", "provider": provider, "endpoint": "http://s3.example"}
    plugin: Obj = {"backup": {"storage": {"location": location, "secretName": "s"}}} if provider else {}
    for name in members:
        labels = {"fleet.kurator.dev/fleet-name": "f"}
        spec = {"kubeconfig": {"name": name, "key": "value"}}
        head = {"name": name, "namespace": "d", "labels": labels}
        world.add("attachedclusters", {"metadata": head, "spec": spec, "status": {"ready": True}}, CLUSTER, HOST)
    clusters = [{"name": name, "kind": "AttachedCluster"} for name in members]
    said: Obj = {"clusters": clusters, "plugin": plugin}
    world.add("fleets", {"metadata": {"name": "f", "namespace": "d"}, "spec": said}, "fleet.kurator.dev", HOST)
    return Target(HOST, "fleets.fleet.kurator.dev", "d", "f")


async def made(world: Estate, plan: Plan, plural: str = "backups") -> Obj:
    await world.commit(plan)
    (found,) = (await world.get(HOST, f"apis/{BACKUP}/v1alpha1/namespaces/d/{plural}"))["items"]
    return dict(found["spec"])


def references(*names: str) -> list[Obj]:
    return [{"kind": "AttachedCluster", "name": name} for name in names]


async def test_a_fleet_is_backed_up_with_a_filter_that_is_never_absent(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        spec = await made(world, await world.plan("backup.create", [fleet(world)]))
        assert spec == {
            "destination": {"fleet": "f", "clusters": references("m1", "m2")},
            "policy": {"resourceFilter": {}},
        }


async def test_marked_clusters_of_a_fleet_are_one_scheduled_backup(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        fleet(world, members=("m1", "m2", "m3"))
        given = {"schedule": "0 2 * * *", "namespaces": "web pay", "ttl": "72h", "name": "nightly"}
        plan = await world.plan("backup.create", [member("m1"), member("m3")], **given)
        spec = await made(world, plan)
        assert spec["destination"]["clusters"] == references("m1", "m3")
        assert spec["schedule"] == "0 2 * * *"
        assert spec["policy"] == {"resourceFilter": {"includedNamespaces": ["web", "pay"]}, "ttl": "72h"}


@pytest.mark.parametrize(
    ("provider", "why"),
    [
        ("gcp", "does not implement"),
        ("azure", "does not implement"),
        ("", "backup plugin is off"),
        ("x", "not know"),
    ],
)
async def test_what_kurator_cannot_store_is_refused(tmp_path: Path, provider: str, why: str) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        plan = await world.plan("backup.create", [fleet(world, provider)])
        assert plan.steps == ()
        assert why in plan.refusals[0].reason


async def test_a_schedule_that_is_none_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        plan = await world.plan("backup.create", [fleet(world)], schedule="daily")
        assert "no cron schedule" in plan.refusals[0].reason


def backup(world: Estate, fleet_name: str = "f", **status: Any) -> Target:
    destination = {"fleet": fleet_name, "clusters": references("m1", "m2")}
    whole = {"metadata": {"name": "b", "namespace": "d"}, "spec": {"destination": destination}, "status": status}
    world.add("backups", whole, BACKUP, HOST)
    return Target(HOST, f"backups.{BACKUP}", "d", "b")


async def test_a_restore_says_which_clusters_have_nothing_to_restore(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        fleet(world)
        details = [
            {"clusterName": "m1", "backupStatusInCluster": {"phase": "Completed"}},
            {"clusterName": "m2", "backupStatusInCluster": {"phase": "Failed"}},
        ]
        target = backup(world, backupDetails=details)
        plan = await world.plan("backup.restore", [target], mapping="web=web-copy")
        warned = [each.text for each in plan.consequences if "no backup is Completed" in each.text]
        assert warned == ["m2: no backup is Completed (the last one: Failed): its restore would wait or fail"]
        spec = await made(world, plan, "restores")
        assert spec == {
            "backupName": "b",
            "destination": {"fleet": "f", "clusters": references("m1", "m2")},
            "policy": {"resourceFilter": {}, "namespaceMapping": {"web": "web-copy"}, "preserveNodePorts": False},
        }


async def test_a_restore_goes_to_clusters_of_the_backup_only(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        fleet(world)
        target = backup(world)
        assert (
            "no cluster of the backup"
            in (await world.plan("backup.restore", [target], clusters="m9")).refusals[0].reason
        )
        spec = await made(world, await world.plan("backup.restore", [target], clusters="m2"), "restores")
        assert spec["destination"]["clusters"] == references("m2")


async def test_a_backup_whose_fleet_is_in_another_namespace_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        plan = await world.plan("backup.restore", [backup(world, "elsewhere")])
        assert "Kurator looks for the fleet there alone" in plan.refusals[0].reason


async def test_a_migration_names_its_source_and_goes_to_others_of_the_fleet(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        fleet(world)
        refused = await world.plan("backup.migrate", [member("m1")], to="m1")
        assert refused.steps == ()
        spec = await made(world, await world.plan("backup.migrate", [member("m1")], to="m2"), "migrates")
        assert spec["sourceCluster"] == {"fleet": "f", "clusters": references("m1")}
        assert spec["targetCluster"] == {"fleet": "f", "clusters": references("m2")}
        assert spec["policy"]["resourceFilter"] == {}
