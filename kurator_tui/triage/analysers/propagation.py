"""Karmada: bindings that get no cluster, Works that are not applied, clusters that Karmada cannot use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kurator_tui.fleet.karmada_binding import plain
from kurator_tui.fleet.karmada_filters import TAINT, Place, Removed, Taint, Wanted, counted, removed, told
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.judge import because, by_type
from kurator_tui.kinds.karmada import KARMADA_CLUSTER, KarmadaClusterRow, served
from kurator_tui.kinds.karmada_propagation import CLUSTER_RESOURCE_BINDING, RESOURCE_BINDING, WORK
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.shapes import mapping, mappings, text
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.triage.host import fresh, member_of_karmada
from kurator_tui.triage.marking import refused_by
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

APPLYING = 600.0
"""Seconds in which every member of a binding should have applied it."""
EVICTING = 900.0
"""Seconds that an eviction may take: Karmada gives the new place ten minutes."""
LISTING = 300.0
"""Seconds in which Karmada should have listed a cluster's APIs."""
MOST = 50
"""Clusters of one binding that are told of one by one."""
NAMED = 4
NO_FIT = "NoClusterFit"
_WORKS = "karmada-es-"
_OFFLINE = ("cluster.karmada.io/not-ready", "cluster.karmada.io/unreachable")
"""Taints by which Karmada itself keeps workloads off a cluster that it cannot use."""


def _part(row: ObjectRow, name: str) -> Any:
    """A part of a binding: both kinds have the same."""
    return part(RESOURCE_BINDING, row, name)


def _resource(row: ObjectRow) -> Mapping[str, Any]:
    return mapping(_part(row, "resource"))


def _marks(row: ObjectRow, look: Look, cluster: str = "") -> dict[str, str]:
    its = _resource(row)
    name, space = f"{text(its.get('kind'))}/{text(its.get('name'))}", text(its.get("namespace"))
    marks = {"owner": name, "template": f"{space}/{name}" if space else name}
    if cluster:
        marks["member"] = member_of_karmada(look, cluster)
    return marks


def _claimed(row: ObjectRow) -> str:
    """`namespace/name` of the propagation policy that it was made for, the name alone of a cluster-wide one."""
    labels, annotations = _part(row, "marks") or ({}, {})
    marks = {**labels, **annotations}
    for sort in ("propagationpolicy", "clusterpropagationpolicy"):
        if name := marks.get(f"{sort}.karmada.io/name"):
            space = marks.get(f"{sort}.karmada.io/namespace")
            return f"{space}/{name}" if space else str(name)
    return ""


def _unwell(row: ObjectRow) -> bool:
    return row.level != Level.HEALTHY


BINDINGS, WIDE_BINDINGS = (
    Analyser(kind, concerns=_unwell, beside=(KARMADA_CLUSTER,))
    for kind in (RESOURCE_BINDING, CLUSTER_RESOURCE_BINDING)
)
"""Their rules are the same."""


