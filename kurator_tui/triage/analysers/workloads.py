"""Deployments, StatefulSets and DaemonSets that are short of pods, or whose rollout does not get on."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.apps import DAEMON_SET, STATEFUL_SET
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.deployments import DEADLINE_EXCEEDED, DEPLOYMENT, DeploymentRow, unfinished
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.marking import refused_by
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

SHORT = 120.0
"""Seconds for which pods may lack: one that is replaced, or a larger number that was just asked for."""
ROLLING = 1800.0
"""Seconds after which a rollout without a deadline of its own should be complete."""
PAUSED = 3600.0
"""Seconds after which somebody may have forgotten that a rollout is paused."""

_AVAILABLE = "NewReplicaSetAvailable"
_PAUSED = "DeploymentPaused"
_FAILED_CREATE = "FailedCreate"


def _deployment_concerns(row: DeploymentRow) -> bool:
    """One that is rolled out, and has all its pods, is well."""
    well = row.reason == _AVAILABLE and row.available >= row.desired and not row.paused
    return not well and not row.deleting


DEPLOYMENTS = Analyser(DEPLOYMENT, concerns=_deployment_concerns)
STATEFUL_SETS = Analyser(STATEFUL_SET, concerns=lambda row: row.level != Level.HEALTHY and not row.deleting)
DAEMON_SETS = Analyser(
    DAEMON_SET, concerns=lambda row: row.level != Level.HEALTHY and not row.deleting, beside=(CLUSTERS,)
)


def _deployment(row: DeploymentRow, **more: str) -> dict[str, str]:
    return {"owner": f"Deployment/{row.name}", **more}


@DEPLOYMENTS.rule(
    "KT1201", "fewer pods than wanted", Severity.MEDIUM, suggests=("beneath", "read.events", "rollback")
)
def short(row: DeploymentRow, look: Look) -> Iterator[Seen | Again]:
    """A Deployment whose rollout was complete has lost pods, and did not get them back within two minutes.

    Its pods (`b`) say why: they crash, find no node, or are not ready. High as long as none is left, since nobody
    is served then.
    """
    if row.rolled_out and row.available < row.desired and not row.paused and row.reason != _FAILED_CREATE:
        severity = Severity.HIGH if not row.available else None
        yield Seen(_available(row), marks=_deployment(row), severity=severity, after=SHORT)


def _available(row: DeploymentRow) -> str:
    return f"{row.available} of {row.desired} pods available"


@DEPLOYMENTS.rule(
    "KT1202", "rollout is stuck", Severity.HIGH, suggests=("beneath", "read.events", "rollback", "rollout.pause")
)
def stuck(row: DeploymentRow, look: Look) -> Iterator[Seen | Again]:
    """A rollout made no progress within its deadline (ten minutes unless told otherwise), and goes no further.

    The new pods (`b`) do not become ready; the old ones serve as long as there are any. Roll back first when users
    notice, then look at why.
    """
    if row.reason == DEADLINE_EXCEEDED:
        why = unfinished(row)
        yield Seen("; ".join(part for part in (row.message, why) if part), row.progressed, _deployment(row))


@DEPLOYMENTS.rule(
    "KT1203", "pods are not let in", Severity.HIGH, suggests=("read.describe", "read.events", "rollback")
)
def refused(row: DeploymentRow, look: Look) -> Iterator[Seen | Again]:
    """The API server refuses to make a Deployment's pods: a quota, a policy or an admission webhook says no.

    The evidence names who refused. There are no pods to look at: raise the quota, change what the policy minds,
    or see why the webhook fails.
    """
    if row.reason == _FAILED_CREATE:
        yield Seen(row.message, marks=_deployment(row, **refused_by(row.message)))


@DEPLOYMENTS.rule("KT1204", "paused for long", Severity.LOW, suggests=("pause", "read.describe"))
def paused(row: DeploymentRow, look: Look) -> Iterator[Seen | Again]:
    """A Deployment is paused for more than an hour: what is changed in it reaches no pod.

    Somebody paused it, and may have forgotten. Rollouts that a tool holds are not Deployments that are paused.
    """
    if not row.paused:
        return
    seen = Seen(f"paused: {unfinished(row) or 'nothing waits'}", marks=_deployment(row))
    if row.reason != _PAUSED or not row.progressed:
        yield seen._replace(after=PAUSED)
    elif look.now - row.progressed < PAUSED:
        yield Again(row.progressed + PAUSED)
    else:
        yield seen._replace(since=row.progressed)


def _set(row: ObjectRow, kind: str) -> dict[str, str]:
    return {"owner": f"{kind}/{row.name}"}


def _lacks(row: ObjectRow) -> bool:
    return row.level in (Level.DEGRADED, Level.FAILED)


def _worse(row: ObjectRow) -> Severity | None:
    return Severity.HIGH if row.level == Level.FAILED else None


@STATEFUL_SETS.rule(
    "KT1211", "fewer pods of a set than wanted", Severity.MEDIUM, suggests=("beneath", "read.events")
)
def set_short(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A StatefulSet does not get its pods ready within two minutes.

    Its pods come one after the other, so the first that is not ready (`b`) holds up those after it. Often its
    volume is on a node or in a zone that has no room. High as long as none is ready.
    """
    if _lacks(row):
        yield Seen(row.reason, marks=_set(row, "StatefulSet"), severity=_worse(row), after=SHORT)


