"""Where Enter leads from rows of batch work: jobs of a queue, pods of a job, nodes with a model. Pure."""

from __future__ import annotations

from kurator_tui.kinds.accelerators import AcceleratorRow
from kurator_tui.kinds.batch import JobRow, PreemptionRow, QueueRow, is_sum
from kurator_tui.kinds.links import Target
from kurator_tui.kinds.selectors import equal

_IN_QUEUES = ("batchjobs", "podgroups.scheduling.volcano.sh")


def of_queue(row: QueueRow) -> list[Target]:
    """The jobs in a queue, or the groups of pods that may be of something else; of a sum those of all clusters."""
    cluster = "" if is_sum(row) else row.cluster
    return [Target(kind, cluster, where=(("queue", row.name),), title=row.name) for kind in _IN_QUEUES]


def of_job(row: JobRow) -> list[Target]:
    """Its pods."""
    return [Target("pods", row.cluster, row.namespace, labels=equal({"volcano.sh/job-name": row.name}))]


def of_accelerator(row: AcceleratorRow) -> list[Target]:
    """The nodes that have the model."""
    key, _, value = row.label.partition("=")
    cluster = "" if row.members else row.cluster
    return [Target("nodes", cluster, labels=equal({key: value}) if key else (), title=row.model)]


def of_preemption(row: PreemptionRow) -> list[Target]:
    """The job of a victim, and all that was said of the victim."""
    its = [Target("batchjobs", row.cluster, row.namespace, where=(("name", row.job),))] if row.job else []
    return [*its, Target("events", row.cluster, row.namespace, where=(("object", f"pod/{row.victim}"),))]
