"""The one registry of descriptions. A kind without an own one is described by its table's columns and its fields.

To add one, write a function (object, now) -> parts in its system's file and name it in `DESCRIBERS` there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kurator_tui.describe import apps, common, core, kurator
from kurator_tui.describe import pods as pod_parts
from kurator_tui.describe.parts import Part, present
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.pods import PodRow
from kurator_tui.kinds.shapes import Object, name_of

Describer = Callable[[Object, float], list[Part]]

DESCRIBERS: dict[str, Describer] = {
    "pods": pod_parts.pod,
    **core.DESCRIBERS,
    **apps.DESCRIBERS,
    **kurator.DESCRIBERS,
}
"""Kind's id -> what is special about it."""

_ELSEWHERE = ("apiVersion", "kind", "metadata", "spec", "status")


def describe(
    kind: AnyKind,
    found: Object,
    events: Iterable[EventRow],
    now: float,
    *,
    cluster: str = "",
    owners: Sequence[tuple[str, str]] = (),
    pods: Sequence[PodRow] = (),
    pods_note: str = "",
) -> list[Part]:
    """`found` (of `kind`, in `cluster`) in words at `now` (Unix seconds): never raises, whatever its shape.

    `owners` is the chain of owners as (kind, name), where it is known; `pods` are those of a node,
    `pods_note` says what is to be known of them.
    """
    row = common.row_of(kind, found, cluster)
    special = DESCRIBERS.get(kind.id)
    body = special(found, now) if special is not None else generic(kind, found, cluster, now)
    return present(
        [
            common.verdict(kind, row),
            common.head(kind, found, cluster, now),
            *body,
            core.allocated(found, pods, pods_note),
            common.conditions(found, now),
            common.owners(found, owners),
            common.events(events, now, (kind.name, name_of(found))),
        ]
    )


def generic(kind: AnyKind, found: Object, cluster: str, now: float) -> list[Part]:
    """What the table shows of it, then its fields."""
    rest = {key: value for key, value in found.items() if key not in _ELSEWHERE}
    return present(
        [
            common.summary(kind, common.row_of(kind, found, cluster), now),
            common.tree("Spec", found.get("spec")),
            common.tree("Status", found.get("status"), without=("conditions", "observedGeneration")),
            common.tree("Fields", rest),
        ]
    )
