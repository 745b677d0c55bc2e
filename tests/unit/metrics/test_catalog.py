"""The catalogue: ours is sound, the user's entries are checked one by one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from kurator_tui.metrics.capabilities import HINTS, PROBE, SIGNS, Capabilities, found, hint
from kurator_tui.metrics.catalog import ORDER, Panel, Variant, load, shown
from tests.unit.metrics.endpoint import FakeEndpoint, vector_of

OURS = load()
PANELS = [(page.id, panel) for page in OURS.pages.values() for panel in page.panels]
QUERIES = [(page, panel, variant) for page, panel in PANELS for variant in panel.variants]

GOOD = """
id: mine
title: Mine
panels:
  - {id: up, title: Up, variants: [{query: "sum by (cluster) (up)"}]}
"""


def grouped(node: Any) -> list[set[str]]:
    """Labels of each aggregation of a query."""
    groups: list[set[str]] = []

    def visit(each: Any) -> None:
        if isinstance(each, promql_parser.AggregateExpr) and each.modifier is not None:
            groups.append(set(each.modifier.labels))

    promql_parser.walk(node, visit)
    return groups


def test_all_pages_are_there_in_order_and_nothing_is_wrong_with_them() -> None:
    assert tuple(OURS.pages) == ORDER
    assert OURS.problems == []


@pytest.mark.parametrize(
    ("page", "panel", "variant"), QUERIES, ids=lambda each: getattr(each, "id", str(each))[:40]
)
def test_every_aggregation_keeps_the_cluster(page: str, panel: Panel, variant: Variant) -> None:
    groups = grouped(promql_parser.parse(variant.query))
    assert all("cluster" in labels for labels in groups)


def test_the_overview_has_at_most_twelve_panels() -> None:
    assert len(OURS.pages["overview"].panels) <= 12


def test_every_capability_can_be_probed_and_says_what_turns_it_on() -> None:
    promql_parser.parse(PROBE)
    assert HINTS.keys() == SIGNS.keys()
    assert all(any(sign in PROBE for sign in signs) for signs in SIGNS.values())
    assert "spec.plugin.metric" in hint(["node-exporter"])


async def test_capabilities_are_known_by_cluster() -> None:
    endpoint = FakeEndpoint(
        query=vector_of(
            ({"__name__": "kube_pod_info", "cluster": "a"}, 3),
            ({"__name__": "istio_requests_total", "cluster": "a"}, 3),
            ({"__name__": "istio_requests_total", "cluster": "b"}, 3),
        )
    )
    has = found(await endpoint.query(PROBE))
    assert has.clusters(["istio"]) == {"a", "b"}
    assert has.clusters(["istio", "kube-state-metrics"]) == {"a"}
    assert not has.has(["dcgm"])
    assert has.has([])


def test_a_cluster_without_the_first_variant_is_asked_by_the_next_in_the_same_query() -> None:
    panel = OURS.pages["nodes"].panel("memory")
    assert panel is not None
    has = Capabilities({"node-exporter": frozenset("a"), "cadvisor": frozenset("ab")})
    asked = panel.asked(has, frozenset("ab"))
    assert asked is not None
    assert (" or on (cluster) " in asked[0], asked[1], asked[2]) == (
        True,
        "node-exporter, else cadvisor",
        frozenset(),
    )
    promql_parser.parse(asked[0])
    alone = panel.asked(has, frozenset("a"))
    assert alone is not None
    assert (alone[0], alone[1]) == (panel.variants[0].query, "node-exporter")
    lacking = panel.asked(has, frozenset("abc"))
    assert lacking is not None
    assert lacking[2] == {"c"}


def test_cost_and_carbon_are_shown_only_where_their_series_exist() -> None:
    panels = OURS.pages["overview"].panels
    none = {panel.id for panel in shown(panels, Capabilities())}
    assert {"cost", "carbon"} & none == set()
    some = {panel.id for panel in shown(panels, Capabilities({"opencost": frozenset("a")}))}
    assert {"cost", "carbon"} & some == {"cost"}


def test_pages_of_the_user_come_after_ours_or_take_their_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "b.yml").write_text(GOOD.replace("id: mine", "id: traffic", 1))
    (tmp_path / "notes.txt").write_text("{")
    catalog = load(tmp_path)
    assert catalog.problems == []
    assert catalog.own == {"mine", "traffic"}
    assert list(catalog.pages)[-1] == "mine"
    assert catalog.pages["traffic"].title == "Mine"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "bad.yaml"),
        ("[]", "a page is a mapping"),
        ("id: x\ntitle: X\npanels: []", "panels"),
        (GOOD.replace("id: mine", "id: My Page"), "id"),
        (GOOD + "colour: red\n", "colour"),
        (GOOD + "needs: [weather]\n", "weather"),
    ],
)
def test_a_page_that_cannot_be_used_is_told_and_the_rest_stays(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    (tmp_path / "good.yaml").write_text(GOOD.replace("id: mine", "id: good"))
    catalog = load(tmp_path)
    (problem,) = [each for each in catalog.problems if why in each]
    assert problem.startswith("bad.yaml")
    assert catalog.own == {"good"}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("{id: x, title: X, variants: [{query: 'sum(up'}]}", "1:7: unclosed"),
        ("{id: x, title: X, variants: [{query: up, needs: magic}]}", "magic"),
        ("{id: x, title: X, kind: pie, variants: [{query: up}]}", "pie"),
        ("{id: x, title: X, variants: []}", "variants"),
        ("{id: x, variants: [{query: up}]}", "title"),
        ("{id: x, title: X, unknown: 1, variants: [{query: up}]}", "unknown"),
        ("{id: up, title: X, variants: [{query: up}]}", "another one"),
        ("nonsense", "panel 2"),
    ],
)
def test_an_entry_that_is_wrong_is_left_out_and_named(tmp_path: Path, entry: str, why: str) -> None:
    (tmp_path / "own.yaml").write_text(GOOD + f"  - {entry}\n")
    catalog = load(tmp_path)
    (problem,) = catalog.problems
    assert "own.yaml" in problem
    assert why in problem
    assert [panel.id for panel in catalog.pages["mine"].panels] == ["up"]


def test_no_directory_of_pages_is_no_problem(tmp_path: Path) -> None:
    assert load(tmp_path / "none").problems == []


def test_nothing_of_it_is_read_when_the_feeder_starts() -> None:
    code = (
        "import sys; import kurator_tui.feeder.feeder; from kurator_tui.fleet.polls import catalog;"
        "print(catalog.cache_info().currsize, 'promql_parser' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "False"]
