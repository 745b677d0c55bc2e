"""What a binding says: of what, whose, where to, what became of it; and the verdict on that. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kurator_tui.fleet.karmada_filters import Place, Removed, Wanted, counted, removed, told, too_few
from kurator_tui.fleet.karmada_matching import Claim, Template, claim_of
from kurator_tui.fleet.karmada_plane import Plane
from kurator_tui.kinds.base import AnyKind, Level
from kurator_tui.kinds.judge import because, by_type
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.shapes import Object, mapping, mappings, text
from kurator_tui.kinds.table import ObjectRow, part

NO_FIT = "NoClusterFit"
NO_REPLICAS = -1
_FAILED = re.compile(r"^Failed to apply all manifests \(\d+/\d+\): ")
_MOST = 3
"""Clusters that a sentence names."""


class Told(NamedTuple):
    """What a binding is told of one cluster; `counts` are (ready, wanted), None for what is not counted."""

    applied: bool
    health: str
    message: str
    counts: tuple[int, int] | None = None


class Bound(NamedTuple):
    """A binding. `clusters` are replicas by cluster, `NO_REPLICAS` for what has none."""

    row: ObjectRow
    template: Template
    claim: Claim
    placement: Object
    clusters: Mapping[str, int]
    replicas: int | None
    told: Mapping[str, Told]
    conditions: Mapping[str, Any]
    evictions: tuple[Object, ...]
    suspension: Object
    required_by: tuple[str, ...]
    group: str
    behind: bool

    @property
    def targets(self) -> dict[str, Told | None]:
        """By cluster it is scheduled to: what is told of it."""
        return {name: self.told.get(name) for name in self.clusters}

    @property
    def evicting(self) -> tuple[str, ...]:
        """The clusters it is moved away from."""
        return tuple(dict.fromkeys(text(each.get("fromCluster")) for each in self.evictions))

    @property
    def placed(self) -> bool:
        """Whether it is scheduled to some cluster."""
        return bool(self.clusters)

    def suspended(self, cluster: str = "") -> bool:
        """Whether nothing is dispatched to any cluster, or to this one."""
        if self.suspension.get("dispatching") is True:
            return True
        some = mapping(self.suspension.get("dispatchingOnClusters")).get("clusterNames")
        return bool(cluster) and isinstance(some, list) and cluster in some

    @property
    def wanted(self) -> Wanted:
        """For the filters."""
        its = self.template
        return Wanted(its.api, its.kind, self.placement, frozenset(self.clusters), frozenset(self.evicting))


class Verdict(NamedTuple):
    """How a propagation stands; `since` in Unix seconds."""

    level: Level
    state: str
    reason: str
    summary: str = ""
    since: float = 0.0


def bound(kind: AnyKind, row: ObjectRow, plane: Plane) -> Bound:
    """The binding behind a row of `kind`."""
    its = mapping(part(kind, row, "resource"))
    name, namespace = text(its.get("name")), text(its.get("namespace"))
    labels = plane.labels(text(its.get("kind")), namespace, name)
    template = Template(
        text(its.get("apiVersion")),
        text(its.get("kind")),
        namespace,
        name,
        dict(labels) if labels is not None else None,
    )
    counts = mapping(part(kind, row, "counts"))
    replicas = part(kind, row, "replicas")
    seen, observed = part(kind, row, "generations") or (None, None)
    return Bound(
        row,
        template,
        claim(kind, row),
        mapping(part(kind, row, "placement")),
        {
            cluster: count if isinstance(count, int) else NO_REPLICAS
            for cluster, count in mapping(part(kind, row, "clusters")).items()
        },
        replicas if isinstance(replicas, int) and replicas > 0 else None,
        {
            cluster: Told(applied, health, message, _pair(counts.get(cluster)))
            for applied, health, message, clusters in part(kind, row, "told") or ()
            for cluster in clusters
        },
        by_type(part(kind, row, "conditions")),
        tuple(mappings(part(kind, row, "evictions"))),
        mapping(part(kind, row, "suspension")),
        tuple(part(kind, row, "required_by") or ()),
        text(part(kind, row, "group")),
        isinstance(seen, int) and isinstance(observed, int) and observed < seen,
    )


def claim(kind: AnyKind, row: ObjectRow) -> Claim:
    """Which policy the binding behind a row was made for."""
    labels, annotations = part(kind, row, "marks") or ({}, {})
    return claim_of(annotations, labels)


def _pair(found: Any) -> tuple[int, int] | None:
    return (found[0], found[1]) if found else None


# -- how it stands ----------------------------------------------------------------------------------------------


def verdict(bound: Bound, plane: Plane) -> Verdict:
    """The worst that is known of it, in Karmada's words where it has some."""
    scheduled = mapping(bound.conditions.get("Scheduled"))
    since = unix(text(scheduled.get("lastTransitionTime")))
    if scheduled.get("status") == "False":
        return _unscheduled(bound, plane, scheduled, since)
    found = _refused(bound) or _unwell(bound) or _resting(bound) or _moving(bound, scheduled)
    found = found or _doubted(bound, plane) or (Level.HEALTHY, "applied", _partly(bound))
    return Verdict(*found, since=since)


