"""Volcano's objects as pure functions: jobs, their pod groups and pods, the status of a queue from its groups."""

from collections.abc import Iterable, Iterator
from typing import Any

from kurator_tui.demo.world.cluster import owner_reference
from kurator_tui.demo.world.kubelet import DURATION
from kurator_tui.demo.world.objects import container, pod_template, quantity

Obj = dict[str, Any]

JOBS, GROUPS, QUEUES, COMMANDS = (
    "jobs.batch.volcano.sh",
    "podgroups.scheduling.volcano.sh",
    "queues.scheduling.volcano.sh",
    "commands.bus.volcano.sh",
)
BATCH, SCHEDULING = "batch.volcano.sh/v1alpha1", "scheduling.volcano.sh/v1beta1"
GPU = "nvidia.com/gpu"
IMAGE = "registry.ai.example/train/llm:v0.21.0"
CPU_A_POD, MEMORY_A_POD = 8, 64
"""Cores and GiB that a pod of a job asks for."""


def job(name: str, namespace: str, queue: str, *, pods: int, gpus: int, seconds: float) -> Obj:
    """A Volcano Job of `pods` workers that must run together, each with `gpus`, for so many world seconds."""
    template = {
        "metadata": {"annotations": {DURATION: f"{seconds:g}"}},
        "spec": {
            "containers": [container("worker", IMAGE, cpu=f"{CPU_A_POD}", memory=f"{MEMORY_A_POD}Gi", gpus=gpus)],
            "restartPolicy": "OnFailure",
            "schedulerName": "volcano",
        },
    }
    spec = {
        "minAvailable": pods,
        "queue": queue,
        "schedulerName": "volcano",
        "maxRetry": 3,
        "policies": [{"event": "PodEvicted", "action": "RestartJob"}],
        "tasks": [{"name": "worker", "replicas": pods, "template": template}],
    }
    return {
        "apiVersion": BATCH,
        "kind": "Job",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def wants(pods: int, gpus: int) -> Obj:
    """What a group of pods with `gpus` devices together asks for at least."""
    amounts: Obj = {"cpu": f"{CPU_A_POD * pods}", "memory": f"{MEMORY_A_POD * pods}Gi"}
    return {**amounts, GPU: str(gpus)} if gpus else amounts


def gpus_of(found: Obj) -> int:
    """The GPUs that all pods of a job ask for together."""
    return sum(int(task["replicas"]) * _gpus(task) for task in found["spec"]["tasks"])


def _gpus(task: Obj) -> int:
    limits = (task["template"]["spec"]["containers"][0].get("resources") or {}).get("limits") or {}
    return int(quantity(limits.get(GPU, 0)))


def group(found: Obj) -> Obj:
    """The pod group that Volcano makes for a job."""
    pods, meta = int(found["spec"]["minAvailable"]), found["metadata"]
    return {
        "apiVersion": SCHEDULING,
        "kind": "PodGroup",
        "metadata": {
            "name": f"{meta['name']}-{meta['uid']}",
            "namespace": meta["namespace"],
            "ownerReferences": [owner_reference(found)],
        },
        "spec": {"minMember": pods, "queue": found["spec"]["queue"], "minResources": wants(pods, gpus_of(found))},
        "status": {"phase": "Pending"},
    }


def pods_of(found: Obj) -> Iterator[tuple[str, Obj]]:
    """Names and templates of a job's pods, with the labels that Volcano gives them."""
    meta = found["metadata"]
    for task in found["spec"]["tasks"]:
        labels = {
            "volcano.sh/job-name": meta["name"],
            "volcano.sh/job-namespace": meta["namespace"],
            "volcano.sh/queue-name": found["spec"]["queue"],
            "volcano.sh/task-spec": task["name"],
        }
        spec, notes = task["template"]["spec"], (task["template"].get("metadata") or {}).get("annotations") or {}
        made = pod_template(labels, spec["containers"], restartPolicy="OnFailure", schedulerName="volcano")
        made["metadata"]["annotations"] = {
            **notes,
            "scheduling.k8s.io/group-name": f"{meta['name']}-{meta['uid']}",
        }
        for number in range(int(task["replicas"])):
            yield f"{meta['name']}-{task['name']}-{number}", made


def queue_status(state: str, groups: Iterable[Obj]) -> Obj:
    """The status of a queue with these groups; those that run hold what they ask for."""
    counts = {"pending": 0, "inqueue": 0, "running": 0, "completed": 0, "unknown": 0}
    held: list[Obj] = []
    for each in groups:
        phase = str((each.get("status") or {}).get("phase") or "Pending").lower()
        counts[phase] = counts.get(phase, 0) + 1
        if phase == "running":
            held.append(each["spec"].get("minResources") or {})
    return {"state": state, **counts, "allocated": added(held), "reservation": {}}


def added(amounts: Iterable[Obj]) -> Obj:
    """The sum of some resource lists: cores, memory in GiB, devices."""
    total: dict[str, float] = {"cpu": 0.0, "memory": 0.0}
    for each in amounts:
        for name, value in each.items():
            total[name] = total.get(name, 0.0) + quantity(value)
    return {
        name: f"{amount / 2**30:.0f}Gi" if name == "memory" else f"{amount:g}" for name, amount in total.items()
    }
