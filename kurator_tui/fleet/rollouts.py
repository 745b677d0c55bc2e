"""The join behind `rollouts`: what goes out on one cluster, from the host's plans and the cluster's own objects.

A row is a sync policy of an Application with what it is on this cluster, or a Canary, an Argo Rollout or a rolling
Deployment that no Application stands behind. Rows whose objects did not change are not made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from kurator_tui.fleet.application_plan import HOST_KINDS, Planned, plans, text
from kurator_tui.fleet.flux_state import applied_at, applied_by, flux_health, revisions
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.rollout_canary import (
    PRIMARY,
    Around,
    WorkloadRow,
    copied_fields,
    fields,
    service_of,
    target_of,
)
from kurator_tui.fleet.rollout_others import argo_fields, deployment_fields, is_rolling, sync_fields
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read, unread
from kurator_tui.kinds.apps import DAEMON_SET
from kurator_tui.kinds.argo import ROLLOUT
from kurator_tui.kinds.base import HOST, SEVERITY, Level, Row
from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow
from kurator_tui.kinds.flagger import CANARY, METRIC_TEMPLATE
from kurator_tui.kinds.istio import VIRTUAL_SERVICE
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.rollouts import DONE, ROLLOUTS, RolloutRow, Source
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import UNREADABLE, Freshness, State

Place = tuple[str, str]
"""(namespace, name)."""
BESIDE = (DEPLOYMENT, DAEMON_SET, VIRTUAL_SERVICE, EVENT)
"""What a Canary is shown with; each may be refused or missing."""


class _Cluster:
    """One cluster's rows by what they are looked up by, and what was made of them for each policy."""

    def __init__(self, seen: Seen, name: str) -> None:
        self.name = name
        self.canaries = {_place(row): row for row in seen.rows(CANARY, name)}
        self.deployments: dict[Place, DeploymentRow] = {_place(row): row for row in seen.rows(DEPLOYMENT, name)}
        self.daemons = {_place(row): row for row in seen.rows(DAEMON_SET, name)}
        self.routes = {_place(row): row for row in seen.rows(VIRTUAL_SERVICE, name)}
        self.events: dict[Place, list[EventRow]] = {}
        for event in seen.rows(EVENT, name):
            self.events.setdefault((event.object_namespace or event.namespace, event.object_name), []).append(
                event
            )
        self.own = seen.freshness(name)
        self.canary_state = seen.freshness(name, CANARY)
        self.lacking = tuple(found for kind in BESIDE if (found := seen.freshness(name, kind)).state in UNREADABLE)
        self.notes = tuple(map(cannot_be_read, unread(seen, name, BESIDE))) if self.own.state is State.LIVE else ()
        self.named = {canary.uid: _named(seen, canary) for canary in self.canaries.values()}
        """By Canary: kind and name of what it replaces, name of the Service it routes."""
        self.managed: set[Place] = set()
        """Workloads that a Canary replaces, and their primaries."""
        self.made: dict[object, tuple[Planned, RolloutRow]] = {}
        """By policy: what was planned, and the row of that."""
        for canary in self.canaries.values():
            target = self.named[canary.uid][1]
            self.managed.update(((canary.namespace, target + PRIMARY), (canary.namespace, target)))
        self.rolling = [
            row for place, row in self.deployments.items() if place not in self.managed and is_rolling(row)
        ]

    def around(self, seen: Seen, canary: ObjectRow) -> Around:
        """A Canary with what belongs to it."""
        namespace = canary.namespace
        kind, target, service = self.named[canary.uid]
        workloads: Mapping[Place, WorkloadRow] = self.daemons if kind == "DaemonSet" else self.deployments
        return Around(
            canary,
            workloads.get((namespace, target + PRIMARY)),
            workloads.get((namespace, target)),
            self.routes.get((namespace, service)),
            tuple(self.events.get(_place(canary), ())),
            seen.gates(self.name, namespace, canary.name),
        )


