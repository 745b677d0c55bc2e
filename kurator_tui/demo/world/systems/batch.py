"""Volcano on a batch member: queues, jobs in every state with their pod groups, job flows, commands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kurator_tui.demo.world.batchwork import added, wants
from kurator_tui.demo.world.recorder import make_event
from kurator_tui.demo.world.site import DAY, HOUR, MINUTE, Site, event, owned_by
from kurator_tui.demo.world.systems import batch_waiting
from kurator_tui.demo.world.systems.workpods import step, work_pod

Obj = dict[str, Any]

_BATCH, _SCHEDULING, _FLOW = (
    "batch.volcano.sh/v1alpha1",
    "scheduling.volcano.sh/v1beta1",
    "flow.volcano.sh/v1alpha1",
)
_NAMESPACE = "training"
_IMAGE = "registry.ai.example/train/llm:v0.21.0"


@dataclass(frozen=True, slots=True)
class Work:
    """One Volcano Job: its queue, tasks as (role, replicas, GPUs each), phase, age, what was said."""

    name: str
    queue: str
    tasks: tuple[tuple[str, int, int], ...]
    phase: str
    age: float
    message: str = ""
    retries: int = 0


_NO_ROOM = (
    "8/8 tasks in gang unschedulable: pod group is not ready, 8 Pending, 8 minAvailable; Pending: 8 Unschedulable"
)
WORKS = (
    Work("pretrain-13b", "research", (("master", 1, 0), ("worker", 4, 1)), "Running", 6 * HOUR),
    Work("pretrain-70b", "research", (("master", 1, 0), ("worker", 7, 8)), "Pending", 95 * MINUTE, _NO_ROOM),
    Work("eval-nightly", "batch", (("worker", 4, 1),), "Completed", 9 * HOUR),
    Work("embeddings-backfill", "batch", (("worker", 6, 1),), "Failed", 3 * HOUR, "Task worker failed", 3),
    Work("rlhf-sweep", "research", (("actor", 2, 2), ("critic", 2, 1)), "Aborted", 2 * DAY, "AbortJob by command"),
    Work("tokenizer", "default", (("worker", 2, 0),), "Restarting", 12 * MINUTE, "PodFailed", 2),
    Work("distill-7b", "production", (("worker", 2, 2),), "Completing", 5 * HOUR),
)
_GROUP_PHASES = {
    "Pending": "Pending",
    "Restarting": "Inqueue",
    "Completed": "Completed",
    "Failed": "Completed",
    "Aborted": "Completed",
}
"""Phase of a job -> that of its group, where that is not Running."""
#: (name, weight, GPUs it may take, state, parent)
_QUEUES = (
    ("default", 1, 0, "Open", "root"),
    ("root", 1, 0, "Open", ""),
    ("production", 8, 16, "Open", "root"),
    ("research", 4, 24, "Open", "root"),
    ("batch", 2, 8, "Open", "root"),
    ("legacy", 1, 0, "Closed", "root"),
    ("interns", 1, 2, "Closing", "root"),
)


def objects(site: Site) -> Iterator[Obj]:
    """What a member has: the one with the GPUs nearly everything, others waiting work and queues below queues."""
    return _busy(site) if "batch" in site.plan.flavours else batch_waiting.objects(site)


def _busy(site: Site) -> Iterator[Obj]:
    """Queues first, then jobs with their groups, flows and a command nobody took yet."""
    yield from _queues(site)
    jobs = {work.name: _job(site, work) for work in WORKS}
    for work in WORKS:
        yield jobs[work.name]
        yield from _pods(site, work, jobs[work.name])
        if work.phase not in ("Aborted",):
            group = _group(site, work, jobs[work.name])
            yield group
            if work.phase == "Pending":
                yield event(site, group, "Unschedulable", work.message, "volcano", ago=3)
    for job in site.all_of("jobs.batch", _NAMESPACE):
        yield _plain_group(site, job)
    yield from _flows(site)
    yield _command(site, jobs["tokenizer"])
    yield from _evictions(site)


def _pods(site: Site, work: Work, job: Obj) -> Iterator[Obj]:
    """The pods of a job's tasks; an aborted job has none left."""
    states = {"Completed": "Succeeded", "Completing": "Succeeded", "Failed": "Succeeded", "Restarting": "Pending"}
    state = states.get(work.phase, work.phase)
    names = [(role, n, gpus) for role, count, gpus in work.tasks for n in range(count)]
    for number, (role, index, gpus) in enumerate(names if work.phase != "Aborted" else ()):
        last = number == len(names) - 1
        mine = {"Failed": "Failed", "Completing": "Running"}.get(work.phase, state) if last else state
        labels = {
            "volcano.sh/job-name": work.name,
            "volcano.sh/job-namespace": _NAMESPACE,
            "volcano.sh/queue-name": work.queue,
            "volcano.sh/task-spec": role,
        }
        made = step(role, _IMAGE, gpus=gpus, cpu="8" if gpus else "1", memory="64Gi" if gpus else "2Gi")
        name, message = f"{work.name}-{role}-{index}", work.message or "pod group is not ready"
        about: Obj = {"labels": labels, "state": mine, "age": work.age, "took": work.age / 2, "message": message}
        yield work_pod(site, job, name, [made], **about)


