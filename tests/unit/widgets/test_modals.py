"""Help, picker and dialogs, driven by keys."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.widgets import Static

from kurator_tui.kinds.base import Level
from kurator_tui.widgets.dialog import ConfirmDialog, MessageDialog, toast
from kurator_tui.widgets.help_panel import HelpEntry, HelpPanel
from kurator_tui.widgets.picker import Choice, Picker
from tests.unit.widgets.support import type_at_once

CLUSTERS = [
    Choice("ai-cloud", "live", Level.HEALTHY),
    Choice("edge-east", "stale 4m", Level.STALE),
    Choice("on-prem"),
]


def statics(app: App[None]) -> str:
    return "\n".join(str(static.content) for static in app.screen.query(Static))


async def test_help_lists_keys_and_why_one_is_off() -> None:
    app: App[None] = App()
    async with app.run_test(size=(80, 24)) as pilot:
        entries = [
            HelpEntry("d", "describe", "Object"),
            HelpEntry("e", "edit", "Object", False, "console is read-only"),
        ]
        panel = HelpPanel("Clusters [b]", entries)
        await app.push_screen(panel)
        await pilot.pause()
        assert "d  describe" in panel.lines.text
        assert "off: console is read-only" in panel.lines.text
        assert "Clusters [b]" in statics(app)
        await pilot.press("j", "G", "g", "pagedown", "pageup", "k")
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is not panel


async def test_long_help_scrolls() -> None:
    app: App[None] = App()
    async with app.run_test(size=(40, 12)) as pilot:
        panel = HelpPanel("Help", [HelpEntry(str(n), f"action {n}") for n in range(50)])
        await app.push_screen(panel)
        await pilot.pause()
        await pilot.press("G")
        await pilot.pause()
        assert panel.lines.scroll_offset.y > 30


async def picked(
    *keys: str, before: tuple[str, ...] = (), size: tuple[int, int] = (80, 20)
) -> frozenset[str] | None:
    """What the picker answers after `keys`."""
    app: App[None] = App()
    answers: list[frozenset[str] | None] = []
    async with app.run_test(size=size) as pilot:
        await app.push_screen(Picker("Clusters", CLUSTERS, before), answers.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    (answer,) = answers
    return answer


async def test_space_picks_and_enter_applies() -> None:
    assert await picked("down", "space", "space", "enter") == frozenset({"ai-cloud", "edge-east"})


async def test_enter_on_all_means_all_and_on_a_line_that_line() -> None:
    assert await picked("enter") == frozenset()
    assert await picked("down", "down", "enter") == frozenset({"edge-east"})


async def test_typing_filters_even_with_letters_that_are_commands_elsewhere() -> None:
    assert await picked("a", "i", "enter") == frozenset({"ai-cloud"})
    assert await picked("z", "z", "enter") == frozenset()


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([*"east", "enter"], {"edge-east"}),
        ([*"o", "down", "enter"], {"on-prem"}),
        ([*"east", "space", *["backspace"] * 4, *"ai", "space", "enter"], {"edge-east", "ai-cloud"}),
    ],
    ids=["enter", "move", "pick"],
)
async def test_what_is_typed_in_one_burst_filters_before_a_key_acts(keys: list[str], expected: set[str]) -> None:
    app: App[None] = App()
    answers: list[frozenset[str] | None] = []
    async with app.run_test() as pilot:
        await app.push_screen(Picker("Clusters", CLUSTERS), answers.append)
        await pilot.pause()
        await type_at_once(pilot, *keys)
    assert answers == [frozenset(expected)]


async def test_earlier_picks_are_kept_or_cleared() -> None:
    assert await picked("enter", before=("on-prem",)) == frozenset({"on-prem"})
    assert await picked("ctrl+a", "enter", before=("on-prem",)) == frozenset()
    assert await picked("space", "up", "enter", before=("on-prem",)) == frozenset()


async def test_escape_changes_nothing() -> None:
    assert await picked("space", "escape") is None
    assert await picked("escape", size=(20, 5)) is None


async def test_the_list_shows_picks_cursor_and_state() -> None:
    app: App[None] = App()
    async with app.run_test(size=(80, 20)) as pilot:
        picker = Picker("Clusters", CLUSTERS, ["edge-east"], everything="all clusters")
        await app.push_screen(picker)
        await pilot.pause()
        lines = picker.choices.text.splitlines()
        assert lines[0] == "▸ [ ] all clusters"
        assert lines[2] == "  [x] edge-east  … stale 4m"


async def test_messages_are_plain_text() -> None:
    app: App[None] = App()
    async with app.run_test(size=(60, 20)) as pilot:
        await app.push_screen(MessageDialog("Cannot [read]", "\x1b[31mline one\nline two", "Try [b]again[/b]"))
        await pilot.pause()
        text = statics(app)
        assert "Cannot [read]" in text
        assert "␛[31mline one\nline two" in text
        assert "Try [b]again[/b]" in text
        await pilot.press("enter")
        assert not isinstance(app.screen, MessageDialog)


async def test_only_y_confirms() -> None:
    app: App[None] = App()
    answers: list[bool | None] = []
    async with app.run_test(size=(60, 20)) as pilot:
        for key in ("y", "n", "escape"):
            await app.push_screen(ConfirmDialog("Quit?", "Really"), answers.append)
            await pilot.press("enter", key)
            await pilot.pause()
    assert answers == [True, False, False]


async def test_toasts_hold_no_markup() -> None:
    app: App[None] = App()
    async with app.run_test(size=(60, 20)) as pilot:
        toast(app, "Saved", "[@click=quit]x[/]", severity="warning")
        await pilot.pause()
        (first,) = app._notifications
        assert (first.title, first.message, first.markup) == ("Saved", "[@click=quit]x[/]", False)


async def test_a_toast_takes_the_place_of_the_one_before() -> None:
    app: App[None] = App()
    async with app.run_test(size=(60, 20)) as pilot:
        toast(app, "Saved")
        await pilot.pause()
        toast(app, "Done")
        await pilot.pause()
        (only,) = app._notifications
        assert only.message == "Done"
