"""DaemonSets and StatefulSets: pods by node and by ordinal, one template revision rolled out after another."""

import json
from typing import Any

from kurator_tui.demo.world import podstates, scheduling
from kurator_tui.demo.world.clock import WorkQueue
from kurator_tui.demo.world.cluster import SimCluster
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.objects import template_hash

Obj = dict[str, Any]

REVISION_LABEL = "controller-revision-hash"
_DAEMON_TAINTS = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)


def revision_of(pod: Obj) -> str:
    """The template revision a pod was made from."""
    return str((pod["metadata"].get("labels") or {}).get(REVISION_LABEL, ""))


class DaemonSets:
    """One pod on every node the template tolerates and selects; rolls `maxUnavailable` nodes at a time."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self._record = around.record
        self.queue = WorkQueue(around.cluster.timeline, self._reconcile)
        common.follow(around.cluster, self.queue, "daemonsets.apps", "DaemonSet")
        around.cluster.watch("nodes", lambda event: self._node_changed(event.type))

    def _node_changed(self, kind: str) -> None:
        if kind != "MODIFIED":
            for daemon_set in self._cluster.all_of("daemonsets.apps"):
                self.queue.add(common.key_of(daemon_set), 0.3)

    def _reconcile(self, key: common.Key) -> None:
        daemon_set = self._cluster.find("daemonsets.apps", *key)
        if daemon_set is None or daemon_set["metadata"].get("deletionTimestamp"):
            return
        nodes = eligible_nodes(self._cluster, daemon_set)
        pods = self._cluster.owned(daemon_set["metadata"]["uid"], "pods")
        taken = {target_of(pod) for pod in pods if (pod.get("status") or {}).get("phase") != "Failed"}
        for node in nodes:
            if node not in taken:
                pod = self._cluster.create("pods", daemon_pod(self._cluster, daemon_set, node))
                self._say(daemon_set, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")
        for pod in pods:
            if target_of(pod) not in nodes and common.is_live(pod):
                self._cluster.delete("pods", *common.key_of(pod))
        self._roll(daemon_set)
        pods = common.live_pods(self._cluster, daemon_set)
        self._cluster.set_status("daemonsets.apps", daemon_set, daemon_status(daemon_set, nodes, pods))

    def _roll(self, daemon_set: Obj) -> None:
        """Delete pods of an old revision while few enough are unavailable."""
        strategy = daemon_set["spec"].get("updateStrategy") or {}
        if strategy.get("type") == "OnDelete":
            return
        pods = self._cluster.owned(daemon_set["metadata"]["uid"], "pods")
        allowed = common.share((strategy.get("rollingUpdate") or {}).get("maxUnavailable", 1), len(pods), up=True)
        down = sum(1 for pod in pods if not podstates.is_ready(pod))
        wanted = template_hash(daemon_set["spec"]["template"])
        for pod in pods:
            if revision_of(pod) == wanted or not common.is_live(pod):
                continue
            if podstates.is_ready(pod):
                if down >= allowed:
                    continue
                down += 1
            self._cluster.delete("pods", *common.key_of(pod))
            self._say(daemon_set, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")

    def _say(self, daemon_set: Obj, reason: str, message: str) -> None:
        self._record(daemon_set, reason, message, source="daemonset-controller")


def eligible_nodes(cluster: SimCluster, daemon_set: Obj) -> list[str]:
    """Names of the nodes that should run a pod of this DaemonSet."""
    spec = daemon_set["spec"]["template"].get("spec") or {}
    spec = {**spec, "tolerations": [*(spec.get("tolerations") or ()), *_daemon_tolerations()]}
    return [
        node["metadata"]["name"]
        for node in cluster.all_of("nodes")
        if scheduling.selected(spec, node)
        and scheduling.tolerates(spec, node)
        and not node["metadata"].get("deletionTimestamp")
    ]


def _daemon_tolerations() -> list[Obj]:
    return [
        {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect}
        for key, effect in (*_DAEMON_TAINTS, ("unreachable", "NoSchedule"), ("not-ready", "NoSchedule"))
    ]


def target_of(pod: Obj) -> str:
    """The node a daemon pod is for."""
    if pod["spec"].get("nodeName"):
        return str(pod["spec"]["nodeName"])
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    terms = (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or [{}]
    fields = terms[0].get("matchFields") or [{}]
    return str((fields[0].get("values") or [""])[0])


def daemon_pod(cluster: SimCluster, daemon_set: Obj, node: str) -> Obj:
    """A new pod of this DaemonSet for one node, not yet stored."""
    prefix = f"{daemon_set['metadata']['name']}-"
    template = daemon_set["spec"]["template"]
    pod = common.new_pod(cluster, daemon_set, prefix + cluster.suffix(), template, generate=prefix)
    generation = str(daemon_set["metadata"].get("generation", 1))
    labels = {REVISION_LABEL: template_hash(template), "pod-template-generation": generation}
    pod["metadata"]["labels"].update(labels)
    match = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    pod["spec"]["affinity"] = {
        "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [match]}}
    }
    kept = [each for each in pod["spec"]["tolerations"] if "tolerationSeconds" not in each]
    pod["spec"]["tolerations"] = [*kept, *_daemon_tolerations()]
    return pod


def daemon_status(daemon_set: Obj, nodes: list[str], pods: list[Obj]) -> Obj:
    """The status for these eligible nodes and live pods."""
    placed = [pod for pod in pods if target_of(pod) in nodes]
    ready = common.ready_count(placed)
    wanted = template_hash(daemon_set["spec"]["template"])
    status = {
        "updatedNumberScheduled": sum(1 for pod in placed if revision_of(pod) == wanted),
        "numberAvailable": ready,
        "numberUnavailable": len(nodes) - ready,
    }
    return {
        "currentNumberScheduled": len(placed),
        "numberMisscheduled": 0,
        "desiredNumberScheduled": len(nodes),
        "numberReady": ready,
        "observedGeneration": daemon_set["metadata"].get("generation", 1),
        **common.compact(status),
    }


class StatefulSets:
    """Pods `<name>-0`, `<name>-1`, …, made in order, removed and rolled from the highest ordinal."""

    def __init__(self, around: common.Surroundings) -> None:
        self._cluster = around.cluster
        self._record = around.record
        self.queue = WorkQueue(around.cluster.timeline, self._reconcile)
        common.follow(around.cluster, self.queue, "statefulsets.apps", "StatefulSet")

    def _reconcile(self, key: common.Key) -> None:
        stateful_set = self._cluster.find("statefulsets.apps", *key)
        if stateful_set is None or stateful_set["metadata"].get("deletionTimestamp"):
            return
        pods = {ordinal(pod): pod for pod in self._cluster.owned(stateful_set["metadata"]["uid"], "pods")}
        if not self._fill(stateful_set, pods):
            self._roll(stateful_set, pods)
        pods_now = common.live_pods(self._cluster, stateful_set)
        self._cluster.set_status("statefulsets.apps", stateful_set, stateful_status(stateful_set, pods_now))

    def _fill(self, stateful_set: Obj, pods: dict[int, Obj]) -> bool:
        """Bring the number of pods one step nearer to the replicas; True while it is not reached."""
        desired = common.replicas_of(stateful_set)
        parallel = stateful_set["spec"].get("podManagementPolicy") == "Parallel"
        for number in range(desired):
            pod = pods.get(number)
            if pod is None:
                made = self._cluster.create("pods", stateful_pod(self._cluster, stateful_set, number))
                name, owner = made["metadata"]["name"], stateful_set["metadata"]["name"]
                message = f"create Pod {name} in StatefulSet {owner} successful"
                self._record(stateful_set, "SuccessfulCreate", message, source="statefulset-controller")
            if (pod is None or not podstates.is_ready(pod)) and not parallel:
                return pod is None or not self._outdated(stateful_set, pod)
        for number in sorted((n for n in pods if n >= desired), reverse=True):
            self._cluster.delete("pods", *common.key_of(pods[number]))
            if not parallel:
                return True
        return False

    def _outdated(self, stateful_set: Obj, pod: Obj) -> bool:
        """True for a live pod of another revision: the roll replaces it although it is not ready."""
        return common.is_live(pod) and revision_of(pod) != revision_name(stateful_set)

    def _roll(self, stateful_set: Obj, pods: dict[int, Obj]) -> None:
        strategy = stateful_set["spec"].get("updateStrategy") or {}
        if strategy.get("type") == "OnDelete":
            return
        partition = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
        for number in sorted((n for n in pods if n >= partition), reverse=True):
            pod = pods[number]
            if self._outdated(stateful_set, pod):
                self._cluster.delete("pods", *common.key_of(pod))
                return
            if not podstates.is_ready(pod):
                return


def ordinal(pod: Obj) -> int:
    """The number at the end of a stateful pod's name, -1 when there is none."""
    tail = str(pod["metadata"]["name"]).rpartition("-")[2]
    return int(tail) if tail.isdigit() else -1


