"""The trees of executions: pipeline, executions, tasks, each task with what it took of the execution's time."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.executions import BAR, TaskLineRow, bar
from kurator_tui.kinds.executions import TASKS as KIND
from kurator_tui.kinds.tekton import EVENT_LISTENER, TASK_RUN
from kurator_tui.store.freshness import State
from kurator_tui.wire.ascii import to_ascii
from tests.unit.fleet.pipeline_objects import TASKS, Host, condition, planned, reference, task_run
from tests.unit.fleet.rollout_objects import at, second


@pytest.fixture
def host() -> Host:
    return Host()


def finished(host: Host, run: str = "web-run-1", began: float = 1) -> None:
    host.run(run, began=began, took=8)
    for number, (task, minutes) in enumerate(zip(TASKS, (2, 2, 4), strict=True)):
        host.task(task, run, began=began + 2 * number, took=minutes)


def shown(host: Host) -> list[str]:
    name = KIND.column("name")
    assert name is not None
    return [str(name.value(line)) for line in host.lines()]


def test_the_newest_execution_comes_first_below_its_pipeline(host: Host) -> None:
    host.pipeline("api")
    host.listener("api-listener")
    finished(host, "web-run-1", began=1)
    finished(host, "web-run-2", began=12)
    below = [f"    {task}" for task in TASKS]
    assert shown(host) == ["api", "web", "  web-run-2", *below, "  web-run-1", *below]


def test_a_longer_name_does_not_tear_a_tree(host: Host) -> None:
    finished(host)
    host.pipeline("web-2")
    host.listener("web-2-listener")
    assert shown(host)[-1] == "web-2"
    assert shown(host)[0] == "web"


def test_bars_have_the_execution_as_their_common_time(host: Host) -> None:
    finished(host)
    bars = [bar(line) for line in host.lines() if line.depth == 2]
    quarter, half = BAR // 4, BAR // 2
    assert bars == ["█" * quarter, " " * quarter + "█" * quarter, " " * half + "█" * half]
    assert bar(host.lines()[0]) == ""


def test_the_bar_of_what_runs_ends_now_and_is_open(host: Host) -> None:
    host.run(status="Unknown", reason="Running", took=None, began=10, tasks=TASKS[:1])
    host.task("git-clone", status="Unknown", reason="Running", took=None, began=20)
    host.now = second(30)
    line = host.tasks()["git-clone"]
    assert bar(line) == " " * (BAR // 2) + "█" * (BAR // 2 - 1) + "▸"
    assert to_ascii(bar(line)).strip() == "#" * (BAR // 2 - 1) + ">"


@pytest.mark.parametrize("took", [0.0, 0.001])
def test_a_task_that_took_no_time_still_has_a_bar(host: Host, took: float) -> None:
    host.run(took=20, tasks=TASKS[:1])
    host.task("git-clone", took=took)
    assert bar(host.tasks()["git-clone"]) == "█"


def test_a_task_says_its_steps_results_parameters_and_retries(host: Host) -> None:
    host.run(status="False", reason="Failed", tasks=TASKS[:1])
    steps = [
        {"name": "fetch", "terminated": {"exitCode": 0, "reason": "Completed"}},
        {"name": "check", "terminated": {"exitCode": 137, "reason": "OOMKilled"}},
        {"name": "push", "waiting": {"reason": "PodInitializing"}},
    ]
    told = {
        "steps": steps,
        "retriesStatus": [{}, {}],
        "results": [{"name": "commit", "value": "abc"}, {"name": "tags", "value": ["a", "b"]}],
    }
    params = [{"name": "depth", "value": "1"}, {"name": "deploy-token", "value": "hunter2"}]
    host.task("git-clone", status="False", reason="Failed", message="m", told=told, spec={"params": params})
    line = host.tasks()["git-clone"]
    assert line.steps == "1/3 check: exit 137 OOMKilled push: PodInitializing"
    assert (line.retries, line.results, line.pod) == (2, "commit=abc tags=a,b", "web-run-1-git-clone-pod")
    assert line.params == "depth=1 deploy-token=(hidden)"
    assert (line.level, line.reason) == (Level.FAILED, "Failed: m")


def test_a_task_that_was_left_out_says_why(host: Host) -> None:
    when = [{"input": "main", "operator": "in", "values": ["release"]}]
    skipped = [
        {"name": "go-test", "reason": "Parent Tasks were skipped"},
        {"name": "build-and-push-image", "reason": "When Expressions evaluated to false", "whenExpressions": when},
    ]
    host.run(reason="Completed", tasks=TASKS[:1], told={"skippedTasks": skipped})
    host.task("git-clone")
    lines = host.tasks()
    assert (lines["go-test"].status, lines["go-test"].reason) == ("skipped", "Parent Tasks were skipped")
    assert lines["build-and-push-image"].level is Level.HEALTHY
    told = "When Expressions evaluated to false: 'main' in [release]"
    assert lines["build-and-push-image"].reason == told


def test_older_versions_name_only_the_expressions(host: Host) -> None:
    when = [{"input": "main", "operator": "in", "values": ["release"]}]
    host.run(tasks=TASKS[:2], told={"skippedTasks": [{"name": TASKS[2], "whenExpressions": when}]})
    assert host.tasks()[TASKS[2]].reason == "not so: 'main' in [release]"


def test_what_has_not_begun_says_what_it_waits_for(host: Host) -> None:
    host.run(status="Unknown", reason="Running", took=None, tasks=TASKS[:1])
    host.task("git-clone", status="Unknown", reason="Running", took=None)
    lines = host.tasks()
    assert [(line.status, line.reason) for line in lines.values()][1:] == [
        ("waiting", "waits for git-clone"),
        ("waiting", "waits for go-test"),
    ]
    host.task("git-clone")
    assert host.tasks()["go-test"].reason == "waits for its turn"


def test_what_never_began_is_not_called_waiting_once_the_execution_ended(host: Host) -> None:
    host.run(status="False", reason="Failed", tasks=TASKS[:1])
    host.task("git-clone", status="False", reason="Failed")
    line = host.tasks()["go-test"]
    assert (line.status, line.level, line.reason) == (
        "not started",
        Level.UNKNOWN,
        "the execution ended before it",
    )


def test_tasks_of_the_end_come_last(host: Host) -> None:
    spec = planned("git-clone", **{"finally": [{"name": "notify"}]})
    host.run(children=[reference("notify"), reference("git-clone")], told={"pipelineSpec": spec})
    host.task("notify", began=5)
    host.task("git-clone")
    assert list(host.tasks()) == ["git-clone", "notify"]


def test_a_status_that_v1beta1_embedded_stands_in_for_taskruns(host: Host) -> None:
    held = {
        "pipelineTaskName": "git-clone",
        "status": {
            "conditions": [condition("False", "Failed", "exit 128")],
            "startTime": at(1),
            "completionTime": at(3),
            "podName": "old-pod",
        },
    }
    told = {"taskRuns": {"web-run-1-git-clone": held}}
    host.run(status="False", reason="Failed", children=[], told=told)
    line = host.tasks()["git-clone"]
    assert (line.level, line.reason, line.pod) == (Level.FAILED, "Failed: exit 128", "old-pod")
    assert (line.started, line.ended) == (second(1), second(3))
    host.task("git-clone", status="False", reason="Failed", message="as the TaskRun says")
    assert host.tasks()["git-clone"].reason == "Failed: as the TaskRun says"


def test_taskruns_with_the_label_alone_belong_to_their_execution(host: Host) -> None:
    host.run(children=[])
    host.task("git-clone")
    assert host.tasks()["git-clone"].object_name == "web-run-1-git-clone"


def test_taskruns_that_are_referred_to_without_a_label_do_too(host: Host) -> None:
    host.run(tasks=TASKS[:1])
    host.put(TASK_RUN, task_run("git-clone", labelled=False))
    assert host.tasks()["git-clone"].status == "Succeeded"


def test_a_taskrun_that_is_gone_is_as_its_execution_ended(host: Host) -> None:
    host.run(tasks=TASKS[:1])
    line = host.tasks()["git-clone"]
    assert (line.level, line.reason) == (Level.HEALTHY, "its TaskRun web-run-1-git-clone is gone")
    host.run(status="False", reason="Failed", tasks=TASKS[:1])
    assert host.tasks()["git-clone"].level is Level.UNKNOWN


def test_taskruns_that_may_not_be_read_are_not_called_gone(host: Host) -> None:
    host.state(TASK_RUN, State.FORBIDDEN)
    host.run(status="Unknown", reason="Running", took=None, tasks=TASKS[:1])
    assert host.tasks()["git-clone"].reason == "taskruns cannot be read"


def test_a_custom_run_is_named_as_not_read(host: Host) -> None:
    host.run(children=[reference("approve", kind="CustomRun")])
    line = host.tasks()["approve"]
    assert (line.level, line.object_name) == (Level.UNKNOWN, "")
    assert line.reason == "CustomRun web-run-1-approve: what became of it is not read here"


def test_the_line_of_a_pipeline_is_as_its_newest_execution(host: Host) -> None:
    finished(host)
    host.run("web-run-2", status="False", reason="PipelineRunTimeout", message="too long", began=20)
    top = host.lines()[0]
    assert (top.level, top.reason, top.status) == (Level.FAILED, "PipelineRunTimeout: too long", "2 executions")
    assert (top.object_kind, top.object_name) == ("pipelines.pipeline.kurator.dev", "web")


def test_the_line_of_a_pipeline_says_what_keeps_it_from_running(host: Host) -> None:
    finished(host)
    host.delete(EVENT_LISTENER, "web-listener")
    top = host.lines()[0]
    assert (top.level, top.reason) == (
        Level.DEGRADED,
        "webhooks start nothing: there is no EventListener web-listener",
    )


def test_a_pipeline_that_never_ran_is_a_line_of_its_own(host: Host) -> None:
    (line,) = host.lines()
    assert (line.name, line.status, line.level, line.reason) == ("web", "never ran", Level.HEALTHY, "")


def test_many_executions_keep_their_tasks_apart(host: Host) -> None:
    for number in range(300):
        finished(host, f"web-run-{number}", began=number / 60)
    lines = host.lines()
    assert len(lines) == 1 + 300 * 4
    runs = [line for line in lines if isinstance(line, TaskLineRow) and line.depth == 1]
    assert [line.run for line in runs] == [f"web-run-{number}" for number in reversed(range(300))]
    above = ""
    for line in lines[1:]:
        above = line.run if line.depth == 1 else above
        assert line.run == above
