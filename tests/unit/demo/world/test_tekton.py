"""Tekton on the demo's host: runs are taken up, go on task by task, and end well, badly or cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.demo.world import tekton
from kurator_tui.demo.world.builds import KEPT, Builds
from kurator_tui.demo.world.controllers.tekton import FAILS, RUNS, TASK_RUNS, seconds_of
from kurator_tui.demo.world.systems.pipelines import PLANS, run_spec
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running

Obj = dict[str, Any]
PLAN = PLANS[0]


@pytest.fixture(scope="module")
def world() -> World:
    return running("still", 0)


def start(world: World, name: str, plan: int = 0, **meta: Any) -> None:
    """A run as the webhook of a pipeline makes it."""
    head = {"name": name, "namespace": "default", **meta}
    spec = run_spec(PLANS[plan])
    world.host.create(RUNS, {"apiVersion": tekton.API, "kind": "PipelineRun", "metadata": head, "spec": spec})


def state(world: World, name: str) -> tuple[str, str]:
    """(status, reason) of its condition."""
    run = world.host.find(RUNS, "default", name)
    assert run is not None
    (told,) = (run.get("status") or {}).get("conditions") or [{"status": "", "reason": ""}]
    return told["status"], told["reason"]


def tasks(world: World, run: str) -> dict[str, Obj]:
    labelled = (
        each
        for each in world.host.all_of(TASK_RUNS)
        if each["metadata"]["labels"]["tekton.dev/pipelineRun"] == run
    )
    return {each["metadata"]["labels"]["tekton.dev/pipelineTask"]: each for each in labelled}


def test_a_run_takes_its_tasks_in_turn_and_leaves_an_image(world: World) -> None:
    start(world, "good")
    advance(world, 3)
    assert state(world, "good") == ("Unknown", "Running")
    assert list(tasks(world, "good")) == ["git-clone"]
    pod = world.host.find("pods", "default", "good-git-clone-pod")
    assert pod is not None
    assert pod["metadata"]["labels"]["tekton.dev/taskRun"] == "good-git-clone"
    advance(world, sum(seconds_of(f"good-{task}") for task in PLAN.tasks) + 10)
    assert state(world, "good") == ("True", "Succeeded")
    found = tasks(world, "good")
    assert sorted(found) == sorted(PLAN.tasks)
    results = {each["name"]: each["value"] for each in found[tekton.BUILD]["status"]["results"]}
    assert results["IMAGE_URL"].startswith("registry.shop.example/webapp-backend:")
    pods = [world.host.find("pods", "default", f"good-{task}-pod") for task in PLAN.tasks]
    assert [pod["status"]["phase"] for pod in pods if pod] == ["Succeeded"] * len(PLAN.tasks)


def test_a_run_that_fails_ends_at_the_task_that_failed(world: World) -> None:
    start(world, "bad", annotations={FAILS: "go-lint"})
    advance(world, 130)
    assert state(world, "bad") == ("False", "Failed")
    assert sorted(tasks(world, "bad")) == ["git-clone", "go-lint"]
    told = tasks(world, "bad")["go-lint"]["status"]
    assert told["conditions"][0]["message"].startswith('"step-go-lint" exited with code 1: ')
    assert told["steps"][0]["terminated"]["exitCode"] == 1
    pod = world.host.find("pods", "default", "bad-go-lint-pod")
    assert pod is not None
    assert pod["status"]["phase"] == "Failed"


def test_what_only_a_release_does_is_left_out(world: World) -> None:
    start(world, "charts", plan=2)
    advance(world, 130)
    assert state(world, "charts") == ("True", "Completed")
    run = world.host.find(RUNS, "default", "charts")
    assert run is not None
    assert [each["name"] for each in run["status"]["skippedTasks"]] == ["publish"]


def test_a_run_that_is_cancelled_ends_with_its_task(world: World) -> None:
    start(world, "stopped")
    advance(world, 3)
    world.host.modify(RUNS, "default", "stopped", lambda run: run["spec"].update(status="Cancelled"))
    advance(world, 3)
    assert state(world, "stopped") == ("False", "Cancelled")
    assert tasks(world, "stopped")["git-clone"]["status"]["conditions"][0]["reason"] == "TaskRunCancelled"


def test_the_run_that_was_under_way_at_the_beginning_comes_to_its_end(world: World) -> None:
    advance(world, 120)
    assert [
        name
        for name in (run["metadata"]["name"] for run in world.host.all_of(RUNS))
        if state(world, name)[0] == "Unknown"
    ] == []


def test_pushes_start_runs_and_old_ones_go() -> None:
    world = running("still", 0)
    Builds(world).begin()
    before = {run["metadata"]["name"] for run in world.host.all_of(RUNS)}
    advance(world, 1500)
    runs = [run for run in world.host.all_of(RUNS) if not run["metadata"].get("deletionTimestamp")]
    begun = [run for run in runs if run["metadata"]["name"] not in before]
    assert len(begun) >= 8
    assert all("triggers.tekton.dev/eventlistener" in run["metadata"]["labels"] for run in begun)
    for plan in PLANS:
        assert sum(run["spec"]["pipelineRef"]["name"] == plan.name for run in runs) <= KEPT + 1
    names = {run["metadata"]["name"] for run in runs}
    owners = {each["metadata"]["labels"]["tekton.dev/pipelineRun"] for each in world.host.all_of(TASK_RUNS)}
    assert owners <= names
