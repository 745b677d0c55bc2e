"""Rook: Ceph's own health checks, told by what they mean for the data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.rook import CEPH_CLUSTER
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.tables import number, word

UNASKED = 900.0
"""Seconds within which Rook asks Ceph for its health: it does so once a minute."""
NEARLY_FULL, FULL = 0.8, 0.9
"""Shares of the capacity from which it presses, and from which Ceph is about to stop writing."""
SETTLING = 120.0
"""Seconds for which a check may fail: a daemon that is restarted is back by then."""
_CHECK = re.compile(r"(?:^|; )([A-Z][A-Z_]{3,40})(?:: (.*?))?(?=; [A-Z][A-Z_]{3,40}(?::|;|$)|$)")

_UNREACHABLE = ("PG_AVAILABILITY", "PG_DAMAGED", "OBJECT_UNFOUND", "MDS_ALL_DOWN", "FS_DEGRADED")
_SPACE = ("OSD_FULL", "OSD_BACKFILLFULL", "OSD_NEARFULL", "POOL_FULL", "POOL_NEARFULL", "POOL_NEAR_FULL")
_STOPPED = ("OSD_FULL", "POOL_FULL")
_DISKS = ("OSD_DOWN", "OSD_HOST_DOWN", "OSD_ORPHAN", "PG_DEGRADED")
_MONITORS = ("MON_DOWN", "MON_DISK_CRIT", "MON_CLOCK_SKEW", "MON_DISK_LOW", "MGR_DOWN")
_KNOWN = (*_UNREACHABLE, *_SPACE, *_DISKS, *_MONITORS)

_PHASE, _CEPH, _USED, _CHECKED = (
    word(CEPH_CLUSTER, "phase"),
    word(CEPH_CLUSTER, "ceph"),
    number(CEPH_CLUSTER, "used"),
    number(CEPH_CLUSTER, "checked"),
)
CEPH = Analyser(CEPH_CLUSTER)


def _checks(row: ObjectRow) -> dict[str, str]:
    """Ceph's checks that fail, by their codes; what the row's reason holds of them."""
    if _CEPH(row) not in ("HEALTH_WARN", "HEALTH_ERR"):
        return {}
    return {found[1]: found[2] or "" for found in _CHECK.finditer(row.reason)}


def _failing(row: ObjectRow, codes: tuple[str, ...]) -> str:
    """`CODE: what Ceph says; …` of those that fail, "" for none."""
    checks = _checks(row)
    return "; ".join(f"{code}: {checks[code]}".rstrip(": ") for code in codes if code in checks)


@CEPH.rule(
    "KT3901",
    "stored data cannot be reached",
    Severity.CRITICAL,
    suggests=("read.describe", "logs", "screen.metrics"),
)
def unreachable(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Parts of the data have no disk that could give them: pods that read or write them hang.

    Too many disks or hosts are away at once. Bring them back, the latest first; Ceph heals by itself then. Mark
    nothing as lost, and remove no disk, before you are sure that it never comes back.
    """
    if said := _failing(row, _UNREACHABLE):
        yield Seen(said, after=SETTLING)


@CEPH.rule(
    "KT3902",
    "storage is nearly full",
    Severity.MEDIUM,
    suggests=("screen.metrics", "read.describe", "plugin.storage"),
)
def nearly_full(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Ceph has little room left; at 95 % of a disk it stops all writing, and every volume with it.

    Free something now: old snapshots, volumes that nobody uses. Then add disks. Ceph also needs room to heal:
    with a disk lost the others fill up by what it had.
    """
    said, used = _failing(row, _SPACE), _USED(row)
    if not said and used < NEARLY_FULL:
        return
    stopped = bool(_failing(row, _STOPPED))
    severity = Severity.CRITICAL if stopped else Severity.HIGH if used >= FULL else None
    yield Seen("; ".join(each for each in (f"{used:.0%} used" if used else "", said) if each), severity=severity)


@CEPH.rule("KT3903", "storage has lost disks", Severity.HIGH, suggests=("node", "read.describe", "logs"))
def disks(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Disks of Ceph are down, and some data has fewer copies than it should.

    Everything still works; the next loss may not be so harmless. See whether the disks are on one node: then it
    is the node. After ten minutes Ceph copies what is missing to other disks, which takes their time and room.
    """
    if said := _failing(row, _DISKS):
        yield Seen(said, after=SETTLING)


@CEPH.rule(
    "KT3904", "storage's own services are not whole", Severity.HIGH, suggests=("logs", "read.describe", "node")
)
def monitors(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A monitor or the manager of Ceph is away, has no room, or its clock is off.

    Without a majority of the monitors the whole storage stands still: of three one may be away. Look at the pods
    `rook-ceph-mon-*`, their nodes' disks and clocks.
    """
    if said := _failing(row, _MONITORS):
        yield Seen(said, after=SETTLING)


@CEPH.rule("KT3905", "storage warns", Severity.LOW, suggests=("read.describe", "logs"))
def warns(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Ceph has another complaint than those that have a finding of their own.

    The evidence begins with Ceph's code, which its manual explains under "health checks". An error of this sort
    needs somebody today, a warning in working hours.
    """
    checks = _checks(row)
    rest = tuple(code for code in checks if code not in _KNOWN)
    unnamed = not checks and _CEPH(row) in ("HEALTH_WARN", "HEALTH_ERR") and _PHASE(row) != "Failure"
    if rest or unnamed:
        error = _CEPH(row) == "HEALTH_ERR" and len(rest) == len(checks)
        said = _failing(row, rest) or row.reason
        yield Seen(said, severity=Severity.HIGH if error else None, after=SETTLING)


@CEPH.rule("KT3906", "Rook cannot set the storage up", Severity.HIGH, suggests=("logs", "read.describe", "edit"))
def not_set_up(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Rook's operator gave up on the CephCluster: what it describes is not what runs.

    The evidence is the operator's. A disk that is not empty, a path that is not there, a version it does not
    take. What runs already goes on. The operator's log (`rook-ceph-operator`) has the rest.
    """
    if _PHASE(row) == "Failure":
        yield Seen(row.reason, after=SETTLING)


@CEPH.rule("KT3907", "storage's health is not known", Severity.MEDIUM, suggests=("logs", "read.describe"))
def unasked(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Rook has not heard of Ceph's health for a quarter of an hour: what it said before may be wrong by now.

    Its operator does not run, or Ceph's monitors do not answer it. Look at the operator's log, then at the
    monitors.
    """
    checked = _CHECKED(row)
    if not checked or row.deleting:
        return
    if look.now - checked < UNASKED:
        yield Again(checked + UNASKED)
    else:
        yield Seen("its health was asked for too long ago", checked)
