"""What the live table shows and repaints: selection, scroll, sort, filter, freshness, hostile text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.geometry import Region

from kurator_tui.kinds.base import Level, Row
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Delta
from kurator_tui.store.view import View
from kurator_tui.widgets.table import LiveTable
from tests.unit.widgets.support import NOW, THINGS, Host, names, refreshed, selected_line, shown, thing, view_of


def table(**options: object) -> LiveTable:
    return LiveTable(clock=lambda: NOW, **options)  # type: ignore[arg-type]


async def test_shows_header_with_sort_arrow_and_rows() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 10)) as pilot:
        app.widget.set_view(view_of(thing(1), thing(2, level=Level.FAILED)))
        await pilot.pause()
        lines = shown(app.widget)
        assert lines[0].startswith(" NAME↑")
        assert "✖ failed" in lines[2]
        assert "● healthy" in lines[1]
        assert "10m" in lines[1]


async def test_selection_follows_the_row_when_rows_come_before_it() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 10)) as pilot:
        app.widget.set_view(view_of(thing(2), thing(4)))
        await pilot.pause()
        app.widget.move(1)
        app.widget.apply({("east", "u1"): thing(1), ("east", "u3"): thing(3)})
        assert app.widget.selected_key == ("east", "u4")
        assert "thing-0004" in selected_line(app.widget)
        assert names(app.widget) == ["thing-0001", "thing-0002", "thing-0003", "thing-0004"]


async def test_selection_goes_to_the_same_index_when_its_row_is_deleted() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 10)) as pilot:
        app.widget.set_view(view_of(thing(1), thing(2), thing(3)))
        app.widget.move(1)
        app.widget.apply({("east", "u2"): None})
        await pilot.pause()
        assert "thing-0003" in selected_line(app.widget)
        app.widget.apply({("east", "u3"): None})
        assert "thing-0001" in selected_line(app.widget)
        app.widget.apply({("east", "u1"): None})
        assert app.widget.cursor_row is None
        assert app.widget.selected_key is None
        app.widget.apply({("east", "u9"): thing(9)})
        assert "thing-0009" in selected_line(app.widget)


async def test_visible_rows_stay_put_when_rows_come_and_go_above() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(10, 200))))
        await pilot.pause()
        app.widget.move(100)
        before = names(app.widget)
        with refreshed(app.widget) as regions:
            app.widget.apply({("east", f"n{n}"): thing(n, uid=f"n{n}") for n in range(5)})
            assert names(app.widget) == before
            app.widget.apply({("east", "u10"): None, ("east", "u11"): None})
            assert names(app.widget) == before
            await pilot.pause()
        assert regions == []


async def test_a_table_at_its_top_stays_there() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 6)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(10, 50))))
        await pilot.pause()
        app.widget.apply({("east", "u1"): thing(1)})
        assert names(app.widget)[0] == "thing-0001"
        assert "thing-0010" in selected_line(app.widget)


async def test_the_selected_row_stays_in_sight_when_its_order_changes() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n, restarts=n) for n in range(100)), sort="restarts"))
        await pilot.pause()
        app.widget.move(50)
        app.widget.apply({("east", "u50"): thing(50, restarts=1000)})
        assert app.widget.cursor_index == 99
        assert "thing-0050" in selected_line(app.widget)


async def test_only_the_line_of_a_changed_row_is_refreshed() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 20)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(100))))
        await pilot.pause()
        with refreshed(app.widget) as regions:
            app.widget.apply({("east", "u3"): thing(3, restarts=7)})
        assert regions == [Region(0, 4, 79, 1)]
        with refreshed(app.widget) as regions:
            app.widget.apply({("east", "u90"): thing(90, restarts=7)})
            app.widget.apply({("east", "u4"): thing(4)})
        assert regions == []


async def test_deleting_a_visible_row_refreshes_the_lines_below_it_only() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 8)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(6))))
        await pilot.pause()
        with refreshed(app.widget) as regions:
            app.widget.apply({("east", "u4"): None})
        assert sorted(region.y for region in regions) == [5, 6]


async def test_moving_the_cursor_refreshes_two_lines() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 20)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(100))))
        await pilot.pause()
        with refreshed(app.widget) as regions:
            app.widget.move(1)
        assert sorted(region.y for region in regions) == [1, 2]


async def test_sort_keeps_the_selected_row() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n, restarts=100 - n) for n in range(100))))
        await pilot.pause()
        app.widget.move(2)
        app.widget.sort("restarts", descending=True)
        assert app.widget.selected_key == ("east", "u2")
        assert "RESTARTS↓" in shown(app.widget)[0]
        app.widget.sort("restarts")
        assert "thing-0002" in selected_line(app.widget)
        assert "RESTARTS↑" in shown(app.widget)[0]


async def test_filter_keeps_the_selected_row_or_its_index() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(20))))
        await pilot.pause()
        app.widget.move(6)
        app.widget.filter(lambda row: row.name.endswith(("2", "4", "6")))
        assert "thing-0006" in selected_line(app.widget)
        app.widget.filter(lambda row: False)
        assert "nothing matches the filter, Esc clears it" in shown(app.widget)[1]
        app.widget.filter(None)
        assert app.widget.cursor_row is not None


async def test_an_empty_table_says_why() -> None:
    app = Host(table(empty="no clusters yet — connecting to mgmt-eu"))
    async with app.run_test(size=(30, 6)) as pilot:
        app.widget.set_view(view_of())
        await pilot.pause()
        text = "\n".join(shown(app.widget))
        assert "no clusters yet" in text
        assert "mgmt-eu" in text
        app.widget.empty = "still nothing"
        assert "still nothing" in shown(app.widget)[1]


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (200, 50)])
async def test_every_line_is_exactly_as_wide_as_the_table(size: tuple[int, int]) -> None:
    rows = [
        thing(1, "普通の名前-クラスター"),
        thing(2, "emoji-🚀🎉-rocket", note="👩‍🚀 joined ☀️ sun 👍🏽 tone"),
        thing(3, "combi\u0301ning-e\u0301\u0301"),
        thing(4, "עברית-عربي", note="right to left"),
        thing(5, "x" * 300, note="y" * 300, cpu=0.99),
        thing(6, "[@click=app.bell]markup[/]", note="\x1b[31mred\x1b[0m\r\n\ttab"),
    ]
    app = Host(table())
    async with app.run_test(size=size) as pilot:
        app.widget.set_view(view_of(*rows))
        await pilot.pause()
        width = app.widget.scrollable_content_region.width
        for y in range(size[1]):
            strip = app.widget.render_line(y)
            assert strip.cell_length == width
            assert cell_len(strip.text) == width
            assert "\x1b" not in strip.text
        assert "NAME" in shown(app.widget)[0]


async def test_columns_stay_aligned_behind_wide_characters() -> None:
    app = Host(table())
    async with app.run_test(size=(120, 8)) as pilot:
        app.widget.set_view(view_of(thing(1, "ascii"), thing(2, "日本語クラスタ"), thing(3, "e\u0301\u0301🚀")))
        await pilot.pause()
        starts = set()
        for line in shown(app.widget)[1:4]:
            starts.add(cell_len(line[: line.index("●")]))
        assert len(starts) == 1


async def test_markup_and_ansi_are_shown_inert() -> None:
    app = Host(table())
    async with app.run_test(size=(120, 5)) as pilot:
        app.widget.set_view(view_of(thing(1, "[@click=app.bell]a[/]", note="\x1b[31mred\x07")))
        await pilot.pause()
        line = shown(app.widget)[1]
        assert "[@click=app.bell]a[/]" in line
        assert "␛[31mred␇" in line
        assert all(not (segment.style and segment.style.meta) for segment in app.widget.render_line(1))


async def test_narrow_terminals_drop_columns_by_priority() -> None:
    app = Host(table())
    async with app.run_test(size=(200, 5)) as pilot:
        app.widget.set_view(view_of(thing(1, note="noted")))
        await pilot.pause()
        assert "NOTE" in shown(app.widget)[0]
        assert "UID" not in shown(app.widget)[0]
        await pilot.resize_terminal(40, 5)
        await pilot.pause()
        header = shown(app.widget)[0]
        assert "CLUSTER" in header
        assert "NOTE" not in header
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert "CLUSTER" not in shown(app.widget)[0]
        assert "thing-" in shown(app.widget)[1]


async def test_wide_mode_shows_all_and_shifts_by_columns() -> None:
    app = Host(table())
    async with app.run_test(size=(40, 5)) as pilot:
        app.widget.set_view(view_of(thing(1, note="noted")))
        app.widget.wide = True
        await pilot.pause()
        app.widget.column_shift(5)
        header = shown(app.widget)[0]
        assert header.startswith("‹NAME")
        assert "NOTE" in header
        assert "UID" in header
        assert "CLUSTER" not in header
        app.widget.column_shift(-50)
        assert "CLUSTER" in shown(app.widget)[0]


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


async def test_bad_levels_carry_a_glyph_beside_their_colour() -> None:
    app = Host(table())
    async with app.run_test(size=(120, 6)) as pilot:
        app.widget.set_view(view_of(thing(1, cpu=0.99), thing(2, cpu=0.5)))
        await pilot.pause()
        assert "✖99%" in shown(app.widget)[1]
        assert " 50%" in shown(app.widget)[2]
        app.widget.ascii_only = True
        assert "x99%" in shown(app.widget)[1]
        assert all(line.isascii() for line in shown(app.widget))


async def test_marks_show_in_the_gutter_and_survive_a_filter() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 8)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(5))))
        await pilot.pause()
        app.widget.toggle_mark()
        app.widget.move(2)
        app.widget.mark_range()
        assert [line[0] for line in shown(app.widget)[1:6]] == ["✓", "✓", "✓", "◆", " "]
        app.widget.filter(lambda row: row.uid == "u4")
        assert len(app.widget.marked) == 4
        app.widget.filter(None)
        app.widget.apply({("east", "u0"): None})
        assert ("east", "u0") not in app.widget.marked
        app.widget.clear_marks()
        assert app.widget.marked == set()


async def test_pages_and_ends() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(100))))
        await pilot.pause()
        app.widget.page(1)
        assert names(app.widget)[0] == "thing-0010"
        assert app.widget.cursor_index == 10
        app.widget.page(1, half=True)
        assert app.widget.cursor_index == 15
        app.widget.end()
        assert names(app.widget)[-1] == "thing-0099"
        app.widget.page(1)
        assert app.widget.cursor_index == 99
        app.widget.page(-1)
        assert app.widget.cursor_index == 89
        app.widget.home()
        assert names(app.widget)[0] == "thing-0000"


class Listening(Host[LiveTable]):
    """Notes what the table posts."""

    def __init__(self, widget: LiveTable) -> None:
        super().__init__(widget)
        self.heard: list[str] = []

    def on_live_table_row_selected(self, message: LiveTable.RowSelected) -> None:
        self.heard.append(f"selected {message.row.name}")

    def on_live_table_cursor_moved(self, message: LiveTable.CursorMoved) -> None:
        self.heard.append(f"cursor {message.row.name if message.row else None}")

    def on_live_table_sort_requested(self, message: LiveTable.SortRequested) -> None:
        self.heard.append(f"sort {message.column}")


async def test_mouse_and_enter_are_posted() -> None:
    app = Listening(table())
    async with app.run_test(size=(80, 8)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(5))))
        await pilot.pause()
        assert app.heard == ["cursor thing-0000"]
        await pilot.click(LiveTable, offset=(5, 3))
        app.widget.select()
        await pilot.click(LiveTable, offset=(2, 0))
        await pilot.pause()
        assert app.heard[1:] == ["cursor thing-0002", "selected thing-0002", "sort name"]


async def test_mouse_wheel_scrolls_without_moving_the_cursor() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(100))))
        await pilot.pause()
        app.widget.scroll_to(y=20, animate=False)
        await pilot.pause()
        assert names(app.widget)[0] == "thing-0020"
        app.widget.apply({("east", "u10"): None})
        assert names(app.widget)[0] == "thing-0020"
        assert app.widget.cursor_index == 0


async def test_widths_grow_with_content_and_never_jitter_back() -> None:
    app = Host(table())
    async with app.run_test(size=(120, 6)) as pilot:
        app.widget.set_view(view_of(thing(1, "short")))
        await pilot.pause()
        app.widget.apply({("east", "u2"): thing(2, "a-much-longer-name-than-before")})
        await pilot.pause()
        at = shown(app.widget)[0].index("HEALTH")
        assert "a-much-longer-name-than-before" in "".join(shown(app.widget))
        app.widget.apply({("east", "u2"): None})
        await pilot.pause()
        assert shown(app.widget)[0].index("HEALTH") == at


async def test_thousands_of_changes_at_once_end_in_the_same_picture() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(100))))
        await pilot.pause()
        app.widget.move(50)
        rows: Delta = {("east", f"x{n}"): thing(n, f"a{n:05}", uid=f"x{n}") for n in range(3000)}
        app.widget.apply(rows)
        assert app.widget.selected_key == ("east", "u50")
        assert "thing-0050" in selected_line(app.widget)


async def test_changes_before_the_table_is_on_screen_are_not_lost() -> None:
    widget = table()
    widget.set_view(view_of(thing(1)))
    widget.apply({("east", "u2"): thing(2)})
    app = Host(widget)
    async with app.run_test(size=(80, 6)) as pilot:
        await pilot.pause()
        assert names(widget) == ["thing-0001", "thing-0002"]


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


async def test_another_theme_recolours_rows_and_header() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 6)) as pilot:
        app.widget.set_view(view_of(thing(1, level=Level.FAILED)))
        await pilot.pause()

        def styles() -> set[str]:
            return {str(segment.style) for y in (0, 1) for segment in app.widget.render_line(y)}

        app.theme = "textual-dark"
        await pilot.pause()
        dark = styles()
        app.theme = "textual-light"
        await pilot.pause()
        assert not dark & styles()


async def test_a_table_hidden_while_rows_change_is_right_when_shown_again() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 8)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(20))))
        await pilot.pause()
        app.widget.display = False
        await pilot.pause()
        app.widget.apply({("east", "u0"): None})
        app.widget.display = True
        await pilot.pause()
        assert names(app.widget)[0] == "thing-0001"
        assert len(names(app.widget)) == 7


async def test_the_cursor_stays_in_sight_when_the_terminal_shrinks() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 30)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(100))))
        await pilot.pause()
        app.widget.move(25)
        for height in (5, 30, 4, 12):
            await pilot.resize_terminal(80, height)
            await pilot.pause()
            assert "thing-0025" in selected_line(app.widget)


async def test_double_click_opens() -> None:
    app = Listening(table())
    async with app.run_test(size=(80, 8)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(5))))
        await pilot.pause()
        await pilot.double_click(LiveTable, offset=(5, 2))
        await pilot.pause()
        assert "selected thing-0001" in app.heard


async def test_a_kind_without_a_health_column_shows_its_glyph_in_the_gutter() -> None:
    kind = replace(THINGS, columns=tuple(column for column in THINGS.columns if column.key != "health"))
    view = View(kind)
    view.load([thing(1, level=Level.FAILED), thing(2)])
    app = Host(table())
    async with app.run_test(size=(80, 6)) as pilot:
        app.widget.set_view(view)
        await pilot.pause()
        assert shown(app.widget)[1].startswith("▸✖ thing-0001")
        assert shown(app.widget)[2].startswith(" ● thing-0002")
