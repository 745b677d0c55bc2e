"""Whether clusters are protected or read-only, by their names and by the labels of their objects on the host.

Fails closed: where the labels of a cluster are not known, each pattern of labels is about it.
"""

from __future__ import annotations

from collections.abc import Iterable

from kurator_tui.actions.plan import Draft, Reader
from kurator_tui.actions.preview import Tried
from kurator_tui.actions.reaching import reach_of
from kurator_tui.actions.rules import Rules, matches
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.membership import CONTEXT_KIND, HOST_KIND
from kurator_tui.fleet.roster import MANAGED
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview

UNTOLD = "members that cannot be told"
"""Stands among protected clusters for those that a write reaches and nobody can name."""


def labels_of(hub: Hub, cluster: str) -> dict[str, str] | None:
    """Labels of a cluster's object on the host; None while they are not known. The host's say `host=true`."""
    own = {"host": "true"} if cluster == HOST else {}
    for row in hub.store.rows(CLUSTERS.id, cluster):
        if isinstance(row, ClusterOverview):
            objectless = row.kind in (HOST_KIND, CONTEXT_KIND)
            if objectless or row.uid != f"{row.kind}/{row.name}":  # that is a row whose object was not joined
                return {**dict(row.labels), **own}
    if cluster == HOST:
        return own
    managed = [row for kind in MANAGED for row in hub.store.rows(kind.id, HOST) if row.name == cluster]
    return dict(getattr(managed[0], "labels", ())) if len(managed) == 1 else None


class Guards:
    """The rules, asked about clusters of a fleet."""

    def __init__(self, hub: Hub, rules: Rules) -> None:
        self._hub = hub
        self._rules = rules

    @property
    def any(self) -> bool:
        """Whether the rules name clusters at all."""
        return bool(self._rules.protected or self._rules.read_only_clusters)

    def shut(self, cluster: str) -> str:
        """Why nothing may be written to a cluster, "" where it may."""
        labels = labels_of(self._hub, cluster)
        if not self._rules.closed(cluster, labels):
            return ""
        if labels is None and not self._rules.closed(cluster, {}):
            return "its labels are not known, so that it counts as read-only"
        return "this cluster is read-only here"

    def protected(self, clusters: Iterable[str]) -> list[str]:
        """Those of `clusters` that raise the risk, sorted."""
        return sorted({each for each in clusters if self._guards(each)})

    def _guards(self, cluster: str) -> bool:
        untold = cluster == UNTOLD and bool(self._rules.protected)
        return untold or self._rules.guards(cluster, labels_of(self._hub, cluster))

    def unlabelled(self, cluster: str) -> bool:
        """Whether a cluster is protected only because its labels are not known."""
        named = matches(self._rules.protected, cluster, {})
        return cluster != UNTOLD and labels_of(self._hub, cluster) is None and not named

    async def reach(self, reader: Reader, tried: Tried) -> None:
        """Find what a step reaches beside its own cluster. Nothing is asked where the rules name no cluster."""
        if self.any:
            reach = await reach_of(reader, tried)
            names = {called for name in reach.names for called in self._called(name)}
            untold = (UNTOLD,) if reach.unknown else ()
            tried.reached = (*sorted(names - {tried.step.target.cluster}), *untold)

    def _called(self, name: str) -> set[str]:
        """The clusters of a name: two members that share one are called otherwise here."""
        rows = (row for cluster in self._hub.links for row in self._hub.store.rows(CLUSTERS.id, cluster))
        alike = {row.cluster for row in rows if isinstance(row, ClusterOverview) and row.object_name == name}
        return alike or {name}

    def barred(self, reached: Iterable[str]) -> str:
        """Why a write that reaches these clusters may not be made, "" where it may."""
        for cluster in reached:
            if cluster == UNTOLD:
                if self._rules.read_only_clusters:
                    return "the clusters that it reaches cannot be told: one may be read-only"
            elif self.shut(cluster):
                return f"it reaches {inert(cluster)}: {self.shut(cluster)}"
        return ""

    def tell(self, draft: Draft, protected: Iterable[str], direct: Iterable[str]) -> None:
        """Say in `draft` why clusters are protected, where that cannot be seen from the steps."""
        own = set(direct)
        for cluster in protected:
            if cluster not in own:
                draft.warn(f"it reaches {inert(cluster)}, which {_are(cluster)} protected")
            if self.unlabelled(cluster):
                draft.warn(f"labels of {inert(cluster)} are not known: it counts as protected")


def _are(cluster: str) -> str:
    return "count as" if cluster == UNTOLD else "is"
