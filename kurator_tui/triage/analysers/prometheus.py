"""Metrics: servers that do not run, what they refuse to read, members of which Thanos has nothing."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.observability import SIDECARS, SidecarRow
from kurator_tui.kinds.prometheus import POD_MONITOR, PROMETHEUS, PROMETHEUS_RULE, SERVICE_MONITOR
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import cell, failed, unwell

SETTLING = 120.0
"""Seconds for which a server may be away: it reads its log after a restart."""
FORGOTTEN = 3600.0
"""Seconds after which a pause is more than a change in progress."""
_REFUSED = ("KT4003", "Prometheus refuses what it should read", Severity.MEDIUM)

_PAUSED = cell(PROMETHEUS, "paused")

SERVERS = Analyser(PROMETHEUS, concerns=lambda row: unwell(row) or _PAUSED(row) is True)
READERS = Analyser(
    PROMETHEUS, concerns=lambda row: not part(PROMETHEUS, row, "selects_rules"), beside=(PROMETHEUS_RULE,)
)
MONITORS = Analyser(SERVICE_MONITOR, concerns=failed)
POD_MONITORS = Analyser(POD_MONITOR, concerns=failed)
ALERTING = Analyser(PROMETHEUS_RULE, concerns=failed)
COVERAGE: Analyser[SidecarRow] = Analyser(SIDECARS, concerns=lambda row: row.level != Level.HEALTHY, host=(FLEET,))


@SERVERS.rule("KT4001", "Prometheus does not run", Severity.HIGH, suggests=("beneath", "logs", "read.describe"))
def server(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A Prometheus server is not available, or not whole: what happens now is not recorded, and nothing alerts.

    Its pods say why: no memory for what it reads back after a restart, a volume that is full, an image that
    cannot be pulled. Canaries that are judged by its numbers stop, or roll back, meanwhile.
    """
    if unwell(row):
        marks = {"owner": f"StatefulSet/prometheus-{row.name}"}
        severity = Severity.MEDIUM if row.level == Level.DEGRADED else None
        yield Seen(row.reason, marks=marks, severity=severity, after=SETTLING)


@SERVERS.rule("KT4002", "Prometheus is paused", Severity.LOW, suggests=("pause", "read.describe"))
def paused(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """For an hour the operator has been told to leave this Prometheus alone: no change to it or its rules arrives.

    Somebody did that to try something by hand, and may have forgotten. Resume it; changes by hand are undone
    then.
    """
    if _PAUSED(row) is True:
        yield Seen("paused", after=FORGOTTEN)


@MONITORS.rule(*_REFUSED, suggests=("read.describe", "edit"))
@POD_MONITORS.rule(*_REFUSED, suggests=("read.describe", "edit"))
@ALERTING.rule(*_REFUSED, suggests=("read.describe", "edit"))
def refused(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A server selects this monitor or these rules, and its operator does not accept them: they have no effect.

    The evidence names the server and what is wrong: an expression that does not parse, a Secret that is not
    there. An alert that cannot fire looks like one that does not have to.
    """
    yield Seen(row.reason)


@READERS.rule("KT4004", "alert rules are not read", Severity.LOW, suggests=("edit", "plugin.metric", "read.yaml"))
def rules_unread(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The cluster has PrometheusRules, and this server has no `ruleSelector`: it reads none of them.

    An empty selector (`{}`) takes all, a missing one takes none: easily mixed up, and nothing else tells.
    Profiles of Kurator's CLI come like this. Set `ruleSelector: {}`, or labels of those that are meant.
    """
    rules = look.all(PROMETHEUS_RULE, row.cluster)
    if rules:
        yield Seen(f"{len(rules)} PrometheusRules are there, ruleSelector is not set", after=FORGOTTEN)


def _should_have_metrics(row: SidecarRow, look: Look) -> bool:
    """Whether the fleet of this member has the metric plugin: without it nobody expects any."""
    return any(
        "metric" in fleet.plugins and any(name == row.name for _kind, name in fleet.members)
        for fleet in look.all(FLEET, HOST)
    )


@COVERAGE.rule(
    "KT4011", "no metrics of a member arrive", Severity.MEDIUM, suggests=("screen.metrics", "read.describe")
)
def uncovered(row: SidecarRow, look: Look) -> Iterator[Seen | Again]:
    """Thanos has no live numbers of this member: every panel, sum and alert is without it, and looks complete.

    Follow the way: Prometheus on the member, its Service `prometheus-prometheus-thanos`, the address of its load
    balancer, the Endpoints `thanos-sidecar-remote` on the host. Kurator enters IP addresses only, and only when
    it looks at the Fleet again: a load balancer with a name, or one whose address changed, is left out silently.
    """
    if row.level is Level.FAILED and _should_have_metrics(row, look):
        yield Seen(row.reason, marks={"member": row.name}, after=SETTLING)


@COVERAGE.rule("KT4012", "metrics of a member are old", Severity.LOW, suggests=("screen.metrics", "read.describe"))
def lags(row: SidecarRow, look: Look) -> Iterator[Seen | Again]:
    """The newest number that Thanos has of a member is minutes old: what its panels show has been.

    Its Prometheus is too busy to read, its clock is wrong, or the way to it is slow. Compare the clocks first:
    an hour of difference looks just like this.
    """
    if row.level is Level.DEGRADED and _should_have_metrics(row, look):
        yield Seen(row.reason, marks={"member": row.name}, after=SETTLING)
