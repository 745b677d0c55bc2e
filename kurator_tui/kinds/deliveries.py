"""The derived kinds of delivery: `deliveries`, and `deliverysteps`, the chain from an Application to its objects.

A delivery is a sync policy of an Application on one member: which revision its source has, which one the member is
at and since when, and what keeps it from getting there. `kurator_tui.fleet.deliveries` and `delivery_steps` join
the rows; here is only what they hold and say.
"""

from __future__ import annotations

import enum
import re

from kurator_tui.kinds.base import (
    HOST,
    AnyKind,
    Column,
    Format,
    Health,
    Interned,
    Kind,
    Level,
    Row,
    Subject,
    told_health,
)


class Sync(enum.StrEnum):
    """How a member stands to the newest revision of the source."""

    IN_SYNC = "in sync"
    APPLYING = "applying"
    OUT_OF_SYNC = "out of sync"
    """The source has a newer revision, and Flux has not begun with it."""
    SUSPENDED = "suspended"
    """Somebody stopped it, or its source, on purpose."""
    BLOCKED = "blocked"
    """It cannot get further until something is put right; `blocked_by` says what."""
    WAITING = "waiting"
    """Nobody has begun with it."""
    DELETING = "deleting"
    LEFT = "left behind"
    """No sync policy asks for it any more."""


class DeliveryRow(Row, frozen=True, gc=False, array_like=True):
    """`name` and `namespace` are the Application's. Moments are Unix seconds, 0.0 where they are not known."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    state: Interned = str(Sync.WAITING)
    blocked_by: Interned = ""
    """One or two words for what has to be put right: what blocks it, or `workload` where what was applied does not
    run; "" where there is nothing."""
    policy: Interned = ""
    fleet: Interned = ""
    object_kind: Interned = ""
    """`Kustomization` or `HelmRelease`."""
    object_name: str = ""
    """Its name on the host; "" where there is none."""
    source: Interned = ""
    """`Kind/name` of the source."""
    revision_before: str = ""
    """What the member is at."""
    revision_after: str = ""
    """The newest one of the source; for a chart the version that is wanted."""
    applied: float = 0.0
    """When Flux was done with `revision_before`, or failed after it."""
    behind: float = 0.0
    """Since when the source has something newer; 0.0 where the member is at it."""
    objects: int = 0
    """In the inventory, or with the labels of the Helm release."""
    read: int = 0
    """Those whose health is read on the member."""
    healthy: int = 0
    labels: tuple[tuple[str, str], ...] = ()
    """Of the Application."""
    notes: tuple[str, ...] = ()
    """What is not known of it."""


class DeliveryStepRow(Row, frozen=True, gc=False, array_like=True):
    """One line of a tree. `name` and `namespace` are the object's own; `kind` is the id of its kind ("" where no
    view shows that kind) and `where` the cluster it is in: a member's Kustomization is on the host."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    root: str = ""
    """`namespace/name` of the Application."""
    path: str = ""
    """Orders the lines of all trees: a line comes before those below it."""
    depth: int = 0
    object_kind: Interned = ""
    kind: Interned = ""
    where: Interned = ""
    revision: str = ""
    since: float = 0.0
    """When that revision was fetched or applied."""
    policy: Interned = ""
    """The sync policy that a Kustomization or HelmRelease was made for."""
    state: Interned = ""
    """Of a Kustomization or HelmRelease one of `Sync`."""
    summary: str = ""
    """What else there is to know: address, digest, path, releases."""


_HASH = re.compile(r"^(?P<head>.*?)[@/]?(?:sha\d+:)?(?P<hash>[0-9a-f]{40,64})$")


def short_revision(revision: str) -> str:
    """`main@8d2f1c7` of `main@sha1:8d2f1c7e5b0a…` (or of `main/8d2f…`, as older Flux writes it)."""
    found = _HASH.match(revision)
    if found is None:
        return revision
    return "@".join(part for part in (found["head"], found["hash"][:7]) if part)


def delivery_health(row: DeliveryRow) -> Health:
    """Failed or degraded when something blocks it, and where what it wrote is; progressing while it is applied;
    healthy when the member is at the source's revision, or when it is suspended on purpose."""
    return told_health(row.level, row.reason)


def step_health(row: DeliveryStepRow) -> Health:
    """Each line's own: the source's conditions, a delivery's, an object's on the member; unknown where its kind is
    not read there."""
    return told_health(row.level, row.reason)


