"""The derived kind `findings`: one thing that is wrong with one object, as an analyser of `triage` saw it.

A finding has the code of its rule (`KT1203`), a severity, and marks: what it has in common with others, by which
incidents are made of findings.
"""

from __future__ import annotations

import enum

from kurator_tui.kinds.base import AnyKind, Column, Format, Health, Interned, Kind, Level, Row, Subject
from kurator_tui.kinds.cells import AtLeast


class Severity(enum.StrEnum):
    """How soon somebody should look."""

    CRITICAL = "critical"
    """Users notice, or data is about to be lost."""
    HIGH = "high"
    """Something does not work."""
    MEDIUM = "medium"
    """It works less well, or will not for long."""
    LOW = "low"
    """Worth knowing in working hours."""


RANK: dict[str, int] = {severity: rank for rank, severity in enumerate(reversed(Severity))}
"""Severity -> the higher the worse."""

_LEVELS: dict[str, Level] = {
    Severity.CRITICAL: Level.FAILED,
    Severity.HIGH: Level.FAILED,
    Severity.MEDIUM: Level.DEGRADED,
    Severity.LOW: Level.PROGRESSING,
}


MOMENT = "moment"
"""Mark of findings whose beginning is known: `seen`."""


class FindingRow(Row, frozen=True, gc=False, array_like=True):
    """`cluster`, `namespace` and `name` are the object's, `created` the Unix second since which it is so, or by
    which it was (`before`)."""

    code: Interned = ""
    severity: Interned = str(Severity.MEDIUM)
    title: Interned = ""
    """What is wrong, without names: `image cannot be pulled`."""
    kind: Interned = ""
    """Id of the object's kind."""
    message: str = ""
    """The evidence, in the platform's own words."""
    marks: tuple[tuple[str, str], ...] = ()
    """(what, value) that others may have in common: `image`, `node`, `site`, `owner`, `application` and so on."""
    suggests: tuple[str, ...] = ()
    """Ids of actions that may help, the first the likeliest."""
    silenced: str = ""
    """Why the user does not want to hear of it; "" for one that makes incidents."""
    unseen: float = 0.0
    """Unix second since which nobody reads what it was seen in: it may be over. 0.0 while somebody does."""

    def mark(self, what: str) -> str:
        """The value of one mark, "" where it has none."""
        return next((value for key, value in self.marks if key == what), "")

    @property
    def before(self) -> bool:
        """Whether it was there already when its object was looked at first."""
        return not self.mark(MOMENT)


def finding_level(severity: str) -> Level:
    """How a severity is drawn."""
    return _LEVELS.get(severity, Level.UNKNOWN)


def finding_health(row: FindingRow) -> Health:
    """Critical and high are failed, medium is degraded, low is progressing, silenced is healthy."""
    return Health(_level(row), f"silenced: {row.silenced}" if row.silenced else row.title)


def _level(row: FindingRow) -> Level:
    return Level.HEALTHY if row.silenced else finding_level(row.severity)


def finding_subject(row: FindingRow) -> Subject:
    """The object that something is wrong with."""
    return Subject(row.kind, row.cluster, row.namespace, row.name)


FINDINGS: AnyKind = Kind(
    id="findings",
    name="Finding",
    plural="findings",
    row=FindingRow,
    health=finding_health,
    subject=finding_subject,
    sort="-rank",
    columns=(
        Column("severity", "SEVERITY", lambda r: r.severity, priority=0, level=_level),
        Column("code", "CODE", lambda r: r.code, priority=2),
        Column("title", "FINDING", lambda r: r.title, priority=0, width=40),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=2),
        Column("name", "OBJECT", lambda r: r.name, priority=1, width=48),
        Column("kind", "KIND", lambda r: r.kind.partition(".")[0], priority=3),
        Column("age", "SINCE", lambda r: AtLeast(r.created) if r.before else r.created, Format.AGE, priority=1),
        Column("silenced", "SILENCED", lambda r: r.silenced, priority=4, width=30),
        Column("message", "EVIDENCE", lambda r: r.message, priority=4, width=80),
        Column("rank", "RANK", lambda r: RANK.get(r.severity, 0), Format.COUNT, hidden=True),
    ),
)

KINDS = (FINDINGS,)
