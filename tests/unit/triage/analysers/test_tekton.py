"""Tekton: the last run of a pipeline counts; why it failed decides what is to be done."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import HOST, Row
from kurator_tui.kinds.tekton import EVENT_LISTENER, PIPELINE_RUN, TASK_RUN
from kurator_tui.triage.analysers import tekton
from kurator_tui.triage.tables import DAY
from tests.unit.triage.objects import condition, made, row, stamp
from tests.unit.triage.stage import Stage


def run(
    name: str = "build-1", status: str = "False", reason: str = "Failed", *, age: float = 600.0, asked: str = ""
) -> Row:
    told = condition("Succeeded", status, reason, "Tasks Completed: 1 (Failed: 1)")
    begun = {"startTime": stamp(age), "conditions": [told]}
    ended = {"completionTime": stamp(age - 60)} if status != "Unknown" else {}
    meta = {"labels": {"tekton.dev/pipeline": "build"}}
    spec = {"pipelineRef": {"name": "build"}, **({"status": asked} if asked else {})}
    return row(PIPELINE_RUN, made(name, age=age, meta=meta, spec=spec, status={**begun, **ended}), HOST)


@pytest.mark.parametrize(
    ("reason", "code"),
    [("Failed", "KT3501"), ("CouldntGetTask", "KT3502"), ("PipelineRunTimeout", "KT3503")],
)
def test_a_run_that_ended_badly_is_told_of_by_its_reason_for_a_day(reason: str, code: str) -> None:
    stage = Stage(tekton.RUNS)
    stage.put(PIPELINE_RUN, run(reason=reason))
    found = stage.one()
    assert (found.code, found.mark("owner")) == (code, "Pipeline/build")
    assert found.message.startswith(reason)
    stage.wait(DAY)
    assert stage.codes == []


@pytest.mark.parametrize("reason", ["Failed", "CouldntGetTask", "PipelineRunTimeout"])
def test_a_later_run_that_ended_makes_it_history(reason: str) -> None:
    stage = Stage(tekton.RUNS)
    stage.put(PIPELINE_RUN, run(reason=reason), run("build-2", "Unknown", "Running", age=300))
    assert [each.name for each in stage.findings] == ["build-1"]
    stage.put(PIPELINE_RUN, run("build-2", "True", "Succeeded", age=300))
    assert stage.codes == []


def test_a_run_that_somebody_cancelled_did_not_fail() -> None:
    stage = Stage(tekton.RUNS)
    stage.put(PIPELINE_RUN, run(reason="Cancelled"))
    assert stage.codes == []


def test_a_run_should_begin_within_ten_minutes_unless_it_is_to_wait() -> None:
    stage = Stage(tekton.RUNS)
    stage.put(
        PIPELINE_RUN, row(PIPELINE_RUN, made("new", age=1, spec={}), HOST), run("going", "Unknown", "Running")
    )
    held = made("held", age=DAY, spec={"status": "PipelineRunPending"})
    stage.put(PIPELINE_RUN, row(PIPELINE_RUN, held, HOST))
    assert stage.codes == []
    stage.wait(tekton.BEGINNING)
    assert (stage.one().code, stage.one().name) == ("KT3504", "new")


def test_a_step_without_its_image_is_told_of_until_a_later_run_ended() -> None:
    def task(name: str, reason: str) -> Row:
        told = condition("Succeeded", "False", reason, 'the step "build" failed to pull image "builder:v9"')
        meta = {"labels": {"tekton.dev/pipelineRun": "build-1"}}
        return row(
            TASK_RUN, made(name, meta=meta, status={"conditions": [told], "completionTime": stamp(60)}), HOST
        )

    stage = Stage(tekton.TASKS)
    stage.put(PIPELINE_RUN, run())
    stage.put(TASK_RUN, task("t1", "TaskRunImagePullFailed"), task("t2", "Failed"))
    found = stage.one()
    assert (found.code, found.name, found.mark("owner")) == ("KT3505", "t1", "Pipeline/build")
    assert "builder:v9" in found.message
    stage.put(PIPELINE_RUN, run("build-2", "True", "Succeeded", age=30))
    assert stage.codes == []


def test_a_listener_that_is_down_for_a_minute_is_told_of() -> None:
    def listener(name: str, ready: str) -> Row:
        told = [condition("Ready", ready, "MinimumReplicasUnavailable"), condition("Available", ready)]
        return row(EVENT_LISTENER, made(name, status={"conditions": told}), HOST)

    stage = Stage(tekton.LISTENERS)
    stage.put(EVENT_LISTENER, listener("pushes", "False"), listener("good", "True"))
    assert stage.codes == []
    stage.wait(60)
    assert (stage.one().code, stage.one().mark("owner")) == ("KT3511", "Deployment/el-pushes")
