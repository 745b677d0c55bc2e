"""Pods made for load: five kinds of workload, thirteen stages of life, each a byte template made once.

A pod is two small tuples: who it is (`Identity`) and where it stands (`PodState`); its bytes are made when asked
for. `WORDS` says what kubectl's STATUS column shows for each stage.
"""

import random
from functools import cache
from typing import Any, NamedTuple

from kurator_tui.demo.load.templates import Template, managed_fields
from kurator_tui.demo.world import podstates
from kurator_tui.demo.world.objects import container, pod_from_template, pod_template

Obj = dict[str, Any]


class Identity(NamedTuple):
    """What stays the same for a pod's life; bytes as they stand in JSON, `workload` an index of `WORKLOADS`."""

    namespace: bytes
    name: bytes
    uid: bytes
    node: bytes
    ip: bytes
    created: bytes
    workload: int


_FIELDS = (*Identity._fields, "stage", "restarts", "rv", "changed")
_NUMBERS = frozenset({"restarts", "rv"})


class PodState(NamedTuple):
    """One version of one pod. `stage` is an index of `WORDS`; `changed` the time of the change, RFC 3339."""

    identity: Identity
    stage: int
    restarts: int
    rv: int
    changed: bytes

    @property
    def namespace(self) -> str:
        return self.identity.namespace.decode()

    @property
    def name(self) -> str:
        return self.identity.name.decode()

    def body(self) -> bytes:
        """The whole object."""
        identity = self[0]
        return _template(identity[6], self[1]).body(identity + self[1:])

    def line(self, type: bytes) -> bytes:
        """The line of a watch event about this version."""
        identity = self[0]
        return _template(identity[6], self[1]).line(identity + self[1:] + (type,))

    def item(self) -> bytes:
        """The object as an item of a list."""
        identity = self[0]
        return _template(identity[6], self[1]).item(identity + self[1:])

    def digest_line(self, cluster: str) -> str:
        """What identifies this version for a digest, tab-separated."""
        namespace, name, uid, node, *_ = (each.decode() for each in self.identity[:6])
        restarts = 0 if self.stage in (PENDING, EVICTED) else self.restarts  # they have no containers to count
        return f"{cluster}\t{namespace}\t{name}\t{uid}\t{WORDS[self.stage]}\t{restarts}\t{node}"


class Workload(NamedTuple):
    """What owns a pod: the owner's kind and name, and the containers as (name, image, port, CPU, memory)."""

    kind: str
    owner: str
    containers: tuple[tuple[str, str, int, str, str], ...]


WORKLOADS = (
    Workload(
        "ReplicaSet", "web-6d4cf56db6", (("web", "registry.example/shop/web:2.14.1", 8080, "100m", "128Mi"),)
    ),
    Workload(
        "ReplicaSet",
        "checkout-7f9c8b5d44",
        (
            ("checkout", "registry.example/shop/checkout:5.2.0", 8443, "250m", "512Mi"),
            ("istio-proxy", "docker.io/istio/proxyv2:1.22.3", 15021, "100m", "128Mi"),
        ),
    ),
    Workload("StatefulSet", "orders-db", (("postgres", "docker.io/library/postgres:16.3", 5432, "1", "2Gi"),)),
    Workload("DaemonSet", "log-agent", (("agent", "docker.io/fluent/fluent-bit:3.1.4", 2020, "50m", "64Mi"),)),
    Workload("Job", "nightly-report", (("report", "registry.example/data/report:1.9.3", 9000, "500m", "1Gi"),)),
)
"""Pods are dealt to these in turn by `workload`."""

RUNNING, UNREADY, CRASH_LOOP, ERROR, OOM_KILLED, CREATING, PULL_BACK_OFF = range(7)
PULL_ERROR, PENDING, COMPLETED, CONFIG_ERROR, TERMINATING, EVICTED = range(7, 13)

WORDS = (
    "Running",
    "Running",
    "CrashLoopBackOff",
    "Error",
    "OOMKilled",
    "ContainerCreating",
    "ImagePullBackOff",
    "ErrImagePull",
    "Pending",
    "Completed",
    "CreateContainerConfigError",
    "Terminating",
    "Evicted",
)
"""kubectl's STATUS column by stage."""

AFTER: tuple[tuple[int, ...], ...] = (
    (RUNNING,) * 300 + (UNREADY,) * 60 + (ERROR,) * 25 + (OOM_KILLED,) * 12 + (TERMINATING, COMPLETED, EVICTED),
    (RUNNING,) * 3 + (ERROR,),
    (RUNNING, RUNNING, CRASH_LOOP, ERROR),
    (CRASH_LOOP, CRASH_LOOP, RUNNING),
    (CRASH_LOOP, RUNNING),
    (RUNNING,) * 6 + (PULL_ERROR, CONFIG_ERROR),
    (PULL_ERROR, RUNNING),
    (PULL_BACK_OFF,),
    (CREATING,),
    (TERMINATING,),
    (CREATING, RUNNING),
    (),
    (TERMINATING,),
)
"""Stage -> the stages that may follow, each as often as it is likely; nothing follows Terminating but the end."""

RESTARTED = frozenset({(ERROR, RUNNING), (CRASH_LOOP, RUNNING), (OOM_KILLED, RUNNING), (ERROR, CRASH_LOOP)})
"""Steps from one stage to another at which a container was started again."""


def first(identity: Identity, rng: random.Random, rv: int) -> PodState:
    """A pod that has been there for a while: nearly always running."""
    stage = RUNNING if rng.random() < 0.94 else rng.choice((UNREADY, CRASH_LOOP, PULL_BACK_OFF, COMPLETED))
    return PodState(identity, stage, 0 if rng.random() < 0.9 else rng.randrange(1, 12), rv, identity.created)


