"""`backupschedules` and `uncovered`: is the last good backup recent enough, and what is not saved at all?"""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet import backup_schedules, uncovered
from kurator_tui.fleet.derived import Derived
from kurator_tui.fleet.interest import Interest, Reach
from kurator_tui.fleet.membership import Member
from kurator_tui.kinds.apps import STATEFUL_SET
from kurator_tui.kinds.backup_overview import UNCOVERED
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.core import NAMESPACE
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.storage import PERSISTENT_VOLUME_CLAIM
from kurator_tui.kinds.velero import BACKUP, SCHEDULE
from tests.unit.fleet.backup_objects import DAILY, Backups
from tests.unit.fleet.joined import ABSENT, FORBIDDEN, meta

NAME = "m1-backup-apps-shop"


@pytest.fixture
def estate() -> Backups:
    return Backups(backup_schedules.JOIN)


@pytest.fixture
def saved() -> Backups:
    return Backups(uncovered.JOIN)


# -- the last good backup against the schedule ------------------------------------------------------------------


def test_a_schedule_whose_last_run_completed_is_healthy(estate: Backups) -> None:
    estate.schedule(labels={"kurator.dev/backup-name": "shop", "fleet.kurator.dev/fleet-name": "prod"})
    estate.run("r1", schedule="nightly")
    row = estate.row()
    assert (row.level, row.reason, row.missed, row.interval) == (Level.HEALTHY, "", 0, 86400.0)
    assert (row.good, row.last) == (unix("2026-01-10T02:05:00Z"), unix("2026-01-10T02:00:00Z"))
    assert (row.next, row.outcome, row.kept) == (unix("2026-01-11T02:00:00Z"), "Completed", 1)
    assert (row.backup, row.fleet, row.namespaces, row.location) == ("shop", "prod", ("shop",), "default")


def test_one_run_that_was_not_good_is_degraded_and_two_are_failed(estate: Backups) -> None:
    estate.schedule()
    estate.run("r1", schedule="nightly", startTimestamp="2026-01-09T02:00:00Z")
    estate.run("r2", "Failed", schedule="nightly", failureReason="no space")
    row = estate.row()
    assert (row.level, row.missed) == (Level.DEGRADED, 1)
    assert row.reason == "last run Failed: no space; a run due since the last good one"
    estate.now = unix("2026-01-11T03:00:00Z")
    assert (estate.row().level, estate.row().missed) == (Level.FAILED, 2)


def test_a_run_that_goes_on_still_has_its_chance(estate: Backups) -> None:
    estate.schedule()
    estate.run("r1", schedule="nightly", startTimestamp="2026-01-09T02:00:00Z")
    estate.run("r2", "InProgress", schedule="nightly")
    assert (estate.row().level, estate.row().missed) == (Level.HEALTHY, 0)


def test_a_run_may_begin_some_minutes_late(estate: Backups) -> None:
    estate.schedule()
    estate.run("r1", schedule="nightly")
    estate.now = unix("2026-01-11T02:03:00Z")
    assert estate.row().missed == 0
    estate.now = unix("2026-01-11T02:06:00Z")
    assert (estate.row().missed, estate.row().reason) == (1, "no run began; a run due since the last good one")


def test_a_schedule_that_never_was_good_is_failed_once_it_was_due(estate: Backups) -> None:
    estate.schedule(created="2026-01-10T11:00:00Z")
    assert (estate.row().level, estate.row().reason) == (Level.HEALTHY, "no run was due yet")
    estate.schedule(created="2026-01-10T01:00:00Z")
    assert (estate.row().level, estate.row().reason) == (Level.FAILED, "no good backup yet; it never ran")


def test_storage_that_is_unavailable_is_told_before_a_run_fails_and_after(estate: Backups) -> None:
    estate.schedule()
    estate.location("Unavailable", "AccessDenied")
    estate.run("r1", schedule="nightly")
    row = estate.row()
    assert (row.level, row.reason) == (
        *(Level.DEGRADED, "the next run will fail: storage location default is unavailable: AccessDenied"),
    )
    estate.now += 86400
    assert estate.row().reason == (
        "storage location default is unavailable: AccessDenied; a run due since the last good one"
    )


