"""What bounds workloads: autoscalers, disruption budgets, quotas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.configuration import RESOURCE_QUOTA
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.scaling import HORIZONTAL_POD_AUTOSCALER, POD_DISRUPTION_BUDGET
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.endpoints import scaled_to_nothing
from kurator_tui.triage.marking import LONGEST
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import number, word

SCALING = 300.0
"""Seconds for which an autoscaler may be at its end, or without numbers: new pods have none."""
BLOCKING = 300.0
"""Seconds for which pods may be too few for their budget."""
NEARLY = 0.9
"""Share of a quota from which little is left."""

_TARGET = word(HORIZONTAL_POD_AUTOSCALER, "reference")
_ALLOWED, _HEALTHY = number(POD_DISRUPTION_BUDGET, "allowed"), number(POD_DISRUPTION_BUDGET, "healthy")
_WANTED = number(POD_DISRUPTION_BUDGET, "wanted")
_SHARE, _FULLEST = number(RESOURCE_QUOTA, "share"), word(RESOURCE_QUOTA, "fullest")
_METRICS_API = re.compile(r"\(get \S+?\.((?:\w+\.)?metrics\.k8s\.io)\)")

AUTOSCALERS = Analyser(
    HORIZONTAL_POD_AUTOSCALER,
    concerns=lambda row: row.level in (Level.DEGRADED, Level.FAILED) and not row.deleting,
)
BUDGETS = Analyser(
    POD_DISRUPTION_BUDGET, concerns=lambda row: not _ALLOWED(row) and not row.deleting, beside=(DEPLOYMENT,)
)
QUOTAS = Analyser(RESOURCE_QUOTA, concerns=lambda row: _SHARE(row) >= NEARLY)


@AUTOSCALERS.rule("KT1601", "autoscaler is at its most", Severity.MEDIUM, suggests=("edit", "metrics.row"))
def at_most(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A workload has as many pods as its autoscaler may make, and the load asks for more.

    It will be slow or refuse work if the load grows. Raise `maxReplicas` if the cluster has room; if one pod does
    much less than it used to, look at the last release first.
    """
    if row.level == Level.DEGRADED:
        yield Seen(row.reason, marks={"owner": _TARGET(row)}, after=SCALING)


@AUTOSCALERS.rule("KT1602", "autoscaler cannot see", Severity.MEDIUM, suggests=("read.describe", "read.events"))
def blind(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """An autoscaler gets no numbers, or does not find what it scales: the number of pods stays as it is.

    When all of a cluster are blind, its metrics server is the cause. When one is, its pods ask for no CPU, do not
    run, or what it is to scale was renamed.
    """
    if row.level == Level.FAILED:
        asked = _METRICS_API.search(row.reason[:LONGEST])
        marks = {"owner": _TARGET(row), "api": asked[1] if asked else ""}
        yield Seen(row.reason, marks=marks, after=SCALING)


def _guarded(row: ObjectRow, look: Look) -> str:
    """`Deployment/web` of what a budget is for, as far as the Deployment's own labels say so."""
    selector = part(POD_DISRUPTION_BUDGET, row, "selector")
    if not isinstance(selector, Mapping) or not selector:
        return ""
    label, value = next(iter(selector.items()))
    for found in look.labelled(DEPLOYMENT, row.cluster, row.namespace, str(label), str(value)):
        if selector.items() <= dict(found.labels).items():
            return f"Deployment/{found.name}"
    return ""


@BUDGETS.rule("KT1611", "too few pods for their budget", Severity.MEDIUM, suggests=("read.describe", "edit"))
def too_few(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Fewer pods are healthy than their disruption budget asks for: drains of their nodes will wait.

    The pods' own trouble comes first. An upgrade of the cluster's nodes stops here until they are well.
    """
    owner = _guarded(row, look)
    if row.level == Level.DEGRADED and not scaled_to_nothing(look, row.cluster, row.namespace, owner):
        yield Seen(row.reason, marks={"owner": owner}, after=BLOCKING)


@BUDGETS.rule("KT1612", "budget that never allows a disruption", Severity.LOW, suggests=("edit", "scale"))
def never_allows(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """All pods of a budget are healthy, and still none of them may be moved: it asks for every one of them.

    Nodes with such a pod cannot be drained, so upgrades stop there. Run one pod more, or ask for one less.
    """
    wanted = _WANTED(row)
    if row.level == Level.HEALTHY and wanted and _HEALTHY(row) == wanted:
        why = f"all {wanted:g} have to be healthy"
        yield Seen(why, marks={"owner": _guarded(row, look)}, after=BLOCKING)


@QUOTAS.rule("KT1621", "quota is used up", Severity.MEDIUM, suggests=("read.describe", "edit"))
def used_up(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A namespace has used all that its quota allows of something: what needs more is refused.

    What runs goes on, but a rollout cannot make new pods beside the old ones. Raise the quota, or end something.
    """
    if _SHARE(row) >= 1:
        yield Seen(f"{_FULLEST(row)} is used up", marks={"quota": row.name})


@QUOTAS.rule("KT1622", "quota is nearly used up", Severity.LOW, suggests=("read.describe", "edit"))
def nearly(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A namespace has used nine tenths or more of what its quota allows of something.

    The next rollout or scale-up may be refused. Raise the quota before that.
    """
    if _SHARE(row) < 1:
        yield Seen(f"{_SHARE(row):.0%} of {_FULLEST(row)} used", marks={"quota": row.name})
