"""What is found about pods, from pods as servers send them."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet.edge_contact import GROUP_LABEL
from kurator_tui.kinds.apps import JOB
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.core import EVENT, NODE, NodeRow
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.flux import GIT_REPOSITORY, KUSTOMIZATION
from kurator_tui.kinds.karmada_propagation import WORK
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.tekton import TASK_RUN
from kurator_tui.triage.analysers.pods import FAILED, FORGIVEN, LEAVING, PENDING, PODS, RECENT, STARTING
from kurator_tui.triage.tables import DAY
from tests.unit.triage.analysers.estate import Estate, kustomization, named, repository
from tests.unit.triage.pod_objects import RUNNING, at, container, ended, meta, pod, started, waiting
from tests.unit.triage.stage import NOW, Stage, project

FLUX = {"namespace": "prod", "name": "web-0-attachedcluster-eu"}
LAST = "kustomize.toolkit.fluxcd.io/name"
BACK_OFF = waiting("CrashLoopBackOff", "back-off 5m0s restarting failed container=web")
HEALTHY = container(RUNNING, ready=True)


def crashed(code: int, reason: str, *, restarts: int = 7, message: str = "") -> Row:
    return pod(container(BACK_OFF, restarts=restarts, last=ended(code, reason, message=message)))


def unready(ago: float) -> dict[str, Any]:
    """The pod's condition that it is not ready, for so many seconds."""
    return {"type": "Ready", "status": "False", "lastTransitionTime": at(-ago)}


def found(*rows: Row, after: float = 0.0) -> list[FindingRow]:
    stage = Stage(PODS, FAILED)
    stage.live(JOB)
    stage.put(POD, *rows)
    stage.wait(after)
    return stage.findings


FOUND = [
    ("KT1001", crashed(1, "Error"), 0),
    ("KT1001", pod(init=container(BACK_OFF, restarts=3, last=ended(2, "Error")), phase="Pending"), 0),
    ("KT1001", pod(container(ended(1, "Error"), restarts=2, last=ended(1, "Error", ago=500))), 0),
    (
        "KT1002",
        pod(container(waiting("ImagePullBackOff", 'Back-off pulling image "shop:v7"')), phase="Pending"),
        0,
    ),
    ("KT1002", pod(container(waiting("ErrImagePull", "denied")), phase="Pending"), 0),
    ("KT1003", crashed(137, "OOMKilled"), 0),
    ("KT1003", pod(container(ended(137, "OOMKilled"))), 0),
    ("KT1003", pod(container(RUNNING, ready=True, restarts=1, last=ended(137, "OOMKilled"))), 0),
    ("KT1004", pod(phase="Pending", node="", age=PENDING), 0),
    ("KT1005", pod(container(waiting("CreateContainerConfigError", "secret not found")), phase="Pending"), 0),
    ("KT1006", pod(container(RUNNING), HEALTHY, age=STARTING), 0),
    ("KT1006", pod(container(RUNNING), HEALTHY, age=DAY, conditions=[unready(STARTING)]), 0),
    ("KT1006", pod(container(ended(0, "Completed", ago=900)), HEALTHY, age=3600), 0),
    ("KT1007", pod(phase="Failed", reason="Evicted", message="The node was low on resource: memory."), 0),
    ("KT1008", pod(HEALTHY, deleting=True), LEAVING),
    ("KT1009", pod(container(RUNNING, ready=True, restarts=3, last=ended(1, "Error"))), 0),
    (
        "KT1009",
        pod(container(RUNNING, ready=True, restarts=3, last=ended(1, "Error", ran=DAY - 1)), age=9 * DAY),
        0,
    ),
    ("KT1010", pod(container(waiting("RunContainerError", "exec: not found"))), 0),
    ("KT1011", crashed(137, "Error"), 0),
    ("KT1011", crashed(143, "Error"), 0),
    ("KT1012", crashed(0, "Completed"), 0),
    ("KT1013", pod(init=container(RUNNING), phase="Pending", age=STARTING), 0),
    ("KT1014", pod(container(waiting("ContainerCreating")), phase="Pending", age=STARTING), 0),
    ("KT1015", pod(container(ended(1, "Error")), phase="Failed", owner=("Job", "load")), 0),
    ("KT1015", pod(phase="Failed", reason="NodeShutdown"), 0),
]