@BINDINGS.rule("KT2601", "no cluster fits", Severity.HIGH, suggests=("karmada.move", "karmada.uncordon"))
def unscheduled(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Karmada's scheduler finds no cluster for a workload: it runs nowhere, or stays where it was.

    NoClusterFit counts the clusters by what keeps each off: `affinity` is the policy's own choice, `taint` a
    cluster that is cordoned or not ready, `API` a cluster that does not know the kind. Unschedulable and
    QuotaExceeded mean that there is not enough room for the replicas.

    One cluster in the evidence that should do: repair what is said of it. All of them for `affinity`: look at the
    policy's names and labels.
    """
    scheduled = mapping(by_type(_part(row, "conditions")).get("Scheduled"))
    if scheduled.get("status") != "False":
        return
    every, parts = told(text(scheduled.get("message")))
    reason = text(scheduled.get("reason")) or "not scheduled"
    said = because(scheduled) or reason
    if every:
        said = f"{reason}: {counted((each.filter, each.number) for each in parts)}"
    found = _removals(row, look) if every or reason == NO_FIT else []
    named = "; ".join(f"{name}: {its.why}" for name, its in found[:NAMED])
    marks = _marks(row, look, _blamed(found))
    if reason == NO_FIT and (policy := _claimed(row)):
        marks["placement"] = policy
    since = unix(text(scheduled.get("lastTransitionTime")))
    yield Seen(f"{said} ({named})" if named else said, since=since, marks=marks)


def _removals(row: ObjectRow, look: Look) -> list[tuple[str, Removed]]:
    """The first filter that keeps each cluster off."""
    its = _resource(row)
    wanted = Wanted(text(its.get("apiVersion")), text(its.get("kind")), mapping(_part(row, "placement")))
    found = []
    for cluster in sorted(look.all(KARMADA_CLUSTER, row.cluster), key=lambda each: each.name):
        if why := removed(wanted, _place(cluster)):
            found.append((cluster.name, why[0]))
    return found


def _place(row: KarmadaClusterRow) -> Place:
    taints = tuple(Taint(*each) for each in row.taints)
    whole = row.complete != "False"
    return Place(
        row.name, row.labels, row.provider, row.region, row.zones, taints, frozenset(served(row)), whole, row.ready
    )


def _blamed(found: list[tuple[str, Removed]]) -> str:
    """The one cluster that would fit if Karmada could use it; "" where there is none, or several."""
    offline = [name for name, its in found if its.filter == TAINT and its.why.startswith(_OFFLINE)]
    return offline[0] if len(offline) == 1 else ""


@BINDINGS.rule("KT2602", "not applied on a member", Severity.HIGH, suggests=("read.describe", "karmada.rebalance"))
def unapplied(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A member did not take what Karmada brings it: there it is missing, or still the version before.

    The evidence is what the member's API server said: a namespace or a definition that is missing, a policy that
    refuses it, an object of the same name that Karmada did not make. Karmada tries again by itself.

    Mend on the member what the evidence names, or give that member an override.
    """
    refused = [
        (cluster, message)
        for applied, _health, message, clusters in _part(row, "told") or ()
        for cluster in clusters
        if not applied and message
    ]
    for cluster, message in sorted(refused)[:MOST]:
        marks = {**_marks(row, look, cluster), **refused_by(message)}
        yield Seen(f"{cluster}: {plain(message)}", detail=cluster, marks=marks)


@BINDINGS.rule(
    "KT2604", "moves away from a cluster", Severity.LOW, suggests=("karmada.rebalance", "read.describe")
)
def evicting(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A workload is moved away from a cluster, and its new place is not ready yet.

    Karmada keeps it on both until the new one is healthy, ten minutes at most. It began because the cluster was
    tainted, by somebody or because it did not answer.

    Longer than a quarter of an hour is too long: look why it does not get healthy on its new cluster.
    """
    for task in mappings(_part(row, "evictions")):
        cluster, since = text(task.get("fromCluster")), unix(text(task.get("creationTimestamp")))
        why = ": ".join(word for word in (text(task.get("reason")), text(task.get("message"))) if word)
        late = bool(since) and look.now - since >= EVICTING
        if since and not late:
            yield Again(since + EVICTING)
        yield Seen(
            f"from {cluster}: {why}" if why else f"from {cluster}",
            since=since,
            detail=cluster,
            marks=_marks(row, look, cluster),
            severity=Severity.MEDIUM if late else None,
        )


@BINDINGS.rule("KT2606", "does not get applied", Severity.MEDIUM, suggests=("karmada.rebalance", "read.describe"))
def applying(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A workload is scheduled, and some of its clusters say neither that it was applied nor why not.

    Karmada's controllers write a Work for each cluster, and they, or the agent of a pull cluster, apply it. Look
    whether the Work exists in `karmada-es-<cluster>`, then at karmada-controller-manager or at that agent.
    """
    kind = RESOURCE_BINDING if row.namespace else CLUSTER_RESOURCE_BINDING
    if row.level != Level.PROGRESSING or _part(row, "evictions") or not fresh(look, row.cluster, kind):
        return
    done = {
        cluster
        for applied, _health, message, clusters in _part(row, "told") or ()
        for cluster in clusters
        if applied or message
    }
    waiting = sorted(name for name in mapping(_part(row, "clusters")) if name not in done)
    if waiting:
        marks = _marks(row, look, waiting[0] if len(waiting) == 1 else "")
        yield Seen(f"not applied yet on {', '.join(waiting[:NAMED])}", after=APPLYING, marks=marks)


WIDE_BINDINGS.rules.extend(BINDINGS.rules)

# -- Works --------------------------------------------------------------------------------------------------------

WORKS = Analyser(WORK, concerns=lambda row: row.level == Level.FAILED)


@WORKS.rule("KT2603", "Work is not applied", Severity.HIGH, suggests=("read.describe",))
def work_fails(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Karmada could not apply on one member what it has ready for it.

    The evidence is what the member's API server said, or that nobody reached it. The binding of the same workload
    says it for all members; both are one incident. Mend on the member what the evidence names: Karmada tries
    again.
    """
    applied = mapping(by_type(part(WORK, row, "conditions")).get("Applied"))
    if applied.get("status") != "False":
        return
    kind, space, name = part(WORK, row, "manifest") or ("", "", "")
    template = f"{space}/{kind}/{name}" if space else f"{kind}/{name}"
    cluster = row.namespace.removeprefix(_WORKS)
    marks = {"template": template, "owner": f"{kind}/{name}", "member": member_of_karmada(look, cluster)}
    since, said = unix(text(applied.get("lastTransitionTime"))), because(applied) or "not applied"
    yield Seen(f"{cluster}: {plain(said)}", since=since, marks={**marks, **refused_by(said)})


# -- clusters -----------------------------------------------------------------------------------------------------

CLUSTERS = Analyser(
    KARMADA_CLUSTER, concerns=lambda row: row.ready != "True" or row.complete == "False" or bool(row.deleting)
)


@CLUSTERS.rule(
    "KT2605", "Karmada cannot use a cluster", Severity.HIGH, suggests=("karmada.cordon", "karmada.evict")
)
def not_ready(row: KarmadaClusterRow, look: Look) -> Iterator[Seen | Again]:
    """Karmada does not reach the cluster, or the cluster says that it is not healthy.

    Nothing new is scheduled there, and after five minutes Karmada moves workloads away that may be moved. What
    runs there goes on. What Karmada says of workloads on it is old.

    ClusterNotReachable: the way from Karmada's controllers to that API server, which may differ from the console's
    own. ClusterNotReady: its `/healthz`. For a pull cluster look at karmada-agent on it.
    """
    if row.ready != "True" and not row.deleting:
        marks = {"member": member_of_karmada(look, row.name)}
        yield Seen(row.reason or f"Ready is {row.ready}", since=row.since, marks=marks)


@CLUSTERS.rule("KT2607", "Karmada knows a cluster's APIs in part", Severity.LOW, suggests=("read.describe",))
def incomplete(row: KarmadaClusterRow, look: Look) -> Iterator[Seen | Again]:
    """Karmada could not list all API groups of the cluster: kinds that it does not see are not scheduled there.

    Usually an APIService of that cluster has nobody behind it (a metrics server that is gone). Find it there by
    `kubectl get apiservices`, and mend or delete it.
    """
    if row.complete == "False" and row.ready == "True":
        yield Seen("CompleteAPIEnablements is False", after=LISTING)
