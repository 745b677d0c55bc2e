"""Rows as tables, JSON, YAML and CSV."""

from __future__ import annotations

import csv
import io
import json

import yaml

from kurator_tui.cli.columns import align, cut, width_of
from kurator_tui.cli.output import render
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview

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


def test_cut_and_align_count_cells() -> None:
    assert cut("東京都", 4) == "東…"
    assert align("e\u0301", 3, right=False) == "e\u0301  "
    assert align("7", 3, right=True) == "  7"
