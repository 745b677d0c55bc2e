"""A driver for tests: press actions by their id, read what is displayed, wait honestly.

`idle` waits until every message that was sent is handled and no task of the console runs any more: no sleeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.pilot import Pilot

from kurator_tui.app import KuratorApp
from kurator_tui.config.actions import ACTIONS
from kurator_tui.config.keymap import key_name
from kurator_tui.config.settings import Settings
from kurator_tui.link.history import History
from kurator_tui.screens import plan
from kurator_tui.screens.export import screen_text
from kurator_tui.screens.title import TitleLine
from kurator_tui.widgets.footer import Footer
from kurator_tui.widgets.lines_view import LinesView
from kurator_tui.widgets.status_line import StatusLine
from kurator_tui.widgets.tab_line import TabLine
from tests.ui.estate import NOW
from tests.ui.source import FakeSource


class Clock:
    """Time that only a test moves; Unix seconds."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Driver:
    """What a test sees and does of one running console."""

    def __init__(self, app: KuratorApp, source: FakeSource, pilot: Pilot[int], clock: Clock) -> None:
        self.app, self.source, self.pilot, self.clock = app, source, pilot, clock
        app.frame.status_pause = plan.REACTION = 0.0  # no test waits for time

    # -- doing ------------------------------------------------------------------------------------------------

    async def press(self, *what: str) -> None:
        """Press each action (by id: its first key) or key, and wait until all is done."""
        for one in what:
            await self._key(self.app.frame.keys.keymap.keys(one)[0] if one in ACTIONS else one)

    async def type(self, text: str) -> None:
        """Type `text`, as fast as a terminal brings it, and wait until all is done."""
        for char in text:
            self.app.post_message(events.Key(char if char.isalnum() else key_name(char), char))
        await self.idle()

    async def _key(self, key: str, character: str | None = None) -> None:
        self.app.post_message(events.Key(key, character or (key if len(key) == 1 else None)))
        await self.idle()

    async def burst(self, text: str) -> None:
        """All keys of `text` at once, as a paste or a slow line brings them."""
        for char in text:
            named = {"\r": "enter", "\b": "backspace", "\t": "tab", "\x1b": "escape"}.get(char)
            key = named or (char if char.isalnum() else key_name(char))
            self.app.post_message(events.Key(key, char))
        await self.idle()

    async def paste(self, text: str) -> None:
        """A bracketed paste."""
        self.app.post_message(events.Paste(text))
        await self.idle()

    async def command(self, text: str) -> None:
        """Enter `text` in the command bar."""
        await self.press("command")
        await self.type(text)
        await self.press("enter")

    async def filter(self, text: str) -> None:
        """Enter `text` in the filter bar and keep it."""
        await self.press("filter")
        await self.type(text)
        await self.press("enter")

    async def resize(self, width: int, height: int) -> None:
        """The terminal has another size now."""
        self.resize_now(width, height)
        await self.idle()

    def resize_now(self, width: int, height: int) -> None:
        """As `resize`, without waiting."""
        size = Size(width, height)
        assert isinstance(self.app._driver, HeadlessDriver)
        self.app._driver._size = size
        self.app.post_message(events.Resize(size, size))

    async def later(self, seconds: float) -> None:
        """The clock goes on and the console ticks once."""
        self.clock.now += seconds
        self.app.frame._tick()
        self.app.frame.current.table.tick()
        await self.idle()

    async def idle(self) -> None:
        """Wait until nothing is queued, no repaint or resize is due, no worker runs: three rounds in a row."""
        quiet = 0
        while quiet < 3 and self.app.is_running and self.app._exit is False:
            if self._busy():  # asking every widget is dear
                await asyncio.sleep(0)
            else:
                await self.pilot._wait_for_screen()
            self.app.screen._on_timer_update()
            quiet = 0 if self._busy() else quiet + 1

    def _busy(self) -> bool:
        screen = self.app.screen
        pumps = [self.app, *self.app.screen_stack, *screen.walk_children()]
        queued = any(not pump._message_queue.empty() for pump in pumps)
        due = screen._layout_required or bool(screen._callbacks) or self.app._resize_timer is not None
        shown = not all(screen.settled for screen in self.app.frame.screens.values() if screen.display)
        return queued or due or shown or any(self.app.workers)

    # -- seeing -----------------------------------------------------------------------------------------------

    def screen(self) -> str:
        """Every cell of the terminal as text."""
        return screen_text(self.app)

    def table(self) -> list[dict[str, str]]:
        """The rows displayed, column title -> text, read back from the cells drawn."""
        table = self.app.frame.current.table
        if table.view is None or not len(table.view):
            return []
        lines = [table.render_line(y) for y in range(1, table.size.height)]
        gutter = 0 if table._text is None else table._text.gutter
        rows = []
        for line in lines:
            cells = {
                p.column.title: line.crop(gutter + p.x, gutter + p.x + p.width).text.strip() for p in table._placed
            }
            if any(cells.values()):
                rows.append(cells)
        return rows

    def names(self) -> list[str]:
        """The NAME cells displayed, top to bottom."""
        return [row["NAME"] for row in self.table()]

    def selected(self) -> str:
        """Name of the row under the cursor."""
        row = self.app.frame.current.table.cursor_row
        return row.name if row is not None else ""

    def view(self) -> str:
        """Id of the open screen."""
        return self.app.frame.view

    def status(self) -> str:
        return self.app.frame.query_one(StatusLine).text

    def tabs(self) -> str:
        return self.app.frame.query_one(TabLine).text

    def title(self) -> str:
        return self.app.frame.current.query_one(TitleLine).text

    def footer(self) -> str:
        return self.app.frame.query_one(Footer).text

    def detail(self) -> str:
        """All the open details say, in sight or not, white space collapsed; empty while they are closed."""
        current = self.app.frame.current
        if not current.details_open:
            return ""
        text = "\n".join(pane.text for pane in current.panes() if isinstance(pane, LinesView))
        return " ".join(text.split())

    def dialog(self) -> str:
        """The name of the screen above the frame, "" when there is none."""
        return "" if self.app.screen is self.app.frame else type(self.app.screen).__name__

    def toasts(self) -> list[str]:
        """Messages of the toasts shown so far."""
        return [notification.message for notification in self.app._notifications]


@asynccontextmanager
async def console(
    source: FakeSource,
    settings: Settings | None = None,
    *,
    size: tuple[int, int] = (120, 40),
    view: str = "",
    problems: tuple[str, ...] = (),
    history: History | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Driver]:
    """A console on `source`, idle."""
    clock = clock or Clock()
    app = KuratorApp(source, settings or Settings(), clock=clock, view=view, problems=problems, history=history)
    async with app.run_test(size=size, notifications=True) as pilot:
        app.frame.ticks.pause()  # a slow machine has no more seconds than a fast one: see `later`
        driver = Driver(app, source, pilot, clock)
        await driver.idle()
        yield driver
