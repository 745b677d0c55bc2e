"""Keeps the derived rows (`fleets`, `clusters`) up to date, redoing only what was touched since the last round.

A row that cannot be joined becomes a failed row that says so; the others do not notice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from kurator_tui.fleet.member import MemberLink
from kurator_tui.fleet.membership import fleets_of
from kurator_tui.fleet.overviews import (
    MemberFacts,
    Totals,
    cluster_overview,
    fleet_overview,
    newest_minor,
    node_totals,
    pod_totals,
)
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.flux import HELM_RELEASE, HelmReleaseRow
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, FLEET, FleetRow, ManagedClusterRow
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview, FleetOverview
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.changes import Changes
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

_LOG = logging.getLogger(__name__)

_MANAGED = {kind.name: kind.id for kind in (CLUSTER, ATTACHED_CLUSTER, CUSTOM_CLUSTER)}


class Joins:
    """Reads raw rows from the store and writes overview rows into it."""

    def __init__(self, store: Store, only_fleet: str = "") -> None:
        self._store = store
        self._only_fleet = only_fleet
        self._totals: dict[str, Totals] = {}
        self._dirty: set[str] = set()
        self._dirty_sums: set[tuple[str, str]] = set()
        self._dirty_fleets = False
        self._newest: tuple[int, int] | None = None
        """What every row's skew was counted from."""
        self._failing: dict[tuple[str, str], str] = {}
        """What could not be joined last time, to log it once and not every round."""

    @property
    def pending(self) -> bool:
        """Whether something was touched since the last `refresh`."""
        return bool(self._dirty or self._dirty_sums or self._dirty_fleets)

    def touch(self, cluster: str, kind: str = "") -> None:
        """Something about `cluster` changed; with `kind`, its nodes or pods."""
        self._dirty.add(cluster)
        if kind:
            self._dirty_sums.add((cluster, kind))

    def touch_fleets(self) -> None:
        """A Fleet, a member object or a HelmRelease changed."""
        self._dirty_fleets = True

    def forget(self, cluster: str) -> None:
        """`cluster` is no member any more."""
        self._totals.pop(cluster, None)
        self._failing.pop((CLUSTERS.id, cluster), None)
        self._dirty.discard(cluster)
        self._dirty_fleets = True

    def refresh(self, links: Mapping[str, MemberLink]) -> None:
        """Join again what was touched."""
        if not self.pending:
            return
        newest = newest_minor(link.facts.version for link in links.values())
        fleets = [cast(FleetRow, row) for row in self._store.rows(FLEET.id, HOST)]
        managed = self._managed()
        everyone = self._dirty_fleets or newest != self._newest
        self._newest = newest
        changed = links if everyone else self._dirty & links.keys()
        for cluster in changed:
            row = self._cluster_row(links[cluster], fleets, managed, newest)
            self._store.apply(Changes(CLUSTERS.id, cluster, upserted=[row], replaced=True))
            self._store.set_freshness(cluster, CLUSTERS.id, self._store.freshness(cluster))
        self._dirty.clear()
        self._dirty_sums.clear()
        self._dirty_fleets = False
        self._refresh_fleets(fleets, links)

    def _cluster_row(
        self,
        link: MemberLink,
        fleets: list[FleetRow],
        managed: Mapping[tuple[str, str, str], ManagedClusterRow],
        newest: tuple[int, int] | None,
    ) -> ClusterOverview:
        member = link.member
        place = (CLUSTERS.id, member.name)
        try:
            for kind in (NODE.id, POD.id):
                # After a failure nothing is known of the sums: both are made again.
                if (member.name, kind) in self._dirty_sums or place in self._failing:
                    self._sum(member.name, kind)
            row = cluster_overview(self._facts(link, fleets, managed), newest)
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

    def _sum(self, cluster: str, kind: str) -> None:
        totals = self._totals.get(cluster, Totals())
        rows = self._store.rows(kind, cluster)
        sums = (
            node_totals(cast(NodeRow, row) for row in rows)
            if kind == NODE.id
            else pod_totals(cast(PodRow, row) for row in rows)
        )
        self._totals[cluster] = replace(totals, **sums)

    def _managed(self) -> dict[tuple[str, str, str], ManagedClusterRow]:
        return {
            (name, row.namespace, row.name): cast(ManagedClusterRow, row)
            for name, kind in _MANAGED.items()
            for row in self._store.rows(kind, HOST)
        }

    def _facts(
        self,
        link: MemberLink,
        fleets: list[FleetRow],
        managed: Mapping[tuple[str, str, str], ManagedClusterRow],
    ) -> MemberFacts:
        member, facts = link.member, link.facts
        totals = self._totals.get(member.name, Totals())
        for kind, empty in ((NODE.id, node_totals([])), (POD.id, pod_totals([]))):
            # A cluster that was listed and has none has 0, not nothing.
            if self._store.freshness(member.name, kind).state is State.LIVE and kind not in self._listed(totals):
                totals = replace(totals, **empty)
        return MemberFacts(
            member=member,
            state=link.state,
            totals=totals,
            fleets=fleets_of(fleets, member),
            via=facts.via,
            server=facts.server,
            version=facts.version,
            latency=facts.latency,
            contact=link.contact.last,
            certificate_expiry=facts.certificate_expiry,
            streams=facts.streams,
            note=link.note(),
            managed=managed.get((member.kind, member.namespace, member.object_name)),
        )

    @staticmethod
    def _listed(totals: Totals) -> set[str]:
        return {kind for kind, count in ((NODE.id, totals.nodes), (POD.id, totals.pods)) if count is not None}

    def _refresh_fleets(self, fleets: list[FleetRow], links: Mapping[str, MemberLink]) -> None:
        host = self._store.freshness(HOST)
        releases = [cast(HelmReleaseRow, row) for row in self._store.rows(HELM_RELEASE.id, HOST)]
        overviews: list[Row] = []
        for fleet in fleets:
            if self._only_fleet in ("", fleet.name):
                overviews.append(self._fleet_row(fleet, self._clusters_of(fleet, links), releases, host))
        self._store.apply(Changes(FLEETS.id, HOST, upserted=overviews, replaced=True))
        self._store.set_freshness(HOST, FLEETS.id, self._store.freshness(HOST, FLEET.id))

    def _fleet_row(
        self, fleet: FleetRow, clusters: list[ClusterOverview], releases: list[HelmReleaseRow], host: Freshness
    ) -> FleetOverview:
        place = (FLEETS.id, f"{fleet.namespace}/{fleet.name}")
        try:
            row = fleet_overview(fleet, clusters, releases, host)
        except Exception as error:  # noqa: BLE001 - as above
            reason = self._failed(place, error)
            return FleetOverview(
                HOST, fleet.namespace, fleet.name, fleet.uid, fleet.created, level=Level.FAILED, reason=reason
            )
        self._failing.pop(place, None)
        return row

    def _clusters_of(self, fleet: FleetRow, links: Mapping[str, MemberLink]) -> list[ClusterOverview]:
        found: list[ClusterOverview] = []
        for link in links.values():
            member = link.member
            if member.namespace == fleet.namespace and (member.kind, member.object_name) in fleet.members:
                found += [cast(ClusterOverview, row) for row in self._store.rows(CLUSTERS.id, member.name)]
        return sorted(found, key=lambda row: row.name)
