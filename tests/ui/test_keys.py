"""Keys: movement with counts, history, sorting, bars, and that an unknown key does nothing."""

from __future__ import annotations

import pytest

from kurator_tui.config.actions import ACTIONS, VIEWS
from kurator_tui.config.keymap import preset
from kurator_tui.config.planned import PLANNED
from kurator_tui.config.settings import Settings
from kurator_tui.screens.frame_actions import Frame
from kurator_tui.screens.registry import screen_class
from tests.ui.driver import console
from tests.ui.estate import cluster, estate
from tests.ui.source import FakeSource, live_host


def crowd(number: int = 100) -> FakeSource:
    """Very many clusters: `c000` …"""
    source = FakeSource()
    live_host(source)
    source.put(*(cluster(f"c{at:03}") for at in range(number)))
    return source


@pytest.mark.parametrize("view", VIEWS)
def test_every_action_of_a_view_has_a_method(view: str) -> None:
    for action in ACTIONS.values():
        if action.in_view(view) and action.does != "count" and action.off.__name__ != "_not_built":
            assert hasattr(screen_class(view), action.method) or hasattr(Frame, action.method), action.id


@pytest.mark.parametrize(
    ("pressed", "selected"),
    [
        (["j"], "c001"),
        (["down", "down", "k"], "c001"),
        (["2", "j"], "c002"),
        (["2", "2", "j"], "c022"),
        (["2", "0", "j"], "c020"),
        (["alt+1", "alt+2", "j"], "c012"),
        (["alt+9", "j", "alt+4", "k"], "c005"),
        (["G"], "c099"),
        (["G", "g"], "c000"),
        (["end", "home"], "c000"),
        (["alt+9", "g"], "c008"),
        (["2", "2", "2", "2", "2", "j"], "c099"),
        (["2", "escape", "j"], "c001"),
    ],
)
async def test_movement_and_counts(pressed: list[str], selected: str) -> None:
    async with console(crowd(), view="clusters", size=(100, 24)) as drive:
        await drive.press(*pressed)
        assert drive.selected() == selected


async def test_pages_move_by_what_is_seen() -> None:
    async with console(crowd(), view="clusters", size=(100, 24)) as drive:
        page = len(drive.names())
        await drive.press("page.down")
        assert drive.selected() == f"c{page:03}"
        await drive.press("page.up", "half.down")
        assert drive.selected() == f"c{page // 2:03}"
        await drive.press("half.up")
        assert drive.selected() == "c000"


async def test_the_digit_of_the_open_screen_counts_and_says_so() -> None:
    async with console(crowd(), view="clusters") as drive:
        await drive.press("2")
        assert drive.view() == "clusters"
        assert "or a count: 2j" in drive.footer() or "times the next move: 2j" in drive.footer()
        await drive.press("j")
        assert "2j" not in drive.footer()


async def test_a_digit_of_another_screen_opens_it_even_after_a_count() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("2", "1")
        assert drive.view() == "fleets"


async def test_a_planned_key_says_once_that_it_is_not_built() -> None:
    async with console(estate()) as drive:
        await drive.press("C", "C")
        assert drive.toasts() == ["Copy as: not built yet"]
        await drive.press("ctrl+p", "C")
        assert drive.toasts() == ["Go to anything: not built yet"], (
            "the newer one takes its place, the older is not said again"
        )


async def test_planned_keys_are_nobodys_yet() -> None:
    keymap = preset("default")
    assert [key for key in PLANNED for view in VIEWS if keymap.action(view, key)] == []


async def test_unknown_keys_do_nothing() -> None:
    async with console(estate()) as drive:
        before = drive.screen()
        await drive.press("f9", "ctrl+y", "X", "ctrl+q", "shift+tab", "insert")
        assert drive.screen() == before
        assert drive.app.is_running


