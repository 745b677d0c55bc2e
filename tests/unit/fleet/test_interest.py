"""What is watched where: as long as it is needed, and a little longer."""

from __future__ import annotations

from collections.abc import Callable

from kurator_tui.fleet.interest import ALL, LINGER, Interest, Narrow, Reach


class Clock:
    """What is to be done later, done when the test says so."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.changes = 0

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self.due.append((seconds, act))

    def changed(self) -> None:
        self.changes += 1

    def pass_linger(self) -> None:
        due, self.due = self.due, []
        for seconds, act in due:
            assert seconds == LINGER
            act()


def reach(*clusters: str) -> Reach:
    return Reach(frozenset(clusters))


def test_a_kind_is_needed_in_the_clusters_of_its_reach() -> None:
    clock = Clock()
    interest = Interest(clock.changed, clock.later)
    interest.require("deployments.apps", reach("a"))
    assert interest.kinds("a") == ["deployments.apps"]
    assert interest.kinds("b") == []
    assert interest.kinds() == ["deployments.apps"]


def test_a_kind_without_readers_lingers() -> None:
    clock = Clock()
    interest = Interest(clock.changed, clock.later)
    interest.require("jobs.batch", reach())
    interest.release("jobs.batch")
    assert interest.kinds("a") == ["jobs.batch"]
    clock.pass_linger()
    assert interest.kinds("a") == []
    assert clock.changes == 1


def test_going_back_in_time_costs_nothing() -> None:
    clock = Clock()
    interest = Interest(clock.changed, clock.later)
    interest.require("jobs.batch", reach())
    interest.release("jobs.batch")
    interest.require("jobs.batch", reach())
    clock.pass_linger()
    assert interest.kinds("a") == ["jobs.batch"]


def test_a_narrower_reach_lets_the_others_linger() -> None:
    clock = Clock()
    interest = Interest(clock.changed, clock.later)
    interest.require("jobs.batch", reach())
    interest.require("jobs.batch", reach("a"))
    assert interest.kinds("b") == ["jobs.batch"]
    clock.pass_linger()
    assert interest.kinds("b") == []
    assert interest.kinds("a") == ["jobs.batch"]


def test_the_namespaces_are_those_of_now() -> None:
    interest = Interest(lambda: None, Clock().later)
    interest.require("jobs.batch", Reach(frozenset(), frozenset({"shop"})))
    assert interest.narrow("jobs.batch", "a") == Narrow(frozenset({"shop"}))
    assert interest.narrow("pods", "a") == ALL


def test_only_some_objects_are_needed_until_somebody_needs_all_and_a_little_longer() -> None:
    clock = Clock()
    interest = Interest(clock.changed, clock.later)
    interest.require("events", Reach(fields="involvedObject.kind=Canary"), by="rollouts")
    assert interest.narrow("events", "a") == Narrow(fields="involvedObject.kind=Canary")
    interest.require("events", reach("a"))
    assert interest.narrow("events", "a") == ALL
    assert interest.narrow("events", "b") == Narrow(fields="involvedObject.kind=Canary")
    interest.release("events")
    assert interest.narrow("events", "a") == ALL
    clock.pass_linger()
    assert interest.narrow("events", "a") == Narrow(fields="involvedObject.kind=Canary")


def test_who_left_keeps_what_was_asked_for_while_it_lingers() -> None:
    clock = Clock()
    interest = Interest(clock.changed, clock.later)
    interest.require("events", Reach(fields="involvedObject.kind=Canary"), by="rollouts")
    interest.release("events", by="rollouts")
    assert interest.narrow("events", "a").fields == "involvedObject.kind=Canary"


def test_releasing_what_nobody_reads_is_nothing() -> None:
    clock = Clock()
    Interest(clock.changed, clock.later).release("pods")
    assert clock.due == []
