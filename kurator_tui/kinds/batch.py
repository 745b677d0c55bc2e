"""Derived kinds of batch work (Volcano): queues with what they may have, jobs with why they wait, victims.

The rows are joined in `kurator_tui.fleet`; here is only what they hold and say. Amounts of a resource are in its
base unit: cores, bytes, devices.
"""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import (
    HEALTHY,
    HOST,
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
from kurator_tui.kinds.cells import size
from kurator_tui.kinds.device_names import short


class QueueRow(Row, frozen=True, gc=False, array_like=True):
    """A queue on one member; as a row of the host the sum over all members of a fleet that have it.

    `resource` is the dominant one: that of which the queue has the largest part of what it deserves. `used`,
    `deserved_amount` and `limit` (None: there is none) are of that resource.
    """

    level: Level = Level.UNKNOWN
    reason: str = ""
    state: Interned = ""
    fleet: Interned = ""
    path: str = ""
    """Orders the table: queue by queue as they hang together, the sum first and then its members."""
    depth: int = 0
    parent: Interned = ""
    weight: int | None = None
    reclaimable: bool | None = None
    """Whether others may take back what the queue has beyond what it deserves."""
    share: float | None = None
    """Allocated of deserved, by the dominant resource."""
    overused: bool = False
    """Whether it has more of some resource than it deserves."""
    resource: Interned = ""
    used: float | None = None
    deserved_amount: float | None = None
    limit: float | None = None
    deserved_by: Interned = ""
    """`spec` where the queue says what it deserves, `weight` where it was computed of the weights, "" unknown."""
    pending: int | None = None
    inqueue: int | None = None
    running: int | None = None
    completed: int | None = None
    waiting: int = 0
    """Pod groups that wait for room."""
    allocated: Interned = ""
    deserved: Interned = ""
    capability: Interned = ""
    members: tuple[str, ...] = ()
    """Of a sum: the clusters that are in it."""


def amount_text(resource: str, amount: float | None) -> str:
    """An amount of a resource, short: 12.5, 96Gi, 8."""
    if amount is None:
        return ""
    if resource == "memory" or resource.endswith("storage"):
        return size(amount)
    return f"{amount:.3g}" if amount < 1000 else f"{amount:.0f}"


def _of_deserved(row: QueueRow) -> str:
    """`8/6~ gpu`: allocated of deserved, with ~ where that was computed."""
    if not row.resource or not (row.used or row.deserved_amount):
        return ""
    deserved = amount_text(row.resource, row.deserved_amount) or "-"
    computed = "~" if row.deserved_by == "weight" and row.deserved_amount is not None else ""
    return f"{amount_text(row.resource, row.used)}/{deserved}{computed} {short(row.resource)}"


def _limit(row: QueueRow) -> str:
    return f"{amount_text(row.resource, row.limit)} {short(row.resource)}" if row.limit is not None else ""


def _share_level(row: QueueRow) -> Level:
    return Level.DEGRADED if row.overused else Level.HEALTHY


def _queue_health(row: QueueRow) -> Health:
    """Degraded where jobs wait for what a person must decide: a queue or its parent is closed, its capability is
    reached, others hold what it deserves; progressing where jobs wait for room; unknown without a state. A sum is
    as its worst member."""
    return told_health(row.level, row.reason)


def _where(row: QueueRow) -> str:
    return f"{len(row.members)} clusters" if row.members else row.cluster


def _queue_subject(row: QueueRow) -> Subject | None:
    return None if is_sum(row) else Subject("queues.scheduling.volcano.sh", row.cluster, "", row.name)


def is_sum(row: QueueRow) -> bool:
    """Whether the row is no Queue but the sum of some."""
    return row.cluster == HOST and bool(row.members)


QUEUES: Kind[Any, QueueRow] = Kind(
    id="batchqueues",
    name="BatchQueue",
    plural="batchqueues",
    short_names=("bq",),
    namespaced=False,
    joined=True,
    sort="path",
    row=QueueRow,
    health=_queue_health,
    subject=_queue_subject,
    columns=(
        Column("path", "PATH", lambda r: r.path, hidden=True),
        Column("name", "QUEUE", lambda r: "  " * r.depth + r.name, priority=0, width=40),
        Column("cluster", "CLUSTER", _where, priority=1),
        Column("fleet", "FLEET", lambda r: r.fleet, priority=7, wide=True),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=4, level=lambda r: r.level),
        Column("state", "STATE", lambda r: r.state, priority=5),
        Column("share", "SHARE", lambda r: r.share, Format.RATIO, priority=1, level=_share_level),
        Column("used", "HAS/DESERVED", _of_deserved, priority=1, width=24),
        Column("limit", "CAPABILITY", _limit, priority=4),
        Column("pending", "PEND", lambda r: r.pending, Format.COUNT, priority=2),
        Column("inqueue", "INQ", lambda r: r.inqueue, Format.COUNT, priority=5),
        Column("running", "RUN", lambda r: r.running, Format.COUNT, priority=3),
        Column("weight", "WEIGHT", lambda r: r.weight, Format.COUNT, priority=3),
        Column("overused", "OVER", lambda r: "over" if r.overused else "", priority=4, level=_share_level),
        Column("reclaimable", "RECLAIM", lambda r: r.reclaimable, priority=6),
        Column("reason", "REASON", lambda r: r.reason, priority=0, width=90, level=lambda r: r.level),
        Column("waiting", "GROUPS", lambda r: r.waiting or None, Format.COUNT, priority=6, wide=True),
        Column("parent", "PARENT", lambda r: r.parent, priority=7, wide=True),
        Column("resource", "RESOURCE", lambda r: r.resource, priority=7, wide=True),
        Column("deserved_by", "DESERVED BY", lambda r: r.deserved_by, priority=7, wide=True),
        Column("allocated", "ALLOCATED", lambda r: r.allocated, priority=7, wide=True, width=60),
        Column("deserved", "DESERVED", lambda r: r.deserved, priority=7, wide=True, width=60),
        Column("capability", "CAPABILITIES", lambda r: r.capability, priority=7, wide=True, width=60),
        Column("members", "MEMBERS", lambda r: ",".join(r.members), priority=8, wide=True, width=60),
        Column("completed", "DONE", lambda r: r.completed, Format.COUNT, priority=8, wide=True),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=6),
    ),
)


