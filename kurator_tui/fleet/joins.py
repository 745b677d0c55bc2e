"""Keeps the derived rows (`fleets`, `clusters`) up to date, redoing only what was touched since the last round.

A row that cannot be joined becomes a failed row that says so; the others do not notice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import cast

from kurator_tui.fleet.aggregate import AggregatedMember
from kurator_tui.fleet.member import MemberLink
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.numbers import Numbers, Told, completed
from kurator_tui.fleet.overviews import (
    MemberFacts,
    cluster_overview,
    fleet_overview,
    newest_minor,
)
from kurator_tui.fleet.sums import Sums
from kurator_tui.fleet.troubles import NONE, Troubles
from kurator_tui.kinds.base import HOST, AnyKind, Level, Row
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.flux import HELM_RELEASE, HelmReleaseRow
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, FLEET, FleetRow, ManagedClusterRow
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview, FleetOverview
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

_LOG = logging.getLogger(__name__)

_MANAGED = {kind.name: kind.id for kind in (CLUSTER, ATTACHED_CLUSTER, CUSTOM_CLUSTER)}

Link = MemberLink | AggregatedMember
Place = tuple[str, str, str]
"""(kind, namespace, name) of a member's object on the host."""


class Joins:
    """Reads raw rows from the store and writes overview rows into it.

    With `lead` false another feeder makes the fleets' rows; with it, overview rows of other feeders' members come
    by `take` and count in their fleets. `numbers` are asked for members whose nodes or pods are not read.
    """

    def __init__(self, store: Store, numbers: Numbers, only_fleet: str = "", *, lead: bool = True) -> None:
        self._store = store
        self._numbers = numbers
        self._only_fleet = only_fleet
        self._lead = lead
        self._sums = Sums(store, self.touch)
        self._others: dict[str, ClusterOverview] = {}
        self._dirty: set[str] = set()
        self._dirty_fleets = False
        self._newest: tuple[int, int] | None = None
        """What every row's skew was counted from."""
        self._dirty_incidents = False
        self._troubles = Troubles()
        self._counts: dict[str, tuple[int, Level]] = {}
        self._failing: dict[tuple[str, str], str] = {}
        """What could not be joined last time, to log it once and not every round."""

    @property
    def pending(self) -> bool:
        """Whether something was touched since the last `refresh`."""
        return bool(self._dirty or self._dirty_fleets or self._dirty_incidents)

    def touch(self, cluster: str) -> None:
        """Something that the row of `cluster` shows has changed."""
        self._dirty.add(cluster)

    def touch_fleets(self) -> None:
        """A Fleet, a member object or a HelmRelease changed."""
        self._dirty_fleets = True

    def touch_incidents(self) -> None:
        """Incidents changed: rows count those that are about them."""
        self._dirty_incidents = True

    def take(self, rows: Iterable[ClusterOverview], gone: Iterable[str]) -> None:
        """What another feeder found out about its members."""
        self._others.update((row.cluster, row) for row in rows)
        for cluster in gone:
            self._others.pop(cluster, None)
        self._dirty_fleets = True

    def others(self) -> list[Member]:
        """Members of other feeders, as far as their rows tell."""
        return [Member(row.cluster, row.kind, row.namespace, row.object_name) for row in self._others.values()]

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more."""
        self._sums.forget(cluster)
        self._numbers.forget(cluster)
        self._others.pop(cluster, None)
        self._failing.pop((CLUSTERS.id, cluster), None)
        self._dirty.discard(cluster)
        self._dirty_fleets = True

    def refresh(self, links: Mapping[str, Link]) -> None:
        """Join again what was touched."""
        if not self.pending:
            return
        if self._dirty_incidents:
            self._count_incidents()
        versions = [link.facts.version for link in links.values()]
        newest = newest_minor([*versions, *(row.version for row in self._others.values())])
        fleets = [cast(FleetRow, row) for row in self._store.rows(FLEET.id, HOST)]
        listed = _listed(fleets)
        managed = self._managed()
        everyone = self._dirty_fleets or newest != self._newest
        self._newest = newest
        changed = links if everyone else self._dirty & links.keys()
        for cluster in changed:
            row = self._cluster_row(links[cluster], listed, managed, newest)
            self._store.replace(CLUSTERS.id, cluster, [row])
            self._store.set_freshness(cluster, CLUSTERS.id, self._store.freshness(cluster))
        self._dirty.clear()
        self._dirty_fleets = False
        if self._lead:
            self._refresh_fleets(fleets, links)

    def _count_incidents(self) -> None:
        self._dirty_incidents = False
        self._troubles = Troubles(self._store.rows(INCIDENTS.id, HOST))
        before, self._counts = self._counts, self._troubles.counts()
        self._dirty.update(each for each in {*before, *self._counts} if before.get(each) != self._counts.get(each))

    def _cluster_row(
        self,
        link: Link,
        listed: Mapping[Place, list[str]],
        managed: Mapping[Place, ManagedClusterRow],
        newest: tuple[int, int] | None,
    ) -> ClusterOverview:
        member = link.member
        place = (CLUSTERS.id, member.name)
        try:
            row = cluster_overview(self._facts(link, listed, managed), newest)
        except Exception as error:  # noqa: BLE001 - one member's hostile data must not end the hub
            return ClusterOverview(
                member.name,
                member.namespace,
                member.name,
                f"{member.kind}/{member.name}",
                0.0,
                level=Level.FAILED,
                reason=self._failed(place, error),
                kind=member.kind,
                object_name=member.object_name,
                state=link.state.state.value,
                since=link.state.since,
            )
        self._failing.pop(place, None)
        return row

    def _failed(self, place: tuple[str, str], error: Exception) -> str:
        """The reason for the row; its traceback goes to the log the first time."""
        reason = f"error in kurator-tui: {type(error).__name__}"
        if self._failing.get(place) != reason:
            self._failing[place] = reason
            _LOG.error("%s of %s: unexpected error", *place, exc_info=error)
        return reason

    def _managed(self) -> dict[Place, ManagedClusterRow]:
        return {
            (name, row.namespace, row.name): cast(ManagedClusterRow, row)
            for name, kind in _MANAGED.items()
            for row in self._store.rows(kind, HOST)
        }

    def _facts(
        self, link: Link, listed: Mapping[Place, list[str]], managed: Mapping[Place, ManagedClusterRow]
    ) -> MemberFacts:
        member, facts, told = link.member, link.facts, self._told(link.member)
        place = (member.kind, member.namespace, member.object_name)
        return MemberFacts(
            member=member,
            state=link.state,
            totals=completed(
                self._sums.totals(
                    member.name,
                    nodes_listed=self._live(member.name, NODE),
                    pods_listed=self._live(member.name, POD),
                ),
                told.counts,
            ),
            fleets=listed.get(place, []),
            via=f"{facts.via} · numbers from Thanos" if told.at else facts.via,
            server=facts.server,
            version=facts.version,
            latency=facts.latency,
            ahead=facts.ahead,
            contact=link.contact.last,
            expiries=facts.expiries,
            streams=facts.streams,
            note="; ".join(part for part in (link.note(), told.note) if part),
            numbers=told.at,
            managed=managed.get(place),
            troubles=self._counts.get(member.name, NONE),
        )

    def _told(self, member: Member) -> Told:
        """What Thanos says of a member whose nodes or pods are not read; nothing of one that is."""
        if any(self._store.freshness(member.name, kind.id).state is State.UNREAD for kind in (NODE, POD)):
            return self._numbers.of(member)
        self._numbers.forget(member.name)
        return Told()

    def _live(self, cluster: str, kind: AnyKind) -> bool:
        return self._store.freshness(cluster, kind.id).state is State.LIVE

    def _refresh_fleets(self, fleets: list[FleetRow], links: Mapping[str, Link]) -> None:
        host = self._store.freshness(HOST)
        releases = [cast(HelmReleaseRow, row) for row in self._store.rows(HELM_RELEASE.id, HOST)]
        places = self._places(links)
        overviews: list[Row] = []
        for fleet in fleets:
            if self._only_fleet in ("", fleet.name):
                members = [(kind, fleet.namespace, name) for kind, name in fleet.members]
                clusters = sorted((places[at] for at in members if at in places), key=lambda row: row.name)
                overviews.append(self._fleet_row(fleet, clusters, releases, host))
        self._store.replace(FLEETS.id, HOST, overviews)
        self._store.set_freshness(HOST, FLEETS.id, self._store.freshness(HOST, FLEET.id))

    def _fleet_row(
        self, fleet: FleetRow, clusters: list[ClusterOverview], releases: list[HelmReleaseRow], host: Freshness
    ) -> FleetOverview:
        place = (FLEETS.id, f"{fleet.namespace}/{fleet.name}")
        try:
            row = fleet_overview(fleet, clusters, releases, host, self._troubles)
        except Exception as error:  # noqa: BLE001 - as above
            reason = self._failed(place, error)
            return FleetOverview(
                HOST, fleet.namespace, fleet.name, fleet.uid, fleet.created, level=Level.FAILED, reason=reason
            )
        self._failing.pop(place, None)
        return row

    def _places(self, links: Mapping[str, Link]) -> dict[Place, ClusterOverview]:
        """The overview row of every member that has one, by its object's place on the host."""
        rows = [cast(ClusterOverview, row) for row in self._store.rows(CLUSTERS.id) if row.cluster in links]
        rows += [row for cluster, row in self._others.items() if cluster not in links]
        return {(row.kind, row.namespace, row.object_name): row for row in rows}


def _listed(fleets: Iterable[FleetRow]) -> dict[Place, list[str]]:
    """Names of all fleets that list a member. More than one is a mistake Kurator does not detect."""
    found: dict[Place, list[str]] = {}
    for fleet in fleets:
        for kind, name in fleet.members:
            found.setdefault((kind, fleet.namespace, name), []).append(fleet.name)
    return found
