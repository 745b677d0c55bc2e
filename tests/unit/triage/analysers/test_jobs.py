"""What is found about Jobs and CronJobs."""

from __future__ import annotations

from kurator_tui.kinds.apps import CRON_JOB, JOB
from kurator_tui.kinds.base import Row
from kurator_tui.triage.analysers.jobs import BEGINNING, CRON_JOBS, JOBS, LATE, SCHEDULES
from kurator_tui.triage.tables import DAY
from tests.unit.triage.objects import condition, made, row, stamp
from tests.unit.triage.stage import Stage

FAILED = condition("Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit")


def job(*conditions: dict[str, object], owner: str = "", age: float = 3600, **status: int) -> Row:
    told = {"conditions": list(conditions), **status}
    return row(JOB, made("load-1", owner=owner, age=age, spec={}, status=told))


def cron(*, succeeded: float | None = None, active: int = 0) -> Row:
    status: dict[str, object] = {"active": [{"name": f"r{number}"} for number in range(active)]}
    if succeeded is not None:
        status["lastSuccessfulTime"] = stamp(succeeded)
    return row(CRON_JOB, made("load", spec={"schedule": "0 * * * *"}, status=status))


def stage_of(*jobs: Row) -> Stage:
    stage = Stage(JOBS)
    stage.live(CRON_JOB)
    stage.put(JOB, *jobs)
    return stage


def test_a_job_that_failed_is_found_and_low_after_a_day() -> None:
    stage = stage_of(job(FAILED, age=0, failed=6))
    assert (stage.one().code, stage.one().severity) == ("KT1501", "medium")
    assert dict(stage.one().marks) == {"owner": "Job/load-1"}
    stage.wait(DAY)
    assert stage.one().severity == "low"


def test_jobs_that_are_complete_suspended_or_go_on_are_no_finding() -> None:
    assert stage_of(job(condition("Complete", "True"), succeeded=1)).codes == []
    assert stage_of(job(active=1)).codes == []
    assert stage_of(row(JOB, made("load-1", spec={"suspend": True}, status={}))).codes == []


def test_a_failed_run_is_forgotten_when_a_later_one_of_its_cron_job_succeeds() -> None:
    stage = stage_of(job(FAILED, owner="CronJob/load", age=3600))
    assert dict(stage.one().marks) == {"owner": "Job/load-1", "cronjob": "load"}
    stage.put(CRON_JOB, cron(succeeded=7200))
    assert stage.codes == ["KT1501"]
    stage.put(CRON_JOB, cron(succeeded=600))
    assert stage.codes == []


def test_a_job_whose_pods_fail_and_that_goes_on_is_worth_knowing() -> None:
    assert stage_of(job(failed=2, active=1)).one().code == "KT1502"


def test_a_job_that_does_not_begin_is_found_after_five_minutes() -> None:
    stage = stage_of(job(age=0))
    assert stage.codes == []
    stage.wait(BEGINNING)
    assert stage.codes == ["KT1503"]
    stage.put(JOB, job(age=0, active=1))
    assert stage.codes == []


def test_runs_that_pile_up_are_found_and_two_beside_each_other_are_not() -> None:
    stage = Stage(CRON_JOBS)
    stage.put(CRON_JOB, cron(active=2))
    assert stage.codes == []
    stage.put(CRON_JOB, cron(active=3))
    assert (stage.codes, stage.one().message) == (["KT1511"], "3 runs at the same time")


def scheduled(schedule: str, last: float, *, zone: str = "", suspend: bool = False) -> Row:
    spec = {"schedule": schedule, "suspend": suspend, **({"timeZone": zone} if zone else {})}
    return row(CRON_JOB, made("load", age=10 * DAY, spec=spec, status={"lastScheduleTime": stamp(last)}))


def test_a_cron_job_that_missed_two_runs_is_found_and_one_run_is_not_enough() -> None:
    stage = Stage(SCHEDULES)
    stage.put(CRON_JOB, scheduled("0 * * * *", 0))  # the stage's time is a full hour
    stage.wait(2 * 3600)
    assert stage.codes == []
    stage.wait(LATE)
    assert (stage.codes, stage.one().message) == (["KT1512"], "0 * * * *: none since")
    stage.put(CRON_JOB, scheduled("0 * * * *", -2 * 3600))
    assert stage.codes == []


def test_what_is_suspended_or_has_no_schedule_that_can_be_read_misses_nothing() -> None:
    stage = Stage(SCHEDULES)
    for row_ in (scheduled("0 * * * *", 0, suspend=True), scheduled("whenever", 0), scheduled("0 0 31 2 *", 0)):
        stage.put(CRON_JOB, row_)
        stage.wait(10 * DAY)
        assert stage.codes == []


def test_a_daily_run_in_a_zone_that_nobody_told_is_not_missed() -> None:
    stage = Stage(SCHEDULES)
    stage.put(CRON_JOB, scheduled("0 2 * * *", 3 * 3600))  # it ran at five, where the controller is
    stage.wait(DAY - 3 * 3600 + LATE)
    assert stage.codes == []