_LIVENESS: Obj = {
    "httpGet": {"path": "/livez", "port": "http", "scheme": "HTTP"},
    "initialDelaySeconds": 5,
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}
_ENVIRONMENT: list[Obj] = [
    {"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
    {"name": "LOG_LEVEL", "value": "info"},
    {
        "name": "DATABASE_URL",
        "value": "postgres://orders-db.shop.svc.cluster.local:5432/orders?sslmode=verify-full",
    },
    {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://otel-collector.observability.svc:4317"},
]
_OWNED = ("name", "image", "imagePullPolicy", "ports", "resources")


@cache
def _template(workload: int, stage: int) -> Template:
    return Template(_object(WORKLOADS[workload], stage), _FIELDS, _NUMBERS)


def _object(workload: Workload, stage: int) -> Obj:
    """A whole pod with holes."""
    pod = _pending(workload)
    meta, status = pod["metadata"], _status(pod, stage)
    containers = [{key: each[key] for key in _OWNED if key in each} for each in pod["spec"]["containers"]]
    spec = {"containers": containers, "dnsPolicy": "", "restartPolicy": "", "schedulerName": ""}
    about = {"metadata": {"labels": meta["labels"], "generateName": ""}, "spec": spec}
    seen = {key: status[key] for key in ("conditions", "phase", "podIPs") if key in status}
    meta["managedFields"] = [
        managed_fields("kube-controller-manager", about),
        managed_fields("kubelet", {"status": {**seen, "containerStatuses": ""}}, subresource="status"),
    ]
    if stage == TERMINATING:
        meta["deletionTimestamp"], meta["deletionGracePeriodSeconds"] = "@{changed}", 30
    return {"kind": "Pod", "apiVersion": "v1", "metadata": meta, "spec": pod["spec"], "status": status}


def _pending(workload: Workload) -> Obj:
    app, _, revision = workload.owner.rpartition("-")
    labels = {"app": app, "pod-template-hash": revision, "topology.istio.io/subzone": "zone-a"}
    containers = [
        container(name, image, cpu=cpu, memory=memory, port=port)
        for name, image, port, cpu, memory in workload.containers
    ]
    pod = pod_from_template(
        pod_template(labels, containers), namespace="@{namespace}", name="@{name}", token_suffix="x7k2p"
    )
    pod["spec"]["containers"][0] |= {"env": _ENVIRONMENT, "livenessProbe": _LIVENESS}
    version = {"Job": "batch/v1"}.get(workload.kind, "apps/v1")
    owner: Obj = {"apiVersion": version, "kind": workload.kind, "name": workload.owner}
    owner |= {"uid": "0f5b2f0e-6f0f-4b43-9d9a-3f1f6a7a2b10", "controller": True, "blockOwnerDeletion": True}
    pod["metadata"] = {
        "name": "@{name}",
        "generateName": f"{workload.owner}-",
        "namespace": "@{namespace}",
        "uid": "@{uid}",
        "resourceVersion": "@{rv}",
        "generation": 1,
        "creationTimestamp": "@{created}",
        "labels": labels,
        "annotations": {"prometheus.io/scrape": "true", "cni.projectcalico.org/podIP": "@{ip}/32"},
        "ownerReferences": [owner],
    }
    pod["spec"]["nodeName"] = "@{node}"
    pod["status"] |= {"hostIP": "10.0.0.10", "startTime": "@{created}"}
    return pod


def _status(pod: Obj, stage: int) -> Obj:
    """The status a kubelet would write at this stage; restarts are the first container's."""
    alive = podstates.running(pod, "@{created}", "@{ip}", ready=True)
    alive["containerStatuses"][0]["restartCount"] = "@{#restarts}"
    pod = {**pod, "status": alive}
    if stage in (RUNNING, TERMINATING):
        return alive
    if stage == UNREADY:
        return _unready(alive)
    if stage in (CRASH_LOOP, ERROR):
        return podstates.crashed(pod, "@{changed}", waiting=stage == CRASH_LOOP)
    if stage == OOM_KILLED:
        return podstates.crashed(pod, "@{changed}", waiting=False, reason="OOMKilled", exit_code=137)
    if stage == COMPLETED:
        return podstates.completed(pod, "@{changed}")
    if stage in (CREATING, PULL_ERROR, PULL_BACK_OFF, CONFIG_ERROR):
        return _waiting(pod, WORDS[stage])
    if stage == PENDING:
        scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": "@{created}"}
        return {"phase": "Pending", "conditions": [scheduled], "qosClass": "Burstable"}
    message = "The node was low on resource: ephemeral-storage."
    return {"phase": "Failed", "reason": "Evicted", "message": message, "startTime": "@{created}"}


def _unready(alive: Obj) -> Obj:
    """Running, but the first container's readiness probe fails."""
    first_one, *others = alive["containerStatuses"]
    conditions = [
        {**each, "status": "False", "reason": "ContainersNotReady", "lastTransitionTime": "@{changed}"}
        if each["type"] in ("Ready", "ContainersReady")
        else each
        for each in alive["conditions"]
    ]
    return {**alive, "containerStatuses": [{**first_one, "ready": False}, *others], "conditions": conditions}


def _waiting(pod: Obj, reason: str) -> Obj:
    """Pending: the containers wait for `reason`."""
    status = podstates.creating(pod, "@{changed}", "10.0.0.10")
    for each in status["containerStatuses"]:
        each["state"] = {"waiting": {"reason": reason, "message": f"{each['image']}: {reason}"}}
    status["containerStatuses"][0]["restartCount"] = "@{#restarts}"
    return status
