"""Argo's Rollouts move in simulated time: steps, pauses, and a new template that begins anew."""

from typing import Any

import pytest

from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers.argo import ROLLOUTS
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running

Obj = dict[str, Any]
IMAGE = "registry.shop.example/webapp/frontend:v9.0.0"


@pytest.fixture
def world() -> World:
    return running("still", 4)


@pytest.fixture
def cluster(world: World) -> SimCluster:
    return world.clusters["pre-cloud"]


def status(cluster: SimCluster, name: str = "frontend") -> Obj:
    found = cluster.find(ROLLOUTS, "webapp", name)
    assert found is not None
    its: Obj = found["status"]
    return its


def push(cluster: SimCluster, name: str = "frontend") -> None:
    def use(obj: Obj) -> None:
        obj["spec"]["template"]["spec"]["containers"][0]["image"] = IMAGE

    cluster.modify("deployments.apps", "webapp", name, use)


def change(cluster: SimCluster, **spec: Any) -> None:
    cluster.modify(ROLLOUTS, "webapp", "frontend", lambda obj: obj["spec"].update(spec))


def seen(world: World, cluster: SimCluster, seconds: int) -> list[tuple[str, int]]:
    """The different (phase, step) over some seconds."""
    found: list[tuple[str, int]] = []
    for _ in range(seconds):
        advance(world, 1)
        state = (status(cluster)["phase"], status(cluster)["currentStepIndex"])
        if found[-1:] != [state]:
            found.append(state)
    return found


def test_steps_and_pauses_follow_each_other_and_a_new_template_begins_anew(
    world: World, cluster: SimCluster
) -> None:
    assert seen(world, cluster, 90) == [("Paused", 1), ("Progressing", 2), ("Paused", 3), ("Healthy", 4)]
    assert status(cluster)["stableRS"] == status(cluster)["currentPodHash"]
    about = [event for event in cluster.all_of("events", "webapp") if event["involvedObject"]["kind"] == "Rollout"]
    assert {"RolloutStepCompleted", "RolloutCompleted"} <= {event["reason"] for event in about}
    push(cluster)
    steps = [("Progressing", 0), ("Paused", 1), ("Progressing", 2), ("Paused", 3)]
    assert seen(world, cluster, 100) == [("Healthy", 4), *steps, ("Healthy", 4)]
    assert status(cluster)["updatedReplicas"] == status(cluster)["replicas"]


def test_a_paused_one_waits_until_it_is_resumed_and_a_failed_one_for_a_new_version(
    world: World, cluster: SimCluster
) -> None:
    change(cluster, paused=True)
    assert seen(world, cluster, 90) == [("Paused", 1)]
    assert status(cluster, "cart")["phase"] == "Degraded"
    change(cluster, paused=False)
    push(cluster, "cart")
    assert seen(world, cluster, 90)[-1] == ("Healthy", 4)
    assert status(cluster, "cart")["phase"] == "Healthy"
