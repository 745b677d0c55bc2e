"""The bell: for new incidents of a severity, once each, never at the start."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.incidents import IncidentRow, State
from kurator_tui.screens.alarm import APART, SETTLED, Alarm


class Ringing:
    """An alarm, what it rang, and its time."""

    def __init__(self, severity: str = "high") -> None:
        self.now, self.rung = 0.0, list[str]()
        self.quiet: set[str] = set()
        self.alarm = Alarm(severity, lambda: self.now, self.rung.append)

    def starts(self, *rows: IncidentRow) -> None:
        """All clusters are known, and what is wrong there."""
        self.sees(*rows)
        self.now += SETTLED

    def sees(self, *rows: IncidentRow, complete: bool = True) -> list[str]:
        """What was rung until now."""
        self.alarm.take(rows, complete=complete, quiet=lambda row: row.uid in self.quiet)
        return self.rung


def incident(uid: str, severity: str = "high", **fields: Any) -> IncidentRow:
    return IncidentRow(HOST, "", f"broken: {uid}", uid, SETTLED, severity=severity, **fields)


A, B, C = incident("a"), incident("b", "critical"), incident("c")


def test_what_is_there_at_the_start_rings_never() -> None:
    ringing = Ringing()
    ringing.sees(A, complete=False)
    ringing.starts(A, B)
    assert ringing.sees(A, B) == []


def test_what_analysers_tell_soon_after_the_start_was_there() -> None:
    ringing = Ringing()
    ringing.sees()
    ringing.now += SETTLED / 2
    ringing.sees(A)
    ringing.now += SETTLED
    assert ringing.sees(A) == []


def test_what_began_before_and_is_only_seen_now_is_not_new() -> None:
    ringing = Ringing()
    ringing.now = 1000.0
    ringing.starts()
    assert ringing.sees(A) == []


def test_a_new_incident_rings_once() -> None:
    ringing = Ringing()
    ringing.starts()
    ringing.sees(A)
    ringing.now += 100
    assert ringing.sees(A) == ["high: broken: a"]


def test_less_severe_ones_do_not_ring() -> None:
    ringing = Ringing("critical")
    ringing.starts()
    assert ringing.sees(A) == []


def test_off_means_never() -> None:
    ringing = Ringing("off")
    ringing.starts()
    assert ringing.sees(B) == []


def test_what_is_put_off_or_over_does_not_ring() -> None:
    ringing = Ringing()
    ringing.starts()
    ringing.quiet = {"a"}
    assert ringing.sees(A, incident("d", state=str(State.RESOLVED))) == []


def test_many_at_once_ring_once_with_the_worst_named() -> None:
    ringing = Ringing()
    ringing.starts()
    assert ringing.sees(A, B, C) == ["critical: broken: b and 2 more"]


def test_what_comes_soon_after_a_ring_waits_for_the_next() -> None:
    ringing = Ringing()
    ringing.starts()
    ringing.sees(A)
    ringing.now += APART / 2
    assert ringing.sees(A, B) == ["high: broken: a"]
    ringing.now += APART / 2
    assert ringing.sees(A, B)[1:] == ["critical: broken: b"]


def test_one_that_comes_again_rings_again() -> None:
    ringing = Ringing()
    ringing.starts()
    ringing.sees(A)
    ringing.now += 100
    ringing.starts()
    assert len(ringing.sees(A)) == 2


def test_while_clusters_are_listed_again_nothing_counts_as_gone() -> None:
    ringing = Ringing()
    ringing.starts(A)
    ringing.sees(complete=False)
    assert ringing.sees(A) == []


def test_what_was_a_part_of_another_incident_does_not_ring_when_it_stands_alone() -> None:
    ringing = Ringing()
    ringing.starts(A)
    assert ringing.sees(A, incident("b", "critical", split=True)) == []


def test_what_was_there_when_a_kind_was_looked_at_first_does_not_ring() -> None:
    ringing = Ringing()
    ringing.starts(A)
    assert ringing.sees(A, incident("b", "critical", before=True)) == []


def test_what_flaps_rings_twice_an_hour_at_most() -> None:
    ringing = Ringing()
    ringing.starts()
    for _ in range(20):
        ringing.sees(A)
        ringing.now += 60
        ringing.sees()
        ringing.now += 60
    assert len(ringing.rung) == 2
    ringing.now += 3600
    assert len(ringing.sees(A)) == 3


def test_what_is_known_to_flap_does_not_ring() -> None:
    ringing = Ringing()
    ringing.starts()
    assert ringing.sees(incident("a", state=str(State.FLAPPING))) == []
