"""Cluster API: clusters, control planes and machines, of v1beta1 (what Kurator bundles) and v1beta2.

v1beta1 sums its state up in Ready, whose severity tells a wait from a fault; v1beta2 in Available, without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, SEVERITY, Format, Health, Level
from kurator_tui.kinds.judge import Judge, because, by_type, judge
from kurator_tui.kinds.ladder import CONDITIONS
from kurator_tui.kinds.table import Part, Parts, cell, table

GROUP = "cluster.x-k8s.io"
VERSIONS = ("v1beta2", "v1beta1")

_GOING = ("Pending", "Provisioning", "ScalingUp", "ScalingDown", "Updating", "Deleting", "Deleted")
_MOVES = ("RollingOut", "ScalingUp", "ScalingDown", "Remediating", "Deleting", "Updating")
_SEVERITIES = {"Info": Level.PROGRESSING, "Warning": Level.DEGRADED}

_FAILURE = (
    *("status.failureReason", "status.failureMessage"),
    *("status.deprecated.v1beta1.failureReason", "status.deprecated.v1beta1.failureMessage"),
)
_STATE = ("status.phase", "status.conditions[*]", *_FAILURE)
_HELD: Parts = {"conditions": CONDITIONS, "finalizers": "metadata.finalizers"}
"""What the lifecycle tree reads of each of them."""
_PAUSED = ("spec.paused", "metadata.annotations['cluster.x-k8s.io/paused']")


def _is(told: Mapping[str, Any], kind: str, status: str = "True") -> bool:
    return bool(told.get(kind, {}).get("status") == status)


def _moves(told: Mapping[str, Any]) -> Any:
    """The first condition that says that something goes on."""
    return next((told[kind] for kind in _MOVES if _is(told, kind)), None)


def _failed(phase: Any, failure: tuple[Any, ...]) -> Health | None:
    """What cannot go on by itself."""
    said = ": ".join(dict.fromkeys(word for word in failure if isinstance(word, str) and word))
    return Health(Level.FAILED, said or "Failed") if said or phase == "Failed" else None


def _summed(told: Mapping[str, Any], kinds: tuple[str, ...], *, going: bool) -> Health:
    """By the first of `kinds` that there is; False of something that goes on is a wait."""
    found = next((told[kind] for kind in kinds if kind in told), None)
    if found is None or found.get("status") == "True":
        return HEALTHY
    word = because(found) or f"not {found['type']}"
    if found.get("status") != "False" or going:
        return Health(Level.PROGRESSING, word)
    return Health(_SEVERITIES.get(found.get("severity"), Level.FAILED), word)


def _unless_paused(found: Health, told: Mapping[str, Any], flag: Any, annotation: Any) -> Health:
    """Paused is meant; a fault still shows."""
    paused = flag is True or annotation is not None or _is(told, "Paused")
    return (
        Health(Level.HEALTHY, "paused") if paused and SEVERITY[found.level] < SEVERITY[Level.DEGRADED] else found
    )


# -- Cluster and Machine ----------------------------------------------------------------------------------------


@judge(
    *_PAUSED,
    *_STATE,
    says="a failure reason or the phase Failed is failed; then Available, or Ready with its severity, unless the "
    "phase says that it is being made; paused is healthy",
)
def _cluster(flag: Any, annotation: Any, phase: Any, conditions: Any, *failure: Any) -> Health:
    told, bad = by_type(conditions), _failed(phase, failure)
    if bad is not None:
        return bad
    if not told and not phase:
        return Health(Level.UNKNOWN, "no status yet")
    found = _summed(told, ("Available", "Ready"), going=phase in _GOING)
    if found.level is Level.HEALTHY and phase in _GOING:
        found = Health(Level.PROGRESSING, phase)
    return _unless_paused(found, told, flag, annotation)


def _of(ready: Any, wanted: Any, old: Any = None) -> str:
    if isinstance(wanted, int):
        return f"{ready or 0}/{wanted}"
    return {True: "ready", False: "not ready"}.get(old, "") if isinstance(old, bool) else ""


def _address(host: Any, port: Any) -> str:
    return f"{host}:{port}" if host and port else host or ""


_PHASE = cell("phase", "status.phase")
_IN = cell(
    "in_cluster", "spec.clusterName", "metadata.labels['cluster.x-k8s.io/cluster-name']", title="CAPI CLUSTER"
)
_PAUSE = cell("paused", *_PAUSED, read=lambda flag, annotation: flag is True or annotation is not None, wide=True)

CLUSTER = table(
    f"clusters.{GROUP}",
    "Cluster",
    VERSIONS,
    _PHASE,
    cell(
        "control_plane",
        *("status.controlPlane.readyReplicas", "status.controlPlane.desiredReplicas", "status.controlPlaneReady"),
        read=_of,
    ),
    cell("workers", "status.workers.readyReplicas", "status.workers.desiredReplicas", read=_of),
    cell(
        "infrastructure",
        *("status.initialization.infrastructureProvisioned", "status.infrastructureReady"),
        title="INFRA READY",
        priority=4,
    ),
    cell("version", "spec.topology.version", "status.controlPlane.versions[*].version"),
    cell("provider", "spec.infrastructureRef.kind", priority=4),
    cell(
        "endpoint",
        "spec.controlPlaneEndpoint.host",
        "spec.controlPlaneEndpoint.port",
        read=_address,
        priority=5,
        width=60,
    ),
    cell("class", "spec.topology.classRef.name", "spec.topology.class", title="CLUSTER CLASS", wide=True),
    cell("kurator_cluster", "metadata.labels['cluster.kurator.dev/cluster-name']", wide=True),
    _PAUSE,
    health=_cluster,
    short_names=("cl",),
    parts={**_HELD, "template": "spec.infrastructureRef.name"},
)


@judge(
    *_PAUSED,
    *_STATE,
    says="a failure reason or the phase Failed is failed; running with Ready or NodeHealthy not True is what the "
    "condition's severity says, failed without one; every other phase is progressing",
)
def _machine(flag: Any, annotation: Any, phase: Any, conditions: Any, *failure: Any) -> Health:
    told, bad = by_type(conditions), _failed(phase, failure)
    if bad is not None:
        return bad
    if not told and not phase:
        return Health(Level.UNKNOWN, "no status yet")
    going = phase != "Running"
    found = _summed(told, ("Ready",), going=going)
    if found.level is Level.HEALTHY:
        found = _summed(told, ("NodeHealthy",), going=going)
    if found.level is Level.HEALTHY and going:
        found = Health(Level.PROGRESSING, str(phase or "no phase yet"))
    return _unless_paused(found, told, flag, annotation)


MACHINE = table(
    f"machines.{GROUP}",
    "Machine",
    VERSIONS,
    _PHASE,
    _IN,
    cell("node", "status.nodeRef.name", width=50),
    cell("version", "spec.version"),
    cell("address", 'status.addresses[?(@.type=="InternalIP")].address', priority=4, width=40),
    cell("zone", "status.failureDomain", "spec.failureDomain", title="FAILURE DOMAIN", priority=5),
    cell("certificates", "status.certificatesExpiryDate", format=Format.UNTIL, title="CERTS EXPIRE", priority=5),
    cell("up_to_date", 'status.conditions[?(@.type=="UpToDate")].status', title="UP-TO-DATE", wide=True),
    cell("provider", "spec.providerID", title="PROVIDER ID", wide=True, width=60),
    cell("os", "status.nodeInfo.osImage", title="OS IMAGE", wide=True),
    _PAUSE,
    health=_machine,
    short_names=("ma",),
    parts={
        **_HELD,
        "template": "spec.infrastructureRef.name",
        "marked": Part(
            ("metadata.annotations['cluster.x-k8s.io/delete-machine']",), lambda mark: mark is not None
        ),
    },
)

# -- sets of machines -------------------------------------------------------------------------------------------


def _replicated(*, updates: bool, started: tuple[str, ...] = ()) -> Judge:
    """The rule of what has replicas. `updates`: it counts machines of the newest template. `started` are paths
    that say whether it has run at all: what never ran is being made."""

    def read(
        flag: Any, annotation: Any, want: Any, have: Any, ready: Any, new: Any, older: Any, *rest: Any
    ) -> Health:
        runs, (phase, conditions, *failure) = rest[: len(started)], rest[len(started) :]
        told, bad = by_type(conditions), _failed(phase, tuple(failure))
        if bad is not None:
            return bad
        if not told and have is None and not phase:
            return Health(Level.UNKNOWN, "no status yet")
        wanted, count = want if isinstance(want, int) else 1, ready or 0
        move = _moves(told)
        going = move is not None or phase in _GOING or (bool(started) and True not in runs)
        found = _summed(told, ("Available", "Ready"), going=going)
        if found.level is Level.HEALTHY and count < wanted:
            word = f"{count} of {wanted} ready"
            found = Health(Level.PROGRESSING if going else Level.DEGRADED if count else Level.FAILED, word)
        fresh = next((number for number in (new, older) if number is not None), 0)
        if found.level is Level.HEALTHY and updates and fresh < wanted:
            found = Health(Level.PROGRESSING, f"{fresh} of {wanted} up to date")
        if found.level is Level.HEALTHY and (move or phase in _GOING):
            found = Health(Level.PROGRESSING, because(move) or str(phase))
        return _unless_paused(found, told, flag, annotation)

    numbers = ("spec.replicas", *(f"status.{name}Replicas" for name in ("ready", "upToDate", "updated")))
    want, count, new, older = numbers
    paths = (*_PAUSED, want, "status.replicas", count, new, older, *started, *_STATE)
    fresh = ", up to date" if updates else ""
    return Judge(
        paths,
        read,
        f"a failure reason is failed; Available, or Ready with its severity; all wanted replicas ready{fresh}; "
        "what is rolling out, scaling or being made is progressing; paused is healthy",
    )


_READY = cell(
    "ready",
    "status.readyReplicas",
    "spec.replicas",
    read=lambda ready, want: _of(ready, 1 if want is None else want),
)
_CURRENT = cell("current", "status.replicas", format=Format.COUNT)
_AVAILABLE = cell("available", "status.availableReplicas", format=Format.COUNT, priority=4)
_FRESH = cell(
    "up_to_date", "status.upToDateReplicas", "status.updatedReplicas", format=Format.COUNT, title="UP-TO-DATE"
)
_UNAVAILABLE = cell("unavailable", "status.unavailableReplicas", format=Format.COUNT, wide=True)
_TEMPLATE = cell("version", "spec.template.spec.version")

MACHINE_DEPLOYMENT = table(
    f"machinedeployments.{GROUP}",
    "MachineDeployment",
    VERSIONS,
    *(_PHASE, _IN, _READY, _CURRENT, _FRESH, _AVAILABLE, _TEMPLATE, _UNAVAILABLE),
    cell("strategy", "spec.rollout.strategy.type", "spec.strategy.type", wide=True),
    _PAUSE,
    health=_replicated(updates=True),
    short_names=("md",),
    parts={**_HELD, "replicas": "spec.replicas", "current": "status.replicas"},
)

MACHINE_SET = table(
    f"machinesets.{GROUP}",
    "MachineSet",
    VERSIONS,
    *(_IN, _READY, _CURRENT, _AVAILABLE, _TEMPLATE),
    cell("up_to_date", "status.upToDateReplicas", format=Format.COUNT, title="UP-TO-DATE", wide=True),
    _PAUSE,
    health=_replicated(updates=False),
    short_names=("ms",),
    parts={
        **_HELD,
        "replicas": "spec.replicas",
        "delete_order": Part(("spec.deletion.order", "spec.deletePolicy"), lambda new, old: new or old or ""),
    },
)

MACHINE_POOL = table(
    f"machinepools.{GROUP}",
    "MachinePool",
    VERSIONS,
    *(_PHASE, _IN, _READY, _CURRENT, _AVAILABLE, _TEMPLATE, _UNAVAILABLE, _PAUSE),
    health=_replicated(updates=False),
    short_names=("mp",),
)

_STARTED = ("status.initialization.controlPlaneInitialized", "status.initialized")

KUBEADM_CONTROL_PLANE = table(
    f"kubeadmcontrolplanes.controlplane.{GROUP}",
    "KubeadmControlPlane",
    VERSIONS,
    *(_IN, _READY, _CURRENT, _FRESH, _AVAILABLE),
    cell("version", "spec.version"),
    cell("running", "status.version", title="RUNNING VERSION", priority=5),
    cell("initialized", *_STARTED, priority=5),
    cell("etcd", 'status.conditions[?(@.type=="EtcdClusterHealthy")].status', title="ETCD HEALTHY", wide=True),
    *(_UNAVAILABLE, _PAUSE),
    health=_replicated(updates=True, started=_STARTED),
    short_names=("kcp",),
    parts={**_HELD, "replicas": "spec.replicas", "current": "status.replicas"},
)


@judge(
    "status.expectedMachines",
    "status.currentHealthy",
    "status.conditions[*]",
    *_PAUSED,
    says="all expected machines are healthy; with remediation not allowed it is failed; paused is healthy",
)
def _health_check(expected: Any, current: Any, conditions: Any, flag: Any, annotation: Any) -> Health:
    told = by_type(conditions)
    if expected is None and not told:
        return Health(Level.UNKNOWN, "no status yet")
    want, have = expected or 0, current or 0
    if _is(told, "RemediationAllowed", "False"):
        return Health(Level.FAILED, because(told["RemediationAllowed"]) or "remediation is not allowed")
    if have < want:
        return Health(Level.DEGRADED if have else Level.FAILED, f"{have} of {want} machines healthy")
    return _unless_paused(HEALTHY, told, flag, annotation)


MACHINE_HEALTH_CHECK = table(
    f"machinehealthchecks.{GROUP}",
    "MachineHealthCheck",
    VERSIONS,
    _IN,
    cell("healthy", "status.currentHealthy", "status.expectedMachines", read=_of),
    cell("allowed", "status.remediationsAllowed", format=Format.COUNT, title="REMEDIATIONS"),
    cell(
        "most_unhealthy",
        *("spec.remediation.triggerIf.unhealthyLessThanOrEqualTo", "spec.maxUnhealthy"),
        title="MAX UNHEALTHY",
        priority=5,
    ),
    cell("targets", "status.targets", wide=True, width=60),
    _PAUSE,
    health=_health_check,
    short_names=("mhc", "mhcs"),
)

KINDS = (
    *(CLUSTER, KUBEADM_CONTROL_PLANE, MACHINE_DEPLOYMENT, MACHINE_SET, MACHINE_POOL, MACHINE),
    MACHINE_HEALTH_CHECK,
)
