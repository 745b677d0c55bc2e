"""One propagation as the lines of a tree, from the template to what Karmada knows of each object. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kurator_tui.fleet.karmada_binding import NO_REPLICAS, Bound, Told, plain, removals, verdict
from kurator_tui.fleet.karmada_filters import AFFINITY, Place, groups, mismatch
from kurator_tui.fleet.karmada_matching import Standing
from kurator_tui.fleet.karmada_overrides import Override, applying, said
from kurator_tui.fleet.karmada_plane import KIND_OF, Plane
from kurator_tui.fleet.propagation_works import NAMESPACE, WorkState, state_of
from kurator_tui.fleet.propagations import claimed, lost, orphaned, policies
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.karmada import KARMADA_CLUSTER
from kurator_tui.kinds.karmada_propagation import WORK
from kurator_tui.kinds.links import kind_named
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.propagations import binding_kind
from kurator_tui.kinds.shapes import mapping, text
from kurator_tui.kinds.table import ObjectRow, part

MOST = 20
"""Clusters that are listed with the filters that remove them; of more only the number."""
LEVELS = {"Healthy": Level.HEALTHY, "Unhealthy": Level.DEGRADED}
"""Karmada's words for the health of an object; any other is unknown."""


class Line(NamedTuple):
    """A line. `at` is its place in the tree, words that sort; the kind, namespace and name are of its object."""

    at: str
    depth: int
    hop: str
    name: str
    level: Level = Level.HEALTHY
    state: str = ""
    reason: str = ""
    member: str = ""
    kind: str = ""
    namespace: str = ""
    object: str = ""
    since: float = 0.0


def object_at(cluster: str) -> str:
    """Where in its tree the object on a cluster stands."""
    return f"2 0{cluster} 2 0"


def lines(its: Bound, plane: Plane, works: Mapping[str, ObjectRow]) -> Iterator[Line]:
    """The tree of one binding; `works` are its Works by cluster."""
    template, how = its.template, verdict(its, plane)
    kind = kind_named(template.api, template.kind)
    yield Line(
        *("0", 0, "template", f"{template.kind}/{template.name}", how.level, how.state, how.reason),
        kind=kind.id if kind is not None else "",
        namespace=template.namespace,
        object=template.name,
    )
    yield from _policies(its, plane)
    yield _binding(its)
    for cluster in its.clusters:
        yield from _cluster(its, plane, cluster, works.get(cluster))
    yield from _evictions(its, works)
    yield from _removed(its, plane)


# -- policies, binding ------------------------------------------------------------------------------------------


def _policies(its: Bound, plane: Plane) -> Iterator[Line]:
    found, alone = policies(its, plane), orphaned(its, plane)
    if alone or (its.claim.sort and not any(each.won for each in found)):
        level = Level.UNKNOWN if plane.unread else Level.DEGRADED
        yield Line("1 000", 1, "policy", claimed(its), level, "gone", lost(its, plane))
    elif not found:
        along = f"goes along with {', '.join(its.required_by[:3])}" if its.required_by else "no policy matches it"
        level = Level.HEALTHY if its.required_by else Level.DEGRADED
        if plane.unread and not its.required_by:
            level, along = Level.UNKNOWN, cannot_be_read(plane.unread)
        yield Line("1 000", 1, "policy", "no policy", level, "dependency" if its.required_by else "", along)
    for number, each in enumerate(found, start=1):
        yield _policy(number, each, claimed=bool(its.claim.sort) and not alone)


def _policy(number: int, standing: Standing, *, claimed: bool) -> Line:
    policy = standing.candidate.policy
    level, state = Level.HEALTHY, "chosen" if standing.won else "pre-empted"
    if not standing.won and policy.preempts and standing.why.startswith("is to"):
        level, state = Level.PROGRESSING, "preempting"
    elif standing.won and not claimed:
        level, state = Level.PROGRESSING, "to be chosen"
    return Line(
        *(f"1 {number:03d}", 1, "policy", policy.said, level, state, standing.why),
        kind=KIND_OF[policy.sort].id,
        namespace=policy.namespace,
        object=policy.name,
    )


