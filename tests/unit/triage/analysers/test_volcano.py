"""Volcano: what failed, and who waits for what."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.volcano import COMMAND, JOB, JOB_FLOW, POD_GROUP, QUEUE
from kurator_tui.triage.analysers import volcano
from kurator_tui.triage.tables import DAY
from tests.unit.triage.objects import condition, made, row, stamp
from tests.unit.triage.stage import Stage


def job(phase: str, name: str = "train", *, ago: float = 60.0, retry: int = 0, **counts: int) -> Row:
    state = {"phase": phase, "lastTransitionTime": stamp(ago)}
    status = {"state": state, "retryCount": retry, **counts}
    return row(JOB, made(name, spec={"queue": "research", "maxRetry": 5}, status=status))


def gang(
    phase: str = "Pending", *, name: str = "pg", ago: float = 700.0, cpu: str = "8", queue: str = "research"
) -> Row:
    told = condition("Unschedulable", "True", "NotEnoughResources", "3/4 nodes", lastTransitionTime=stamp(ago))
    status = {"phase": phase, "conditions": [told] if phase != "Running" else []}
    spec = {"queue": queue, "minMember": 2, "minResources": {"cpu": cpu}}
    return row(POD_GROUP, made(name, owner="Job/train", spec=spec, status=status))


def queue(state: str = "Open", *, used: str = "1", pending: int = 0, name: str = "research") -> Row:
    status = {"state": state, "pending": pending, "allocated": {"cpu": used}}
    return row(QUEUE, made(name, "", spec={"capability": {"cpu": "16"}}, status=status))


def test_a_job_that_failed_is_told_of_for_a_day() -> None:
    stage = Stage(volcano.JOBS)
    stage.put(JOB, job("Failed", failed=2), job("Completed", "good"), job("Aborted", "suspended"))
    found = stage.one()
    assert (found.code, found.name, found.mark("owner")) == ("KT3201", "train", "Job/train")
    stage.wait(DAY)
    assert stage.codes == []


def test_a_job_that_goes_on_with_failed_tasks_is_told_of() -> None:
    stage = Stage(volcano.JOBS)
    stage.put(JOB, job("Running", failed=1, running=3), job("Running", "good", running=4))
    assert (stage.one().code, stage.one().message) == ("KT3202", "Running: 1 failed, 3 running")


def test_a_job_restarts_again_and_again_from_the_third_time() -> None:
    stage = Stage(volcano.JOBS)
    stage.put(JOB, job("Running", "twice", retry=2), job("Restarting", retry=3), job("Completed", "done", retry=4))
    assert (stage.one().code, stage.one().message) == ("KT3203", "3 of 5 restarts, now Restarting")


def test_a_gang_may_wait_ten_minutes_for_room() -> None:
    stage = Stage(volcano.ORPHANS)
    stage.put(QUEUE, queue())
    stage.put(POD_GROUP, gang(ago=500), gang("Running", name="runs"))
    assert stage.codes == []
    stage.wait(100)
    found = stage.one()
    assert (found.code, found.mark("queue"), found.mark("owner")) == ("KT3211", "research", "Job/train")
    assert "NotEnoughResources" in found.message


def test_a_gang_that_was_let_in_waits_for_nodes_not_for_its_queue() -> None:
    stage = Stage(volcano.ORPHANS)
    stage.put(QUEUE, queue())
    stage.put(POD_GROUP, gang("Inqueue"))
    assert (stage.one().code, stage.one().mark("queue"), stage.one().mark("owner")) == ("KT3211", "", "Job/train")


def test_a_gang_larger_than_its_queue_never_starts() -> None:
    stage = Stage(volcano.GANGS)
    stage.put(QUEUE, queue())
    stage.put(POD_GROUP, gang(cpu="17", ago=1))
    assert (stage.one().code, stage.one().message) == ("KT3212", "more cpu than queue research may have")
    stage.put(POD_GROUP, gang(cpu="16", ago=1))
    assert stage.codes == []


def test_a_gang_whose_queue_is_gone_is_told_of() -> None:
    stage = Stage(volcano.ORPHANS)
    stage.live(QUEUE)
    stage.put(POD_GROUP, gang(ago=1))
    stage.wait(60)
    assert stage.codes == ["KT3213"]
    stage.put(QUEUE, queue())
    assert stage.codes == []


def test_a_closed_queue_is_told_of_while_jobs_wait_in_it() -> None:
    stage = Stage(volcano.QUEUES)
    stage.put(QUEUE, queue("Closed", pending=2), queue("Closed", name="unused"), queue(pending=2, name="open"))
    assert (stage.one().code, stage.one().name, stage.one().mark("queue")) == ("KT3221", "research", "research")


def test_a_full_queue_is_told_of_when_somebody_has_waited_for_ten_minutes() -> None:
    stage = Stage(volcano.QUEUES)
    stage.put(QUEUE, queue(used="16", pending=3), queue(used="16", name="nobody-waits"))
    stage.put(QUEUE, queue(used="8", pending=3, name="half"))
    assert stage.codes == []
    stage.wait(volcano.WAITING)
    assert (stage.one().code, stage.one().message) == (
        "KT3222",
        "100% of its capability used, 3 gangs wait, 0 are let in",
    )


def test_a_flow_that_failed_names_its_jobs_for_a_day() -> None:
    def flow(name: str, **status: Any) -> Row:
        return row(JOB_FLOW, made(name, status=status))

    stage = Stage(volcano.FLOWS)
    stage.put(JOB_FLOW, flow("f1", state={"phase": "Failed"}, failedJobs=["prepare"]))
    stage.put(JOB_FLOW, flow("f2", state={"phase": "Succeed"}))
    assert (stage.one().code, stage.one().name, stage.one().message) == ("KT3231", "f1", "prepare")
    stage.wait(DAY)
    assert stage.codes == []


def test_a_command_is_taken_within_two_minutes_or_told_of() -> None:
    stage = Stage(volcano.COMMANDS)
    command = made("c1", age=1, action="AbortJob", target={"kind": "Job", "name": "train"})
    stage.put(COMMAND, row(COMMAND, command))
    assert stage.codes == []
    stage.wait(volcano.TAKING)
    assert (stage.one().code, stage.one().message) == ("KT3232", "AbortJob for Job/train")
