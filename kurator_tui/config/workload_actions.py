"""Actions of the tables of objects: where a row leads, marks, namespaces in scope, comparing. Entries only."""

from __future__ import annotations

from kurator_tui.config.action import (
    DIFFERENCES,
    READING,
    ROW_GROUP,
    VIEW_GROUP,
    WORKLOADS,
    Action,
    Context,
    needs_marks,
    needs_row,
)
from kurator_tui.kinds.homes import BESIDE

OBJECTS = frozenset({WORKLOADS})
_READ = frozenset({WORKLOADS, READING})
USED = frozenset({"configmaps", "secrets", "persistentvolumeclaims", "serviceaccounts"})
"""Kinds that pods name; `kinds.links` says the same, and is not imported before the first frame."""


def _needs_node(context: Context) -> str | None:
    return needs_row(context) if "node" in context.columns else "these are not on nodes"


def _needs_table(context: Context) -> str | None:
    return needs_row(context) if not context.behind else f"only from its own table: :{context.kind}"


def _needs_used(context: Context) -> str | None:
    return needs_row(context) if context.kinds & USED else "pods do not name objects of this kind"


WORKLOAD_ACTIONS = (
    Action(
        "beneath",
        "Beneath",
        "Of a cluster its lifecycle: objects, machines, steps; of a fleet what its plugins are on each member",
        ROW_GROUP,
        ("t",),
        frozenset(BESIDE),
        needs_row,
        menu=True,
    ),
    Action(
        "owner",
        "Owner",
        "Go to the object that owns it; again climbs on",
        ROW_GROUP,
        ("J",),
        _READ,
        needs_row,
        menu=True,
    ),
    Action("node", "Node", "Go to the node it is on", ROW_GROUP, ("o",), OBJECTS, _needs_node, menu=True),
    Action(
        "used",
        "Used by",
        "Pods that use this ConfigMap, Secret, claim or ServiceAccount",
        ROW_GROUP,
        (),
        OBJECTS,
        _needs_used,
        commands=("used-by",),
        menu=True,
    ),
    Action(
        "compare",
        "Compare",
        "The same object over clusters, or the marked ones, side by side",
        ROW_GROUP,
        ("equals_sign",),
        _READ,
        _needs_table,
        menu=True,
    ),
    Action("mark", "Mark", "Mark or unmark the row", ROW_GROUP, ("space",), off=needs_row),
    Action(
        "mark.range",
        "Mark range",
        "Mark from the last marked row to this one",
        ROW_GROUP,
        ("ctrl+at",),
        off=needs_row,
    ),
    Action("mark.clear", "Clear marks", "Unmark every row", ROW_GROUP, ("ctrl+backslash",), off=needs_marks),
    Action(
        "scope.namespaces",
        "Namespaces",
        "Pick the namespaces in scope",
        VIEW_GROUP,
        ("n",),
        menu=True,
    ),
    Action(
        "fold",
        "Fold",
        "Hide or show defaults, status and what servers write",
        VIEW_GROUP,
        ("f",),
        frozenset({DIFFERENCES}),
        footer=3,
        menu=True,
    ),
)
"""In the order help shows them."""
