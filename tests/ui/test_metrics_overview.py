"""What the metrics overview says beside its figures: what it waits for, broken pages, forecasts, cost, power."""

from __future__ import annotations

from array import array

import msgspec
import pytest
from msgspec import structs

from kurator_tui.kinds.estimates import ForecastRow
from kurator_tui.link.metrics import PageMeta, Pages, PanelData, PanelMeta, PanelQuery, packed
from tests.ui.estate import NOW
from tests.ui.metrics_source import CLUSTER, OVERVIEW, MetricsSource, measured
from tests.ui.test_metrics import charts, overview, shown

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
