"""Pods. They arrive by the hundred thousand: their projection and row hold no labels and no annotations."""

from __future__ import annotations

import sys

import msgspec

from kurator_tui.kinds.base import HEALTHY, Column, Format, Health, Interned, Kind, Level, Row
from kurator_tui.kinds.meta import Int32, OwnerReference, Projection, SlimMeta, intern, one_line, unix
from kurator_tui.kinds.pod_requests import PodSpec, effective_request, requested_devices

LONGEST_LEFT = 400
"""Characters kept of what a container left behind: its end, where an error is."""


class _Waiting(Projection):
    reason: str | None = None
    message: str | None = None


class _Terminated(Projection):
    reason: str | None = None
    message: str | None = None
    exit_code: Int32 = 0
    signal: Int32 | None = None
    started_at: str | None = None
    finished_at: str | None = None


class _Running(Projection):
    started_at: str | None = None


class _ContainerState(Projection):
    waiting: _Waiting | None = None
    running: _Running | None = None
    terminated: _Terminated | None = None


class _ContainerStatus(Projection):
    ready: bool = False
    restart_count: Int32 = 0
    state: _ContainerState = msgspec.field(default_factory=_ContainerState)
    last_state: _ContainerState = msgspec.field(default_factory=_ContainerState)


class _InitContainerStatus(_ContainerStatus):
    name: str = ""
    started: bool | None = None


class _PodCondition(Projection):
    type: str = ""
    status: str = ""
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None


class _PodStatus(Projection):
    phase: str | None = None
    reason: str | None = None
    message: str | None = None
    conditions: list[_PodCondition] | None = None
    init_container_statuses: list[_InitContainerStatus] | None = None
    container_statuses: list[_ContainerStatus] | None = None
    qos_class: str | None = None
    pod_ip: str | None = msgspec.field(default=None, name="podIP")


class Pod(Projection):
    metadata: SlimMeta = msgspec.field(default_factory=SlimMeta)
    spec: PodSpec = msgspec.field(default_factory=PodSpec)
    status: _PodStatus = msgspec.field(default_factory=_PodStatus)


UNREADY = "NotReady"
"""Reason of a pod that is not ready though its containers are: its node is silent, or a readiness gate is shut."""


class PodRow(Row, frozen=True, gc=False, array_like=True):
    """`status` is kubectl's STATUS column; `ready` of `containers` count as its READY column does.

    Requests are the scheduler's effective ones: CPU in millicores, memory in bytes, GPUs in devices.
    `restarted_at` is the Unix second of the last restart. `message` explains the first container that waits or
    failed, or why the pod is not scheduled; of one that crashes again and again it is what that left behind, if
    anything. `reason` is the status's own, or `UNREADY`. `devices` are the accelerators it asks for, as
    `device_names` writes them: "" for nearly all.
    """

    phase: Interned = ""
    status: Interned = ""
    ready: int = 0
    containers: int = 0
    restarts: int = 0
    restarted_at: float = 0.0
    node: Interned = ""
    ip: str = ""
    cpu_requested: int = 0
    memory_requested: int = 0
    gpus: int = 0
    owner_kind: Interned = ""
    owner: Interned = ""
    qos: Interned = ""
    reason: Interned = ""
    message: str = ""
    deleting: bool = False
    devices: Interned = ""
    ended: Interned = ""
    """How the container that STATUS is about ended last, else the one that ended latest: `OOMKilled:137`,
    `Error:1`, `ExitCode:3`; "" where none did."""
    waited: float = 0.0
    """Seconds from `restarted_at` to the start of that container, if it runs or ran since: how long it was held
    back."""
    unready_since: float = 0.0
    """Unix second since which it runs and is told to be not ready; 0.0 of any other pod."""
    ran: float = 0.0
    """Seconds for which that container had run when it ended at `restarted_at`; 0.0 where nobody knows."""


