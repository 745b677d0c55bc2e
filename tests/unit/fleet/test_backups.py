"""`backupstatus`: phases that Kurator never sets, told from what Velero has on each member."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet import backups
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.kurator_backups import BACKUP as KURATOR_BACKUP
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.velero import BACKUP
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.backup_objects import DAILY, Backups, detail
from tests.unit.fleet.joined import ABSENT, FORBIDDEN, meta

DOWN = Freshness(State.STALE, 5.0, "no answer")
OURS = {"kurator.dev/backup-name": "shop"}


@pytest.fixture
def estate() -> Backups:
    return Backups(backups.JOIN)


def test_a_backup_is_one_row_on_each_member_with_velero_s_own_phase(estate: Backups) -> None:
    estate.backup()
    estate.run(
        "m1-backup-apps-shop", progress={"itemsBackedUp": 40, "totalItems": 40}, expiration="2026-02-09T02:00:00Z"
    )
    estate.run("m2-backup-apps-shop", "InProgress", "m2", progress={"itemsBackedUp": 10, "totalItems": 40})
    one, other = estate.row("m1"), estate.row("m2")
    assert (one.kind, one.step, one.namespace, one.name, one.fleet) == ("Backup", "backup", "apps", "shop", "prod")
    assert (one.phase, one.level, one.done, one.total, one.seconds) == ("Completed", Level.HEALTHY, 40, 40, 300.0)
    assert (one.velero, one.location, one.stale) == ("m1-backup-apps-shop", "default", "")
    assert one.expires == unix("2026-02-09T02:00:00Z")
    assert (other.phase, other.level, other.done, other.seconds) == ("InProgress", Level.PROGRESSING, 10, None)
    assert estate.rows(HOST) == []


@pytest.mark.parametrize(
    ("phase", "more", "level", "reason"),
    [
        ("PartiallyFailed", {"errors": 2, "warnings": 1}, Level.DEGRADED, "2 errors, 1 warning"),
        ("Failed", {"failureReason": "timed\nout"}, Level.FAILED, "timed out"),
        ("FailedValidation", {"validationErrors": ["no location", "x"]}, Level.FAILED, "no location; x"),
        ("WaitingForPluginOperationsPartiallyFailed", {}, Level.PROGRESSING, ""),
        ("Deleting", {}, Level.PROGRESSING, "being deleted"),
        ("Brand New Phase", {}, Level.UNKNOWN, ""),
    ],
)
def test_what_phases_mean(estate: Backups, phase: str, more: Any, level: Level, reason: str) -> None:
    estate.backup()
    estate.run("m1-backup-apps-shop", phase, **more)
    assert (estate.row().phase, estate.row().level, estate.row().reason) == (phase, level, reason)


def test_of_a_schedule_the_newest_run_counts_and_not_what_kurator_wrote_down(estate: Backups) -> None:
    estate.backup(detail("m1", "Completed", "m1-backup-apps-shop-1"), schedule=DAILY)
    name = "m1-backup-apps-shop"
    estate.schedule(name)
    estate.run(f"{name}-1", schedule=name, startTimestamp="2026-01-09T02:00:00Z")
    estate.run(f"{name}-2", "Failed", schedule=name, failureReason="no space")
    row = estate.row()
    assert (row.schedule, row.velero, row.phase, row.reason) == (DAILY, f"{name}-2", "Failed", "no space")


def test_a_schedule_that_did_not_run_yet_waits(estate: Backups) -> None:
    estate.backup(schedule=DAILY)
    estate.schedule("m1-backup-apps-shop")
    assert (estate.row().level, estate.row().reason) == (Level.PROGRESSING, "no run yet")


def test_storage_that_is_unavailable_is_told_with_what_failed(estate: Backups) -> None:
    estate.backup()
    estate.location("Unavailable", "AccessDenied")
    estate.run("m1-backup-apps-shop", "Failed")
    assert estate.row().reason == "storage location default is unavailable: AccessDenied"


def test_what_runs_does_not_go_on_without_velero(estate: Backups) -> None:
    estate.backup()
    estate.velero(0)
    estate.run("m1-backup-apps-shop", "InProgress")
    row = estate.row()
    assert (row.level, row.reason) == (
        *(Level.DEGRADED, "it does not go on: velero-velero-m1 has 0 of 1 pods ready"),
    )


def test_a_restore_goes_where_its_backup_goes(estate: Backups) -> None:
    estate.backup(clusters=("m2",))
    estate.restore()
    estate.restored("m2-restore-apps-drill", "PartiallyFailed", "m2", errors=1)
    rows = estate.by_name("m2")
    assert (rows["drill"].kind, rows["drill"].step, rows["drill"].phase) == (
        "Restore",
        "restore",
        "PartiallyFailed",
    )
    assert (rows["drill"].level, rows["drill"].errors) == (Level.DEGRADED, 1)
    assert estate.rows("m1") == []


def test_a_restore_without_its_backup_or_beyond_it_cannot_run(estate: Backups) -> None:
    estate.restore(backup="gone", clusters=("m1",))
    assert (estate.row().level, estate.row().reason) == (Level.FAILED, "there is no Backup gone")
    estate.backup(clusters=("m2",))
    estate.restore(clusters=("m1",))
    assert estate.row().reason == "its Backup does not save m1"


def test_a_migrate_is_a_backup_on_its_source_and_a_restore_on_its_target(estate: Backups) -> None:
    """Kurator says BackupInProgress until the end."""
    saved = detail("m1", "Completed", "m1-migrate-apps-move")
    estate.migrate(phase="BackupInProgress", sourceClusterStatus=saved)
    estate.run("m1-migrate-apps-move")
    estate.restored("m2-migrate-apps-move", "InProgress", "m2", progress={"itemsRestored": 3, "totalItems": 9})
    source, target = estate.row("m1"), estate.row("m2")
    assert (source.kind, source.step, source.phase) == ("Migrate", "backup", "Completed")
    assert (target.step, target.phase, target.done, target.total) == ("restore", "InProgress", 3, 9)


@pytest.mark.parametrize(
    ("phase", "level", "reason"),
    [
        ("InProgress", Level.PROGRESSING, "waits for the backup on m1: InProgress"),
        ("Failed", Level.FAILED, "waits for the backup on m1: Failed"),
        ("", Level.PROGRESSING, "waits for the backup on m1"),
    ],
)
def test_the_target_of_a_migrate_waits_for_its_source(
    estate: Backups, phase: str, level: Level, reason: str
) -> None:
    estate.migrate(sourceClusterStatus=detail("m1", phase))
    assert (estate.row("m2").level, estate.row("m2").reason) == (level, reason)


def test_a_migrate_has_exactly_one_source(estate: Backups) -> None:
    estate.migrate(source=())
    assert estate.row("m1").reason == "it has to name exactly one source cluster"


# -- what is missing, contradicts or cannot be asked ------------------------------------------------------------


def test_nothing_on_the_member_is_not_started_at_first_and_then_a_fault(estate: Backups) -> None:
    estate.backup()
    estate.now = unix("2026-01-01T00:01:00Z")
    assert (estate.row().level, estate.row().reason) == (Level.PROGRESSING, "not started")
    estate.now = unix("2026-01-01T01:00:00Z")
    assert estate.row().level is Level.FAILED
    assert estate.row().reason.startswith("Kurator has made no backup here")


def test_a_member_without_velero_says_so(estate: Backups) -> None:
    estate.backup()
    estate.state("m1", ABSENT, BACKUP)
    assert (estate.row().level, estate.row().reason) == (Level.FAILED, "Velero is not installed here")


def test_velero_s_kinds_without_velero_are_half_an_installation(estate: Backups) -> None:
    estate.backup()
    estate.delete(DEPLOYMENT, "uid-velero-velero-velero-m1")
    assert (estate.row().level, estate.row().reason) == (Level.FAILED, "no Velero runs here")


def test_a_member_that_cannot_be_asked_shows_what_kurator_saw_last(estate: Backups) -> None:
    estate.backup(detail("m1", "Completed"))
    estate.state("m1", DOWN)
    row = estate.row()
    assert (row.phase, row.level) == ("Completed", Level.HEALTHY)
    assert row.stale == "as Kurator saw it last; stale: no answer"


def test_a_member_that_never_answered_is_unknown(estate: Backups) -> None:
    estate.backup()
    estate.state("m1", FORBIDDEN, BACKUP)
    assert (estate.row().level, estate.row().reason) == (Level.UNKNOWN, "forbidden: no")


def test_what_velero_has_no_more_was_deleted_or_expired(estate: Backups) -> None:
    estate.backup(detail("m1", "Completed", expiration="2026-02-01T00:00:00Z"))
    assert (estate.row().level, estate.row().phase) == (Level.DEGRADED, "Completed")
    estate.backup(detail("m1", "Completed", expiration="2026-01-05T00:00:00Z"))
    assert (estate.row().level, estate.row().reason) == (Level.HEALTHY, "expired: Velero has deleted it")


def test_kurator_and_velero_that_contradict_each_other_are_told(estate: Backups) -> None:
    estate.backup(detail("m1", "Completed"))
    estate.run("m1-backup-apps-shop", "Failed", failureReason="x")
    assert estate.row().reason == "x; Kurator says Completed, Velero Failed"


def test_a_copy_that_is_only_late_is_no_contradiction(estate: Backups) -> None:
    estate.backup(detail("m1", "InProgress"))
    estate.run("m1-backup-apps-shop")
    assert (estate.row().level, estate.row().reason) == (Level.HEALTHY, "")


def test_a_fleet_that_does_not_exist_is_told_on_the_host(estate: Backups) -> None:
    estate.delete(FLEET, "uid-apps-prod", HOST)
    estate.backup()
    assert (estate.row(HOST).level, estate.row(HOST).reason) == (Level.FAILED, "the fleet prod does not exist")


def test_nothing_is_said_to_be_missing_where_fleets_cannot_be_read(estate: Backups) -> None:
    estate.delete(FLEET, "uid-apps-prod", HOST)
    estate.state(HOST, FORBIDDEN, FLEET)
    estate.backup(clusters=("m1",))
    estate.run("m1-backup-apps-shop")
    assert (estate.row().level, estate.row().reason) == (Level.HEALTHY, "")


def test_clusters_outside_the_fleet_and_unknown_ones_are_told(estate: Backups) -> None:
    estate.fleet("m2")
    estate.backup(clusters=("m1",))
    assert estate.row("m1").reason == "m1 is not in the fleet prod"
    estate.backup(clusters=("m9",))
    assert estate.row(HOST).reason == "no such cluster: m9"


def test_what_velero_keeps_of_a_deleted_backup_is_one_row(estate: Backups) -> None:
    for number in (1, 2):
        estate.run(f"old-{number}", labels=OURS, startTimestamp=f"2026-01-0{number}T02:00:00Z")
    row = estate.row()
    assert (row.name, row.velero, row.phase, row.level) == ("shop", "old-2", "Completed", Level.HEALTHY)
    assert row.reason.startswith("2 kept; there is no Backup of Kurator")
    estate.state(HOST, FORBIDDEN, KURATOR_BACKUP)
    assert estate.rows() == []


@pytest.mark.parametrize(
    "odd",
    [
        {"spec": {"destination": "x"}, "status": {"backupDetails": "x"}},
        {"spec": {"destination": {"fleet": 5, "clusters": [None, {"name": 7}]}}},
        {"spec": {"destination": {"fleet": "prod"}}, "status": {"backupDetails": [None, {"clusterName": 5}]}},
    ],
)
def test_objects_of_any_shape_break_nothing(estate: Backups, odd: Any) -> None:
    estate.put(KURATOR_BACKUP, {"metadata": meta("odd", "apps"), **odd}, HOST)
    estate.put(BACKUP, {"metadata": meta("m1-backup-apps-odd", "velero"), "status": "x"})
    assert [row.name for name in (HOST, "m1", "m2") for row in estate.rows(name)]


def test_copies_of_four_hundred_members_keep_what_is_wrong(estate: Backups) -> None:
    runs = [detail(f"member-{number:03d}", "Completed") for number in range(400)]
    estate.backup(*runs, detail("m1", "Failed", failureReason="x" * 500))
    estate.state("m1", DOWN)
    assert (estate.row().phase, estate.row().level) == ("Failed", Level.FAILED)