def _binding(its: Bound) -> Line:
    scheduled = mapping(its.conditions.get("Scheduled"))
    status, word = scheduled.get("status"), text(scheduled.get("reason"))
    level, state, reason = Level.PROGRESSING, "pending", "Karmada's scheduler has not seen it"
    if status == "True":
        level, state, reason = Level.HEALTHY, "scheduled", _divided(its)
    elif status == "False":
        level, state, reason = Level.FAILED, word or "not scheduled", text(scheduled.get("message"))
    if its.behind and status == "True":
        level, reason = Level.PROGRESSING, "spec update not scheduled yet"
    if its.suspension.get("scheduling") is True:
        state, reason = "suspended", "scheduling suspended"
    row = its.row
    kind = binding_kind(row.namespace)
    sort = "rb" if row.namespace else "crb"
    return Line(
        *("2", 1, "binding", f"{sort}/{row.name}", level, state, reason),
        kind=kind,
        namespace=row.namespace,
        object=row.name,
        since=unix(text(scheduled.get("lastTransitionTime"))),
    )


def _divided(its: Bound) -> str:
    """How replicas are given to clusters."""
    how = mapping(its.placement.get("replicaScheduling"))
    words = [text(how.get(key)) for key in ("replicaSchedulingType", "replicaDivisionPreference")]
    count = f"{its.replicas} replicas" if its.replicas else ""
    group = f"affinity group {its.group}" if its.group else ""
    number = len(its.clusters)
    where = f"to {number} cluster{'s' if number != 1 else ''}"
    return ", ".join(
        word for word in (where, count, " ".join(word for word in words if word).lower(), group) if word
    )


# -- clusters ---------------------------------------------------------------------------------------------------


def _cluster(its: Bound, plane: Plane, cluster: str, work: ObjectRow | None) -> Iterator[Line]:
    place, count = plane.places.get(cluster), its.clusters[cluster]
    level, reason = Level.HEALTHY, _why_here(its, place)
    if place is None and plane.places:
        level, reason = Level.DEGRADED, "Karmada has no such cluster"
    elif place is not None and place.ready != "True":
        level, reason = Level.UNKNOWN, "Karmada does not reach it: below is what it saw last"
    elif its.suspended(cluster):
        reason = "dispatching suspended"
    state = "placed" if count == NO_REPLICAS else f"{count} replica{'s' if count != 1 else ''}"
    yield Line(
        f"2 0{cluster}", 2, "cluster", cluster, level, state, reason, cluster, KARMADA_CLUSTER.id, "", cluster
    )
    yield from _overrides(its, plane, place or Place(cluster), work)
    yield from _below(its, cluster, work)


def _why_here(its: Bound, place: Place | None) -> str:
    if place is None:
        return ""
    tried = groups(its.placement)
    if not tried:
        return "any cluster will do"
    chosen = next((each for each in tried if text(each.get("affinityName")) == its.group), tried[0])
    if mismatch(chosen, place):
        return "its affinity no longer matches; it stays until it is rescheduled"
    if chosen.get("clusterNames"):
        return "named by the policy"
    by = [word for key, word in (("labelSelector", "labels"), ("fieldSelector", "fields")) if chosen.get(key)]
    return f"selected by {' and '.join(by)}" if by else "any cluster will do"


def _below(its: Bound, cluster: str, work: ObjectRow | None) -> Iterator[Line]:
    """The Work, and the object as Karmada sees it."""
    at, namespace = f"2 0{cluster} 2", f"{NAMESPACE}{cluster}"
    state = None
    if work is not None:
        state = state_of(work)
        yield Line(
            *(at, 3, "work", f"wk/{work.name}", state.level, state.state, state.reason, cluster),
            *(WORK.id, work.namespace, work.name, state.since),
        )
    else:
        off = its.suspended(cluster)
        reason = "dispatching suspended" if off else f"no Work in {namespace}"
        level = Level.HEALTHY if off else Level.PROGRESSING
        yield Line(at, 3, "work", "wk", level, "suspended" if off else "missing", reason, cluster)
    yield _object(its, cluster, its.told.get(cluster), state)


def _object(its: Bound, cluster: str, told: Told | None, work: WorkState | None) -> Line:
    """The member's object by what the binding is told of it."""
    name, at = "seen by Karmada", object_at(cluster)
    if told is None:
        off = its.suspended(cluster)
        level = Level.HEALTHY if off else Level.UNKNOWN
        return Line(at, 4, "object", name, level, "", "" if off else "Karmada tells nothing of it yet", cluster)
    level = LEVELS.get(told.health, Level.UNKNOWN)
    reason = plain(told.message)
    if told.counts is not None and not reason:
        reason = f"{told.counts[0]}/{told.counts[1]} ready"
    if not told.applied:
        level = Level.FAILED if told.message else Level.PROGRESSING
        reason = reason or "not applied yet"
    if work is not None and work.applied is not None and work.applied != told.applied:
        said = "applied" if told.applied else "not applied"
        level = level if level is Level.FAILED else Level.DEGRADED
        reason = f"{reason}; the binding says {said}, the Work does not".removeprefix("; ")
    return Line(at, 4, "object", name, level, told.health if told.applied else "not applied", reason, cluster)