class _Standing(msgspec.Struct, gc=False):
    """What the container statuses add up to, while they are being read."""

    status: str
    message: str = ""
    ready: int = 0
    restarts: int = 0
    restarted_at: str = ""
    """RFC 3339, always UTC in a status: compares as text."""
    told: _Terminated | None = None
    """How the container ended that `status` is about."""
    last: _Terminated | None = None
    """How the one ended that ended at `restarted_at`."""
    again: str = ""
    """When that one was started again, RFC 3339; "" while it waits for that."""
    unready: bool = False
    """Whether the pod is told to be not ready."""
    unready_since: str = ""
    """Since when, RFC 3339."""

    def restarted(self, container: _ContainerStatus) -> None:
        """Count the container's restarts and keep the latest."""
        self.restarts += container.restart_count
        last = container.last_state.terminated
        if last is not None and last.finished_at and last.finished_at > self.restarted_at:
            self.restarted_at, self.last = last.finished_at, last
            ran = container.state.running or container.state.terminated
            self.again = ran.started_at or "" if ran is not None else ""

    def waits(self, word: str, waiting: _Waiting, last: _Terminated | None) -> None:
        """STATUS is about a container that waits. What it left when it ended says more than how long it waits."""
        left = last.message if last is not None and waiting.reason == "CrashLoopBackOff" else None
        self.status, self.told = word, last
        self.message = one_line(left)[-LONGEST_LEFT:] if left else waiting.message or ""

    def failed(self, word: str, terminated: _Terminated) -> None:
        """STATUS is about a container that ended."""
        self.status, self.message, self.told = word, terminated.message or "", terminated

    @property
    def ending(self) -> str:
        """`PodRow.ended`."""
        how = self.told or self.last
        if how is None:
            return ""
        return sys.intern(f"{how.reason or 'ExitCode'}:{how.exit_code}")

    @property
    def waited(self) -> float:
        """`PodRow.waited`."""
        if not (self.again and self.restarted_at):
            return 0.0
        return max(0.0, unix(self.again) - unix(self.restarted_at))

    @property
    def ran(self) -> float:
        """`PodRow.ran`."""
        if self.last is None or not (self.last.started_at and self.last.finished_at):
            return 0.0
        return max(0.0, unix(self.last.finished_at) - unix(self.last.started_at))


def _ended(terminated: _Terminated) -> str:
    if terminated.reason:
        return terminated.reason
    return f"Signal:{terminated.signal}" if terminated.signal else f"ExitCode:{terminated.exit_code}"


def _holds(conditions: list[_PodCondition] | None, kind: str) -> bool:
    return any(c.type == kind and c.status == "True" for c in conditions or ())


def _initialising(pod: Pod, seen: _Standing, sidecars: _Standing) -> bool:
    """Read the init containers up to the one that holds the pod back; whether there is one."""
    spec = pod.spec.init_containers or []
    restartable = {c.name for c in spec if c.restart_policy == "Always"}
    for index, container in enumerate(pod.status.init_container_statuses or ()):
        seen.restarted(container)
        if container.name in restartable:
            sidecars.restarted(container)
        waiting, terminated = container.state.waiting, container.state.terminated
        if terminated is not None and terminated.exit_code == 0:
            continue
        if container.name in restartable and container.started:
            seen.ready += container.ready
            continue
        if terminated is not None:
            seen.failed(f"Init:{_ended(terminated)}", terminated)
        elif waiting is not None and waiting.reason and waiting.reason != "PodInitializing":
            seen.waits(f"Init:{waiting.reason}", waiting, container.last_state.terminated)
        else:
            seen.status = f"Init:{index}/{len(spec)}"
        return True
    return False


def _main_containers(pod: Pod, seen: _Standing) -> None:
    """Read the containers, last to first, so that the first one with something to say says it."""
    running = False
    for container in reversed(pod.status.container_statuses or ()):
        seen.restarted(container)
        state = container.state
        if state.waiting is not None and state.waiting.reason:
            seen.waits(state.waiting.reason, state.waiting, container.last_state.terminated)
        elif state.terminated is not None:
            seen.failed(_ended(state.terminated), state.terminated)
        elif container.ready and state.running is not None:
            running = True
            seen.ready += 1
    if seen.status == "Completed" and running:
        seen.status = "Running" if _holds(pod.status.conditions, "Ready") else "NotReady"


def _standing(pod: Pod) -> _Standing:
    """READY, STATUS and RESTARTS by the rules of kubectl's printer (`printPod` in the API server)."""
    status = pod.status
    seen = _Standing(status.reason or status.phase or "", status.message or "")
    for found in status.conditions or ():
        if found.type == "PodScheduled" and found.status != "True":
            seen.message = seen.message or found.message or ""
            if found.reason == "SchedulingGated":
                seen.status = found.reason
        elif found.type == "Ready" and found.status == "False":
            seen.unready, seen.unready_since = True, found.last_transition_time or ""
    if status.init_container_statuses:
        sidecars = _Standing("")
        held = _initialising(pod, seen, sidecars)
        if not held or _holds(status.conditions, "Initialized"):
            seen.restarts, seen.restarted_at = sidecars.restarts, sidecars.restarted_at
            seen.last, seen.again = sidecars.last, sidecars.again
            _main_containers(pod, seen)
    else:
        _main_containers(pod, seen)
    if pod.metadata.deletion_timestamp:
        if status.reason == "NodeLost":
            seen.status = "Unknown"
        elif status.phase not in ("Succeeded", "Failed"):
            seen.status = "Terminating"
    return seen


