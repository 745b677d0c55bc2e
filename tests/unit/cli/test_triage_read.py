"""What `triage` says of members that are not synced and of what it cannot read."""

from __future__ import annotations

import json

from kurator_tui.cli.triage_read import Found, Object, objects_of, unseen, unseen_text
from kurator_tui.kinds.blindspots import BlindspotRow
from kurator_tui.kinds.overview import ClusterOverview


def member(name: str, state: str, reason: str = "") -> ClusterOverview:
    return ClusterOverview(name, "", name, f"Cluster/{name}", 0.0, state=state, reason=reason)


def blind(cluster: str, kind: str, state: str, reason: str = "") -> BlindspotRow:
    return BlindspotRow(cluster, "", kind, f"{cluster}/{kind}", 0.0, state, reason)


def test_a_member_that_is_not_live_is_not_synced() -> None:
    members = [member("eu", "live"), member("us", "unreachable", "refused"), member("ap", "syncing")]
    assert unseen([], members) == ((), (("ap", "syncing"), ("us", "unreachable: refused")))


def test_a_live_member_whose_rows_are_still_coming_is_not_synced() -> None:
    rows = [blind("eu", "pods", "syncing"), blind("eu", "nodes", "connecting"), blind("us", "pods", "forbidden")]
    found, unsynced = unseen(rows, [member("eu", "live"), member("us", "live")])
    assert [row.name for row in found] == ["nodes", "pods", "pods"]
    assert unsynced == (("eu", "nodes connecting"),)


def test_what_is_missing_is_told_a_line_a_cluster() -> None:
    rows = (
        blind("eu", "all kinds", "unreachable"),
        blind("us", "pods", "forbidden", "cannot list"),
        blind("us", "jobs", "forbidden"),
    )
    found = Found(blind=rows, unsynced=(("eu", "unreachable: refused"),), silenced=2)
    assert list(unseen_text(found)) == [
        ("Not synced", "eu: unreachable: refused"),
        ("Not seen", "us: pods forbidden and 1 more: cannot list"),
        ("Silenced", "2 findings: --no-silence tells them"),
    ]
    assert not found.synced


def test_what_nobody_lets_us_read_is_told_and_is_no_member_that_is_late() -> None:
    found = Found(blind=(blind("us", "pods", "forbidden"),))
    assert found.synced
    assert [title for title, _message in unseen_text(found)] == ["Not seen"]


def test_that_not_everything_was_judged_is_told_although_no_member_is_late() -> None:
    found = Found(complete=False)
    assert not found.synced
    assert [title for title, _message in unseen_text(found)] == ["Not complete"]


def test_an_object_with_several_findings_is_named_once() -> None:
    one = {"cluster": "eu", "kind": "pods", "namespace": "shop", "name": "web", "code": "KT1001"}
    answer = json.dumps([one, {**one, "code": "KT1009"}, {**one, "name": "cart"}])
    assert objects_of(answer) == (Object("eu", "pods", "shop", "web"), Object("eu", "pods", "shop", "cart"))
