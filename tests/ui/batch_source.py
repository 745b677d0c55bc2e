"""Batch work as a console gets it: a queue holds the GPUs of ai-cloud; NPUs and a tree of queues on on-prem."""

from __future__ import annotations

from typing import Any

from kurator_tui.fleet import accelerators, batch_jobs, batch_queues, preemptions
from kurator_tui.kinds.base import HOST
from kurator_tui.store.freshness import Freshness, State
from tests.ui.estate import workloads
from tests.ui.source import FakeSource
from tests.unit.fleet.batch_objects import GPU, NOW, NPU, Estate, unschedulable

JOINS = {join.kind.id: join for join in (batch_queues.JOIN, batch_jobs.JOIN, accelerators.JOIN, preemptions.JOIN)}
A100 = {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"}
CHIPS = {"node.kubernetes.io/npu.chip.name": "910B3"}
AI, METAL = "ai-cloud", "on-prem"


def estate() -> Estate:
    """Queue `default` holds the GPUs of ai-cloud and gives none back; on-prem has NPUs and queues below queues."""
    made = Estate(AI, METAL)
    for number in range(4):
        made.node(f"ai-gpu-{number}", AI, A100, has={GPU: "8", "cpu": "96", "memory": "1152Gi"})
        made.pod(f"sweep-{number}", f"ai-gpu-{number}", AI, gpu=7)
    for number in range(2):
        made.node(f"npu-{number}", METAL, CHIPS, has={NPU: "8"})
    made.pod("release-eval-worker-0", "", AI, gpu=4)
    _queues(made)
    _jobs(made)
    for name, because in (("e1", "reclaim"), ("e2", "preempt"), ("e3", "reclaim")):
        made.event(name, "Evict", f"Pod is evicted, because of {because}", f"tokenizer-worker-{name[1]}", AI)
    made.event("e4", "Preempted", "Preempted by web/router-0 on node ai-gpu-2", "notebook-0", AI)
    return made


def _queues(made: Estate) -> None:
    made.queue(
        "default", AI, weight=1, reclaimable=False, allocated={GPU: "24"}, status={"running": 24, "pending": 16}
    )
    made.queue("production", AI, weight=8, allocated={GPU: "4"}, status={"running": 1, "pending": 1})
    made.queue("research", AI, weight=4, capability={GPU: "24"}, status={"pending": 1})
    made.queue("legacy", AI, state="Closed")
    made.queue("default", METAL)
    made.queue("production", METAL, weight=8, deserved={NPU: "8"}, allocated={NPU: "4"}, status={"running": 2})
    made.queue("research", METAL, deserved={NPU: "8"}, capability={NPU: "8"})
    made.queue("research-asr", METAL, parent="research", deserved={NPU: "6"}, status={"pending": 1})
    made.queue("research-tts", METAL, "Closed", parent="research", deserved={NPU: "2"}, status={"pending": 1})


def _jobs(made: Estate) -> None:
    gang = "2/2 tasks in gang unschedulable: pod group is not ready, 2 Pending, 2 minAvailable"
    waiting: tuple[tuple[str, str, dict[str, str], str, list[Any]], ...] = (
        ("sweep-25", "default", {GPU: "1"}, AI, []),
        ("release-eval", "production", {GPU: "8"}, AI, unschedulable("NotEnoughResources", gang)),
        ("pretrain-70b", "research", {GPU: "56"}, AI, unschedulable("NotEnoughResources", gang)),
        ("asr-finetune", "research-asr", {NPU: "16"}, METAL, []),
        ("voices-eval", "research-tts", {NPU: "2"}, METAL, []),
    )
    for name, queue, asks, cluster, conditions in waiting:
        made.job(name, queue, cluster=cluster)
        made.group(name, queue, cluster, asks=asks, conditions=conditions)
    made.job("tokenizer", "default", "Restarting", AI, state={"reason": "PodEvicted"}, retryCount=2)
    made.group("tokenizer", "default", AI, "Running", asks={GPU: "24"})
    made.job("distill-7b", "production", "Running", AI, running=2)
    made.job("eval-nightly", "production", "Completed", METAL, succeeded=4, runningDuration="1h42m7s")
    made.job(
        "embeddings", "default", "Failed", AI, failed=1, succeeded=5, state={"reason": "PodFailed"}, retryCount=3
    )
    made.job("rlhf-sweep", "research", "Aborted", AI, state={"message": "AbortJob by command"})


def batched() -> FakeSource:
    """The estate of the UI tests with it."""
    source, made = workloads(), estate()
    for kind, join in JOINS.items():
        for cluster in (HOST, AI, METAL):
            found = made.rows(join, cluster)
            source.store.put(kind, cluster, {row.uid: row for row in found.values()})
            source.store.set_freshness(cluster, kind, Freshness(State.LIVE, NOW))
    return source
