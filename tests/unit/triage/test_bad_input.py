"""What clusters may send that nobody expects: no analyser fails, and what one cluster says is that cluster's."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.deployments import DEPLOYMENT
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow, State
from kurator_tui.kinds.kurator import CLUSTER
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.freshness import State as Fresh
from kurator_tui.triage.analysers.pods import PODS
from kurator_tui.triage.marking import refused_by
from kurator_tui.triage.registry import own
from kurator_tui.triage.triage import Triage
from tests.unit.triage.objects import made, row
from tests.unit.triage.pod_objects import container, pod
from tests.unit.triage.stage import NOW, Stage

KINDS: dict[str, AnyKind] = {
    kind.id: kind for each in own() for kind in (each.kind, *each.beside, *each.host) if not kind.derived
}
HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\r\n\t<script>'\"`$(reboot)`%s{0}\\" + "\u0000" + "é" * 50
VALUES: tuple[Any, ...] = (None, "", HOSTILE, "not a time", -1, 0, 1e300, True, [], {}, [None], [{}], [HOSTILE])


class Room:
    """Findings and incidents of all analysers, in clusters where everything is known."""

    def __init__(self, *clusters: str) -> None:
        self.now = NOW
        self.stage = Stage()
        self.triage = Triage(self.stage.store, own(), lambda: self.now)
        for cluster in (*clusters, HOST):
            for kind in self.triage.kinds:
                self.stage.store.set_freshness(cluster, kind.id, Freshness(Fresh.LIVE, NOW - 3600))

    def put(self, kind: AnyKind, *rows: Row) -> None:
        for each in rows:
            self.stage.store.put(kind.id, each.cluster, {each.uid: each})
        self.triage.refresh()

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.triage.refresh()

    @property
    def codes(self) -> list[tuple[str, str]]:
        return [(each.code, each.cluster) for each in self.stage.findings]

    @property
    def incidents(self) -> list[IncidentRow]:
        rows = (each for each in self.stage.store.rows(INCIDENTS.id) if isinstance(each, IncidentRow))
        return sorted((each for each in rows if each.state != State.RESOLVED), key=lambda each: each.uid)


def strange(kind: AnyKind) -> list[Row]:
    """Rows of objects whose fields are not what they should be; those that cannot be rows are left out."""
    objects: list[dict[str, Any]] = [{"metadata": {"name": "bare", "uid": "u-bare"}}]
    for number, value in enumerate(VALUES):
        conditions = [{"type": "Ready", "status": value, "reason": HOSTILE, "message": value}, value]
        fields = ("replicas", "phase", "selector", "rules", "schedule", "tls", "webhooks", "notAfter", "capacity")
        body = {**dict.fromkeys(fields, value), "conditions": conditions}
        objects += [
            {"metadata": {"name": f"a{number}", "uid": f"u-a{number}"}, "spec": value, "status": value},
            {"metadata": {"name": f"b{number}", "uid": f"u-b{number}"}, "spec": body, "status": body, **body},
            {"metadata": {"name": f"c{number}", "uid": f"u-c{number}", "labels": value, "annotations": value}},
        ]
    found = []
    for each in objects:
        assert kind.project is not None
        try:
            found.append(kind.project("eu", msgspec.convert(each, kind.projection, strict=False)))
        except (msgspec.ValidationError, TypeError, ValueError, AttributeError):
            continue  # decoding says so, and leaves it out
    return found


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_no_analyser_fails_at_objects_that_lack_what_they_should_have_or_have_it_otherwise(kind: AnyKind) -> None:
    room = Room("eu")
    rows = strange(kind)
    assert rows
    room.put(kind, *rows)
    room.wait(40 * 86_400.0)
    assert room.triage.engine.failing == {}


def test_what_two_clusters_say_of_objects_with_the_same_uid_is_said_of_each_alone() -> None:
    room = Room("eu", "us")
    crashing = container({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}, restarts=9)
    well = container({"running": {}}, ready=True)
    room.put(POD, pod(crashing, cluster="eu"), pod(well, cluster="us"))
    assert room.codes == [("KT1001", "eu")]
    room.put(POD, pod(well, cluster="eu"), pod(crashing, cluster="us"))
    assert room.codes == [("KT1001", "us")]
    (incident,) = room.incidents
    assert incident.clusters == ("us",)


def test_a_member_that_the_host_calls_ready_and_that_is_silent_is_told_by_our_own_probe() -> None:
    room = Room("eu")
    told = {"phase": "Ready", "accessible": True, "conditions": [{"type": "Ready", "status": "True"}]}
    room.put(CLUSTER, row(CLUSTER, made("eu", "prod", status=told), HOST))
    room.put(CLUSTERS, ClusterOverview("eu", "prod", "eu", "c/eu", 0.0, state="stale", since=NOW, contact=NOW))
    room.wait(60)
    assert ("KT2002", "eu") in room.codes


def test_a_node_that_is_ready_for_one_cluster_and_not_for_another_of_the_same_name_is_two_nodes() -> None:
    room = Room("eu", "us")
    for cluster, ready in (("eu", "True"), ("us", "False")):
        conditions = [{"type": "Ready", "status": ready, "reason": "KubeletNotReady"}]
        room.put(NODE, row(NODE, made("n1", "", status={"conditions": conditions}), cluster))
    assert room.codes == [("KT2101", "us")]


def test_pods_without_an_owner_are_incidents_of_their_own() -> None:
    room = Room("eu")
    crashing = container({"waiting": {"reason": "CrashLoopBackOff"}}, restarts=9)
    for name in ("bare-1", "bare-2"):
        bare = {"name": name, "namespace": "shop", "uid": f"u-{name}"}
        status = {"phase": "Running", "containerStatuses": [crashing]}
        room.put(POD, row(POD, {"metadata": bare, "spec": {"containers": [{"name": "web"}]}, "status": status}))
    assert [each.because for each in room.incidents] == ["one object", "one object"]


def test_an_owner_that_is_not_there_is_named_all_the_same() -> None:
    room = Room("eu")
    crashing = container({"waiting": {"reason": "CrashLoopBackOff"}}, restarts=9)
    room.put(POD, *(pod(crashing, name=f"web-7d4b9c6f5-{n}") for n in "ab"))
    (incident,) = room.incidents
    assert (incident.cause, incident.objects) == ("owner Deployment/web", 2)


def test_hostile_text_is_evidence_and_neither_groups_nor_splits_anything() -> None:
    room = Room("eu")
    for number, text in enumerate((HOSTILE, "back-off", HOSTILE * 9)):
        waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": text}}
        room.put(POD, pod(container(waiting, restarts=9), name=f"web-7d4b9c6f5-{number}"))
    (incident,) = room.incidents
    assert incident.objects == 3
    assert all(mark.isprintable() for each in room.stage.findings for _what, mark in each.marks)


@pytest.mark.parametrize(
    "text",
    [
        'failed calling webhook "' * 60_000,
        "exceeded quota: " * 90_000,
        "following policies " + " " * 1_500_000,
        'violates PodSecurity "' * 60_000,
    ],
    ids=["webhook", "quota", "policy", "security"],
)
def test_words_that_are_as_long_as_an_object_may_be_are_read_in_no_time(text: str) -> None:
    began = time.process_time()
    refused_by(text)
    assert time.process_time() - began < 0.5


def test_a_row_that_flaps_leaves_nothing_behind() -> None:
    stage = Stage(PODS)
    waiting = pod(container({"running": {}}), age=0)
    well = pod(container({"running": {}}, ready=True), age=0)
    for _number in range(1000):
        stage.now += 0.1
        stage.put(POD, waiting)
        stage.put(POD, well)
    assert len(stage.engine._later) < 100
    assert stage.codes == []


def test_a_deployment_that_flaps_each_second_is_no_finding_and_one_that_stays_short_is() -> None:
    room = Room("eu")
    condition = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
    rolled = {"conditions": [condition], "updatedReplicas": 2, "replicas": 2}
    for number in range(300):
        available = {"availableReplicas": 1 + number % 2, "readyReplicas": 1 + number % 2}
        room.put(DEPLOYMENT, row(DEPLOYMENT, made("web", spec={"replicas": 2}, status={**rolled, **available})))
        room.wait(1)
    assert room.codes == []
    room.put(
        DEPLOYMENT, row(DEPLOYMENT, made("web", spec={"replicas": 2}, status={**rolled, "availableReplicas": 1}))
    )
    room.wait(120)
    assert room.codes == [("KT1201", "eu")]
