"""Applications, backups, moves, pipelines, machines: what Kurator does not say is derived."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import AnyKind, Health, Level
from kurator_tui.kinds.kurator_apps import APPLICATION, CUSTOM_MACHINE, PIPELINE
from kurator_tui.kinds.kurator_backups import BACKUP, MIGRATE, RESTORE
from tests.unit.kinds.support import meta, row

Obj = dict[str, Any]
HEALTHY = Health(Level.HEALTHY)


def read(kind: AnyKind, *, spec: Obj | None = None, status: Obj | None = None) -> tuple[Health, dict[str, Any]]:
    found = row(kind, {"metadata": meta(), "spec": spec or {}, "status": status or {}})
    return kind.health(found), {column.key: column.value(found) for column in kind.columns}


def ready(status: str, reason: str = "", message: str = "") -> Obj:
    return {"conditions": [{"type": "Ready", "status": status, "reason": reason, "message": message}]}


def rollout(cluster: str, phase: str) -> Obj:
    return {
        "name": f"web-0-attachedcluster-{cluster}",
        "rolloutStatus": {
            "clusterName": cluster,
            "rolloutNameInCluster": "backend",
            "rolloutStatusInCluster": {"phase": phase},
        },
    }


GIT = {"gitRepoStatus": {**ready("True"), "artifact": {"revision": "main@sha1:8d2f"}}}
BROKEN = ready("False", "BuildFailed", "no kustomization.yaml")


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        ({"sourceStatus": GIT}, HEALTHY),
        (
            {"sourceStatus": {"gitRepoStatus": ready("False", "AuthenticationFailed", "denied")}},
            Health(Level.FAILED, "source: AuthenticationFailed: denied"),
        ),
        (
            {"sourceStatus": {"helmRepoStatus": ready("Unknown", "Progressing")}},
            Health(Level.PROGRESSING, "source: Progressing"),
        ),
        (
            {"sourceStatus": GIT, "syncStatus": [{"name": "a", "kustomizationStatus": BROKEN}]},
            Health(Level.FAILED, "BuildFailed: no kustomization.yaml"),
        ),
        (
            {"syncStatus": [{"name": name, "HelmReleaseStatus": BROKEN} for name in ("a", "b")]},
            Health(Level.DEGRADED, "BuildFailed: no kustomization.yaml"),
        ),
        (
            {"syncStatus": [rollout("m1", "Succeeded"), rollout("m2", "Progressing")]},
            Health(Level.PROGRESSING, "m2: rollout backend Progressing"),
        ),
        (
            {"syncStatus": [rollout("m1", "Failed"), rollout("m2", "Progressing")]},
            Health(Level.FAILED, "m1: rollout backend Failed"),
        ),
    ],
)
def test_an_application_is_as_its_source_its_syncs_and_its_rollouts(status: Obj, health: Health) -> None:
    assert read(APPLICATION, status=status)[0] == health


def test_a_suspended_source_is_meant_but_a_failure_still_shows() -> None:
    spec = {"source": {"gitRepository": {"url": "https://git.example/a", "suspend": True}}}
    assert read(APPLICATION, spec=spec, status={"sourceStatus": GIT})[0] == Health(
        Level.HEALTHY, "source suspended"
    )
    failed = {"sourceStatus": GIT, "syncStatus": [rollout("m1", "Failed")]}
    assert read(APPLICATION, spec=spec, status=failed)[0].level is Level.FAILED


def test_an_application_shows_where_it_comes_from_and_goes_to() -> None:
    spec = {
        "source": {"gitRepository": {"url": "https://git.example/a"}},
        "destination": {"fleet": "prod"},
        "syncPolicies": [{"destination": {"fleet": "prod"}}, {}],
    }
    status = {"sourceStatus": GIT, "syncStatus": [rollout("m1", "Progressing"), rollout("m2", ""), {"name": "x"}]}
    cells = read(APPLICATION, spec=spec, status=status)[1]
    assert (cells["fleet"], cells["targets"], cells["policies"]) == ("prod", 3, 2)
    assert (cells["revision"], cells["url"]) == ("main@sha1:8d2f", "https://git.example/a")
    assert cells["source_kind"] == "gitRepository"
    assert cells["rollouts"] == "1 Progressing, 1 Initializing"


def backed_up(cluster: str, phase: str, hour: int, **more: Any) -> Obj:
    status = {"phase": phase, "startTimestamp": f"2026-01-01T{hour:02}:00:00Z", **more}
    return {"clusterName": cluster, "backupStatusInCluster": status}


@pytest.mark.parametrize(
    ("runs", "health", "phase"),
    [
        ([], Health(Level.PROGRESSING, "not started"), ""),
        ([{"clusterName": "m1"}], Health(Level.PROGRESSING, "m1: no run yet"), ""),
        ([backed_up("m1", "Completed", 1), backed_up("m2", "Completed", 1)], HEALTHY, "Completed"),
        (
            [backed_up("m1", "Completed", 1), backed_up("m2", "InProgress", 1)],
            Health(Level.PROGRESSING, "m2: InProgress"),
            "InProgress",
        ),
        (
            [backed_up("m1", "Failed", 1, failureReason="no bucket"), backed_up("m2", "InProgress", 1)],
            Health(Level.FAILED, "m1: no bucket"),
            "Failed",
        ),
        (
            [backed_up("m1", "PartiallyFailed", 1), backed_up("m2", "Completed", 1)],
            Health(Level.DEGRADED, "m1: PartiallyFailed"),
            "PartiallyFailed",
        ),
        ([backed_up("m1", "Completed", 2), backed_up("m1", "Failed", 1)], HEALTHY, "Completed"),
    ],
)
def test_a_backup_is_as_the_newest_run_of_its_worst_cluster(runs: list[Obj], health: Health, phase: str) -> None:
    found, cells = read(BACKUP, status={"backupDetails": runs})
    assert found == health
    assert cells["phase"] == phase


def test_a_backup_counts_clusters_and_adds_up_errors() -> None:
    end = "2026-01-01T02:00:00Z"
    runs = [
        backed_up("m1", "PartiallyFailed", 1, errors=2, warnings=1, completionTimestamp=end),
        backed_up("m2", "Completed", 1, warnings=4),
    ]
    cells = read(BACKUP, spec={"schedule": "0 2 * * *"}, status={"backupDetails": runs})[1]
    assert (cells["clusters"], cells["errors"], cells["schedule"]) == ("1/2", "2/5", "0 2 * * *")
    assert cells["ended"] == 1767232800.0


def test_a_restore_is_as_its_worst_cluster() -> None:
    details = [
        {"clusterName": "m1", "restoreStatusInCluster": {"phase": "Failed", "validationErrors": ["a", "b"]}}
    ]
    found, cells = read(RESTORE, spec={"backupName": "nightly"}, status={"restoreDetails": details})
    assert found == Health(Level.FAILED, "m1: a, b")
    assert (cells["backup"], cells["phase"]) == ("nightly", "Failed")


SOURCE_READY = {"conditions": [{"type": "sourceReady", "status": "True"}]}


@pytest.mark.parametrize(
    ("status", "health", "phase"),
    [
        ({}, Health(Level.PROGRESSING, "not started"), ""),
        ({"phase": "BackupInProgress"}, Health(Level.PROGRESSING, "BackupInProgress"), "BackupInProgress"),
        (
            {"phase": "BackupInProgress", **SOURCE_READY},
            Health(Level.PROGRESSING, "RestoreInProgress"),
            "RestoreInProgress",
        ),
        ({"phase": "Completed", **SOURCE_READY}, HEALTHY, "Completed"),
        (
            {"phase": "BackupInProgress", "sourceClusterStatus": backed_up("m1", "Failed", 1)},
            Health(Level.FAILED, "m1: Failed"),
            "BackupInProgress",
        ),
    ],
)
def test_a_move_restores_once_its_source_is_ready(status: Obj, health: Health, phase: str) -> None:
    found, cells = read(MIGRATE, status=status)
    assert found == health
    assert cells["phase"] == phase


def test_a_pipeline_is_healthy_once_its_listener_exists() -> None:
    spec = {"tasks": [{"name": "git-clone"}, {"name": "go-test"}], "sharedWorkspace": {"storageRequest": "1Gi"}}
    found, cells = read(PIPELINE, spec=spec, status={"eventListenerServiceName": "el-x-listener"})
    assert found == HEALTHY
    assert (cells["tasks"], cells["storage"]) == ("git-clone,go-test", 2**30)
    assert read(PIPELINE, spec=spec)[0] == Health(Level.PROGRESSING, "no event listener yet")


@pytest.mark.parametrize(("said", "level"), [(True, Level.HEALTHY), (False, Level.FAILED), (None, Level.UNKNOWN)])
def test_machines_are_ready_when_kurator_says_so(said: bool | None, level: Level) -> None:
    hosts = {"master": [{"hostName": "a"}], "node": [{"hostName": "b"}, {"hostName": "c"}]}
    found, cells = read(CUSTOM_MACHINE, spec=hosts, status={} if said is None else {"ready": said})
    assert found.level is level
    assert (cells["masters"], cells["nodes"], cells["hosts"]) == (1, 2, "a,b,c")
