"""Scripts are played exactly, and what they leave is what the digest says."""

import json
from typing import Any

import pytest

from kurator_tui.demo.load.digests import of_members
from kurator_tui.demo.load.script import Player, Step, carry_out, read
from kurator_tui.demo.load.streams import Asked
from kurator_tui.demo.load.tables import Table
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.pods import POD
from kurator_tui.store.digest import digest
from tests.unit.demo.load.worlds import Client, settled

CRASHED = {
    "phase": "Running",
    "containerStatuses": [
        {"name": "a", "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
        {"name": "b", "restartCount": 3, "state": {"running": {}}, "ready": True},
    ],
}


def step(
    type: str, name: str = "web", *, kind: str = "pods", version: str = "", at: float = 0, **obj: Any
) -> Step:
    metadata = {"name": name, "uid": f"uid-{name}", **({"namespace": "shop"} if kind == "pods" else {})}
    if version:
        metadata["resourceVersion"] = version
    raw = {"at": at, "cluster": "m0001", "type": type, "kind": kind, "object": {"metadata": metadata, **obj}}
    (made,) = read([json.dumps(raw)])
    return made


def test_steps_come_in_order_of_their_times() -> None:
    lines = [
        json.dumps(
            {"at": at, "cluster": "c", "type": "ADDED", "kind": "pods", "object": {"metadata": {"name": str(at)}}}
        )
        for at in (2, 0.5, 1)
    ]
    assert [each.at for each in read([lines[0], "", *lines[1:]])] == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    "line",
    ["nonsense", "{}", '{"at": 1, "cluster": "c", "type": "GONE", "kind": "pods", "object": {}}', "[]", "7"],
)
def test_a_line_that_is_no_step_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 of the script"):
        read(["", line])


def test_objects_go_out_as_written_with_the_next_version() -> None:
    member, _ = settled(pods=0, nodes=0)
    client = Client()
    client.watch(member, member.pods, Asked(version=member.rv))
    carry_out(step("ADDED", spec={"x": [1, "é"]}, status=CRASHED), member)
    (event,) = client.events()
    assert event["type"] == "ADDED"
    assert event["object"]["spec"] == {"x": [1, "é"]}
    assert event["object"]["status"] == CRASHED
    assert event["object"]["kind"] == "Pod"
    assert event["object"]["metadata"]["resourceVersion"] == str(member.rv)


def test_the_digest_is_that_of_the_rows() -> None:
    member, _ = settled(pods=3, nodes=2)
    carry_out(step("ADDED", spec={"nodeName": "n1"}, status=CRASHED), member)
    carry_out(
        step("ADDED", "n9", kind="nodes", status={"conditions": [{"type": "Ready", "status": "False"}]}), member
    )
    carry_out(step("ADDED", "gone"), member)
    carry_out(step("DELETED", "gone"), member)
    kinds: tuple[tuple[AnyKind, Table], ...] = ((POD, member.pods), (NODE, member.nodes))
    for kind, table in kinds:
        decoder: RowDecoder[Any, Any] = RowDecoder(kind, "m0001")
        count, hexed = digest(decoder.row(state.body()) for state in table.states())
        assert of_members([member])[kind.plural] == {"count": count, "digest": hexed}
    assert of_members([member])["pods"]["count"] == 4


def test_a_late_or_repeated_version_is_sent_but_changes_nothing() -> None:
    member, _ = settled(pods=0, nodes=0)
    client = Client()
    client.watch(member, member.pods, Asked(version=member.rv))
    current = member.rv + 10
    for version, phase in ((current, "Running"), (current, "Running"), (current - 5, "Pending")):
        carry_out(step("MODIFIED", version=str(version), status={"phase": phase}), member)
    assert [e["object"]["metadata"]["resourceVersion"] for e in client.events()] == [
        str(current),
        str(current),
        str(current - 5),
    ]
    assert member.rv == current
    (state,) = member.pods.states()
    assert json.loads(state.body())["status"]["phase"] == "Running"
    resumed = Client()
    resumed.watch(member, member.pods, Asked(version=member.pods.forgotten))
    assert len(resumed.events()) == 1


def test_other_kinds_can_be_played() -> None:
    member, _ = settled()
    carry_out(step("ADDED", "web", kind="deployments.apps"), member)
    (state,) = member.tables["apps", "deployments"].states()
    assert json.loads(state.body())["kind"] == "Deployment"


@pytest.mark.parametrize(("cluster", "kind"), [("m0002", "pods"), ("m0001", "pods.example")])
def test_what_is_not_there_is_refused_before_it_starts(cluster: str, kind: str) -> None:
    member, _ = settled()
    raw = {"at": 0, "cluster": cluster, "type": "ADDED", "kind": kind, "object": {"metadata": {"name": "a"}}}
    with pytest.raises(ValueError, match="script names"):
        Player(read([json.dumps(raw)]), {"m0001": member})


async def test_a_play_carries_out_every_step_once() -> None:
    member, _ = settled(pods=0)
    player = Player([step("ADDED", "a"), step("ADDED", "b"), step("DELETED", "a")], {"m0001": member})
    player.start()
    await player.ended()
    assert player.played == 3
    assert [state.name for state in member.pods.states()] == ["b"]
