"""Queues that starve: one takes all GPUs while nobody else wants them, and gives none back."""

from collections.abc import Callable
from functools import partial

from kurator_tui.demo.world.batchwork import GPU, JOBS, QUEUES, job
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.incidents import incident
from kurator_tui.demo.world.story import told
from kurator_tui.demo.world.world import World

Step = tuple[float, Callable[[], None]]

SUMMARY = "one queue takes all GPUs and gives none back, others starve; mended at 80 s and 120 s"
FLOODED, NAMESPACE = "default", "training"
FLOOD, LATER, WEIGHED, RECLAIMED = 8.0, 20.0, 80.0, 120.0
"""World seconds: the flood comes, others want their share, the weights are mended, reclaim is allowed."""
_SWEEPS = 40
INCIDENTS = (incident("KT3211", "ai-cloud", FLOODED, since=FLOOD, by=FLOOD + 605),)
"""What still waits in the queue after ten minutes; before that a queue is only busy."""


def starvation(world: World) -> list[Step]:
    """Inference moves away; 40 jobs of `default` take its GPUs, `production` and `research` wait for theirs."""
    name = next((name for name in world.members if _has_gpus(world.clusters[name])), "")
    if not name:
        return []
    cluster = world.clusters[name]
    wants = partial(_submit, cluster)
    steps: list[tuple[float, str, Callable[[], None]]] = [
        (1.0, "inference moves away from its GPUs", partial(_move_away, cluster)),
        (FLOOD, f"{_SWEEPS} jobs flood queue {FLOODED}, which gives nothing back", partial(_flood, cluster)),
        (LATER, "release-eval of queue production waits", partial(wants, "release-eval", "production", 8, 1)),
        (LATER + 1, "align-7b of queue research waits", partial(wants, "align-7b", "research", 2, 1)),
        (WEIGHED, f"queue {FLOODED} has weight 1 again", partial(_mend, cluster, weight=1)),
        (RECLAIMED, f"others may reclaim from queue {FLOODED}", partial(_mend, cluster, reclaimable=True)),
    ]
    return [(when, told(name, what, act)) for when, what, act in steps]


def _has_gpus(cluster: SimCluster) -> bool:
    has = any(GPU in (node["status"].get("allocatable") or {}) for node in cluster.all_of("nodes"))
    return has and QUEUES in cluster.types


def _move_away(cluster: SimCluster) -> None:
    """Nothing but jobs asks for GPUs any more."""
    for resource in ("deployments.apps", "statefulsets.apps"):
        for found in cluster.all_of(resource):
            containers = found["spec"]["template"]["spec"]["containers"]
            if any(GPU in (each["resources"].get("limits") or {}) for each in containers):
                place = (found["metadata"]["namespace"], found["metadata"]["name"])
                cluster.modify(resource, *place, lambda workload: workload["spec"].update(replicas=0))


def _flood(cluster: SimCluster) -> None:
    """Somebody gives the queue the weight of production, forbids reclaim, and floods it."""
    _mend(cluster, weight=8, reclaimable=False)
    for number in range(_SWEEPS):
        _submit(cluster, f"sweep-{number:02d}", FLOODED, 1, 1)


def _submit(cluster: SimCluster, name: str, queue: str, pods: int, gpus: int) -> None:
    cluster.create(JOBS, job(name, NAMESPACE, queue, pods=pods, gpus=gpus, seconds=1800.0))


def _mend(cluster: SimCluster, **spec: int | bool) -> None:
    cluster.modify(QUEUES, "", FLOODED, lambda queue: queue["spec"].update(spec))