def _queues(site: Site) -> Iterator[Obj]:
    plain = len(site.all_of("jobs.batch", _NAMESPACE))
    held = {name: _held(name) for name, *_rest in _QUEUES}
    for name, weight, gpus, state, parent in _QUEUES:
        mine = [_GROUP_PHASES.get(work.phase, "Running") for work in WORKS if name in ("root", work.queue)]
        mine = [phase for phase in mine if phase != "Completed"]
        spec: Obj = {"weight": weight, "reclaimable": name != "production", "type": ""}
        spec |= {"parent": parent} if parent else {}
        if gpus:
            spec["capability"] = {"cpu": str(gpus * 12), "memory": f"{gpus * 128}Gi", "nvidia.com/gpu": str(gpus)}
        status = {
            "state": state,
            "running": mine.count("Running") + (plain if name in ("root", "production") else 0),
            "pending": mine.count("Pending"),
            "inqueue": mine.count("Inqueue"),
            "allocated": added(held.values()) if name == "root" else held[name],
            "reservation": {},
        }
        yield site.make(_SCHEDULING, "Queue", name, age=80 * DAY, spec=spec, status=status)


def _held(queue: str) -> Obj:
    """What the groups of a queue that run hold."""
    running = (work for work in WORKS if _GROUP_PHASES.get(work.phase, "Running") == "Running")
    return added(_resources(work) for work in running if work.queue == queue and work.phase != "Aborted")


def _resources(work: Work) -> Obj:
    """What the group of a job asks for."""
    pods = sum(count for _role, count, _gpus in work.tasks)
    return wants(pods, sum(count * each for _role, count, each in work.tasks))


def _tasks(work: Work) -> list[Obj]:
    made = []
    for role, count, gpus in work.tasks:
        limits = {"cpu": "8", "memory": "64Gi", **({"nvidia.com/gpu": gpus} if gpus else {})}
        pod = {
            "containers": [{"name": role, "image": _IMAGE, "resources": {"limits": limits}}],
            "restartPolicy": "OnFailure",
        }
        policies = [{"event": "TaskCompleted", "action": "CompleteJob"}] if role == "master" else []
        made.append({"name": role, "replicas": count, "template": {"spec": pod}, "policies": policies})
    return made


def _job(site: Site, work: Work) -> Obj:
    total = sum(count for _role, count, _gpus in work.tasks)
    since = site.stamp(min(work.age, 40 * MINUTE))
    counts: dict[str, Obj] = {
        "Running": {"running": total},
        "Pending": {"pending": total},
        "Completed": {"succeeded": total},
        "Failed": {"succeeded": total - 1, "failed": 1},
        "Aborted": {"terminating": 0},
        "Restarting": {"pending": 1, "terminating": 1},
        "Completing": {"running": 1, "succeeded": total - 1},
    }
    state = {"phase": work.phase, "lastTransitionTime": since}
    state |= {"message": work.message, "reason": "PodFailed" if work.retries else ""} if work.message else {}
    status = {
        "state": state,
        "minAvailable": total,
        "conditions": [{"status": work.phase, "lastTransitionTime": since}],
        **counts[work.phase],
        **({"retryCount": work.retries} if work.retries else {}),
    }
    if work.phase in ("Completed", "Failed"):
        status["runningDuration"] = "1h42m7s"
    spec = {
        "minAvailable": total,
        "queue": work.queue,
        "schedulerName": "volcano",
        "maxRetry": 3,
        "plugins": {"env": [], "svc": [], "ssh": []},
        "policies": [{"event": "PodEvicted", "action": "RestartJob"}],
        "tasks": _tasks(work),
    }
    return site.make(_BATCH, "Job", work.name, _NAMESPACE, age=work.age, spec=spec, status=status)


