"""The join behind `deliverysteps`: every Application as a tree, from its source to the objects on the members.

Application and source are lines of the host, a member's Kustomization or HelmRelease and what it wrote are lines
of the member; their paths put them in order over all clusters. Each line has its own health and the reason there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from kurator_tui.fleet.application_plan import FluxRow, text
from kurator_tui.fleet.deliveries import LONGEST, Written, delivery, objects_of, written
from kurator_tui.fleet.delivery_objects import MEMBER_KINDS, ONLY, Found, Objects, inputs, said
from kurator_tui.fleet.delivery_plan import PLAN_KINDS, Chain, Delivered, Source, chains, delivered
from kurator_tui.fleet.delivery_verdict import verdict
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import HOST, SEVERITY, AnyKind, Health, Level, Row
from kurator_tui.kinds.deliveries import DELIVERY_STEPS, DeliveryStepRow
from kurator_tui.kinds.flux import KUSTOMIZATION, HelmReleaseRow
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.table import ObjectRow, object_health
from kurator_tui.store.freshness import State


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The lines that one cluster has of all trees."""
    if cluster == HOST:
        for chain in seen.shared(chains):
            yield from seen.unchanged(("head", chain.application.uid), (chain,), partial(_head, seen, chain))
    here = seen.local(Objects, cluster)
    for one in seen.shared(delivered).get(cluster, ()):
        found = objects_of(seen, here, one)
        behind = (one, here.state, *here.states.values(), *inputs(found))
        make = partial(_lines, seen, here, cluster, one, found)
        yield from seen.unchanged(("lines", one.uid), behind, make)


def planned(seen: Seen) -> dict[str, object]:
    """All that the lines of each cluster are made of on the host; its own lines are of every Application."""
    found: dict[str, object] = dict(seen.shared(delivered))
    found[HOST] = (found.get(HOST), seen.shared(chains))
    return found


def _root(application: ObjectRow) -> str:
    return f"{application.namespace}/{application.name}"


# -- on the host ------------------------------------------------------------------------------------------------


def _head(seen: Seen, chain: Chain) -> list[DeliveryStepRow]:
    """An Application and its source."""
    application, root = chain.application, _root(chain.application)
    told = [(cluster, verdict(one, seen.now())) for cluster, one in chain.deliveries]
    bad = max(told, key=lambda each: SEVERITY[each[1].level], default=None)
    health = Health(Level.UNKNOWN, "no sync policy")
    if bad is not None:
        named = f"{bad[0]}: {bad[1].reason}" if bad[1].level is not Level.HEALTHY else ""
        health = Health(bad[1].level, named)
    counted = Counter(str(each.state) for _cluster, each in told)
    top = DeliveryStepRow(
        HOST,
        application.namespace,
        application.name,
        application.uid,
        application.created,
        level=health.level,
        reason=health.reason[:LONGEST],
        root=root,
        path=root,
        object_kind=APPLICATION.name,
        kind=APPLICATION.id,
        where=HOST,
        summary=", ".join(f"{number} {word}" for word, number in counted.most_common()),
    )
    return [top, *([_source(application, chain.source)] if chain.source is not None else [])]


def _source(application: ObjectRow, source: Source) -> DeliveryStepRow:
    """The line of a source, also of one that is not there."""
    root, row, kind = _root(application), source.row, source.kind
    health, summary = Health(Level.FAILED, f"there is no {kind.name} for it"), ""
    if row is not None:
        health = object_health(row)
        told = (_cell(kind, row, key) for key in ("url", "ref", "digest"))
        summary = " ".join(word for word in told if word)
    elif source.state.state is not State.LIVE:
        health = Health(Level.UNKNOWN, cannot_be_read(kind.plural, why=said(source.state)))
    moment = kind.value(row, "fetched") if row is not None else None
    return DeliveryStepRow(
        HOST,
        application.namespace,
        row.name if row is not None else application.name,
        row.uid if row is not None else f"{application.uid}/source",
        row.created if row is not None else 0.0,
        level=health.level,
        reason=health.reason[:LONGEST],
        root=root,
        path=f"{root} 0",
        depth=1,
        object_kind=kind.name,
        kind=kind.id if row is not None else "",
        where=HOST,
        revision=_cell(kind, row, "revision") if row is not None else "",
        since=moment if isinstance(moment, float) else 0.0,
        summary=summary,
    )


def _cell(kind: AnyKind, row: ObjectRow, key: str) -> str:
    return text(kind.value(row, key))


# -- on a member ------------------------------------------------------------------------------------------------


def _lines(seen: Seen, here: Objects, cluster: str, one: Delivered, found: list[Found]) -> list[DeliveryStepRow]:
    """A Kustomization or HelmRelease, and what it wrote."""
    wrote = written(here, one, found)
    its = delivery(seen, here, cluster, one, found)
    root = _root(one.planned.application)
    path = f"{root} 1 {one.planned.place % 10000:04d} {cluster} {one.uid}"
    flux = one.planned.flux
    line = DeliveryStepRow(
        cluster,
        flux.namespace if flux is not None else its.namespace,
        flux.name if flux is not None else its.policy,
        one.uid,
        flux.created if flux is not None else 0.0,
        level=its.level,
        reason=its.reason,
        root=root,
        path=path,
        depth=2,
        object_kind=its.object_kind,
        kind=one.flux_kind.id if flux is not None else "",
        where=HOST,
        revision=its.revision_before,
        since=its.applied,
        policy=its.policy,
        state=its.state,
        summary=_summary(flux, wrote),
    )
    below = (
        _object(cluster, here, f"{line.uid}/", f"{path} {at:04d}", root, each, health)
        for at, (each, health) in enumerate(wrote.found)
    )
    return [line, *below]


def _summary(flux: FluxRow | None, wrote: Written) -> str:
    """What it applies, and how much of that is listed below it."""
    if flux is None:
        return ""
    if isinstance(flux, HelmReleaseRow):
        failures = f"{flux.failures} failures" if flux.failures else ""
        return ", ".join(word for word in (flux.chart, failures, flux.history) if word)
    shown = len(wrote.found)
    listed = f"{wrote.listed} objects" + (f", the first {shown} listed" if shown < wrote.listed else "")
    return " ".join(word for word in (_cell(KUSTOMIZATION, flux, "path"), listed) if word)


def _object(
    cluster: str, here: Objects, above: str, path: str, root: str, found: Found, health: Health
) -> DeliveryStepRow:
    """One object that was written to the member."""
    entry, row = found.entry, found.row
    return DeliveryStepRow(
        cluster,
        entry.namespace,
        entry.name,
        above + entry.id,
        row.created if row is not None else 0.0,
        level=health.level,
        reason=health.reason[:LONGEST],
        root=root,
        path=path,
        depth=3,
        object_kind=entry.kind_name,
        kind=here.kind_of(entry),
        where=cluster,
    )


JOIN = Join(DELIVERY_STEPS, PLAN_KINDS, MEMBER_KINDS, rows, ONLY, planned=planned, beside=True)
