"""Volcano on one member: jobs get pod groups, groups wait in queues for their share, Commands are taken.

As its plugins gang, proportion and reclaim do, reduced to GPUs: all pods of a group or none; the queue with the
least of what it deserves first; one with more than that gets no more, and gives back where it is `reclaimable`.
Jobs that were there before go on as they are; their groups count.
"""

from collections import Counter
from functools import partial
from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world.batchwork import (
    COMMANDS,
    GPU,
    GROUPS,
    JOBS,
    QUEUES,
    added,
    gpus_of,
    group,
    pods_of,
    queue_status,
)
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.objects import pod_requests, quantity

Obj = dict[str, Any]

CYCLE, TAKEN, KEPT = 2.0, 1.0, 120.0
"""World seconds between two looks of the scheduler, until a Command is taken, and that an ended job is kept."""
_NO_QUOTA = "queue resource quota insufficient"


class Volcano:
    """Moves the jobs of one cluster that are made while it runs."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self._record = around.record
        self._mine: set[common.Key] = set()
        """Jobs that this controller moves."""
        self._dirty = False
        around.cluster.watch(JOBS, self._job_changed)
        around.cluster.watch(QUEUES, self._queue_changed)
        around.cluster.watch(COMMANDS, self._commanded)
        for command in around.cluster.all_of(COMMANDS):
            around.cluster.after(TAKEN, partial(self._take, command))
        around.cluster.timeline.every(CYCLE, self._cycle)

    # -- what happens ---------------------------------------------------------------------------------------------

    def _job_changed(self, event: StorageEvent) -> None:
        if event.type == "ADDED" and not event.obj.get("status"):
            self._mine.add(common.key_of(event.obj))
            self._dirty = True
        elif event.type == "DELETED":
            self._mine.discard(common.key_of(event.obj))
            self._dirty = True

    def _queue_changed(self, event: StorageEvent) -> None:
        self._dirty = True

    def _commanded(self, event: StorageEvent) -> None:
        if event.type == "ADDED":
            self._cluster.after(TAKEN, lambda: self._take(event.obj))

    def _take(self, command: Obj) -> None:
        """Do what a Command says and delete it."""
        namespace, name = common.key_of(command)
        if self._cluster.find(COMMANDS, namespace, name) is None:
            return
        self._cluster.remove(COMMANDS, namespace, name)
        action, target = str(command.get("action")), str((command.get("target") or {}).get("name"))
        if action in ("OpenQueue", "CloseQueue"):
            queue = self._cluster.find(QUEUES, "", target)
            if queue is not None:
                state = "Open" if action == "OpenQueue" else "Closed"
                self._cluster.set_status(QUEUES, queue, {**(queue.get("status") or {}), "state": state})
            return
        job = self._cluster.find(JOBS, namespace, target)
        if job is not None:
            self._mine.add((namespace, target))
            self._obey(job, action)

    def _obey(self, job: Obj, action: str) -> None:
        if action in ("AbortJob", "TerminateJob", "CompleteJob"):
            word = {"AbortJob": "Aborted", "TerminateJob": "Terminated", "CompleteJob": "Completed"}[action]
            self._end_pods(job)
            self._say(job, word, {}, reason="CommandIssued", message=f"{action} by command")
            self._set_group(job, "Completed")
        elif action in ("ResumeJob", "RestartJob"):
            self._restart(job, "CommandIssued")

    # -- the scheduler --------------------------------------------------------------------------------------------

    def _cycle(self) -> None:
        for key in sorted(self._mine):
            job = self._cluster.find(JOBS, *key)
            if job is not None:
                self._advance(job)
        if not (self._mine or self._dirty):
            return
        self._dirty = False
        self._place()
        for queue in self._cluster.all_of(QUEUES):
            state = (queue.get("status") or {}).get("state") or "Open"
            self._cluster.set_status(QUEUES, queue, queue_status(state, self._groups_of(queue)))

    def _groups_of(self, queue: Obj) -> list[Obj]:
        name = queue["metadata"]["name"]
        groups = self._cluster.all_of(GROUPS)
        return [each for each in groups if name in ("root", each["spec"].get("queue", "default"))]

    def _advance(self, job: Obj) -> None:
        """What the controller of jobs does: a group for a new one, the end of one whose pods are done."""
        phase = _phase(job)
        if not phase:
            self._cluster.create(GROUPS, group(job))
            self._say(job, "Pending", {})
        elif phase == "Running":
            pods = self._cluster.owned(job["metadata"]["uid"], "pods")
            counts = Counter(str((pod.get("status") or {}).get("phase")).lower() for pod in pods)
            if counts["succeeded"] >= int(job["spec"]["minAvailable"]):
                self._say(job, "Completed", {"succeeded": counts["succeeded"]})
                self._set_group(job, "Completed")
                namespace, name = common.key_of(job)
                self._cluster.after(KEPT, lambda: self._cluster.delete(JOBS, namespace, name))
            else:
                self._say(
                    job, "Running", {key: counts[key] for key in ("pending", "running", "succeeded", "failed")}
                )

    def _place(self) -> None:
        """Start what fits, the hungriest queue first; take back for it where nothing is free."""
        queues = {queue["metadata"]["name"]: queue for queue in self._cluster.all_of(QUEUES)}
        held = {name: self._held(queue) for name, queue in queues.items()}
        pairs = [pair for key in sorted(self._mine) if (pair := self._waiting_group(key)) is not None]
        asked = Counter[str]()
        for job, _group in pairs:
            asked[job["spec"]["queue"]] += gpus_of(job)
        free = self._free()
        deserved = _deserved(free + sum(held.values()) - held.get("root", 0.0), queues, held, asked)
        share = {name: held[name] / max(deserved.get(name, 0.0), 0.1) for name in queues}
        pairs.sort(key=lambda pair: share.get(pair[0]["spec"]["queue"], 0.0))
        reclaimed = False
        for job, its in pairs:
            name = job["spec"]["queue"]
            queue = queues.get(name)
            if queue is None or (queue.get("status") or {}).get("state") != "Open":
                continue
            want = gpus_of(job)
            limit = quantity((queue["spec"].get("capability") or {}).get(GPU, 10**6))
            if held[name] + want > limit:
                self._refuse(its, _NO_QUOTA)
            elif want and held[name] >= deserved.get(name, 0):
                continue  # has its share: whoever has less comes first
            elif want <= free:
                self._start(job)
                held[name], free = held[name] + want, free - want
            else:
                self._refuse(its, _gang(int(job["spec"]["minAvailable"])))
                reclaimed = reclaimed or self._reclaim(queues, held, deserved, name)

    def _waiting_group(self, key: common.Key) -> tuple[Obj, Obj] | None:
        """A job that waits, and its group; not while pods of it are still ending."""
        job = self._cluster.find(JOBS, *key)
        if job is None or _phase(job) not in ("Pending", "Restarting"):
            return None
        if self._cluster.owned(job["metadata"]["uid"], "pods"):
            return None
        its = self._cluster.find(GROUPS, key[0], f"{key[1]}-{job['metadata']['uid']}")
        return (job, its) if its is not None else None

    def _held(self, queue: Obj) -> float:
        running = [each for each in self._groups_of(queue) if (each.get("status") or {}).get("phase") == "Running"]
        return quantity(added(each["spec"].get("minResources") or {} for each in running).get(GPU, 0))

    def _nodes(self) -> list[Obj]:
        return [node for node in self._cluster.all_of("nodes") if GPU in (node["status"].get("allocatable") or {})]

    def _free(self) -> float:
        """GPUs that no pod has, less those of pods that are on their way to a node."""
        free = 0.0
        for node in self._nodes():
            used = self._cluster.requested_on(node["metadata"]["name"]).get(GPU, 0.0)
            free += quantity(node["status"]["allocatable"][GPU]) - used
        for key in self._mine:
            job = self._cluster.find(JOBS, *key)
            for pod in self._cluster.owned(job["metadata"]["uid"], "pods") if job else ():
                if not pod["spec"].get("nodeName"):
                    free -= pod_requests(pod)[GPU]
        return free

    def _start(self, job: Obj) -> None:
        """The pods of a job whose group has room."""
        pods = [common.new_pod(self._cluster, job, name, template) for name, template in pods_of(job)]
        for pod in pods:
            self._cluster.create("pods", pod)
        self._say(job, "Running", {"pending": len(pods)})
        self._set_group(job, "Running", "Scheduled", "tasks in gang are ready to be scheduled")

    def _refuse(self, its: Obj, message: str) -> None:
        """Say why a group has no room, once."""
        now = self._cluster.clock.stamp()
        before = ((its.get("status") or {}).get("conditions") or [{}])[0]
        since = before.get("lastTransitionTime", now) if before.get("message") == message else now
        told = {
            "type": "Unschedulable",
            "status": "True",
            "reason": "NotEnoughResources",
            "message": message,
            "lastTransitionTime": since,
            "transitionID": str(its["metadata"]["uid"]),
        }
        if before.get("message") != message:
            self._record(its, "Unschedulable", message, source="volcano", kind="Warning")
        self._cluster.set_status(GROUPS, its, {"phase": "Pending", "conditions": [told]})

    def _reclaim(
        self, queues: dict[str, Obj], held: dict[str, float], deserved: dict[str, float], hungry: str
    ) -> bool:
        """Evict a pod of a queue with more than it deserves, if that one gives back."""
        greedy = [
            name
            for name, queue in queues.items()
            if name not in (hungry, "root")
            and queue["spec"].get("reclaimable") is not False
            and held[name] > deserved.get(name, 0.0)
        ]
        for key in sorted(self._mine, reverse=True):
            job = self._cluster.find(JOBS, *key)
            if job is None or job["spec"]["queue"] not in greedy:
                continue
            for pod in common.live_pods(self._cluster, job)[:1]:
                message = "Pod is evicted, because of reclaim"
                self._record(pod, "Evict", message, source="volcano", kind="Warning")
                self._restart(job, "PodEvicted")
                return True
        return False

    # -- writing --------------------------------------------------------------------------------------------------

    def _restart(self, job: Obj, reason: str) -> None:
        """End the pods of a job; its group waits again."""
        self._end_pods(job)
        retries = int((job.get("status") or {}).get("retryCount") or 0) + 1
        self._say(job, "Restarting", {"retryCount": retries}, reason=reason, message="")
        if not self._set_group(job, "Pending"):
            self._cluster.create(GROUPS, group(job))

    def _end_pods(self, job: Obj) -> None:
        for pod in self._cluster.owned(job["metadata"]["uid"], "pods"):
            self._cluster.delete("pods", *common.key_of(pod))

    def _say(self, job: Obj, phase: str, counts: dict[str, int], **state: str) -> None:
        """Write the status of a job; a phase begins when it is another one."""
        found = self._cluster.find(JOBS, *common.key_of(job))
        if found is None:
            return
        before = found.get("status") or {}
        same = (before.get("state") or {}).get("phase") == phase
        since = before["state"]["lastTransitionTime"] if same else self._cluster.clock.stamp()
        status = {
            "state": {"phase": phase, "lastTransitionTime": since, **state},
            "minAvailable": found["spec"]["minAvailable"],
            **({"retryCount": before["retryCount"]} if before.get("retryCount") else {}),
            **{key: count for key, count in counts.items() if count},
        }
        self._cluster.set_status(JOBS, found, status)

    def _set_group(self, job: Obj, phase: str, kind: str = "", reason: str = "") -> bool:
        """Write the status of a job's group, if it has one."""
        namespace, name = common.key_of(job)
        its = self._cluster.find(GROUPS, namespace, f"{name}-{job['metadata']['uid']}")
        if its is None:
            return False
        told = {
            "type": kind,
            "status": "True",
            "reason": reason,
            "lastTransitionTime": self._cluster.clock.stamp(),
        }
        self._cluster.set_status(GROUPS, its, {"phase": phase, **({"conditions": [told]} if kind else {})})
        return True


def _deserved(
    total: float, queues: dict[str, Obj], held: dict[str, float], asked: Counter[str]
) -> dict[str, float]:
    """GPUs by weight, among the queues that have or ask for some."""
    open_queues = {name for name in queues if name != "root" and held[name] + asked[name] > 0}
    deserved = dict.fromkeys(open_queues, 0.0)
    while open_queues and total > 0.01:
        weights = sum(int(queues[name]["spec"].get("weight") or 1) for name in open_queues)
        dealt = {
            name: min(
                total * int(queues[name]["spec"].get("weight") or 1) / weights,
                held[name] + asked[name] - deserved[name],
            )
            for name in open_queues
        }
        for name, part in dealt.items():
            deserved[name] += part
        total -= sum(dealt.values())
        met = {name for name in open_queues if deserved[name] >= held[name] + asked[name] - 0.01}
        if not met:
            break
        open_queues -= met
    return deserved


def _phase(job: Obj) -> str:
    return str(((job.get("status") or {}).get("state") or {}).get("phase") or "")


def _gang(pods: int) -> str:
    return (
        f"{pods}/{pods} tasks in gang unschedulable: pod group is not ready, {pods} Pending, {pods} minAvailable; "
        f"Pending: {pods} Unschedulable"
    )
