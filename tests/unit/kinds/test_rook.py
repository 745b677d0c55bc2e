"""Rook: what Ceph says of itself counts as much as what the operator does."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HEALTHY, Health, Level
from kurator_tui.kinds.rook import CEPH_CLUSTER
from tests.unit.kinds.support import health, values

SLOW = {"SLOW_OPS": {"severity": "HEALTH_WARN", "message": "3 slow ops"}}
FULL = {"OSD_FULL": {"severity": "HEALTH_ERR", "message": "1 full osd"}}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, Health(Level.UNKNOWN, "no status yet")),
        ({"phase": "Ready", "ceph": {"health": "HEALTH_OK"}}, HEALTHY),
        ({"phase": "Ready", "ceph": {"health": "HEALTH_WARN"}}, Health(Level.DEGRADED, "HEALTH_WARN")),
        (
            {"phase": "Ready", "ceph": {"health": "HEALTH_WARN", "details": SLOW}},
            Health(Level.DEGRADED, "SLOW_OPS: 3 slow ops"),
        ),
        (
            {"phase": "Ready", "ceph": {"health": "HEALTH_ERR", "details": SLOW | FULL}},
            Health(Level.FAILED, "OSD_FULL: 1 full osd; SLOW_OPS: 3 slow ops"),
        ),
        ({"phase": "Progressing", "message": "Configuring mons"}, Health(Level.PROGRESSING, "Configuring mons")),
        ({"phase": "Failure", "message": "no disks"}, Health(Level.FAILED, "no disks")),
    ],
)
def test_health(status: dict[str, Any], verdict: Health) -> None:
    assert health(CEPH_CLUSTER, status=status) == verdict


def test_a_cluster_shows_how_full_it_is() -> None:
    status = {"ceph": {"capacity": {"bytesTotal": 400, "bytesUsed": 100, "bytesAvailable": 300}}}
    assert values(CEPH_CLUSTER, "used", "capacity", "available", status=status) == (0.25, 400, 300)
    assert values(CEPH_CLUSTER, "used", status={"ceph": {"capacity": {"bytesTotal": 0}}}) == (None,)
