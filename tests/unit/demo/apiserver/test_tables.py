"""Table cells by kind, also for hostile and half-filled objects."""

from typing import Any

import pytest

from kurator_tui.demo.apiserver import tables
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.durations import human
from kurator_tui.demo.apiserver.storage import rfc3339

CATALOGUE = default_catalogue(host=True)
NOW = 1_700_000_000.0
BORN = rfc3339(NOW - 3600 * 30)


def row(plural: str, obj: dict[str, Any], group: str = "") -> dict[str, Any]:
    rt = CATALOGUE.by_plural(plural, group)
    obj = {"metadata": {"name": "x", "creationTimestamp": BORN, **obj.pop("metadata", {})}, **obj}
    names = [column["name"] for column in tables.definitions(rt)]
    return dict(zip(names, tables.cells(rt, obj, NOW), strict=True))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (312, "5m12s"),
        (3600, "60m"),
        (3 * 3600 + 120, "3h2m"),
        (30 * 3600, "30h"),
        (5 * 86400 + 7200, "5d2h"),
        (90 * 86400, "90d"),
        (3 * 365 * 86400 + 86400, "3y1d"),
        (9 * 365 * 86400, "9y"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert human(seconds) == text


def pod(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    statuses = [{"name": "a", "ready": "running" in state, "restartCount": 2, "state": state, **more}]
    return {
        "spec": {"containers": [{}], "nodeName": "n1"},
        "status": {"phase": "Running", "containerStatuses": statuses},
    }


@pytest.mark.parametrize(
    ("state", "status", "ready"),
    [
        ({"running": {}}, "Running", "1/1"),
        ({"waiting": {"reason": "CrashLoopBackOff"}}, "CrashLoopBackOff", "0/1"),
        ({"terminated": {"reason": "OOMKilled", "exitCode": 137}}, "OOMKilled", "0/1"),
        ({"terminated": {"exitCode": 3}}, "ExitCode:3", "0/1"),
        ({"terminated": {"signal": 9}}, "Signal:9", "0/1"),
    ],
)
def test_pod_status(state: dict[str, Any], status: str, ready: str) -> None:
    cells = row("pods", pod(state))
    assert (cells["Status"], cells["Ready"], cells["Age"], cells["Node"]) == (status, ready, "30h", "n1")


def test_a_restarted_and_a_terminating_pod() -> None:
    ended = {"terminated": {"finishedAt": rfc3339(NOW - 300)}}
    assert row("pods", pod({"running": {}}, lastState=ended))["Restarts"] == "2 (5m ago)"
    doomed = {**pod({"running": {}}), "metadata": {"deletionTimestamp": BORN}}
    assert row("pods", doomed)["Status"] == "Terminating"


def test_a_pod_in_its_init_containers() -> None:
    done = {"state": {"terminated": {"exitCode": 0}}}
    waiting = {"state": {"waiting": {"reason": "PodInitializing"}}}
    obj: dict[str, Any] = {
        "spec": {"initContainers": [{}, {}]},
        "status": {"initContainerStatuses": [done, waiting]},
    }
    assert row("pods", obj)["Status"] == "Init:1/2"


@pytest.mark.parametrize(
    ("conditions", "spec", "expected"),
    [
        ([{"type": "Ready", "status": "True"}], {}, "Ready"),
        ([{"type": "Ready", "status": "Unknown"}], {}, "NotReady"),
        ([{"type": "Ready", "status": "True"}], {"unschedulable": True}, "Ready,SchedulingDisabled"),
        ([], {}, "NotReady"),
    ],
)
def test_node_status(conditions: list[Any], spec: dict[str, Any], expected: str) -> None:
    labels = {"node-role.kubernetes.io/edge": "", "node-role.kubernetes.io/agent": ""}
    cells = row("nodes", {"metadata": {"labels": labels}, "spec": spec, "status": {"conditions": conditions}})
    assert (cells["Status"], cells["Roles"]) == (expected, "agent,edge")


def test_an_event_leads_with_its_age() -> None:
    about = {"kind": "Pod", "name": "p"}
    event = {
        "involvedObject": about,
        "lastTimestamp": rfc3339(NOW - 5),
        "reason": "Failed",
        "message": "no\n",
        "count": 7,
    }
    cells = row("events", event)
    assert (cells["Last Seen"], cells["Object"], cells["Message"], cells["Count"]) == ("5s", "pod/p", "no", 7)


def test_custom_columns() -> None:
    fleets = row("fleets", {"status": {"phase": "Ready"}}, "fleet.kurator.dev")
    assert fleets == {"Name": "x", "Phase": "Ready"}
    conditions = [{"type": "Other"}, {"type": "Ready", "status": "False", "message": "timed out"}]
    release = row("helmreleases", {"status": {"conditions": conditions}}, "helm.toolkit.fluxcd.io")
    assert (release["Age"], release["Ready"], release["Status"]) == ("30h", "False", "timed out")


@pytest.mark.parametrize("rt", CATALOGUE.all(), ids=lambda rt: rt.group_resource)
@pytest.mark.parametrize("filler", [None, "text", 7, [], {}, [None], {"status": None}], ids=repr)
def test_no_object_breaks_a_table(rt: Any, filler: Any) -> None:
    obj = {
        "metadata": {"name": "x", "creationTimestamp": "nonsense"},
        "spec": filler,
        "status": filler,
        "data": filler,
    }
    cells = tables.cells(rt, {**obj, "involvedObject": filler, "source": filler}, NOW)
    assert len(cells) == len(tables.definitions(rt))
