"""What a key changed is painted in the turn of the loop that handled it; keys keep their order."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.containers import Container
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kurator_tui.screens.prompt_screen import PromptScreen
from kurator_tui.widgets.covered import CoveredContainer
from kurator_tui.widgets.table import LiveTable


class Seen(Widget):
    """Counts how often it is painted."""

    painted = 0

    def render_line(self, y: int) -> Strip:
        self.painted += y == 0
        return Strip.blank(self.size.width)


class Slow(CoveredContainer):
    """Is busy with `Work` until it may go on."""

    class Work(Message):
        pass

    def __init__(self, *children: Widget) -> None:
        super().__init__(*children)
        self.go_on = asyncio.Event()

    async def on_slow_work(self) -> None:
        await self.go_on.wait()


class Keyed(PromptScreen):
    def compose(self) -> ComposeResult:
        yield Seen()
        with Slow():
            yield LiveTable()

    def on_mount(self) -> None:
        self.keys: list[str] = []

    def on_key(self, event: events.Key) -> None:
        self.keys.append(event.key)
        self.query_one(Seen).refresh()


class KeyedApp(App[None]):
    CSS = "Seen { height: 1; }"

    def get_default_screen(self) -> Keyed:
        return Keyed()


@pytest.fixture
def app() -> KeyedApp:
    return KeyedApp()


async def test_what_a_key_changed_is_painted_before_anything_else_is_done(app: KeyedApp) -> None:
    async with app.run_test() as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, Keyed)
        seen = screen.query_one(Seen)
        before = seen.painted
        handling = screen.on_event(events.Key("j", "j"))
        with pytest.raises(StopIteration):
            handling.send(None)  # to the end, without a turn of the loop
        assert screen.keys == ["j"]
        assert seen.painted == before + 1


async def test_what_changes_the_layout_is_left_to_one_whole_frame(app: KeyedApp) -> None:
    async with app.run_test() as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, Keyed)
        seen = screen.query_one(Seen)
        before = seen.painted
        screen.query_one(Slow).display = False
        with pytest.raises(StopIteration):
            screen.on_event(events.Key("j", "j")).send(None)
        assert seen.painted == before
        assert seen not in screen._dirty_widgets  # else it would be painted before the others
        await pilot.pause()
        assert seen.painted > before


async def test_one_frame_shows_what_several_keys_did(app: KeyedApp) -> None:
    async with app.run_test() as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, Keyed)
        seen = screen.query_one(Seen)
        before = seen.painted
        screen.post_message(events.Key("k", "k"))
        with pytest.raises(StopIteration):
            screen.on_event(events.Key("j", "j")).send(None)
        assert seen.painted == before
        await pilot.pause()
        assert screen.keys == ["j", "k"]
        assert seen.painted > before


async def test_a_key_goes_from_the_table_to_the_screen_at_once(app: KeyedApp) -> None:
    async with app.run_test() as pilot:
        await pilot.pause()
        table = app.screen.query_one(LiveTable)
        table._forward_event(events.Key("j", "j"))
        waiting: list[Message | None] = list(app.screen._message_queue.values)
        assert [type(message) for message in waiting] == [events.Key]


async def test_a_key_waits_behind_what_widgets_above_the_table_are_busy_with(app: KeyedApp) -> None:
    async with app.run_test() as pilot:
        await pilot.pause()
        screen, slow = app.screen, app.screen.query_one(Slow)
        assert isinstance(screen, Keyed)
        slow.post_message(Slow.Work())
        screen.query_one(LiveTable)._forward_event(events.Key("j", "j"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert screen.keys == []
        slow.go_on.set()
        await pilot.pause()
        assert screen.keys == ["j"]


async def test_a_covered_container_looks_like_any_container() -> None:
    class Both(App[None]):
        CSS = "Container { height: 1fr; background: red 50%; }"

        def compose(self) -> ComposeResult:
            yield Container(id="any")
            yield CoveredContainer(id="covered")

    app = Both()
    async with app.run_test():
        region = Region(0, 0, 20, 3)
        plain = app.query_one("#any").render_lines(region)
        covered = app.query_one("#covered").render_lines(region)
        assert [strip.text for strip in covered] == [strip.text for strip in plain]
        colors = [
            {segment.style and segment.style.bgcolor for strip in strips for segment in strip}
            for strips in (plain, covered)
        ]
        assert colors[0] == colors[1]
        assert covered[0] is covered[2]
