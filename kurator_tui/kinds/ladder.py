"""Conditions as a ladder: the steps something goes through to be ready, in order, and which one is next. Pure.

Kurator and Cluster API write a condition as soon as they get to it. What is written after a step that is not
done is not believed to be done later: it only says `later`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.meta import one_line
from kurator_tui.kinds.table import Part

Told = Sequence[str]
"""One condition: type, status, reason, message, severity."""


class Rung(enum.StrEnum):
    """How one step stands."""

    DONE = "done"
    NOW = "now"
    FAILED = "failed"
    LATER = "later"


LEVELS = {
    Rung.DONE: Level.HEALTHY,
    Rung.NOW: Level.PROGRESSING,
    Rung.FAILED: Level.FAILED,
    Rung.LATER: Level.UNKNOWN,
}


class Step(NamedTuple):
    """One step. `reason` is the condition's own, "" for what is done or not begun."""

    name: str
    state: Rung
    reason: str = ""


KURATOR = ("InfrastructureReady", "CNI", "Ready")
"""Of a Kurator Cluster (kurator-api §2.3)."""
KUBESPRAY = ("ObtainedKubeConfig", "Ready")
"""Of a CustomCluster (§2.4); ScaledUp, ScaledDown, Upgraded and Terminated are there once they were tried."""
CLUSTER = (
    *("InfrastructureReady", "ControlPlaneInitialized", "ControlPlaneReady", "ControlPlaneAvailable"),
    *("WorkersAvailable", "Available", "Ready"),
)
CONTROL_PLANE = (
    *("CertificatesAvailable", "Initialized", "ControlPlaneComponentsHealthy", "EtcdClusterHealthy"),
    *("MachinesSpecUpToDate", "MachinesUpToDate", "Resized", "MachinesReady", "Available", "Ready"),
)
MACHINE = (
    *("BootstrapReady", "BootstrapConfigReady", "InfrastructureReady", "NodeHealthy", "NodeReady"),
    *("UpToDate", "Available", "Ready"),
)
_UNTRIED = ("ScaledUp", "ScaledDown", "Upgraded", "Terminated")
_SUMS = ("Available", "Ready")
"""Conditions that sum up the others: where they alone are missing nothing is."""
_ASIDE = frozenset(
    {
        *("Paused", "Deleting", "ScalingUp", "ScalingDown", "RollingOut", "Remediating", "Updating", "Remediated"),
        *("DrainingSucceeded", "VolumeDetachSucceeded", "PreDrainDeleteHookSucceeded", "HealthCheckSucceeded"),
        *("OwnerRemediated", "PreTerminateDeleteHookSucceeded", "TopologyReconciled", "MachinesCreated"),
    }
)
"""Conditions that are no steps to being ready."""


class ManagedParts(NamedTuple):
    """What the lifecycle tree reads of a Cluster or a CustomCluster."""

    conditions: list[list[str]]
    """As `Told`: type, status, reason, message, severity."""
    finalizers: list[str]
    deleting: float = 0.0
    """Unix second since which it is being deleted; 0.0 when it is not."""
    wanted: int = 0
    """Machines of the control plane and of all groups of workers."""
    machines: str = ""
    """Name of the CustomMachine that lists the hosts."""
    address: str = ""
    """Of the API server, as kube-vip announces it, and its DNS name."""


def _told(conditions: Any) -> list[Told]:
    found: list[Told] = []
    for each in conditions if isinstance(conditions, list) else ():
        if isinstance(each, Mapping) and isinstance(each.get("type"), str):
            words = (each.get(key) for key in ("type", "status", "reason", "message", "severity"))
            kind, status, reason, message, severity = (word if isinstance(word, str) else "" for word in words)
            found.append([kind, status, reason, one_line(message)[:400], severity])
    return found


CONDITIONS = Part(("status.conditions[*]",), _told)
"""What a join needs of `status.conditions`: a list of `Told`."""


def steps(told: Sequence[Told], order: Sequence[str]) -> tuple[Step, ...]:
    """The ladder: steps named in `order` first, others that were written after them."""
    by_type = {each[0]: each for each in told if each[0] not in _ASIDE}
    known = [kind for kind in order if kind in by_type]
    others = [kind for kind in by_type if kind not in order]
    found: list[Step] = []
    open_ = False
    for kind in (*known[:-1], *others, *known[-1:]):
        step = _step(by_type[kind], after=open_)
        if kind in _UNTRIED and step.state is Rung.LATER:
            step = step._replace(state=Rung.NOW)
        open_ = open_ or step.state is not Rung.DONE
        found.append(step)
    return tuple(found)


def _step(told: Told, *, after: bool) -> Step:
    kind, status, reason, message, severity = told
    if status == "True":
        return Step(kind, Rung.DONE)
    why = ": ".join(part for part in (reason, message) if part)
    if severity == "Error" or "Fail" in reason or "Error" in reason:
        return Step(kind, Rung.FAILED, why)
    return Step(kind, Rung.LATER if after else Rung.NOW, why)


def missing(order: Sequence[str]) -> tuple[Step, ...]:
    """The ladder of something of which nothing was written yet."""
    return tuple(Step(kind, Rung.NOW if kind == order[0] else Rung.LATER) for kind in order)


def counted(ladder: Sequence[Step]) -> str:
    """`done/all`, and the step that is now or failed."""
    if not ladder:
        return ""
    done = sum(step.state is Rung.DONE for step in ladder)
    at = current(ladder)
    return f"{done}/{len(ladder)}" + (f" {at.name}" if at is not None else "")


def current(ladder: Sequence[Step]) -> Step | None:
    """The step that keeps it from being ready: the first that failed, else the first that is not done."""
    failed = next((step for step in ladder if step.state is Rung.FAILED and step.name not in _SUMS), None)
    return failed or next((step for step in ladder if step.state is not Rung.DONE), None)
