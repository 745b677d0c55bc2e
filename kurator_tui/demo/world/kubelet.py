"""The scheduler and the kubelets of one cluster: what brings a pod from Pending to Running, and to its end.

Every step is decided from the pod object, so writes from outside (a binding, a deletion, a new image) are followed
like our own.  Pods that are Running and Ready cost nothing until somebody touches them.
"""

from typing import Any

from kurator_tui.demo.apiserver.changes import StorageEvent
from kurator_tui.demo.world import podstates, scheduling
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.recorder import Recorder

Obj = dict[str, Any]
Key = tuple[str, str]

#: Annotation giving the world seconds a run-to-completion pod takes.
DURATION = "demo.kurator-tui.dev/seconds"
#: Wall seconds after which a crash does not count any more for how long the next one is waited for.
FORGIVEN = 600.0
_WAITS = ("CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "ContainerCreating")


class Kubelet:
    """Schedules pods, starts and ends their containers.

    `crashes` maps a pod's uid to how many more times its first container will fail after a start.
    """

    def __init__(self, cluster: SimCluster, record: Recorder) -> None:
        self.cluster = cluster
        self.record = record
        self.crashes: dict[str, int] = {}
        self._dying: set[str] = set()
        self.queue = WorkQueue(cluster.timeline, self._turn)
        cluster.watch("pods", self._on_pod)
        self._adopt()

    def _adopt(self) -> None:
        """Go on with the pods that were in trouble before this kubelet was there."""
        for pod in self.cluster.all_of("pods"):
            waiting = podstates.waiting_reason(pod)
            if waiting == "CrashLoopBackOff":
                self.crashes[pod["metadata"]["uid"]] = 1_000_000
            if waiting in _WAITS:
                self.queue.add(_key(pod), self._between(5.0, 30.0))

    def wake_node(self, node: str) -> None:
        """Look again at every pod of a node (its kubelet answers again)."""
        for pod in self.cluster.pods_on(node):
            self.queue.add(_key(pod), self._between(0.2, 1.0))

    def crash(self, pod: Obj, times: int = 1, *, reason: str = "Error", exit_code: int = 1) -> None:
        """End the first container of a running pod with an error now, and after each of `times - 1` starts."""
        if not podstates.statuses(pod):
            return
        now = self.cluster.clock.stamp()
        self.crashes[pod["metadata"]["uid"]] = times - 1
        status = podstates.crashed(pod, now, waiting=False, reason=reason, exit_code=exit_code)
        self.cluster.set_status("pods", pod, status)
        self.queue.add(_key(pod), self._between(0.5, 1.5))

    def _on_pod(self, event: StorageEvent) -> None:
        pod = event.obj
        uid = pod["metadata"]["uid"]
        if event.type == "DELETED":
            self.crashes.pop(uid, None)
            self._dying.discard(uid)
            return
        old = event.old_obj
        if old is None or _wakes(old, pod):
            self.queue.add(_key(pod), self._between(0.05, 0.3))

    def _turn(self, key: Key) -> float | None:
        pod = self.cluster.find("pods", key[0], key[1])
        if pod is None:
            return None
        if pod["metadata"].get("deletionTimestamp"):
            return self._end(pod)
        node = pod["spec"].get("nodeName")
        if not node:
            return self._schedule(pod)
        if node in self.cluster.stopped_nodes:
            return None  # wake_node comes back to it
        self._debug(pod)
        return self._advance(pod, node)

    def _end(self, pod: Obj) -> float | None:
        """A pod that is being deleted: kill it, then confirm."""
        meta, node = pod["metadata"], pod["spec"].get("nodeName")
        if node in self.cluster.stopped_nodes:
            return None
        if node and meta["uid"] not in self._dying:
            self._dying.add(meta["uid"])
            first = (podstates.containers(pod) or [{}])[0].get("name")
            self._say(pod, "Killing", f"Stopping container {first}")
            return min(float(meta.get("deletionGracePeriodSeconds") or 0), self._between(0.8, 2.5))
        if meta.get("finalizers"):
            self.cluster.modify("pods", meta["namespace"], meta["name"], _confirm)
        else:
            self.cluster.remove("pods", meta["namespace"], meta["name"])
        return None

    def _schedule(self, pod: Obj) -> float | None:
        if pod["spec"].get("schedulingGates"):
            return None
        meta = pod["metadata"]
        node, refusal = scheduling.pick(self.cluster, pod)
        if node is None:
            before = (pod.get("status") or {}).get("conditions") or [{}]
            if before[0].get("message") != refusal:
                self.record(pod, "FailedScheduling", refusal, source="default-scheduler", kind="Warning")
                status = podstates.unschedulable(pod, self.cluster.clock.stamp(), refusal)
                self.cluster.set_status("pods", pod, status)
            return 5.0
        now = self.cluster.clock.stamp()
        scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}

        def bind(copy: Obj) -> None:
            copy["spec"]["nodeName"] = node
            copy["status"] = {**(copy.get("status") or {}), "phase": "Pending", "conditions": [scheduled]}

        self.cluster.modify("pods", meta["namespace"], meta["name"], bind)
        where = f"{meta['namespace']}/{meta['name']}"
        self.record(pod, "Scheduled", f"Successfully assigned {where} to {node}", source="default-scheduler")
        return self._between(0.1, 0.4)

    def _debug(self, pod: Obj) -> None:
        """Start the ephemeral containers that were added."""
        status = podstates.debugged(pod, self.cluster.clock.stamp(), self.cluster.bad_images)
        if status is not None:
            self._write(pod, status)
            name = status["ephemeralContainerStatuses"][-1]["name"]
            self._say(pod, "Started", f"Started container {name}")

    def _advance(self, pod: Obj, node: str) -> float | None:
        """One step of a bound pod's life."""
        status = pod.get("status") or {}
        if status.get("phase") in ("Succeeded", "Failed"):
            return None
        seen = podstates.statuses(pod)
        if not seen:
            self._write(pod, podstates.creating(pod, self.cluster.clock.stamp(), self._host_ip(node)))
            return self._between(0.8, 2.2)
        state = seen[0].get("state") or {}
        waiting = (state.get("waiting") or {}).get("reason")
        if waiting == "CrashLoopBackOff":
            return self._start(pod, restarts=int(seen[0].get("restartCount") or 0) + 1)
        if waiting or any("waiting" in (each.get("state") or {}) for each in seen):
            return self._pull(pod, waiting or "")
        if "terminated" in state:
            return self._restart(pod, int(seen[0].get("restartCount") or 0))
        return self._run(pod)

    def _pull(self, pod: Obj, waiting: str) -> float | None:
        """Images: present, or refused again and again."""
        bad = self.cluster.bad_images & {str(each.get("image")) for each in podstates.containers(pod)}
        if not bad:
            for each in podstates.containers(pod):
                message = f'Container image "{each.get("image")}" already present on machine'
                self._say(pod, "Pulled", message)
            return self._start(pod)
        image = min(bad)
        backoff = waiting == "ErrImagePull"
        if backoff:
            self._say(pod, "BackOff", podstates.PULL_BACKOFF.format(image=image))
        else:
            message = f'Failed to pull image "{image}": ' + podstates.PULL_ERROR.format(image=image)
            self._say(pod, "Failed", message, kind="Warning")
        self._write(pod, podstates.pull_failed(pod, self.cluster.clock.stamp(), bad, backoff=backoff))
        return self._between(8.0, 14.0) if backoff else self._between(1.5, 3.0)

    def _start(self, pod: Obj, restarts: int | None = None) -> float | None:
        address = (pod.get("status") or {}).get("podIP") or self.cluster.next_ip("10.244")
        self._write(
            pod, podstates.running(pod, self.cluster.clock.stamp(), address, ready=False, restarts=restarts)
        )
        self._say(pod, "Started", f"Started container {podstates.containers(pod)[0].get('name')}")
        return self._between(0.4, 1.5)

    def _restart(self, pod: Obj, restarts: int) -> float | None:
        """After a failure: start again at once the first time, with a back-off when it keeps failing."""
        if pod["spec"].get("restartPolicy") == "Never":
            return None
        once = podstates.crashed_before(pod) < self.cluster.clock.stamp(FORGIVEN)
        if self.crashes.get(pod["metadata"]["uid"], 0) <= 0 and once:
            return self._start(pod, restarts=restarts + 1)
        self._say(pod, "BackOff", "Back-off restarting failed container", kind="Warning")
        self._write(pod, podstates.crashed(pod, self.cluster.clock.stamp(), waiting=True))
        return self._between(10.0, 14.0) if restarts < 5 else self._between(40.0, 80.0)

    def _run(self, pod: Obj) -> float | None:
        """Running: fail if it is to fail, complete if it is a job, else become and stay ready."""
        uid = pod["metadata"]["uid"]
        if self.crashes.get(uid, 0) > 0:
            self.crash(pod, self.crashes[uid])
            return None
        now = self.cluster.clock.stamp()
        if not podstates.is_ready(pod):
            address = (pod.get("status") or {}).get("podIP") or self.cluster.next_ip("10.244")
            self._write(pod, podstates.running(pod, now, address, ready=True))
            if pod["spec"].get("restartPolicy") == "Always":
                return None
            return float((pod["metadata"].get("annotations") or {}).get(DURATION) or self._between(8.0, 20.0))
        if pod["spec"].get("restartPolicy") != "Always":
            self._write(pod, podstates.completed(pod, now))
        return None

    def _write(self, pod: Obj, status: Obj) -> None:
        self.cluster.set_status("pods", pod, status)

    def _say(self, pod: Obj, reason: str, message: str, kind: str = "Normal") -> None:
        self.record(pod, reason, message, source="kubelet", kind=kind, host=str(pod["spec"].get("nodeName") or ""))

    def _host_ip(self, node: str) -> str:
        found = self.cluster.find("nodes", "", node)
        addresses = ((found or {}).get("status") or {}).get("addresses") or [{}]
        return str(addresses[0].get("address", "10.0.0.1"))

    def _between(self, low: float, high: float) -> float:
        return self.cluster.rng.uniform(low, high)


def _key(pod: Obj) -> Key:
    return (pod["metadata"]["namespace"], pod["metadata"]["name"])


def _confirm(pod: Obj) -> None:
    pod["metadata"]["deletionGracePeriodSeconds"] = 0


def _wakes(old: Obj, new: Obj) -> bool:
    """True for changes a kubelet reacts to: a binding, a deletion, another image, a debug container."""
    if bool(old["metadata"].get("deletionTimestamp")) != bool(new["metadata"].get("deletionTimestamp")):
        return True
    if old["metadata"].get("deletionGracePeriodSeconds") != new["metadata"].get("deletionGracePeriodSeconds"):
        return True
    if old["spec"].get("nodeName") != new["spec"].get("nodeName"):
        return True
    if len(podstates.ephemeral(old)) != len(podstates.ephemeral(new)):
        return True
    return [c.get("image") for c in podstates.containers(old)] != [
        c.get("image") for c in podstates.containers(new)
    ]