def _named(seen: Seen, canary: ObjectRow) -> tuple[str, str, str]:
    return seen.unchanged(("names", canary.uid), (canary,), lambda: (*target_of(canary), service_of(canary)))


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The rows of one cluster."""
    here = seen.local(_Cluster, cluster)
    planned = seen.shared(plans).get(cluster, ())
    policies = {each.name for each in planned}
    used = {each.canary for each in planned if each.canary is not None and not each.nowhere}
    for each in planned:
        yield _of_policy(seen, here, each)
    for place, canary in here.canaries.items():
        if place not in used:
            yield _unplanned(seen, here, canary, policies)
    for argo in seen.rows(ROLLOUT, cluster):
        yield _kept(seen, here, argo, argo, Source.ARGO, argo_fields)
    for row in here.rolling:
        if not _applied(here, planned, row):
            yield _kept(seen, here, row, row, Source.DEPLOYMENT, deployment_fields)


JOIN = Join(
    ROLLOUTS,
    HOST_KINDS,
    (CANARY, *BESIDE, ROLLOUT, METRIC_TEMPLATE),
    rows,
    {EVENT.id: lambda event: event.object_kind == "Canary"},
    {EVENT.id: "involvedObject.kind=Canary"},
    plans,
)

# -- Applications -----------------------------------------------------------------------------------------------


def _of_policy(seen: Seen, here: _Cluster, planned: Planned) -> RolloutRow:
    """The row of a policy; nothing is looked at again while neither its plan nor anything here changed."""
    key = (row_uid(planned), planned.problem)
    known = here.made.get(key)
    if known is not None and known[0] == planned:
        return known[1]
    if planned.canary is None or planned.nowhere:
        row = _synced(seen, here, planned)
    else:
        row = _analysed(seen, here, planned, planned.canary)
    here.made[key] = (planned, row)
    return row


def _analysed(seen: Seen, here: _Cluster, planned: Planned, place: Place) -> RolloutRow:
    """A policy with a rollout block, whose Canary is at `place`."""
    canary = here.canaries.get(place)
    around = here.around(seen, canary) if canary is not None else None
    inputs = (planned.application, planned.flux, planned.revision, here.own, here.canary_state, *here.lacking)

    def make() -> RolloutRow:
        row = _head(here, planned, place[0])
        if around is not None:
            row = replace(row, **fields(around) | {"labels": planned.application.labels})
        else:
            row = replace(row, **_missing(seen, here, planned, place))
        return _with_flux(_with_notes(row, here, _set_up(planned)), planned)

    return seen.unchanged(("policy", row_uid(planned), planned.problem), (*inputs, *(_flat(around))), make)


def _synced(seen: Seen, here: _Cluster, planned: Planned) -> RolloutRow:
    """A policy that Flux alone brings out, or that gets nowhere."""
    its = (planned.flux.namespace, planned.flux.name) if planned.flux is not None else None
    workloads = [row for row in here.deployments.values() if its is not None and its in applied_by(row)]
    inputs = (planned.application, planned.flux, planned.revision, here.own, *here.lacking, *workloads)

    def make() -> RolloutRow:
        row = _head(here, planned, planned.application.namespace)
        row = replace(row, **sync_fields(planned.flux, planned.revision, workloads))
        if planned.nowhere:
            return replace(row, phase="", level=Level.FAILED, reason=planned.problem)
        return _with_notes(row, here, _set_up(planned))

    return seen.unchanged(("policy", row_uid(planned), planned.problem), inputs, make)


def row_uid(planned: Planned) -> str:
    """Of the row of one policy on any cluster."""
    return f"{planned.application.uid}/{planned.place}"


def _head(here: _Cluster, planned: Planned, namespace: str) -> RolloutRow:
    application = planned.application
    return RolloutRow(
        here.name,
        namespace,
        application.name,
        row_uid(planned),
        application.created,
        application=application.name,
        application_namespace=application.namespace,
        policy=planned.name,
        policy_index=planned.place,
        fleet=planned.fleet,
        labels=application.labels,
    )


def _set_up(planned: Planned) -> tuple[str, ...]:
    """What cannot work: a Canary is made by its workload's name, and looked for by its Service's."""
    block = planned.block or {}
    found = [planned.problem] if planned.problem else []
    service, workload = text(block.get("serviceName")), (planned.canary or ("", ""))[1]
    if service and service != workload:
        found.append(f"serviceName {service} is not the workload's name {workload}: Kurator loses its Canary")
    return tuple(found)


def _missing(seen: Seen, here: _Cluster, planned: Planned, place: Place) -> dict[str, Any]:
    """Of a policy whose Canary is not seen: what the Application saw last, where the cluster cannot be asked."""
    found = {"canary": "", "strategy": "canary", "level": Level.DEGRADED}
    if here.own.state is State.LIVE and here.canary_state.state is State.LIVE:
        return found | {"reason": f"there is no Canary {place[1]} in {place[0]}"}
    if here.own.state is State.LIVE and here.canary_state.state is State.ABSENT:
        return found | {"reason": "Flagger is not installed here"}
    member = seen.members.get(here.name)
    for copy in part(APPLICATION, planned.application, "copies") or ():
        if text(copy.get("cluster")) in (here.name, member.object_name if member is not None else here.name):
            copied = copied_fields(copy.get("status") or {})
            told = {"canary": text(copy.get("canary")), "stale": "as the Application saw it last"}
            return {"strategy": "canary"} | copied | told
    return found | {"level": Level.UNKNOWN, "reason": _unasked(here)}


def _with_flux(row: RolloutRow, planned: Planned) -> RolloutRow:
    """With the revisions, and with what keeps a revision from getting here."""
    flux = planned.flux
    if flux is None:
        return row
    before, after = revisions(flux, planned.revision)
    row = replace(row, revision_before=before, revision_after=after, applied=applied_at(flux))
    health = flux_health(flux)
    if health.level is Level.FAILED:
        worse = SEVERITY[row.level] < SEVERITY[Level.FAILED]
        return replace(row, level=Level.FAILED, reason=f"Flux: {health.reason}") if worse else row
    ended = (row.phase in DONE and row.level is Level.HEALTHY) or row.phase == "Failed"
    if before != after and ended and not row.suspended:
        return replace(row, level=Level.PROGRESSING, reason=f"revision {after} is not applied yet")
    return row


# -- without an Application -------------------------------------------------------------------------------------


def _unplanned(seen: Seen, here: _Cluster, canary: ObjectRow, policies: set[str]) -> RolloutRow:
    """A Canary that no policy asks for: somebody's own, or one that Kurator left behind."""
    around = here.around(seen, canary)
    policy = text(part(CANARY, canary, "rollout"))
    orphan = bool(policy) and seen.freshness(HOST, APPLICATION).state is State.LIVE

    def make() -> RolloutRow:
        row = RolloutRow(here.name, canary.namespace, canary.name, canary.uid, canary.created)
        row = replace(row, source=str(Source.CANARY), policy=policy, **fields(around))
        why = "has no rollout for it any more" if policy in policies else "does not exist"
        left = f"Kurator left it behind: the sync policy {policy} {why}"
        return _with_notes(row, here, (left,) if orphan else ())

    inputs = (here.own, here.canary_state, *here.lacking, *_flat(around))
    return seen.unchanged(("canary", canary.uid, orphan, policy in policies), inputs, make)