def test_a_paused_schedule_is_healthy_and_has_no_next_run(estate: Backups) -> None:
    estate.schedule(paused=True)
    row = estate.row()
    assert (row.level, row.reason, row.next, row.paused) == (Level.HEALTHY, "paused", 0.0, True)
    assert row.missed is None


def test_a_schedule_of_every_so_often_counts_from_its_last_run(estate: Backups) -> None:
    estate.schedule(cron="@every 24h")
    estate.run("r1", schedule="nightly")
    assert (estate.row().next, estate.row().interval) == (unix("2026-01-11T02:00:00Z"), 86400.0)


def test_a_schedule_that_velero_refuses_says_why(estate: Backups) -> None:
    estate.schedule(cron="x", phase="FailedValidation", refused=["invalid schedule: x"])
    row = estate.row()
    assert (row.level, row.reason, row.interval, row.missed) == (Level.FAILED, "invalid schedule: x", None, None)


def test_times_that_cannot_be_told_are_unknown(estate: Backups) -> None:
    estate.schedule(cron="@often")
    assert (estate.row().level, estate.row().reason) == (Level.UNKNOWN, "when it is due cannot be told")


def test_a_change_that_kurator_does_not_pass_on_is_told(estate: Backups) -> None:
    estate.backup(schedule="0 4 * * *", clusters=("m1",))
    estate.schedule(NAME)
    estate.run("r1", schedule=NAME)
    row = estate.row()
    assert (row.level, row.reason) == (
        *(Level.DEGRADED, "Kurator says 0 4 * * *: that change does not reach Velero"),
    )


def test_a_schedule_that_the_member_lacks_is_told(estate: Backups) -> None:
    estate.backup(schedule=DAILY, clusters=("m1",))
    assert (estate.row().level, estate.row().reason) == (
        *(Level.FAILED, "Kurator plans it, and Velero has no such schedule"),
    )
    estate.state("m1", ABSENT, BACKUP)
    assert estate.row().reason == "Velero is not installed here"
    estate.state("m1", FORBIDDEN, BACKUP)
    assert (estate.row().level, estate.row().reason) == (Level.UNKNOWN, "forbidden: no")


def test_a_schedule_without_velero_is_failed_when_it_was_due(estate: Backups) -> None:
    estate.schedule()
    estate.run("r1", schedule="nightly")
    estate.delete(DEPLOYMENT, "uid-velero-velero-velero-m1")
    assert (estate.row().level, estate.row().reason) == (
        *(Level.DEGRADED, "the next run will fail: no Velero runs here"),
    )


def test_rows_that_depend_on_the_time_are_joined_again_while_they_are_read(estate: Backups) -> None:
    estate.schedule()
    estate.run("r1", schedule="nightly")
    later: list[Any] = []
    interest = Interest(lambda: None, lambda _seconds, _act: None)
    derived = Derived(
        estate.store,
        (backup_schedules.JOIN,),
        interest,
        lambda: estate.now,
        lambda: None,
        lambda seconds, act: later.append((seconds, act)),
    )
    members = {HOST: Member(HOST, "Host"), "m1": Member("m1", "AttachedCluster", "apps", "m1")}
    derived.require("backupschedules", Reach())
    derived.refresh(members)

    def level() -> Level:
        (row,) = estate.store.rows("backupschedules", "m1")
        return row.level  # type: ignore[attr-defined,no-any-return]

    assert level() is Level.HEALTHY
    estate.now += 2 * 86400
    ((seconds, act),) = later
    act()
    derived.refresh(members)
    assert (seconds, level(), len(later)) == (backup_schedules.EVERY, Level.FAILED, 2)
    derived.release("backupschedules")
    later[-1][1]()
    assert (derived.pending, len(later)) == (False, 2)


# -- what no schedule saves -------------------------------------------------------------------------------------


def space(estate: Backups, *names: str, **more: Any) -> None:
    for name in names:
        estate.put(NAMESPACE, {"metadata": meta(name, **more), "status": {"phase": "Active"}})


def inside(estate: Backups, namespace: str, volumes: int = 1) -> None:
    estate.put(STATEFUL_SET, {"metadata": meta("db", namespace), "spec": {"replicas": 1}})
    for number in range(volumes):
        spec = {"resources": {"requests": {"storage": "2Gi"}}}
        estate.put(PERSISTENT_VOLUME_CLAIM, {"metadata": meta(f"data-{number}", namespace), "spec": spec})


