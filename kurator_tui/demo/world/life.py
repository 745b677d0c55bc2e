"""Everyday life: every few seconds something small happens somewhere, now and then something larger.

Only ordinary writes to ordinary objects; the controllers turn them into the traffic a real cluster shows.
"""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from kurator_tui.demo.world import kurator, podstates
from kurator_tui.demo.world.cluster import controller_of
from kurator_tui.demo.world.controllers import common
from kurator_tui.demo.world.controllers.flagger import governed
from kurator_tui.demo.world.controllers.fleets import RELEASES
from kurator_tui.demo.world.images import next_image
from kurator_tui.demo.world.incidents import incident
from kurator_tui.demo.world.kubelet import DURATION, FORGIVEN
from kurator_tui.demo.world.nodes import make_node
from kurator_tui.demo.world.objects import container, pod_template
from kurator_tui.demo.world.topology import ClusterPlan
from kurator_tui.demo.world.world import Machinery, World

Obj = dict[str, Any]

#: World seconds between two things that happen, smallest and largest.
_PAUSE = (2.0, 4.5)
#: World seconds within which a container has crashed as often as it shall.
_LOOP = 120.0
_QUIET_NAMESPACES = frozenset(
    {"kube-system", "kurator-system", "fluxcd-system", "monitoring", "default", "training"}
)
_WEIGHTS: tuple[tuple[str, int], ...] = (
    ("scale", 30),
    ("replace_pod", 22),
    ("restart_container", 12),
    ("job", 12),
    ("roll", 8),
    ("crash_loop", 2),
    ("bad_image", 2),
    ("node_silent", 3),
    ("node_count", 5),
    ("release", 6),
)


