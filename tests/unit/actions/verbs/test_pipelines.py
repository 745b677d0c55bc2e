"""Pipelines run as their webhook would run them, are cancelled once, and run again."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from tests.unit.actions.estate import Estate, Obj, estate
from tests.unit.actions.verbs.kurator import on_host, refused, said, take_back, write

SETS = ("backup", "tekton")
KURATOR, TEKTON = "pipeline.kurator.dev", "tekton.dev"
BUILD = {"name": "build", "predefinedTask": {"name": "build-and-push-image"}}
CLONE = {"name": "git-clone", "predefinedTask": {"name": "git-clone"}}
PIPELINE = Target(HOST, f"pipelines.{KURATOR}", "d", "ci")


def add_pipeline(world: Estate, *, made: bool = True) -> None:
    """Kurator's Pipeline and, when it was made, Tekton's."""
    workspace = {"accessMode": "ReadWriteMany", "storageRequest": "2Gi", "storageClassName": "fast"}
    head = {"name": "ci", "namespace": "d"}
    spec = {"tasks": [CLONE, BUILD], "sharedWorkspace": workspace}
    world.add("pipelines", {"metadata": head, "spec": spec}, KURATOR, HOST)
    if made:
        world.add("pipelines", {"metadata": head, "spec": {"tasks": []}}, TEKTON, HOST)


def add_run(world: Estate, name: str = "ci-run-1", *, ended: str = "", **spec: object) -> Target:
    params = [{"name": "revision", "value": "abc"}, {"name": "repo-url", "value": "https://github.com/a/b"}]
    whole = {"pipelineRef": {"name": "ci"}, "params": params, **spec}
    status = {"conditions": [{"type": "Succeeded", "status": "True" if ended else "Unknown", "reason": ended}]}
    labels = {"tekton.dev/pipeline": "ci"}
    head = {"name": name, "namespace": "d", "labels": labels}
    world.add("pipelineruns", {"metadata": head, "spec": whole, "status": status}, TEKTON, HOST)
    return Target(HOST, f"pipelineruns.{TEKTON}", "d", name)


async def runs(world: Estate) -> list[Obj]:
    found: list[Obj] = (await world.get(HOST, f"apis/{TEKTON}/v1/namespaces/d/pipelineruns"))["items"]
    return found


async def test_a_pipeline_runs_as_its_trigger_would_run_it_and_is_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_pipeline(world)
        world.add("secrets", {"metadata": {"name": "git-credentials", "namespace": "d"}}, cluster=HOST)
        plan = await world.plan("pipeline.run", [PIPELINE], repo="https://github.com/a/b", revision="main")
        assert "there is no Secret docker-credentials" in said(plan)
        assert "it pushes an image" in said(plan)
        await write(world, plan)
        (run,) = await runs(world)
        assert run["metadata"]["name"].startswith("ci-run-")
        assert run["metadata"]["labels"] == {"tekton.dev/pipeline": "ci"}
        assert run["spec"]["taskRunTemplate"] == {"serviceAccountName": "ci"}
        names = ["kurator-pipeline-shared-data", "git-credentials", "docker-credentials"]
        assert [each["name"] for each in run["spec"]["workspaces"]] == names
        assert run["spec"]["workspaces"][0]["volumeClaimTemplate"]["spec"] == {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": "2Gi"}},
            "storageClassName": "fast",
        }
        again = await world.plan("pipeline.run", [PIPELINE], revision="next")
        await write(world, again)
        params = [{each["name"]: each["value"] for each in found["spec"]["params"]} for found in await runs(world)]
        assert {"repo-url": "https://github.com/a/b", "revision": "next"} in params
        await take_back(world, again)
        assert len(await runs(world)) == 1


async def test_a_pipeline_that_cannot_run_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_pipeline(world, made=False)
        assert "Kurator has not made it" in refused(await world.plan("pipeline.run", [PIPELINE]))
        world.add("pipelines", {"metadata": {"name": "ci", "namespace": "d"}, "spec": {}}, TEKTON, HOST)
        assert "it never ran: say repo and revision" in refused(await world.plan("pipeline.run", [PIPELINE]))
        wrong = await world.plan("pipeline.run", [PIPELINE], repo="/etc", revision="main")
        assert "no URL of a Git repository" in refused(wrong)


async def test_a_run_is_cancelled_once_and_not_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        target = add_run(world)
        plan = await world.plan("run.cancel", [target, add_run(world, "ci-run-2", ended="Completed")])
        assert [refusal.reason for refusal in plan.refusals] == ["it has ended: Completed"]
        await write(world, plan)
        assert (await on_host(world, "pipelineruns", "ci-run-1", TEKTON))["spec"]["status"] == "Cancelled"
        assert "being ended already" in refused(await world.plan("run.cancel", [target]))
        with pytest.raises(UsageError, match="cannot be taken back"):
            await world.plan("undo", [], plan=plan.id)


async def test_a_run_runs_again_with_the_same_parameters_and_without_its_end(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        add_pipeline(world)
        target = add_run(world, ended="Cancelled", status="Cancelled", timeouts={"pipeline": "1h"})
        plan = await world.plan("run.rerun", [target])
        assert "https://github.com/a/b at abc" in said(plan)
        await write(world, plan)
        (new,) = [each for each in await runs(world) if each["metadata"]["name"] != "ci-run-1"]
        assert "status" not in new["spec"]
        assert new["spec"]["timeouts"] == {"pipeline": "1h"}
        await take_back(world, plan)
        assert "goes on: both run beside each other" in said(await world.plan("run.rerun", [add_run(world, "r")]))


async def test_a_run_of_a_pipeline_that_is_gone_does_not_run_again(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=SETS) as world:
        assert "is there no more" in refused(await world.plan("run.rerun", [add_run(world, ended="Failed")]))
