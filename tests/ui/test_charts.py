"""Pages of charts, in a console whose source answers panels at once."""

from __future__ import annotations

import math
from array import array

import pytest
from msgspec import structs

from kurator_tui.config.action import CHARTS
from kurator_tui.config.actions import ACTIONS, in_view
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.rollouts import RolloutRow
from kurator_tui.link.messages import StreamEnded
from kurator_tui.link.metrics import Failure, PanelData, PanelQuery, packed
from kurator_tui.screens.metrics_keys import ChartsScreen
from kurator_tui.widgets.footer import Footer
from tests.ui.estate import NOW
from tests.ui.metrics_driver import charts
from tests.ui.metrics_source import CLUSTER, GONE, MANY, NODE_EXPORTER, measured, members


async def test_a_page_fits_the_terminal_as_a_grid() -> None:
    async with charts(size=(200, 50)) as page:
        assert page.screen.raster.columns >= 2
        assert page.screen.raster.places >= len(CLUSTER.panels)


async def test_a_small_terminal_shows_some_charts_at_a_time_and_reads_no_others() -> None:
    async with charts(size=(80, 24)) as page:
        assert page.screen.raster.columns == 1
        assert page.asked() == {"cpu", "memory", "success"}
        await page.press("move.bottom")
        assert page.chosen == "load"
        assert page.asked() == {"namespaces", "network"}  # nothing measures the load
        await page.press("move.top")
        assert page.asked() == {"cpu", "memory", "success"}


async def test_several_clusters_are_lines_of_one_chart() -> None:
    async with charts() as page:
        chart = page.screen.grid.charts[0]
        assert {line.name for line in chart.series} == set(members()) - {GONE}


async def test_what_nothing_measures_comes_last_and_says_which_setting_turns_it_on() -> None:
    async with charts() as page:
        assert page.screen.panels[-1].id == "load"
        assert "Fleet spec.plugin.metric.prometheus.extraArgs" in page.drive.screen()
        assert f"Load: {NODE_EXPORTER}" in page.notice


async def test_missing_members_are_named_with_the_reason() -> None:
    async with charts() as page:
        assert f"without {GONE}: no sidecar tells of it" in page.notice


async def test_thresholds_are_lines_in_the_chart() -> None:
    async with charts() as page:
        success = page.screen.grid.charts[2]
        assert [(each.value, each.level) for each in success.thresholds] == [
            (99, Level.DEGRADED),
            (95, Level.FAILED),
        ]


async def test_tab_and_arrows_choose_a_chart() -> None:
    async with charts() as page:
        await page.press("tab")
        assert page.chosen == "memory"
        await page.press("shift+tab", "right", "right")
        assert page.chosen == "success"
        await page.press("left")
        assert page.chosen == "memory"
        await page.press("down")
        assert page.screen.chosen == 1 + page.screen.raster.columns
        await page.press("up")
        assert page.chosen == "memory"


async def test_enter_zooms_a_chart_with_all_its_values_and_esc_goes_back() -> None:
    async with charts() as page:
        await page.press("tab", "enter")
        assert page.asked() == {"memory"}
        assert "prod-cloud" in page.screen.readout.text
        assert "MAX" in page.drive.screen()
        await page.press("escape")
        assert len(page.asked()) == 5
        assert page.chosen == "memory"


async def test_the_cursor_reads_all_lines_out_at_its_moment() -> None:
    async with charts() as page:
        await page.press("enter", "left", "left", "left")
        data = page.screen.feed.reading("cpu").data
        assert data is not None
        assert page.screen.cursor is not None
        assert data.start <= page.screen.cursor < data.start + (data.count - 1) * data.step
        assert "AT CURSOR" in page.drive.screen()
        await page.press("right", "right", "right", "right")
        assert page.screen.cursor == data.start + (data.count - 1) * data.step
        await page.press("chart.now")
        assert page.screen.cursor is None


async def test_h_and_l_move_the_cursor_without_zoom() -> None:
    async with charts() as page:
        await page.press("h")
        assert page.screen.cursor is not None
        assert all(chart.cursor == page.screen.cursor for chart in page.screen.grid.charts if chart.series)


async def test_the_time_range_is_another_with_brackets() -> None:
    async with charts() as page:
        await page.press("right_square_bracket")
        assert {query.seconds for query in page.source.asked()} == {21_600.0}
        assert " 6h " in page.title
        await page.press("right_square_bracket")
        assert "slow beyond" not in page.screen.notice.text
        await page.press("right_square_bracket")
        assert "slow beyond" in page.screen.notice.text  # of seven days
        await page.press("left_square_bracket", "left_square_bracket")
        await page.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        assert {query.seconds for query in page.source.asked()} == {900.0}


async def test_panning_asks_for_the_past_and_a_full_stop_for_now() -> None:
    async with charts() as page:
        await page.press("chart.earlier", "chart.earlier")
        assert {query.end for query in page.source.asked()} == {NOW - 3600}
        await page.press("chart.later")
        assert {query.end for query in page.source.asked()} == {NOW - 1800}
        await page.press("chart.now")
        assert {query.end for query in page.source.asked()} == {0.0}


async def test_yesterday_is_drawn_behind() -> None:
    async with charts() as page:
        await page.press("enter", "y")
        asked = sorted(query.end for query in page.source.asked())
        assert asked[0] == 0.0
        assert asked[1] == pytest.approx(NOW - 86_400, abs=120)
        chart = page.screen.grid.charts[0]
        assert len(chart.others) == len(chart.series)
        assert "a day before" in page.screen.readout.text
        await page.press("y")
        assert [query.end for query in page.source.asked()] == [0.0]


