"""The details of fleets and clusters, from rows."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import Format, Level
from kurator_tui.kinds.overview import ClusterOverview
from kurator_tui.screens.cluster_facts import cluster_sections
from kurator_tui.screens.facts import load, of
from kurator_tui.screens.fleet_facts import fleet_sections, plugin_grid
from kurator_tui.widgets.detail_pane import Line, Section
from tests.ui.estate import DAY, GI, NOW, cluster, clusters, fleets


def lines(sections: tuple[Section, ...]) -> dict[str, Line]:
    """Label -> line, over all sections."""
    return {line.label: line for section in sections for line in section.lines}


def said(sections: tuple[Section, ...]) -> str:
    """All texts."""
    return "\n".join(f"{line.label} {line.text}" for section in sections for line in section.lines)


@pytest.mark.parametrize(
    ("part", "whole", "format", "text"),
    [
        (None, None, Format.COUNT, "not known yet"),
        (3, 4, Format.COUNT, "3 of 4"),
        (None, 4, Format.COUNT, "? of 4"),
        (0, 4, Format.COUNT, "0 of 4"),
        (500, 2000, Format.MILLICORES, "500m of 2 requested  (25%)"),
        (GI, 2 * GI, Format.BYTES, "1.0Gi of 2.0Gi requested  (50%)"),
        (0, 0, Format.BYTES, "0B of 0B requested"),
    ],
)
def test_a_part_of_a_whole(part: int | None, whole: int | None, format: Format, text: str) -> None:
    assert of(part, whole, format) == text


@pytest.mark.parametrize(
    ("part", "whole", "level"),
    [(None, 1, None), (1, 0, None), (79, 100, None), (80, 100, Level.DEGRADED), (95, 100, Level.FAILED)],
)
def test_load_has_the_thresholds_of_the_columns(part: int | None, whole: int, level: Level | None) -> None:
    assert load(part, whole) is level


def test_a_live_cluster() -> None:
    found = lines(cluster_sections(cluster("a"), NOW))
    assert found["state"] == Line("state", "live 60m", Level.HEALTHY)
    assert found["version"].text == "v1.36.1  (newest here)"
    assert found["certificate"] == Line("certificate", "expires in 200d")
    assert found["our probe"].text == "answers"
    assert found["object"].text == "kurator-system/a"


@pytest.mark.parametrize(
    ("expiry", "text", "level"),
    [
        (None, "none in use (token, or not known)", None),
        (NOW - 1, "expired", Level.FAILED),
        (NOW + 9 * DAY, "expires in 9d", Level.DEGRADED),
    ],
)
def test_certificates(expiry: float | None, text: str, level: Level | None) -> None:
    found = lines(cluster_sections(cluster("a", certificate_expiry=expiry), NOW))["certificate"]
    assert (found.text, found.level) == (text, level)


@pytest.mark.parametrize(
    ("state", "ready", "disagree"),
    [
        ("live", True, False),
        ("live", False, True),
        ("stale", True, True),
        ("unreachable", False, False),
        ("syncing", True, False),
        ("live", None, False),
    ],
)
def test_kurators_belief_stands_beside_our_probe(state: str, ready: bool | None, disagree: bool) -> None:
    text = said(cluster_sections(cluster("a", state=state, kurator_ready=ready), NOW))
    assert ("They disagree" in text) is disagree


def test_numbers_of_thanos_are_told_with_their_age() -> None:
    found = lines(cluster_sections(cluster("a", numbers=NOW - 20), NOW))
    assert found["numbers"].text == "from Thanos, 20s ago"
    assert "numbers" not in lines(cluster_sections(cluster("a"), NOW))


def test_the_host_is_no_kurator_cluster() -> None:
    host = next(row for row in clusters() if row.name == "host")
    found = lines(cluster_sections(host, NOW))
    assert "no Kurator cluster" in found["Kurator says"].text
    assert found["object"].text == "none"


def test_a_row_of_defaults_says_what_is_not_known() -> None:
    row = ClusterOverview(cluster="a", namespace="", name="a", uid="1", created=0.0)
    found = lines(cluster_sections(row, NOW))
    assert found["server"].text == "not known yet"
    assert found["nodes ready"].text == "not known yet"
    assert found["last contact"].text == "never"


def test_a_note_is_told_beside_the_reason() -> None:
    row = cluster("a", level=Level.DEGRADED, reason="2 nodes", note="cannot list nodes: forbidden")
    health = cluster_sections(row, NOW)[0]
    assert [line.text for line in health.lines] == ["degraded: 2 nodes", "cannot list nodes: forbidden"]


def test_a_fleet_lists_every_member_with_its_state() -> None:
    by_name = {row.name: row for row in clusters() if row.name != "on-prem"}
    found = lines(fleet_sections(fleets()[0], by_name, NOW))
    assert found["edge-east"].level is Level.STALE
    assert "connection refused" in found["edge-cold-chain"].text
    assert found["on-prem"] == Line("on-prem", "not known yet", Level.UNKNOWN)
    assert found["live now"] == Line("live now", "3 of 5 by our probe", Level.DEGRADED)


def test_the_grid_has_the_worst_cell_and_all_its_reasons() -> None:
    columns, rows = plugin_grid(fleets()[0])
    assert columns == ("metric", "grafana", "backup")
    by_name = {row.title: row.cells for row in rows}
    assert next(iter(by_name)) == "host"
    assert by_name["on-prem"][0].level is Level.FAILED
    assert "prometheus (prometheus-on-prem): install retries exhausted" in by_name["on-prem"][0].reason
    assert by_name["edge-cold-chain"][2].level is Level.UNKNOWN
    assert by_name["prod-cloud"][1].level is None


def test_a_fleet_without_plugins_has_no_grid() -> None:
    assert plugin_grid(fleets()[1]) == ((), ())