WELL = [
    pod(HEALTHY),
    pod(container(ended(0, "Completed")), phase="Succeeded"),
    pod(container(ended(1, "Error"), restarts=0)),  # the kubelet starts it again at once
    pod(container(ended(1, "Error"), restarts=8, last=ended(1, "Error", ago=FORGIVEN))),  # so it does with this
    pod(container(RUNNING), age=9 * DAY, conditions=[unready(STARTING - 1)]),  # was ready for days
    pod(container(RUNNING, ready=True, restarts=9, last=ended(1, "Error", ran=DAY)), age=9 * DAY),
    pod(container(waiting("ContainerCreating")), phase="Pending", age=STARTING - 1),
    pod(container(waiting("PodInitializing")), phase="Pending", age=STARTING - 1),
    pod(init=container(RUNNING), phase="Pending", age=STARTING - 1),
    pod(phase="Pending", node="", age=PENDING - 1),
    pod(phase="Pending", node="", conditions=[
        {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]),
    pod(container(RUNNING), age=STARTING - 1),
    pod(container(RUNNING, restarts=1, last=ended(1, "Error", ago=30))),
    pod(container(RUNNING, ready=True, restarts=2, last=ended(1, "Error"))),
    pod(container(RUNNING, ready=True, restarts=50, last=ended(1, "Error", ago=RECENT))),
    pod(container(RUNNING, ready=True, restarts=1, last=ended(137, "OOMKilled", ago=RECENT))),
    pod(HEALTHY, deleting=True),
]  # fmt: skip


@pytest.mark.parametrize(("code", "row", "after"), FOUND, ids=[f"{n}-{case[0]}" for n, case in enumerate(FOUND)])
def test_each_fault_is_found_under_its_own_code_and_no_other(code: str, row: Row, after: float) -> None:
    assert [each.code for each in found(row, after=after)] == [code]


@pytest.mark.parametrize("row", WELL)
def test_nothing_is_said_of_a_pod_that_is_well_or_may_still_become_so(row: Row) -> None:
    assert found(row) == []


def test_time_alone_makes_findings_of_pods_that_do_not_move_on() -> None:
    stage = Stage(PODS)
    stage.put(
        POD,
        pod(phase="Pending", node="", age=0, name="a"),
        pod(container(RUNNING), age=0, name="b"),
        pod(init=container(RUNNING), phase="Pending", age=0, name="c"),
        pod(container(waiting("ContainerCreating")), phase="Pending", age=0, name="d"),
    )
    assert stage.codes == []
    stage.wait(PENDING)
    assert stage.codes == ["KT1004"]
    stage.wait(STARTING)
    assert stage.codes == ["KT1004", "KT1006", "KT1013", "KT1014"]
    assert {each.created for each in stage.findings} == {NOW}


def test_time_alone_ends_what_is_said_of_restarts() -> None:
    stage = Stage(PODS)
    stage.put(
        POD,
        pod(container(RUNNING, ready=True, restarts=4, last=ended(1, "Error")), name="a"),
        pod(container(RUNNING, ready=True, restarts=1, last=ended(137, "OOMKilled")), name="b"),
    )
    assert stage.codes == ["KT1003", "KT1009"]
    stage.wait(RECENT)
    assert stage.codes == []


LOOPS = [
    ("KT1001", 1, "Error"),
    ("KT1003", 137, "OOMKilled"),
    ("KT1011", 137, "Error"),
    ("KT1012", 0, "Completed"),
]


@pytest.mark.parametrize(("code", "exit_code", "reason"), LOOPS)
def test_a_container_that_crashes_again_and_again_is_one_finding_while_it_runs_between(
    code: str, exit_code: int, reason: str
) -> None:
    """Each time it runs for as long as the kubelet remembers that it crashed, but for some seconds."""
    stage, known, last = Stage(PODS), set[FindingRow](), ended(exit_code, reason, ago=20)
    ran, now = 10.0, 0.0
    for restarts, waits in ((1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 300), (7, 300)):
        end = ended(exit_code, reason, ago=-now, ran=ran)
        for seen, lasts in (
            (container(end, restarts=restarts, last=last), 1),
            (container(BACK_OFF, restarts=restarts, last=end), waits - 1),
            (container(started(-now - waits), ready=True, restarts=restarts + 1, last=end), FORGIVEN - 9),
        ):
            stage.put(POD, pod(seen))
            stage.wait(lasts)
            known.add(stage.one())
        last, ran, now = end, FORGIVEN - 9, now + waits + FORGIVEN - 9
    assert {(each.code, each.severity, each.created) for each in known} == {(code, "high", NOW)}
    stage.wait(8)
    assert stage.codes == [code]
    stage.wait(1)
    assert stage.codes == []


def test_one_end_for_memory_is_told_of_for_ten_minutes_and_is_no_alarm_while_the_container_runs() -> None:
    stage = Stage(PODS)
    stage.put(POD, pod(container(ended(137, "OOMKilled", ago=0))))
    assert (stage.one().code, stage.one().severity) == ("KT1003", "medium")
    stage.put(POD, pod(container(started(-1), ready=True, restarts=1, last=ended(137, "OOMKilled", ago=0))))
    stage.wait(RECENT - 1)
    assert (stage.one().code, stage.one().severity, stage.one().created) == ("KT1003", "medium", NOW)
    stage.wait(1)
    assert stage.codes == []


def test_a_pod_that_was_ready_for_days_is_given_its_time_from_when_it_was_ready_last() -> None:
    stage = Stage(PODS)
    stage.put(POD, pod(container(RUNNING), age=9 * DAY, conditions=[unready(10)]))
    stage.wait(STARTING - 11)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.one().code, stage.one().created) == ("KT1006", NOW - 10)


