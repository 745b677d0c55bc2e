"""Detail pane and grid."""

from __future__ import annotations

from rich.cells import cell_len
from textual.widgets import Static

from kurator_tui.kinds.base import Level
from kurator_tui.widgets.detail_pane import DetailPane, Line, Section, detail_lines
from kurator_tui.widgets.grid import Grid, GridCell, GridRow, grid_lines
from kurator_tui.widgets.palette import text_of, width_of
from tests.unit.widgets.support import Host, refreshed, shown


def section(lines: int, text: str = "value") -> list[Section]:
    return [Section("Machines", tuple(Line(f"label {n}", f"{text} {n}") for n in range(lines)))]


def test_labels_share_a_column_and_texts_wrap_beside_it() -> None:
    lines = detail_lines(
        [Section("One", (Line("kind", "Cluster"), Line("reason", "a b " * 20, Level.FAILED)))], 40
    )
    texts = [text_of(line) for line in lines]
    assert texts[0] == " One"
    assert texts[1] == "  kind   Cluster"
    assert texts[2].startswith("  reason ✖ a b")
    assert texts[3].startswith("         ")
    assert all(width_of(line) <= 40 for line in lines)


def test_detail_text_is_inert() -> None:
    lines = detail_lines([Section("[b]x", (Line("\x1b[1m", "\x1b[31m[@click=quit]"),))], 60)
    assert "[@click=quit]" in text_of(lines[1])
    assert "\x1b" not in text_of(lines[1])


async def test_scroll_stays_while_the_same_thing_changes() -> None:
    app = Host(DetailPane())
    async with app.run_test(size=(40, 6)) as pilot:
        app.widget.show(section(50), key="a")
        await pilot.pause()
        app.widget.move(10)
        before = shown(app.widget)
        with refreshed(app.widget) as regions:
            app.widget.show(section(50), key="a")
        assert regions == []
        assert shown(app.widget) == before
        changed = (*section(50)[0].lines[:12], Line("label 12", "other"), *section(50)[0].lines[13:])
        with refreshed(app.widget) as regions:
            app.widget.show([Section("Machines", changed)], key="a")
        assert [region.y for region in regions] == [3]
        app.widget.show(section(50), key="b")
        assert "Machines" in shown(app.widget)[0]


async def test_lines_fit_again_also_where_somebody_saw_the_new_layout_before_it_was_made() -> None:
    app, bar = Host(DetailPane()), Static("a bar")
    async with app.run_test(size=(40, 12)) as pilot:
        bar.display = False
        await app.screen.mount(bar)
        app.widget.show(section(2), key="a")
        await pilot.pause()
        assert app.widget.virtual_size.height == 12
        bar.display = True
        app.screen._compositor._full_map_invalidated = True  # as it is after a scroll
        assert app.widget.region.height == 11
        await pilot.pause()
        assert app.widget.virtual_size.height == 11


async def test_shorter_content_scrolls_back_into_sight() -> None:
    app = Host(DetailPane())
    async with app.run_test(size=(40, 6)) as pilot:
        app.widget.show(section(50), key="a")
        await pilot.pause()
        app.widget.end()
        assert "value 49" in shown(app.widget)[-1]
        app.widget.show(section(3), key="a")
        await pilot.pause()
        assert "Machines" in shown(app.widget)[0]
        app.widget.page(1, half=True)
        app.widget.home()


def test_the_grid_shows_a_glyph_per_cell_and_the_reasons_below() -> None:
    rows = [
        GridRow(
            "prod-cloud",
            (GridCell(Level.HEALTHY, "1.2.3"), GridCell(Level.FAILED, "", "install retries exhausted")),
        ),
        GridRow("日本", (GridCell(), GridCell(Level.PROGRESSING, "", "reconciling"))),
    ]
    texts = [text_of(line) for line in grid_lines(["metric", "backup"], rows, 80)]
    assert "metric" in texts[0]
    assert "● 1.2.3" in texts[1]
    assert cell_len(texts[1][: texts[1].index("✖")]) == cell_len(texts[2][: texts[2].index("◐")])
    assert texts[4] == " ✖ prod-cloud · backup"
    assert "install retries exhausted" in texts[5]
    assert "日本 · backup" in texts[6]


def test_a_narrow_grid_shrinks_to_glyphs_and_stays_in_its_width() -> None:
    rows = [GridRow("member", tuple(GridCell(Level.HEALTHY, "1.2.3") for _ in range(7)))]
    for width in (12, 20, 40, 80):
        assert all(width_of(line) <= width for line in grid_lines(["plugin"] * 7, rows, width))
    assert text_of(grid_lines(["plugin"] * 7, rows, 40)[1]).count("●") == 7


async def test_the_grid_is_drawn_and_ascii_has_twins() -> None:
    app = Host(Grid(ascii_only=True))
    async with app.run_test(size=(60, 8)) as pilot:
        app.widget.show(["metric"], [GridRow("m", (GridCell(Level.DEGRADED, "", "why"),))], key=1)
        await pilot.pause()
        assert "!" in shown(app.widget)[1]
        assert "why" in app.widget.text