class JobRow(Row, frozen=True, gc=False, array_like=True):
    """A Volcano Job. Counts are of pods; `wanted` is how many must run together."""

    level: Level = Level.UNKNOWN
    reason: str = ""
    phase: Interned = ""
    queue: Interned = ""
    wanted: int | None = None
    pending: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    retries: int = 0
    retries_most: int | None = None
    since: float = 0.0
    """Unix second at which the phase began."""
    took: Interned = ""
    """How long it ran, when it is over, as Volcano says it."""
    asks: Interned = ""
    """What its pod group asks for together."""
    priority_class: Interned = ""
    hint: str = ""
    """What to do next; "" where there is nothing to do."""


ENDED = ("Completed", "Failed", "Terminated", "Aborted")
"""Phases of a job in which nothing of it runs."""


def _job_health(row: JobRow) -> Health:
    """Failed when it failed or was terminated; degraded when it was aborted, has failed pods, or waits for what a
    person must decide; progressing while it waits or runs; healthy when it is completed."""
    return told_health(row.level, row.reason)


def _running(row: JobRow) -> str:
    return f"{row.running}/{row.wanted}" if row.wanted is not None else str(row.running)


def _retries(row: JobRow) -> str:
    if not row.retries:
        return ""
    return f"{row.retries}/{row.retries_most}" if row.retries_most is not None else str(row.retries)


