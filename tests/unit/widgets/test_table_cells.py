"""Cells of the live table: widths, columns that fit, hostile text, glyphs, themes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from kurator_tui.kinds.base import Level
from kurator_tui.store.view import View
from tests.unit.widgets.support import (
    THINGS,
    Host,
    shown,
    table,
    thing,
    view_of,
)


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
