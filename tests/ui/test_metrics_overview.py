"""The metrics overview, in a console whose source answers panels at once."""

from __future__ import annotations

from array import array

import msgspec
import pytest
from msgspec import structs

from kurator_tui.errors import FeederLost
from kurator_tui.kinds.estimates import ForecastRow
from kurator_tui.link.metrics import Failure, PageMeta, Pages, PanelData, PanelMeta, PanelQuery, packed
from kurator_tui.screens.metrics import MetricsScreen
from kurator_tui.screens.metrics_keys import ChartsScreen
from kurator_tui.store.scope import Scope
from tests.ui.estate import NOW
from tests.ui.metrics_driver import charts, overview, shown
from tests.ui.metrics_source import CLUSTER, GONE, NODE_EXPORTER, OVERVIEW, MetricsSource, measured, members

COSTS = (
    PanelMeta("cost", "Cost an hour", "$/h"),
    PanelMeta("carbon", "Power", "W"),
)
BROKEN = "mine.yaml, panel queue: `query` 4: unexpected end of input"


def cell(rows: list[dict[str, str]], cluster: str, column: str) -> str:
    return next(row for row in rows if row["CLUSTER"] == cluster)[column]


def steady(source: MetricsSource, panel: str, value: float) -> None:
    """Every cluster has `value` of `panel` all the time."""

    def told(query: PanelQuery) -> PanelData:
        data = source.answer_of(query)
        if query.panel != panel:
            return data
        same = packed(array("d", [value] * data.count))
        return structs.replace(data, series=tuple(structs.replace(each, data=same) for each in data.series))

    source.told = told


async def test_it_says_that_thanos_is_asked_until_something_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    source = measured()
    with monkeypatch.context() as slow:
        slow.setattr(source, "tell_panel", lambda _stream: None)
        async with overview(source) as drive:
            assert "asking Thanos" in drive.title()
            slow.undo()
            source.tell_again()
            await shown(drive)
            assert "asking" not in drive.title()


async def test_columns_for_cost_and_power_appear_where_their_series_exist() -> None:
    source = measured()
    source.serve(OVERVIEW, CLUSTER)
    async with overview(source) as drive:
        assert not {"$/H", "WATTS"} & drive.table()[0].keys()
    source = measured()
    source.serve(PageMeta(OVERVIEW.id, OVERVIEW.title, (*OVERVIEW.panels, *COSTS)), CLUSTER)
    steady(source, "cost", 12.345)
    async with overview(source) as drive:
        assert cell(drive.table(), "prod-cloud", "$/H") == "12.3"
        assert cell(drive.table(), "prod-cloud", "WATTS")


@pytest.mark.parametrize(("value", "text"), [(0.0042, "0.0042"), (0.00001, "0"), (0.0, "0"), (0.25, "0.25")])
async def test_little_is_told_apart_from_nothing(value: float, text: str) -> None:
    source = measured()
    steady(source, "api_errors", value)
    async with overview(source) as drive:
        assert cell(drive.table(), "prod-cloud", "ERR/S") == text


async def test_a_forecast_that_does_not_fit_is_no_column_and_no_hours() -> None:
    source = measured()
    async with overview(source) as drive:
        source.put(ForecastRow("prod-cloud", "", "disk", "disk", NOW, 0.9, None, None, None, 0.1))
        await shown(drive)
        assert "FULL IN" not in drive.screen()
        source.put(ForecastRow("on-prem", "", "disk", "disk", NOW, 0.9, 90.0, 80.0, 99.0, 0.8))
        await shown(drive)
        assert cell(drive.table(), "on-prem", "FULL IN") == "3d18h"
        assert cell(drive.table(), "prod-cloud", "FULL IN") == ""


async def test_forecasts_as_a_table_say_nothing_where_nothing_can_be_said() -> None:
    source = measured()
    source.put(
        ForecastRow("prod-cloud", "", "disk", "d1", NOW, 0.9, 91.30312217928298, 80.04, 99.0, 0.8),
        ForecastRow("prod-cloud", "", "cpu", "d2", NOW, 0.3),
    )
    async with overview(source) as drive:
        await drive.command("forecasts")
        rows = {row["RESOURCE"]: row for row in drive.table()}
        assert (rows["disk"]["FULL IN H"], rows["disk"]["EARLIEST H"]) == ("91.3", "80.0")
        assert rows["disk"]["CONFIDENCE"] == "80%"
        assert (rows["cpu"]["FULL IN H"], rows["cpu"]["CONFIDENCE"]) == ("", "")


def broken() -> MetricsSource:
    source = measured()
    pages = Pages((OVERVIEW, CLUSTER), (BROKEN, "other.yaml: no YAML"))
    source.answers[("metrics_pages", "", "")] = msgspec.json.encode(pages).decode()
    return source


async def test_a_page_of_the_user_that_is_broken_is_named_on_the_overview() -> None:
    async with overview(broken()) as drive:
        assert BROKEN in drive.title()
        await drive.press("details")
        assert "other.yaml: no YAML" in drive.detail()


async def test_a_page_of_the_user_that_is_broken_is_named_on_charts() -> None:
    async with charts(source=broken()) as page:
        assert BROKEN in page.notice
        assert page.drive.screen().count(BROKEN) == 1, "it is in sight"


async def test_a_row_a_cluster_with_values_and_the_last_hour() -> None:
    async with overview() as drive:
        rows = {row["CLUSTER"]: row for row in drive.table()}
        assert sorted(rows) == sorted(members())
        row = rows["prod-cloud"]
        assert row["CPU"].lstrip("▲✖").endswith("%")
        assert set("▁▂▃▄▅▆▇█") & set(row["LAST 1H"])
        assert row["P99"].endswith("ms")


