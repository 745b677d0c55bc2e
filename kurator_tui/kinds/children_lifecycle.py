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


def of_fleet(row: Any) -> list[Target]:
    """What its plugins are on each member."""
    return [Target("pluginreleases", where=(("fleet", row.name),), title=row.name)]


def of_plugin_release(row: Any) -> list[Target]:
    """The pod that fails, and the release."""
    pod = [one("pods", row.cluster, "", row.pod)] if row.pod else []
    release = [one("helmreleases.helm.toolkit.fluxcd.io", HOST, row.namespace, row.release)] if row.release else []
    if not pod and not release:
        raise NoLink("Kurator never made its HelmRelease")
    return [*pod, *release]
