"""Status line, tab line, footer: what they say at which width."""

from __future__ import annotations

import pytest
from textual.theme import Theme

from kurator_tui.kinds.base import Level
from kurator_tui.widgets.footer import Footer, Hint, footer_text
from kurator_tui.widgets.palette import Piece, cut, spread, text_of, width_of
from kurator_tui.widgets.status_line import Status, StatusLine, Trouble, status_text
from kurator_tui.widgets.tab_line import Tab, TabLine, tab_at, tab_text
from tests.unit.widgets.support import Host, refreshed, shown

STATUS = Status(
    context="mgmt-eu",
    fleet="production",
    members=12,
    live=11,
    troubles=(Trouble("edge-3", "stale 4m"),),
    nodes=148,
    pods=5234,
    incidents=(("critical", Level.FAILED, 1), ("medium", Level.DEGRADED, 2)),
    rollouts=2,
    read_only=True,
    clock="14:02:11",
)
TABS = tuple(
    Tab(str(number), title, title[:2], enabled=number in (1, 2))
    for number, title in enumerate(("Fleets", "Clusters", "Edge", "Rollouts", "Metrics", "Triage", "Workloads"), 1)
)


def test_a_wide_status_line_says_everything() -> None:
    text = text_of(status_text(STATUS, 160))
    for part in (
        "kurator-tui",
        "host mgmt-eu",
        "fleet production",
        "11/12 members live · edge-3 stale 4m",
        "148 nodes 5.2k pods",
        "✖1 critical ▲2 medium",
        "◐2 rollouts",
        "RO",
        "14:02:11",
    ):
        assert part in text


def test_at_80_columns_members_findings_and_time_stay() -> None:
    text = text_of(status_text(STATUS, 80))
    assert "11/12 members live" in text
    assert "edge-3 stale 4m" in text
    assert "✖1" in text
    assert "▲2" in text
    assert "RO" in text
    assert text.rstrip().endswith("14:02:11")
    assert "kurator-tui" not in text


@pytest.mark.parametrize("width", [1, 10, 20, 40, 80, 200])
def test_one_lines_never_exceed_their_width(width: int) -> None:
    assert width_of(status_text(STATUS, width)) <= width
    assert width_of(tab_text(TABS, "1", "prod · all ns", width)) <= width
    assert width_of(footer_text([Hint("q", "quit"), Hint("?", "help")], width)) <= width


def test_twenty_columns_still_say_how_many_members_live() -> None:
    assert "11/12 live" in text_of(status_text(STATUS, 20))


def test_a_dead_feeder_is_said_before_anything_else_is_dropped() -> None:
    text = text_of(status_text(Status(members=2, feeder="feeder restarting", context="x" * 60), 50))
    assert "✖ feeder restarting" in text


def test_many_troubles_are_counted() -> None:
    status = Status(members=9, live=1, troubles=tuple(Trouble(f"m{n}", "stale") for n in range(8)))
    assert "m2 stale · 5 more" in text_of(status_text(status, 200))


def test_hostile_names_are_inert_in_the_status_line() -> None:
    assert "\x1b" not in text_of(status_text(Status(context="\x1b[2J", fleet="[red]x[/]"), 100))


def test_tabs_become_short_when_narrow() -> None:
    wide = text_of(tab_text(TABS, "2", "all clusters · all ns", 140))
    assert "1 Fleets" in wide
    assert "[2 Clusters]" in wide
    assert "scope: all clusters · all ns" in wide
    narrow = text_of(tab_text(TABS, "2", "all clusters · all ns", 80))
    assert "1Fl [2Cl] 3Ed" in narrow
    assert "all clusters" in narrow


def test_a_click_finds_its_tab() -> None:
    text = text_of(tab_text(TABS, "1", "", 200))
    found = tab_at(TABS, "1", "", 200, text.index("Clusters") + 2)
    assert found is not None
    assert found.key == "2"
    assert tab_at(TABS, "1", "", 200, 199) is None