async def test_one_query_a_panel_whatever_the_number_of_clusters() -> None:
    async with overview() as drive:
        assert isinstance(drive.source, MetricsSource)
        asked = drive.source.asked()
        assert len(asked) == 6 <= 12
        assert {query.clusters for query in asked} == {()}


async def test_what_has_a_column_in_wide_mode_only_is_asked_for_then() -> None:
    source = measured()
    wide = PanelMeta("cpu", "CPU used", "cores")
    source.serve(structs.replace(OVERVIEW, panels=(*OVERVIEW.panels, wide)), CLUSTER)
    async with overview(source) as drive:
        assert "cpu" not in {query.panel for query in source.asked()}
        await drive.press("W")
        screen = drive.app.frame.current
        assert isinstance(screen, MetricsScreen)
        screen.look_whether_seen()
        await shown(drive)
        assert "cpu" in {query.panel for query in source.asked()}
        assert drive.table()[0]["CORES"]


async def test_a_member_without_metrics_is_named_and_its_row_says_why() -> None:
    async with overview() as drive:
        assert f"without {GONE}" in drive.title()
        row = next(row for row in drive.table() if GONE in row.values())
        assert row["REASON"] == "no sidecar tells of it"


async def test_what_nothing_measures_is_named_and_the_details_say_what_turns_it_on() -> None:
    async with overview() as drive:
        assert "nothing measures Fullest disk" in drive.title()
        await drive.press("details")
        assert NODE_EXPORTER in drive.detail()


async def test_a_value_beyond_its_threshold_makes_the_row_bad() -> None:
    source = measured()

    def told(query: PanelQuery) -> PanelData:
        data = source.answer_of(query)
        if query.panel != "cpu_ratio":
            return data
        full = array("d", [0.97] * data.count)
        return structs.replace(data, series=(structs.replace(data.series[0], data=packed(full)), *data.series[1:]))

    source.told = told
    async with overview(source) as drive:
        bad = [row for row in drive.table() if "97%" in row["CPU"]]
        assert len(bad) == 1
        assert "✖" in bad[0]["CPU"]
        assert bad[0]["REASON"] == "CPU of capacity 97%"


async def test_the_source_and_the_age_of_the_data_are_in_the_title() -> None:
    async with overview() as drive:
        assert "default/default-thanos-query, 0s old" in drive.title()
        await drive.later(7)
        assert "default/default-thanos-query, 7s old" in drive.title()


async def test_rows_stay_with_their_age_when_thanos_fails() -> None:
    async with overview() as drive:
        assert isinstance(drive.source, MetricsSource)
        before = drive.table()
        drive.source.told = lambda _query: PanelData(error=Failure("Thanos fails", "502 from the proxy"))
        drive.source.tell_again()
        await shown(drive)
        assert [{**row, "DATA": ""} for row in drive.table()] == [{**row, "DATA": ""} for row in before]
        assert all(row["DATA"] == "… stale 0s" for row in drive.table())
        assert "Thanos fails: 502 from the proxy" in drive.title()
        table = drive.app.frame.current.table
        row = table.cursor_row
        fresh = drive.app.frame.current.freshness()
        assert row is not None
        assert fresh is not None
        assert not fresh(row).trustworthy


async def test_nothing_is_read_a_few_seconds_after_the_screen_was_left() -> None:
    async with overview() as drive:
        assert isinstance(drive.source, MetricsSource)
        screen = drive.app.frame.current
        assert isinstance(screen, MetricsScreen)
        await drive.press("1")
        assert drive.source.panels()
        drive.clock.now += 4
        screen.look_whether_seen()
        assert not drive.source.panels()
        await drive.press("5")
        assert len(drive.source.panels()) == 6


async def test_the_scope_is_what_is_asked_for() -> None:
    async with overview() as drive:
        assert isinstance(drive.source, MetricsSource)
        drive.app.frame.use_scope(Scope(frozenset({"prod-cloud"})))
        await shown(drive)
        assert {query.clusters for query in drive.source.asked()} == {("prod-cloud",)}
        assert len(drive.table()) == 1


async def test_hours_to_full_are_a_column_once_they_are_told() -> None:
    source = measured()
    async with overview(source) as drive:
        assert "FULL IN" not in drive.screen()
        source.put(ForecastRow("prod-cloud", "", "disk", "disk", NOW, 0.9, 20.0, 15.0, 30.0, 0.8))
        await shown(drive)
        row = next(row for row in drive.table() if "prod-cloud" in row.values())
        assert row["FULL IN"] == "✖20h"
        await drive.press("1")
        assert "forecasts" in source.subscribed  # the screen stays where one can go back to


async def test_enter_opens_the_charts_of_the_cluster_and_esc_comes_back() -> None:
    async with overview() as drive:
        await drive.press("enter")
        assert isinstance(drive.app.screen, ChartsScreen)
        assert drive.app.screen.target.clusters == ("ai-cloud",)
        await drive.press("escape")
        assert drive.dialog() == ""
        assert drive.view() == "metrics"


async def test_without_a_feeder_the_screen_says_so() -> None:
    source = measured()
    source.answers[("metrics_pages", "", "")] = FeederLost("there is no feeder")
    async with overview(source) as drive:
        assert "there is no feeder" in drive.screen()


def test_the_overview_has_at_most_twelve_panels() -> None:
    assert len(OVERVIEW.panels) <= 12
