"""What triage says of the demo: the incidents of each scenario, one row each, and none where all is well.

All scenarios are played by `python -m benchmarks triage_grades`; here those that tell their cause within a minute.
"""

from __future__ import annotations

import pytest

from benchmarks.triage_grades import Seen, compared, grade, grade_lived_in, lived_in, play
from kurator_tui.demo.world import scenarios, world
from kurator_tui.demo.world.incidents import Incident, incident
from kurator_tui.demo.world.scenarios import SCENARIOS
from kurator_tui.kinds.findings import FINDINGS, FindingRow
from kurator_tui.kinds.incidents import IncidentRow
from kurator_tui.triage.registry import codes

HOUR = 3600.0


@pytest.fixture
def rare_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes say that they are alive a sixteenth as often: that is nearly all that happens in an hour of calm."""
    monkeypatch.setattr(world, "_RENEWALS", 0.5)


@pytest.mark.usefixtures("rare_heartbeats")
def test_an_hour_of_calm_has_no_incident() -> None:
    graded = grade("calm", HOUR, step=15.0)
    assert (graded.found, graded.missed, graded.false) == ([], [], [])


@pytest.mark.usefixtures("rare_heartbeats")
def test_everyday_life_is_told_of_as_far_as_it_is_trouble_and_no_further() -> None:
    graded = grade_lived_in("calm", 150.0, step=3.0)
    assert graded.found
    assert (graded.missed, graded.late, graded.false) == ([], [], [])


@pytest.mark.parametrize(
    ("name", "seconds"), [("bad-image", 25.0), ("outage", 26.0), ("policy-enforce", 60.0), ("hostile", 5.0)]
)
def test_a_scenario_has_exactly_the_incidents_that_its_file_says(name: str, seconds: float) -> None:
    graded = grade(name, seconds)
    assert (graded.missed, graded.late, graded.false) == ([], [], [])
    assert {each for each in SCENARIOS[name].incidents if each.by <= seconds} <= set(graded.found)


def test_a_member_that_a_fleet_lists_and_that_is_not_there_is_one_incident() -> None:
    seen, watched = play("hostile", 5.0)
    found = [row for row in watched.store.rows(FINDINGS.id) if isinstance(row, FindingRow)]
    assert sorted(row.code for row in found if row.mark("member") == "missing") == ["KT2001", "KT2203"]
    (row,) = [row for row in seen.largest.values() if "missing" in row.clusters]
    assert (row.code, row.clusters, row.symptoms) == ("KT2203", ("missing",), 1)


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_a_scenario_declares_has_a_rule_and_a_time(name: str) -> None:
    for each in scenarios.incidents(SCENARIOS[name], seed=1):
        assert each.code in codes()
        assert each.clusters == tuple(sorted(each.clusters))
        assert 0 <= each.since <= each.by or each.by == 0


def shown(code: str, of: str, *clusters: str, uid: str = "") -> IncidentRow:
    return IncidentRow("host", "", f"title: {of}", uid or of, 0.0, code=code, clusters=clusters)


def graded(declared: list[Incident], *rows: IncidentRow) -> tuple[int, int, int]:
    seen = Seen()
    seen.note(rows, 5.0)
    result = compared("x", declared, seen)
    return len(result.found), len(result.missed), len(result.false)


def test_a_second_row_for_one_cause_is_false_and_so_is_one_that_nobody_declared() -> None:
    declared = [incident("KT1002", "eu", "shop:v7", by=5.0)]
    assert graded(declared, shown("KT1002", "shop:v7", "eu")) == (1, 0, 0)
    assert graded(declared, shown("KT1002", "shop:v7", "eu"), shown("KT1002", "shop:v7", "eu", uid="b")) == (
        1,
        0,
        1,
    )
    assert graded(declared, shown("KT1201", "shop:v7", "eu")) == (0, 1, 1)
    assert graded(declared, shown("KT1002", "shop:v7", "eu", "us")) == (0, 1, 1)


@pytest.mark.parametrize(("silent", "late"), [([4.0], 1), ([6.0], 0), ([10.0], 1)])
def test_an_incident_is_late_unless_its_member_was_silent_when_it_was_due(silent: list[float], late: int) -> None:
    seen = Seen()
    seen.silent["eu"] = silent
    seen.note([shown("KT1002", "shop:v7", "eu")], 9.0)
    assert len(compared("x", [incident("KT1002", "eu", "shop:v7", by=5.0)], seen).late) == late


def test_life_may_bring_a_workload_several_troubles_and_nothing_that_it_did_not_declare() -> None:
    crash, memory = (incident(code, "eu", "Deployment/web", by=5.0) for code in ("KT1001", "KT1003"))
    said = [incident("KT1002", "us", "shop:v7")]

    def told(*rows: IncidentRow) -> tuple[int, int, int]:
        seen = Seen()
        for row in rows:
            seen.note([row], 5.0)
        result = lived_in(said, [crash, memory], seen, 10.0)
        return len(result.found), len(result.missed), len(result.false)

    image = shown("KT1002", "shop:v7", "us")
    both = [shown(each.code, each.of, "eu", uid="w") for each in (crash, memory)]
    assert told(image, *both) == (3, 0, 0)
    assert told(image, *both, shown("KT1006", "Deployment/web", "eu", uid="w")) == (3, 0, 1)
    assert told(image, *both, shown("KT1001", "Deployment/web", "us", uid="w")) == (3, 0, 1)
    assert told(image, both[0]) == (2, 1, 0)
    assert told(image, *both, shown("KT1001", "Deployment/web", "eu", uid="x")) == (2, 1, 0)
    assert told(shown("KT1201", "shop:v7", "us", uid="i"), shown("KT1002", "shop:v7", "us", uid="i"), *both) == (
        3,
        0,
        0,
    )
    assert told(image, *both, shown("KT2101", "n1", "eu")) == (3, 0, 1)


def test_a_cause_that_grows_is_compared_as_it_was_when_it_reached_furthest() -> None:
    seen = Seen()
    for clusters in (("eu",), ("eu", "us"), ("us",)):
        seen.note([shown("KT1002", "shop:v7", *clusters)], 5.0)
    result = compared("x", [Incident("KT1002", ("eu", "us"), "shop:v7", by=5.0)], seen)
    assert len(result.found) == 1
