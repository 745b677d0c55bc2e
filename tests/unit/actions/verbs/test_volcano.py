"""Volcano's jobs and queues are told by Commands, and only what their state heeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.kinds.plans import Target
from tests.unit.actions.estate import Estate, Obj, estate

BATCH, SCHEDULING = "batch.volcano.sh", "scheduling.volcano.sh"
COMMANDS = "apis/bus.volcano.sh/v1alpha1/namespaces/{}/commands"


def job(world: Estate, name: str = "train", phase: str = "Running", **spec: Any) -> Target:
    status = {"state": {"phase": phase}, "running": 4, "pending": 1}
    meta = {"name": name, "namespace": "d"}
    world.add("jobs", {"metadata": meta, "spec": {"maxRetry": 3, **spec}, "status": status}, BATCH)
    return Target("m1", f"jobs.{BATCH}", "d", name)


def queue(world: Estate, name: str = "research", state: str = "Open", **spec: Any) -> Target:
    status = {"state": state, "running": 2, "pending": 3}
    world.add("queues", {"metadata": {"name": name}, "spec": {"weight": 1, **spec}, "status": status}, SCHEDULING)
    return Target("m1", f"queues.{SCHEDULING}", "", name)


async def commands(world: Estate, namespace: str = "d") -> list[Obj]:
    return list((await world.get("m1", COMMANDS.format(namespace)))["items"])


@pytest.mark.parametrize(
    ("verb", "phase", "action"),
    [
        ("volcano.suspend", "Running", "AbortJob"),
        ("volcano.resume", "Aborted", "ResumeJob"),
        ("volcano.restart", "Pending", "RestartJob"),
    ],
)
async def test_a_job_is_told_by_a_command_that_it_owns(tmp_path: Path, verb: str, phase: str, action: str) -> None:
    async with estate(tmp_path, sets=("volcano",)) as world:
        target = job(world, phase=phase)
        owner = await world.get("m1", "apis/batch.volcano.sh/v1alpha1/namespaces/d/jobs/train")
        await world.commit(await world.plan(verb, [target]))
        (made,) = await commands(world)
        assert made["action"] == action
        assert made["metadata"]["name"].startswith("train-")
        expected = {
            "apiVersion": "batch.volcano.sh/v1alpha1",
            "kind": "Job",
            "name": "train",
            "uid": owner["metadata"]["uid"],
            "controller": True,
        }
        assert made["target"] == expected
        assert made["metadata"]["ownerReferences"] == [expected]


@pytest.mark.parametrize(
    ("verb", "phase"),
    [("volcano.suspend", "Completed"), ("volcano.restart", "Failed"), ("volcano.resume", "Running")],
)
async def test_a_command_that_volcano_would_swallow_is_not_made(tmp_path: Path, verb: str, phase: str) -> None:
    async with estate(tmp_path, sets=("volcano",)) as world:
        plan = await world.plan(verb, [job(world, phase=phase)])
        assert plan.steps == ()
        assert f"it is {phase}" in plan.refusals[0].reason


async def test_a_resumed_job_of_a_closed_queue_is_told_to_wait(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("volcano",)) as world:
        queue(world, state="Closed")
        plan = await world.plan("volcano.resume", [job(world, phase="Aborted", queue="research")])
        assert any("queue research is Closed" in each.text for each in plan.consequences)


async def test_a_queue_is_opened_and_closed_by_commands_in_the_default_namespace(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("volcano",)) as world:
        world.apis["m1"].add_namespace("default")
        closing, opening = queue(world), queue(world, "legacy", "Closed")
        await world.commit(await world.plan("queue.close", [closing]))
        await world.commit(await world.plan("queue.open", [opening]))
        made = {each["target"]["name"]: each for each in await commands(world, "default")}
        assert {name: each["action"] for name, each in made.items()} == {
            "research": "CloseQueue",
            "legacy": "OpenQueue",
        }
        assert made["research"]["target"]["kind"] == "Queue"
        assert (await world.plan("queue.open", [closing])).refusals
        assert (await world.plan("queue.close", [opening])).refusals


async def test_a_queues_weight_is_set_and_its_share_told(tmp_path: Path) -> None:
    async with estate(tmp_path, sets=("volcano",)) as world:
        target = queue(world)
        queue(world, "batch", weight=3)
        plan = await world.plan("queue.weight", [target], weight="3")
        assert "25% -> 50%" in plan.consequences[0].text
        await world.commit(plan)
        path = "apis/scheduling.volcano.sh/v1beta1/queues/research"
        assert (await world.get("m1", path))["spec"]["weight"] == 3
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await world.get("m1", path))["spec"]["weight"] == 1
        assert (await world.plan("queue.weight", [target], weight="0")).refusals
