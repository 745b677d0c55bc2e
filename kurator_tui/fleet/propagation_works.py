"""Works by the binding they were made for, and what a Work says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.judge import because, by_type
from kurator_tui.kinds.karmada_propagation import WORK
from kurator_tui.kinds.meta import unix
from kurator_tui.kinds.shapes import mapping, text
from kurator_tui.kinds.table import ObjectRow, part

NAMESPACE = "karmada-es-"
"""What the namespace of a cluster's Works begins with; the rest is the cluster's name."""
_NO_WORKS: Mapping[str, ObjectRow] = {}

Place = tuple[str, str]
"""(namespace, name) of a binding; no namespace for one that is cluster-wide."""


class Works:
    """The Works of a control plane by what they were made for."""

    def __init__(self, seen: Seen, name: str) -> None:
        self._made_for: dict[Place, dict[str, ObjectRow]] = {}
        self._holding: dict[tuple[str, str, str], dict[str, ObjectRow]] = {}
        for row in seen.rows(WORK, name):
            member = row.namespace.removeprefix(NAMESPACE)
            if place := seen.unchanged(("work", row.uid), (row,), partial(_binding, row)):
                self._made_for.setdefault(place, {})[member] = row
            else:
                kind, namespace, its = part(WORK, row, "manifest") or ("", "", "")
                self._holding.setdefault((kind, namespace, its), {})[member] = row

    def of(self, binding: ObjectRow, template: tuple[str, str, str]) -> Mapping[str, ObjectRow]:
        """By cluster, the Works of a binding; by the (kind, namespace, name) they hold where they name none."""
        return self._made_for.get((binding.namespace, binding.name)) or self._holding.get(template) or _NO_WORKS


def _binding(work: ObjectRow) -> Place | None:
    labels, annotations = part(WORK, work, "marks") or ({}, {})
    about = {**labels, **annotations}
    if name := text(about.get("resourcebinding.karmada.io/name")):
        return text(about.get("resourcebinding.karmada.io/namespace")), name
    if name := text(about.get("clusterresourcebinding.karmada.io/name")):
        return "", name
    return None


class WorkState(NamedTuple):
    """`applied` is None while it does not say; `since` in Unix seconds."""

    level: Level
    state: str
    reason: str
    applied: bool | None
    since: float


def state_of(work: ObjectRow) -> WorkState:
    """What a Work says of itself: suspended on purpose is healthy."""
    told = by_type(part(WORK, work, "conditions"))
    applied, dispatching = mapping(told.get("Applied")), mapping(told.get("Dispatching"))
    off = part(WORK, work, "suspended") is True or dispatching.get("status") == "False"
    if applied.get("status") == "False":
        return _state(Level.FAILED, "not applied", applied, applied=False)
    if mapping(degraded := told.get("Degraded")).get("status") == "True":
        return _state(Level.DEGRADED, "degraded", degraded, applied=True)
    if off:
        return _state(Level.HEALTHY, "suspended", dispatching, applied=None)._replace(
            reason="dispatching suspended"
        )
    if applied.get("status") == "True":
        return _state(Level.HEALTHY, "applied", applied, applied=True)._replace(reason="")
    return WorkState(Level.PROGRESSING, "waiting", because(applied) or "not applied yet", None, work.created)


def _state(level: Level, state: str, condition: Any, *, applied: bool | None) -> WorkState:
    since = unix(text(mapping(condition).get("lastTransitionTime")))
    return WorkState(level, state, because(condition), applied, since)
