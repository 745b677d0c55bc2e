"""Panels over all members: chosen, scoped, merged, and honest about what is missing."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from kurator_tui.errors import ApiError, NotInstalled, ServerFault, TimedOut, TooLarge
from kurator_tui.fleet.panels import Panels
from kurator_tui.fleet.thanos import Thanoses
from kurator_tui.link.metrics import PanelData, PanelQuery
from kurator_tui.metrics.answers import MOST_SERIES
from kurator_tui.metrics.catalog import load
from tests.unit.fleet.thanoses import NOW, endpoint, member, probed, sidecars, thanoses
from tests.unit.metrics.endpoint import FakeEndpoint, matrix_of

CATALOG = load()
CPU = PanelQuery("overview", "cpu", seconds=60.0, step=15.0)


def rows(*clusters: str, value: Any = 1.0, key: str = "cluster") -> dict[str, Any]:
    at = NOW - NOW % 15
    return matrix_of(*(({key: cluster}, [(at - 15, value), (at, value)]) for cluster in clusters))


async def answer(of: Thanoses, query: PanelQuery = CPU) -> PanelData:
    return await Panels(of, lambda: CATALOG).answer(query)


def lines(data: PanelData) -> dict[str, float]:
    """The newest value of each series by cluster."""
    return {series.label("cluster"): series.values[-1] for series in data.series}


async def test_one_query_brings_all_clusters_on_one_grid() -> None:
    asked = endpoint(rows("b", "a", value=2.5))
    data = await answer(thanoses(asked))
    assert lines(data) == {"a": 2.5, "b": 2.5}
    assert (data.step, data.count, data.total, data.error) == (15.0, 5, 2, None)
    assert data.start + (data.count - 1) * data.step == NOW - NOW % 15
    assert math.isnan(data.series[0].values[0])
    assert len(asked.queries()) == 1
    assert (data.source, data.variant, data.at) == ("thanos:9090", "cadvisor", NOW)
    assert (data.missing, data.strangers, data.notes) == ((), (), ())


async def test_the_overview_of_a_hundred_clusters_takes_at_most_twelve_queries() -> None:
    names = tuple(f"c{number}" for number in range(100))
    everything = ("cadvisor", "kubelet", "apiserver", "kube-state-metrics", "node-exporter", "opencost", "kepler")
    asked = endpoint(rows(*names), probed(*everything, clusters=names), sidecars(*names))
    panels = Panels(thanoses(asked, *map(member, names)), lambda: CATALOG)
    ids = [panel.id for panel in CATALOG.pages["overview"].panels]
    found = await asyncio.gather(*(panels.answer(PanelQuery("overview", id, seconds=3600.0)) for id in ids))
    assert len(asked.queries()) <= 12
    assert all(len(data.series) == 100 and data.error is None for data in found)
    assert all(data.missing == () for data in found)


async def test_clusters_in_scope_are_put_into_every_selector_by_their_label() -> None:
    asked = endpoint(rows("a"))
    await answer(thanoses(asked), PanelQuery("overview", "cpu_ratio", clusters=("a",)))
    (query,) = asked.queries()
    assert query.count('cluster="a"') == 2


async def test_namespaces_in_scope_narrow_only_panels_whose_series_have_one() -> None:
    asked = endpoint(rows("a"))
    of = thanoses(asked)
    await answer(of, PanelQuery("overview", "cpu", namespaces=("shop",)))
    await answer(of, PanelQuery("cluster", "namespaces_cpu", namespaces=("shop",)))
    await answer(of, PanelQuery(promql="sum(x) + y", namespaces=("shop",)))
    first, second, third = asked.queries()
    assert "shop" not in first
    assert second.count('namespace="shop"') == 1
    assert third.count('namespace="shop"') == 2


async def test_a_member_without_the_better_exporter_gets_its_value_from_the_other_in_the_same_query() -> None:
    probe = probed("cadvisor")
    probe["data"]["result"] += probed("node-exporter", clusters=("b",))["data"]["result"]
    asked = endpoint(rows("a", "b"), probe)
    data = await answer(thanoses(asked))
    (query,) = asked.queries()
    assert "node_cpu_seconds_total" in query
    assert "container_cpu_usage_seconds_total" in query
    assert data.variant == "node-exporter, else cadvisor"
    assert data.missing == ()


async def test_a_missing_exporter_says_which_setting_turns_it_on_and_asks_nothing() -> None:
    asked = endpoint(rows("a"))
    data = await answer(thanoses(asked), PanelQuery("overview", "restarts"))
    assert asked.queries() == []
    assert [each.cluster for each in data.missing] == ["a", "b"]
    assert "kube-state-metrics: {enabled: true}" in data.missing[0].reason
    assert "spec.plugin.metric" in data.missing[0].reason


async def test_a_lost_sidecar_is_named_though_nothing_warns_of_it() -> None:
    stores = sidecars("a", failing={"b": "dial tcp: refused \x1b[31m"})
    data = await answer(thanoses(endpoint(rows("a"), stores=stores)))
    ((cluster, reason),) = [(each.cluster, each.reason) for each in data.missing]
    assert cluster == "b"
    assert "refused" in reason
    assert "\x1b" not in reason


async def test_a_label_of_no_member_is_shown_as_it_is_and_said() -> None:
    data = await answer(thanoses(endpoint(rows("a", "b", "old\x1b]0;x"))))
    assert set(lines(data)) >= {"a", "b"}
    (stranger,) = data.strangers
    assert stranger.startswith("old")
    assert "\x1b" not in stranger


async def test_two_members_of_one_name_are_told_apart_or_said_to_be_one() -> None:
    twins = (member("shop.red", "red", "shop"), member("shop.blue", "blue", "shop"))
    one = await answer(
        thanoses(endpoint(rows("shop"), probed("cadvisor", clusters=("shop",)), sidecars("shop")), *twins, url="u")
    )
    assert lines(one) == {"shop": 1.0}
    assert [each.cluster for each in one.missing] == ["shop.blue", "shop.red"]
    assert "several clusters as shop" in one.missing[0].reason
    shop = probed("cadvisor", clusters=("shop",))
    apart = {
        name: endpoint(rows("shop", value=n), shop, sidecars("shop")) for n, name in enumerate(("red", "blue"))
    }
    two = await answer(thanoses(apart, *twins))
    assert lines(two) == {"shop.red": 0.0, "shop.blue": 1.0}
    assert two.missing == ()


async def test_members_are_known_by_their_name_in_karmada_too() -> None:
    label = "a-attachedcluster"
    data = await answer(
        thanoses(endpoint(rows(label), probed("cadvisor", clusters=(label,)), sidecars(label)), member("a"))
    )
    assert lines(data) == {"a": 1.0}
    assert (data.missing, data.strangers) == ((), ())


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf"])
async def test_values_that_are_no_numbers_are_kept(value: str) -> None:
    data = await answer(thanoses(endpoint(rows("a", value=value))))
    assert str(data.series[0].values[-1]) == str(float(value))


async def test_ten_thousand_series_are_capped_and_said() -> None:
    data = await answer(thanoses(endpoint(rows(*(f"p{number}" for number in range(10_000)), key="pod"))))
    assert (len(data.series), data.total) == (MOST_SERIES, 10_000)
    assert any("10,000 series" in note for note in data.notes)


async def test_a_clock_that_is_minutes_ahead_moves_the_range_and_is_said() -> None:
    asked = endpoint(rows("a"), probed("cadvisor", at=NOW + 240))
    data = await answer(thanoses(asked))
    end = data.start + (data.count - 1) * data.step
    assert NOW + 225 < end <= NOW + 240
    assert data.notes == ("The clock of thanos:9090 is 4 min ahead of ours.",)


async def test_seconds_of_skew_are_not_worth_a_word() -> None:
    data = await answer(thanoses(endpoint(rows("a"), probed("cadvisor", at=NOW - 8))))
    assert data.notes == ()


DUPLICATE = ApiError("thanos:9090: execution: found duplicate series for the match group {}", code=422)


@pytest.mark.parametrize(
    "error",
    [
        NotInstalled("The host has no Thanos.", "--thanos URL"),
        ServerFault("thanos:9090 answered 502", code=502),
        TimedOut("thanos:9090 did not answer in time."),
        DUPLICATE,
    ],
)
async def test_what_fails_is_the_answers_error_in_its_own_words(error: Exception) -> None:
    data = await answer(thanoses(endpoint(error)))
    assert data.error is not None
    assert data.error.message == str(error)
    assert data.series == ()


async def test_an_answer_that_is_too_large_names_its_panel() -> None:
    data = await answer(
        thanoses(endpoint(TooLarge("thanos:9090 sent an answer of more than 8 MiB.", "Ask for less")))
    )
    assert data.error is not None
    title = CATALOG.pages["overview"].panels[0].title
    assert data.error.message == f"{title}: thanos:9090 sent an answer of more than 8 MiB."
    assert data.error.hint == "Ask for less"


async def test_a_page_instead_of_json_is_an_error() -> None:
    data = await answer(thanoses(endpoint(b"<html>log in</html>")))
    assert data.error is not None
    assert "no answer of a Prometheus" in data.error.message


async def test_one_thanos_that_fails_costs_only_its_own_members() -> None:
    places = {"red": endpoint(rows("a")), "blue": endpoint(TimedOut("late"), TimedOut("late"))}
    data = await answer(thanoses(places, member("a", "red"), member("b", "blue")))
    assert lines(data) == {"a": 1.0}
    assert data.error is None
    assert any("late" in note for note in data.notes)


async def test_warnings_of_the_server_are_passed_on() -> None:
    told = {**rows("a"), "warnings": ["store b is lost"], "infos": ["metric might not be a counter"]}
    data = await answer(thanoses(endpoint(told)))
    assert data.warnings == ("store b is lost", "metric might not be a counter")


async def test_a_plain_prometheus_without_stores_still_answers() -> None:
    asked = endpoint(rows("a", "b"), stores=ServerFault("404 page not found", code=404))
    data = await answer(thanoses(asked))
    assert (set(lines(data)), data.missing) == ({"a", "b"}, ())


async def test_a_query_that_is_none_is_an_error_with_its_place_and_nobody_is_asked() -> None:
    asked = FakeEndpoint()
    data = await answer(thanoses(asked), PanelQuery(promql="sum(up"))
    assert data.error is not None
    assert data.error.message.startswith("1:7: ")
    assert asked.asked == []


async def test_an_unknown_panel_is_an_error() -> None:
    data = await answer(thanoses(FakeEndpoint()), PanelQuery("overview", "nope"))
    assert data.error is not None
    assert "nope" in data.error.message


async def test_what_a_thanos_has_is_found_out_once_for_many_panels() -> None:
    asked = endpoint(rows("a"))
    panels = Panels(thanoses(asked), lambda: CATALOG)
    await asyncio.gather(*(panels.answer(PanelQuery("overview", id)) for id in ("cpu", "memory", "pods")))
    paths = [path for path, _given in asked.asked]
    assert (paths.count("query"), paths.count("stores"), paths.count("query_range")) == (1, 1, 3)