def _group(site: Site, work: Work, job: Obj) -> Obj:
    total = job["spec"]["minAvailable"]
    phase = _GROUP_PHASES.get(work.phase, "Running")
    since = site.stamp(work.age - MINUTE)
    scheduled = {
        "type": "Scheduled",
        "status": "True",
        "reason": "tasks in gang are ready to be scheduled",
        "lastTransitionTime": since,
        "transitionID": site.digest(32),
    }
    if phase == "Pending":
        missing = "NotEnoughResources"
        scheduled |= {"type": "Unschedulable", "reason": missing, "message": work.message}
    status: Obj = {"phase": phase, "conditions": [scheduled]}
    for name in ("running", "succeeded", "failed"):
        if name in job["status"]:
            status[name] = job["status"][name]
    spec = {"minMember": total, "queue": work.queue, "minResources": _resources(work)}
    name = f"{work.name}-{job['metadata']['uid']}"
    return site.make(_SCHEDULING, "PodGroup", name, _NAMESPACE, age=work.age, owner=job, spec=spec, status=status)


def _plain_group(site: Site, job: Obj) -> Obj:
    """The group Volcano makes for a batch/v1 Job."""
    count = int(job["spec"].get("parallelism") or 1)
    status = {"phase": "Running", "running": count}
    spec = {"minMember": count, "queue": "production"}
    name = f"podgroup-{job['metadata']['uid']}"
    return site.make(_SCHEDULING, "PodGroup", name, _NAMESPACE, age=2 * HOUR, owner=job, spec=spec, status=status)


def _flows(site: Site) -> Iterator[Obj]:
    for name in ("prepare", "train", "evaluate"):
        spec = {
            "minAvailable": 1,
            "queue": "batch",
            "schedulerName": "volcano",
            "tasks": _tasks(Work(name, "batch", (("worker", 2, 1),), "", 0)),
        }
        yield site.make(_FLOW, "JobTemplate", name, _NAMESPACE, age=30 * DAY, spec=spec)
    for number, (name, phase) in enumerate((("weekly-refresh", "Running"), ("ablation", "Failed"))):
        flows: list[Obj] = [
            {"name": "prepare"},
            {"name": "train", "dependsOn": {"targets": ["prepare"]}},
            {"name": "evaluate", "dependsOn": {"targets": ["train"]}},
        ]
        states = (("Completed", "Running", "Pending"), ("Completed", "Failed", "Pending"))[number]
        listed: dict[str, list[str]] = {"Completed": [], "Running": [], "Pending": [], "Failed": []}
        conditions: Obj = {}
        for flow, state in zip(flows, states, strict=True):
            job = f"{name}-{flow['name']}"
            listed[state].append(job)
            conditions[job] = {"phase": state, "createTime": site.stamp(5 * HOUR)}
        status = {
            "state": {"phase": phase},
            "completedJobs": listed["Completed"],
            "runningJobs": listed["Running"],
            "failedJobs": listed["Failed"],
            "pendingJobs": listed["Pending"],
            "conditions": conditions,
        }
        spec = {"flows": flows, "jobRetainPolicy": "retain"}
        yield site.make(_FLOW, "JobFlow", name, _NAMESPACE, age=5 * HOUR, spec=spec, status=status)


def _command(site: Site, job: Obj) -> Obj:
    name = f"{job['metadata']['name']}-abort-{site.suffix()}"
    body: Obj = {
        "action": "AbortJob",
        "target": owned_by(job),
        "reason": "CommandIssued",
        "message": "ops asked for it",
    }
    return site.make("bus.volcano.sh/v1alpha1", "Command", name, _NAMESPACE, age=20, owner=job, **body)


#: (pod, what was said, by whom, seconds ago): who had to go for somebody else in the last hour.
_EVICTED = (
    ("tokenizer-worker-0", "Pod is evicted, because of reclaim", "volcano", 12 * MINUTE),
    ("tokenizer-worker-1", "Pod is evicted, because of reclaim", "volcano", 12 * MINUTE),
    ("tokenizer-worker-0", "Pod is evicted, because of preempt", "volcano", 31 * MINUTE),
    ("rlhf-sweep-critic-1", "Pod is evicted, because of preempt", "volcano", 50 * MINUTE),
    ("scratch-jupyter-0", "Preempted by pod {uid} on node ai-gpu-02", "default-scheduler", 5 * MINUTE),
)


def _evictions(site: Site) -> Iterator[Obj]:
    """Events about pods, some of which are gone."""
    serving = [pod for pod in site.all_of("pods", "inference") if pod["spec"].get("nodeName")]
    for name, message, source, ago in _EVICTED:
        gone = site.make("v1", "Pod", name, _NAMESPACE, age=2 * HOUR)
        found = site.find("pods", _NAMESPACE, name) or gone
        said = message.format(uid=serving[0]["metadata"]["uid"] if serving else site.digest(32))
        reason, kind = ("Evict", "Warning") if source == "volcano" else ("Preempted", "Normal")
        place = f"{name}.{site.digest(16)}"
        made = make_event(found, place, reason, said, kind=kind, source=source, host="", now=site.stamp(ago))
        made["metadata"]["creationTimestamp"] = site.stamp(ago)
        yield made
