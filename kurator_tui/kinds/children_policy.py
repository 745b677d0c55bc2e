"""Where Enter leads from rows about policies and backups. Pure; named in `kinds.children`."""

from __future__ import annotations

from kurator_tui.kinds.backup_overview import BackupScheduleRow, BackupStatusRow, UncoveredRow
from kurator_tui.kinds.kyverno import CLUSTER_POLICY_REPORT, POLICY_REPORT
from kurator_tui.kinds.links import NoLink, Place, Target, kind_named, one
from kurator_tui.kinds.policy_overview import (
    POLICY_STATUS,
    VIOLATIONS,
    ComplianceRow,
    ExemptionRow,
    PolicyStatusRow,
    ViolationRow,
)
from kurator_tui.kinds.selectors import equal
from kurator_tui.kinds.velero import BACKUP, POD_VOLUME_BACKUP, RESTORE

VELERO = "velero"
"""Velero's namespace on members."""


def of_policy(row: PolicyStatusRow) -> list[Target]:
    """What breaks it. Raises NoLink where nothing does."""
    if not row.failed + row.warned + row.errors:
        raise NoLink("nothing breaks it")
    where = (("name", row.name), ("namespace", row.namespace))
    return [Target(VIOLATIONS.id, row.cluster, row.namespace, where=where, title=f"{row.name}@{row.cluster}")]


def of_violation(row: ViolationRow) -> list[Target]:
    """The resources that are known of it, a target a kind, and the reports with all of them."""
    places: dict[str, set[Place]] = {}
    for api, kind, space, name in row.resources:
        found = kind_named(api, kind)
        if found is not None and name:
            places.setdefault(found.id, set()).add((row.cluster, space if found.namespaced else "", name))
    title = f"{row.name}@{row.cluster}"
    made = [Target(kind, row.cluster, objects=frozenset(its), title=title) for kind, its in places.items()]
    return [*made, Target(POLICY_REPORT.id, row.cluster, title=title)]


def of_compliance(row: ComplianceRow) -> list[Target]:
    """A cluster's violations; of a namespace its reports."""
    if row.scope == "cluster":
        return [Target(VIOLATIONS.id, row.cluster, title=row.cluster)]
    if row.scope == "namespace":
        return [Target(POLICY_REPORT.id, row.cluster, row.name, title=f"{row.name}@{row.cluster}")]
    return [Target(CLUSTER_POLICY_REPORT.id, row.cluster, title=row.cluster)]


def of_exemption(row: ExemptionRow) -> list[Target]:
    """The policies that it exempts from."""
    names = dict.fromkeys(policy.rpartition("/")[2] for policy in row.policies)
    return [Target(POLICY_STATUS.id, row.cluster, where=(("name", name),), title=row.name) for name in names]


def of_backup(row: BackupStatusRow) -> list[Target]:
    """Velero's run on the member, and the volumes it copied. Raises NoLink where there is no run."""
    if not row.velero:
        raise NoLink("nothing ran there yet")
    kind = RESTORE if row.step == "restore" else BACKUP
    found = [one(kind.id, row.cluster, VELERO, row.velero)]
    if kind is BACKUP:
        found.append(
            Target(
                POD_VOLUME_BACKUP.id,
                row.cluster,
                VELERO,
                labels=equal({"velero.io/backup-name": row.velero[:63]}),
                title=row.velero,
            )
        )
    return found


def of_schedule(row: BackupScheduleRow) -> list[Target]:
    """The runs that Velero has of it."""
    labels = equal({"velero.io/schedule-name": row.name})
    return [Target(BACKUP.id, row.cluster, labels=labels, title=f"{row.backup or row.name}@{row.cluster}")]


def of_namespace(row: UncoveredRow) -> list[Target]:
    """The claims and workloads in it. Raises NoLink for lines that are no namespaces."""
    if not row.namespace:
        raise NoLink("this line is no namespace")
    kinds = ("persistentvolumeclaims", "statefulsets.apps", "deployments.apps", "daemonsets.apps")
    return [Target(kind, row.cluster, row.namespace, title=f"{row.namespace}@{row.cluster}") for kind in kinds]
