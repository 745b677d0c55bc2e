"""The join behind `preemptions`: who had to go for whom, from the events of schedulers.

Volcano says `Evict` with the action that did it, and never for whom. The scheduler of Kubernetes says `Preempted`
and names the pod, newer ones by its uid. Events live an hour: what was before is not known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kurator_tui.fleet.batch_cluster import DEFAULT
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.batch import PREEMPTIONS, PreemptionRow
from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.kinds.meta import intern, one_line
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.table import part
from kurator_tui.kinds.volcano import JOB

OFTEN = 3
"""Victims of one job after which it is told: somebody else takes its place again and again."""
_REASONS = ("Evict", "Preempted", "Preempting", "Evicted")
_BECAUSE = re.compile(r"because of (\w+)")
_BY = re.compile(r"(?:Preempted )?[Bb]y (?:pod )?([0-9a-z][0-9a-z./-]*)(?: on node ([^\s,]+))?")


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The victims on one cluster."""
    events = [event for event in seen.rows(EVENT, cluster) if is_victim(event)]
    jobs = {(job.namespace, job.name): _queue(job) for job in seen.rows(JOB, cluster)} if events else {}
    named = [(event, _job(event, jobs)) for event in events]
    times = Counter[tuple[str, str]]()
    for event, job in named:
        times[event.namespace, job or event.object_name] += max(1, event.count)
    pods = {pod.uid: pod for pod in seen.rows(POD, cluster)} if events else {}
    for event, job in named:
        yield _row(event, job, jobs, pods, times[event.namespace, job or event.object_name])


def is_victim(event: EventRow) -> bool:
    """Whether an event says that a pod had to go for another one; a kubelet that is short of something says
    `Evicted` too, and means no other pod."""
    if event.object_kind != "Pod" or event.reason not in _REASONS:
        return False
    return event.reason != "Evicted" or "preempt" in event.message.lower()


JOIN = Join(
    PREEMPTIONS,
    (),
    (EVENT, JOB, POD),
    rows,
    {EVENT.id: is_victim, POD.id: lambda pod: bool(pod.devices)},
    {EVENT.id: "involvedObject.kind=Pod"},
)


def _row(
    event: EventRow, job: str, jobs: dict[tuple[str, str], str], pods: dict[str, PodRow], times: int
) -> PreemptionRow:
    preemptor, node = _preemptor(event, pods)
    because = _BECAUSE.search(event.message)
    level = Level.DEGRADED if times >= OFTEN else Level.HEALTHY
    return PreemptionRow(
        event.cluster,
        event.object_namespace or event.namespace,
        event.object_name,
        event.uid,
        event.created,
        level=level,
        reason=one_line(event.message)[:400],
        type=intern(because[1] if because else {"Evict": "evict"}.get(event.reason, "preempt")),
        victim=event.object_name,
        job=intern(job),
        queue=intern(jobs.get((event.namespace, job), "")),
        preemptor=preemptor,
        node=intern(node),
        at=event.last_seen,
        times=times,
        source=event.source,
    )


def _preemptor(event: EventRow, pods: dict[str, PodRow]) -> tuple[str, str]:
    """(the pod it went for, the node) as far as the event says it; a uid is looked up among pods with devices."""
    if event.reason == "Evict":
        return "", ""
    found = _BY.search(event.message)
    if found is None:
        return "", ""
    who, node = found[1], found[2] or ""
    pod = pods.get(who)
    return (f"{pod.namespace}/{pod.name}", node or pod.node) if pod is not None else (who, node)


def _job(event: EventRow, jobs: dict[tuple[str, str], str]) -> str:
    """The Volcano job of a pod that is gone: pods are called `<job>-<task>-<number>`."""
    name = event.object_name
    while "-" in name:
        name = name.rpartition("-")[0]
        if (event.namespace, name) in jobs:
            return name
    return ""


def _queue(job: Row) -> str:
    spec = part(JOB, job, "spec")  # type: ignore[arg-type]
    found = spec.get("queue") if isinstance(spec, dict) else None
    return found if isinstance(found, str) and found else DEFAULT
