"""The derived kinds of Karmada's road to members: `propagations`, a row a binding, `propagationsteps`, its hops.

`kurator_tui.fleet.propagations` and `kurator_tui.fleet.propagation_steps` join the rows of a control plane; here
is only what they hold and say. A step is a line of a tree: sorted by its path, all trees stand one after another.
"""

from __future__ import annotations

from kurator_tui.kinds.base import (
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

BINDINGS = "resourcebindings.work.karmada.io"
WIDE_BINDINGS = "clusterresourcebindings.work.karmada.io"
POLICIES = "propagationpolicies.policy.karmada.io"
WIDE_POLICIES = "clusterpropagationpolicies.policy.karmada.io"
INDENT = "  "


class PropagationRow(Row, frozen=True, gc=False, array_like=True):
    """`name` and `namespace` are the template's, `kind` its kind; `cluster` is where Karmada's API is served.

    `clusters` are (cluster, replicas) that it is scheduled to, -1 for what has no replicas.
    """

    level: Level = Level.UNKNOWN
    reason: str = ""
    kind: Interned = ""
    binding: str = ""
    """Name of the binding; "" for what a policy names and nothing is bound of."""
    policy_namespace: Interned = ""
    policy: Interned = ""
    """`pp/name` or `cpp/name` of the policy that claimed it; "" where none did."""
    match: Interned = ""
    """How it matches: `name match`, `label match`, `kind match`."""
    note: str = ""
    """Why this policy and no other."""
    others: int = 0
    """Policies that match as well and are pre-empted."""
    clusters: tuple[tuple[str, int], ...] = ()
    replicas: int | None = None
    """Wanted over all clusters; None for what has none."""
    applied: int = 0
    """Clusters where it is applied."""
    unhealthy: int = 0
    """Clusters where it is not healthy."""
    state: Interned = ""
    evicting: tuple[str, ...] = ()
    """Clusters that it is moved away from, gracefully."""
    summary: str = ""
    """Where no cluster fits: how many each filter removed."""
    since: float = 0.0
    """When it was scheduled, or found to fit nowhere. Unix seconds, 0.0 where that is not known."""


def _level(row: PropagationRow | StepRow) -> Level:
    return row.level


def _placed(row: PropagationRow) -> str:
    return ", ".join(name if count < 0 else f"{name} {count}" for name, count in row.clusters)


def _applied(row: PropagationRow) -> str:
    return f"{row.applied}/{len(row.clusters)}" if row.clusters else ""


def _applied_level(row: PropagationRow) -> Level:
    return Level.HEALTHY if row.applied == len(row.clusters) else row.level


def _replicas(row: PropagationRow) -> str:
    if row.replicas is None:
        return ""
    return f"{sum(max(0, count) for _name, count in row.clusters)}/{row.replicas}"


def propagation_health(row: PropagationRow) -> Health:
    """Failed where no cluster fits or a member refuses it; degraded where it is unhealthy; progressing while it is
    scheduled, applied or evicted; suspended on purpose is healthy and says so."""
    return told_health(row.level, row.reason)


def binding_kind(namespace: str) -> str:
    """The kind of the binding of a template."""
    return BINDINGS if namespace else WIDE_BINDINGS


def _subject_of_binding(row: PropagationRow) -> Subject:
    """The binding; without one the policy."""
    if row.binding or not row.policy:
        return Subject(binding_kind(row.namespace), row.cluster, row.namespace, row.binding)
    sort, _, name = row.policy.partition("/")
    return Subject(POLICIES if sort == "pp" else WIDE_POLICIES, row.cluster, row.policy_namespace, name)


PROPAGATIONS: AnyKind = Kind(
    id="propagations",
    name="Propagation",
    plural="propagations",
    row=PropagationRow,
    joined=True,
    health=propagation_health,
    subject=_subject_of_binding,
    columns=(
        Column("name", "NAME", lambda r: r.name, priority=0),
        Column("kind", "KIND", lambda r: r.kind, priority=3),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=7, wide=True),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=3),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=4, wide=True, level=_level),
        Column("state", "STATE", lambda r: r.state, priority=0),
        Column("applied", "APPLIED", _applied, priority=1, level=_applied_level),
        Column("replicas", "REPLICAS", _replicas, priority=7, wide=True),
        Column("clusters", "CLUSTERS", _placed, priority=4, width=50),
        Column("policy", "POLICY", lambda r: r.policy, priority=3),
        Column("match", "MATCH", lambda r: r.match, priority=7, wide=True),
        Column("others", "RIVALS", lambda r: r.others or None, Format.COUNT, priority=5),
        Column("evicting", "EVICTING", lambda r: ", ".join(r.evicting), priority=7, wide=True),
        Column("unhealthy", "UNHEALTHY", lambda r: r.unhealthy, Format.COUNT, priority=7, wide=True),
        Column("since", "SINCE", lambda r: r.since, Format.AGE, priority=7, wide=True),
        Column("binding", "BINDING", lambda r: r.binding, priority=8, wide=True, width=50),
        Column("note", "WHY", lambda r: r.note, priority=6, width=60),
        Column("summary", "REMOVED BY", lambda r: r.summary, priority=7, wide=True, width=60),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=60),
    ),
)


