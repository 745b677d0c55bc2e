"""Where Enter leads at the edge: from a site to its nodes, from a node to what is on it. Pure."""

from __future__ import annotations

from kurator_tui.kinds.edge import EdgeNodeRow, EdgeSiteRow
from kurator_tui.kinds.edge_jobs import EdgeJobRow
from kurator_tui.kinds.links import Target


def of_site(row: EdgeSiteRow) -> list[Target]:
    """A site's nodes; of a region its sites."""
    if row.line == "region":
        where = (("region", row.region), ("line", "site"))
        return [Target("edgemap", row.cluster, where=where, title=row.name)]
    return [Target("edgenodes", row.cluster, where=(("site", row.site),), title=row.name)]


def of_node(row: EdgeNodeRow) -> list[Target]:
    """What is on a node."""
    where = (("node", row.name),)
    return [Target(kind, row.cluster, where=where, title=row.name) for kind in ("edgepods", "edgedevices")]


def of_job(row: EdgeJobRow) -> list[Target]:
    """A job's nodes; of one of them the node."""
    if row.depth:
        return [Target("edgenodes", row.cluster, where=(("name", row.node),), title=row.node)]
    return [Target("edgejobs", row.cluster, where=(("root", row.root),), title=row.job)]