class Life:
    """Chooses what happens, where, and undoes what should not stay."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = random.Random(f"{world.seed}/life")
        self._sizes: dict[tuple[str, str, str], int] = {}
        self._busy: set[tuple[str, str, str]] = set()
        self._count = 0
        self._deeds: dict[str, Callable[[Machinery, ClusterPlan], None]] = {
            "scale": self._scale,
            "replace_pod": self._replace_pod,
            "restart_container": self._restart_container,
            "job": self._job,
            "roll": self._roll,
            "crash_loop": self._crash_loop,
            "bad_image": self._bad_image,
            "node_silent": self._node_silent,
            "node_count": self._node_count,
            "release": self._release,
        }
        world.timeline.after(self._rng.uniform(*_PAUSE), self._turn)

    def _turn(self) -> None:
        names, weights = zip(*_WEIGHTS, strict=True)
        deed = self._rng.choices(names, weights)[0]
        member = self._rng.choice(self._world.members or ["host"])
        self._deeds[deed](self._world.machinery[member], self._world.plans[member])
        self._world.timeline.after(self._rng.uniform(*_PAUSE), self._turn)

    # -- choosing

    def _deployment(self, machinery: Machinery) -> Obj | None:
        """A Deployment of an application that nothing else is being done to, and nobody releases.

        What needs GPUs is left as it is, for all of them are taken, and so is what somebody wants no pods of.
        """
        released = governed(machinery.cluster)
        found = [
            each
            for each in machinery.cluster.all_of("deployments.apps")
            if each["metadata"]["namespace"] not in _QUIET_NAMESPACES
            and self._place(machinery, each) not in self._busy
            and not each["metadata"].get("deletionTimestamp")
            and common.key_of(each) not in released
            and not _needs_devices(each)
            and common.replicas_of(each) > 0
        ]
        return self._rng.choice(found) if found else None

    def _pod(self, machinery: Machinery, *, crashed: bool = True) -> Obj | None:
        """A ready pod of a Deployment that nothing else is being done to; `crashed`: maybe one that did before."""
        found = [
            pod
            for pod in machinery.cluster.all_of("pods")
            if (controller_of(pod) or {}).get("kind") == "ReplicaSet"
            and pod["metadata"]["namespace"] not in _QUIET_NAMESPACES
            and podstates.is_ready(pod)
            and (crashed or not podstates.crashed_before(pod))
            and self._place(machinery, self._workload(machinery, pod)) not in self._busy
        ]
        return self._rng.choice(found) if found else None

    def _workload(self, machinery: Machinery, pod: Obj) -> Obj:
        """What people made, that keeps a pod of a ReplicaSet."""
        namespace, name = pod["metadata"]["namespace"], (controller_of(pod) or {}).get("name", "")
        owned = machinery.cluster.find("replicasets.apps", namespace, name)
        owner = controller_of(owned) if owned is not None else None
        return {
            "kind": (owner or {}).get("kind", ""),
            "metadata": {"namespace": namespace, "name": (owner or {}).get("name", name)},
        }

    def _declare(self, code: str, machinery: Machinery, of: str, within: float) -> None:
        """A triage should tell of it in so many seconds."""
        now = self._world.clock.elapsed
        self._world.lived.append(incident(code, machinery.cluster.name, of, now, now + within))

    def _place(self, machinery: Machinery, obj: Obj) -> tuple[str, str, str]:
        return (machinery.cluster.name, *common.key_of(obj))

    def _reserve(self, machinery: Machinery, obj: Obj, seconds: float) -> None:
        """Leave an object alone for a while."""
        place = self._place(machinery, obj)
        self._busy.add(place)
        self._world.timeline.after(seconds, partial(self._busy.discard, place))

    # -- small things

    def _scale(self, machinery: Machinery, _plan: ClusterPlan) -> None:
        """As an autoscaler: one to three more or fewer, never far from the first size."""
        deployment = self._deployment(machinery)
        if deployment is None:
            return
        now = common.replicas_of(deployment)
        usual = self._sizes.setdefault(self._place(machinery, deployment), now)
        step = self._rng.choice((-2, -1, 1, 1, 2, 3))
        least = usual if self._guarded(machinery, deployment) else usual - 3
        target = max(1, least, min(usual + 5, now + step))
        machinery.cluster.modify(
            "deployments.apps", *common.key_of(deployment), lambda o: o["spec"].update(replicas=target)
        )

    def _guarded(self, machinery: Machinery, deployment: Obj) -> bool:
        """Whether a budget counts its pods: nobody scales down to where no node could be drained."""
        labels = deployment["spec"]["template"]["metadata"]["labels"].items()
        budgets = machinery.cluster.all_of("poddisruptionbudgets.policy", deployment["metadata"]["namespace"])
        wanted = [(each["spec"].get("selector") or {}).get("matchLabels") for each in budgets]
        return any(each and each.items() <= labels for each in wanted)

    def _replace_pod(self, machinery: Machinery, _plan: ClusterPlan) -> None:
        pod = self._pod(machinery)
        if pod is not None:
            machinery.cluster.delete("pods", *common.key_of(pod))

    def _restart_container(self, machinery: Machinery, _plan: ClusterPlan) -> None:
        """A container ends once, and is started again: that is told of only when memory was the reason."""
        pod = self._pod(machinery, crashed=False)
        if pod is not None:
            of = self._leave(machinery, pod)
            reason, code = self._rng.choice((("OOMKilled", 137), *4 * (("Error", 1), ("Error", 2))))
            machinery.kubelet.crash(pod, reason=reason, exit_code=code)
            if reason == "OOMKilled":
                self._declare("KT1003", machinery, of, 5.0)

    def _crash_loop(self, machinery: Machinery, _plan: ClusterPlan) -> None:
        pod = self._pod(machinery, crashed=False)
        if pod is not None:
            self._declare("KT1001", machinery, self._leave(machinery, pod), 30.0)
            machinery.kubelet.crash(pod, self._rng.randint(3, 6))

    def _leave(self, machinery: Machinery, pod: Obj) -> str:
        """Do nothing else to a pod's workload while its crash counts; what an inbox calls that workload."""
        workload = self._workload(machinery, pod)
        self._reserve(machinery, workload, _LOOP + FORGIVEN)
        return f"{workload['kind']}/{workload['metadata']['name']}"

    def _job(self, machinery: Machinery, _plan: ClusterPlan) -> None:
        """A Job of one or two pods that ends within half a minute and is removed later."""
        self._count += 1
        cluster = machinery.cluster
        edge = cluster.find("namespaces", "", "edge-apps") is not None
        namespace = next(
            (n for n in ("webapp", "training", "edge-apps") if cluster.find("namespaces", "", n)), "default"
        )
        name = f"{'sync' if edge else 'report'}-{self._count:04d}"
        labels = {"app": name.partition("-")[0]}
        image = f"registry.shop.example/jobs/{labels['app']}:v1.6"
        template = pod_template(
            labels, [container("work", image, cpu="500m", memory="256Mi")], restartPolicy="Never"
        )
        template["metadata"]["annotations"] = {DURATION: str(self._rng.randint(8, 25))}
        count = self._rng.randint(1, 2)
        spec = {
            "parallelism": count,
            "completions": count,
            "backoffLimit": 3,
            "ttlSecondsAfterFinished": 45,
            "completionMode": "NonIndexed",
            "suspend": False,
            "template": template,
        }
        meta = {"name": name, "namespace": namespace, "labels": labels}
        cluster.create("jobs.batch", {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec})

    def _release(self, _machinery: Machinery, _plan: ClusterPlan) -> None:
        """Flux reconciles a plugin's release on the host: busy for some seconds, then ready again."""
        host = self._world.host
        ready = [each for each in host.all_of(RELEASES) if kurator.is_ready(each)]
        if not ready:
            return
        release = self._rng.choice(ready)
        meta, before = release["metadata"], release["status"]
        version = str(before.get("lastAttemptedRevision", ""))
        busy = kurator.release_status(
            meta["name"], meta["namespace"], version, host.clock.stamp(), busy="Reconciliation in progress"
        )
        host.set_status(RELEASES, release, busy)
        delay = self._rng.uniform(4.0, 10.0)
        self._world.timeline.after(delay, partial(host.set_status, RELEASES, release, before))

    # -- larger things

    def _roll(self, machinery: Machinery, _plan: ClusterPlan) -> None:
        """A Deployment goes to the next patch version of its image."""
        deployment = self._deployment(machinery)
        if deployment is None:
            return
        self._reserve(machinery, deployment, 40.0)
        image = str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])
        set_image(machinery, deployment, next_image(image))

    def _bad_image(self, machinery: Machinery, _plan: ClusterPlan) -> None:
        """A Deployment goes to an image that is not there, and back after a while."""
        deployment = self._deployment(machinery)
        if deployment is None:
            return
        self._reserve(machinery, deployment, 90.0)
        image = str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])
        broken = f"{image}-rc1"
        machinery.cluster.bad_images.add(broken)
        self._declare("KT1002", machinery, broken, 20.0)
        set_image(machinery, deployment, broken)
        self._world.timeline.after(self._rng.uniform(35, 60), partial(set_image, machinery, deployment, image))

    def _node_silent(self, machinery: Machinery, _plan: ClusterPlan) -> None:
        """A node's kubelet falls silent for half a minute; one node a cluster at a time, none where pods fail."""
        nodes = [
            node["metadata"]["name"]
            for node in machinery.cluster.all_of("nodes")
            if "node-role.kubernetes.io/control-plane" not in node["metadata"]["labels"]
            and not any(_fails(pod) for pod in machinery.cluster.pods_on(node["metadata"]["name"]))
        ]
        if nodes and not machinery.cluster.stopped_nodes:
            name = self._rng.choice(nodes)
            machinery.nodes.stop(name)
            self._world.timeline.after(self._rng.uniform(20, 35), partial(machinery.nodes.resume, name))

    def _node_count(self, machinery: Machinery, plan: ClusterPlan) -> None:
        """A pool gains a node, which leaves again some minutes later after a drain."""
        pools = [pool for pool in plan.pools if pool.role == "worker"]
        if not pools:
            return
        self._count += 1
        pool = pools[0]
        number = 40 + self._count % 180
        name = f"{pool.prefix}-x{self._count:03d}"
        now = machinery.cluster.clock.stamp()
        machinery.nodes.add(make_node(pool, name, plan.version, number=number, subnet=plan.subnet, now=now))
        self._world.timeline.after(self._rng.uniform(60, 150), partial(self._drain, machinery, name))

    def _drain(self, machinery: Machinery, node: str) -> None:
        cluster = machinery.cluster
        cluster.modify("nodes", "", node, lambda o: o["spec"].update(unschedulable=True))
        for pod in cluster.pods_on(node):
            if (controller_of(pod) or {}).get("kind") != "DaemonSet":
                cluster.delete("pods", *common.key_of(pod))
        self._world.timeline.after(6.0, partial(cluster.remove, "nodes", "", node))


def _fails(pod: Obj) -> bool:
    """Whether it runs, and is not ready."""
    return (pod.get("status") or {}).get("phase") == "Running" and not podstates.is_ready(pod)


def _needs_devices(deployment: Obj) -> bool:
    """Whether its pods ask for more than what every node has."""
    asked = (each.get("resources") or {} for each in deployment["spec"]["template"]["spec"]["containers"])
    return any(
        "/" in name for each in asked for name in (*(each.get("requests") or ()), *(each.get("limits") or ()))
    )


def set_image(machinery: Machinery, deployment: Obj, image: str) -> None:
    """Change the first container's image, as `kubectl set image` does."""

    def change(obj: Obj) -> None:
        obj["spec"]["template"]["spec"]["containers"][0]["image"] = image

    machinery.cluster.modify("deployments.apps", *common.key_of(deployment), change)
