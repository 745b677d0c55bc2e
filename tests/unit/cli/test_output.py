"""Rows as tables, JSON, YAML and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.cli.output import render
from kurator_tui.kinds.base import AnyKind, Level
from kurator_tui.kinds.cells import UNSAFE
from kurator_tui.kinds.core import EVENT, NODE, EventRow, NodeRow
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview, FleetOverview
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.width import width_of

NOW = 1_000_000.0


def cluster(name: str, **more: object) -> ClusterOverview:
    base: dict[str, object] = {
        "level": Level.STALE,
        "reason": "connection refused",
        "state": "stale",
        "contact": NOW - 240,
        "nodes": 3,
        "pods": 41,
        "latency": 3.4,
        "cpu_requested": 500,
        "cpu_allocatable": 2000,
    }
    return ClusterOverview(name, "", name, f"u-{name}", NOW - 3600, **{**base, **more})  # type: ignore[arg-type]


def test_json_items_are_flat_with_numbers_as_numbers() -> None:
    (item,) = json.loads(render(CLUSTERS, [cluster("edge")], "json", now=NOW))["items"]
    assert (item["cluster"], item["name"], item["health"]) == ("edge", "edge", "stale")
    assert (item["nodes"], item["pods"], item["contact"]) == (3, 41, 240)
    assert item["cpu"] == 0.25
    assert item["reason"] == "connection refused"
    assert not any(isinstance(value, (dict, list)) for value in item.values())


def test_json_of_a_cluster_never_listed_has_nulls_not_zeros() -> None:
    (item,) = json.loads(render(CLUSTERS, [cluster("x", nodes=None, pods=None)], "json", now=NOW))["items"]
    assert item["nodes"] is None
    assert item["pods"] is None


def test_yaml_and_csv_hold_the_same_items_as_json() -> None:
    rows = [cluster("a"), cluster("b", nodes=None)]
    items = json.loads(render(CLUSTERS, rows, "json", now=NOW))["items"]
    assert yaml.safe_load(render(CLUSTERS, rows, "yaml", now=NOW))["items"] == items
    lines = list(csv.DictReader(io.StringIO(render(CLUSTERS, rows, "csv", now=NOW))))
    assert [line["name"] for line in lines] == ["a", "b"]
    assert lines[1]["nodes"] == ""


def test_hostile_text_is_inert_in_every_format() -> None:
    rows = [cluster("a", reason="\x1b[2J\x9b31m\u202eevil [@click=app.quit]x[/]")]
    for form in ("table", "json", "yaml", "csv"):
        text = render(CLUSTERS, rows, form, now=NOW)
        assert not any(char in text for char in "\x1b\x9b\u202e")
    assert json.loads(render(CLUSTERS, rows, "json", now=NOW))["items"][0]["reason"].startswith("\x1b[2J")


def test_a_csv_cell_is_never_a_formula() -> None:
    text = render(CLUSTERS, [cluster("a", reason="=HYPERLINK(1)")], "csv", now=NOW)
    assert "'=HYPERLINK" in text


def test_table_columns_stay_aligned_with_wide_characters() -> None:
    rows = [cluster("東京-cluster", reason=""), cluster("plain", reason=""), cluster("🚀", reason="")]
    lines = render(CLUSTERS, rows, "table", now=NOW).splitlines()
    column = lines[0].index("HEALTH")
    for line in lines[1:]:
        assert width_of(line[: line.index("…")]) == column


def test_a_narrow_table_drops_columns_by_priority_and_never_wraps() -> None:
    text = render(CLUSTERS, [cluster("edge")], "table", now=NOW, width=60)
    assert all(width_of(line) <= 60 for line in text.splitlines())
    assert "NAME" in text
    assert "VIA" not in text


def test_an_empty_view_says_so() -> None:
    assert "no clusters" in render(CLUSTERS, [], "table", now=NOW)


def items(kind: AnyKind, *rows: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(render(kind, rows, "json", now=NOW))["items"]
    return found


def test_a_pod_has_its_place_its_verdict_and_its_numbers() -> None:
    pod = PodRow("edge", "shop", "web-1", "u", NOW - 90, phase="Pending", status="ImagePullBackOff", containers=2,
                 restarts=3, cpu_requested=250, memory_requested=2**20, message="no such image")  # fmt: skip
    (item,) = items(POD, pod)
    assert list(item)[:3] == ["cluster", "namespace", "name"]
    assert (item["cluster"], item["namespace"], item["name"]) == ("edge", "shop", "web-1")
    assert (item["health"], item["reason"]) == ("failed", "ImagePullBackOff: no such image")
    assert (item["cpu"], item["memory"], item["restarts"], item["age"]) == (250, 2**20, 3, 90)
    assert item["created"] == "1970-01-12T13:45:10Z"


def test_a_cluster_scoped_object_has_no_namespace() -> None:
    (item,) = items(NODE, NodeRow("edge", "", "n1", "u", NOW, ready="True", cpu_allocatable=4000))
    assert "namespace" not in item
    assert (item["health"], item["status"], item["cpu"]) == ("healthy", "Ready", 4000)


def test_an_event_keeps_its_own_reason() -> None:
    (item,) = items(
        EVENT, EventRow("edge", "shop", "e1", "u", NOW, type="Normal", reason="Pulled", last_seen=NOW - 5)
    )
    assert (item["reason"], item["health"], item["last_seen"]) == ("Pulled", "healthy", 5)


def test_a_fleet_has_integers_and_its_members_names() -> None:
    fleet = FleetOverview(
        "host", "default", "prod", "u", NOW, members=("a", "b"), live=1, nodes=9, cpu_allocatable=100
    )
    (item,) = items(FLEETS, fleet)
    assert (item["members"], item["live"], item["nodes"], item["member_names"]) == (2, 1, 9, "a,b")
    assert (item["namespace"], item["cpu_allocatable"], item["cpu_requested"]) == ("default", 100, 0)


def test_clusters_have_their_sums_as_numbers_of_their_own() -> None:
    (item,) = items(CLUSTERS, cluster("a", memory_allocatable=2**40, memory_requested=None))
    assert (item["cpu_requested"], item["cpu_allocatable"]) == (500, 2000)
    assert (item["memory_allocatable"], item["memory_requested"], item["memory"]) == (2**40, None, None)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
@pytest.mark.parametrize("form", ["table", "json", "yaml", "csv"])
def test_every_kind_is_printed_in_every_form(kind: AnyKind, form: str) -> None:
    row = kind.row("edge", "ns", "x", "u", NOW)
    text = render(kind, [row], form, now=NOW, wide=True)
    if form == "table" and all(column.value(row) != "x" for column in kind.columns):
        assert len(text.splitlines()) == 2  # a row that is called by something else than its name
    else:
        assert "x" in text
    assert text.endswith("\n")


@given(st.text(st.characters(codec=None)))
def test_no_text_acts_on_a_terminal_and_json_keeps_it_whole(reason: str) -> None:
    rows = [cluster("a", reason=reason)]
    for form in ("table", "json", "yaml", "csv"):
        text = render(CLUSTERS, rows, form, now=NOW)
        assert not UNSAFE.search(text.replace("\n", ""))
        text.encode()
    assert items(CLUSTERS, *rows)[0]["reason"] == reason
