"""Victims of schedulers: who had to go, for whom, how often, as far as events tell."""

from __future__ import annotations

import pytest

from kurator_tui.fleet.preemptions import JOIN
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.batch import PREEMPTIONS, PreemptionRow
from kurator_tui.kinds.volcano import JOB
from kurator_tui.store.freshness import State
from tests.unit.fleet.batch_objects import Estate

EVICT = "Pod is evicted, because of {}"


@pytest.fixture
def estate() -> Estate:
    return Estate()


def victims(estate: Estate) -> list[PreemptionRow]:
    found = list(estate.rows(JOIN).values())
    assert all(isinstance(row, PreemptionRow) for row in found)
    return found


def test_a_victim_of_volcano_has_its_job_and_queue_and_no_preemptor(estate: Estate) -> None:
    estate.job("pre-train", queue="research")
    estate.event("e1", "Evict", EVICT.format("reclaim"), "pre-train-worker-0")
    (row,) = victims(estate)
    assert (row.victim, row.job, row.queue, row.type) == ("pre-train-worker-0", "pre-train", "research", "reclaim")
    assert row.preemptor == ""
    column = PREEMPTIONS.column("preemptor")
    assert column is not None
    assert column.value(row) == "not told"


def test_the_scheduler_of_kubernetes_names_the_pod_by_uid_or_name(estate: Estate) -> None:
    estate.pod("urgent", "n1", gpu=1)
    estate.event("e1", "Preempted", "Preempted by pod uid-urgent on node n1", "a")
    estate.event("e2", "Preempted", "Preempted by prod/urgent on node n2", "b")
    estate.event("e3", "Preempted", "Preempted by pod 0123-gone on node n3", "c")
    assert [(row.preemptor, row.node) for row in victims(estate)] == [
        ("ns/urgent", "n1"),
        ("prod/urgent", "n2"),
        ("0123-gone", "n3"),
    ]


def test_the_third_victim_of_a_job_is_a_warning(estate: Estate) -> None:
    estate.job("train")
    for number in range(3):
        estate.event(f"e{number}", "Evict", EVICT.format("preempt"), f"train-worker-{number}")
    estate.event("other", "Evict", EVICT.format("preempt"), "alone-0")
    assert [(row.times, row.level) for row in victims(estate)] == [(3, Level.DEGRADED)] * 3 + [(1, Level.HEALTHY)]


def test_events_of_other_things_are_no_victims(estate: Estate) -> None:
    estate.event("e1", "Evicted", "The node was low on resource: memory", "a")
    estate.event("e2", "Killing", "Stopping container main", "b")
    assert victims(estate) == []


def test_without_volcano_victims_are_shown_all_the_same(estate: Estate) -> None:
    estate.state(JOB, State.ABSENT)
    estate.event("e1", "Preempted", "Preempted by prod/urgent on node n2", "web-1")
    (row,) = victims(estate)
    assert (row.job, row.queue, row.times) == ("", "", 1)


def test_hostile_messages_are_taken_as_words(estate: Estate) -> None:
    estate.event("e1", "Evict", "because of \x1b[31m" + "by " * 5000, "a-b-c-d")
    (row,) = victims(estate)
    assert (row.type, len(row.reason) <= 400) == ("evict", True)
