"""The join behind `linkmatrix`: the links of a member in one line, a cell for each that is connected."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.fleet import interconnect
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import SEVERITY, Level, Row
from kurator_tui.kinds.interconnect import LINK_MATRIX, LinkMatrixRow, LinkRow
from kurator_tui.kinds.submariner import ENDPOINT, GATEWAY

ITSELF, NOTHING = "·", "-"
CELL = 7
"""Characters of what a cell says: `999ms!`."""
_WORDS = {"connecting": "…", "no gateway": "none"}


def rows(seen: Seen, cluster: str) -> Iterator[Row]:
    """The row of one member; none where it has no Submariner."""
    links = {row.name: row for row in interconnect.rows(seen, cluster) if isinstance(row, LinkRow)}
    if not links:
        return
    peers = seen.shared(interconnect.peers)
    wide = len(str(len(peers))) + 1 + CELL
    cells = [
        f"{number}:{ITSELF if name == cluster else _cell(links.get(name))}".ljust(wide)
        for number, name in enumerate(peers, 1)
    ]
    worst = max(links.values(), key=lambda row: SEVERITY[Level(row.level)])
    healthy = sum(row.level == Level.HEALTHY for row in links.values())
    told = f"{worst.name}: {worst.reason}" if worst.name else worst.reason
    yield LinkMatrixRow(
        cluster,
        "",
        cluster,
        "matrix",
        0.0,
        number=peers.index(cluster) + 1 if cluster in peers else 0,
        line=" ".join(cells).rstrip(),
        healthy=healthy,
        links=len(links),
        level=worst.level,
        reason=told if worst.level != Level.HEALTHY else "",
    )


def failed(cluster: str, reason: str) -> Row:
    """The row that says that the join failed."""
    return LinkMatrixRow(cluster, "", cluster, "matrix", 0.0, level=Level.FAILED, reason=reason)


JOIN = Join(LINK_MATRIX, (), (GATEWAY, ENDPOINT), rows, crossed=True, failed=failed)


def _cell(row: LinkRow | None) -> str:
    """Its round trip, with a mark where something is wrong with it; else its state."""
    if row is None:
        return NOTHING
    if row.status != "connected" or row.average is None:
        return _WORDS.get(row.status, row.status)[:CELL]
    return f"{row.average:.0f}ms{'' if row.level == Level.HEALTHY else '!'}"
