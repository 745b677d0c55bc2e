"""Command bar and filter bar: what keys do while typing, and what is posted."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import App, ComposeResult

from kurator_tui.widgets.command_bar import CommandBar
from kurator_tui.widgets.filter_bar import FilterBar
from kurator_tui.widgets.table import LiveTable

COMMANDS = ("clusters", "clusters prod", "fleets")


class Prompts(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.table = LiveTable()
        self.command = CommandBar(lambda text: [name for name in COMMANDS if name.startswith(text)])
        self.filter = FilterBar()
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.table
        yield self.command
        yield self.filter

    def on_mount(self) -> None:
        self.table.focus()

    async def on_key(self, event: events.Key) -> None:
        bars: Sequence[CommandBar | FilterBar] = (self.command, self.filter)
        for bar in bars:
            if bar.is_open:
                message = await bar.take(event)
                if message is not None:
                    text = getattr(message, "text", "")
                    self.heard.append(f"{type(message).__name__.casefold()} {text}".strip())


async def test_a_command_is_submitted_and_the_focus_goes_back() -> None:
    app = Prompts()
    async with app.run_test(size=(80, 10)) as pilot:
        assert not app.command.display
        app.command.open()
        await pilot.press("f", "l", "enter")
        await pilot.pause()
        assert app.heard == ["submitted fl"]
        assert not app.command.is_open
        assert app.table.has_focus


async def test_tab_cycles_and_right_takes_the_suggestion() -> None:
    app = Prompts()
    async with app.run_test(size=(80, 10)) as pilot:
        app.command.open()
        await pilot.press("c", "l", "tab")
        assert app.command.value == "clusters"
        await pilot.press("tab")
        assert app.command.value == "clusters prod"
        await pilot.press("tab")
        assert app.command.value == "clusters"
        await pilot.press("shift+tab")
        assert app.command.value == "clusters prod"
        app.command.open()
        await pilot.press("f")
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("right")
        assert app.command.value == "fleets"


async def test_history_goes_up_and_back_to_what_was_typed() -> None:
    app = Prompts()
    async with app.run_test(size=(80, 10)) as pilot:
        for command in ("one", "two"):
            app.command.open()
            await pilot.press(*command, "enter")
        app.command.open()
        await pilot.press("x", "up")
        assert app.command.value == "two"
        await pilot.press("up", "up")
        assert app.command.value == "one"
        await pilot.press("down", "down")
        assert app.command.value == "x"


async def test_escape_cancels_and_so_does_an_empty_command() -> None:
    app = Prompts()
    async with app.run_test(size=(80, 10)) as pilot:
        app.command.open("half")
        await pilot.press("escape")
        app.command.open()
        await pilot.press("enter")
        await pilot.pause()
        assert app.heard == ["cancelled", "cancelled"]


async def test_the_filter_is_told_at_each_change_and_kept_visible() -> None:
    app = Prompts()
    async with app.run_test(size=(80, 10)) as pilot:
        app.filter.open()
        await pilot.press("a", "b", "backspace", "enter")
        await pilot.pause()
        assert app.heard == ["changed a", "changed ab", "changed a", "kept a"]
        assert app.filter.is_open
        assert app.table.has_focus
        app.filter.open()
        assert app.filter.value == "a"
        await pilot.press("escape")
        await pilot.pause()
        assert app.heard[-1] == "cleared"
        assert not app.filter.is_open
        assert app.filter.value == ""


async def test_a_filter_error_stands_at_the_right() -> None:
    app = Prompts()
    async with app.run_test(size=(80, 10)) as pilot:
        app.filter.open("/(")
        app.filter.show_error("not a regular expression")
        await pilot.pause()
        note = app.filter.children[-1]
        assert "not a regular expression" in note.render_line(0).text
        app.filter.show_count("3 of 9")
        await pilot.pause()
        assert "3 of 9" in note.render_line(0).text
