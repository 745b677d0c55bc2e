"""Where Enter leads from rows of clusters' lives. Pure functions of the rows."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.links import NoLink, Target, one


def of_cluster(row: Any) -> list[Target]:
    """The tree of a cluster; of the host, which is in none, the trees of all."""
    return [Target("lifecycle", HOST, where=() if row.cluster == HOST else (("member", row.cluster),))]


def of_line(row: Any) -> list[Target]:
    """The tree below its top; from a line below that what its object leads to."""
    if not row.depth:
        return [Target("lifecycle", HOST, where=(("root", row.root),), title=row.root)]
    if row.kind == "worker pod":
        return [one("pods", HOST, row.namespace, row.object_name)]
    if row.node and row.member:
        return [one("nodes", row.member, "", row.node)]
    if row.object_kind:
        return [one(row.object_kind, HOST, row.namespace, row.object_name)]
    raise NoLink("a step is no object")
