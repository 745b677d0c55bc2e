"""Changes of rows as lines."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from kurator_tui.cli import get
from kurator_tui.cli.following import Changes
from kurator_tui.cli.get import among
from kurator_tui.cli.run import Asked
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.pods import POD
from kurator_tui.store.store import Delta
from tests.ui.estate import pod


def told(changes: Changes, delta: Delta) -> list[tuple[str, str]]:
    return [(line["type"], line["object"]["name"]) for line in map(json.loads, changes.lines(delta))]


def test_a_row_is_added_modified_and_deleted() -> None:
    changes, row = Changes(POD, None), pod("c1", "a", "x")
    assert told(changes, {row.key: row}) == [("added", "x")]
    assert told(changes, {row.key: structs.replace(row, restarts=3)}) == [("modified", "x")]
    assert told(changes, {row.key: None}) == [("deleted", "x")]
    assert told(changes, {row.key: None}) == []


def test_a_row_that_stops_matching_is_deleted() -> None:
    row = pod("c1", "a", "x", restarts=5)
    changes = Changes(POD, lambda found: getattr(found, "restarts") > 3)  # noqa: B009 - any row
    assert told(changes, {row.key: structs.replace(row, restarts=1)}) == []
    assert told(changes, {row.key: row}) == [("added", "x")]
    assert told(changes, {row.key: structs.replace(row, restarts=0)}) == [("deleted", "x")]


def test_a_line_is_inert() -> None:
    row = pod("c1", "a", "x\x1b[2J")
    (line,) = Changes(POD, None).lines({row.key: row})
    assert "\x1b" not in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("clusters", "namespaces", "names"),
    [((), (), "xyz"), (("c*",), (), "xy"), (("d", "c2"), (), "yz"), ((), ("a",), "xz"), (("c?",), ("b",), "y")],
)
def test_clusters_and_namespaces_choose(
    clusters: tuple[str, ...], namespaces: tuple[str, ...], names: str
) -> None:
    rows: list[Row] = [pod("c1", "a", "x"), pod("c2", "b", "y"), pod("d", "a", "z")]
    holds = among(Asked("pods", clusters, namespaces), None, clusters)
    assert "".join(row.name for row in rows if holds is None or holds(row)) == names


def test_kurators_own_kinds_are_chosen_where_they_are_read() -> None:
    assert "fleets.fleet.kurator.dev" in get.OWN_NAMESPACE
    assert "pods" not in get.OWN_NAMESPACE
