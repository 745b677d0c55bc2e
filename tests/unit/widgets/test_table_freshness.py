"""How the live table shows how old its rows are, and ages that go on."""

from __future__ import annotations

from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.view import View
from kurator_tui.widgets.table import LiveTable
from tests.unit.widgets.support import (
    NOW,
    Host,
    refreshed,
    shown,
    table,
    thing,
    view_of,
)


async def test_rows_of_a_stale_cluster_are_dimmed_with_their_age() -> None:
    state = {"east": Freshness(State.LIVE, NOW), "west": Freshness(State.LIVE, NOW)}

    def freshness(row: Row) -> Freshness:
        return state[row.cluster]

    app = Host(table())
    async with app.run_test(size=(120, 6)) as pilot:
        app.widget.set_view(view_of(thing(1), thing(2, cluster="west"), thing(3)), freshness)
        await pilot.pause()
        assert "DATA" not in shown(app.widget)[0]
        state["west"] = Freshness(State.STALE, NOW - 240, "timeout")
        app.widget.freshness_changed()
        lines = shown(app.widget)
        assert "DATA" in lines[0]
        assert "… stale 4m" in lines[2]
        assert "stale" not in lines[1]
        assert all(segment.style and segment.style.dim for segment in app.widget.render_line(2))
        assert not any(segment.style and segment.style.dim for segment in app.widget.render_line(3))
        state["west"] = Freshness(State.LIVE, NOW)
        app.widget.freshness_changed()
        assert "DATA" not in shown(app.widget)[0]


async def test_overview_rows_of_level_stale_are_dimmed_with_their_age() -> None:
    view = View(CLUSTERS)
    view.load(
        [ClusterOverview("edge-3", "", "edge-3", "u", 0.0, level=Level.STALE, state="stale", since=NOW - 240)]
    )
    app = Host(table())
    async with app.run_test(size=(120, 6)) as pilot:
        app.widget.set_view(view)
        app.widget.move(0)
        await pilot.pause()
        assert "… stale 4m" in shown(app.widget)[1]


async def test_tick_refreshes_only_the_lines_whose_age_reads_differently() -> None:
    now = [NOW]
    app = Host(LiveTable(clock=lambda: now[0]))
    async with app.run_test(size=(80, 6)) as pilot:
        app.widget.set_view(view_of(thing(1, created=NOW - 30), thing(2, created=NOW - 86400 * 30)))
        await pilot.pause()
        now[0] += 5
        with refreshed(app.widget) as regions:
            app.widget.tick()
        assert [region.y for region in regions] == [1]
        assert "35s" in shown(app.widget)[1]
        with refreshed(app.widget) as regions:
            app.widget.tick()
        assert regions == []


async def test_the_data_column_goes_with_the_last_row_of_a_cluster_that_left() -> None:
    state = {"east": Freshness(State.LIVE, NOW), "west": Freshness(State.STALE, NOW - 60)}
    app = Host(table())
    async with app.run_test(size=(120, 6)) as pilot:
        rows = view_of(thing(1), thing(2, cluster="west"), thing(3, cluster="west"))
        app.widget.set_view(rows, lambda row: state[row.cluster])
        await pilot.pause()
        app.widget.apply({("west", "u2"): None})
        assert "DATA" in shown(app.widget)[0]
        app.widget.apply({("west", "u3"): None})
        assert "DATA" not in shown(app.widget)[0]