JOBS: Kind[Any, JobRow] = Kind(
    id="batchjobs",
    name="BatchJob",
    plural="batchjobs",
    short_names=("bj",),
    joined=True,
    row=JobRow,
    health=_job_health,
    subject=lambda row: Subject("jobs.batch.volcano.sh", row.cluster, row.namespace, row.name),
    columns=(
        Column("name", "JOB", lambda r: r.name, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=1),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=5),
        Column("health", "HEALTH", lambda r: r.level, Format.HEALTH, priority=4, level=lambda r: r.level),
        Column("phase", "PHASE", lambda r: r.phase, priority=0),
        Column("queue", "QUEUE", lambda r: r.queue, priority=1),
        Column("running", "RUN/MIN", _running, priority=1),
        Column("pending", "PEND", lambda r: r.pending or None, Format.COUNT, priority=4),
        Column("succeeded", "DONE", lambda r: r.succeeded or None, Format.COUNT, priority=4),
        Column("failed", "FAIL", lambda r: r.failed or None, Format.COUNT, priority=3),
        Column("retries", "RETRIES", _retries, priority=4),
        Column("reason", "REASON", lambda r: r.reason, priority=0, width=60, level=lambda r: r.level),
        Column("hint", "NEXT", lambda r: r.hint, priority=2, width=48),
        Column("since", "FOR", lambda r: r.since or None, Format.AGE, priority=3),
        Column("took", "TOOK", lambda r: r.took, priority=5),
        Column("age", "AGE", lambda r: r.created, Format.AGE, priority=3),
        Column("asks", "ASKS", lambda r: r.asks, priority=7, wide=True, width=60),
        Column("priority_class", "PRIORITY CLASS", lambda r: r.priority_class, priority=8, wide=True),
    ),
)


class PreemptionRow(Row, frozen=True, gc=False, array_like=True):
    """A pod that had to go for another one, as an event told it; `namespace` is the victim's.

    `preemptor` is "" where the scheduler does not say for whom: Volcano never does.
    """

    level: Level = Level.HEALTHY
    reason: str = ""
    """What the event says."""
    type: Interned = ""
    """`preempt`, `reclaim`, `evict`: why the scheduler took its place."""
    victim: str = ""
    job: Interned = ""
    queue: Interned = ""
    preemptor: str = ""
    node: Interned = ""
    at: float = 0.0
    times: int = 1
    """How often this happened to the victim's job, as far as events still tell."""
    source: Interned = ""


def _preemption_health(row: PreemptionRow) -> Health:
    """Healthy: schedulers do this on purpose. Degraded from the third victim of one job: it may never end."""
    return Health(row.level, row.reason) if row.level is not Level.HEALTHY else HEALTHY


PREEMPTIONS: Kind[Any, PreemptionRow] = Kind(
    id="preemptions",
    name="Preemption",
    plural="preemptions",
    short_names=("preempted",),
    joined=True,
    sort="at",
    row=PreemptionRow,
    health=_preemption_health,
    subject=lambda row: Subject("pods", row.cluster, row.namespace, row.victim),
    columns=(
        Column("at", "WHEN", lambda r: r.at, Format.AGE, priority=0),
        Column("name", "VICTIM", lambda r: r.victim, priority=0),
        Column("cluster", "CLUSTER", lambda r: r.cluster, priority=2),
        Column("namespace", "NAMESPACE", lambda r: r.namespace, priority=3),
        Column("type", "WHY", lambda r: r.type, priority=1, level=lambda r: r.level),
        Column("preemptor", "FOR", lambda r: r.preemptor or "not told", priority=1, width=40),
        Column("job", "JOB", lambda r: r.job, priority=3),
        Column("queue", "QUEUE", lambda r: r.queue, priority=2),
        Column("times", "TIMES", lambda r: r.times, Format.COUNT, priority=2, level=lambda r: r.level),
        Column("node", "NODE", lambda r: r.node, priority=4),
        Column("source", "BY", lambda r: r.source, priority=5),
        Column("reason", "REASON", lambda r: r.reason, priority=4, width=90),
    ),
)

KINDS = (QUEUES, JOBS, PREEMPTIONS)