def test_an_init_container_that_crashes_again_and_again_is_one_finding_while_it_runs() -> None:
    runs = container(started(5), restarts=3, last=ended(1, "Error", ago=25))
    assert [each.code for each in found(pod(init=runs, phase="Pending"))] == ["KT1001"]


@pytest.mark.parametrize(("restarts", "waited"), [(9, 2), (9, 1800), (3, 120)])
def test_what_was_started_at_once_or_after_its_node_was_away_does_not_crash_again_and_again(
    restarts: int, waited: float
) -> None:
    runs = container(started(30), ready=True, restarts=restarts, last=ended(1, "Error", ago=30 + waited))
    assert "KT1001" not in [each.code for each in found(pod(runs))]


def test_what_is_not_ready_between_two_crashes_is_given_its_time_from_its_start() -> None:
    row = pod(container(started(20), restarts=7, last=ended(1, "Error", ago=320)))
    assert [each.code for each in found(row)] == ["KT1001"]
    assert [each.code for each in found(row, after=STARTING)] == ["KT1001", "KT1006"]


def test_the_evidence_says_how_it_ended_and_what_it_left_behind() -> None:
    (finding,) = found(crashed(3, "Error", message="panic: no database\n  at main.go:7\n"))
    assert finding.message == ("CrashLoopBackOff, ended with Error 3, 7 restarts: panic: no database at main.go:7")
    (finding,) = found(crashed(3, "Error"))
    assert finding.message == "CrashLoopBackOff, ended with Error 3, 7 restarts"


NOT_FOUND = 'failed to resolve reference "shop:v7": shop:v7: not found'
PULLS = [
    ("ErrImagePull", f'failed to pull and unpack image "shop:v7": {NOT_FOUND}', "", "not found"),
    ("ImagePullBackOff", f'Back-off pulling image "shop:v7": ErrImagePull: {NOT_FOUND}', "", "not found"),
    (
        "ImagePullBackOff",
        'Back-off pulling image "shop:v7"',
        f'Failed to pull image "shop:v7": {NOT_FOUND}',
        "not found",
    ),
    (
        "ImagePullBackOff",
        'Back-off pulling image "shop:v7"',
        "Error: ImagePullBackOff",
        'Back-off pulling image "shop:v7"',
    ),
    ("ErrImagePull", "denied", "", "denied"),
]


@pytest.mark.parametrize(("reason", "status", "event", "evidence"), PULLS)
def test_why_an_image_is_refused_is_the_evidence_whether_the_pod_says_it_or_its_events(
    reason: str, status: str, event: str, evidence: str
) -> None:
    stage = Stage(PODS)
    about = {"kind": "Pod", "name": "web-7d4b9c6f5-x2x4z", "namespace": "shop"}
    told = {
        "type": "Warning",
        "reason": "Failed",
        "message": event,
        "involvedObject": about,
        "lastTimestamp": at(-9),
    }
    stage.put(POD, pod(container(waiting(reason, status)), phase="Pending"))
    stage.put(EVENT, *project(EVENT, "eu", [{"metadata": meta("e"), **told}]))
    assert stage.one().message == evidence


def test_pods_are_marked_with_what_they_share() -> None:
    stage = Stage(PODS)
    node = NodeRow("eu", "", "n1", "u-n1", NOW, edge=True, labels=((GROUP_LABEL, "north"),))
    stage.put(NODE, node)
    message = 'Back-off pulling image "registry.example/shop:v7"'
    stage.put(POD, pod(container(waiting("ImagePullBackOff", message)), phase="Pending"))
    marks = dict(stage.one().marks)
    image = "registry.example/shop:v7"
    assert marks == {"owner": "Deployment/web", "node": "n1", "site": "north", "image": image}


@pytest.mark.parametrize(
    ("owner", "mark"),
    [
        (("ReplicaSet", "web-7d4b9c6f5"), "Deployment/web"),
        (("ReplicaSet", "web"), "ReplicaSet/web"),
        (("StatefulSet", "my-database"), "StatefulSet/my-database"),
        (("Job", "load-29384756"), "Job/load-29384756"),
    ],
)
def test_the_workload_of_a_pod_is_what_people_made(owner: tuple[str, str], mark: str) -> None:
    (finding,) = found(pod(container(BACK_OFF, restarts=2, last=ended(1, "Error")), owner=owner))
    assert finding.mark("owner") == mark


