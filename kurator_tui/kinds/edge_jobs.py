"""Jobs over edge nodes as trees: a job, and under it how far each of its nodes is."""

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


class EdgeJobRow(Row, frozen=True, gc=False, array_like=True):
    """A line: a job (`depth` 0), or a node of it (1). `kind` is the job's, `root` its uid, `step` what a node did
    last. A job's nodes are `nodes`, of which `done` and `failed` are over. `before` and `after` are releases."""

    level: Interned = str(Level.UNKNOWN)
    reason: str = ""
    path: str = ""
    depth: int = 0
    root: str = ""
    kind: Interned = ""
    job: Interned = ""
    phase: Interned = ""
    step: Interned = ""
    node: Interned = ""
    before: Interned = ""
    after: Interned = ""
    nodes: int = 0
    done: int = 0
    failed: int = 0


def edge_job_health(row: EdgeJobRow) -> Health:
    """A job as its own kind is judged; a node that failed is failed, one under way or waiting progressing."""
    return told_health(Level(row.level), row.reason)


def _level(row: EdgeJobRow) -> Level:
    return Level(row.level)


def _done(row: EdgeJobRow) -> str:
    return f"{row.done}/{row.nodes}" if not row.depth else ""


def _version(row: EdgeJobRow) -> str:
    if row.before and row.after and row.before != row.after:
        return f"{row.before} → {row.after}"
    return row.after or row.before


def _subject(row: EdgeJobRow) -> Subject | None:
    """The job, or the node."""
    if row.depth:
        return Subject("nodes", row.cluster, "", row.node)
    return Subject(row.kind, row.cluster, "", row.job) if row.kind else None


EDGE_JOBS: AnyKind = Kind(
    id="edgejobs",
    name="EdgeJob",
    plural="edgejobs",
    row=EdgeJobRow,
    namespaced=False,
    joined=True,
    health=edge_job_health,
    subject=_subject,
    sort="path",
    columns=(
        Column("name", "JOB / NODE", lambda r: "  " * r.depth + r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=2),
        Column("health", "HEALTH", _level, Format.HEALTH, priority=0, level=_level),
        Column("phase", "PHASE", lambda r: r.phase, priority=1),
        Column("done", "DONE", _done, priority=0),
        Column("failed", "FAILED", lambda r: r.failed or None, Format.COUNT, priority=1),
        Column("step", "STEP", lambda r: r.step, priority=3),
        Column("version", "VERSION", _version, priority=3),
        Column("what", "KIND", lambda r: r.kind.partition(".")[0] if not r.depth else "", priority=4),
        Column("reason", "REASON", lambda r: r.reason, priority=2, width=80),
        Column("age", "AGE", lambda r: r.created or None, Format.AGE, priority=4),
        Column("path", "PATH", lambda r: r.path, hidden=True),
        Column("depth", "DEPTH", lambda r: r.depth, Format.COUNT, hidden=True),
        Column("root", "ROOT", lambda r: r.root, hidden=True),
        Column("node", "NODE", lambda r: r.node, hidden=True),
        Column("job", "JOB", lambda r: r.job, hidden=True),
    ),
)

KINDS = (EDGE_JOBS,)