def _application(row: DeliveryRow) -> Subject | None:
    return Subject("applications.apps.kurator.dev", HOST, row.namespace, row.name) if row.object_kind else None


def _step(row: DeliveryStepRow) -> Subject | None:
    return Subject(row.kind, row.where, row.namespace, row.name) if row.kind else None


def _objects(row: DeliveryRow) -> str:
    return f"{row.healthy}/{row.read}" if row.read else ""


def _objects_level(row: DeliveryRow) -> Level:
    return Level.HEALTHY if row.healthy == row.read else Level.DEGRADED


def _newer(row: DeliveryRow) -> str:
    return short_revision(row.revision_after) if row.revision_after != row.revision_before else ""


def _way(row: DeliveryRow) -> str:
    return {"Kustomization": "kustomize", "HelmRelease": "helm"}.get(row.object_kind, row.object_kind)


DELIVERIES: AnyKind = Kind(
    id="deliveries",
    name="DeliveryOverview",
    plural="deliveries",
    row=DeliveryRow,
    joined=True,
    health=delivery_health,
    subject=_application,
    columns=(
        Column("name", "APPLICATION", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=0),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=7, wide=True),
        Column("policy", "POLICY", lambda r: r.policy, priority=6, wide=True),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=2, level=lambda r: r.level),
        Column("state", "SYNC", lambda r: r.state, priority=0, level=lambda r: r.level),
        Column("blocked_by", "WHY", lambda r: r.blocked_by, priority=1, level=lambda r: r.level),
        Column("at", "AT", lambda r: short_revision(r.revision_before), priority=1, width=30),
        Column("applied", "SINCE", lambda r: r.applied, Format.AGE, priority=3),
        Column("newer", "SOURCE HAS", _newer, priority=3, width=30),
        Column("behind", "BEHIND", lambda r: r.behind, Format.AGE, priority=4),
        Column("objects", "OBJECTS", _objects, priority=4, level=_objects_level),
        Column("way", "BY", _way, priority=5),
        Column("fleet", "FLEET", lambda r: r.fleet, priority=6),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=100),
        Column("source", "SOURCE", lambda r: r.source, priority=7, wide=True, width=40),
        Column("object_name", "OBJECT", lambda r: r.object_name, priority=8, wide=True, width=64),
        Column("inventory", "INVENTORY", lambda r: r.objects, Format.COUNT, priority=8, wide=True),
        Column("notes", "NOTES", lambda r: "; ".join(r.notes), priority=7, wide=True, width=80),
        Column("revision_before", "REVISION", lambda r: r.revision_before, priority=9, wide=True, width=60),
        Column("revision_after", "SOURCE REVISION", lambda r: r.revision_after, priority=9, wide=True, width=60),
    ),
)


def _label(row: DeliveryStepRow) -> str:
    """`Deployment web`; of what Kurator made for a member `edge-1: Kustomization`, as its name says no more than
    that, and the policy unless that has the Application's name."""
    indent, application = "  " * row.depth, row.root.partition("/")[2]
    if not row.policy:
        return f"{indent}{row.object_kind} {row.name}"
    made = f"{indent}{row.cluster}: {row.object_kind}"
    return f"{made} {row.policy}" if row.policy != application else made


DELIVERY_STEPS: AnyKind = Kind(
    id="deliverysteps",
    name="DeliveryStep",
    plural="deliverysteps",
    row=DeliveryStepRow,
    joined=True,
    health=step_health,
    subject=_step,
    sort="path",
    columns=(
        Column("name", "STEP", _label, priority=0, width=60),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=4, wide=True),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=5),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("state", "SYNC", lambda r: r.state, priority=5, wide=True, level=lambda r: r.level),
        Column("revision", "REVISION", lambda r: short_revision(r.revision), priority=1, width=30),
        Column("since", "SINCE", lambda r: r.since, Format.AGE, priority=3),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=70),
        Column("summary", "DETAIL", lambda r: r.summary, priority=4, width=80),
        Column("full_revision", "FULL REVISION", lambda r: r.revision, priority=8, wide=True, width=60),
        Column("kind", "KIND", lambda r: r.object_kind, priority=8, wide=True),
        Column("object_name", "OBJECT", lambda r: r.name, priority=8, wide=True, width=64),
        Column("root", "ROOT", lambda r: r.root, hidden=True),
        Column("path", "PATH", lambda r: r.path, hidden=True),
        Column("depth", "DEPTH", lambda r: r.depth, Format.COUNT, hidden=True),
    ),
)

KINDS = (DELIVERIES, DELIVERY_STEPS)
