"""Findings that the user silenced: they are there, say why, and make no incidents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from kurator_tui.kinds.base import HOST, Health, Level, Row
from kurator_tui.kinds.deployments import DEPLOYMENT, DeploymentRow
from kurator_tui.kinds.findings import FINDINGS, FindingRow, Severity, finding_health
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.silences import Silence
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from kurator_tui.triage import engine
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from kurator_tui.triage.triage import Triage
from tests.unit.triage.stage import NOW

PODS = Analyser(POD, concerns=lambda row: row.status != "Running")


@PODS.rule("KT9001", "broken", Severity.HIGH)
def broken(row: PodRow, look: Look) -> Iterator[Seen | Again]:
    """It is broken."""
    yield Seen(row.status, marks={"owner": "Deployment/web"})


class House:
    """One feeder's triage with a clock: broken pods of the Deployment `web` in some clusters."""

    def __init__(self, *clusters: str) -> None:
        self.now = NOW
        self.store = Store()
        self.triage = Triage(self.store, [PODS], lambda: self.now)
        for cluster in clusters or ("eu",):
            self.store.set_freshness(cluster, POD.id, Freshness(State.LIVE, NOW))
            self.put(PodRow(cluster, "shop", "web-1", f"u-{cluster}", NOW, phase="Running", status="Error"))

    def put(self, row: Row) -> None:
        kinds = {PodRow: POD, ClusterOverview: CLUSTERS, DeploymentRow: DEPLOYMENT}
        self.store.put(kinds[type(row)].id, row.cluster, {row.uid: row})
        self.triage.refresh()

    def silence(self, *silences: Silence) -> None:
        self.triage.silence(silences)
        self.triage.refresh()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.triage.refresh()

    @property
    def silenced(self) -> dict[str, str]:
        """Cluster -> why its finding is silenced."""
        rows = [row for row in self.store.rows(FINDINGS.id) if isinstance(row, FindingRow)]
        return {row.cluster: row.silenced for row in rows if row.silenced}

    @property
    def incidents(self) -> list[IncidentRow]:
        return [row for row in self.store.rows(INCIDENTS.id, HOST) if isinstance(row, IncidentRow)]


BY_CODE = Silence(codes=("KT90*",), reason="known")


def test_a_silenced_finding_is_there_with_its_reason_and_makes_no_incident() -> None:
    house = House()
    house.silence(BY_CODE)
    assert house.silenced == {"eu": "known"}
    assert house.incidents == []
    (row,) = house.store.rows(FINDINGS.id)
    assert isinstance(row, FindingRow)
    assert finding_health(row) == Health(Level.HEALTHY, "silenced: known")


def test_an_incident_that_is_silenced_is_gone_and_not_resolved() -> None:
    house = House()
    assert [row.code for row in house.incidents] == ["KT9001"]
    house.silence(BY_CODE)
    assert house.incidents == []


def test_what_is_silenced_no_more_makes_an_incident_as_old_as_its_finding() -> None:
    house = House()
    house.silence(BY_CODE)
    house.wait(1000)
    house.silence()
    assert house.silenced == {}
    assert [row.created for row in house.incidents] == [NOW]


def test_of_one_incident_only_the_silenced_part_goes() -> None:
    house = House("eu", "us")
    house.silence(Silence(clusters=("eu",)))
    assert list(house.silenced) == ["eu"]
    assert [row.clusters for row in house.incidents] == [("us",)]


def test_a_silence_ends_at_its_time_although_nothing_changes() -> None:
    house = House()
    house.silence(replace(BY_CODE, until=NOW + 60))
    due = house.triage.engine.next_at
    assert due == NOW + 60
    house.wait(59)
    assert house.silenced
    house.wait(1)
    assert house.silenced == {}
    assert len(house.incidents) == 1


def test_a_silence_that_is_over_silences_nothing() -> None:
    house = House()
    house.silence(replace(BY_CODE, until=NOW - 1))
    assert house.silenced == {}


