"""The joins behind `edgesites` and `edgemap`: a cluster's edge nodes by place, with devices and CloudCore.

Kept up node by node: a changed node costs a subtraction and an addition, whatever the size of its site.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from operator import add, sub
from typing import cast

from kurator_tui.fleet.edge_contact import site_of
from kurator_tui.fleet.edge_nodes import LEASES_OF_NODES, LOOK, NODE_KINDS, EdgeNodes, is_node_lease
from kurator_tui.fleet.edge_shares import NOTHING, Cloud, Share, share_of, site_health, site_state
from kurator_tui.fleet.edge_twins import DEVICE_KINDS, REPORTS_WELL, Twinned
from kurator_tui.fleet.edge_twins import node as node_of
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.pieces import Objects, in_pieces
from kurator_tui.fleet.seen import Seen
from kurator_tui.fleet.unread import unread
from kurator_tui.kinds.configuration import LEASE
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow
from kurator_tui.kinds.edge import EDGE_SITES, EdgeSiteRow
from kurator_tui.kinds.estimates import SPARKS, SparkRow
from kurator_tui.kinds.kubeedge import DEVICE, NODE_GROUP
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import State

CLOUDCORE, NAMESPACE = "cloudcore", "kubeedge"
CONNECTED = "edge"
"""The number among `sparks` that CloudCore counts: nodes connected to it."""
BESIDE = (POD, LEASE, *DEVICE_KINDS, NODE_GROUP, DEPLOYMENT)
"""What sites are shown with; each may be refused or missing."""
SHORT_SECONDS = 180.0
"""For which CloudCore may count fewer nodes than are Ready: its number is asked for once a minute."""


class EdgeSites:
    """The sites of one cluster."""

    def __init__(self, seen: Seen, cluster: str) -> None:
        self._seen = seen
        self._cluster = cluster
        self._nodes = EdgeNodes(seen, cluster)
        self._twins = Twinned()
        self._devices: dict[str, tuple[str, bool]] = {}
        """uid of a device -> (node, whether it reports well)."""
        self._tallies: dict[str, Counter[bool]] = {}
        """Node -> its devices by that."""
        self._counts_devices = seen.freshness(cluster, DEVICE).state in (State.LIVE, State.STALE)
        self._seeks_core = seen.freshness(cluster, DEPLOYMENT).state is State.LIVE
        self._unread = unread(seen, cluster, BESIDE)
        self._parts: dict[str, tuple[str, str, Share]] = {}
        """Node -> (site, region, what it added)."""
        self._sums: dict[str, Share] = {}
        self._members: dict[str, set[str]] = {}
        self._regions: dict[str, Counter[str]] = {}
        self._sources: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        """uid of a NodeGroup -> its name."""
        self._cores: dict[str, DeploymentRow] = {}
        self._connected: int | None = None
        self._short_since = 0.0
        self._touched: set[str] = set()
        """Nodes whose devices changed."""
        self._pending: set[str] = set()
        self._cloud = Cloud(None, None, 0, 0, short=False)
        self._look_again = True

    @property
    def waiting(self) -> bool:
        return bool(self._nodes.waiting or self._touched or self._pending or self._look_again)

    # -- what changes -------------------------------------------------------------------------------------------

    def take(self, kind: str, objects: Objects) -> None:
        self._nodes.take(kind, objects)
        for uid in self._twins.take(kind, objects):
            self._count_device(uid)
        if kind == NODE_GROUP.id:
            self._take_groups(objects)
        elif kind == DEPLOYMENT.id:
            self._take_cores(objects)
        elif kind == SPARKS.id:
            self._take_numbers(objects)

    def _count_device(self, uid: str) -> None:
        before, device = self._devices.pop(uid, None), self._twins.devices.get(uid)
        now = None
        if device is not None:
            now = (node_of(device), self._twins.state(device) in ("", *REPORTS_WELL))
            self._devices[uid] = now
        if before == now:
            return
        for each, change in ((before, -1), (now, 1)):
            if each is not None:
                self._tallies.setdefault(each[0], Counter())[each[1]] += change
                self._touched.add(each[0])

    def _take_groups(self, objects: Objects) -> None:
        for uid, row in objects.items():
            name = row.name if row is not None else self._groups.pop(uid, "")
            if row is not None:
                self._groups[uid] = name
            self._pending.add(name)

    def _take_cores(self, objects: Objects) -> None:
        for uid, row in objects.items():
            if row is not None and (row.namespace, row.name) == (NAMESPACE, CLOUDCORE):
                self._cores[uid] = cast(DeploymentRow, row)
            elif self._cores.pop(uid, None) is None:
                continue
            self._look_again = True

    def _take_numbers(self, objects: Objects) -> None:
        for row in objects.values():
            if isinstance(row, SparkRow) and row.name == CONNECTED:
                self._connected = None if row.last is None else round(row.last)
                self._look_again = True

    def look(self) -> None:
        self._nodes.look()
        self._look_again |= bool(self._short_since)

    # -- sums ---------------------------------------------------------------------------------------------------

    def made(self) -> Iterator[tuple[str, EdgeSiteRow | None]]:
        for before, now in self._nodes.changes():
            self._sum_up(now.name if now is not None else before.name if before is not None else "")
        while self._touched:
            self._sum_up(self._touched.pop())
        self._look_at_cloud()
        while self._pending:
            site = self._pending.pop()
            yield site_uid(site), self._row(site)

    def _sum_up(self, name: str) -> None:
        """Count a node as it is now."""
        row = self._nodes.rows.get(name)
        before = self._parts.pop(name, None)
        now = None
        if row is not None:
            now = self._parts[name] = (row.site, row.region, share_of(row, self._tallies.get(name)))
            node = self._nodes.node(name)
            if node is not None:
                self._sources[row.site] = site_of(node, self._cluster, self._seen.site_label)[1]
        if before is not None:
            self._change(name, before, sub)
        if now is not None:
            self._change(name, now, add)

    def _change(self, name: str, part: tuple[str, str, Share], how: object) -> None:
        site, region, share = part
        members, regions = self._members.setdefault(site, set()), self._regions.setdefault(site, Counter())
        if how is add:
            members.add(name)
            regions[region] += 1
            self._sums[site] = Share(*map(add, self._sums.get(site, NOTHING), share))
        else:
            members.discard(name)
            regions[region] -= 1
            self._sums[site] = Share(*map(sub, self._sums.get(site, NOTHING), share))
        self._pending.add(site)

    def _look_at_cloud(self) -> None:
        """Find out what CloudCore says; where that is something else, of all sites."""
        self._look_again = False
        ready = sum(share.online for share in self._sums.values())
        nodes = sum(share.nodes for share in self._sums.values())
        live = self._seen.freshness(self._cluster, SPARKS).state is State.LIVE
        connected = self._connected if live else None
        if connected is None or connected >= ready:
            self._short_since = 0.0
        else:
            self._short_since = self._short_since or self._seen.now()
        short = bool(self._short_since) and self._seen.now() - self._short_since > SHORT_SECONDS
        core = None
        if self._cores:
            core = (
                sum(row.ready for row in self._cores.values()),
                sum(row.desired for row in self._cores.values()),
            )
        missing = self._seeks_core and core is None
        cloud = Cloud(core, connected, ready, nodes, short, missing, self._unread)
        if cloud != self._cloud:
            self._cloud = cloud
            self._pending.update(self._members)

    # -- rows ---------------------------------------------------------------------------------------------------

    def _row(self, site: str) -> EdgeSiteRow | None:
        """The row of a site; None where there is neither a node of it nor a group."""
        share = self._sums.get(site, NOTHING)
        if not share.nodes and (not site or site not in self._groups.values()):
            return None
        regions = +self._regions.get(site, Counter())
        region = max(regions, key=lambda each: (regions[each], each), default="")
        health = site_health(share, self._cloud)
        return EdgeSiteRow(
            self._cluster,
            "",
            site,
            site_uid(site),
            0.0,
            level=str(health.level),
            reason=health.reason,
            state=site_state(share),
            site=site,
            region=region,
            source=self._sources.get(site, "group"),
            nodes=share.nodes,
            online=share.online,
            away=share.away,
            failed=share.failed,
            unknown=share.unknown,
            flapping=share.flapping,
            pods=share.pods,
            devices=share.devices if self._counts_devices else None,
            devices_online=share.devices_online if self._counts_devices else None,
            heard=self._heard(site) if share.away and not share.online and not share.failed else 0.0,
            connected=self._cloud.connected,
            expected=self._cloud.nodes,
            cloudcore=_core(self._cloud),
        )

    def _heard(self, site: str) -> float:
        rows = (self._nodes.rows.get(name) for name in self._members.get(site, ()))
        return max((row.heard for row in rows if row is not None), default=0.0)


def _core(cloud: Cloud) -> str:
    if cloud.core is None:
        return "none" if cloud.missing else ""
    return f"{cloud.core[0]}/{cloud.core[1]}"


def site_uid(site: str) -> str:
    """Of the row of a site."""
    return f"site/{site}"


MEMBER_KINDS = (*NODE_KINDS, *DEVICE_KINDS, NODE_GROUP, DEPLOYMENT, SPARKS)


JOIN = Join(
    EDGE_SITES,
    (),
    MEMBER_KINDS,
    in_pieces,
    only={LEASE.id: is_node_lease},
    fields={**LEASES_OF_NODES, DEPLOYMENT.id: f"metadata.name={CLOUDCORE}"},
    pieces=EdgeSites,
    every=LOOK,
)
