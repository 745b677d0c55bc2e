"""What was said of incidents: when one that was put off comes back, and what is new to a reader."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import HOST, Level, Subject
from kurator_tui.kinds.inbox import NEW, WORSE, Handled, in_inbox, inbox_row, is_snoozed, mark_of, told
from kurator_tui.kinds.incidents import (
    INCIDENTS,
    IncidentRow,
    State,
    extent,
    incident_level,
    incident_subject,
    rank,
)

NOW = 1000.0


def incident(**fields: Any) -> IncidentRow:
    values: dict[str, Any] = {"clusters": ("a", "b"), "workloads": 3, "severity": "medium", **fields}
    return IncidentRow(HOST, "", "image cannot be pulled", "image/web", 10.0, **values)


PUT_OFF = Handled(snoozed_at=extent(incident()), snoozed_until=NOW + 60)


@pytest.mark.parametrize(
    ("fields", "later", "hidden"),
    [
        ({}, 0.0, True),
        ({}, 59.0, True),
        ({}, 60.0, False),
        ({"objects": 500}, 0.0, True),
        ({"workloads": 4}, 0.0, False),
        ({"clusters": ("a", "b", "c")}, 0.0, False),
        ({"severity": "high"}, 0.0, False),
        ({"workloads": 1}, 0.0, True),
        ({"state": str(State.WORSENING)}, 0.0, True),
    ],
)
def test_what_is_put_off_is_hidden_until_due_or_worse(fields: dict[str, Any], later: float, hidden: bool) -> None:
    assert is_snoozed(incident(**fields), PUT_OFF, NOW + later) is hidden


def test_put_off_until_worse_has_no_end() -> None:
    until_worse = Handled(snoozed_at=extent(incident()))
    assert is_snoozed(incident(), until_worse, NOW + 1e9)
    assert not is_snoozed(incident(severity="critical"), until_worse, NOW)


def test_nothing_is_new_to_one_who_never_looked() -> None:
    assert mark_of(incident(), None) == ""


def test_what_was_not_there_is_new_and_what_reaches_further_is_worse() -> None:
    assert mark_of(incident(), {}) == NEW
    assert mark_of(incident(), {"image/web": extent(incident())}) == ""
    assert mark_of(incident(workloads=9), {"image/web": extent(incident())}) == WORSE
    assert mark_of(incident(state=str(State.RESOLVED)), {}) == ""
    assert mark_of(incident(state=str(State.UNSEEN)), {}) == ""


def test_what_was_a_part_of_another_incident_is_not_new() -> None:
    assert mark_of(incident(split=True), {}) == ""
    assert mark_of(incident(split=True, workloads=9), {"image/web": extent(incident())}) == WORSE


def test_what_nobody_looks_at_is_drawn_as_stale_and_comes_after_what_somebody_does() -> None:
    unseen = incident(severity="critical", state=str(State.UNSEEN))
    assert incident_level(unseen) is Level.STALE
    assert rank(incident(severity="low")) > rank(unseen) > rank(incident(state=str(State.RESOLVED)))


def test_what_is_over_is_acknowledged_by_nobody() -> None:
    handled = Handled(acknowledged="anna", note="look at the registry")
    row = inbox_row(incident(state=str(State.RESOLVED)), handled, None, NOW)
    assert (row.acknowledged, row.note) == ("", "look at the registry")


def test_columns_that_say_nothing_are_not_shown_but_can_be_filtered_by() -> None:
    rows = [inbox_row(incident(), Handled(assigned="ben"), None, NOW)]
    kind = in_inbox(INCIDENTS, told(rows))
    assert kind.columns[0].key == "name"
    hidden = {column.key for column in kind.columns if column.hidden}
    assert {"acknowledged", "note", "snoozed"} <= hidden
    assert "times" in hidden
    assert "assigned" not in hidden
    assert told([inbox_row(incident(times=2), Handled(), None, NOW)]) == {"times"}
    again = in_inbox(kind, frozenset())
    assert [column.key for column in again.columns] == [column.key for column in kind.columns]


@pytest.mark.parametrize(
    ("target", "subject"),
    [
        ("edge/shop/web-1", Subject("pods", "edge", "shop", "web-1")),
        ("edge/node-1", Subject("pods", "edge", "", "node-1")),
        ("edge", None),
        ("", None),
    ],
)
def test_an_incident_stands_for_the_object_that_leads(target: str, subject: Subject | None) -> None:
    assert incident_subject(incident(kind="pods", target=target)) == subject


def test_without_a_kind_it_stands_for_no_object() -> None:
    assert incident_subject(incident(target="edge/shop/web")) is None


def test_of_equal_severity_clusters_times_workloads_times_where_it_is_going_decides() -> None:
    steady = str(State.STEADY)
    ordered = [
        incident(state=steady, severity="critical"),
        incident(state=str(State.WORSENING)),
        incident(state=steady),
        incident(state=str(State.FLAPPING), clusters=("a",), workloads=5),
        incident(state=steady, clusters=("a", "b"), workloads=2),
        incident(state=str(State.IMPROVING)),
        incident(state=str(State.IMPROVING), clusters=("a",), workloads=3),
    ]
    ranks = [rank(each) for each in ordered]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == len(ranks)
