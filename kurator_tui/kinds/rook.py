"""Rook: the Ceph cluster it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import judge, phase, worst
from kurator_tui.kinds.table import cell, table

_PHASE = phase(
    "status.phase",
    healthy=("Ready", "Connected"),
    progressing=("Progressing", "Updating", "Upgrading", "Connecting", "Deleting"),
    failed=("Failure",),
    reason="status.message",
)
_LEVELS = {"HEALTH_WARN": Level.DEGRADED, "HEALTH_ERR": Level.FAILED}


@judge(
    "status.ceph.health",
    "status.ceph.details",
    says="`status.ceph.health`: HEALTH_WARN is degraded, HEALTH_ERR is failed",
)
def _ceph(health: Any, details: Any) -> Health:
    if health not in _LEVELS:
        return HEALTHY
    checks = details if isinstance(details, Mapping) else {}
    worst_first = sorted(checks.items(), key=lambda each: each[1].get("severity") != "HEALTH_ERR")
    told = "; ".join(f"{code}: {check.get('message', '')}" for code, check in worst_first)
    return Health(_LEVELS[health], told or health)


def _used(used: Any, total: Any) -> float | None:
    return used / total if isinstance(used, int) and isinstance(total, int) and total else None


CEPH_CLUSTER = table(
    "cephclusters.ceph.rook.io",
    "CephCluster",
    ("v1",),
    cell("phase", "status.phase", priority=2),
    cell("ceph", "status.ceph.health", priority=2),
    cell(
        "used",
        "status.ceph.capacity.bytesUsed",
        "status.ceph.capacity.bytesTotal",
        read=_used,
        format=Format.RATIO,
    ),
    cell("capacity", "status.ceph.capacity.bytesTotal", format=Format.BYTES),
    cell("available", "status.ceph.capacity.bytesAvailable", format=Format.BYTES, priority=5),
    cell("mons", "spec.mon.count", format=Format.COUNT),
    cell("version", "status.version.version"),
    cell("external", "spec.external.enable", priority=5),
    cell("checked", "status.ceph.lastChecked", format=Format.AGE, priority=5),
    cell("data", "spec.dataDirHostPath", title="DATADIRHOSTPATH", wide=True),
    cell("fsid", "status.ceph.fsid", wide=True),
    health=worst(_PHASE, _ceph),
    short_names=("ceph",),
)

KINDS = (CEPH_CLUSTER,)
