"""What of all changes, alerts and releases is about one incident: its objects, workloads, applications. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from kurator_tui.kinds.alerts import ALERTS, AlertRow
from kurator_tui.kinds.audit import AuditRow
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.incidents import incident_subject
from kurator_tui.kinds.rollouts import RolloutRow
from kurator_tui.screens.evidence_parts import Evidence


class Meant:
    """What an incident is about, to tell what else is about it."""

    def __init__(self, findings: Iterable[FindingRow], known: Evidence) -> None:
        self.clusters = frozenset(known.row.clusters)
        told = [each for each in findings if each.kind != ALERTS.id]
        subject = incident_subject(known.row)
        self._objects = {(each.cluster, each.namespace, each.name) for each in told}
        if subject is not None:
            self._objects.add((subject.cluster, subject.namespace, subject.name))
        self._workloads = {
            (each.cluster, each.namespace, name)
            for each in told
            if (name := each.mark("owner").rpartition("/")[2])
        }
        self._applications = {name for each in told if (name := each.mark("application"))}
        self._nodes = {each.mark("node") for each in told} - {""}

    def audited(self, row: AuditRow) -> bool:
        """Whether a change was of one of its objects, or of what they belong to."""
        if row.target is None:
            return False
        place = (row.target.cluster, row.target.namespace, row.target.name)
        named = f"{row.target.namespace}/{row.target.name}" in self._applications
        return place in self._objects or place in self._workloads or named

    def alert(self, row: AlertRow) -> bool:
        """Whether an alert names one of them."""
        if row.cluster not in self.clusters:
            return False
        names = {value for _key, value in row.labels} | {row.target}
        objects = {
            (namespace, name)
            for cluster, namespace, name in self._objects | self._workloads
            if cluster == row.cluster
        }
        return any(name in names and namespace in ("", row.namespace) for namespace, name in objects) or bool(
            self._nodes & names
        )

    def rollout(self, row: RolloutRow) -> bool:
        """Whether a release is of one of its applications or workloads."""
        if row.cluster not in self.clusters:
            return False
        if row.application and f"{row.application_namespace}/{row.application}" in self._applications:
            return True
        place = (row.cluster, row.namespace, row.target.rpartition("/")[2] or row.canary)
        return place in self._workloads
