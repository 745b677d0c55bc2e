"""Volcano on a member with NPUs where nothing runs: queues below queues that say what they deserve; what waits."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.batchwork import BATCH, SCHEDULING
from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site

Obj = dict[str, Any]

NPU = "huawei.com/Ascend910"
_NAMESPACE = "speech"
#: (name, parent, weight, NPUs it deserves, NPUs it may take, state)
_QUEUES = (
    ("root", "", 1, 0, 0, "Open"),
    ("default", "root", 1, 0, 0, "Open"),
    ("production", "root", 8, 8, 0, "Open"),
    ("research", "root", 4, 8, 8, "Open"),
    ("research-asr", "research", 2, 6, 0, "Open"),
    ("research-tts", "research", 1, 2, 4, "Closed"),
)
#: (name, queue, pods, NPUs each, age, what the scheduler said)
_WAITING = (
    ("asr-finetune", "research-asr", 2, 8, 3 * HOUR, "queue resource quota insufficient"),
    ("voices-eval", "research-tts", 1, 2, 40 * MINUTE, ""),
    ("diarize-backfill", "batch-old", 1, 0, 26 * HOUR, ""),
)


def objects(site: Site) -> Iterator[Obj]:
    """Queues, then jobs whose groups have no room: Volcano makes no pods for those."""
    for name, parent, weight, deserves, most, state in _QUEUES:
        spec: Obj = {"weight": weight, "reclaimable": True, **({"parent": parent} if parent else {})}
        spec |= {"deserved": {NPU: str(deserves)}} if deserves else {}
        spec |= {"capability": {NPU: str(most)}} if most else {}
        waiting = sum(queue == name for _job, queue, *_rest in _WAITING)
        counts = {"pending": waiting, "inqueue": 0, "running": 0, "completed": 0}
        status = {"state": state, **counts, "allocated": {"cpu": "0", "memory": "0"}, "reservation": {}}
        yield site.make(SCHEDULING, "Queue", name, age=30 * DAY, spec=spec, status=status)
    for name, queue, pods, npus, age, message in _WAITING:
        job = _job(site, name, queue, pods, npus, age)
        yield job
        yield _group(site, job, pods * npus, age, message)


def _job(site: Site, name: str, queue: str, pods: int, npus: int, age: float) -> Obj:
    limits = {"cpu": "16", "memory": "64Gi", **({NPU: str(npus)} if npus else {})}
    image = "registry.dc1.example/speech/train:v3.4.1"
    template = {
        "spec": {
            "containers": [{"name": "worker", "image": image, "resources": {"limits": limits}}],
            "restartPolicy": "OnFailure",
        }
    }
    spec = {
        "minAvailable": pods,
        "queue": queue,
        "schedulerName": "volcano",
        "maxRetry": 3,
        "tasks": [{"name": "worker", "replicas": pods, "template": template}],
    }
    since = site.stamp(age)
    status = {"state": {"phase": "Pending", "lastTransitionTime": since}, "minAvailable": pods}
    return site.make(BATCH, "Job", name, _NAMESPACE, age=age, spec=spec, status=status)


def _group(site: Site, job: Obj, npus: int, age: float, message: str) -> Obj:
    pods = job["spec"]["minAvailable"]
    resources = {"cpu": str(16 * pods), "memory": f"{64 * pods}Gi", **({NPU: str(npus)} if npus else {})}
    spec = {"minMember": pods, "queue": job["spec"]["queue"], "minResources": resources}
    status: Obj = {"phase": "Pending"}
    if message:
        told = {"type": "Unschedulable", "status": "True", "reason": "NotEnoughResources", "message": message}
        status["conditions"] = [{**told, "lastTransitionTime": site.stamp(age - MINUTE), "transitionID": "1"}]
    name = f"{job['metadata']['name']}-{job['metadata']['uid']}"
    return site.make(SCHEDULING, "PodGroup", name, _NAMESPACE, age=age, owner=job, spec=spec, status=status)
