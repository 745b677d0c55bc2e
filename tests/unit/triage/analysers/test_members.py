"""Members as the console sees them: silent, forbidden, with certificates that end, clocks and kubelets apart."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from kurator_tui.fleet.aggregate import MERGED
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.triage.analysers.members import DAY, MEMBERS, NODES_OF
from tests.unit.triage.analysers.estate import Estate, condition, named, stamp
from tests.unit.triage.stage import NOW


def member(state: str = "live", **more: Any) -> ClusterOverview:
    return ClusterOverview("eu", "prod", "eu", "u-eu", NOW - DAY, state=state, since=NOW - 5, **more)


def node(name: str, version: str = "v1.30.1", heartbeat: float = NOW - 30, **labels: str) -> dict[str, Any]:
    ready = {**condition("Ready", "True"), "lastHeartbeatTime": stamp(heartbeat)}
    status = {"conditions": [ready], "nodeInfo": {"kubeletVersion": version}}
    return {"metadata": named(name, "", labels=labels), "status": status}


def test_a_cluster_that_never_answered_is_found_at_once_with_its_reason() -> None:
    stage = Estate(MEMBERS)
    stage.put(CLUSTERS, member("unreachable", reason="connection refused"))
    found = stage.found("KT2001")
    assert (found.severity, found.message, found.created) == ("critical", "connection refused", NOW - 5)
    assert found.mark("member") == "eu"


@pytest.mark.parametrize("state", ["live", "connecting", "syncing"])
def test_a_cluster_that_answers_or_is_just_asked_is_well(state: str) -> None:
    stage = Estate(MEMBERS)
    stage.put(CLUSTERS, member(state))
    stage.wait(3600)
    assert stage.codes == []


def test_a_cluster_that_stops_to_answer_is_found_after_some_seconds_and_not_for_a_lost_probe() -> None:
    stage = Estate(MEMBERS)
    stage.put(CLUSTERS, member("stale", reason="timed out"))
    assert stage.codes == []
    stage.wait(9)
    stage.put(CLUSTERS, member())
    stage.put(CLUSTERS, member("stale", reason="timed out"))
    stage.wait(9)
    assert stage.codes == []
    stage.wait(1)
    assert stage.codes == ["KT2002"]


def elsewhere(name: str, state: str) -> ClusterOverview:
    return ClusterOverview(
        name, "prod", name, f"u-{name}", NOW - DAY, state=state, since=NOW - 3, reason="timed out"
    )


def test_when_nothing_answers_at_all_that_is_told_of_as_one_before_each_is() -> None:
    stage = Estate(MEMBERS)
    stage.put(CLUSTERS, *(elsewhere(name, "stale") for name in (HOST, "eu", "us")))
    stage.wait(5)
    found = stage.one()
    assert (found.code, found.cluster, found.severity) == ("KT2009", HOST, "critical")
    assert (found.message, found.created) == ("the host and 2 members: timed out", NOW - 3)
    stage.wait(5)
    assert sorted(stage.codes) == ["KT2002", "KT2002", "KT2002", "KT2009"]
    stage.put(CLUSTERS, elsewhere("us", "live"))
    assert sorted(stage.codes) == ["KT2002", "KT2002"]


@pytest.mark.parametrize("others", [[], ["live"], ["stale", "forbidden"], ["stale", "connecting"]])
def test_a_host_that_is_silent_beside_one_that_answers_is_no_network_that_is_away(others: list[str]) -> None:
    stage = Estate(MEMBERS)
    members = [elsewhere(f"m{number}", state) for number, state in enumerate(others)]
    stage.put(CLUSTERS, elsewhere(HOST, "unreachable"), *members)
    stage.wait(3600)
    assert "KT2001" in stage.codes
    assert "KT2009" not in stage.codes


def test_members_that_another_feeder_reads_count() -> None:
    stage = Estate(MEMBERS)
    stage.engine.join([elsewhere("far", "live")], ())
    stage.put(CLUSTERS, elsewhere(HOST, "stale"), elsewhere("eu", "stale"))
    stage.wait(60)
    assert "KT2009" not in stage.codes
    stage.engine.join([elsewhere("far", "stale")], ())
    stage.wait(0)
    stage.wait(5)
    assert stage.found("KT2009").message == "the host and 2 members: timed out"
    stage.engine.join([elsewhere("new", "live")], ["far"])
    stage.wait(0)
    assert "KT2009" not in stage.codes


def test_what_was_silent_long_before_is_none_of_what_falls_silent_together() -> None:
    stage = Estate(MEMBERS)
    old = structs.replace(elsewhere("old", "unreachable"), since=NOW - DAY)
    stage.put(CLUSTERS, old, elsewhere(HOST, "stale"))
    stage.wait(60)
    assert sorted(stage.codes) == ["KT2001", "KT2002"], "the host alone may be down"
    stage.put(CLUSTERS, elsewhere("eu", "stale"))
    stage.wait(5)
    found = stage.found("KT2009")
    assert (found.message, found.created) == ("the host and 1 member: timed out", NOW - 3)


def test_members_of_which_karmada_tells_are_as_silent_as_its_host() -> None:
    stage = Estate(MEMBERS)
    told = structs.replace(elsewhere("eu", "stale"), via=f"{MERGED} of fleet all")
    stage.put(CLUSTERS, elsewhere(HOST, "stale"), told)
    stage.wait(60)
    assert "KT2009" not in stage.codes


def test_members_that_are_silent_while_the_host_answers_are_told_of_one_by_one() -> None:
    stage = Estate(MEMBERS)
    stage.put(CLUSTERS, elsewhere(HOST, "live"), elsewhere("eu", "stale"), elsewhere("us", "stale"))
    stage.wait(3600)
    assert stage.codes == ["KT2002", "KT2002"]


def test_what_may_not_be_read_is_said_for_the_whole_cluster_or_for_a_part() -> None:
    stage = Estate(MEMBERS)
    stage.put(CLUSTERS, member("forbidden", reason="nodes: forbidden"))
    assert stage.codes == ["KT2003"]
    stage.put(CLUSTERS, member(note="cannot list nodes: forbidden"))
    assert (stage.one().code, stage.one().message) == ("KT2004", "cannot list nodes: forbidden")
    stage.put(CLUSTERS, member())
    assert stage.codes == []


@pytest.mark.parametrize(("field", "code"), [("client_expiry", "KT2007"), ("server_expiry", "KT2008")])
def test_a_certificate_is_told_of_a_month_before_its_end_and_worse_as_it_comes_near(field: str, code: str) -> None:
    stage = Estate(MEMBERS)
    end = NOW + 31 * DAY
    its: dict[str, Any] = {field: end, "certificate_expiry": end}
    stage.put(CLUSTERS, member(**its))
    assert stage.codes == []
    stage.wait(DAY)
    assert (stage.one().code, stage.one().severity, stage.one().message) == (code, "medium", "30 days left")
    stage.wait(23 * DAY)
    assert (stage.one().severity, stage.one().message) == ("high", "7 days left")
    stage.wait(7 * DAY)
    assert (stage.one().severity, stage.one().message) == ("critical", "it has ended")


def test_a_cluster_without_certificates_has_none_that_ends() -> None:
    stage = Estate(MEMBERS)
    stage.put(CLUSTERS, member())
    assert stage.codes == []


@pytest.mark.parametrize(("ahead", "said"), [(7200.0, "7200 s ahead of"), (-7200.0, "7200 s behind")])
def test_an_api_server_whose_clock_is_hours_away_is_found(ahead: float, said: str) -> None:
    stage = Estate(NODES_OF)
    stage.add(NODE, node("n1"), cluster="eu")
    stage.put(CLUSTERS, member(version="v1.30.2", ahead=299.0))
    assert stage.codes == []
    stage.put(CLUSTERS, member(version="v1.30.2", ahead=ahead))
    assert (stage.one().code, stage.one().message) == ("KT2005", f"API server {said} this machine")


def test_nodes_that_report_from_the_future_have_clocks_that_are_ahead() -> None:
    stage = Estate(NODES_OF)
    stage.add(NODE, node("n1"), node("n2", heartbeat=NOW + 299), cluster="eu")
    stage.put(CLUSTERS, member(version="v1.30.2"))
    assert stage.codes == []
    stage.add(NODE, node("n2", heartbeat=NOW + 7200), cluster="eu")
    assert (stage.one().code, stage.one().message) == ("KT2005", "1 nodes, n2 by 7200 s")


def test_nothing_is_said_of_clocks_in_a_cluster_that_is_not_seen() -> None:
    stage = Estate(NODES_OF)
    stage.add(NODE, node("n2", heartbeat=NOW + 7200), cluster="eu")
    stage.put(CLUSTERS, member("stale", version="v1.30.2"))
    assert stage.codes == []


@pytest.mark.parametrize(
    ("server", "kubelet", "apart"),
    [
        ("v1.30.2", "v1.27.9", False),
        ("v1.30.2", "v1.26.9", True),
        ("v1.27.2", "v1.25.9", False),
        ("v1.27.2", "v1.24.9", True),
        ("v1.30.2", "v1.31.0", True),
        ("v1.30.2", "not a version", False),
    ],
)
def test_kubelets_may_be_behind_their_api_server_a_little_and_never_ahead(
    server: str, kubelet: str, apart: bool
) -> None:
    stage = Estate(NODES_OF)
    stage.add(NODE, node("n1", server), node("n2", kubelet), cluster="eu")
    stage.put(CLUSTERS, member(version=server))
    stage.wait(899)
    assert stage.codes == []  # an upgrade may be at it
    stage.wait(1)
    assert stage.codes == (["KT2006"] if apart else [])


def test_kubelets_of_edge_nodes_have_versions_of_their_own() -> None:
    stage = Estate(NODES_OF)
    edge: dict[str, Any] = {"node-role.kubernetes.io/edge": ""}
    stage.add(NODE, node("n1", "v1.22.6-kubeedge-v1.12.1", **edge), cluster="eu")
    stage.put(CLUSTERS, member(version="v1.30.2"))
    assert stage.codes == []
