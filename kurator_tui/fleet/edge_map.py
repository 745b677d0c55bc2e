"""The join behind `edgemap`: the sites of a cluster as lines of trees, regions over their sites."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace as with_changes

from msgspec.structs import replace

from kurator_tui.fleet.edge_sites import JOIN as SITES
from kurator_tui.fleet.edge_sites import EdgeSites
from kurator_tui.fleet.pieces import Objects
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import SEVERITY, Level, Row
from kurator_tui.kinds.edge import EDGE_MAP, PARTLY_FAILED, PARTLY_OFFLINE, Contact, EdgeSiteRow

NO_REGION = "(no region)"
_BETWEEN = " "
"""Between the steps of a path: sorts before all that names of regions, clusters and sites may hold."""


class EdgeMap:
    """The lines of one cluster."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self._cluster = cluster
        self._sites = EdgeSites(seen, cluster)
        self._regions: dict[str, dict[str, EdgeSiteRow]] = {}
        """Region -> uid -> the line of a site in it."""
        self._places: dict[str, str] = {}
        """uid of a site's line -> its region."""

    @property
    def waiting(self) -> bool:
        return self._sites.waiting

    def take(self, kind: str, objects: Objects) -> None:
        self._sites.take(kind, objects)

    def look(self) -> None:
        self._sites.look()

    def made(self) -> Iterator[tuple[str, Row | None]]:
        touched = set()
        for uid, site in self._sites.made():
            if (before := self._places.pop(uid, None)) is not None:
                del self._regions[before][uid]
                touched.add(before)
            line = None if site is None else self._line(site)
            if line is not None:
                self._places[uid] = line.region
                self._regions.setdefault(line.region, {})[uid] = line
                touched.add(line.region)
            yield uid, line
        for region in touched:
            sites = self._regions[region].values()
            yield f"region/{region}", self._above(region, sites) if sites else None

    def _line(self, site: EdgeSiteRow) -> EdgeSiteRow:
        path = _BETWEEN.join((site.region or NO_REGION, self._cluster, site.name))
        return replace(site, path=path, depth=1)

    def _above(self, region: str, sites: Collection[EdgeSiteRow]) -> EdgeSiteRow:
        """The line of a region: its sites added up, the worst of them as its health."""
        worst = max(sites, key=lambda site: (SEVERITY[Level(site.level)], site.name))
        reason = worst.reason and f"{worst.name}: {worst.reason}"
        known = [site for site in sites if site.devices is not None]
        silent = all(site.heard for site in sites)
        return replace(
            worst,
            name=region or NO_REGION,
            uid=f"region/{region}",
            reason=reason,
            state=_state(sites),
            site="",
            line="region",
            path=_BETWEEN.join((region or NO_REGION, self._cluster)),
            depth=0,
            source="",
            nodes=sum(site.nodes for site in sites),
            online=sum(site.online for site in sites),
            away=sum(site.away for site in sites),
            failed=sum(site.failed for site in sites),
            unknown=sum(site.unknown for site in sites),
            flapping=sum(site.flapping for site in sites),
            pods=sum(site.pods for site in sites),
            devices=sum(site.devices or 0 for site in known) if known else None,
            devices_online=sum(site.devices_online or 0 for site in known) if known else None,
            heard=max(site.heard for site in sites) if silent else 0.0,
        )


def _state(sites: Collection[EdgeSiteRow]) -> str:
    states = {site.state for site in sites}
    if len(states) == 1:
        return next(iter(states))
    if any(site.failed for site in sites):
        return PARTLY_FAILED
    return PARTLY_OFFLINE if any(site.away for site in sites) else str(Contact.ONLINE)


JOIN = with_changes(SITES, kind=EDGE_MAP, pieces=EdgeMap)