def _unscheduled(bound: Bound, plane: Plane, scheduled: Object, since: float) -> Verdict:
    state, message = text(scheduled.get("reason")) or "not scheduled", text(scheduled.get("message"))
    every, parts = told(message)
    if state != NO_FIT and not every:
        return Verdict(Level.FAILED, state, because(scheduled) or "not scheduled", since=since)
    now = fitting(bound, plane.places.values())
    if every:
        summary = counted((each.filter, each.number) for each in parts)
    else:
        summary = counted(_tally(bound, plane.places.values()).items())
    why = f"{summary or message or 'the scheduler does not say why'}: no cluster fits"
    if now and (few := too_few(bound.placement, now)):
        why = few
    elif now and state == NO_FIT:
        why = f"{why}; {_names([place.name for place in now])} would fit now"
    return Verdict(Level.FAILED, state, why, summary, since)


def fitting(bound: Bound, places: Iterable[Place]) -> list[Place]:
    """The clusters that no filter removes."""
    wanted = bound.wanted
    return [place for place in places if not removed(wanted, place)]


def _tally(bound: Bound, places: Iterable[Place]) -> dict[str, int]:
    """How many clusters each filter removes, each counted by its first."""
    found: dict[str, int] = {}
    for place in places:
        if its := removed(bound.wanted, place):
            found[its[0].filter] = found.get(its[0].filter, 0) + 1
    return found


def removals(bound: Bound, places: Iterable[Place]) -> list[tuple[Place, list[Removed]]]:
    """Every cluster that it is not on, with the filters that remove it."""
    wanted = bound.wanted
    return [(place, removed(wanted, place)) for place in places if place.name not in bound.clusters]


Found = tuple[Level, str, str]


def _refused(bound: Bound) -> Found | None:
    refused = {name: its for name, its in bound.targets.items() if its and not its.applied and its.message}
    if not refused:
        return None
    return Level.FAILED, "not applied", f"{_names(refused)}: {plain(next(iter(refused.values())).message)}"


def _unwell(bound: Bound) -> Found | None:
    sick = [name for name, its in bound.targets.items() if its and its.health == "Unhealthy"]
    return (Level.DEGRADED, "unhealthy", f"unhealthy on {_names(sick)}") if sick else None


def _resting(bound: Bound) -> Found | None:
    if bound.suspension.get("scheduling") is True:
        return Level.HEALTHY, "suspended", "scheduling suspended"
    return (Level.HEALTHY, "suspended", "dispatching suspended") if bound.suspended() else None


def _moving(bound: Bound, scheduled: Object) -> Found | None:
    if bound.evicting:
        task = bound.evictions[0]
        why = ": ".join(word for word in (text(task.get("reason")), text(task.get("message"))) if word)
        said = f"evicting from {_names(bound.evicting)}"
        return Level.PROGRESSING, "evicting", f"{said}: {why}" if why else said
    if bound.behind:
        return Level.PROGRESSING, "scheduling", "spec update not scheduled yet"
    if not bound.conditions:
        return Level.UNKNOWN, "pending", "no status: Karmada's scheduler has not seen it"
    if not bound.placed:
        return (Level.UNKNOWN, "unplaced", because(scheduled) or "it is scheduled to no cluster")
    waiting = [name for name, its in bound.targets.items() if not (its and its.applied)]
    waiting = [name for name in waiting if not bound.suspended(name)]
    if waiting:
        return Level.PROGRESSING, "applying", f"not applied yet on {_names(waiting)}"
    return None


def _doubted(bound: Bound, plane: Plane) -> Found | None:
    """What is told of a cluster that Karmada itself cannot reach is old; one that it lacks is a contradiction."""
    if not plane.places:
        return None
    if gone := [name for name in bound.clusters if name not in plane.places]:
        return Level.DEGRADED, "misplaced", f"Karmada has no cluster {_names(gone)}"
    if lost := [name for name in bound.clusters if plane.places[name].ready != "True"]:
        return Level.UNKNOWN, "unknown", f"{_names(lost)} not reached: as Karmada saw it last"
    return None


def _partly(bound: Bound) -> str:
    off = [name for name in bound.clusters if bound.suspended(name)]
    return f"dispatching suspended on {_names(off)}" if off else ""


def plain(message: str) -> str:
    """What a member said, without what Karmada says before it of every Work that failed."""
    return _FAILED.sub("", message) or message


def _names(names: Iterable[str]) -> str:
    """Names with commas, the first few."""
    every = list(names)
    more = f" and {len(every) - _MOST} more" if len(every) > _MOST else ""
    return ", ".join(every[:_MOST]) + more
