"""The join behind `propagations`: a binding of a Karmada control plane, the policy that won and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.karmada_binding import Bound, bound, claim, verdict
from kurator_tui.fleet.karmada_matching import NAMESPACED, Match, Policy, Standing, ranked, standings
from kurator_tui.fleet.karmada_plane import WORKLOADS, Plane
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import cannot_be_read
from kurator_tui.kinds.base import HOST, AnyKind, Level, Row
from kurator_tui.kinds.karmada import KARMADA_CLUSTER
from kurator_tui.kinds.karmada_propagation import (
    CLUSTER_PROPAGATION_POLICY,
    CLUSTER_RESOURCE_BINDING,
    PROPAGATION_POLICY,
    RESOURCE_BINDING,
)
from kurator_tui.kinds.propagations import PROPAGATIONS, PropagationRow
from kurator_tui.kinds.shapes import mapping, text
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import State

BINDINGS = (RESOURCE_BINDING, CLUSTER_RESOURCE_BINDING)
Named = tuple[str, str, str]
"""(kind, namespace, name) of a template."""


def rows(seen: Seen, cluster: str) -> Iterable[Row]:
    """The propagations of one control plane; none where there is no Karmada."""
    plane = seen.local(Plane, cluster)
    bound_to: set[Named] = set()
    for kind in BINDINGS:
        for row in seen.rows(kind, cluster):
            its = mapping(part(kind, row, "resource"))
            bound_to.add((text(its.get("kind")), text(its.get("namespace")), text(its.get("name"))))
            yield _row(seen, plane, kind, row)
    if all(seen.freshness(cluster, kind).state is State.LIVE for kind in BINDINGS):
        yield from unbound(plane, bound_to)


def behind(plane: Plane, kind: AnyKind, row: ObjectRow) -> tuple[object, ...]:
    """All that a binding is judged by beside itself."""
    its = mapping(part(kind, row, "resource"))
    sort, name = text(its.get("kind")), text(its.get("name"))
    clusters = mapping(part(kind, row, "clusters"))
    places = [plane.places.get(each) for each in clusters] if clusters else list(plane.places.values())
    return (
        row,
        plane.labels(sort, text(its.get("namespace")), name),
        plane.holder(claim(kind, row)),
        plane.unread,
        len(places),
        *places,
        *plane.policies((text(its.get("apiVersion")), sort, name)),
    )


def policies(its: Bound, plane: Plane) -> list[Standing]:
    """The policies that match with what became of them."""
    template = its.template
    there = plane.policies((template.api, template.kind, template.name))
    return standings(ranked(template, there), plane.holder(its.claim))


def orphaned(its: Bound, plane: Plane) -> bool:
    """Whether the policy that claimed it is gone."""
    return bool(its.claim.sort) and plane.holder(its.claim) is None


def claimed(its: Bound) -> str:
    """`pp/web` of the policy that claimed it, as the binding says; "" where it says none."""
    return f"{its.claim.sort}/{its.claim.name or its.claim.id}" if its.claim.sort else ""


def _row(seen: Seen, plane: Plane, kind: AnyKind, row: ObjectRow) -> Row:
    return seen.unchanged(row.uid, behind(plane, kind, row), lambda: _made(plane, bound(kind, row, plane)))


def _made(plane: Plane, its: Bound) -> PropagationRow:
    row, found, said = its.row, policies(its, plane), verdict(its, plane)
    told: list[Any] = list(its.targets.values())
    level, reason = said.level, said.reason
    policy, match, note = _policy(its, found, plane)
    if not match and its.claim.sort and not plane.unread and level is Level.HEALTHY:
        level, reason = Level.DEGRADED, note
    return PropagationRow(
        row.cluster,
        row.namespace,
        its.template.name or row.name,
        row.uid,
        row.created,
        level=level,
        reason=reason,
        kind=its.template.kind,
        binding=row.name,
        policy=policy,
        policy_namespace=its.claim.namespace if its.claim.sort == NAMESPACED else "",
        match=match,
        note=note,
        others=sum(not each.won for each in found),
        clusters=tuple(its.clusters.items()),
        replicas=its.replicas,
        applied=sum(each is not None and each.applied for each in told),
        unhealthy=sum(each is not None and each.health == "Unhealthy" for each in told),
        state=said.state,
        evicting=its.evicting,
        summary=said.summary,
        since=said.since,
    )


def _policy(its: Bound, found: list[Standing], plane: Plane) -> tuple[str, str, str]:
    """The policy it belongs to, how that matches, and why that one."""
    won = next((each for each in found if each.won), None)
    if won is not None and not orphaned(its, plane):
        return won.candidate.policy.said, won.candidate.match.said, won.why
    if its.claim.sort:
        return claimed(its), "", lost(its, plane)
    if its.required_by:
        return "", "", f"goes along with {', '.join(its.required_by[:3])}"
    return "", "", cannot_be_read(plane.unread) if plane.unread else "no policy matches it"


def lost(its: Bound, plane: Plane) -> str:
    """Why the policy that claimed it is not among those that match."""
    if plane.unread:
        return cannot_be_read(plane.unread)
    if orphaned(its, plane):
        return f"{claimed(its)} claimed it, and is gone"
    return f"{claimed(its)} claimed it, and matches it no longer"


def unbound(plane: Plane, bound_to: set[Named]) -> Iterator[PropagationRow]:
    """What policies name and no binding is of: it does not exist, or Karmada's controllers do not run."""
    anywhere = {(kind, "", name) for kind, _namespace, name in bound_to}
    told: set[Named] = set()
    for policy in plane.every_policy:
        for selector in policy.selectors:
            kind, name = text(selector.get("kind")), text(selector.get("name"))
            its = (kind, policy.namespace or text(selector.get("namespace")), name)
            if name and its not in told and its not in bound_to and (its[1] or its not in anywhere):
                told.add(its)
                yield _unbound(plane, policy, its)


def _unbound(plane: Plane, policy: Policy, its: Named) -> PropagationRow:
    kind, namespace, name = its
    level, reason = Level.UNKNOWN, f"there is no such {kind}, or Karmada's controllers do not run"
    if plane.labels(kind, namespace, name) is not None:
        level, reason = Level.DEGRADED, f"the {kind} is there and has no binding: do Karmada's controllers run?"
    return PropagationRow(
        plane.name,
        namespace,
        name,
        f"unbound/{policy.said}/{namespace}/{kind}/{name}",
        0.0,
        level=level,
        reason=reason,
        kind=kind,
        policy=policy.said,
        policy_namespace=policy.namespace,
        match=Match.NAME.said,
        state="no binding",
    )


def _labels(seen: Seen) -> dict[str, object]:
    """All that is taken of the host's own templates: their labels decide which policies match."""
    return {
        HOST: {
            (kind.name, row.namespace, row.name): row.labels for kind in WORKLOADS for row in seen.rows(kind, HOST)
        }
    }


JOIN = Join(
    PROPAGATIONS,
    WORKLOADS,
    (*BINDINGS, PROPAGATION_POLICY, CLUSTER_PROPAGATION_POLICY, KARMADA_CLUSTER),
    rows,
    planned=_labels,
)
