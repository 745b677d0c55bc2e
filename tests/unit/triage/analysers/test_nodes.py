"""What is found about nodes."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.core import NODE
from kurator_tui.triage.analysers.nodes import CORDONED, JOINING, NODES, PASSING
from tests.unit.triage.objects import condition, made, row, stamp
from tests.unit.triage.stage import NOW, Stage

EDGE = {"node-role.kubernetes.io/edge": ""}


def node(
    ready: str = "True",
    *bad: str,
    reason: str = "KubeletNotReady",
    age: float = 86_400,
    labels: dict[str, str] | None = None,
    cordoned: float | None = None,
    deleting: bool = False,
    since: float = 90,
) -> Row:
    told = [condition(each, "True") for each in bad]
    told.append(condition("Ready", ready, reason, lastTransitionTime=stamp(since), lastHeartbeatTime=stamp(100)))
    spec: dict[str, Any] = {}
    if cordoned is not None:
        taint: dict[str, Any] = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
        spec = {"unschedulable": True, "taints": [{**taint, "timeAdded": stamp(cordoned)} if cordoned else taint]}
    meta: dict[str, Any] = {"labels": labels or {}}
    if deleting:
        meta["deletionTimestamp"] = stamp()
    return row(NODE, made("n1", "", age=age, meta=meta, spec=spec, status={"conditions": told}))


def stage_of(*rows: Row) -> Stage:
    stage = Stage(NODES)
    stage.put(NODE, *rows)
    return stage


def test_a_ready_node_is_no_finding() -> None:
    assert stage_of(node()).codes == []


def test_a_node_that_is_not_ready_is_found_since_it_is() -> None:
    found = stage_of(node("False")).one()
    assert (found.code, found.severity, found.created, found.mark("node")) == ("KT2101", "high", NOW - 90, "n1")


def test_a_node_whose_kubelet_is_started_again_is_no_alarm_within_the_minute() -> None:
    stage = stage_of(node("False", since=PASSING - 1))
    assert stage.codes == []
    stage.wait(1)
    assert (stage.codes, stage.one().created) == (["KT2101"], NOW - PASSING + 1)


def test_a_cloud_node_that_is_silent_is_found_too() -> None:
    assert stage_of(node("Unknown", reason="NodeStatusUnknown")).codes == ["KT2101"]


def test_an_edge_node_out_of_contact_is_not_called_broken() -> None:
    assert stage_of(node("Unknown", reason="NodeStatusUnknown", labels=EDGE)).codes == []


def test_an_edge_node_that_says_itself_that_it_fails_is_with_its_site() -> None:
    labels = {**EDGE, "apps.kubeedge.io/belonging-to": "north"}
    found = stage_of(node("False", labels=labels)).one()
    assert (found.code, found.mark("site")) == ("KT2101", "north")


def test_a_node_that_just_joined_has_time_to_become_ready() -> None:
    stage = stage_of(node("False", age=0))
    assert stage.codes == []
    stage.wait(JOINING)
    assert stage.codes == ["KT2101"]


def test_a_node_that_somebody_works_at_is_less_urgent() -> None:
    assert stage_of(node("False", cordoned=60)).one().severity == "medium"


@pytest.mark.parametrize(
    ("condition", "word"), [("MemoryPressure", "memory"), ("DiskPressure", "disk"), ("PIDPressure", "pid")]
)
def test_what_a_node_is_short_of_is_named(condition: str, word: str) -> None:
    found = stage_of(node("True", condition)).one()
    assert (found.code, found.message) == ("KT2102", f"{word} pressure")


def test_a_node_without_network_is_found_after_it_had_time_to_get_one() -> None:
    stage = stage_of(node("True", "NetworkUnavailable", age=0))
    assert stage.codes == []
    stage.wait(JOINING)
    assert stage.codes == ["KT2103"]


def test_a_node_cordoned_for_long_is_found_by_when_it_was_cordoned() -> None:
    stage = stage_of(node(cordoned=CORDONED - 60))
    assert stage.codes == []
    stage.wait(60)
    assert (stage.codes, stage.one().created) == (["KT2104"], NOW - CORDONED + 60)
    stage.put(NODE, node())
    assert stage.codes == []


def test_one_that_does_not_say_since_when_is_found_when_it_was_seen_so_for_long() -> None:
    stage = stage_of(node(cordoned=0))
    stage.wait(CORDONED - 1)
    assert stage.codes == []
    stage.wait(1)
    assert stage.codes == ["KT2104"]


def test_a_deleted_node_that_stays_is_found() -> None:
    stage = stage_of(node(deleting=True))
    assert stage.codes == []
    stage.wait(CORDONED)
    assert stage.codes == ["KT2105"]
