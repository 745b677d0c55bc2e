"""What becomes of an incident in time: new, worse, better, over, flapping."""

from __future__ import annotations

from msgspec import structs

from kurator_tui.kinds.incidents import State
from kurator_tui.triage.group import FRESH, REMEMBERED
from tests.unit.triage.inbox import Inbox, finding
from tests.unit.triage.stage import NOW


def test_time_says_when_an_incident_is_told_of_again() -> None:
    inbox = Inbox()
    inbox.put(finding(owner="Deployment/web"))
    assert inbox.correlation.next_at == NOW + FRESH
    inbox.wait(FRESH)
    inbox.wait(FRESH)
    assert inbox.correlation.next_at is None
    inbox.drop(finding(owner="Deployment/web"))
    assert inbox.correlation.next_at == inbox.now + REMEMBERED


def test_it_is_new_then_steady_worse_and_better_and_stays_an_hour_when_it_is_over() -> None:
    inbox = Inbox()
    findings = [finding(name=f"p{n}", owner="Deployment/web", moment="seen") for n in range(6)]
    inbox.put(*findings[:2])
    assert inbox.one().state == State.NEW
    inbox.wait(FRESH)
    assert inbox.one().state == State.STEADY
    inbox.put(*findings[2:])
    assert inbox.one().state == State.WORSENING
    inbox.wait(FRESH)
    assert inbox.one().state == State.STEADY
    inbox.drop(*findings[:3])
    assert inbox.one().state == State.IMPROVING
    inbox.drop(*findings[3:])
    assert [row.state for row in inbox.rows.values()] == [State.RESOLVED]
    inbox.wait(REMEMBERED - 1)
    assert len(inbox.rows) == 1
    inbox.wait(1)
    assert inbox.rows == {}


def test_what_is_over_is_told_of_with_all_that_it_reached() -> None:
    inbox = Inbox()
    findings = [
        finding("KT1002", f"web-{n}", cluster, image="shop:v7", owner=f"Deployment/web-{n}")
        for cluster in ("eu", "us", "edge")
        for n in range(4)
    ]
    inbox.put(*findings)
    inbox.wait(FRESH)
    inbox.drop(*findings[:5])
    assert (inbox.one().clusters, inbox.one().objects) == (("edge", "us"), 7)
    inbox.drop(*findings[5:])
    (row,) = inbox.rows.values()
    assert (row.state, row.clusters, row.objects, row.workloads) == (
        State.RESOLVED,
        ("edge", "eu", "us"),
        12,
        12,
    )
    inbox.put(findings[0])
    assert (inbox.one().clusters, inbox.one().objects) == (("eu",), 1)
    inbox.drop(findings[0])
    (row,) = inbox.rows.values()
    assert (row.clusters, row.objects) == (("eu",), 1)


def test_what_flaps_is_one_row_marked_so_until_it_is_quiet() -> None:
    inbox = Inbox()
    one, states = finding(owner="Deployment/web"), []
    for _ in range(5):
        inbox.put(one)
        inbox.wait(10)
        inbox.drop(one)
        inbox.wait(10)
        states.append(next(iter(inbox.rows.values())).state)
    assert states == [State.RESOLVED, State.RESOLVED, State.FLAPPING, State.FLAPPING, State.FLAPPING]
    assert (inbox.one().times, inbox.one().created, inbox.one().resolved_at) == (5, NOW, 0.0)
    inbox.wait(FRESH)
    (row,) = inbox.rows.values()
    assert (row.state, row.resolved_at) == (State.RESOLVED, NOW + 90)


def test_what_comes_again_after_more_than_an_hour_does_not_flap() -> None:
    inbox = Inbox()
    one = finding(owner="Deployment/web")
    for _ in range(4):
        inbox.put(one)
        inbox.wait(10)
        inbox.drop(one)
        inbox.wait(REMEMBERED / 2)
    assert [(row.times, row.state) for row in inbox.rows.values()] == [(2, State.RESOLVED)]


def test_a_finding_whose_evidence_changes_has_not_come_again() -> None:
    inbox = Inbox()
    one = finding(owner="Deployment/web", moment="seen")
    for restarts in range(9):
        inbox.put(structs.replace(one, message=f"{restarts} restarts"))
    assert (inbox.one().times, inbox.one().state, inbox.one().message) == (1, State.NEW, "8 restarts")


def test_what_is_folded_under_another_is_not_told_as_over() -> None:
    inbox = Inbox()
    pod = finding(node="n1", owner="Deployment/web")
    inbox.put(pod)
    inbox.put(finding("KT2101", "n1", kind="nodes", node="n1"))
    assert [row.code for row in inbox.rows.values()] == ["KT2101"]
