"""What the live table shows and repaints: rows that come, change, go, sort and filter under a selection."""

from __future__ import annotations

from textual.geometry import Region

from kurator_tui.kinds.base import Level
from kurator_tui.store.store import Delta
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


async def test_a_filter_typed_letter_by_letter_ends_at_its_first_row_and_gives_the_selected_one_back() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(60))))
        await pilot.pause()
        app.widget.move(3)
        app.widget.filter(lambda row: row.name.endswith("49"))
        app.widget.filter(lambda row: not row.name.endswith("3"))
        assert "thing-0000" in selected_line(app.widget)
        assert names(app.widget)[0] == "thing-0000"
        app.widget.filter(None)
        assert "thing-0003" in selected_line(app.widget)


async def test_a_row_chosen_under_a_filter_stays_selected_when_the_filter_goes() -> None:
    app = Host(table())
    async with app.run_test(size=(80, 11)) as pilot:
        app.widget.set_view(view_of(*(thing(n) for n in range(60))))
        await pilot.pause()
        app.widget.move(3)
        app.widget.filter(lambda row: row.name.endswith("9"))
        app.widget.move(2)
        app.widget.filter(None)
        assert "thing-0029" in selected_line(app.widget)


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
