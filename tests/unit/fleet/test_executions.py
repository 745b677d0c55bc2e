"""An execution of a Kurator Pipeline as a row: how far it is, why it failed, what it built and who signed that."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet import executions
from kurator_tui.fleet.interest import WHEREVER, Reach
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.executions import EXECUTIONS, execution_health, progress, took
from kurator_tui.kinds.kurator_apps import PIPELINE as KURATOR_PIPELINE
from kurator_tui.kinds.tekton import EVENT_LISTENER, PIPELINE, PIPELINE_RUN, TASK_RUN
from kurator_tui.store.freshness import State
from tests.unit.fleet.pipeline_objects import REPOSITORY, TASKS, Host, reference
from tests.unit.fleet.rollout_objects import LIVE, Object, second


@pytest.fixture
def host() -> Host:
    return Host()


def finished(host: Host, **more: Any) -> None:
    """A run all of whose tasks succeeded."""
    host.run(**more)
    for number, task in enumerate(TASKS):
        host.task(task, began=1 + 2 * number)


def built(host: Host, **annotations: str) -> None:
    """A run that built an image, with these annotations on its last TaskRun."""
    host.run()
    notes = {f"chains.tekton.dev/{key.replace('_', '-')}": value for key, value in annotations.items()}
    for task in TASKS[:2]:
        host.task(task)
    results = [
        {"name": "IMAGE_URL", "value": "registry.example/shop/web:v7\n"},
        {"name": "IMAGE_DIGEST", "value": "sha256:0123456789abcdef0123456789abcdef"},
    ]
    host.task(TASKS[2], told={"results": results}, annotations=notes)


# -- how far ----------------------------------------------------------------------------------------------------


def test_an_execution_that_succeeded_says_what_it_built_and_how_long_it_took(host: Host) -> None:
    finished(host)
    row = host.row()
    assert (row.level, row.reason, row.status) == (Level.HEALTHY, "", "Succeeded")
    assert (row.pipeline, row.revision, row.repository) == ("web", "main", REPOSITORY)
    assert (row.started, took(row), progress(row)) == (second(1), 600_000.0, "3/3")
    assert row.task == ""


def test_an_execution_that_runs_names_the_task_that_runs(host: Host) -> None:
    host.run(status="Unknown", reason="Running", took=None, tasks=TASKS[:2])
    host.task("git-clone")
    host.task("go-test", status="Unknown", reason="Running", began=3, took=None)
    row = host.row()
    assert (row.level, row.reason, row.task) == (Level.PROGRESSING, "runs go-test", "go-test")
    assert (progress(row), took(row)) == ("1/3", None)


def test_a_task_that_cannot_begin_is_the_reason_while_the_execution_runs(host: Host) -> None:
    host.run(status="Unknown", reason="Running", took=None, tasks=TASKS[:1])
    host.task("git-clone", status="Unknown", reason="Pending", message="pod status: no node fits", took=None)
    assert host.row().reason == "git-clone: Pending: pod status: no node fits"


def test_an_execution_that_failed_says_which_task_failed_and_why(host: Host) -> None:
    host.run(status="False", reason="Failed", message="Tasks Completed: 2 (Failed: 1)", tasks=TASKS[:2])
    host.task("git-clone")
    host.task("go-test", status="False", reason="Failed", message='"step-go-test" exited with code 1')
    row = host.row()
    assert (row.level, row.task, progress(row)) == (Level.FAILED, "go-test", "1/3")
    assert row.reason == 'go-test: "step-go-test" exited with code 1'
    assert execution_health(row).level is Level.FAILED


def test_a_timeout_is_told_in_the_words_of_the_execution(host: Host) -> None:
    host.run(status="False", reason="PipelineRunTimeout", message="failed to finish within 1h", tasks=TASKS[:1])
    host.task("git-clone", status="False", reason="TaskRunTimeout", message="cancelled")
    row = host.row()
    assert (row.level, row.task) == (Level.FAILED, "git-clone")
    assert row.reason == "PipelineRunTimeout: failed to finish within 1h"


def test_an_execution_that_somebody_cancelled_is_degraded(host: Host) -> None:
    host.run(status="False", reason="Cancelled", message="PipelineRun was cancelled", tasks=TASKS[:1])
    host.task("git-clone", status="False", reason="TaskRunCancelled")
    assert (host.row().level, host.row().reason) == (Level.DEGRADED, "Cancelled: PipelineRun was cancelled")


def test_left_out_tasks_count_as_done(host: Host) -> None:
    skipped = [{"name": "build-and-push-image", "reason": "When Expressions evaluated to false"}]
    host.run(reason="Completed", tasks=TASKS[:2], told={"skippedTasks": skipped})
    for task in TASKS[:2]:
        host.task(task)
    row = host.row()
    assert (row.level, row.status, row.skipped, progress(row)) == (Level.HEALTHY, "Completed", 1, "3/3")


def test_a_matrix_is_one_task_that_is_done_when_all_of_it_is(host: Host) -> None:
    names = ("web-run-1-go-test-0", "web-run-1-go-test-1")
    children = [{"kind": "TaskRun", "name": name, "pipelineTaskName": "go-test"} for name in names]
    host.run(status="False", reason="Failed", children=[reference("git-clone"), *children])
    host.task("git-clone")
    host.task("go-test", name=names[0])
    host.task("go-test", name=names[1], status="False", reason="Failed", message="exit 2")
    row = host.row()
    assert (progress(row), row.task) == ("1/3", "go-test")


def test_who_started_it_is_told_by_the_label_of_the_listener(host: Host) -> None:
    finished(host)
    assert host.row().trigger == "by hand"
    finished(host, labels={"triggers.tekton.dev/eventlistener": "web-listener"})
    assert host.row().trigger == "webhook"


def test_credentials_in_the_url_of_the_repository_are_not_shown(host: Host) -> None:
    finished(host, params={"repo-url": "https://bot:hunter2@github.com/shop/web", "revision": "v7"})
    assert host.row().repository == REPOSITORY


def test_a_run_with_its_own_specification_has_no_pipeline(host: Host) -> None:
    host.delete(KURATOR_PIPELINE, "web")
    host.run(spec={"pipelineRef": None, "pipelineSpec": {"tasks": [{"name": "one"}]}}, children=[])
    assert host.row().pipeline == "(no pipeline)"


# -- what nobody took up ----------------------------------------------------------------------------------------


def test_a_run_that_nobody_takes_up_asks_for_the_controller(host: Host) -> None:
    host.run(told={"conditions": [], "startTime": None}, took=None, children=[])
    host.now = second(0) + 30
    assert host.row().level is Level.PROGRESSING
    host.now = second(0) + 61
    assert (host.row().level, host.row().status) == (Level.DEGRADED, "not started")
    assert host.row().reason == "nobody has taken it up: does tekton-pipelines-controller run?"


def test_a_pipeline_that_never_ran_has_a_row_with_its_webhook(host: Host) -> None:
    row = host.row()
    assert (row.name, row.status, row.level, row.reason) == ("web", "never ran", Level.HEALTHY, "")
    assert row.address == "http://el-web-listener.shop.svc.cluster.local:8080 (inside the cluster)"


def test_a_pipeline_without_tekton_says_so(host: Host) -> None:
    for kind in (PIPELINE, PIPELINE_RUN, TASK_RUN):
        host.state(kind, State.ABSENT)
    host.delete(PIPELINE, "web")
    assert (host.row().level, host.row().reason) == (Level.FAILED, "Tekton is not installed on the host")


def test_a_pipeline_that_kurator_did_not_carry_out_says_so(host: Host) -> None:
    host.delete(PIPELINE, "web")
    row = host.row()
    assert (row.level, row.reason) == (Level.DEGRADED, "Kurator has not made its Tekton Pipeline")


def test_a_pipeline_whose_listener_is_gone_is_degraded(host: Host) -> None:
    host.delete(EVENT_LISTENER, "web-listener")
    row = host.row()
    assert (row.level, row.address) == (Level.DEGRADED, "none: there is no EventListener web-listener")
    assert row.reason == "webhooks start nothing: there is no EventListener web-listener"


def test_runs_that_may_not_be_read_are_unknown_and_not_never_started(host: Host) -> None:
    host.state(PIPELINE_RUN, State.FORBIDDEN, "viewer may not list pipelineruns")
    row = host.row()
    assert (row.status, row.level) == ("not known", Level.UNKNOWN)
    assert row.reason == "pipelineruns cannot be read: viewer may not list pipelineruns"


def test_tasks_that_may_not_be_read_leave_the_number_of_those_done_open(host: Host) -> None:
    host.state(TASK_RUN, State.FORBIDDEN)
    host.run()
    assert (host.row().done, progress(host.row()), host.row().level) == (None, "?/3", Level.HEALTHY)


# -- images -----------------------------------------------------------------------------------------------------


def test_an_image_is_named_with_the_beginning_of_its_digest(host: Host) -> None:
    built(host)
    assert host.row().images == ("registry.example/shop/web:v7@sha256:0123456789ab",)


def test_results_of_v1beta1_and_lists_of_images_are_read(host: Host) -> None:
    host.run(told={"pipelineResults": [{"name": "IMAGES", "value": "a/b@sha256:1,a/c@sha256:2"}]})
    host.task(TASKS[2], told={"taskResults": [{"name": "APP_IMAGE_URL", "value": "a/d:v1"}]})
    assert host.row().images == ("a/d:v1", "a/b@sha256:1", "a/c@sha256:2")


def test_a_signed_image_says_where_its_attestation_is(host: Host) -> None:
    host.chains()
    entry = "https://rekor.sigstore.dev/api/v1/log/entries?logIndex=7"
    built(host, signed="true", transparency=entry)
    assert (host.row().signature, host.row().attestation) == ("signed", entry)
    built(host, signed="true", payload_taskrun_1="e30=")
    assert host.row().attestation == "in its annotations"


def test_an_image_that_could_not_be_signed_is_degraded(host: Host) -> None:
    built(host, signed="failed")
    assert (host.row().level, host.row().signature) == (Level.DEGRADED, "failed")
    assert host.row().reason == "Tekton Chains could not sign what it built"


def test_why_nothing_is_signed_is_said_only_where_it_is_known(host: Host) -> None:
    def told() -> tuple[Level, str, str]:
        return host.row().level, host.row().signature, host.row().reason

    built(host)
    assert told() == (Level.HEALTHY, "not signed", "not signed: Chains is not installed")
    host.chains(ready=0)
    assert told() == (Level.HEALTHY, "not signed", "not signed: Chains does not run")
    host.chains()
    assert told() == (Level.HEALTHY, "not signed", "")
    host.state(DEPLOYMENT, State.FORBIDDEN)
    assert told() == (Level.HEALTHY, "", "")


def test_a_run_that_built_nothing_is_not_called_unsigned(host: Host) -> None:
    finished(host)
    assert (host.row().images, host.row().signature) == ((), "")


# -- members, bad input -----------------------------------------------------------------------------------------


def test_tekton_on_a_member_is_shown_without_what_only_the_host_knows(host: Host) -> None:
    host.store.set_freshness("m1", "", LIVE)
    host.state(PIPELINE_RUN, State.LIVE, cluster="m1")
    host.run(cluster="m1")
    (row,) = host.rows("m1")
    assert (row.cluster, row.name, row.address, row.signature) == ("m1", "web-run-1", "", "")
    assert [each.cluster for each in host.rows(HOST)] == [HOST]


@pytest.mark.parametrize(
    "told",
    [
        {"childReferences": "no list", "skippedTasks": {"a": 1}, "pipelineSpec": []},
        {"childReferences": [None, 7, {"name": None}], "pipelineSpec": {"tasks": [{"runAfter": 3}, None]}},
        {"taskRuns": {"x": None, "y": {"status": "no object"}}, "results": [{"name": 1}, {"value": 2}]},
        {"startTime": "yesterday", "completionTime": 12},
    ],
)
def test_statuses_of_any_shape_are_rows(host: Host, told: Object) -> None:
    host.run(told=told)
    assert len(host.rows()) == 1
    assert len(host.lines()) >= 2


def test_hostile_names_stay_data(host: Host) -> None:
    host.run(params={"revision": "\x1b[2J", "repo-url": "x"}, pipeline="\x1b]0;owned\x07")
    row = next(each for each in host.rows() if each.run)
    assert row.revision == "not a ref"


def test_of_the_deployments_of_the_host_only_that_of_chains_is_asked_for() -> None:
    reach = executions.JOIN.where(DEPLOYMENT, WHEREVER)
    assert reach == Reach(frozenset({HOST}), fields="metadata.name=tekton-chains-controller")
    assert executions.JOIN.where(TASK_RUN, WHEREVER) == WHEREVER


def test_the_newest_execution_comes_first() -> None:
    assert EXECUTIONS.order == "started"