async def test_j_and_k_mark_a_line() -> None:
    async with charts() as page:
        await page.press("j", "j")
        names = [line.name for line in page.screen.grid.charts[0].series]
        assert page.screen.grid.charts[0].chosen == names[1]
        await page.press("k", "k")
        assert page.screen.grid.charts[0].chosen == ""


async def test_lines_are_filtered_by_name_while_it_is_typed() -> None:
    async with charts() as page:
        await page.press("slash")
        await page.drive.type("prod")
        await page.settle()
        assert {
            line.name for chart in page.screen.grid.charts for line in chart.series if " " not in line.name
        } == {"prod-cloud"}
        await page.press("enter")
        assert "/prod" in page.title
        await page.press("escape")
        assert len(page.screen.grid.charts[0].series) > 1


async def test_pages_are_turned_and_picked() -> None:
    async with charts() as page:
        await page.press("n")
        assert page.screen.page.id == "many"  # the page of a workload is about none here
        await page.press("p")
        assert page.screen.page.id == "cluster"
        await page.press("o")
        await page.drive.type("many")
        await page.press("enter")
        assert page.screen.page.id == "many"
        assert "Panel 0" in page.drive.screen()


async def test_twenty_charts_are_scrolled_by_pages_on_a_small_terminal() -> None:
    async with charts("many", size=(80, 24)) as page:
        assert "chart 1 of 20" in page.title
        await page.press("page.down")
        assert page.chosen == "p3"
        assert page.asked() == {"p1", "p2", "p3"}


async def test_the_query_of_a_chart_with_who_answered_and_who_is_missing() -> None:
    async with charts() as page:
        await page.press("q")
        assert "sum by (cluster) (cluster_cpu)" in page.screen.facts.text
        assert "default/default-thanos-query" in page.screen.facts.text
        assert GONE in page.screen.facts.text
        await page.press("escape")
        assert page.screen.side == ""


async def test_old_data_is_muted_with_its_age_when_thanos_fails() -> None:
    async with charts() as page:
        page.source.told = lambda _query: PanelData(error=Failure("Thanos fails", "no answer in 25 s"))
        page.source.tell_again()
        await page.later(65)
        assert page.screen.grid.charts[0].stale
        assert "CPU used (65s old)" in page.drive.screen()
        assert "Thanos fails: no answer in 25 s" in page.title


async def test_nothing_is_read_while_another_screen_hides_the_charts() -> None:
    async with charts() as page:
        screen = page.screen
        await page.drive.press("question_mark")
        page.drive.clock.now += 4
        screen.tick()
        assert not page.source.panels()
        await page.press("escape")
        assert page.source.panels()


async def test_closing_the_charts_reads_nothing_any_more() -> None:
    async with charts() as page:
        await page.drive.press("escape")
        assert page.drive.dialog() == ""
        assert not page.source.panels()


async def test_a_stream_that_broke_is_opened_again_after_a_while() -> None:
    async with charts() as page:
        stream = page.source.panels()[0]
        stream.end(StreamEnded(1, title="Lost", message="the feeder ended"))
        opened = len(page.source.streams)
        await page.later(5)
        assert len(page.source.streams) == opened
        await page.later(15)
        assert len(page.source.streams) == opened + 1


async def test_a_digit_opens_another_screen() -> None:
    async with charts() as page:
        await page.drive.press("1")
        assert page.drive.dialog() == ""
        assert page.drive.view() == "fleets"


async def test_5_goes_to_the_overview() -> None:
    async with charts() as page:
        await page.drive.press("5")
        assert page.drive.view() == "metrics"


async def test_the_mouse_chooses_a_chart() -> None:
    async with charts() as page:
        await page.drive.pilot.click(type(page.screen.grid), offset=(120, 3))
        await page.settle()
        assert page.screen.chosen > 0


async def test_releases_are_marked_in_time() -> None:
    source = measured()
    row = RolloutRow(
        "prod-cloud", "shop", "cart", "cart", 0.0, phase="Progressing", since=NOW - 1200, target="Deployment/cart"
    )
    source.put(row)
    async with charts(source=source) as page:
        assert [(marker.at, marker.text) for marker in page.screen.grid.charts[0].markers] == [
            (NOW - 1200, "cart canary")
        ]
        assert "cart canary" in page.drive.screen()


# -- keys ---------------------------------------------------------------------------------------------------------


async def test_every_action_of_charts_is_done_by_the_screen_and_told_in_help() -> None:
    async with charts() as page:
        for action in in_view(CHARTS):
            assert hasattr(ChartsScreen, action.method), action.id
        await page.drive.press("question_mark")
        help_text = " ".join(page.drive.screen().split())
        assert "Keys of charts" in help_text
        assert all(ACTIONS[id].description for id in ("chart.zoom", "chart.yesterday"))


async def test_the_footer_names_the_keys_that_matter() -> None:
    async with charts() as page:
        footer = page.screen.query_one(Footer).text
        assert all(word in footer for word in ("zoom", "next page", "shorter", "longer", "query"))


async def test_gaps_and_infinities_are_no_trouble() -> None:
    source = measured()

    def told(query: PanelQuery) -> PanelData:
        data = source.answer_of(query)
        odd = array("d", [math.nan, math.inf, -math.inf, 1.0, *([math.nan] * (data.count - 4))])
        series = tuple(structs.replace(each, data=packed(odd)) for each in data.series)
        return structs.replace(data, series=series)

    source.told = told
    async with charts(source=source) as page:
        assert "CPU used" in page.drive.screen()
        await page.press("enter")
        assert "MAX" in page.drive.screen()


async def test_panels_of_another_page_are_closed() -> None:
    async with charts() as page:
        await page.press("n")
        assert {query.page for query in page.source.asked()} == {MANY.id}
