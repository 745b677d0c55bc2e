"""Backups: what failed and was not made good since, what is overdue, where nothing can be kept."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds import kurator_backups as kurator
from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.velero import BACKUP, BACKUP_STORAGE_LOCATION, POD_VOLUME_BACKUP, RESTORE, SCHEDULE
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.triage.analysers import velero
from kurator_tui.triage.tables import DAY
from tests.unit.triage.objects import made, row, stamp
from tests.unit.triage.stage import NOW, Stage


def location(name: str = "default", phase: str = "Available", **spec: Any) -> Row:
    spec = {"objectStorage": {"bucket": "fleet-backups"}, "default": name == "default", **spec}
    return row(BACKUP_STORAGE_LOCATION, made(name, "velero", spec=spec, status={"phase": phase, "message": "403"}))


def backup(
    name: str,
    phase: str,
    *,
    age: float = 600.0,
    schedule: str = "",
    by: str = "",
    kind: AnyKind = BACKUP,
    **status: Any,
) -> Row:
    labels = {"velero.io/schedule-name": schedule} if schedule else {}
    labels |= {"kurator.dev/backup-name": by} if by else {}
    told = {"phase": phase, "startTimestamp": stamp(age), "errors": 2, **status}
    return row(kind, made(name, "velero", age=age, meta={"labels": labels}, spec={}, status=told))


def backups() -> Stage:
    stage = Stage(velero.BACKUPS)
    stage.put(BACKUP_STORAGE_LOCATION, location())
    return stage


def test_a_failed_backup_is_told_of_with_where_it_should_have_gone() -> None:
    stage = backups()
    stage.put(
        BACKUP, backup("b1", "Failed", by="nightly", failureReason="no such bucket"), backup("b2", "Completed")
    )
    found = stage.one()
    assert (found.code, found.name, found.message) == ("KT3601", "b1", "no such bucket (2 errors)")
    assert (found.mark("location"), found.mark("backup"), found.mark("run")) == ("", "nightly", "b1")


def test_a_backup_whose_storage_is_away_is_told_of_with_that_not_before() -> None:
    stage = Stage(velero.BACKUPS, velero.LOCATIONS)
    stage.put(BACKUP_STORAGE_LOCATION, location(phase="Unavailable"))
    stage.put(BACKUP, backup("b1", "Failed"))
    assert stage.codes == []
    stage.wait(120)
    assert [(each.code, each.mark("location")) for each in stage.findings] == [
        ("KT3601", "fleet-backups"),
        ("KT3611", "fleet-backups"),
    ]


def test_a_backup_without_a_schedule_is_told_of_for_a_day() -> None:
    stage = backups()
    stage.put(BACKUP, backup("b1", "Failed"))
    stage.wait(DAY - 601)
    assert stage.codes == ["KT3601"]
    stage.wait(2)
    assert stage.codes == []


def test_a_failed_backup_counts_until_a_later_run_of_its_schedule_ended() -> None:
    stage = backups()
    stage.put(BACKUP, backup("b1", "Failed", age=3 * DAY, schedule="nightly"))
    stage.put(
        BACKUP, backup("other", "Completed", schedule="hourly"), backup("b2", "InProgress", schedule="nightly")
    )
    assert stage.codes == ["KT3601"]
    stage.put(BACKUP, backup("b2", "Completed", schedule="nightly"))
    assert stage.codes == []


def test_a_backup_that_left_things_out_is_less_bad() -> None:
    stage = backups()
    stage.put(BACKUP, backup("b1", "PartiallyFailed"))
    assert (stage.one().code, stage.one().severity) == ("KT3602", "medium")


def test_a_backup_that_does_not_end_in_six_hours_hangs() -> None:
    stage = backups()
    stage.put(BACKUP, backup("b1", "InProgress", progress={"itemsBackedUp": 3, "totalItems": 9}))
    stage.wait(velero.HANGING - 601)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.one().code, stage.one().message) == ("KT3603", "InProgress: 3 of 9 objects")


def test_a_failed_restore_is_told_of_for_a_day() -> None:
    stage = Stage(velero.RESTORES)
    stage.put(RESTORE, backup("r1", "Failed", kind=RESTORE), backup("r2", "Completed", kind=RESTORE))
    stage.put(RESTORE, backup("r3", "PartiallyFailed", kind=RESTORE))
    found = [(each.code, each.name, each.severity) for each in stage.findings]
    assert found == [("KT3604", "r1", "high"), ("KT3604", "r3", "medium")]
    stage.wait(DAY)
    assert stage.codes == []


def test_a_volume_that_was_not_copied_names_its_pod_and_its_backup() -> None:
    def volume(name: str, phase: str) -> Row:
        spec = {"pod": {"name": "db-0"}, "volume": "data"}
        meta = {"labels": {"velero.io/backup-name": "b1"}}
        return row(
            POD_VOLUME_BACKUP,
            made(name, "velero", meta=meta, spec=spec, status={"phase": phase, "message": "gone"}),
        )

    stage = Stage(velero.VOLUMES)
    meta = {"labels": {"kurator.dev/backup-name": "nightly"}}
    stage.put(BACKUP, row(BACKUP, made("b1", "velero", meta=meta, status={"phase": "PartiallyFailed"})))
    stage.put(POD_VOLUME_BACKUP, volume("v1", "Failed"), volume("v2", "Completed"))
    found = stage.one()
    assert found.mark("backup") == "nightly"
    assert (found.code, found.message, found.mark("run")) == ("KT3607", "db-0, volume data: gone", "b1")
    stage.wait(DAY)
    assert stage.codes == []


def schedule(cron: str = "0 * * * *", *, last: float = 60.0, phase: str = "Enabled", paused: bool = False) -> Row:
    spec = {"schedule": cron, "paused": paused, "template": {}}
    status = {
        "phase": phase,
        "lastBackup": stamp(last),
        "validationErrors": ["bad cron"] if phase != "Enabled" else [],
    }
    return row(SCHEDULE, made("hourly", "velero", age=DAY, spec=spec, status=status))


def test_a_schedule_is_overdue_a_quarter_of_an_hour_after_its_time() -> None:
    stage = Stage(velero.SCHEDULES)
    stage.put(SCHEDULE, schedule())  # it is 08:00: due at 08:00, the last one was at 07:59
    assert stage.codes == []
    stage.wait(velero.LATE)
    found = stage.one()
    assert (found.code, found.created, found.severity, found.message) == (
        *("KT3606", NOW, "medium"),
        "0 * * * *: 1 missed",
    )
    stage.put(SCHEDULE, schedule(last=3 * 3600))
    assert (stage.one().severity, stage.one().message) == ("high", "0 * * * *: 3 missed")
    stage.put(SCHEDULE, schedule(last=-60))
    assert stage.codes == []


def test_a_paused_schedule_is_never_overdue_nor_one_whose_cluster_does_not_answer() -> None:
    stage = Stage(velero.SCHEDULES)
    stage.put(SCHEDULE, schedule(last=DAY, paused=True))
    assert stage.codes == []
    stage.store.set_freshness("eu", SCHEDULE.id, Freshness(State.STALE, NOW))
    stage.store.put(SCHEDULE.id, "eu", {schedule().uid: schedule()})
    stage.wait(velero.LATE)
    assert stage.codes == []


def test_a_schedule_that_velero_refuses_is_told_of() -> None:
    stage = Stage(velero.SCHEDULES)
    stage.put(SCHEDULE, schedule(phase="FailedValidation"))
    assert (stage.one().code, stage.one().message) == ("KT3605", "bad cron")


def test_a_storage_location_is_away_after_two_minutes() -> None:
    stage = Stage(velero.LOCATIONS)
    stage.put(BACKUP_STORAGE_LOCATION, location(phase="Unavailable"), location("second"))
    assert stage.codes == []
    stage.wait(velero.UNREACHABLE)
    found = stage.one()
    assert (found.code, found.mark("location"), found.message) == (
        *("KT3611", "fleet-backups"),
        "bucket fleet-backups: 403",
    )


@pytest.mark.parametrize(
    ("kind", "velero_kind", "analyser", "word", "code"),
    [
        (kurator.BACKUP, BACKUP, velero.FLEET_BACKUPS, "backup", "KT3621"),
        (kurator.RESTORE, RESTORE, velero.FLEET_RESTORES, "restore", "KT3622"),
    ],
    ids=["backup", "restore"],
)
def test_kurators_copy_counts_where_the_members_own_cannot_be_seen(
    kind: AnyKind, velero_kind: AnyKind, analyser: Any, word: str, code: str
) -> None:
    details = [
        {"clusterName": name, f"{word}NameInCluster": f"{name}-x", f"{word}StatusInCluster": {"phase": phase}}
        for name, phase in (("eu", "Failed"), ("us", "Failed"), ("asia", "Completed"))
    ]
    stage = Stage(analyser)
    stage.store.set_freshness("us", velero_kind.id, Freshness(State.UNREACHABLE, NOW))
    stage.put(velero_kind, backup("eu-x", "Failed", kind=velero_kind))
    stage.put(kind, row(kind, made("nightly", status={f"{word}Details": details}), HOST))
    found = stage.one()
    assert (found.code, found.mark("member"), found.mark("backup")) == (code, "us", "nightly")


def test_a_migration_that_failed_on_a_cluster_is_told_of_though_kurator_says_nothing() -> None:
    def migrate(name: str, phase: str) -> Row:
        source = {"clusterName": "eu", "backupNameInCluster": "eu-x", "backupStatusInCluster": {"phase": phase}}
        status = {"phase": "BackupInProgress", "sourceClusterStatus": source}
        return row(kurator.MIGRATE, made(name, status=status), HOST)

    stage = Stage(velero.MIGRATES)
    stage.put(kurator.MIGRATE, migrate("m1", "Failed"), migrate("m2", "InProgress"))
    assert (stage.one().code, stage.one().name, stage.one().message) == ("KT3623", "m1", "eu: Failed")
