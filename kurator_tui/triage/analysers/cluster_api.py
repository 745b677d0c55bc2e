"""Clusters that are made and changed: Cluster API's objects, Kurator's own clusters, kubespray on bare metal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kurator_tui.kinds import ladder
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.cluster_api import (
    CLUSTER,
    KUBEADM_CONTROL_PLANE,
    MACHINE,
    MACHINE_DEPLOYMENT,
    MACHINE_HEALTH_CHECK,
)
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.kurator import CLUSTER as KURATOR_CLUSTER
from kurator_tui.kinds.kurator import CUSTOM_CLUSTER, ManagedClusterRow
from kurator_tui.kinds.ladder import ManagedParts, Rung
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import DAY, failed, number, unwell, word

SETTLING = 300.0
"""Seconds for which conditions may be False while something changes."""
JOINING = 1200.0
"""Seconds within which a machine should be a node: the cloud's part of it, then kubeadm's."""
LEAVING = 1800.0
"""Seconds within which what is deleted should be gone: machines are drained first."""
PROVISIONING = 7200.0
"""Seconds within which kubespray should be through."""
EXPIRING, SOON = 30 * DAY, 7 * DAY
"""Seconds before the end of certificates from which that is told of, and from which it presses."""

_MACHINE_IN, _NODE, _EXPIRY = word(MACHINE, "in_cluster"), word(MACHINE, "node"), number(MACHINE, "certificates")
_PLANE_IN, _ETCD = word(KUBEADM_CONTROL_PLANE, "in_cluster"), word(KUBEADM_CONTROL_PLANE, "etcd")
_SET_IN, _CHECK_IN = word(MACHINE_DEPLOYMENT, "in_cluster"), word(MACHINE_HEALTH_CHECK, "in_cluster")

CLUSTERS = Analyser(CLUSTER, concerns=lambda row: unwell(row) or bool(row.deleting))
PLANES = Analyser(KUBEADM_CONTROL_PLANE, concerns=lambda row: unwell(row) or _ETCD(row) == "False")
MACHINES = Analyser(MACHINE, concerns=lambda row: row.level != Level.HEALTHY or bool(_EXPIRY(row)))
SETS = Analyser(MACHINE_DEPLOYMENT, concerns=unwell)
CHECKS = Analyser(MACHINE_HEALTH_CHECK, concerns=failed)
CUSTOM = Analyser(CUSTOM_CLUSTER)
KURATOR = Analyser(KURATOR_CLUSTER, concerns=lambda row: row.phase == "Failed")


def _made(row: ObjectRow | ManagedClusterRow, name: str) -> dict[str, str]:
    """What all objects of one cluster that is made have in common."""
    return {"made": f"{row.namespace}/{name}"} if name else {}


# -- clusters ---------------------------------------------------------------------------------------------------


@CLUSTERS.rule(
    "KT3701", "cluster is not as it should be", Severity.HIGH, suggests=("read.describe", "beneath", "logs")
)
def cluster(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Cluster API cannot make the cluster as it is described, or it was, and is not any more.

    A failure reason is final: Cluster API does not try again, and the object has to be made anew. Otherwise go
    down the tree to the first thing that is not ready: the infrastructure (account, quota, network), the control
    plane, or machines. The cluster's own API may work all the same: see whether its member answers.
    """
    if unwell(row):
        severity = Severity.MEDIUM if row.level == Level.DEGRADED else None
        yield Seen(row.reason, marks=_made(row, row.name), severity=severity, after=SETTLING)