def _kept(
    seen: Seen, here: _Cluster, row: DeploymentRow | ObjectRow, its: Any, source: Source, read: Any
) -> RolloutRow:
    """A row of one object alone."""

    def make() -> RolloutRow:
        head = RolloutRow(here.name, row.namespace, row.name, row.uid, row.created, labels=row.labels)
        return _with_notes(replace(head, source=str(source), **read(its)), here, ())

    return seen.unchanged((source, row.uid), (row, here.own), make)


def _applied(here: _Cluster, planned: Iterable[Planned], row: DeploymentRow) -> bool:
    """Whether a policy's row counts this Deployment already."""
    by = applied_by(row)
    return any(
        each.canary is None and each.flux is not None and (each.flux.namespace, each.flux.name) in by
        for each in planned
    )


# -- pieces -----------------------------------------------------------------------------------------------------


def _place(row: Row) -> Place:
    return row.namespace, row.name


def _flat(around: Around | None) -> tuple[object, ...]:
    return (*around[:4], *around.events, around.gates) if around is not None else ()


def _with_notes(row: RolloutRow, here: _Cluster, notes: tuple[str, ...]) -> RolloutRow:
    """With what is stale or not known of the cluster; what cannot work is degraded."""
    level, reason = row.level, row.reason
    if (wrong := (*notes, *row.notes)) and SEVERITY[level] < SEVERITY[Level.DEGRADED]:
        level, reason = Level.DEGRADED, wrong[0]
    stale = row.stale or ("" if here.own.state is State.LIVE else _unasked(here))
    return replace(row, level=level, reason=reason, stale=stale, notes=(*wrong, *here.notes))


def _unasked(here: _Cluster) -> str:
    """Why the cluster's own objects are not known as they are now."""
    return _said(here.own if here.own.state is not State.LIVE else here.canary_state)


def _said(freshness: Freshness) -> str:
    return f"{freshness.state}: {freshness.reason}" if freshness.reason else str(freshness.state)