@STATEFUL_SETS.rule(
    "KT1212", "rollout of a set does not end", Severity.MEDIUM, suggests=("beneath", "read.events", "rollback")
)
def set_rolling(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A StatefulSet is half way through an update for more than half an hour.

    It replaces one pod at a time, and waits until that is ready: look at the newest of them (`b`). A rollback does
    not replace a pod that never became ready: delete that one by hand afterwards.
    """
    if row.level == Level.PROGRESSING:
        yield Seen(row.reason, marks=_set(row, "StatefulSet"), after=ROLLING)


def _missing(row: ObjectRow) -> int:
    ready, wanted = part(DAEMON_SET, row, "ready"), part(DAEMON_SET, row, "wanted")
    return max(0, (wanted if isinstance(wanted, int) else 0) - (ready if isinstance(ready, int) else 0))


def _nodes_away(look: Look, cluster: str) -> int:
    """Nodes that are not ready: no pod on them is."""
    found = look.all(CLUSTERS, cluster)
    told = [each for each in found if isinstance(each, ClusterOverview)]
    return sum(each.nodes - each.nodes_ready for each in told if each.nodes and each.nodes_ready is not None)


@DAEMON_SETS.rule(
    "KT1221", "nodes without their daemon", Severity.MEDIUM, suggests=("beneath", "read.events", "node")
)
def daemon_short(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A DaemonSet has no ready pod on some nodes that are ready themselves.

    What it does (network, logs, volumes, metrics) is missing there: pods on those nodes may suffer before anybody
    sees why. Pods that lack because their node is not ready are that node's business, and no finding here.
    """
    if _lacks(row) and (missing := _missing(row)) and missing > _nodes_away(look, row.cluster):
        yield Seen(row.reason, marks=_set(row, "DaemonSet"), severity=_worse(row), after=SHORT)


@DAEMON_SETS.rule(
    "KT1222", "update of a daemon does not end", Severity.MEDIUM, suggests=("beneath", "read.events", "rollback")
)
def daemon_rolling(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A DaemonSet is half way through an update for more than half an hour.

    It goes from node to node, and stops at pods that do not become ready (`b`). One node that is away is enough
    to hold it up, unless more may be unavailable.
    """
    if row.level == Level.PROGRESSING:
        away = _nodes_away(look, row.cluster)
        more = f"; nodes not ready: {away}" if away else ""
        severity = Severity.LOW if away else None
        yield Seen(row.reason + more, marks=_set(row, "DaemonSet"), severity=severity, after=ROLLING)
