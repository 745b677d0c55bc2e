"""The status line's content, from rows."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import Level
from kurator_tui.screens.summary import describe, members
from kurator_tui.widgets.palette import text_of
from kurator_tui.widgets.status_line import status_text
from tests.ui.estate import NOW, cluster, clusters, estate
from tests.ui.source import FakeSource


def test_members_are_counted_without_the_host() -> None:
    source = estate()
    assert len(members(clusters())) == 6
    status = describe(source, NOW)
    assert (status.members, status.live, status.nodes, status.pods) == (6, 4, 49, 854)


def test_with_a_scope_only_its_clusters_are_counted_and_it_says_so() -> None:
    picked = frozenset({"prod-cloud", "edge-east"})
    status = describe(estate(), NOW, clusters=picked)
    assert (status.members, status.live, status.nodes, status.pods, status.scoped) == (2, 1, 22, 430, True)
    assert [trouble.cluster for trouble in status.troubles] == ["edge-east"]
    assert "1/2 members live in scope" in text_of(status_text(status, 120))
    host = describe(estate(), NOW, clusters=frozenset({"host"}))
    assert "no members in scope" in text_of(status_text(host, 120))


@pytest.mark.parametrize("state", ["connecting", "syncing"])
def test_counts_say_that_they_are_not_of_all_clusters_yet(state: str) -> None:
    source = estate()
    assert "so far" not in text_of(status_text(describe(source, NOW), 200))
    row = cluster("late", state=state)
    source.store.put("clusters", "late", {row.uid: row})
    assert "pods so far" in text_of(status_text(describe(source, NOW), 200))


def test_troubles_are_worst_first() -> None:
    assert [(t.cluster, t.text) for t in describe(estate(), NOW).troubles] == [
        ("edge-cold-chain", "unreachable 120m"),
        ("edge-east", "stale 4m"),
    ]


def test_an_unknown_state_is_shown_as_it_is() -> None:
    source = FakeSource()
    row = cluster("odd", state="sideways", since=0.0)
    source.store.put("clusters", "odd", {row.uid: row})
    (trouble,) = describe(source, NOW).troubles
    assert (trouble.text, trouble.level) == ("sideways", Level.UNKNOWN)


@pytest.mark.parametrize(
    ("state", "shown"), [("live", ""), ("starting", ""), ("feeder lost: x", "feeder lost: x")]
)
def test_a_lost_feeder_is_said_and_nobody_is_live_then(state: str, shown: str) -> None:
    source = estate()
    source.feeder_state = state
    status = describe(source, NOW)
    assert status.feeder == shown
    assert (status.live == 0) is bool(shown)


def test_nothing_known_is_nothing_claimed() -> None:
    status = describe(FakeSource(), NOW)
    assert (status.members, status.nodes, status.pods, status.context) == (0, None, None, "")
    assert not status.counting
