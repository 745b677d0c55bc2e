"""Rows of executions and of their tasks: the objects they stand for, and where Enter leads from them."""

from __future__ import annotations

import pytest

from kurator_tui.config.log_actions import LOGGED
from kurator_tui.kinds.base import HOST, Subject
from kurator_tui.kinds.children import row_children
from kurator_tui.kinds.executions import EXECUTIONS, TASKS, ExecutionRow, TaskLineRow
from kurator_tui.kinds.links import NoLink, Target

RUN = ExecutionRow(HOST, "ci", "web-run-1", "u", 0.0, pipeline="web", run="web-run-1")
NEVER = ExecutionRow(HOST, "ci", "web", "p", 0.0, pipeline="web")


def line(depth: int, name: str, kind: str, pod: str = "") -> TaskLineRow:
    return TaskLineRow(
        HOST,
        "ci",
        name,
        name,
        0.0,
        depth=depth,
        pipeline="web",
        run="web-run-1",
        object_kind=kind,
        object_name=name,
        pod=pod,
    )


def test_an_execution_stands_for_its_run_and_one_that_never_was_for_the_pipeline() -> None:
    assert EXECUTIONS.subject is not None
    assert EXECUTIONS.subject(RUN) == Subject("pipelineruns.tekton.dev", HOST, "ci", "web-run-1")
    assert EXECUTIONS.subject(NEVER) == Subject("pipelines.pipeline.kurator.dev", HOST, "ci", "web")


def test_a_task_stands_for_its_taskrun_whose_pod_has_the_logs() -> None:
    assert TASKS.subject is not None
    found = TASKS.subject(line(2, "web-run-1-go-test", "taskruns.tekton.dev"))
    assert found == Subject("taskruns.tekton.dev", HOST, "ci", "web-run-1-go-test")
    assert found.kind in LOGGED
    assert TASKS.subject(line(2, "go-test", "")) is None


def test_enter_leads_from_an_execution_to_its_tasks_and_from_a_pipeline_to_its_executions() -> None:
    tree = Target("pipelinetasks", HOST, "ci", where=(("run", "web-run-1"),), title="web-run-1")
    assert row_children("pipelineexecutions", RUN) == [tree]
    assert row_children("pipelinetasks", line(1, "web-run-1", "pipelineruns.tekton.dev")) == [tree]
    (executions,) = row_children("pipelinetasks", line(0, "web", "pipelines.pipeline.kurator.dev"))
    assert (executions.kind, executions.where) == ("pipelineexecutions", (("pipeline", "web"),))
    (pod,) = row_children("pipelinetasks", line(2, "go-test", "taskruns.tekton.dev", "go-test-pod"))
    assert (pod.kind, pod.objects) == ("pods", frozenset({(HOST, "ci", "go-test-pod")}))


def test_enter_says_that_a_pipeline_never_ran() -> None:
    with pytest.raises(NoLink, match="it never ran"):
        row_children("pipelineexecutions", NEVER)
    with pytest.raises(NoLink):
        row_children("pipelinetasks", line(2, "go-test", ""))
