"""Pods: kubectl's READY, STATUS and RESTARTS, the scheduler's requests, health."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.pods import LONGEST_LEFT, POD, PodRow, pod_health
from tests.unit.kinds.support import meta, recording, row

EARLY, LATE = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def ended(code: int = 0, reason: str = "", **more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, **more}}


def status(
    name: str, state: dict[str, Any], *, ready: bool = False, restarts: int = 0, **more: Any
) -> dict[str, Any]:
    return {"name": name, "ready": ready, "restartCount": restarts, "state": state, **more}


def pod(
    phase: str,
    *containers: dict[str, Any],
    init: tuple[dict[str, Any], ...] = (),
    sidecars: tuple[str, ...] = (),
    conditions: tuple[dict[str, str], ...] = (),
    deleting: bool = False,
    reason: str | None = None,
) -> PodRow:
    always = {"restartPolicy": "Always"}
    more = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleting else {}
    decoded: PodRow = row(
        POD,
        {
            "metadata": meta("web", **more),
            "spec": {
                "containers": [{"name": c["name"]} for c in containers],
                "initContainers": [{"name": c["name"], **(always if c["name"] in sidecars else {})} for c in init],
            },
            "status": {
                "phase": phase,
                "reason": reason,
                "containerStatuses": list(containers),
                "initContainerStatuses": list(init),
                "conditions": list(conditions),
            },
        },
    )
    return decoded


READY = {"type": "Ready", "status": "True"}
GATED = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}
INITIALIZED = {"type": "Initialized", "status": "True"}

STATUSES = [
    ("Running", pod("Running", status("a", RUNNING, ready=True)), Level.HEALTHY),
    ("Pending", pod("Pending"), Level.PROGRESSING),
    ("ContainerCreating", pod("Pending", status("a", waiting("ContainerCreating"))), Level.PROGRESSING),
    ("CrashLoopBackOff", pod("Running", status("a", waiting("CrashLoopBackOff"), restarts=9)), Level.FAILED),
    ("ImagePullBackOff", pod("Pending", status("a", waiting("ImagePullBackOff"))), Level.FAILED),
    ("Completed", pod("Succeeded", status("a", ended(0, "Completed"))), Level.HEALTHY),
    ("Error", pod("Failed", status("a", ended(1, "Error"))), Level.FAILED),
    ("OOMKilled", pod("Running", status("a", ended(137, "OOMKilled"))), Level.FAILED),
    ("ExitCode:3", pod("Failed", status("a", ended(3))), Level.FAILED),
    ("Signal:9", pod("Failed", status("a", ended(137, signal=9))), Level.FAILED),
    ("Evicted", pod("Failed", reason="Evicted"), Level.FAILED),
    ("SchedulingGated", pod("Pending", conditions=(GATED,)), Level.PROGRESSING),
    ("Terminating", pod("Running", status("a", RUNNING, ready=True), deleting=True), Level.PROGRESSING),
    ("Completed", pod("Succeeded", status("a", ended(0, "Completed")), deleting=True), Level.HEALTHY),
    ("NodeLost", pod("Running", status("a", RUNNING, ready=True), reason="NodeLost"), Level.UNKNOWN),
    ("Unknown", pod("Running", status("a", RUNNING, ready=True), reason="NodeLost", deleting=True), Level.UNKNOWN),
    (
        "Init:0/2",
        pod("Pending", init=(status("i", RUNNING), status("j", waiting("PodInitializing")))),
        Level.PROGRESSING,
    ),
    (
        "Init:1/2",
        pod("Pending", init=(status("i", ended(0, "Completed")), status("j", RUNNING))),
        Level.PROGRESSING,
    ),
    ("Init:CrashLoopBackOff", pod("Pending", init=(status("i", waiting("CrashLoopBackOff")),)), Level.FAILED),
    ("Init:Error", pod("Pending", init=(status("i", ended(1, "Error")),)), Level.FAILED),
    ("Init:ExitCode:2", pod("Pending", init=(status("i", ended(2)),)), Level.FAILED),
    ("Init:Signal:15", pod("Pending", init=(status("i", ended(143, signal=15)),)), Level.FAILED),
    (
        "PodInitializing",
        pod("Pending", status("a", waiting("PodInitializing")), init=(status("i", ended(0, "Completed")),)),
        Level.PROGRESSING,
    ),
    (
        "Running",
        pod("Running", status("a", RUNNING, ready=True), status("b", ended(0, "Completed")), conditions=(READY,)),
        Level.DEGRADED,
    ),
    (
        "NotReady",
        pod("Running", status("b", ended(0, "Completed")), status("a", RUNNING, ready=True)),
        Level.DEGRADED,
    ),
    ("Running", pod("Running", status("a", RUNNING)), Level.DEGRADED),
    ("", pod(""), Level.UNKNOWN),
]


@pytest.mark.parametrize(
    ("word", "decoded", "level"), STATUSES, ids=[f"{i}-{s[0]}" for i, s in enumerate(STATUSES)]
)
def test_status_is_the_word_kubectl_prints(word: str, decoded: PodRow, level: Level) -> None:
    assert decoded.status == word
    assert pod_health(decoded).level is level


def test_the_first_container_with_something_to_say_says_it() -> None:
    decoded = pod(
        "Running", status("a", waiting("CrashLoopBackOff", "back-off 5m")), status("b", ended(1, "Error"))
    )
    assert (decoded.status, decoded.message) == ("CrashLoopBackOff", "back-off 5m")
    assert pod_health(decoded).reason == "CrashLoopBackOff: back-off 5m"


def test_a_started_sidecar_counts_as_ready_and_does_not_hold_the_pod_back() -> None:
    sidecar = status("proxy", RUNNING, ready=True, started=True, restarts=2)
    decoded = pod("Running", status("a", RUNNING, ready=True), init=(sidecar,), sidecars=("proxy",))
    assert (decoded.status, decoded.ready, decoded.containers, decoded.restarts) == ("Running", 2, 2, 2)


def test_restarts_of_finished_init_containers_are_not_counted_once_the_pod_runs() -> None:
    init = status("i", ended(0, "Completed"), restarts=4, lastState=ended(1, finishedAt="2026-01-02T00:00:00Z"))
    main = status("a", RUNNING, ready=True, restarts=1, lastState=ended(1, finishedAt="2026-01-01T00:00:00Z"))
    decoded = pod("Running", main, init=(init,))
    assert (decoded.restarts, decoded.restarted_at) == (1, 1767225600.0)


def test_how_long_a_container_was_held_back_and_had_run_before_is_read_while_it_runs_and_when_it_ended_again() -> (
    None
):
    last = ended(1, startedAt="2026-01-01T00:00:00Z", finishedAt="2026-01-01T00:01:00Z")
    runs = {"running": {"startedAt": "2026-01-01T00:01:40Z"}}
    again = ended(1, startedAt="2026-01-01T00:01:40Z", finishedAt="2026-01-01T09:00:00Z")
    for state, waited in ((runs, 40.0), (again, 40.0), (waiting("CrashLoopBackOff"), 0.0)):
        decoded = pod("Running", status("a", state, restarts=2, lastState=last))
        assert (decoded.waited, decoded.ran) == (waited, 60.0)


@pytest.mark.parametrize(
    ("phase", "said", "since"),
    [("Running", "False", 1767225600.0), ("Running", "True", 0.0), ("Pending", "False", 0.0)],
)
def test_since_when_a_pod_that_runs_is_not_ready_is_what_its_condition_says(
    phase: str, said: str, since: float
) -> None:
    condition = {"type": "Ready", "status": said, "lastTransitionTime": "2026-01-01T00:00:00Z"}
    assert pod(phase, status("a", RUNNING), conditions=(condition,)).unready_since == since


def test_restarts_of_an_init_container_that_holds_the_pod_back_are_counted() -> None:
    assert pod("Pending", init=(status("i", waiting("CrashLoopBackOff"), restarts=4),)).restarts == 4


def test_an_initialised_pod_shows_its_containers_even_when_an_init_container_is_odd() -> None:
    decoded = pod(
        "Running",
        status("a", RUNNING, ready=True),
        init=(status("i", waiting("Lost")),),
        conditions=(INITIALIZED,),
    )
    assert (decoded.ready, decoded.status) == (1, "Init:Lost")


def test_why_a_pod_is_not_scheduled_is_its_message() -> None:
    unscheduled = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/3 nodes fit",
    }
    assert pod_health(pod("Pending", conditions=(unscheduled,))).reason == "Pending: 0/3 nodes fit"


def test_a_pod_that_is_not_ready_says_how_many_containers_are() -> None:
    decoded = pod("Running", status("a", RUNNING, ready=True), status("b", RUNNING))
    assert pod_health(decoded).reason == "1/2 containers ready"


def requests(**amounts: str) -> dict[str, Any]:
    return {
        "resources": {"requests": {key.replace("gpu", "nvidia.com/gpu"): value for key, value in amounts.items()}}
    }


def container(name: str, restart: str | None = None, **amounts: str) -> dict[str, Any]:
    return {"name": name, "restartPolicy": restart, **requests(**amounts)}


SPECS: list[tuple[str, dict[str, Any], tuple[int, int, int]]] = [
    ("nothing", {"containers": [{"name": "a"}]}, (0, 0, 0)),
    (
        "containers add up",
        {
            "containers": [
                container("a", cpu="250m", memory="1Gi", gpu="1"),
                container("b", cpu="0.5", memory="1M"),
            ]
        },
        (750, 2**30 + 1_000_000, 1),
    ),
    (
        "the largest init container counts when it is more",
        {
            "initContainers": [container("i", cpu="2"), container("j", cpu="1")],
            "containers": [container("a", cpu="500m")],
        },
        (2000, 0, 0),
    ),
    (
        "each resource has its own maximum",
        {
            "initContainers": [container("i", cpu="2", memory="1Ki")],
            "containers": [container("a", cpu="1", memory="1Mi")],
        },
        (2000, 2**20, 0),
    ),
    (
        "a sidecar counts throughout",
        {"initContainers": [container("s", "Always", cpu="100m")], "containers": [container("a", cpu="1")]},
        (1100, 0, 0),
    ),
    (
        "an init container runs beside the sidecars started before it",
        {
            "initContainers": [
                container("s", "Always", cpu="100m"),
                container("i", cpu="2"),
                container("t", "Always", cpu="1"),
            ],
            "containers": [container("a", cpu="200m")],
        },
        (2100, 0, 0),
    ),
    (
        "overhead is added last",
        {"containers": [container("a", cpu="1")], "overhead": {"cpu": "250m", "memory": "120Mi"}},
        (1250, 120 * 2**20, 0),
    ),
    (
        "requests of the pod itself replace the sum",
        {"containers": [container("a", cpu="1", memory="1Gi", gpu="2")], **requests(cpu="3")},
        (3000, 2**30, 2),
    ),
    ("fractions round up", {"containers": [container("a", cpu="100u", memory="100m")]}, (1, 1, 0)),
    ("nonsense is nothing", {"containers": [container("a", cpu="lots")]}, (0, 0, 0)),
]


@pytest.mark.parametrize(("spec", "expected"), [s[1:] for s in SPECS], ids=[s[0] for s in SPECS])
def test_effective_requests(spec: dict[str, Any], expected: tuple[int, int, int]) -> None:
    decoded = row(POD, {"metadata": meta(), "spec": spec})
    assert (decoded.cpu_requested, decoded.memory_requested, decoded.gpus) == expected


def test_the_controller_is_the_owner() -> None:
    owners = [{"kind": "Node", "name": "n"}, {"kind": "ReplicaSet", "name": "web-1", "controller": True}]
    decoded = row(POD, {"metadata": meta(ownerReferences=owners)})
    assert (decoded.owner_kind, decoded.owner) == ("ReplicaSet", "web-1")
    assert row(POD, {"metadata": meta(ownerReferences=owners[:1])}).owner == "n"


def test_status_and_readiness_agree_with_the_table_a_server_prints() -> None:
    table = recording("apiserver/061-pods-table.json")["response"]["body"]
    listed = recording("apiserver/060-pods-of-deployment.json")["response"]["body"]
    names = [column["name"] for column in table["columnDefinitions"]]
    printed = {
        cells[0]: dict(zip(names, cells, strict=True)) for cells in (line["cells"] for line in table["rows"])
    }
    rows = RowDecoder(POD, "c1").page(json.dumps(listed).encode()).rows
    common = [decoded for decoded in rows if decoded.name in printed]
    assert common
    for decoded in common:
        line = printed[decoded.name]
        assert f"{decoded.ready}/{decoded.containers}" == line["Ready"]
        assert decoded.status == line["Status"]
        assert str(decoded.restarts) == str(line["Restarts"])


def test_a_recorded_pod_keeps_its_owner_and_namespace() -> None:
    listed = recording("apiserver/060-pods-of-deployment.json")["response"]["body"]
    page = RowDecoder(POD, "c1").page(json.dumps(listed).encode())
    assert page.continue_token
    assert {decoded.owner_kind for decoded in page.rows} == {"ReplicaSet"}
    assert {decoded.namespace for decoded in page.rows} == {"probe"}


@pytest.mark.parametrize(
    ("containers", "how"),
    [
        ((status("a", RUNNING, ready=True),), ""),
        ((status("a", waiting("CrashLoopBackOff"), lastState=ended(137, "OOMKilled")),), "OOMKilled:137"),
        ((status("a", ended(3)),), "ExitCode:3"),
        (
            (
                status(
                    "a",
                    waiting("CrashLoopBackOff"),
                    lastState=ended(1, "Error", finishedAt=EARLY),
                ),
                status("b", RUNNING, lastState=ended(137, "OOMKilled", finishedAt=LATE)),
            ),
            "Error:1",
        ),
        (
            (
                status("a", RUNNING, lastState=ended(1, "Error", finishedAt=EARLY)),
                status("b", RUNNING, lastState=ended(2, "Error", finishedAt=LATE)),
            ),
            "Error:2",
        ),
    ],
)
def test_how_it_ended_is_told_of_the_container_that_status_is_about_else_of_the_latest(
    containers: tuple[dict[str, Any], ...], how: str
) -> None:
    assert pod("Running", *containers).ended == how


def test_what_a_crashing_container_left_behind_says_more_than_how_long_it_waits() -> None:
    back_off = waiting("CrashLoopBackOff", "back-off 5m0s")
    left = "x" * 1000 + "\n  panic: no database\n"
    assert pod("Running", status("a", back_off, lastState=ended(1, message=left))).message.endswith(
        "panic: no database"
    )
    assert len(pod("Running", status("a", back_off, lastState=ended(1, message=left))).message) == LONGEST_LEFT
    assert pod("Running", status("a", back_off, lastState=ended(1))).message == "back-off 5m0s"
