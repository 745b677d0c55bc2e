"""Cursor, window, marks and mouse of the live table."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from kurator_tui.widgets.table import LiveTable
from tests.unit.widgets.support import (
    Host,
    names,
    refreshed,
    selected_line,
    shown,
    table,
    thing,
    view_of,
)


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


async def test_moving_the_cursor_refreshes_two_lines() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 20)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(100))))
        await pilot.pause()
        with refreshed(app.widget) as regions:
            app.widget.move(1)
        assert sorted(region.y for region in regions) == [1, 2]


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


async def test_rows_that_scroll_reach_the_display_as_the_same_strips() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(50))))
        await pilot.pause()

        def strips() -> list[Strip]:
            update = app.screen._compositor.render_full_update()
            return [next(iter(line)) for line in update.strips]

        app.widget.move(10)
        before = strips()
        app.widget.move(1)
        after = strips()
        assert after[0] is before[0], "the header"
        assert [line.text for line in after[1:9]] == [line.text for line in before[2:10]]
        assert all(now is then for now, then in zip(after[1:9], before[2:10], strict=True))


async def test_lines_are_as_textual_would_have_drawn_them() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(5))))
        await pilot.pause()
        for crop in (Region(0, 0, 80, 11), Region(0, 2, 30, 4), Region(10, 1, 20, 9)):
            ours = app.widget.render_lines(crop)
            stock = Widget.render_lines(app.widget, crop)
            width = min(crop.width, 79)  # the last column is the scroll bar's
            assert [line.crop(0, width) for line in ours] == [line.crop(0, width) for line in stock]
