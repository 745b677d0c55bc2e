"""The release board: what a cell says in the room it has, and which applications need attention."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.board import (
    Across,
    Attention,
    BoardRow,
    attended,
    board_kind,
    board_row,
    room_for,
    room_for_waves,
    wave_kind,
)
from kurator_tui.kinds.board_cells import Room, cell
from kurator_tui.kinds.board_waves import LEAST, MOST, SURE, wave_cell
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


# -- waves --------------------------------------------------------------------------------------------------------

DONE: dict[str, Any] = {"phase": "Succeeded", "weight": 0, "level": Level.HEALTHY, "gates": ()}
FAILED: dict[str, Any] = {"phase": "Failed", "weight": 0, "level": Level.FAILED}


def staged(*rollouts: RolloutRow) -> BoardRow:
    """The row of one application where waves are shown; trends are of 10, 20, 30 %."""
    return board_row(rollouts, trend=lambda row: (10, 20, 30), across=Across.WAVES)


def test_a_wave_is_a_sync_policy_by_its_place_whatever_is_on_which_member() -> None:
    row = staged(
        rollout("eu-2", policy="rest", policy_index=1),
        rollout("eu-1", policy="rest", policy_index=1),
        rollout("eu-1", policy="first", policy_index=0, **DONE),
        rollout("us-1", policy="late", policy_index=3),
    )
    waves = {wave.number: {each.cluster for each in wave.members} for wave in row.waves}
    assert waves == {1: {"eu-1"}, 2: {"eu-1", "eu-2"}, 4: {"us-1"}}


@pytest.mark.parametrize("source", ["Canary", "Argo", "Deployment"])
def test_what_has_no_application_goes_out_in_the_first_wave(source: str) -> None:
    left_behind = rollout("eu-2", application="", source=source, policy="rest", policy_index=4)
    assert [wave.number for wave in staged(rollout("eu-1", application="", source=source), left_behind).waves] == [
        1
    ]


def test_rows_hold_waves_only_where_they_are_shown() -> None:
    assert board_row([rollout(policy_index=2)]).waves == ()


@pytest.mark.parametrize(
    ("rollouts", "full", "medium", "short"),
    [
        ([{}], "30% 0/1 done ▁▂▃ 99.2% 0/3", "30% 0/1 done 0/3", "30% 0/1"),
        ([{}, {"weight": 10}, DONE], "10% 1/3 done ▁▂▃ 99.2% 0/3", "10% 1/3 done 0/3", "10% 1/3"),
        ([{}, {"failed_checks": 2}], "30% 0/2 done ▁▂▃ 99.2% 2/3", "30% 0/2 done 2/3", "30% 0/2"),
        ([FAILED, {}, DONE], "failed 1/3 done 30% ▁▂▃ 99.2% 0/3", "failed 1/3 done", "failed 1/3"),
        ([{"suspended": True}], "paused 0/1 done 30% ▁▂▃ 99.2% 0/3", "paused 0/1 done", "paused 0/1"),
        ([{"phase": "Promoting"}, DONE], "promoting 1/2 done", "promo 1/2", "promo 1/2"),
        ([{"phase": ""}], "starting 0/1 done", "starts 0/1", "starts 0/1"),
        ([{"iterations": 10, "iteration": 4}], "4/10 0/1 done ▁▂▃ 99.2% 0/3", "4/10 0/1 done", "4/10 0/1"),
        ([{"weight": None, "gates": (), "threshold": 0}], "0/1 done ▁▂▃", "0/1 done ▁▂▃", "0/1 done"),
        ([DONE, DONE], "done 2/2", "done 2/2", "done 2/2"),
        ([DONE | {"level": Level.DEGRADED}, {}], "done 1/2 30% ▁▂▃ 99.2% 0/3", "done 1/2 30% 0/3", "done 1/2"),
    ],
)
def test_a_wave_s_cell_sums_up_its_members_in_the_room_it_has(
    rollouts: list[dict[str, Any]], full: str, medium: str, short: str
) -> None:
    wave = staged(*(rollout(f"eu-{number}", **fields) for number, fields in enumerate(rollouts))).waves[0]
    assert [wave_cell(wave, width) for width in (MOST, 17, LEAST)] == [full, medium, short]


def test_of_a_wave_s_gates_the_one_that_fails_on_any_member_is_shown() -> None:
    slow = Gate("request-duration", values=(812.0,), verdict=str(Verdict.BAD))
    wave = staged(rollout("eu-1"), rollout("eu-2", gates=(slow,))).waves[0]
    assert "812ms" in wave_cell(wave)


def test_a_wave_is_as_well_as_its_worst_member_and_says_without_colour_that_one_may_be_otherwise_now() -> None:
    late = rollout("eu-2", stale="no answer")
    columns = {column.key: column for column in wave_kind((1, 2), MOST).columns}
    found = {
        name: staged(*members)
        for name, members in {
            "stale": [rollout("eu-1", **DONE), late],
            "failed": [late, rollout("eu-1", **FAILED)],
        }.items()
    }
    wave = columns["wave1"]
    assert wave.level is not None
    assert [wave.level(row) for row in found.values()] == [Level.STALE, Level.FAILED]
    assert str(wave.value(found["failed"])).startswith("…failed 0/2 done")
    ascii_wave = next(column for column in wave_kind((1,), MOST, ascii_only=True).columns if column.key == "wave1")
    assert str(ascii_wave.value(found["failed"])).startswith(".failed 0/2 done 30% _.- 99.2%")
    assert columns["wave2"].value(found["failed"]) == "", "it has no second wave"


def test_one_begins_at_the_worst_member_of_the_chosen_wave_else_of_all() -> None:
    row = staged(
        rollout("eu-1", policy_index=0, **DONE),
        rollout("eu-2", policy_index=0, weight=20),
        rollout("eu-3", policy_index=0, weight=10),
        rollout("us-1", policy_index=1),
        rollout("us-2", policy_index=1, **FAILED),
    )
    begun = [row.worst_in(column) for column in ("wave1", "wave2", "name", "wave7")]
    assert [each.cluster for each in begun if each is not None] == ["eu-3", "us-2", "us-2", "us-2"]
    assert board_row([rollout()]).worst_in("wave1") is None


@pytest.mark.parametrize(
    ("waves", "width", "cells"),
    [
        (1, 200, MOST),
        (3, 200, 38),
        (6, 200, SURE),
        (1, 80, SURE),
        (2, 80, 17),
        (3, 80, LEAST),
        (4, 80, Room.STRIP),
    ],
)
def test_waves_share_the_width(waves: int, width: int, cells: int) -> None:
    assert room_for_waves(waves, width) == cells


def test_where_there_is_no_room_each_wave_is_a_glyph_and_the_worst_is_told() -> None:
    row = staged(
        rollout("eu-1", policy_index=0, **DONE),
        rollout("us-1", policy_index=2, **FAILED),
        rollout("us-2", policy_index=2, **DONE),
    )
    columns = {column.key: column for column in wave_kind((1, 2, 3), Room.STRIP).columns}
    assert (columns["waves"].title, columns["waves"].value(row)) == ("3 WAVES", "●·✖")
    assert columns["worst"].value(row) == "wave 3 failed 1/2 done"
    assert columns["worst"].value(staged(rollout("eu-1", **DONE))) == ""
