"""A driver for tests: press actions by their id, read what is displayed, wait honestly.

`idle` waits until every message that was sent is handled and no task of the console runs any more: no sleeps.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from kurator_tui.app import KuratorApp
from kurator_tui.config.actions import ACTIONS
from kurator_tui.config.settings import Settings
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

    # -- doing ------------------------------------------------------------------------------------------------

    async def press(self, *what: str) -> None:
        """Press each action (by id: its first key) or key, and wait until all is done."""
        for one in what:
            keys = self.app.frame.keys.keymap.keys(one)
            await self.pilot.press(keys[0] if one in ACTIONS else one)
        await self.idle()

    async def type(self, text: str) -> None:
        """Type `text`, character by character."""
        for char in text:
            await self.pilot.press(char)
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
        await self.pilot.resize_terminal(width, height)
        await self.idle()

    async def later(self, seconds: float) -> None:
        """The clock goes on and the console ticks once."""
        self.clock.now += seconds
        self.app.frame._tick()
        self.app.frame.current.table.tick()
        await self.idle()

    async def idle(self) -> None:
        """Wait until all messages are handled: twice in a row nothing more was sent."""
        quiet = 0
        while quiet < 2:
            await self.pilot.pause()
            pumps = [self.app, self.app.screen, *self.app.screen.walk_children()]
            quiet = 0 if any(not pump._message_queue.empty() for pump in pumps) else quiet + 1

    # -- seeing -----------------------------------------------------------------------------------------------

    def screen(self) -> str:
        """Every cell of the terminal as text."""
        return screen_text(self.app)

    def table(self) -> list[dict[str, str]]:
        """The rows displayed, column title -> text, read back from the cells of the screen."""
        table = self.app.frame.current.table
        region = table.region
        lines = self.screen().splitlines()[region.y : region.bottom]
        lines = [line.ljust(region.right)[region.x : region.right] for line in lines]
        gutter = 0 if table._text is None else table._text.gutter
        rows = []
        for line in lines[1:]:
            cells = {p.column.title: line[gutter + p.x : gutter + p.x + p.width].strip() for p in table._placed}
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
        """Everything the open details say, in sight or not; empty while they are closed."""
        current = self.app.frame.current
        if not current.details_open:
            return ""
        return "\n".join(pane.text for pane in current.panes() if isinstance(pane, LinesView))

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
) -> AsyncIterator[Driver]:
    """A console on `source`, idle."""
    clock = Clock()
    app = KuratorApp(source, settings or Settings(), clock=clock, view=view, problems=problems)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, source, pilot, clock)
        await driver.idle()
        yield driver
