"""Whatever comes, and however much: what is kept true from changes is what judging everything anew would say."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow
from kurator_tui.kinds.findings import FINDINGS, FindingRow
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow, State
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.pods import POD, UNREADY, PodRow
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.freshness import State as Fresh
from kurator_tui.store.store import Store
from kurator_tui.triage.analysers import members, nodes, pods, workloads
from kurator_tui.triage.correlation import Correlation
from kurator_tui.triage.triage import Triage
from tests.unit.triage.stage import NOW

ANALYSERS = (pods.PODS, nodes.NODES, members.MEMBERS, workloads.DEPLOYMENTS)
KINDS: tuple[AnyKind, ...] = (POD, NODE, DEPLOYMENT, CLUSTERS)
MEMBERS = ("eu", "us", "edge")
HOURS = 6 * 3600.0
"""How far clocks of clusters are apart from ours."""
HOSTILE = (
    "",
    "\x1b[2J\x1b]0;owned\x07",
    "a\nb\tc\x00d",
    "\u202eexe.txt",
    "[red]x[/]",
    "{}" * 300,
    "é" * 5000,
    "\ud7ff",
)
STATUSES = (
    *("Running",) * 6,
    *(
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "Pending",
        "Error",
        "Terminating",
        "Evicted",
        "OOMKilled",
    ),
)


class Fleet:
    """Triage on a store, and the rows that somebody puts there at random."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = NOW
        self.store = Store()
        self.triage = Triage(self.store, ANALYSERS, lambda: self.now)
        for cluster in MEMBERS:
            for kind in KINDS:
                self.store.set_freshness(cluster, kind.id, Freshness(Fresh.LIVE, NOW))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.triage.refresh()

    # -- what comes ---------------------------------------------------------------------------------------------

    def pod(self) -> PodRow:
        """Any pod: some without owner or node, of any age, with any text; uids are shared between clusters."""
        chance, cluster = self.chance, self.chance.choice(MEMBERS)
        number, status = chance.randrange(30), chance.choice(STATUSES)
        owner = ("", "") if number % 5 == 0 else ("ReplicaSet", f"web-{number % 4}-7d4b9c6f5")
        image = f'Back-off pulling image "shop:v{number % 3}"'
        return PodRow(
            *(cluster, "shop", f"pod-{number}", f"u-{number}"),
            self.now - chance.uniform(-HOURS, HOURS),
            phase="Pending" if status in ("Pending", "ErrImagePull", "ImagePullBackOff") else "Running",
            status=status,
            ready=int(status == "Running" and chance.random() < 0.9),
            containers=1,
            restarts=chance.choice((0, 0, 3, 70_000)),
            restarted_at=chance.choice((0.0, self.now - 5, self.now + HOURS)),
            node="" if status == "Pending" else f"n{number % 3}",
            owner_kind=owner[0],
            owner=owner[1],
            reason=chance.choice(("", "", UNREADY)),
            message=image if "mage" in status else chance.choice(HOSTILE),
            deleting=status == "Terminating",
        )

    def other(self) -> Row:
        """A node, a Deployment or what is known of a member."""
        chance, cluster = self.chance, self.chance.choice(MEMBERS)
        number = chance.randrange(4)
        if (what := chance.randrange(3)) == 0:
            ready = chance.choice(("True", "True", "Unknown", "False"))
            return NodeRow(cluster, "", f"n{number}", f"u-n{number}", NOW, ready=ready, since=self.now - 200)
        if what == 1:
            available = chance.randrange(4)
            name = f"web-{number}"
            return DeploymentRow(
                *(cluster, "shop", name, f"u-{name}", NOW), desired=3, available=available, rolled_out=True
            )
        state = str(chance.choice((Fresh.LIVE, Fresh.LIVE, Fresh.FORBIDDEN, Fresh.UNREACHABLE)))
        return ClusterOverview(
            cluster, "", cluster, f"u-{cluster}", NOW, state=state, reason=chance.choice(HOSTILE)
        )

    def event(self) -> None:
        """Something comes, changes or goes; now and then nobody can say what there is."""
        chance = self.chance
        row = self.pod() if chance.random() < 0.8 else self.other()
        kind = next(kind for kind in KINDS if isinstance(row, kind.row))
        gone = chance.random() < 0.15
        self.store.put(kind.id, row.cluster, {row.uid: None if gone else row})

    # -- what is said -------------------------------------------------------------------------------------------

    @property
    def findings(self) -> dict[tuple[str, str], FindingRow]:
        rows = (row for row in self.store.rows(FINDINGS.id) if isinstance(row, FindingRow))
        return {row.key: row for row in rows}

    @property
    def open(self) -> dict[str, IncidentRow]:
        """What goes on; one that flaps, and of which there is nothing just now, does not count."""
        rows = [row for row in self.store.rows(INCIDENTS.id, HOST) if isinstance(row, IncidentRow)]
        assert len({row.uid for row in rows}) == len(rows)
        assert all(self.held(row.uid) or row.state in (State.RESOLVED, State.FLAPPING) for row in rows)
        return {row.uid: row for row in rows if self.held(row.uid)}

    def held(self, uid: str) -> list[FindingRow]:
        """The findings of an incident."""
        return [each.finding for each in self.triage.correlation.members(uid)]

    def anew(self) -> Fleet:
        """Another triage of the same rows at the same moment."""
        other = Fleet(0)
        other.now = self.now
        for kind in KINDS:
            for cluster in MEMBERS:
                other.store.replace(kind.id, cluster, list(self.store.rows(kind.id, cluster)))
        other.triage.refresh()
        return other