async def test_history_goes_back_forth_and_to_the_last_view() -> None:
    async with console(estate()) as drive:
        await drive.press("screen.clusters")
        await drive.press("history.back")
        assert drive.view() == "fleets"
        await drive.press("history.forward")
        assert drive.view() == "clusters"
        await drive.press("history.last")
        assert drive.view() == "fleets"
        await drive.press("history.last")
        assert drive.view() == "clusters"


async def test_an_action_that_is_off_says_why() -> None:
    async with console(estate()) as drive:
        await drive.press("history.forward")
        assert drive.toasts() == ["History forward: no later view"]


async def test_escape_clears_the_nearest_thing_first() -> None:
    async with console(estate()) as drive:
        await drive.press("screen.clusters", "faults")
        await drive.filter("edge")
        await drive.press("open")
        assert drive.detail()
        await drive.press("back")
        assert not drive.detail()
        assert drive.names() == ["edge-cold-chain", "edge-east"]
        await drive.press("back")
        assert drive.names() == ["ai-cloud", "edge-cold-chain", "edge-east", "on-prem"][1:]
        await drive.press("back")
        assert len(drive.names()) == 7
        await drive.press("back")
        assert drive.view() == "fleets"
        await drive.press("back")
        assert drive.view() == "fleets"
        assert drive.toasts() == []


async def test_sorting_by_status_shows_the_worst_first_and_turns_round() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("sort.status")
        assert drive.names()[0] == "edge-cold-chain"
        await drive.press("sort.status")
        assert drive.names()[-1] == "edge-cold-chain"
        await drive.press("sort.name")
        assert drive.names()[0] == "ai-cloud"
        await drive.press("sort.name")
        assert drive.names()[0] == "prod-cloud"


async def test_a_column_is_chosen_and_sorted_by() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("sort.right")
        assert "column HEALTH" in drive.title()
        for _ in range(10):
            await drive.press("sort.right")
        assert "column NODES" in drive.title()
        await drive.press("sort.left", "sort.right", "sort.column", "sort.column")
        assert drive.names()[-1] == "edge-cold-chain"
        assert drive.names()[0] == "prod-cloud"


async def test_wide_shows_all_columns() -> None:
    async with console(estate(), view="clusters", size=(80, 24)) as drive:
        assert "STATE" not in drive.table()[0]
        await drive.press("wide")
        assert "STATE" in drive.table()[0]
        await drive.press("alt+3", "l")
        assert "STATE" not in drive.table()[0]


async def test_copy_puts_the_name_on_the_clipboard() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("move.down", "copy")
        assert drive.app.clipboard == "edge-cold-chain"


async def test_resync_reaches_the_source() -> None:
    source = estate()
    async with console(source) as drive:
        await drive.press("resync")
        assert source.resyncs == [""]


async def test_tab_goes_round_table_and_details() -> None:
    async with console(estate(), size=(200, 50)) as drive:
        await drive.press("focus.next")
        assert "the details are closed" in drive.toasts()[0]
        await drive.press("open")
        names = [type(drive.app.focused).__name__]
        for _ in range(3):
            await drive.press("focus.next")
            names.append(type(drive.app.focused).__name__)
        assert names == ["Grid", "DetailPane", "LiveTable", "Grid"]


async def test_movement_scrolls_the_details_while_they_have_the_focus() -> None:
    async with console(estate(), view="clusters", size=(80, 24)) as drive:
        await drive.press("open")
        before = drive.screen()
        await drive.press("2", "j", "2", "j", "2", "j")
        assert drive.selected() == "ai-cloud"
        assert drive.screen() != before
        await drive.press("g")
        assert drive.screen() == before


async def test_k9s_keys_work_with_that_preset() -> None:
    async with console(estate(), Settings(keys="k9s"), view="clusters") as drive:
        await drive.press("ctrl+w")
        assert "wide" in drive.title()


async def test_settings_start_wide_with_faults_only_on_another_screen() -> None:
    settings = Settings(wide=True, faults_only=True, start="clusters")
    async with console(estate(), settings) as drive:
        assert drive.view() == "clusters"
        assert "host" not in drive.names()
        assert "faults only" in drive.title()
        assert "wide" in drive.title()
