"""ReplicaSets keep their number of pods."""

from typing import Any

from kurator_tui.demo.world import podstates
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import common

Obj = dict[str, Any]


#: World seconds after which pods that were refused are tried again.
RETRY = 12.0


class ReplicaSets:
    """Creates missing pods, deletes surplus ones (not ready first, then youngest), counts them in the status."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self._record = around.record
        self.queue = WorkQueue(around.cluster.timeline, self._reconcile)
        common.follow(around.cluster, self.queue, "replicasets.apps", "ReplicaSet")

    def _reconcile(self, key: common.Key) -> float | None:
        rs = self._cluster.find("replicasets.apps", *key)
        if rs is None or rs["metadata"].get("deletionTimestamp"):
            return None
        pods = common.live_pods(self._cluster, rs)
        missing = common.replicas_of(rs) - len(pods)
        refused = ""
        for _ in range(missing):
            new = pod_of(self._cluster, rs)
            if refused := self._cluster.refusal(new):
                said = f"Error creating: {refused}"
                self._record(rs, "FailedCreate", said, source="replicaset-controller", kind="Warning")
                break
            pod = self._cluster.create("pods", new)
            self._say(rs, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")
        if missing < 0:
            for pod in sorted(pods, key=_worth)[:-missing]:
                self._cluster.delete("pods", *common.key_of(pod))
                self._say(rs, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")
        status = status_of(rs, common.live_pods(self._cluster, rs))
        if refused:
            status["conditions"] = [_failure(rs, refused, self._cluster.clock.stamp())]
        self._cluster.set_status("replicasets.apps", rs, status)
        return RETRY if refused else None

    def _say(self, rs: Obj, reason: str, message: str) -> None:
        self._record(rs, reason, message, source="replicaset-controller")


def _worth(pod: Obj) -> tuple[bool, bool, str, str]:
    """Sort key: what goes first comes first."""
    age = pod["metadata"]["creationTimestamp"]
    inverted = "".join(chr(0x7F - (ord(char) & 0x7F)) for char in age)
    return (bool(pod["spec"].get("nodeName")), podstates.is_ready(pod), inverted, pod["metadata"]["name"])


def _failure(rs: Obj, why: str, now: str) -> Obj:
    """The condition that says that pods are refused; it keeps its time while it says the same."""
    made = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": why}
    before: Obj = next((each for each in (rs.get("status") or {}).get("conditions") or ()), {})
    since = before.get("lastTransitionTime", now) if before.get("type") == "ReplicaFailure" else now
    return {**made, "lastTransitionTime": since}


def pod_of(cluster: SimCluster, rs: Obj) -> Obj:
    """A new pod of this ReplicaSet, not yet stored."""
    prefix = f"{rs['metadata']['name']}-"
    return common.new_pod(cluster, rs, prefix + cluster.suffix(), rs["spec"]["template"], generate=prefix)


def status_of(rs: Obj, pods: list[Obj]) -> Obj:
    """The status for these live pods."""
    ready = common.ready_count(pods)
    status = {
        "fullyLabeledReplicas": len(pods),
        "readyReplicas": ready,
        "availableReplicas": ready,
        "observedGeneration": rs["metadata"].get("generation", 1),
    }
    return {"replicas": len(pods), **common.compact(status)}