class StepRow(Row, frozen=True, gc=False, array_like=True):
    """One hop. `cluster` is where it is read: the control plane, or the member for a member's own object.

    `object_kind` (an id), `object_namespace` and `object_name` are the object that it is about, "" where it is
    about none that can be read.
    """

    level: Level = Level.UNKNOWN
    reason: str = ""
    hop: Interned = ""
    """`template`, `policy`, `binding`, `cluster`, `override`, `work`, `object` or `member`."""
    state: Interned = ""
    depth: int = 0
    path: str = ""
    """Sorts the lines of all trees."""
    root: str = ""
    """Of the tree: `namespace/Kind/name` of the template."""
    member: Interned = ""
    """The cluster that it is about, as Karmada calls it."""
    object_kind: Interned = ""
    object_namespace: Interned = ""
    object_name: str = ""
    since: float = 0.0


def root_of(namespace: str, kind: str, name: str, plane: str = "") -> str:
    """What `StepRow.root` is for a template; `plane` is a control plane that is not the host."""
    root = "/".join(part for part in (namespace, kind, name) if part)
    return f"{plane}:{root}" if plane else root


def _subject(row: StepRow) -> Subject | None:
    if not row.object_kind:
        return None
    return Subject(row.object_kind, row.cluster, row.object_namespace, row.object_name)


PROPAGATION_STEPS: AnyKind = Kind(
    id="propagationsteps",
    name="PropagationStep",
    plural="propagationsteps",
    row=StepRow,
    joined=True,
    health=lambda r: told_health(r.level, r.reason),
    rule="as each hop says of itself: see the page of Karmada's propagation",
    sort="path",
    subject=_subject,
    columns=(
        Column("name", "NAME", lambda r: INDENT * r.depth + r.name, priority=0, width=36),
        Column("hop", "HOP", lambda r: r.hop, priority=6, wide=True),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=4, wide=True, level=_level),
        Column("state", "STATE", lambda r: r.state, priority=0),
        Column("reason", "REASON", lambda r: r.reason, priority=1, width=120),
        Column("member", "MEMBER", lambda r: r.member, priority=7, wide=True),
        Column("since", "SINCE", lambda r: r.since, Format.AGE, priority=5, wide=True),
        Column("cluster", "READ ON", lambda r: r.cluster, priority=6, wide=True),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=6, wide=True),
        Column("root", "TEMPLATE", lambda r: r.root, priority=8, hidden=True),
        Column("path", "PATH", lambda r: r.path, priority=8, hidden=True),
    ),
)

KINDS = (PROPAGATIONS, PROPAGATION_STEPS)
