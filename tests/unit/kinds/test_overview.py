"""The two derived kinds: their columns are an interface (JSON, CSV, filters), so they are pinned."""

from __future__ import annotations

import re

import pytest

from kurator_tui.kinds.base import AnyKind, Format, Health, Level
from kurator_tui.kinds.overview import (
    CLUSTERS,
    FLEETS,
    PLUGINS,
    ClusterOverview,
    FleetOverview,
    PluginCell,
    worst_plugin,
)
from kurator_tui.kinds.registry import KINDS


def cluster(**fields: object) -> ClusterOverview:
    return ClusterOverview("c1", "", "c1", "uid", 0.0, **fields)  # type: ignore[arg-type]


def fleet(**fields: object) -> FleetOverview:
    return FleetOverview("host", "default", "prod", "uid", 0.0, **fields)  # type: ignore[arg-type]


def test_the_columns_of_fleets() -> None:
    assert [column.key for column in FLEETS.columns] == [
        "name",
        "namespace",
        "health",
        "phase",
        "live",
        "members",
        "findings",
        *PLUGINS,
        "nodes",
        "pods",
        "cpu",
        "memory",
        "age",
        "reason",
    ]


def test_the_columns_of_clusters() -> None:
    assert [column.key for column in CLUSTERS.columns] == [
        "name",
        "health",
        "state",
        "fleet",
        "kind",
        "via",
        "latency",
        "contact",
        "version",
        "skew",
        "findings",
        "nodes",
        "nodes_ready",
        "pods",
        "cpu",
        "memory",
        "certificate_expiry",
        "streams",
        "numbers",
        "server",
        "reason",
    ]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_every_kind_names_its_columns_once_in_snake_case_and_keeps_one_always(kind: AnyKind) -> None:
    keys = [column.key for column in kind.columns]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", key) for key in keys)
    assert any(column.priority == 0 for column in kind.columns)
    assert all(column.title == column.title.upper() for column in kind.columns)
    assert "name" in keys


def test_counts_are_empty_until_they_were_listed_once() -> None:
    values = {column.key: column.value(cluster()) for column in CLUSTERS.columns}
    assert [values[key] for key in ("nodes", "nodes_ready", "pods", "cpu", "memory", "latency")] == [None] * 6
    assert cluster(nodes=0).nodes == 0


def test_a_stale_cluster_shows_no_latency() -> None:
    column = CLUSTERS.column("latency")
    assert column is not None
    assert column.value(cluster(latency=3.0, level=Level.HEALTHY)) == 3.0
    assert column.value(cluster(latency=3.0, level=Level.STALE)) is None


def test_load_is_a_ratio_and_coloured_by_how_full_it_is() -> None:
    cpu = CLUSTERS.column("cpu")
    assert cpu is not None
    assert cpu.level is not None
    assert cpu.format is Format.RATIO
    levels = []
    for requested in (799, 800, 950):
        decoded = cluster(cpu_requested=requested, cpu_allocatable=1000)
        assert cpu.value(decoded) == requested / 1000
        levels.append(cpu.level(decoded))
    assert levels == [Level.HEALTHY, Level.DEGRADED, Level.FAILED]
    assert cpu.value(cluster(cpu_requested=1, cpu_allocatable=0)) is None


def cell(member: str, level: Level) -> PluginCell:
    return PluginCell("metric", "prometheus", member, level)


def test_a_plugin_cell_counts_the_healthy_and_shows_the_worst() -> None:
    decoded = fleet(plugins=(cell("a", Level.HEALTHY), cell("b", Level.FAILED), cell("c", Level.PROGRESSING)))
    assert worst_plugin(decoded, "metric") == (1, 3, Level.FAILED)
    assert worst_plugin(decoded, "backup") is None
    metric, backup = FLEETS.column("metric"), FLEETS.column("backup")
    assert metric is not None
    assert backup is not None
    assert (metric.value(decoded), backup.value(decoded)) == ("1/3", None)
    assert metric.level is not None
    assert metric.level(decoded) is Level.FAILED


def test_the_verdict_is_the_joins_own() -> None:
    assert CLUSTERS.health(cluster(level=Level.STALE, reason="no answer")) == Health(Level.STALE, "no answer")
    assert CLUSTERS.health(cluster(level=Level.HEALTHY, reason="left over")) == Health(Level.HEALTHY)
    assert FLEETS.health(fleet(level=Level.DEGRADED, reason="1 of 2 live")) == Health(
        Level.DEGRADED, "1 of 2 live"
    )