def test_clusters_are_silenced_by_labels_also_when_these_change() -> None:
    house = House("eu", "us")
    staging = ClusterOverview("eu", "fleet", "eu", "c-eu", 0.0, labels=(("tier", "staging"),))
    house.put(staging)
    house.silence(Silence(clusters=("tier=staging",)))
    assert list(house.silenced) == ["eu"]
    house.put(replace(staging, labels=(("tier", "prod"),)))
    assert list(house.silenced) == []
    house.put(ClusterOverview("us", "fleet", "us", "c-us", 0.0, labels=(("tier", "staging"),)))
    assert list(house.silenced) == ["us"]


def test_what_the_host_says_of_a_member_is_silenced_with_that_member() -> None:
    asked = Analyser(POD)

    @asked.rule("KT9002", "is not used", Severity.LOW)
    def unused(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """Karmada cannot use it."""
        yield Seen(marks={"member": row.name})

    house = House(HOST)
    house.triage = Triage(house.store, [asked], lambda: NOW)
    for member in ("eu", "us"):
        house.put(PodRow(HOST, "", member, member, NOW))
    house.silence(Silence(clusters=("eu",)))
    silenced = [row.name for row in house.store.rows(FINDINGS.id) if getattr(row, "silenced", "")]
    assert silenced == ["eu"]


def test_a_pod_is_silenced_by_the_labels_of_its_workload_also_when_these_change() -> None:
    house = House()
    house.silence(Silence(labels={"app": "load-*"}))
    assert house.silenced == {}
    web = DeploymentRow("eu", "shop", "web", "d-1", NOW, labels=(("app", "load-test"),))
    house.put(web)
    assert list(house.silenced) == ["eu"]
    house.put(replace(web, labels=()))
    assert house.silenced == {}


@pytest.mark.parametrize(
    ("labels", "count"), [({"namespace": "sh*"}, 1), ({"owner": "Deployment/web"}, 1), ({"x": "*"}, 0)]
)
def test_what_a_finding_has_in_common_with_others_counts_as_labels(labels: dict[str, str], count: int) -> None:
    house = House()
    house.silence(Silence(labels=labels))
    assert len(house.silenced) == count


def test_silences_that_are_told_again_judge_nothing_again() -> None:
    house = House()
    house.silence(BY_CODE)
    house.triage.silence((BY_CODE,))
    assert not house.triage.pending


def test_findings_of_another_feeder_that_are_silenced_make_no_incident() -> None:
    house = House()
    other = FindingRow(
        "us", "shop", "web-1", "x", NOW, code="KT9001", title="broken", kind="pods", silenced="known"
    )
    house.triage.join([other], [])
    house.triage.refresh()
    assert [row.clusters for row in house.incidents] == [("eu",)]


def test_what_was_found_in_a_cluster_that_is_stale_by_now_is_silenced_and_heard_again() -> None:
    house = House()
    house.store.set_freshness("eu", "", Freshness(State.STALE, NOW))
    house.store.set_freshness("eu", POD.id, Freshness(State.STALE, NOW))
    house.silence(Silence(clusters=("eu",), until=NOW + 60))
    assert list(house.silenced) == ["eu"]
    assert house.incidents == []
    house.wait(60)
    assert house.silenced == {}
    assert len(house.incidents) == 1


def test_many_are_silenced_in_turns_between_which_a_cluster_may_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "TURN", 0.0)
    house = House("eu", "us")
    for number in range(200):
        house.put(PodRow("eu", "shop", f"w{number}", f"u{number}", NOW, phase="Running", status="Error"))
    house.triage.silence((BY_CODE,))
    turns = house.triage.turns()
    next(turns)
    house.triage.forget("eu")
    assert sum(1 for _turn in turns) > 0
    assert list(house.silenced) == ["us"]
    assert {row.cluster for row in house.store.rows(FINDINGS.id)} == {"us"}