def test_the_footer_drops_hints_from_the_right_and_keeps_help() -> None:
    hints = [Hint(str(number), f"action {number}") for number in range(9)] + [Hint("?", "help")]
    text = text_of(footer_text(hints, 50))
    assert "<0> action 0" in text
    assert "<8> action 8" not in text
    assert "<?> help" in text


def test_disabled_hints_look_different() -> None:
    on, off = footer_text([Hint("a", "x")], 40), footer_text([Hint("a", "x", enabled=False)], 40)
    assert {piece.style for piece in on} != {piece.style for piece in off}


def test_spread_cuts_the_right_side_first() -> None:
    assert text_of(spread([Piece("left")], [Piece("right")], 12)) == "left   right"
    assert text_of(spread([Piece("left")], [Piece("right")], 8)) == "left ri…"
    assert text_of(cut([Piece("日本語")], 5)) == "日本…"


async def test_a_line_repaints_only_when_it_differs() -> None:
    app = Host(StatusLine(STATUS))
    async with app.run_test(size=(160, 3)) as pilot:
        await pilot.pause()
        assert "11/12 members live" in shown(app.widget)[0]
        with refreshed(app.widget) as regions:
            app.widget.show(STATUS)
        assert regions == []
        with refreshed(app.widget) as regions:
            app.widget.show(Status(members=1, live=1))
        assert len(regions) == 1
        assert "1/1 members live" in shown(app.widget)[0]


class Tabs(Host[TabLine]):
    opened = ""

    def on_tab_line_opened(self, message: TabLine.Opened) -> None:
        self.opened += message.key


async def test_a_click_on_an_open_tab_is_posted_and_on_a_disabled_one_is_not() -> None:
    app = Tabs(TabLine())
    async with app.run_test(size=(140, 3)) as pilot:
        app.widget.show(TABS, "1", "all")
        line = shown(app.widget)[0]
        await pilot.click(TabLine, offset=(line.index("Clusters"), 0))
        await pilot.click(TabLine, offset=(line.index("Edge"), 0))
        await pilot.pause()
        assert app.opened == "2"


class Deaf(StatusLine):
    """Never hears that it has a size."""

    def redraw(self) -> None:
        pass


async def test_a_line_is_whole_in_its_first_paint() -> None:
    app = Host(Deaf(STATUS))
    async with app.run_test(size=(160, 3)):
        assert "11/12 members live" in shown(app.widget)[0]


async def test_a_line_repaints_when_only_the_colours_of_levels_change() -> None:
    app = Host(StatusLine(STATUS))
    async with app.run_test(size=(160, 3)) as pilot:
        for name, colour in (("one", "#00ff00"), ("other", "#0000ff")):
            app.register_theme(Theme(name, primary="#ffffff", variables={"text-warning": colour}))
        app.theme = "one"
        await pilot.pause()
        shown(app.widget)
        with refreshed(app.widget) as regions:
            app.theme = "other"
            await pilot.pause()
        assert regions
        styles = [segment.style for segment in app.widget.render_line(0)]
        colours = {style.color.name for style in styles if style and style.color}
        assert "#0000ff" in colours
        assert "#00ff00" not in colours


async def test_footer_follows_the_width() -> None:
    app = Host(Footer())
    async with app.run_test(size=(80, 3)) as pilot:
        app.widget.show([Hint("l", "logs"), Hint("d", "describe"), Hint("?", "help")])
        assert app.widget.text == " <l> logs <d> describe <?> help"
        await pilot.resize_terminal(20, 3)
        await pilot.pause()
        assert app.widget.text == " <l> logs <?> help"


def test_members_in_trouble_are_counted_before_they_are_left_out_and_what_still_fits_returns() -> None:
    troubles = tuple(Trouble(f"edge-member-{at}", "unreachable 4m") for at in range(3))
    status = Status(fleet="production", members=6, live=3, troubles=troubles, nodes=10, pods=99, clock="14:02:11")
    text = text_of(status_text(status, 80))
    assert "edge-member-0 unreachable 4m · 2 more" in text
    assert "3/6 members live" in text
    assert "fleet production" in text_of(status_text(status, 60))