def revision_name(stateful_set: Obj) -> str:
    """The name of the revision of the present template."""
    return f"{stateful_set['metadata']['name']}-{template_hash(stateful_set['spec']['template'])}"


def stateful_pod(cluster: SimCluster, stateful_set: Obj, number: int) -> Obj:
    """A new pod of this StatefulSet with an ordinal, not yet stored."""
    name = f"{stateful_set['metadata']['name']}-{number}"
    template = json.loads(json.dumps(stateful_set["spec"]["template"]))
    volumes = template["spec"].setdefault("volumes", [])
    for claim in stateful_set["spec"].get("volumeClaimTemplates") or ():
        claim_name = claim["metadata"]["name"]
        volumes.append({"name": claim_name, "persistentVolumeClaim": {"claimName": f"{claim_name}-{name}"}})
    pod = common.new_pod(cluster, stateful_set, name, template, generate=f"{stateful_set['metadata']['name']}-")
    labels = {
        REVISION_LABEL: revision_name(stateful_set),
        "apps.kubernetes.io/pod-index": str(number),
        "statefulset.kubernetes.io/pod-name": name,
    }
    pod["metadata"]["labels"].update(labels)
    pod["spec"]["hostname"] = name
    pod["spec"]["subdomain"] = stateful_set["spec"].get("serviceName", "")
    return pod


def stateful_status(stateful_set: Obj, pods: list[Obj]) -> Obj:
    """The status for these live pods."""
    wanted = revision_name(stateful_set)
    updated = sum(1 for pod in pods if revision_of(pod) == wanted)
    before = (stateful_set.get("status") or {}).get("currentRevision") or wanted
    rolled = updated == len(pods) == common.replicas_of(stateful_set) and common.ready_count(pods) == len(pods)
    current = wanted if rolled else before
    counts = {
        "readyReplicas": common.ready_count(pods),
        "currentReplicas": sum(1 for pod in pods if revision_of(pod) == current),
        "updatedReplicas": updated,
    }
    return {
        "observedGeneration": stateful_set["metadata"].get("generation", 1),
        "replicas": len(pods),
        "availableReplicas": common.ready_count(pods),
        **common.compact(counts),
        "currentRevision": current,
        "updateRevision": wanted,
        "collisionCount": 0,
    }
