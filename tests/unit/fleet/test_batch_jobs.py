"""Volcano's jobs as rows: counts, why those that wait do, and what to do next."""

from __future__ import annotations

import pytest

from kurator_tui.fleet.batch_jobs import JOIN
from kurator_tui.kinds.base import Level, Subject
from kurator_tui.kinds.batch import JOBS, JobRow
from kurator_tui.kinds.volcano import POD_GROUP, QUEUE
from kurator_tui.store.freshness import State
from tests.unit.fleet.batch_objects import GPU, Estate, unschedulable


@pytest.fixture
def estate() -> Estate:
    made = Estate()
    made.node("gpu-0", has={GPU: "8"})
    made.queue("q")
    return made


def job(estate: Estate, name: str = "train") -> JobRow:
    found = estate.rows(JOIN)[name]
    assert isinstance(found, JobRow)
    return found


def cell(row: JobRow, key: str) -> object:
    column = JOBS.column(key)
    assert column is not None
    return column.value(row)


def test_a_running_job_shows_how_many_of_its_pods_run(estate: Estate) -> None:
    estate.job("train", phase="Running", running=2, succeeded=1, retryCount=1)
    row = job(estate)
    assert (row.level, row.reason, row.hint) == (Level.PROGRESSING, "", "")
    assert (cell(row, "running"), cell(row, "retries"), cell(row, "succeeded")) == ("2/2", "1/3", 1)
    assert JOBS.subject is not None
    assert JOBS.subject(row) == Subject("jobs.batch.volcano.sh", "m1", "ns", "train")


def test_failed_pods_of_a_job_that_goes_on_are_told(estate: Estate) -> None:
    estate.job("train", phase="Running", running=1, failed=1)
    assert (job(estate).level, job(estate).reason) == (Level.DEGRADED, "1 failed, 1 running")


@pytest.mark.parametrize(
    ("phase", "level", "hint"),
    [
        ("Completed", Level.HEALTHY, ""),
        ("Failed", Level.FAILED, "see the logs of its failed pods, then restart it"),
        ("Terminated", Level.FAILED, "see its events, then restart it"),
        ("Aborted", Level.DEGRADED, "resume it, or delete it"),
        ("Completing", Level.PROGRESSING, ""),
        ("Terminating", Level.PROGRESSING, ""),
    ],
)
def test_each_phase_has_a_level_and_what_to_do_next(estate: Estate, phase: str, level: Level, hint: str) -> None:
    estate.job("train", phase=phase, runningDuration="1h2m3s")
    assert (job(estate).level, job(estate).hint, job(estate).took) == (level, hint, "1h2m3s")


def test_a_restart_says_why_and_how_many_are_left(estate: Estate) -> None:
    estate.job("train", phase="Restarting", state={"reason": "PodFailed"}, retryCount=2)
    estate.group("train", "q", phase="Running")
    assert job(estate).reason == "PodFailed, retry 2 of 3"


# -- why it waits -----------------------------------------------------------------------------------------------


def test_a_job_waits_for_a_queue_that_does_not_exist(estate: Estate) -> None:
    estate.job("train", queue="gone")
    row = job(estate)
    assert (row.level, row.reason) == (Level.DEGRADED, "queue gone does not exist")
    assert row.hint == "create queue gone, or use another one"


def test_a_queue_that_cannot_be_read_is_not_said_to_be_missing(estate: Estate) -> None:
    estate.job("train", queue="gone")
    estate.state(QUEUE, State.FORBIDDEN)
    assert "exist" not in job(estate).reason


def test_a_job_waits_for_a_closed_queue_or_one_above_it(estate: Estate) -> None:
    estate.queue("eng", state="Closing")
    estate.queue("nlp", parent="eng")
    estate.job("train", queue="nlp")
    assert (job(estate).reason, job(estate).hint) == ("queue eng is closing", "open queue eng")