def test_a_pod_that_stays_on_an_edge_node_out_of_contact_is_no_alarm() -> None:
    stage = Stage(PODS)
    stage.put(NODE, NodeRow("eu", "", "n1", "u-n1", NOW, ready="Unknown", reason="NodeStatusUnknown", edge=True))
    stage.put(POD, pod(HEALTHY, deleting=True))
    stage.wait(LEAVING)
    assert (stage.one().severity, stage.one().message) == (
        "low",
        "its edge node is out of contact: it may go on there",
    )


def job(complete: bool) -> Row:
    told = [{"type": "Complete", "status": "True"}] if complete else []
    obj = {"metadata": meta("load"), "status": {"failed": 1, "active": 1, "conditions": told}}
    return project(JOB, "eu", [obj])[0]


def test_a_failed_run_is_forgotten_when_its_job_is_complete() -> None:
    stage = Stage(FAILED)
    stage.put(POD, pod(container(ended(1, "Error")), phase="Failed", owner=("Job", "load")))
    assert stage.codes == []  # nobody knows the jobs yet
    stage.put(JOB, job(complete=False))
    assert stage.codes == ["KT1015"]
    assert stage.one().mark("owner") == "Job/load"
    stage.put(JOB, job(complete=True))
    assert stage.codes == []


def test_what_failed_more_than_a_day_ago_is_history() -> None:
    stage = Stage(FAILED)
    stage.live(JOB)
    stage.put(POD, pod(container(ended(1, "Error")), phase="Failed", owner=("Workflow", "build"), age=60))
    assert (stage.codes, stage.one().created) == (["KT1015"], NOW - 60)
    stage.wait(DAY - 60)
    assert stage.codes == []


def test_a_failed_pod_of_a_task_is_told_of_by_its_run() -> None:
    stage = Stage(FAILED)
    stage.live(JOB)
    stage.put(POD, pod(container(ended(1, "Error")), phase="Failed", owner=("TaskRun", "build"), age=60))
    assert stage.codes == ["KT1015"]
    stage.put(TASK_RUN, *project(TASK_RUN, "eu", [{"metadata": meta("build")}]))
    assert stage.codes == []


def test_pods_are_marked_with_the_release_that_their_workload_came_with() -> None:
    estate = Estate(PODS)
    estate.add(GIT_REPOSITORY, repository("main/2"))
    estate.add(KUSTOMIZATION, kustomization("web-0-attachedcluster-eu"))
    labels = {f"kustomize.toolkit.fluxcd.io/{key}": value for key, value in FLUX.items()}
    estate.put(POD, crashed(1, "Error"))
    assert estate.one().mark("application") == ""
    estate.add(DEPLOYMENT, {"metadata": meta("web", labels=labels)}, cluster="eu")
    assert (estate.one().mark("application"), estate.one().mark("revision")) == ("prod/web", "main/2")
    estate.add(DEPLOYMENT, {"metadata": meta("web", labels={**labels, LAST: "other"})}, cluster="eu")
    assert estate.one().mark("application") == ""


def test_pods_are_marked_with_the_override_by_which_karmada_changed_their_workload() -> None:
    estate = Estate(PODS)
    estate.put(POD, crashed(1, "Error"))
    manifest = {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
    applied = {"policy.karmada.io/applied-overrides": '[{"policyName": "mirror", "overriders": {}}]'}
    work = {
        "metadata": named("web-1", "karmada-es-eu-attachedcluster", annotations=applied),
        "spec": {"workload": {"manifests": [manifest]}},
    }
    estate.add(WORK, work)
    estate.add(DEPLOYMENT, {"metadata": meta("web", labels={"app": "web"})}, cluster="eu")
    assert estate.one().mark("override") == ""
    estate.add(DEPLOYMENT, {"metadata": meta("web", labels={"karmada.io/managed": "true"})}, cluster="eu")
    assert estate.one().mark("override") == "shop/mirror"


def test_a_pod_whose_containers_are_ready_and_that_is_not_is_told_of_with_its_silent_node() -> None:
    stage = Stage(PODS)
    not_ready = [{"type": "Ready", "status": "False"}]
    stage.put(NODE, NodeRow("eu", "", "n1", "u-n1", NOW, ready="Unknown", since=NOW))
    stage.put(POD, pod(container(RUNNING, ready=True), conditions=not_ready))
    stage.wait(119)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.one().code, stage.one().mark("node")) == ("KT1006", "n1")
    stage.put(NODE, NodeRow("eu", "", "n1", "u-n1", NOW, ready="True"))
    assert stage.codes == [], "a gate may be shut for three minutes"
    stage.wait(180)
    assert stage.codes == ["KT1006"]
    stage.put(POD, pod(container(RUNNING, ready=True), conditions=[{"type": "Ready", "status": "True"}]))
    assert stage.codes == []
