"""Alerts of the fleet's Thanos: what Prometheus says is wrong, beside what objects say."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.fleet.velero import label
from kurator_tui.kinds.alerts import ALERTS, FIRING, AlertRow
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.velero import SCHEDULE
from kurator_tui.triage.marking import of_pod
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

_SEVERITIES = {
    "critical": Severity.HIGH,
    "page": Severity.HIGH,
    "error": Severity.HIGH,
    "emergency": Severity.CRITICAL,
    "warning": Severity.MEDIUM,
    "warn": Severity.MEDIUM,
    "": Severity.MEDIUM,
}
"""By the label `severity`; any other word is low."""
_QUIET = ("info", "none", "informational", "debug")
_ALWAYS = ("Watchdog", "DeadMansSwitch", "InfoInhibitor")
"""Alerts that fire while all is well, to show that alerting works."""
_OWNERS = (
    ("deployment", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("job_name", "Job"),
    ("cronjob", "CronJob"),
    ("destination_workload", "Deployment"),
)
"""Labels that name a workload; the last one is Istio's."""
_OBJECTS = (
    "pod",
    *(label for label, _kind in _OWNERS),
    *("horizontalpodautoscaler", "persistentvolumeclaim", "poddisruptionbudget", "resourcequota", "ingress"),
    *("schedule", "node", "name"),
)
"""Labels that name an object, the most telling first; `job`, `service` and `instance` name who was asked."""
_NAMESPACES = ("namespace", "destination_workload_namespace")

FIRES: Analyser[AlertRow] = Analyser(
    ALERTS,
    concerns=lambda row: row.state == FIRING and row.severity.lower() not in _QUIET and row.name not in _ALWAYS,
)


def _marks(row: AlertRow, look: Look) -> dict[str, str]:
    """What the alert is about, as findings of objects say it."""
    labels = dict(row.labels)
    namespace = next((named for key in _NAMESPACES if (named := labels.get(key))), row.namespace)
    about = next((named for key in _OBJECTS if (named := labels.get(key))), "")
    pod = look.find(POD, row.cluster, namespace, labels["pod"]) if labels.get("pod") else None
    found = of_pod(pod, look) if pod is not None else {}
    own = {
        "owner": next((f"{kind}/{labels[key]}" for key, kind in _OWNERS if labels.get(key)), ""),
        "node": labels.get("node", ""),
        "alert": row.name,
        "about": about,
        "namespace": "" if row.namespace else namespace,
        "whole": "" if about else namespace,
        "whole_cluster": "" if about or namespace or row.stranger else row.cluster,
        **_backup(row, labels.get("schedule", ""), look),
    }
    return {**found, **{mark: value for mark, value in own.items() if value}}


def _backup(row: AlertRow, schedule: str, look: Look) -> dict[str, str]:
    """Velero's schedule, and the Kurator Backup that it was made for."""
    if not schedule:
        return {}
    made = look.find(SCHEDULE, row.cluster, "velero", schedule)
    return {"schedule": schedule, "backup": label(made, "kurator.dev/backup-name") if made is not None else ""}


@FIRES.rule("KT4101", "alert fires", Severity.MEDIUM, suggests=("screen.metrics", "metrics.row", "logs"))
def fires(row: AlertRow, look: Look) -> Iterator[Seen | Again]:
    """A rule of a Prometheus has found something for as long as it has to, and fires.

    The evidence is the rule's own summary; a runbook, where it names one, is among the alert's labels. When
    objects show the cause, this alert folds under it; standing alone it tells of what objects cannot show:
    latency, errors, a disk that fills. How bad it is, is the rule's word: critical is high here, warning is
    medium.
    """
    severity = _SEVERITIES.get(row.severity.lower(), Severity.LOW)
    about = f"{row.name} ({row.target})" if row.target else row.name
    said = ": ".join(each for each in (about, row.summary, row.stranger) if each)
    yield Seen(said, row.created, _marks(row, look), severity)
