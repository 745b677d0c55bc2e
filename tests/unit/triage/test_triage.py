"""Findings and incidents together on one store: what becomes of them while a cluster is away, or nobody looks."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.findings import FINDINGS, FindingRow, Severity
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow, State
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.freshness import State as Freshly
from kurator_tui.store.store import Store
from kurator_tui.triage.analysers.members import ALL_SILENT, MEMBERS, SILENT
from kurator_tui.triage.engine import SETTLED
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.triage import Triage
from tests.unit.triage.stage import NOW

PODS = Analyser(POD, concerns=lambda pod: pod.status != "Running", beside=(NODE,))


@PODS.rule("KT1001", "container crashes", Severity.HIGH)
def crashes(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """It crashes."""
    yield Seen(pod.status, marks={"owner": f"Deployment/{pod.owner}"})


class Fleet:
    """Two members whose pods are read."""

    def __init__(self) -> None:
        self.now, self.store = NOW, Store()
        self.triage = Triage(self.store, (MEMBERS, PODS), lambda: self.now)
        for member in ("eu", "us"):
            self.tell(member, Freshly.LIVE)

    def tell(self, member: str, state: Freshly) -> None:
        """The console sees the member so, and all of its kinds."""
        since = Freshness(state, self.now)
        row = ClusterOverview(member, "prod", member, f"u-{member}", NOW, state=str(state), since=self.now)
        self.store.put(CLUSTERS.id, member, {row.uid: row})
        for kind in ("", *(POD.id, NODE.id)):
            self.store.set_freshness(member, kind, since)
        self.triage.refresh()

    def crashes(self, name: str, member: str = "eu") -> None:
        self.put(PodRow(member, "shop", name, f"u-{name}", NOW, status="CrashLoopBackOff", owner=name))

    def put(self, row: PodRow) -> None:
        self.store.put(POD.id, row.cluster, {row.uid: row})
        self.triage.refresh()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.triage.refresh()

    def leave_pods(self, member: str = "eu") -> None:
        """Nobody reads its pods any more."""
        self.store.forget(POD.id, member)
        self.triage.refresh()

    @property
    def incidents(self) -> dict[str, IncidentRow]:
        rows = (row for row in self.store.rows(INCIDENTS.id, HOST) if isinstance(row, IncidentRow))
        return {row.target: row for row in rows}

    @property
    def states(self) -> dict[str, str]:
        return {target: row.state for target, row in self.incidents.items()}

    @property
    def findings(self) -> dict[str, FindingRow]:
        return {row.name: row for row in self.store.rows(FINDINGS.id) if isinstance(row, FindingRow)}


def test_what_a_member_suffers_from_is_a_part_of_its_being_down_and_is_not_new_when_it_returns() -> None:
    fleet = Fleet()
    fleet.now -= SETTLED
    for member in ("eu", "us"):
        fleet.tell(member, Freshly.LIVE)
    fleet.wait(SETTLED)
    fleet.crashes("web")
    fleet.crashes("other", "us")
    before = fleet.incidents["eu/shop/web"]
    assert (before.state, before.split) == (State.NEW, False)
    fleet.wait(600)
    fleet.tell("eu", Freshly.STALE)
    fleet.wait(SILENT)
    down = fleet.incidents["eu/prod/eu"]
    assert (down.code, down.objects, down.symptoms) == ("KT2002", 2, 1)
    assert (down.state, down.split, down.created) == (State.NEW, False, NOW + 600)
    assert sorted(row.code for row in fleet.incidents.values()) == sorted([down.code, before.code])
    fleet.wait(60)
    fleet.tell("eu", Freshly.LIVE)
    back = fleet.incidents["eu/shop/web"]
    assert (back.state, back.split, back.created, back.uid) == (State.STEADY, True, NOW, before.uid)
    assert {row.code: row.state for row in fleet.incidents.values()}["KT2002"] == State.RESOLVED
    fleet.wait(SETTLED)
    fleet.crashes("later")
    assert (fleet.incidents["eu/shop/later"].state, fleet.incidents["eu/shop/later"].split) == (State.NEW, False)


def test_while_nothing_answers_there_is_one_incident_and_what_was_found_before_returns_as_it_was() -> None:
    fleet = Fleet()
    fleet.now -= SETTLED
    for member in (HOST, "eu", "us"):
        fleet.tell(member, Freshly.LIVE)
    fleet.wait(SETTLED)
    fleet.crashes("web")
    fleet.crashes("other", "us")
    fleet.wait(600)
    before = fleet.incidents
    for member in (HOST, "eu", "us"):
        fleet.tell(member, Freshly.STALE)
    fleet.wait(ALL_SILENT)
    (alone,) = fleet.incidents.values()
    assert (alone.code, alone.clusters, alone.state) == ("KT2009", ("eu", HOST, "us"), State.NEW)
    fleet.wait(600)
    assert [(row.code, row.symptoms) for row in fleet.incidents.values()] == [("KT2009", 5)]
    for member in (HOST, "eu", "us"):
        fleet.tell(member, Freshly.LIVE)
    back = fleet.incidents
    assert back.pop(alone.target).state == State.RESOLVED
    assert {target: (row.uid, row.created, row.split) for target, row in back.items()} == {
        target: (row.uid, row.created, True) for target, row in before.items()
    }
    assert {row.state for row in back.values()} == {State.STEADY}
    # What was known before is told of as over; members that answered a moment later than the host are not.
    fleet.put(PodRow("eu", "shop", "web", "u-web", NOW, status="Running", owner="web"))
    assert fleet.states == {
        alone.target: State.RESOLVED,
        "eu/shop/web": State.RESOLVED,
        "us/shop/other": State.STEADY,
    }


def test_a_member_that_was_away_before_all_were_is_told_of_as_over() -> None:
    fleet = Fleet()
    for member in (HOST, "eu", "us"):
        fleet.tell(member, Freshly.LIVE)
    fleet.tell("eu", Freshly.STALE)
    fleet.wait(3600)
    for member in (HOST, "us"):
        fleet.tell(member, Freshly.STALE)
    fleet.wait(ALL_SILENT)
    assert [(row.code, row.created) for row in fleet.incidents.values()] == [("KT2009", fleet.now - ALL_SILENT)]
    for member in (HOST, "us", "eu"):
        fleet.wait(10)
        fleet.tell(member, Freshly.LIVE)
    assert fleet.states == {"host/prod/host": State.RESOLVED, "eu/prod/eu": State.RESOLVED}


def test_what_is_over_when_a_member_returns_is_told_of_no_more() -> None:
    fleet = Fleet()
    fleet.crashes("web")
    fleet.tell("eu", Freshly.STALE)
    fleet.wait(SILENT)
    fleet.put(PodRow("eu", "shop", "web", "u-web", NOW, status="Running", owner="web"))
    fleet.tell("eu", Freshly.LIVE)
    assert list(fleet.states.values()) == [State.RESOLVED]
    assert fleet.findings == {}


def test_what_nobody_looks_at_any_more_is_not_over_and_keeps_its_age() -> None:
    fleet = Fleet()
    fleet.crashes("web")
    fleet.crashes("api")
    fleet.crashes("other", "us")
    fleet.wait(600)
    fleet.leave_pods()
    assert fleet.states == {
        "eu/shop/web": State.UNSEEN,
        "eu/shop/api": State.UNSEEN,
        "us/shop/other": State.STEADY,
    }
    assert (fleet.findings["web"].unseen, fleet.findings["web"].created) == (NOW + 600, NOW)
    fleet.wait(10_000)
    assert fleet.states["eu/shop/web"] == State.UNSEEN

    fleet.store.set_freshness("eu", POD.id, Freshness(Freshly.SYNCING, fleet.now))  # somebody looks again
    fleet.crashes("web")
    assert (fleet.states["eu/shop/web"], fleet.states["eu/shop/api"]) == (State.STEADY, State.UNSEEN)
    fleet.store.set_freshness("eu", POD.id, Freshness(Freshly.LIVE, fleet.now))
    fleet.triage.refresh()
    assert fleet.states["eu/shop/api"] == State.RESOLVED
    assert (fleet.findings["web"].unseen, fleet.findings["web"].created) == (0.0, NOW)
    assert fleet.incidents["eu/shop/web"].times == 1


def test_what_may_not_be_read_any_more_is_not_over() -> None:
    fleet = Fleet()
    fleet.crashes("web")
    fleet.store.replace(POD.id, "eu", ())
    fleet.store.set_freshness("eu", POD.id, Freshness(Freshly.FORBIDDEN, fleet.now))
    fleet.triage.refresh()
    assert fleet.states == {"eu/shop/web": State.UNSEEN}


def test_a_pod_that_is_well_again_is_so_whether_or_not_its_node_is_known() -> None:
    fleet = Fleet()
    fleet.crashes("web")
    fleet.store.forget(NODE.id, "eu")
    fleet.put(PodRow("eu", "shop", "web", "u-web", NOW, status="Running", owner="web"))
    assert fleet.findings == {}


def test_a_member_that_left_takes_along_what_nobody_looked_at() -> None:
    fleet = Fleet()
    fleet.crashes("web")
    fleet.leave_pods()
    fleet.store.forget_cluster("eu")
    fleet.triage.forget("eu")
    fleet.triage.refresh()
    assert fleet.findings == {}
