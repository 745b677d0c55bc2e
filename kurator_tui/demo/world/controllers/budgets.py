"""PodDisruptionBudgets: how many pods may go; and Jobs: pods that run to completion."""

from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world import podstates
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import SimCluster, controller_of
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.objects import matches, replaced_condition

Obj = dict[str, Any]


class DisruptionBudgets:
    """Keeps the status of each budget: healthy, desired and expected pods, and disruptions allowed."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self.queue = WorkQueue(around.cluster.timeline, self._reconcile)
        around.cluster.watch("poddisruptionbudgets.policy", self._changed)
        around.cluster.watch("pods", self._pod_changed)

    def _changed(self, event: StorageEvent) -> None:
        if event.type != "DELETED":
            self.queue.add(common.key_of(event.obj))

    def _pod_changed(self, event: StorageEvent) -> None:
        meta = event.obj["metadata"]
        for budget in self._cluster.all_of("poddisruptionbudgets.policy", meta["namespace"]):
            if matches(budget["spec"].get("selector"), meta.get("labels")):
                self.queue.add(common.key_of(budget), 0.1)

    def _reconcile(self, key: common.Key) -> None:
        budget = self._cluster.find("poddisruptionbudgets.policy", *key)
        if budget is None:
            return
        pods = [
            pod
            for pod in self._cluster.all_of("pods", key[0])
            if matches(budget["spec"].get("selector"), pod["metadata"].get("labels"))
        ]
        status = budget_status(budget, pods, self._expected(pods), self._cluster.clock.stamp())
        self._cluster.set_status("poddisruptionbudgets.policy", budget, status)

    def _expected(self, pods: list[Obj]) -> int:
        """The replicas wanted by the controllers of these pods."""
        owners = {ref["uid"]: ref for ref in map(controller_of, pods) if ref}
        total = sum(1 for pod in pods if controller_of(pod) is None)
        for uid, ref in owners.items():
            resource = {"ReplicaSet": "replicasets.apps", "StatefulSet": "statefulsets.apps"}.get(ref["kind"])
            members = [pod for pod in pods if (controller_of(pod) or {}).get("uid") == uid]
            owner = (
                self._cluster.find(resource, members[0]["metadata"]["namespace"], ref["name"])
                if resource
                else None
            )
            total += common.replicas_of(owner) if owner else len(members)
        return total


def budget_status(budget: Obj, pods: list[Obj], expected: int, now: str) -> Obj:
    """The status for these pods, of which the controllers want `expected`."""
    spec = budget["spec"]
    healthy = common.ready_count(pods)
    if spec.get("maxUnavailable") is not None:
        desired = max(0, expected - common.share(spec["maxUnavailable"], expected, up=True))
    else:
        desired = common.share(spec.get("minAvailable", 1), expected, up=True)
    allowed = max(0, healthy - desired) if expected else 0
    generation = budget["metadata"].get("generation", 1)
    condition = {
        "type": "DisruptionAllowed",
        "status": "True" if allowed else "False",
        "observedGeneration": generation,
        "lastTransitionTime": now,
        "reason": "SufficientPods" if allowed else "InsufficientPods",
        "message": "",
    }
    return {
        "observedGeneration": generation,
        "disruptionsAllowed": allowed,
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "expectedPods": expected,
        "conditions": replaced_condition((budget.get("status") or {}).get("conditions"), condition),
    }


class Jobs:
    """Runs Jobs to completion and removes finished ones after `ttlSecondsAfterFinished`."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self._record = around.record
        self.queue = WorkQueue(around.cluster.timeline, self._reconcile)
        common.follow(around.cluster, self.queue, "jobs.batch", "Job")

    def _reconcile(self, key: common.Key) -> float | None:
        job = self._cluster.find("jobs.batch", *key)
        if job is None or job["metadata"].get("deletionTimestamp"):
            return None
        if (job.get("status") or {}).get("completionTime"):
            return self._expire(job)
        pods = self._cluster.owned(job["metadata"]["uid"], "pods")
        succeeded = [pod for pod in pods if (pod.get("status") or {}).get("phase") == "Succeeded"]
        active = [pod for pod in pods if common.is_live(pod)]
        completions = int(job["spec"].get("completions") or 1)
        parallel = int(job["spec"].get("parallelism") or 1)
        if not job["spec"].get("suspend"):
            for _ in range(min(parallel, completions - len(succeeded)) - len(active)):
                pod = self._cluster.create("pods", job_pod(self._cluster, job))
                message = f"Created pod: {pod['metadata']['name']}"
                self._record(job, "SuccessfulCreate", message, source="job-controller")
                active.append(pod)
        self._report(job, active, len(succeeded), completions)
        return None

    def _report(self, job: Obj, active: list[Obj], succeeded: int, completions: int) -> None:
        now = self._cluster.clock.stamp()
        before = job.get("status") or {}
        status: Obj = {
            "startTime": before.get("startTime") or now,
            **common.compact(
                {"active": len(active), "ready": sum(map(podstates.is_ready, active)), "succeeded": succeeded}
            ),
        }
        if succeeded >= completions:
            done = {"type": "Complete", "status": "True", "lastProbeTime": now, "lastTransitionTime": now}
            status |= {"completionTime": now, "conditions": [done], "ready": 0}
            self._record(job, "Completed", "Job completed", source="job-controller")
        self._cluster.set_status("jobs.batch", job, status)

    def _expire(self, job: Obj) -> float | None:
        ttl = job["spec"].get("ttlSecondsAfterFinished")
        if ttl is None:
            return None
        self._cluster.after(float(ttl), lambda: self._cluster.delete("jobs.batch", *common.key_of(job)))
        return None


def job_pod(cluster: SimCluster, job: Obj) -> Obj:
    """A new pod of this Job, not yet stored."""
    prefix = f"{job['metadata']['name']}-"
    pod = common.new_pod(cluster, job, prefix + cluster.suffix(), job["spec"]["template"], generate=prefix)
    name, uid = job["metadata"]["name"], job["metadata"]["uid"]
    labels = {"batch.kubernetes.io/job-name": name, "batch.kubernetes.io/controller-uid": uid, "job-name": name}
    pod["metadata"]["labels"].update(labels)
    if pod["spec"].get("restartPolicy") == "Always":
        pod["spec"]["restartPolicy"] = "Never"
    return pod
