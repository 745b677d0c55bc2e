"""The release board: what a cell says in the room it has, and which applications need attention."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.board import Attention, Room, attended, board_kind, board_row, cell, room_for
from kurator_tui.kinds.rollouts import Gate, RolloutRow, Verdict


def rollout(cluster: str = "eu-1", **fields: Any) -> RolloutRow:
    """A canary of `shop` at 30 % of 50 that passed every check, unless `fields` say otherwise."""
    values: dict[str, Any] = {
        "level": Level.PROGRESSING,
        "application": "shop",
        "application_namespace": "apps",
        "fleet": "production",
        "strategy": "canary",
        "phase": "Progressing",
        "weight": 30,
        "weight_target": 50,
        "threshold": 3,
        "gates": (Gate("request-success-rate", low=99.0, values=(99.2,), verdict=str(Verdict.OK)),),
    }
    values.update(fields)
    name = values["application"] or "web"
    return RolloutRow(
        cluster=cluster, namespace="shop", name=name, uid=f"u-{name}-{cluster}", created=0.0, **values
    )


@pytest.mark.parametrize(
    ("fields", "full", "medium", "short"),
    [
        ({}, "30% ▁▂▃ 99.2% 0/3", "30% 0/3", "30%"),
        ({"failed_checks": 1}, "30% ▁▂▃ 99.2% 1/3", "30% 1/3", "30%"),
        ({"iterations": 10, "iteration": 4}, "4/10 ▁▂▃ 99.2% 0/3", "4/10 0/3", "4/10"),
        ({"suspended": True}, "paused 30% ▁▂▃ 99.2% 0/3", "paused 30% 0/3", "paused"),
        ({"phase": "Succeeded", "weight": 0}, "done", "done", "done"),
        ({"phase": "Failed", "weight": 0}, "failed", "failed", "failed"),
        ({"phase": "Promoting", "weight": 0}, "promoting", "promoting", "promo"),
        ({"phase": ""}, "starting", "starting", "starts"),
        ({"gates": ()}, "30% ▁▂▃ 0/3", "30% 0/3", "30%"),
    ],
)
def test_a_cell_says_as_much_as_it_has_room_for(
    fields: dict[str, Any], full: str, medium: str, short: str
) -> None:
    row = rollout(**fields)
    found = [cell(row, (10, 20, 30), room) for room in (Room.FULL, Room.MEDIUM, Room.SHORT)]
    assert found == [full, medium, short]
    assert all(len(text) <= room for text, room in zip(found[1:], (Room.MEDIUM + 4, Room.SHORT), strict=True))


def test_the_gate_that_fails_is_shown_and_one_without_values_says_so() -> None:
    good = Gate("request-success-rate", values=(99.9,), verdict=str(Verdict.OK))
    slow = Gate("request-duration", values=(812.0,), verdict=str(Verdict.BAD))
    silent = Gate("request-duration", verdict=str(Verdict.NO_VALUES))
    assert "812ms" in cell(rollout(gates=(good, slow)))
    assert "no values" in cell(rollout(gates=(silent,)))


def test_an_application_is_as_well_as_its_worst_member_which_it_names() -> None:
    row = board_row(
        [
            rollout("eu-1", phase="Succeeded", level=Level.HEALTHY),
            rollout("eu-2", phase="Failed", level=Level.FAILED, reason="latency 812ms > 500ms"),
        ]
    )
    assert (row.level, row.reason) == (Level.FAILED, "eu-2: latency 812ms > 500ms")
    assert [each.cluster for each in row.members] == ["eu-1", "eu-2"]
    done = next(column for column in board_kind(("eu-1", "eu-2"), Room.FULL).columns if column.key == "done")
    assert done.value(row) == "1/2"


def test_two_policies_on_one_cluster_show_the_worse() -> None:
    row = board_row([rollout("eu-1", policy="a"), rollout("eu-1", policy="b", level=Level.FAILED, phase="Failed")])
    assert [each.policy for each in row.members] == ["b"]


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"level": Level.HEALTHY, "phase": "Succeeded"}, {Attention.ALL}),
        ({}, {Attention.ALL, Attention.RUNNING}),
        ({"suspended": True, "level": Level.HEALTHY}, {Attention.ALL}),
        ({"level": Level.DEGRADED}, {Attention.ALL, Attention.RUNNING, Attention.NEEDED}),
        ({"level": Level.FAILED, "phase": "Failed"}, {Attention.ALL, Attention.NEEDED, Attention.FAILED}),
        ({"level": Level.HEALTHY, "phase": "Succeeded", "stale": "eu-1 down"}, {Attention.ALL, Attention.NEEDED}),
    ],
)
def test_what_needs_attention_runs_or_failed(fields: dict[str, Any], shown: set[Attention]) -> None:
    row = board_row([rollout(**fields)])
    assert {attention for attention in Attention if attended(row, attention)} == shown


@pytest.mark.parametrize(
    ("members", "width", "room"),
    [
        (3, 200, Room.FULL),
        (6, 200, Room.FULL),
        (10, 200, Room.MEDIUM),
        (18, 200, Room.SHORT),
        (50, 200, Room.STRIP),
        (2, 80, Room.MEDIUM),
        (6, 80, Room.STRIP),
        (0, 80, Room.FULL),
    ],
)
def test_members_share_the_width(members: int, width: int, room: Room) -> None:
    assert room_for(members, width) is room


def test_where_there_is_no_room_each_member_is_a_glyph_and_the_worst_is_told() -> None:
    row = board_row([rollout("c"), rollout("a", phase="Failed", level=Level.FAILED)])
    columns = {column.key: column.value(row) for column in board_kind(("a", "b", "c"), Room.STRIP).columns}
    assert columns["members"] == "✖·◐"
    assert columns["worst"] == "a failed"


def test_groups_are_fleets_or_labels() -> None:
    labelled = rollout(labels=(("team", "pay"),))
    assert board_row([labelled], "fleet").group == "production"
    assert board_row([labelled], "team").group == "pay"
    assert board_row([labelled], "tier").group == ""


def test_a_member_that_may_be_otherwise_now_says_so_without_colour() -> None:
    row = board_row([rollout("eu-1", stale="no answer"), rollout("eu-2")])
    columns = {column.key: column for column in board_kind(("eu-1", "eu-2"), Room.MEDIUM).columns}
    assert [columns[name].value(row) for name in ("eu-1", "eu-2")] == ["…30% 0/3", "30% 0/3"]
    ascii_columns = {column.key: column for column in board_kind(("eu-1",), Room.MEDIUM, ascii_only=True).columns}
    assert ascii_columns["eu-1"].value(row) == ".30% 0/3"


def test_the_strip_has_a_glyph_a_member_under_a_whole_title_and_tells_of_the_worst() -> None:
    row = board_row([rollout("eu-1"), rollout("eu-3", level=Level.FAILED, phase="Failed", reason="too slow")])
    members, worst = board_kind(("eu-1", "eu-2", "eu-3"), Room.STRIP).columns[2:4]
    assert (members.title, members.value(row)) == ("3 MEMBERS", "◐·✖")
    assert members.width >= len(members.title)
    assert worst.value(row) == "eu-3 failed"
    assert members.level is None, "another glyph in front would be taken for a member"
