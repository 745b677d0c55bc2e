"""Enter on rows about policies: policy, then what breaks it, then the resources."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.backup_overview import (
    BACKUP_SCHEDULES,
    BACKUP_STATUS,
    UNCOVERED,
    BackupScheduleRow,
    BackupStatusRow,
    UncoveredRow,
)
from kurator_tui.kinds.base import Subject
from kurator_tui.kinds.children import row_children
from kurator_tui.kinds.links import NoLink
from kurator_tui.kinds.policy_overview import (
    EXEMPTIONS,
    POLICY_STATUS,
    VIOLATIONS,
    ComplianceRow,
    ExemptionRow,
    PolicyStatusRow,
    ViolationRow,
)

HEAD = ("m1", "", "limits", "uid", 0.0)


def test_a_policy_leads_to_what_breaks_it_on_its_cluster_and_nowhere_else() -> None:
    (target,) = row_children("policystatus", PolicyStatusRow(*HEAD, failed=2))
    assert target.title == "limits@m1"
    assert target.holds(ViolationRow(*HEAD), VIOLATIONS)
    assert not target.holds(ViolationRow("m2", *HEAD[1:]), VIOLATIONS)
    assert not target.holds(ViolationRow("m1", "shop", "limits", "uid", 0.0), VIOLATIONS)


def test_a_policy_that_nothing_breaks_leads_nowhere() -> None:
    with pytest.raises(NoLink, match="nothing breaks it"):
        row_children("policystatus", PolicyStatusRow(*HEAD, passed=5))


def test_a_violation_leads_to_its_resources_by_kind_and_to_the_reports() -> None:
    resources = (
        ("v1", "Pod", "shop", "web-1"),
        ("v1", "Pod", "shop", "web-2"),
        ("apps/v1", "Deployment", "shop", "web"),
        ("v1", "Node", "shop", "n1"),
        ("odd/v9", "Thing", "shop", "x"),
        ("v1", "Pod", "shop", ""),
    )
    found = {
        each.kind: each.objects for each in row_children("violations", ViolationRow(*HEAD, resources=resources))
    }
    assert found == {
        "pods": {("m1", "shop", "web-1"), ("m1", "shop", "web-2")},
        "deployments.apps": {("m1", "shop", "web")},
        "nodes": {("m1", "", "n1")},
        "policyreports.wgpolicyk8s.io": frozenset(),
    }


@pytest.mark.parametrize(
    ("scope", "name", "kind", "namespace"),
    [
        ("cluster", "(all)", "violations", ""),
        ("namespace", "shop", "policyreports.wgpolicyk8s.io", "shop"),
        ("cluster-scoped", "(cluster-scoped)", "clusterpolicyreports.wgpolicyk8s.io", ""),
    ],
)
def test_compliance_leads_to_what_it_was_counted_from(scope: str, name: str, kind: str, namespace: str) -> None:
    (target,) = row_children("compliance", ComplianceRow("m1", "", name, "uid", 0.0, scope=scope))
    assert (target.kind, target.cluster, target.namespace) == (kind, "m1", namespace)


def test_an_exception_leads_to_its_policies() -> None:
    found = row_children(
        "exemptions", ExemptionRow("m1", "shop", "x", "uid", 0.0, policies=("limits", "shop/team"))
    )
    assert [target.where for target in found] == [(("name", "limits"),), (("name", "team"),)]


def test_rows_stand_for_the_policy_or_exception_and_for_none_that_is_gone() -> None:
    assert POLICY_STATUS.subject is not None
    assert VIOLATIONS.subject is not None
    assert EXEMPTIONS.subject is not None
    row = PolicyStatusRow(*HEAD, kind="ClusterPolicy")
    assert POLICY_STATUS.subject(row) == Subject("clusterpolicies.kyverno.io", "m1", "", "limits")
    assert POLICY_STATUS.subject(PolicyStatusRow(*HEAD)) is None
    assert VIOLATIONS.subject(ViolationRow(*HEAD, kind="Policy")) == Subject(
        "policies.kyverno.io", "m1", "", "limits"
    )
    exception = ExemptionRow("m1", "shop", "x", "uid", 0.0)
    assert EXEMPTIONS.subject(exception) == Subject("policyexceptions.kyverno.io", "m1", "shop", "x")


def test_a_backup_leads_to_velero_s_run_and_its_volumes_and_a_restore_to_the_restore() -> None:
    row = BackupStatusRow(
        "m1", "apps", "shop", "uid", 0.0, kind="Backup", step="backup", velero="m1-backup-apps-shop"
    )
    run, volumes = row_children("backupstatus", row)
    assert (run.kind, set(run.objects)) == ("backups.velero.io", {("m1", "velero", "m1-backup-apps-shop")})
    assert (volumes.kind, volumes.namespace) == ("podvolumebackups.velero.io", "velero")
    row = BackupStatusRow("m1", "apps", "drill", "uid", 0.0, kind="Restore", step="restore", velero="m1-restore")
    assert [target.kind for target in row_children("backupstatus", row)] == ["restores.velero.io"]
    with pytest.raises(NoLink, match="nothing ran there yet"):
        row_children("backupstatus", BackupStatusRow("m1", "apps", "shop", "uid", 0.0))


def test_a_schedule_leads_to_its_runs_and_a_namespace_to_what_is_in_it() -> None:
    (target,) = row_children("backupschedules", BackupScheduleRow("m1", "velero", "nightly", "uid", 0.0))
    assert (target.kind, target.cluster) == ("backups.velero.io", "m1")
    assert target.labels
    found = row_children("uncovered", UncoveredRow("m1", "data", "data", "uid", 0.0))
    assert {(each.cluster, each.namespace) for each in found} == {("m1", "data")}
    with pytest.raises(NoLink):
        row_children("uncovered", UncoveredRow("m1", "", "(left out)", "uid", 0.0))


def test_rows_about_backups_stand_for_kurator_s_object_velero_s_schedule_or_the_namespace() -> None:
    assert BACKUP_STATUS.subject is not None
    assert BACKUP_SCHEDULES.subject is not None
    assert UNCOVERED.subject is not None
    row = BackupStatusRow("m1", "apps", "move", "uid", 0.0, kind="Migrate")
    assert BACKUP_STATUS.subject(row) == Subject("migrates.backup.kurator.dev", "host", "apps", "move")
    assert BACKUP_STATUS.subject(BackupStatusRow("m1", "", "old", "uid", 0.0, kind="Backup")) is None
    schedule = BackupScheduleRow("m1", "velero", "nightly", "uid", 0.0)
    assert BACKUP_SCHEDULES.subject(schedule) == Subject("schedules.velero.io", "m1", "velero", "nightly")
    assert UNCOVERED.subject(UncoveredRow("m1", "data", "data", "u", 0.0)) == Subject(
        "namespaces", "m1", "", "data"
    )
    assert UNCOVERED.subject(UncoveredRow("m1", "", "(left out)", "u", 0.0)) is None