@PLANES.rule("KT3702", "control plane is not whole", Severity.HIGH, suggests=("read.describe", "beneath", "logs"))
def control_plane(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Machines of a control plane are missing or not well; with a majority of etcd lost the cluster stands still.

    With etcd unhealthy touch nothing before you know how many members are left: of three one may fail, of five
    two. Look at the machine that the evidence names. Never upgrade, and never scale, until all is well again.
    """
    etcd = _ETCD(row) == "False"
    said = "; ".join(each for each in (row.reason, "etcd is not healthy" if etcd else "") if each)
    severity = Severity.CRITICAL if etcd else Severity.MEDIUM if row.level == Level.DEGRADED else None
    yield Seen(said, marks=_made(row, _PLANE_IN(row)), severity=severity, after=SETTLING)


@KURATOR.rule("KT3713", "Kurator could not make the cluster", Severity.HIGH, suggests=("read.describe", "logs"))
def kurator_failed(row: ManagedClusterRow, look: Look) -> Iterator[Seen | Again]:
    """Kurator gave the Cluster up: its phase is Failed.

    The evidence is the condition that is False: the credentials of the cloud account, its quota, the network
    plug-in. Mend that; the controller tries again at the next change of the object. The Cluster API objects
    below it, where there are any, say more.
    """
    yield Seen(row.reason or row.phase, marks=_made(row, row.name))


# -- machines ---------------------------------------------------------------------------------------------------


@MACHINES.rule("KT3703", "machine is broken", Severity.HIGH, suggests=("read.describe", "delete", "owner"))
def machine(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A machine failed for good, or its node is not healthy any more.

    Where a MachineHealthCheck covers it, it is replaced by itself. Otherwise delete the Machine: its set makes
    another. Of a control plane delete one at a time, and only while etcd has its majority without it.
    """
    if unwell(row):
        marks = _made(row, _MACHINE_IN(row))
        severity = Severity.MEDIUM if row.level == Level.DEGRADED else None
        yield Seen(row.reason, marks=marks, severity=severity, after=SETTLING)


@MACHINES.rule(
    "KT3704", "machine does not become a node", Severity.HIGH, suggests=("read.describe", "logs", "delete")
)
def not_joined(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A machine has been on its way for twenty minutes, and there is no node of it.

    Before it has an address it is the cloud's part (quota, image, subnet); after that kubeadm's: the machine
    does not reach the API server, or cannot pull its images. Its console log (cloud-init) says which.
    """
    if row.level != Level.PROGRESSING or row.deleting or _NODE(row):
        return
    if look.now - row.created < JOINING:
        yield Again(row.created + JOINING)
    else:
        yield Seen(row.reason, row.created, _made(row, _MACHINE_IN(row)))


@SETS.rule(
    "KT3705", "machines are missing", Severity.MEDIUM, suggests=("read.describe", "beneath", "cluster.scale")
)
def machines_missing(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A set of workers has had fewer machines than it should for five minutes.

    Its machines say why: look at the one that is not running. What ran on those that are gone runs elsewhere if
    there is room: pods that find no node are the consequence that users notice.
    """
    yield Seen(row.reason, marks=_made(row, _SET_IN(row)), after=SETTLING)


@CHECKS.rule(
    "KT3706", "broken machines are not replaced", Severity.HIGH, suggests=("read.describe", "beneath", "edit")
)
def not_replaced(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A MachineHealthCheck stopped replacing machines: more of them are unhealthy than it may replace at once.

    That is meant: when many fail together the network or the cloud is at fault, and replacing all would end the
    cluster. Find what they have in common; it goes on by itself when enough are healthy again.
    """
    if "machines healthy" not in row.reason:
        yield Seen(row.reason, marks=_made(row, _CHECK_IN(row)))


@MACHINES.rule(
    "KT3707", "certificates of a control plane end", Severity.MEDIUM, suggests=("kcp.upgrade", "read.describe")
)
def expiring(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The certificates that kubeadm made on a machine of the control plane end within a month, or have ended.

    When they end the API server on it refuses everybody, its own kubelet too. Every upgrade renews them, as does
    a roll-out of the control plane's machines: plan one. A month is enough, a day is not.
    """
    end = _EXPIRY(row)
    if not end or row.deleting:
        return
    left = end - look.now
    if left >= EXPIRING:
        yield Again(end - EXPIRING)
        return
    severity = Severity.CRITICAL if left <= 0 else Severity.HIGH if left <= SOON else None
    said = f"end in {int(left // DAY)} days" if left > 0 else "have ended"
    yield Seen(said, marks=_made(row, _MACHINE_IN(row)), severity=severity)
    if left > 0:
        yield Again(end - SOON if left > SOON else end)


@CLUSTERS.rule(
    "KT3708", "cluster is deleted and does not go", Severity.MEDIUM, suggests=("beneath", "read.describe")
)
def cluster_stuck(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """For half an hour a cluster has been on its way out: a controller waits for something.

    The evidence has the finalizers, each a controller that has yet to say that it is done. A cluster waits for
    its machines, and for the cloud to let go of networks and load balancers: look beneath it at what is left.
    Taking finalizers off leaves what they stand for behind, at your cost: the very last thing to do.
    """
    yield from _stuck(row, part(CLUSTER, row, "finalizers"), row.name, look)


@MACHINES.rule("KT3709", "machine is deleted and does not go", Severity.MEDIUM, suggests=("read.describe", "node"))
def machine_stuck(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """For half an hour a machine has been on its way out.

    It waits for its node to be drained: a budget that allows no disruption, a pod that does not end, a node that
    does not answer. Or the cloud does not let it go. Find the pods that are left on its node first.
    """
    yield from _stuck(row, part(MACHINE, row, "finalizers"), _MACHINE_IN(row), look)


def _stuck(row: ObjectRow, finalizers: Any, name: str, look: Look) -> Iterator[Seen | Again]:
    if row.deleting and look.now - row.deleting < LEAVING:
        yield Again(row.deleting + LEAVING)
    elif row.deleting:
        holders = ", ".join(str(each) for each in finalizers or ()) or "none"
        yield Seen(f"finalizers: {holders}", row.deleting, _made(row, name))


# -- kubespray --------------------------------------------------------------------------------------------------

_MOVING = ("Pending", "Provisioning", "ScalingUp", "ScalingDown", "Upgrading", "Deleting")


@CUSTOM.rule("KT3711", "kubespray failed", Severity.HIGH, suggests=("logs", "beneath", "read.describe"))
def kubespray_failed(row: ManagedClusterRow, look: Look) -> Iterator[Seen | Again]:
    """Kubespray did not come through on the hosts of a CustomCluster: making, scaling, upgrading or ending it.

    Only the log of its worker pod (beneath the cluster) says which task failed on which host: SSH, sudo, a
    package that cannot be had. The pod is kept: deleting it tries again. After a scaling that failed the cluster
    says Provisioned as if nothing had been; after an upgrade that failed, Unknown.
    """
    parts = ManagedParts(*row.parts) if row.parts else None
    steps = ladder.steps(parts.conditions, ladder.KUBESPRAY) if parts is not None else ()
    broken = next((step for step in steps if step.state is Rung.FAILED), None)
    if broken is not None or row.phase == "ProvisionFailed":
        said = f"{broken.name}: {broken.reason}" if broken is not None else row.reason or row.phase
        yield Seen(said, marks={**_made(row, row.name), "owner": f"CustomCluster/{row.name}"})


@CUSTOM.rule("KT3712", "kubespray does not end", Severity.MEDIUM, suggests=("logs", "beneath", "read.describe"))
def kubespray_hangs(row: ManagedClusterRow, look: Look) -> Iterator[Seen | Again]:
    """For two hours a CustomCluster has been making, scaling, upgrading or ending.

    Kubespray takes half an hour, or an hour with many hosts. Look at the log of its worker pod: a task that
    waits for a host tries again and again without failing.
    """
    if row.phase in _MOVING:
        yield Seen(row.phase, marks=_made(row, row.name), after=PROVISIONING)
