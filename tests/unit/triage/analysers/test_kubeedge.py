"""The edge: out of contact is told of, node by node or site by site; broken is what says so itself."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.kubeedge import DEVICE, DEVICE_STATUS, EDGE_APPLICATION, RULE
from kurator_tui.kinds.kubeedge_jobs import CONFIG_UPDATE_JOB, IMAGE_PRE_PULL_JOB, NODE_UPGRADE_JOB
from kurator_tui.triage.analysers import kubeedge
from kurator_tui.triage.tables import DAY
from tests.unit.triage.objects import condition, made, row, stamp
from tests.unit.triage.stage import NOW, Stage

EDGE = {"node-role.kubernetes.io/edge": ""}


def node(
    name: str = "n1",
    ready: str = "True",
    *,
    ago: float = 600.0,
    zone: str = "depot",
    edge: bool = True,
    **spec: Any,
) -> Row:
    told = condition("Ready", ready, "NodeStatusUnknown" if ready == "Unknown" else "")
    told |= {"lastHeartbeatTime": stamp(ago), "lastTransitionTime": stamp(ago)}
    labels = {"topology.kubernetes.io/zone": zone, **(EDGE if edge else {})}
    return row(NODE, made(name, "", meta={"labels": labels}, spec=spec, status={"conditions": [told]}))


def cloudcore(ready: int = 1, desired: int = 1, namespace: str = "kubeedge") -> Row:
    status = {"readyReplicas": ready, "availableReplicas": ready}
    return row(DEPLOYMENT, made("cloudcore", namespace, spec={"replicas": desired}, status=status))


def device(
    name: str = "d1", state: str = "", reported: str = "5", node: str = "n1", kind: AnyKind = DEVICE
) -> Row:
    twins = [{"propertyName": "interval", "observedDesired": {"value": "5"}, "reported": {"value": reported}}]
    return row(kind, made(name, spec={"nodeName": node}, status={"state": state, "twins": twins}))


def test_an_edge_node_is_out_of_contact_after_two_minutes_of_silence() -> None:
    stage = Stage(kubeedge.NODES)
    stage.put(NODE, node(ready="Unknown", ago=60))
    assert stage.codes == []
    stage.wait(61)
    found = stage.one()
    assert (found.code, found.mark("node"), found.mark("site")) == ("KT3101", "n1", "depot")
    assert "last heard 2027-01-15 07:59:00 UTC" in found.message
    stage.put(NODE, node())
    assert stage.codes == []


def test_a_node_that_is_no_edge_node_is_nothing_for_these_rules() -> None:
    stage = Stage(kubeedge.NODES)
    stage.put(NODE, node(ready="Unknown", edge=False), node("n2", ready="Unknown", edge=False))
    assert stage.codes == []


def test_a_node_that_joined_has_five_minutes_to_report() -> None:
    stage = Stage(kubeedge.NODES)
    stage.put(NODE, row(NODE, made("n1", "", age=10, meta={"labels": EDGE})))
    assert stage.codes == []
    stage.wait(300)
    assert stage.codes == ["KT3102"]


def test_a_node_that_is_back_should_lose_its_taint() -> None:
    taint = {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}
    stage = Stage(kubeedge.NODES)
    stage.put(NODE, node(taints=[taint]), node("n2", taints=[{"key": "edge", "effect": "NoSchedule"}]))
    assert stage.codes == []
    stage.wait(kubeedge.OFFLINE)
    assert (stage.one().code, stage.one().name) == ("KT3103", "n1")


def test_a_site_is_out_of_contact_when_all_its_nodes_are() -> None:
    def sites() -> list[tuple[str, str, float]]:
        return [(each.name, each.mark("site"), each.created) for each in stage.findings if each.code == "KT3111"]

    stage = Stage(kubeedge.NODES)
    stage.put(NODE, node("a1", "Unknown", zone="a"), node("a2", "Unknown", zone="a", ago=60))
    stage.put(NODE, node("b1", "Unknown", zone="b"), node("b2", zone="b"), node("c1", "Unknown", zone="c"))
    stage.put(NODE, node("a3", zone="a", edge=False))
    assert sites() == []
    stage.wait(60)
    assert sites() == [("a1", "a", NOW - 60)]
    stage.put(NODE, node("a2", zone="a"))
    assert sites() == []
    stage.put(NODE, node("b2", "Unknown", zone="b"))
    assert sites() == [("b1", "b", NOW - 600)]


def test_cloudcore_that_is_not_ready_is_worse_than_one_replica_of_two() -> None:
    stage = Stage(kubeedge.CORES)
    stage.put(DEPLOYMENT, cloudcore(1, 2), cloudcore(0, 1, namespace="elsewhere"))
    assert stage.codes == []
    stage.wait(60)
    assert (stage.one().code, stage.one().severity, stage.one().mark("hub")) == ("KT3112", "medium", "")
    stage.put(DEPLOYMENT, cloudcore(0, 2))
    assert (stage.one().severity, stage.one().mark("hub")) == ("high", "cloudcore")
    stage.put(DEPLOYMENT, cloudcore(2, 2))
    assert stage.codes == []


@pytest.mark.parametrize("kind", [DEVICE, DEVICE_STATUS], ids=["inside", "beside"])
def test_a_device_is_offline_only_where_its_node_is_in_contact(kind: AnyKind) -> None:
    stage = Stage(kubeedge.DEVICES if kind is DEVICE else kubeedge.DEVICE_STATES)
    stage.put(NODE, node("n1"), node("n2", "Unknown"))
    stage.put(DEVICE, device("d1"), device("d2", node="n2"), device("d3"))
    stage.put(kind, device("d1", "offline", kind=kind), device("d2", "offline", node="n2", kind=kind))
    stage.put(kind, device("d3", "online", kind=kind))
    stage.wait(kubeedge.OFFLINE)
    found = stage.one()
    assert (found.code, found.name, found.severity, found.mark("node")) == ("KT3121", "d1", "low", "n1")
    stage.put(kind, device("d1", "unhealthy", kind=kind))
    assert stage.one().severity == "medium"


def test_a_device_has_ten_minutes_to_take_its_settings() -> None:
    stage = Stage(kubeedge.DEVICES)
    stage.put(NODE, node())
    stage.put(DEVICE, device(reported="60"), device("d2"))
    stage.wait(kubeedge.SETTLING - 1)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.one().code, stage.one().message) == ("KT3122", "interval: wants 5, reports 60")
    stage.put(DEVICE, device())
    assert stage.codes == []


def test_an_edge_application_should_be_everywhere_within_ten_minutes() -> None:
    def application(state: str, name: str = "eapp") -> Row:
        told = [{"identifier": {"kind": "Deployment", "name": "web-depot"}, "conditions": state}]
        scope = {"targetNodeGroups": [{"name": "depot"}]}
        return row(EDGE_APPLICATION, made(name, spec={"workloadScope": scope}, status={"workloadStatus": told}))

    stage = Stage(kubeedge.APPLICATIONS)
    stage.put(EDGE_APPLICATION, application("Processing"), application("Available", "other"))
    assert stage.codes == []
    stage.wait(kubeedge.SETTLING)
    assert (stage.one().code, stage.one().name, stage.one().mark("site")) == ("KT3131", "eapp", "depot")


@pytest.mark.parametrize(
    ("kind", "analyser"),
    [
        (NODE_UPGRADE_JOB, kubeedge.UPGRADES),
        (IMAGE_PRE_PULL_JOB, kubeedge.PULLS),
        (CONFIG_UPDATE_JOB, kubeedge.UPDATES),
    ],
    ids=["upgrade", "pull", "update"],
)
def test_a_job_that_failed_on_a_node_is_told_of_for_a_day(kind: AnyKind, analyser: Any) -> None:
    failed = [{"nodeName": "n1", "phase": "Failure", "reason": "no space left"}]
    stage = Stage(analyser)
    stage.put(kind, row(kind, made("j1", "", status={"phase": "InProgress", "nodeStatus": failed})))
    stage.put(kind, row(kind, made("j2", "", status={"phase": "Completed", "nodeStatus": []})))
    stage.put(kind, row(kind, made("j3", "", status={"phase": "Pause", "nodeStatus": []})))
    assert (stage.one().code, stage.one().name) == ("KT3141", "j1")
    assert "no space left" in stage.one().message
    stage.wait(DAY)
    assert stage.codes == []


def test_messages_that_fail_are_worse_when_none_was_ever_delivered() -> None:
    stage = Stage(kubeedge.MESSAGES)
    never = {"failMessages": 4, "errors": ["connection refused"]}
    some = {"failMessages": 1, "successMessages": 40}
    stage.put(RULE, row(RULE, made("r1", status=never)), row(RULE, made("r2", status=some)))
    stage.put(RULE, row(RULE, made("r3", status={"successMessages": 9})))
    found = [(each.code, each.name, each.severity) for each in stage.findings]
    assert found == [("KT3151", "r1", "high"), ("KT3151", "r2", "medium")]
    assert "connection refused" in stage.findings[0].message
