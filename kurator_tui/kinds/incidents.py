"""The derived kind `incidents`: findings that have one cause, as one row. `triage.correlation` makes them.

Rows are the host's: an incident is about as many clusters as `clusters` names.
"""

from __future__ import annotations

import enum

from kurator_tui.kinds.base import AnyKind, Column, Format, Health, Interned, Kind, Level, Row, Subject
from kurator_tui.kinds.cells import AtLeast
from kurator_tui.kinds.findings import RANK, Severity, finding_level


class State(enum.StrEnum):
    """Where an incident is going."""

    NEW = "new"
    WORSENING = "worsening"
    STEADY = "steady"
    IMPROVING = "improving"
    FLAPPING = "flapping"
    """It came several times within the hour; it stays while it pauses."""
    UNSEEN = "unseen"
    """Nobody reads its objects any more: it may be over."""
    RESOLVED = "resolved"


class IncidentRow(Row, frozen=True, gc=False, array_like=True):
    """`name` says what is wrong, and of what: `image cannot be pulled: shop:v7`. `created` is when the
    oldest of its findings began, or was there already (`before`)."""

    code: Interned = ""
    """Of the finding that leads: the worst one that is no symptom."""
    severity: Interned = str(Severity.MEDIUM)
    """Of its worst finding, symptom or not."""
    state: Interned = str(State.NEW)
    clusters: tuple[str, ...] = ()
    """Those that it is about: of what does not get from the host to a member, that member."""
    objects: int = 0
    """Objects that something is wrong with."""
    workloads: int = 0
    """Owners of these, or the objects themselves."""
    symptoms: int = 0
    """Findings that follow from the others."""
    cause: str = ""
    """What all findings have in common: `image shop:v7`."""
    because: str = ""
    """Why that makes them one: the rule in words."""
    message: str = ""
    """Evidence of the finding that leads."""
    kind: Interned = ""
    """With the next two: the object of the finding that leads."""
    target: str = ""
    """`cluster/namespace/name` of that object."""
    suggests: tuple[str, ...] = ()
    times: int = 1
    """How often it came, within the hour for which it is remembered."""
    changed: float = 0.0
    """Unix second of the last finding that came or went."""
    resolved_at: float = 0.0
    """Unix second, 0.0 while it goes on."""
    split: bool = False
    """It was told of before, as a part of another incident: nothing about it is new."""
    before: bool = False
    """It was there when somebody looked first: it may be older."""


def incident_level(row: IncidentRow) -> Level:
    """A resolved one is healthy, one that nobody looks at stale, else as severe as its worst finding."""
    if row.state == State.UNSEEN:
        return Level.STALE
    return Level.HEALTHY if row.state == State.RESOLVED else finding_level(row.severity)


def incident_health(row: IncidentRow) -> Health:
    """Critical and high are failed, medium is degraded, low is progressing, resolved is healthy, unseen stale."""
    return Health(incident_level(row), row.name)


def rank(row: IncidentRow) -> int:
    """The order of the inbox, worst first: severity, then clusters × workloads × where it is going.

    What nobody looks at any more comes after all that somebody does.
    """
    if row.state == State.RESOLVED:
        return 0
    if row.state == State.UNSEEN:
        return 1 + RANK.get(row.severity, 0)
    going = {State.WORSENING: 3, State.NEW: 2, State.STEADY: 2, State.FLAPPING: 2}.get(State(row.state), 1)
    return _reach(row, going)


def extent(row: IncidentRow) -> int:
    """How far it reaches: severity, then clusters × workloads. A greater one is worse, wherever it is going."""
    return _reach(row, 1)


def _reach(row: IncidentRow, going: int) -> int:
    size = max(1, len(row.clusters)) * max(1, row.workloads) * going
    return (1 + RANK.get(row.severity, 0)) * 1_000_000 + min(size, 999_999)


def incident_subject(row: IncidentRow) -> Subject | None:
    """The object of the finding that leads."""
    cluster, _, rest = row.target.partition("/")
    namespace, slash, name = rest.rpartition("/")
    if not row.kind or not name:
        return None
    return Subject(row.kind, cluster, namespace if slash else "", name)


def _breadth(row: IncidentRow) -> str:
    return row.clusters[0] if len(row.clusters) == 1 else f"{len(row.clusters)} clusters"


INCIDENTS: AnyKind = Kind(
    id="incidents",
    name="Incident",
    plural="incidents",
    short_names=("incident",),
    row=IncidentRow,
    health=incident_health,
    subject=incident_subject,
    sort="-rank",
    columns=(
        Column("severity", "SEVERITY", lambda r: r.severity, priority=0, level=incident_level),
        Column("name", "INCIDENT", lambda r: r.name, priority=0, width=70, keeps=": "),
        Column("where", "WHERE", _breadth, priority=1, width=30),
        Column("objects", "OBJECTS", lambda r: r.objects, Format.COUNT, priority=1),
        Column("symptoms", "SYMPTOMS", lambda r: r.symptoms or None, Format.COUNT, priority=4),
        Column("state", "STATE", lambda r: r.state, priority=1),
        Column("age", "SINCE", lambda r: AtLeast(r.created) if r.before else r.created, Format.AGE, priority=0),
        Column("code", "CODE", lambda r: r.code, priority=3),
        Column("because", "GROUPED BY", lambda r: r.because, priority=6, width=50),
        Column("message", "EVIDENCE", lambda r: r.message, priority=5, width=80),
        Column("target", "OBJECT", lambda r: r.target, priority=7, wide=True, width=60),
        Column("times", "TIMES", lambda r: r.times if r.times > 1 else None, Format.COUNT, priority=6),
        Column("cluster_names", "CLUSTERS", lambda r: ",".join(r.clusters), priority=8, wide=True, width=80),
        Column("rank", "RANK", rank, Format.COUNT, hidden=True),
    ),
)

KINDS = (INCIDENTS,)