def test_a_job_that_asks_for_more_than_its_queue_may_have_waits_for_ever(estate: Estate) -> None:
    estate.queue("q", capability={GPU: "4"})
    estate.job("train")
    estate.group("train-uid-train", "q", asks={GPU: "8"})
    row = job(estate)
    assert row.reason == "asks 8 gpu, queue q may have 4"
    assert row.hint == "raise the capability of q, or ask for less"
    assert row.asks == "gpu=8"


def test_a_job_waits_where_the_capability_is_reached(estate: Estate) -> None:
    estate.queue("q", capability={GPU: "4"}, allocated={GPU: "3"})
    estate.job("train")
    estate.group("train", "q", asks={GPU: "2"})
    assert job(estate).reason == "capability reached: has 3 of 4 gpu, a group asks 2"


def test_the_scheduler_s_words_are_shown_with_its_reason(estate: Estate) -> None:
    message = "2/2 tasks in gang unschedulable: pod group is not ready"
    estate.job("train")
    estate.group("train", "q", asks={GPU: "2"}, conditions=unschedulable("NotEnoughResources", message))
    row = job(estate)
    assert (row.level, row.reason) == (Level.DEGRADED, f"NotEnoughResources: {message}")
    assert row.hint == "wait, or see who has the room: the queues"


def test_what_the_whole_cluster_does_not_have_is_not_waited_for(estate: Estate) -> None:
    estate.job("train")
    estate.group("train", "q", asks={GPU: "16"}, conditions=unschedulable("NotEnoughResources"))
    assert job(estate).hint == "the cluster has 8 gpu: ask for less, or add nodes"


def test_too_few_tasks_are_told_as_the_scheduler_does(estate: Estate) -> None:
    estate.job("train")
    estate.group("train", "q", conditions=unschedulable("NotEnoughTasks", "1 of 2 tasks"))
    assert job(estate).reason == "NotEnoughTasks: 1 of 2 tasks"


# -- half installed, forbidden, contradicting -------------------------------------------------------------------


def test_a_group_that_no_scheduler_looked_at_asks_whether_one_runs(estate: Estate) -> None:
    estate.job("train", created="2026-01-01T11:00:00Z")
    estate.group("train", "q", created="2026-01-01T11:00:00Z")
    assert job(estate).reason == "no scheduler looked at it: does Volcano's run?"
    estate.group("train", "q", created="2026-01-01T11:59:00Z")
    assert (job(estate).level, job(estate).reason) == (Level.PROGRESSING, "not looked at yet")


def test_a_job_without_a_group_asks_whether_the_controller_runs(estate: Estate) -> None:
    estate.job("train", created="2026-01-01T11:00:00Z")
    row = job(estate)
    assert row.reason == "no pod group was made: does Volcano's controller run?"
    assert row.hint == "look at pods in volcano-system"


def test_pod_groups_that_cannot_be_read_are_told(estate: Estate) -> None:
    estate.job("train", created="2026-01-01T11:00:00Z")
    estate.state(POD_GROUP, State.FORBIDDEN)
    assert (job(estate).level, job(estate).reason) == (Level.PROGRESSING, "waits; pod groups cannot be read")


def test_a_job_without_a_status_is_not_started(estate: Estate) -> None:
    estate.job("train", phase="")
    estate.group("train", "q", phase="Running")
    assert (job(estate).level, job(estate).reason) == (Level.PROGRESSING, "not started")


def test_values_of_the_wrong_type_cost_nobody_else(estate: Estate) -> None:
    estate.job("odd", running="all", retryCount={}, spec={"queue": 7, "minAvailable": "x", "maxRetry": []})
    estate.job("fine")
    assert set(estate.rows(JOIN)) == {"odd", "fine"}
    assert job(estate, "odd").queue == "default"


def test_hostile_words_stay_on_one_line_and_short(estate: Estate) -> None:
    estate.job("train", phase="Failed", state={"message": "a\nb" * 1000})
    assert "\n" not in job(estate).reason
    assert len(job(estate).reason) <= 400
