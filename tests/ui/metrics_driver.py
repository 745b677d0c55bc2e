"""What a test sees and does of the metrics screens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from kurator_tui.config.settings import Settings
from kurator_tui.screens.metrics import MetricsScreen
from kurator_tui.screens.metrics_keys import ChartsScreen
from kurator_tui.screens.metrics_title import ChartsTitleLine, NoticeLine
from tests.ui.driver import Driver, console
from tests.ui.metrics_source import MetricsSource, measured


@dataclass
class Charts:
    """What a test sees and does of a page of charts."""

    drive: Driver
    source: MetricsSource

    @property
    def screen(self) -> ChartsScreen:
        assert isinstance(self.drive.app.screen, ChartsScreen)
        return self.drive.app.screen

    async def press(self, *what: str) -> None:
        await self.drive.press(*what)
        await self.settle()

    async def settle(self) -> None:
        """Draw what was answered."""
        await self.drive.idle()
        if isinstance(self.drive.app.screen, ChartsScreen):
            self.screen.draw()
        await self.drive.idle()

    async def later(self, seconds: float) -> None:
        """The clock goes on, and the page ticks once."""
        self.drive.clock.now += seconds
        self.screen.tick()
        await self.settle()

    @property
    def title(self) -> str:
        return self.screen.query_one(ChartsTitleLine).text

    @property
    def notice(self) -> str:
        return self.screen.query_one(NoticeLine).text

    @property
    def chosen(self) -> str:
        current = self.screen.current
        return current.id if current is not None else ""

    def asked(self) -> set[str]:
        """Panels that are read."""
        return {query.panel for query in self.source.asked()}


@asynccontextmanager
async def charts(word: str = "cluster", size: tuple[int, int] = (200, 50), **more: Any) -> AsyncIterator[Charts]:
    source: MetricsSource = more.pop("source", None) or measured()
    async with console(source, Settings(**more), view="clusters", size=size) as drive:
        source.clock = drive.clock
        await drive.command(f"metrics {word}")
        page = Charts(drive, source)
        await page.settle()
        yield page


@asynccontextmanager
async def overview(
    source: MetricsSource | None = None, size: tuple[int, int] = (200, 50)
) -> AsyncIterator[Driver]:
    source = source or measured()
    async with console(source, view="clusters", size=size) as drive:
        source.clock = drive.clock
        await drive.press("5")
        await shown(drive)
        yield drive


async def shown(drive: Driver) -> None:
    """What was answered is in the table."""
    await drive.idle()
    screen = drive.app.frame.current
    assert isinstance(screen, MetricsScreen)
    screen.show_rows()
    await drive.idle()
