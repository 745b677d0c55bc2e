"""The derived kinds of a cluster's life: `lifecycle`, the tree of what a cluster is made of, and `versions`.

A row of `lifecycle` is a line of a tree: a Kurator Cluster, a CustomCluster or an AttachedCluster, below it its
Cluster API objects, its machines and kubespray's worker pods, and the steps that are not done. Ordered by `path`
the lines of all trees are the trees. `kurator_tui.fleet.lifecycle` and `.versions` join them.
"""

from __future__ import annotations

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


class LifecycleRow(Row, frozen=True, gc=False, array_like=True):
    """One line; always a row of the host, where all these objects are. `name` is the object's or the step's."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    path: str = ""
    """Orders lines: a parent's is the beginning of its children's."""
    depth: int = 0
    root: Interned = ""
    """Name of the object at the top."""
    member: Interned = ""
    """The member's name in `clusters`; "" where it is none."""
    kind: Interned = ""
    """`Machine`, `step`, `worker pod`…"""
    object_kind: Interned = ""
    """Id of the object's kind; "" for a step or a host."""
    object_name: Interned = ""
    phase: Interned = ""
    version: Interned = ""
    wanted: Interned = ""
    """The version it is to have; "" where it has it or nobody says."""
    ready: Interned = ""
    """`2/3` of what has replicas."""
    ladder: Interned = ""
    """`3/4 CNI`: steps done of all, and the one that is now."""
    order: int | None = None
    """Estimated turn in the upgrade or in the scaling down: 1 is next."""
    node: Interned = ""
    infrastructure: Interned = ""
    """Of a machine: instance and its state, or the host's address."""
    endpoint: str = ""


class VersionRow(Row, frozen=True, gc=False, array_like=True):
    """One cluster. Versions are as its API server says them; minors are counted."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    kind: Interned = ""
    fleet: Interned = ""
    version: Interned = ""
    wanted: Interned = ""
    """What is asked of Kurator, where that is not what runs."""
    skew: int | None = None
    """Minors behind the newest cluster."""
    oldest: Interned = ""
    """The oldest kubelet."""
    kubelets: int | None = None
    """Minors by which that is behind the API server; below zero it is ahead, which nobody supports."""
    next: Interned = ""
    """The version that an upgrade may go to: one minor at a time."""
    route: Interned = ""
    """How an upgrade is asked for."""


def lifecycle_health(row: LifecycleRow) -> Health:
    """Of an object what its kind's rule says; of a step: done is healthy, now is progressing, a step whose reason
    says that it failed is failed, and one that waits for another is unknown. What a deleted cluster left behind,
    and what is held by a finalizer for more than ten minutes, is degraded."""
    return told_health(row.level, row.reason)


def version_health(row: VersionRow) -> Health:
    """Degraded where kubelets are further behind than Kubernetes supports or ahead of their API server, and where
    Kurator asks for more than one minor at once; progressing while an upgrade is asked for and not there yet."""
    return told_health(row.level, row.reason)


def _indented(row: LifecycleRow) -> str:
    return "  " * row.depth + row.name


def change(now: str, wanted: str) -> str:
    """`now → wanted`, or the one that is known."""
    return f"{now} → {wanted}" if now and wanted and now != wanted else now or wanted


def _subject(row: LifecycleRow) -> Subject | None:
    """The object of a line; a host and a step are none."""
    return Subject(row.object_kind, HOST, row.namespace, row.object_name) if row.object_kind else None


LIFECYCLE: AnyKind = Kind(
    id="lifecycle",
    name="Lifecycle",
    plural="lifecycle",
    short_names=("life",),
    row=LifecycleRow,
    joined=True,
    sort="path",
    subject=_subject,
    health=lifecycle_health,
    columns=(
        Column("name", "NAME", _indented, priority=0, width=44),
        Column("path", "PATH", lambda r: r.path, hidden=True),
        Column("root", "ROOT", lambda r: r.root, hidden=True),
        Column("object", "OBJECT", lambda r: r.object_name or r.name, hidden=True),
        Column("kind", "KIND", lambda r: r.kind, priority=4),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("version", "VERSION", lambda r: change(r.version, r.wanted), priority=1, width=24),
        Column("order", "TURN", lambda r: r.order, Format.COUNT, priority=2),
        Column("ready", "READY", lambda r: r.ready, priority=5),
        Column("ladder", "STEPS", lambda r: r.ladder, priority=3, width=32),
        Column("phase", "PHASE", lambda r: r.phase, priority=4),
        Column("node", "NODE", lambda r: r.node, priority=5, width=40),
        Column("infrastructure", "MACHINE", lambda r: r.infrastructure, priority=5, width=40),
        Column("endpoint", "ENDPOINT", lambda r: r.endpoint, priority=6, width=60),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=5),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=80),
        Column("member", "MEMBER", lambda r: r.member, priority=8, wide=True),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=8, wide=True),
    ),
)

VERSIONS: AnyKind = Kind(
    id="versions",
    name="VersionOverview",
    plural="versions",
    namespaced=False,
    row=VersionRow,
    joined=True,
    health=version_health,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=0, level=lambda r: r.level),
        Column("version", "VERSION", lambda r: r.version, priority=0),
        Column("skew", "BEHIND", lambda r: r.skew, Format.COUNT, priority=1),
        Column("wanted", "WANTED", lambda r: r.wanted, priority=4),
        Column("next", "NEXT", lambda r: r.next, priority=1),
        Column("oldest", "OLDEST KUBELET", lambda r: r.oldest, priority=3),
        Column("kubelets", "KUBELET BEHIND", lambda r: r.kubelets, Format.COUNT, priority=4),
        Column("kind", "KIND", lambda r: r.kind, priority=4),
        Column("fleet", "FLEET", lambda r: r.fleet, priority=5),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
        Column("route", "UPGRADE BY", lambda r: r.route, priority=5, width=60),
    ),
)

KINDS = (LIFECYCLE, VERSIONS)
