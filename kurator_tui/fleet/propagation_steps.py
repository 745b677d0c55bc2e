"""The join behind `propagationsteps`: each hop from a template to its members as lines of a tree, with its why.

    Deployment/web              what is propagated, and how that stands
      pp/web                    each policy that matches: chosen, or pre-empted by which
      rb/web-deployment         the binding: scheduled, or why it is not
        m1                      a cluster: replicas, evicted from, removed by which filter
          op/web                each override for it, and what it changes
          wk/web-7f6            the Work: what Karmada hands over, and whether it was applied
            seen by Karmada     the member's object by what the binding is told of it
              itself on m1      the same as the member itself says

The last one is read on the member and is its row; everything else is the control plane's.
"""

from __future__ import annotations

from collections.abc import Iterable

from kurator_tui.fleet.join import Join
from kurator_tui.fleet.karmada_binding import Bound, bound
from kurator_tui.fleet.karmada_plane import WORKLOADS, Plane
from kurator_tui.fleet.propagation_lines import Line, lines
from kurator_tui.fleet.propagation_members import member_rows, planned
from kurator_tui.fleet.propagation_works import Works
from kurator_tui.fleet.propagations import BINDINGS, behind
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, AnyKind, Level, Row
from kurator_tui.kinds.karmada import KARMADA_CLUSTER
from kurator_tui.kinds.karmada_propagation import (
    CLUSTER_OVERRIDE_POLICY,
    CLUSTER_PROPAGATION_POLICY,
    OVERRIDE_POLICY,
    PROPAGATION_POLICY,
    WORK,
)
from kurator_tui.kinds.propagations import PROPAGATION_STEPS, StepRow, root_of
from kurator_tui.kinds.shapes import mapping, text
from kurator_tui.kinds.table import ObjectRow, part


def rows(seen: Seen, cluster: str) -> Iterable[Row]:
    """The lines of one cluster: of its own control plane, and of what the host's one brought here."""
    plane, works = seen.local(Plane, cluster), seen.local(Works, cluster)
    for kind in BINDINGS:
        for row in seen.rows(kind, cluster):
            yield from _tree(seen, plane, works, kind, row)
    if cluster != HOST:
        yield from member_rows(seen, cluster)


def failed(cluster: str, reason: str) -> Row:
    """The row that says that the join failed."""
    return StepRow(cluster, "", cluster, f"failed/{cluster}", 0.0, level=Level.FAILED, reason=reason, path=cluster)


def _tree(seen: Seen, plane: Plane, works: Works, kind: AnyKind, row: ObjectRow) -> tuple[StepRow, ...]:
    its = mapping(part(kind, row, "resource"))
    sort, name = text(its.get("kind")), text(its.get("name"))
    made = works.of(row, (sort, text(its.get("namespace")), name))
    overrides = plane.overrides((text(its.get("apiVersion")), sort, name))

    def make() -> tuple[StepRow, ...]:
        found = bound(kind, row, plane)
        return tuple(_row(found, plane, line) for line in lines(found, plane, made))

    return seen.unchanged(row.uid, (*behind(plane, kind, row), len(overrides), *overrides, *made.values()), make)


def _row(its: Bound, plane: Plane, line: Line) -> StepRow:
    template = its.template
    root = root_of(template.namespace, template.kind, template.name, "" if plane.name == HOST else plane.name)
    return StepRow(
        plane.name,
        template.namespace,
        line.name,
        f"{its.row.uid} {line.at}",
        its.row.created,
        level=line.level,
        reason=line.reason,
        hop=line.hop,
        state=line.state,
        depth=line.depth,
        path=f"{root} {line.at}",
        root=root,
        member=line.member,
        object_kind=line.kind,
        object_namespace=line.namespace,
        object_name=line.object,
        since=line.since,
    )


_MEMBERS: tuple[AnyKind, ...] = (
    *BINDINGS,
    *(PROPAGATION_POLICY, CLUSTER_PROPAGATION_POLICY, OVERRIDE_POLICY, CLUSTER_OVERRIDE_POLICY),
    *(KARMADA_CLUSTER, WORK),
    *WORKLOADS,
)

JOIN = Join(
    PROPAGATION_STEPS,
    BINDINGS,
    _MEMBERS,
    rows,
    failed=failed,
    planned=planned,
)
