"""Jobs over edge nodes: a line for each job and its nodes, in the shapes of both releases."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.fleet import edge_jobs
from kurator_tui.kinds.base import Level, Subject
from kurator_tui.kinds.edge_jobs import EDGE_JOBS
from kurator_tui.kinds.kubeedge_jobs import CONFIG_UPDATE_JOB, IMAGE_PRE_PULL_JOB, NODE_UPGRADE_JOB
from tests.unit.fleet.edge_objects import Edge

Obj = dict[str, Any]


@pytest.fixture
def edge() -> Edge:
    return Edge(edge_jobs.JOIN)


def job(spec: Obj, status: Obj, name: str = "to-1-21") -> Obj:
    return {"metadata": {"name": name, "uid": f"job-{name}"}, "spec": spec, "status": status}


def lines(edge: Edge) -> list[tuple[str, str, str]]:
    """(name, phase, level) of all lines, as the table has them."""
    found = sorted(edge.rows().values(), key=lambda row: row.path)
    return [(str(EDGE_JOBS.columns[0].value(row)), row.phase, row.level) for row in found]


WHY = {"reason": "not found"}
NEW: Obj = {
    "phase": "InProgress",
    "nodeStatus": [
        {
            "nodeName": "e1",
            "phase": "Successful",
            "historicVersion": "v1.17.0",
            "currentVersion": "v1.21.0",
            "actionFlow": [{"action": "Check", "status": "True"}, {"action": "Upgrade", "status": "True"}],
        },
        {"nodeName": "e2", "phase": "InProgress", "actionFlow": [{"action": "WaitingConfirmation"}]},
        {"nodeName": "e3", "phase": "Failure", "actionFlow": [{"action": "Check", "reason": "no space"}]},
        {"nodeName": "e4", "phase": "Unknown"},
    ],
}


def test_failed_nodes_come_first_and_named_ones_without_status_wait(edge: Edge) -> None:
    edge.put(NODE_UPGRADE_JOB, job({"version": "v1.21.0", "nodeNames": ["e1", "e5"]}, NEW))
    assert lines(edge) == [
        ("to-1-21", "InProgress", Level.DEGRADED),
        ("  e3", "Failure", Level.FAILED),
        ("  e4", "Unknown", Level.UNKNOWN),
        ("  e2", "InProgress", Level.PROGRESSING),
        ("  e5", "Pending", Level.PROGRESSING),
        ("  e1", "Successful", Level.HEALTHY),
    ]
    rows = edge.rows()
    assert (rows["to-1-21"].done, rows["to-1-21"].failed, rows["to-1-21"].nodes) == (1, 1, 5)
    assert (rows["e3"].reason, rows["e2"].step) == ("no space", "WaitingConfirmation")
    version = EDGE_JOBS.column("version")
    assert version is not None
    assert version.value(rows["e1"]) == "v1.17.0 → v1.21.0"


def test_old_upgrades_say_state_event_and_reason(edge: Edge) -> None:
    node = {"nodeName": "e1", "state": "Failed", "event": "Upgrade", "reason": "context deadline exceeded"}
    edge.put(NODE_UPGRADE_JOB, job({"nodeNames": ["e1"]}, {"state": "Failed", "nodeStatus": [node]}))
    row = edge.rows()["e1"]
    assert (row.level, row.step, row.reason) == (Level.FAILED, "Upgrade", "context deadline exceeded")


def test_a_job_that_only_says_that_it_failed_names_the_node_and_its_reason(edge: Edge) -> None:
    node = {"nodeName": "e1", "state": "Failed", "event": "Upgrade", "reason": "context deadline exceeded"}
    edge.put(NODE_UPGRADE_JOB, job({"nodeNames": ["e1"]}, {"state": "Failed", "nodeStatus": [node]}))
    top = next(row for row in edge.rows().values() if not row.depth)
    assert (top.level, top.reason) == (Level.FAILED, "1 of 1 nodes failed, e1: context deadline exceeded")


@pytest.mark.parametrize(
    "status",
    [
        {"status": [{"nodeStatus": {"nodeName": "e1", "state": "Failed"}, "imageStatus": [WHY]}]},
        {"nodeStatus": [{"nodeName": "e1", "phase": "Failure", "imageStatus": [{}, WHY]}]},
    ],
)
def test_pulls_of_images_say_which_failed_in_either_shape(edge: Edge, status: Obj) -> None:
    edge.put(IMAGE_PRE_PULL_JOB, job({"imagePrePullTemplate": {"nodeNames": ["e1"]}}, status, "pull"))
    assert (edge.rows()["e1"].level, edge.rows()["e1"].reason) == (Level.FAILED, "not found")


def test_only_lines_that_changed_are_told_again(edge: Edge) -> None:
    edge.put(NODE_UPGRADE_JOB, job({}, NEW))
    edge.rows()
    nodes = [dict(each) for each in NEW["nodeStatus"]]
    nodes[1]["phase"] = "Successful"
    edge.put(NODE_UPGRADE_JOB, job({}, {**NEW, "nodeStatus": nodes}))
    edge.rows()
    assert sorted(edge.made) == ["e2", "to-1-21"]


def test_a_job_goes_with_all_its_lines(edge: Edge) -> None:
    status = {"phase": "Completed", "nodeStatus": [{"nodeName": "e1", "phase": "Successful"}]}
    edge.put(CONFIG_UPDATE_JOB, job({}, status, "mqtt"))
    assert set(edge.rows()) == {"mqtt", "e1"}
    edge.delete(CONFIG_UPDATE_JOB, "job-mqtt")
    assert edge.rows() == {}


def test_lines_stand_for_the_job_and_its_nodes(edge: Edge) -> None:
    edge.put(NODE_UPGRADE_JOB, job({}, NEW))
    rows = edge.rows()
    assert EDGE_JOBS.subject is not None
    assert EDGE_JOBS.subject(rows["to-1-21"]) == Subject(NODE_UPGRADE_JOB.id, "m1", "", "to-1-21")
    assert EDGE_JOBS.subject(rows["e1"]) == Subject("nodes", "m1", "", "e1")


def test_a_job_over_five_thousand_nodes_has_all_its_lines(edge: Edge) -> None:
    nodes = [{"nodeName": f"e{number}", "phase": "Pending", "reason": "x" * 20} for number in range(5000)]
    edge.put(NODE_UPGRADE_JOB, job({}, {"phase": "InProgress", "nodeStatus": nodes}))
    assert len(edge.rows()) == 5001


@pytest.mark.parametrize("nodes", ["text", [1, None], [{"nodeName": ["e"], "actionFlow": "x"}]])
def test_statuses_of_any_shape_leave_the_job(edge: Edge, nodes: Any) -> None:
    edge.put(NODE_UPGRADE_JOB, job({}, {"phase": "InProgress", "nodeStatus": nodes}))
    assert "to-1-21" in edge.rows()
