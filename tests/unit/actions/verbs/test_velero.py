"""Backups of a member are purged with their data; its schedules are paused and run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.verb import Risk
from tests.unit.actions.estate import Estate, Obj, estate

VELERO = "velero.io"
PATH = f"apis/{VELERO}/v1/namespaces/d"


def add(world: Estate, plural: str, name: str, spec: Obj, status: Obj | None = None, **meta: Any) -> Target:
    whole = {"metadata": {"name": name, "namespace": "d", **meta}, "spec": spec, "status": status or {}}
    world.add(plural, whole, VELERO)
    return Target("m1", f"{plural}.{VELERO}", "d", name)


async def items(world: Estate, plural: str) -> list[Obj]:
    return list((await world.get("m1", f"{PATH}/{plural}"))["items"])


async def test_a_purge_asks_velero_and_says_what_goes_with_it(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("velero",)) as world:
        target = add(world, "backups", "nightly", {"storageLocation": "s3"}, {"phase": "Completed"})
        add(world, "restores", "back", {"backupName": "nightly"})
        add(world, "backupstoragelocations", "s3", {"accessMode": "ReadOnly"}, {"phase": "Unavailable"})
        plan = await world.plan("velero.purge", [target])
        told = "\n".join(each.text for each in plan.consequences)
        assert plan.risk is Risk.DESTRUCTIVE
        assert "1 restores made from it are deleted, too: back" in told
        assert "s3 is Unavailable now" in told
        assert "s3 is read-only" in told
        await world.commit(plan)
        (made,) = await items(world, "deletebackuprequests")
        backup = await world.get("m1", f"{PATH}/backups/nightly")
        assert made["spec"] == {"backupName": "nightly"}
        expected = {"velero.io/backup-name": "nightly", "velero.io/backup-uid": backup["metadata"]["uid"]}
        assert made["metadata"]["labels"] == expected


@pytest.mark.parametrize("phase", ["InProgress", "Deleting"])
async def test_a_backup_that_is_busy_is_not_purged(tmp_path: Path, phase: str) -> None:
    async with estate(tmp_path, sets=("velero",)) as world:
        plan = await world.plan("velero.purge", [add(world, "backups", "b", {}, {"phase": phase})])
        assert plan.steps == ()
        assert plan.refusals


async def test_schedules_are_paused_and_resumed(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("velero",)) as world:
        target = add(world, "schedules", "nightly", {"schedule": "0 2 * * *", "template": {}})
        plan = await world.plan("velero.pause", [target])
        assert plan.title.startswith("Pause")
        await world.commit(plan)
        assert (await world.get("m1", f"{PATH}/schedules/nightly"))["spec"]["paused"] is True
        assert (await world.plan("velero.pause", [target], to="pause")).refusals
        await world.commit(await world.plan("velero.pause", [target]))
        assert (await world.get("m1", f"{PATH}/schedules/nightly"))["spec"]["paused"] is False


async def test_a_schedule_runs_now_as_velero_would_run_it(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("velero",)) as world:
        template = {"includedNamespaces": ["web"], "ttl": "720h", "metadata": {}}
        labels = {"kurator.dev/backup-name": "nightly"}
        target = add(world, "schedules", "nightly", {"schedule": "@daily", "template": template}, labels=labels)
        await world.commit(await world.plan("velero.run", [target]))
        (made,) = await items(world, "backups")
        assert made["spec"] == {"includedNamespaces": ["web"], "ttl": "720h"}
        assert made["metadata"]["labels"] == {**labels, "velero.io/schedule-name": "nightly"}
        assert made["metadata"]["name"].removeprefix("nightly-").isdecimal()
