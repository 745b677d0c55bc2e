"""Where Enter leads from rows of a mesh. Pure."""

from __future__ import annotations

from kurator_tui.kinds.interconnect import LinkMatrixRow
from kurator_tui.kinds.links import Target
from kurator_tui.kinds.traffic import TrafficHostRow


def of_host(row: TrafficHostRow) -> list[Target]:
    """The trees of a host in all clusters, one below the other."""
    return [Target("traffic", where=(("root", row.root),), title=row.name)]


def of_matrix(row: LinkMatrixRow) -> list[Target]:
    """The links of a member, one by one."""
    return [Target("links", row.cluster, title=row.cluster)]
