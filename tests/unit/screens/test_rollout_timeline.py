"""The timeline of a rollout: one story of all clusters, from messages and from what changed between states."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.rollouts import Gate, RolloutRow, Verdict
from kurator_tui.screens import rollout_timeline
from kurator_tui.screens.rollout_timeline import MOST, Timeline, changes
from kurator_tui.store.trail import Seen, Trail
from tests.unit.kinds.test_board import rollout


def told(timeline: Timeline, *stories: tuple[RolloutRow, list[Seen]], until: float = 1e9) -> list[str]:
    return [f"{each.at:.0f} {each.cluster}: {each.text}" for each in timeline.entries(stories, until)]


def test_messages_and_changes_of_all_clusters_are_one_story_newest_first() -> None:
    east = rollout("east", messages=((100.0, "Advance web canary weight 10"), (130.0, "Halt web")))
    west, later = rollout("west", split=(90, 10)), rollout("west", split=(80, 20))
    found = told(Timeline(), (east, [Seen(90.0, east)]), (later, [Seen(95.0, west), Seen(120.0, later)]))
    assert found == [
        "130 east: Halt web",
        "120 west: routed: primary 80%, canary 20%",
        "100 east: Advance web canary weight 10",
    ]


def test_what_came_after_the_moment_that_is_looked_at_is_not_told() -> None:
    row = rollout("east", messages=((100.0, "first"), (130.0, "second")))
    assert told(Timeline(), (row, []), until=100.0) == ["100 east: first"]


def test_the_same_message_twice_is_told_once_and_never_too_many() -> None:
    row = rollout("east", messages=((100.0, "same"), (100.0, "same")))
    assert told(Timeline(), (row, [])) == ["100 east: same"]
    many = rollout("east", messages=tuple((float(at), f"message {at}") for at in range(MOST + 20)))
    found = told(Timeline(), (many, []))
    assert (len(found), found[0]) == (MOST, f"{MOST + 19} east: message {MOST + 19}")


def test_changes_are_found_once_and_again_when_another_state_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(before: RolloutRow, after: RolloutRow) -> list[str]:
        asked.append(after.phase)
        return changes(before, after)

    monkeypatch.setattr(rollout_timeline, "changes", counted)
    now = [100.0]
    trail, timeline = Trail(lambda: now[0]), Timeline()
    row = rollout("east", phase="Initializing")
    trail.note([row])
    for phase in ("Progressing", "Failed"):
        now[0] += 10
        row = structs.replace(row, phase=phase)
        trail.note([row])
        for _ in range(3):
            found = told(timeline, (row, trail.states(row.key)))
    assert found == ["120 east: phase Progressing → Failed", "110 east: phase Initializing → Progressing"]
    assert asked == ["Progressing", "Progressing", "Failed"]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({"phase": ""}, {"phase": "Progressing"}, "phase none → Progressing"),
        ({"weight": 10}, {"weight": 20}, "weight 10% → 20%"),
        ({"split": None}, {"split": (70, 30)}, "routed: primary 70%, canary 30%"),
        ({}, {"failed_checks": 2}, "failed checks 0 → 2"),
        ({}, {"suspended": True}, "paused"),
        ({"suspended": True}, {}, "resumed"),
        ({"image_after": "v1"}, {"image_after": "v2"}, "image v1 → v2"),
        ({"revision_after": "a"}, {"revision_after": "b"}, "revision a → b"),
        ({}, {"stale": "no answer"}, "not known any more: no answer"),
        ({"stale": "no answer"}, {}, "known again"),
    ],
)
def test_what_changed_in_words(before: dict[str, Any], after: dict[str, Any], text: str) -> None:
    assert changes(rollout(**before), rollout(**after)) == [text]


def test_a_weight_that_the_engine_tells_of_itself_is_left_to_it() -> None:
    said = ((100.0, "Advance web canary weight 20"),)
    assert changes(rollout(weight=10), rollout(weight=20, messages=said)) == []


def test_a_gate_that_turns_bad_is_told_with_its_value() -> None:
    good = Gate("request-duration", high=500.0, values=(120.0,), verdict=str(Verdict.OK))
    bad = structs.replace(good, values=(120.0, 938.0), verdict=str(Verdict.BAD))
    found = changes(rollout(gates=(good,)), rollout(gates=(bad,), level=Level.FAILED))
    assert found == ["gate request-duration: ok → bad, 938ms"]
    assert changes(rollout(gates=()), rollout(gates=(bad,))) == [], "it is new, it did not turn"
