"""The join behind `deliveries`: each sync policy of each Application on one cluster, with what it wrote there.

What blocks it is the host's to say (`delivery_verdict`); whether what was applied runs, only the member knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace

from kurator_tui.fleet.delivery_objects import (
    MEMBER_KINDS,
    ONLY,
    Entry,
    Found,
    Objects,
    entries,
    inputs,
    worst,
)
from kurator_tui.fleet.delivery_plan import PLAN_KINDS, Delivered, delivered
from kurator_tui.fleet.delivery_verdict import newest, since, verdict
from kurator_tui.fleet.flux_state import applied_at, revisions
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import SEVERITY, Health, Level, Row
from kurator_tui.kinds.deliveries import DELIVERIES, DeliveryRow, Sync
from kurator_tui.kinds.flux import KUSTOMIZATION, HelmReleaseRow

LONGEST = 300
"""Characters of a reason that a row keeps."""


class Written(NamedTuple):
    """What one delivery wrote, each object with how it is on the member."""

    found: tuple[tuple[Found, Health], ...]
    listed: int
    """How many objects the inventory has, which may be more."""


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The deliveries of one cluster."""
    here = seen.local(Objects, cluster)
    for one in seen.shared(delivered).get(cluster, ()):
        found = objects_of(seen, here, one)
        behind = (one, here.state, *here.states.values(), *inputs(found))
        yield seen.unchanged(("delivery", one.uid), behind, partial(delivery, seen, here, cluster, one, found))


def objects_of(seen: Seen, here: Objects, one: Delivered) -> list[Found]:
    """What a delivery wrote to the member."""
    flux = one.planned.flux
    if flux is None or one.elsewhere:
        return []
    inventory: tuple[Entry, ...] = seen.unchanged(("inventory", flux.uid), (flux,), lambda: entries(flux))
    return here.of(flux, inventory)


def written(here: Objects, one: Delivered, found: list[Found]) -> Written:
    """How what a delivery wrote is on the member."""
    judged = tuple((each, here.health(each)) for each in found)
    flux = one.planned.flux
    if flux is None or isinstance(flux, HelmReleaseRow):
        return Written(judged, len(judged))
    listed = KUSTOMIZATION.value(flux, "objects")
    return Written(judged, listed if isinstance(listed, int) else len(judged))


def delivery(seen: Seen, here: Objects, cluster: str, one: Delivered, found: list[Found]) -> DeliveryRow:
    """The row of one delivery."""
    planned, flux = one.planned, one.planned.flux
    application, wrote = planned.application, written(here, one, found)
    before, after = revisions(flux, newest(one))
    told = verdict(one, seen.now())
    read = [health for each, health in wrote.found if each.entry.kind is not None]
    row = DeliveryRow(
        cluster,
        application.namespace,
        application.name,
        one.uid,
        application.created,
        level=told.level,
        reason=told.reason[:LONGEST],
        state=str(told.state),
        blocked_by=told.blocked_by,
        policy=planned.name,
        fleet=planned.fleet,
        object_kind=one.flux_kind.name,
        object_name=flux.name if flux is not None else "",
        source=f"{one.source.kind.name}/{application.name}" if one.source is not None else "",
        revision_before=before,
        revision_after=after or newest(one),
        applied=applied_at(flux) if flux is not None else 0.0,
        behind=since(one) if before != after else 0.0,
        objects=wrote.listed,
        read=sum(health.level is not Level.UNKNOWN for health in read),
        healthy=sum(health.level is Level.HEALTHY for health in read),
        labels=application.labels,
        notes=here.notes() if any(each.entry.kind is not None for each in found) else (),
    )
    return _with_objects(row, wrote)


def _with_objects(row: DeliveryRow, wrote: Written) -> DeliveryRow:
    """What was applied may not run: that is told where nothing worse is."""
    bad = worst(wrote.found)
    if bad is None or row.state == Sync.SUSPENDED or SEVERITY[bad[1].level] <= SEVERITY[row.level]:
        return row
    entry = bad[0].entry
    reason = f"{entry.kind_name} {entry.namespace}/{entry.name}: {bad[1].reason}"
    blocked_by = row.blocked_by or "workload"
    return replace(row, level=bad[1].level, blocked_by=blocked_by, reason=reason[:LONGEST])


JOIN = Join(DELIVERIES, PLAN_KINDS, MEMBER_KINDS, rows, ONLY, planned=delivered, beside=True)
