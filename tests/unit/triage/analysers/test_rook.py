"""Rook: Ceph's checks, told by what they mean."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.rook import CEPH_CLUSTER
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.triage.analysers import rook
from tests.unit.triage.objects import made, row, stamp
from tests.unit.triage.stage import NOW, Stage


def ceph(
    checks: dict[str, str] | None = None, *, used: int = 10, phase: str = "Ready", checked: float = 0.0
) -> Row:
    details = {code: {"severity": "HEALTH_WARN", "message": message} for code, message in (checks or {}).items()}
    told = {
        "health": "HEALTH_WARN" if checks else "HEALTH_OK",
        "details": details,
        "capacity": {"bytesUsed": used, "bytesTotal": 100},
        "lastChecked": stamp(checked),
    }
    status = {"phase": phase, "message": "no such device", "ceph": told}
    return row(CEPH_CLUSTER, made("rook-ceph", "rook-ceph", status=status))


def settled(found: Row) -> Stage:
    stage = Stage(rook.CEPH)
    stage.put(CEPH_CLUSTER, found)
    stage.wait(rook.SETTLING)
    return stage


def test_storage_that_is_well_is_not_told_of() -> None:
    assert settled(ceph()).codes == []


@pytest.mark.parametrize(
    ("check", "code", "severity"),
    [
        ("PG_AVAILABILITY", "KT3901", "critical"),
        ("OSD_NEARFULL", "KT3902", "medium"),
        ("OSD_FULL", "KT3902", "critical"),
        ("OSD_DOWN", "KT3903", "high"),
        ("MON_DOWN", "KT3904", "high"),
        ("RECENT_CRASH", "KT3905", "low"),
    ],
)
def test_a_check_is_told_of_by_what_it_means(check: str, code: str, severity: str) -> None:
    stage = settled(ceph({check: "1 of something: bad; very bad"}))
    found = stage.one()
    assert (found.code, found.severity) == (code, severity)
    assert f"{check}: 1 of something: bad; very bad" in found.message


def test_several_checks_are_several_findings_about_one_object() -> None:
    stage = settled(ceph({"OSD_DOWN": "1 osds down", "MON_DOWN": "1/3 mons down", "PG_DEGRADED": "9 pgs"}))
    assert [(each.code, each.message) for each in stage.findings] == [
        ("KT3903", "OSD_DOWN: 1 osds down; PG_DEGRADED: 9 pgs"),
        ("KT3904", "MON_DOWN: 1/3 mons down"),
    ]


def test_a_check_that_passes_soon_is_not_told_of() -> None:
    stage = Stage(rook.CEPH)
    stage.put(CEPH_CLUSTER, ceph({"OSD_DOWN": "1 osds down"}))
    stage.wait(rook.SETTLING - 1)
    stage.put(CEPH_CLUSTER, ceph())
    stage.wait(1)
    assert stage.codes == []


@pytest.mark.parametrize(("used", "severity"), [(79, ""), (80, "medium"), (90, "high")])
def test_storage_presses_from_four_fifths_on(used: int, severity: str) -> None:
    stage = settled(ceph(used=used))
    assert [(each.code, each.severity) for each in stage.findings] == ([("KT3902", severity)] if severity else [])


def test_what_rook_cannot_set_up_is_told_of() -> None:
    stage = settled(ceph(phase="Failure"))
    assert (stage.one().code, stage.one().message) == ("KT3906", "no such device")


def test_health_that_nobody_asked_for_is_told_of_only_where_the_cluster_answers() -> None:
    stage = settled(ceph())
    stage.store.set_freshness("eu", CEPH_CLUSTER.id, Freshness(State.STALE, NOW))
    stage.wait(rook.UNASKED)
    assert stage.codes == []
    stage.live(CEPH_CLUSTER)
    assert stage.codes == ["KT3907"]