# -- overrides --------------------------------------------------------------------------------------------------


def _overrides(its: Bound, plane: Plane, place: Place, work: ObjectRow | None) -> Iterator[Line]:
    """Those that a Work was made with, in their order, and those that are to come or gone since."""
    template = its.template
    if template.labels is None and work is not None:
        template = template._replace(labels=mapping(part(WORK, work, "labels")))
    now = applying(template, plane.overrides((template.api, template.kind, template.name)), place)
    done = (
        [(sort, name, mapping(what)) for sort, name, what in (part(WORK, work, "overrides") or ())] if work else []
    )
    there = {(each.sort, each.name) for each in now}
    at = f"2 0{place.name} 1"
    for number, (sort, name, what) in enumerate(done):
        gone = (sort, name) not in there
        level, state = (Level.PROGRESSING, "applied before") if gone else (Level.HEALTHY, "applied")
        reason = said(what, template.kind)
        if gone:
            reason = f"{reason}; no such override is for it any more"
        namespace = template.namespace if sort == "op" else ""
        yield _override(f"{at}{number:03d}", sort, namespace, name, level, state, reason, place)
    applied = {(sort, name) for sort, name, _what in done}
    for number, each in enumerate(now, start=len(done)):
        if (each.sort, each.name) not in applied:
            level, state = _to_come(its, each, place, work)
            yield _override(
                *(f"{at}{number:03d}", each.sort, each.namespace, each.name, level, state),
                *(said(each.overriders, template.kind), place),
            )


def _to_come(its: Bound, each: Override, place: Place, work: ObjectRow | None) -> tuple[Level, str]:
    if its.suspended(place.name):
        return Level.HEALTHY, "to come"
    if not each.sure:
        return Level.UNKNOWN, "by labels"
    return Level.PROGRESSING, "not applied" if work is not None else "to come"


def _override(
    at: str, sort: str, namespace: str, name: str, level: Level, state: str, reason: str, place: Place
) -> Line:
    kind = KIND_OF[sort].id
    return Line(at, 3, "override", f"{sort}/{name}", level, state, reason, place.name, kind, namespace, name)


# -- clusters it is not on --------------------------------------------------------------------------------------


def _evictions(its: Bound, works: Mapping[str, ObjectRow]) -> Iterator[Line]:
    tasks = {text(task.get("fromCluster")): task for task in its.evictions}
    for cluster, task in tasks.items():
        count = task.get("replicas")
        if cluster in its.clusters:
            continue
        why = [text(task.get(key)) for key in ("reason", "message")]
        producer = text(task.get("producer"))
        reason = ": ".join(word for word in why if word)
        reason = f"{reason} (by {producer})" if producer else reason
        state = f"evicting {count}" if isinstance(count, int) else "evicting"
        since = unix(text(task.get("creationTimestamp")))
        yield Line(
            *(f"2 0{cluster}", 2, "cluster", cluster, Level.PROGRESSING, state, reason, cluster),
            *(KARMADA_CLUSTER.id, "", cluster, since),
        )
        if (work := works.get(cluster)) is not None or cluster in its.told:
            yield from _below(its, cluster, work)


def _removed(its: Bound, plane: Plane) -> Iterator[Line]:
    """Which filter keeps which cluster out: all where nothing was placed, else those that affinity asks for."""
    scheduled = mapping(its.conditions.get("Scheduled"))
    nowhere = scheduled.get("status") == "False"
    evicting = its.evicting
    found = [
        (place, why)
        for place, why in removals(its, plane.places.values())
        if place.name not in evicting and (nowhere or (why and why[0].filter != AFFINITY))
    ]
    for place, why in sorted(found, key=lambda each: each[0].name)[:MOST]:
        level = Level.DEGRADED if nowhere else Level.HEALTHY
        state, reason = "removed", "; ".join(f"{each.filter}: {each.why}" for each in why)
        if not why:
            level, state, reason = Level.UNKNOWN, "fits", "no filter removes it now"
        yield Line(
            *(f"2 1{place.name}", 2, "cluster", place.name, level, state, reason, place.name),
            *(KARMADA_CLUSTER.id, "", place.name),
        )
    if len(found) > MOST:
        more = f"and {len(found) - MOST} more"
        yield Line("2 2", 2, "cluster", more, Level.DEGRADED if nowhere else Level.HEALTHY, "removed")