def _owner(references: list[OwnerReference] | None) -> tuple[str, str]:
    """(kind, name) of the controller, else of the first owner."""
    if not references:
        return "", ""
    owner = references[0]
    if not owner.controller:
        owner = next((reference for reference in references if reference.controller), owner)
    return intern(owner.kind), intern(owner.name)


def _pod(cluster: str, obj: Pod) -> PodRow:
    """Runs for every event: what thousands of rows repeat is interned in place."""
    meta, spec, status = obj.metadata, obj.spec, obj.status
    seen = _standing(obj)
    cpu, memory, gpus = effective_request(spec)
    owner_kind, owner = _owner(meta.owner_references)
    containers = len(spec.containers) if spec.containers else 0
    if spec.init_containers:
        containers += sum(c.restart_policy == "Always" for c in spec.init_containers)
    reason = status.reason
    if seen.unready and not reason and seen.ready == containers and status.phase == "Running":
        reason = UNREADY
    unready = seen.unready_since if status.phase == "Running" else ""
    return PodRow(
        cluster,
        sys.intern(meta.namespace) if meta.namespace else "",
        meta.name,
        meta.uid,
        unix(meta.creation_timestamp),
        sys.intern(status.phase) if status.phase else "",
        sys.intern(seen.status) if seen.status else "",
        seen.ready,
        containers,
        seen.restarts,
        unix(seen.restarted_at) if seen.restarted_at else 0.0,
        sys.intern(spec.node_name) if spec.node_name else "",
        status.pod_ip or "",
        cpu,
        memory,
        gpus,
        owner_kind,
        owner,
        sys.intern(status.qos_class) if status.qos_class else "",
        sys.intern(reason) if reason else "",
        seen.message,
        meta.deletion_timestamp is not None and meta.deletion_timestamp != "",
        requested_devices(spec),
        seen.ending,
        seen.waited,
        unix(unready) if unready else 0.0,
        seen.ran,
    )


_BROKEN = frozenset(
    [
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "ContainerCannotRun",
        "OOMKilled",
        "Error",
        "Evicted",
        "StartError",
        "DeadlineExceeded",
        "UnexpectedAdmissionError",
    ]
)
"""STATUS words that mean a person is needed, with or without `Init:` before them."""


def needs_somebody(row: PodRow) -> bool:
    """Whether its STATUS is a word that does not go away by itself: cheap enough to be asked of every pod."""
    return row.status in _BROKEN or (row.status.startswith("Init:") and row.status[5:] in _BROKEN)


def pod_health(row: PodRow) -> Health:
    """Health from kubectl's STATUS word, then from readiness."""
    word = row.status.removeprefix("Init:")
    reason = ": ".join(part for part in (row.status, row.message) if part)
    if row.status == "Terminating":
        return Health(Level.PROGRESSING, "Terminating")
    if word in _BROKEN or word.startswith(("ExitCode:", "Signal:")) or row.phase == "Failed":
        return Health(Level.FAILED, reason)
    if row.phase == "Succeeded":
        return HEALTHY
    if row.status in ("NodeLost", "Unknown") or row.phase in ("", "Unknown"):
        return Health(Level.UNKNOWN, reason or "no status yet")
    if row.phase == "Pending":
        return Health(Level.PROGRESSING, reason)
    if row.ready < row.containers:
        return Health(Level.DEGRADED, f"{row.ready}/{row.containers} containers ready")
    return HEALTHY


POD = Kind(
    id="pods",
    name="Pod",
    versions=("v1",),
    plural="pods",
    short_names=("po",),
    numerous=True,
    row=PodRow,
    projection=Pod,
    project=_pod,
    health=pod_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=1),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=1),
        Column("ready", "READY", lambda r: f"{r.ready}/{r.containers}", priority=2),
        Column("status", "STATUS", lambda r: r.status, priority=0, level=lambda r: pod_health(r).level),
        Column("restarts", "RESTARTS", lambda r: r.restarts, Format.COUNT, priority=2),
        Column("restarted", "RESTARTED", lambda r: r.restarted_at or None, Format.AGE, priority=6),
        Column("cpu", "CPU REQ", lambda r: r.cpu_requested or None, Format.MILLICORES, priority=4),
        Column("memory", "MEM REQ", lambda r: r.memory_requested or None, Format.BYTES, priority=4),
        Column("gpus", "GPUS", lambda r: r.gpus or None, Format.COUNT, priority=5),
        Column("node", "NODE", lambda r: r.node, priority=3),
        Column("ip", "IP", lambda r: r.ip, priority=6, wide=True),
        Column("owner", "OWNER", lambda r: f"{r.owner_kind}/{r.owner}" if r.owner else "", priority=7, wide=True),
        Column("qos", "QOS", lambda r: r.qos, priority=7, wide=True),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=2),
        Column("reason", "REASON", lambda r: pod_health(r).reason, priority=5, width=80),
    ),
)

KINDS = (POD,)
