"""A store, members and readers around derived kinds, with what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from kurator_tui.fleet.derived import Derived
from kurator_tui.fleet.interest import Interest, Reach
from kurator_tui.fleet.join import Join
from kurator_tui.fleet.membership import Member
from kurator_tui.fleet.seen import Seen
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.core import EVENT
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow
from kurator_tui.kinds.kurator import FLEET
from kurator_tui.kinds.rollouts import ROLLOUTS, RolloutRow
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store

LIVE = Freshness(State.LIVE, 1.0)


ALL = ("host", "m1", "m2")


class World:
    """A store, and a derived kind with a row for each Deployment whose joins are counted."""

    def __init__(self, *, sums: bool = False) -> None:
        self.store = Store()
        self.joined: list[str] = []
        self.made: list[str] = []
        self.fleets: list[int] = []
        self.wakes = 0
        self.fails = False
        self.due: list[Any] = []
        self.interest = Interest(lambda: None, lambda _seconds, act: self.due.append(act))
        only = {EVENT.id: lambda row: row.object_kind == "Canary"}
        fields = {EVENT.id: "involvedObject.kind=Canary"}
        join = Join(ROLLOUTS, (FLEET,), (DEPLOYMENT, EVENT), self.rows, only, fields, sums=sums, failed=failed)
        self.derived = Derived(self.store, (join,), self.interest, lambda: 100.0, self.woken)
        self.store.listen(self.derived.take)
        self.members = {name: Member(name, "AttachedCluster") for name in ALL}
        for name in ALL:
            self.store.set_freshness(name, "", LIVE)

    def woken(self) -> None:
        self.wakes += 1

    def rows(self, seen: Seen, cluster: str) -> Iterable[Row]:
        self.joined.append(cluster)
        if self.fails:
            raise ValueError("hostile")
        fleets = seen.shared(self.count_fleets)
        for row in seen.rows(DEPLOYMENT, cluster):
            yield seen.unchanged(row.name, (row,), partial(self.make, row, fleets))

    def count_fleets(self, seen: Seen) -> int:
        self.fleets.append(len(list(seen.rows(FLEET, HOST))))
        return self.fleets[-1]

    def make(self, row: DeploymentRow, fleets: int) -> RolloutRow:
        self.made.append(row.name)
        return RolloutRow(row.cluster, row.namespace, row.name, row.uid, 0.0, threshold=fleets)

    def require(self, *clusters: str) -> None:
        self.derived.require("rollouts", Reach(frozenset(clusters)))

    def listed(self) -> None:
        for name in ALL:
            self.store.set_freshness(name, DEPLOYMENT.id, LIVE)
        self.store.set_freshness(HOST, FLEET.id, LIVE)

    def deploy(self, cluster: str, name: str, ready: int = 0) -> None:
        self.store.put(DEPLOYMENT.id, cluster, {name: DeploymentRow(cluster, "ns", name, name, 0.0, ready=ready)})

    def refresh(self) -> list[str]:
        """The clusters that were joined."""
        self.joined = []
        self.derived.refresh(self.members)
        return sorted(self.joined)

    def names(self, cluster: str) -> list[str]:
        return sorted(row.name for row in self.store.rows("rollouts", cluster))


def failed(cluster: str, reason: str) -> Row:
    return RolloutRow(cluster, "", cluster, "failed", 0.0, level=Level.FAILED, reason=reason)