def test_namespaces_without_a_schedule_are_told_with_what_is_in_them(saved: Backups) -> None:
    space(saved, "shop", "data", "empty")
    inside(saved, "data", volumes=3)
    saved.schedule()
    rows = saved.by_name()
    assert set(rows) == {"data", "empty"}
    assert (rows["data"].level, rows["data"].workloads, rows["data"].volumes) == (Level.DEGRADED, 1, 3)
    assert (rows["data"].capacity, rows["data"].reason) == (6 * 2**30, "no schedule")
    assert (rows["empty"].level, rows["empty"].reason) == (Level.HEALTHY, "no schedule; nothing runs in it")


def test_only_a_number_of_volumes_that_is_not_none_is_marked(saved: Backups) -> None:
    space(saved, "shop", "data")
    inside(saved, "data", volumes=3)
    inside(saved, "shop", volumes=0)
    rows, volumes = saved.by_name(), UNCOVERED.column("volumes")
    assert volumes is not None
    assert volumes.level is not None
    assert {name: (row.level, volumes.level(row)) for name, row in rows.items()} == {
        "data": (Level.DEGRADED, Level.DEGRADED),
        "shop": (Level.DEGRADED, Level.HEALTHY),
    }


def test_system_namespaces_are_left_out_and_the_rule_is_told(saved: Backups) -> None:
    space(saved, "kube-system", "velero", "istio-system", "shop")
    rows = saved.by_name()
    assert set(rows) == {"shop", "(left out)"}
    assert rows["(left out)"].reason.startswith("3 system namespaces: kube-*, velero,")


@pytest.mark.parametrize(
    ("template", "covered"),
    [
        ({}, True),
        ({"includedNamespaces": ["*"]}, True),
        ({"includedNamespaces": ["da*"]}, True),
        ({"includedNamespaces": ["shop"]}, False),
        ({"excludedNamespaces": ["data"]}, False),
        ({"includedNamespaces": [], "excludedNamespaces": ["shop"]}, True),
        ({"includedResources": ["*"]}, True),
    ],
)
def test_which_namespaces_a_schedule_saves(saved: Backups, template: Any, covered: bool) -> None:
    space(saved, "data")
    saved.schedule(template=template)
    assert (saved.rows() == []) is covered


def test_a_schedule_that_chooses_saves_only_a_part(saved: Backups) -> None:
    space(saved, "data")
    inside(saved, "data")
    saved.schedule(template={"labelSelector": {"matchLabels": {"a": "b"}}})
    row = saved.row()
    assert (row.level, row.reason, row.schedules) == (Level.DEGRADED, "only in part: labelSelector", ("nightly",))


@pytest.mark.parametrize("off", [{"paused": True}, {"phase": "FailedValidation"}])
def test_schedules_that_are_paused_or_refused_save_nothing(saved: Backups, off: Any) -> None:
    space(saved, "shop")
    inside(saved, "shop")
    saved.schedule(**off)
    assert saved.row().reason == "only by schedules that are paused or refused"


def test_without_velero_nothing_is_saved(saved: Backups) -> None:
    space(saved, "shop")
    inside(saved, "shop")
    for kind in (BACKUP, SCHEDULE):
        saved.state("m1", ABSENT, kind)
    assert saved.row().reason == "Velero is not installed here"


def test_nothing_is_said_to_be_unsaved_where_schedules_cannot_be_read(saved: Backups) -> None:
    space(saved, "shop")
    saved.state("m1", FORBIDDEN, SCHEDULE)
    assert (saved.row().level, saved.row().reason) == (Level.UNKNOWN, "schedules cannot be read")


def test_a_namespace_is_not_empty_because_claims_cannot_be_read(saved: Backups) -> None:
    space(saved, "shop")
    saved.state("m1", FORBIDDEN, PERSISTENT_VOLUME_CLAIM)
    row = saved.row()
    assert (row.level, row.reason) == (Level.DEGRADED, "no schedule; persistentvolumeclaims cannot be read")


def test_a_namespace_that_goes_away_needs_no_backup(saved: Backups) -> None:
    space(saved, "shop", deletionTimestamp="2026-01-10T00:00:00Z")
    assert saved.rows() == []


def test_the_host_is_left_alone(saved: Backups) -> None:
    saved.put(NAMESPACE, {"metadata": meta("shop")}, HOST)
    assert saved.rows(HOST) == []
