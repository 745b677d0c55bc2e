"""Volcano in the demo: jobs wait in queues for their share, a queue starves and is mended, Commands are taken."""

from typing import Any

import pytest

from kurator_tui.demo.world.batchwork import COMMANDS, GPU, GROUPS, JOBS, QUEUES, job, queue_status
from kurator_tui.demo.world.cluster import SimCluster, owner_reference
from kurator_tui.demo.world.objects import quantity
from kurator_tui.demo.world.scenes.batch import FLOOD, LATER, RECLAIMED, WEIGHED
from kurator_tui.demo.world.world import World
from tests.unit.demo.world.worlds import advance, running

Obj = dict[str, Any]


def batch(world: World) -> SimCluster:
    return world.clusters["ai-cloud"]


def held(cluster: SimCluster, queue: str) -> int:
    """GPUs that the queue's status says."""
    found = cluster.find(QUEUES, "", queue) or {}
    return int(quantity(found["status"]["allocated"].get(GPU, 0)))


def phase(cluster: SimCluster, name: str) -> str:
    found = cluster.find(JOBS, "training", name) or {}
    return str(((found.get("status") or {}).get("state") or {}).get("phase"))


def submit(cluster: SimCluster, name: str, queue: str = "batch", *, pods: int = 1, gpus: int = 1) -> Obj:
    return cluster.create(JOBS, job(name, "training", queue, pods=pods, gpus=gpus, seconds=20))


def command(cluster: SimCluster, action: str, target: Obj, namespace: str) -> None:
    meta = {"name": f"c-{action.lower()}", "namespace": namespace}
    made = {"apiVersion": "bus.volcano.sh/v1alpha1", "kind": "Command", "metadata": meta, "action": action}
    cluster.create(COMMANDS, {**made, "target": owner_reference(target)})


@pytest.fixture
def world() -> World:
    return running("still", 2)


def test_a_job_gets_a_group_and_pods_and_ends_with_them(world: World) -> None:
    cluster = batch(world)
    made = submit(cluster, "small")
    advance(world, 10)
    assert phase(cluster, "small") == "Running"
    assert held(cluster, "batch") == 1
    (pod,) = cluster.owned(made["metadata"]["uid"], "pods")
    assert pod["metadata"]["labels"]["volcano.sh/job-name"] == "small"
    advance(world, 40)
    assert (phase(cluster, "small"), held(cluster, "batch")) == ("Completed", 0)
    advance(world, 150)
    assert cluster.find(JOBS, "training", "small") is None


def test_a_group_without_room_says_so_and_has_no_pods(world: World) -> None:
    cluster = batch(world)
    made = submit(cluster, "giant", "production", pods=2, gpus=6)
    advance(world, 10)
    its = cluster.find(GROUPS, "training", f"giant-{made['metadata']['uid']}") or {}
    (told,) = its["status"]["conditions"]
    assert (told["type"], told["reason"]) == ("Unschedulable", "NotEnoughResources")
    assert cluster.owned(made["metadata"]["uid"], "pods") == []


def test_a_capability_is_an_end(world: World) -> None:
    cluster = batch(world)
    made = submit(cluster, "wide", "batch", pods=3, gpus=4)
    advance(world, 10)
    its = cluster.find(GROUPS, "training", f"wide-{made['metadata']['uid']}") or {}
    assert its["status"]["conditions"][0]["message"] == "queue resource quota insufficient"


def test_a_closed_queue_starts_nothing_until_it_is_opened(world: World) -> None:
    cluster = batch(world)
    queue = cluster.find(QUEUES, "", "batch") or {}
    command(cluster, "CloseQueue", queue, "default")
    advance(world, 3)
    submit(cluster, "late")
    advance(world, 10)
    assert phase(cluster, "late") == "Pending"
    command(cluster, "OpenQueue", queue, "default")
    advance(world, 10)
    assert phase(cluster, "late") == "Running"
    assert cluster.find(COMMANDS, "default", "c-openqueue") is None


def test_an_aborted_job_is_resumed_with_new_pods(world: World) -> None:
    cluster = batch(world)
    made = submit(cluster, "stop")
    advance(world, 8)
    command(cluster, "AbortJob", made, "training")
    advance(world, 6)
    assert (phase(cluster, "stop"), cluster.owned(made["metadata"]["uid"], "pods")) == ("Aborted", [])
    command(cluster, "ResumeJob", made, "training")
    advance(world, 10)
    assert phase(cluster, "stop") == "Running"


def test_a_queue_starves_until_its_rival_gives_back() -> None:
    world = running("queue-starvation", 2)
    cluster = batch(world)
    advance(world, FLOOD - 1)
    assert held(cluster, "default") == 0
    advance(world, LATER + 15 - world.clock.elapsed)
    assert held(cluster, "default") > 16, "it has taken more than its part of 32"
    assert phase(cluster, "release-eval") == "Pending"
    advance(world, WEIGHED + 10 - world.clock.elapsed)
    assert phase(cluster, "release-eval") == "Pending", "weights alone take nothing back"
    advance(world, RECLAIMED + 40 - world.clock.elapsed)
    assert phase(cluster, "release-eval") == "Running"
    assert held(cluster, "default") < 16
    assert any(event["reason"] == "Evict" and "reclaim" in event["message"] for event in cluster.all_of("events"))


def test_a_queue_s_status_counts_its_groups() -> None:
    groups = [
        {"spec": {"minResources": {"cpu": "8", "memory": "1Gi", GPU: "2"}}, "status": {"phase": "Running"}},
        {"spec": {"minResources": {"cpu": "8"}}, "status": {"phase": "Pending"}},
    ]
    found = queue_status("Open", groups)
    assert (found["running"], found["pending"]) == (1, 1)
    assert found["allocated"] == {"cpu": "8", "memory": "1Gi", GPU: "2"}