def said(findings: dict[tuple[str, str], FindingRow]) -> dict[tuple[str, str], FindingRow]:
    """Findings without since when, and whether the beginning was seen: who looks later has seen less."""
    return {
        key: replace(row, created=0.0, marks=tuple(mark for mark in row.marks if mark[0] != "moment"))
        for key, row in findings.items()
    }


def shape(rows: dict[str, IncidentRow]) -> list[tuple[object, ...]]:
    return sorted((uid, row.clusters, row.objects, row.symptoms, row.workloads) for uid, row in rows.items())


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_from_changes_is_what_judging_anew_says(seed: int) -> None:
    fleet = Fleet(seed)
    for _round in range(25):
        for _event in range(fleet.chance.randrange(1, 60)):
            fleet.event()
        fleet.wait(fleet.chance.choice((0.0, 0.1, 15.0, 70.0)))
    anew = fleet.anew()
    for _step in range(8):  # until what has to last has lasted for both
        fleet.wait(500.0)
        anew.wait(500.0)
    assert said(fleet.findings) == said(anew.findings)
    assert len(fleet.findings) > 10


@pytest.mark.parametrize("seed", range(6))
def test_every_finding_is_in_one_incident_and_counts_are_right(seed: int) -> None:
    fleet = Fleet(seed)
    for _round in range(20):
        for _event in range(40):
            fleet.event()
        fleet.wait(30.0)
        shown = fleet.open
        held = {uid: fleet.held(uid) for uid in shown}
        everywhere = [finding.key for members_of in held.values() for finding in members_of]
        assert sorted(everywhere) == sorted(fleet.findings)
        for uid, row in shown.items():
            about = {(each.cluster, each.kind, each.namespace, each.name) for each in held[uid]}
            assert row.objects == len(about)
            assert set(row.clusters) >= {each.cluster for each in held[uid] if each.cluster != HOST}
            assert 0 <= row.symptoms <= len(held[uid])
            assert row.code in {each.code for each in held[uid]}


@pytest.mark.parametrize("seed", range(4))
def test_the_same_findings_make_the_same_incidents_however_they_came(seed: int) -> None:
    fleet = Fleet(seed)
    for _round in range(20):
        for _event in range(30):
            fleet.event()
        fleet.wait(20.0)
    fresh = Correlation(lambda: fleet.now)
    fresh.take(dict(fleet.findings))
    rows = {uid: row for uid, row in fresh.rows().items() if isinstance(row, IncidentRow)}
    assert shape(rows) == shape(fleet.open)


def test_a_hundred_thousand_events_a_minute_of_what_flaps_leave_only_what_is_so() -> None:
    fleet = Fleet(3)
    wells, ills = [], []
    for number in range(250):
        well = PodRow(
            *("eu", "shop", f"pod-{number}", f"u-{number}", NOW - 60),
            phase="Running",
            status="Running",
            ready=1,
            containers=1,
            owner_kind="ReplicaSet",
            owner=f"web-{number % 10}-7d4b9c6f5",
        )
        wells.append(well)
        ills.append(replace(well, status="CrashLoopBackOff", ready=0, restarts=9))
    for turn in range(100):
        rows = ills if turn % 2 else wells
        fleet.store.put(POD.id, "eu", {row.uid: row for row in rows})
        fleet.wait(0.15)
    assert len(fleet.findings) == 250
    assert (len(fleet.open), sum(row.objects for row in fleet.open.values())) == (10, 250)
    fleet.store.put(POD.id, "eu", {row.uid: row for row in wells})
    fleet.wait(0.15)
    assert (fleet.findings, fleet.open) == ({}, {})
    assert {row.times for row in fleet.store.rows(INCIDENTS.id, HOST) if isinstance(row, IncidentRow)} == {50}
