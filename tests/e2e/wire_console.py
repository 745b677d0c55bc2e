"""The whole console in this process on a pseudo-terminal of its own: rows and time come from the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from msgspec import structs
from textual._compositor import LayoutUpdate
from textual.pilot import Pilot

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.kinds.base import HOST, Level, Row
from kurator_tui.kinds.board import BoardRow
from kurator_tui.kinds.estimates import SPARKS, SparkRow
from kurator_tui.kinds.incidents import IncidentRow
from kurator_tui.kinds.overview import ClusterOverview, FleetOverview
from kurator_tui.kinds.pods import PodRow
from kurator_tui.kinds.rollouts import RolloutRow
from kurator_tui.store.freshness import Freshness, State
from tests.ui.driver import Clock, Driver
from tests.ui.estate import NOW, cluster, fleets, pod
from tests.ui.source import FakeSource, live_host
from tests.unit.kinds.test_board import rollout
from tests.unit.wire.apps import Screen, running, until
from tests.unit.wire.terminal import Cell, Terminal

ROWS = 300
EVERYWHERE = "app-000"
"""The application that is on every member; each other one is on one of three."""


def large_estate() -> FakeSource:
    """Hundreds of rows of every kind that a screen shows first, no two alike."""
    source = FakeSource()
    live_host(source)
    for number in range(ROWS):
        source.put(
            cluster(
                f"member-{number:03}", nodes=number % 40, pods=3 * number, reason=f"reason {number * 7919 % 997}"
            ),
            structs.replace(fleets()[number % 2], name=f"fleet-{number:03}", uid=f"f{number}", pods=7 * number),
            pod(f"member-{number:03}", "shop", f"pod-{number * 7919 % 997:03}-你好", node=f"node-{number}"),
        )
    return source


def release(source: FakeSource, *, members: int) -> None:
    """Rollouts of as many applications on one of three members each, and of one on `members`."""
    for number in range(1, ROWS):
        name, level = f"app-{number:03}", Level.PROGRESSING if number % 3 else Level.HEALTHY
        source.put(going(name, f"member-{number % 3:03}", weight=number % 50, level=level))
    for number in range(members):
        source.put(going(EVERYWHERE, f"member-{number:03}", weight=number % 50))


def incidents(source: FakeSource) -> None:
    """As many incidents, no two alike, that are told by the host."""
    for number in range(ROWS):
        name = f"image cannot be pulled: shop/app-{number:03}:v7"
        found = IncidentRow(
            HOST,
            "",
            name,
            f"i{number}",
            NOW - number,
            code="KT1002",
            severity="high",
            state="steady",
            clusters=(f"member-{number:03}",),
            objects=number % 40,
            because="one image",
            message=f"reason {number * 7919 % 997}",
        )
        source.put(found)


def going(application: str, cluster: str, **fields: Any) -> RolloutRow:
    """A canary on its way."""
    return rollout(cluster, application=application, since=NOW - 90.0, reason=f"reason of {cluster}", **fields)


def tell_sparks(source: FakeSource, values: Sequence[float]) -> None:
    """A round of the numbers that sparklines are drawn of, for each member in a fleet or a row of its own."""
    members = {f"member-{number:03}" for number in range(ROWS)}
    for row in source.store.rows("fleets"):
        members.update(row.members if isinstance(row, FleetOverview) else ())
    for name in sorted(members):
        spark = SparkRow(name, "", "cpu", f"{name}/cpu", NOW, tuple(values), 180.0, "ratio")
        source.put(spark)
        source.store.set_freshness(name, SPARKS.id, Freshness(State.LIVE, NOW))


def change(row: Row, turn: int) -> Row:
    """`row` with one cell that differs; of a row that is made of rollouts one of these."""
    if isinstance(row, ClusterOverview | FleetOverview):
        return structs.replace(row, pods=100 + turn % 800)
    if isinstance(row, BoardRow):
        return change(row.members[0], turn)
    if isinstance(row, RolloutRow):
        return structs.replace(row, weight=60 + turn % 30)
    if isinstance(row, IncidentRow):
        return structs.replace(told(row), objects=100 + turn % 800)
    assert isinstance(row, PodRow)
    return structs.replace(row, restarts=100 + turn % 800)


def told(row: IncidentRow) -> IncidentRow:
    """The incident as the feeder tells it, without what the inbox adds."""
    return IncidentRow(**{name: getattr(row, name) for name in IncidentRow.__struct_fields__})


def elsewhere(row: Row) -> Row:
    """`row` with something that no cell shows, or one of the rollouts it is made of."""
    found = row.members[-1] if isinstance(row, BoardRow) else told(row) if isinstance(row, IncidentRow) else row
    return structs.replace(found, created=found.created + 1000.0)


@dataclass
class WireConsole:
    """A running console, the terminal it writes to, and the hand that drives it."""

    app: KuratorApp
    screen: Screen
    source: FakeSource
    driver: Driver

    async def idle(self) -> None:
        """All is handled, painted, and accepted by the terminal."""
        await self.driver.idle()
        await until(lambda: not self._pending, "the terminal to have taken everything")

    @property
    def _pending(self) -> bool:
        frames = self.app._frames
        return bool(frames is None or frames._waiting or frames._outlet.pending or frames._grid.changed())

    async def cost(self) -> int:
        """Bytes accepted by the terminal until now, when all is done."""
        await self.idle()
        return self.app.meter.bytes

    async def bytes_of(self, *keys: str) -> int:
        """Bytes that pressing `keys` costs."""
        before = await self.cost()
        await self.driver.press(*keys)
        return await self.cost() - before

    def shown(self) -> list[list[Cell]]:
        """The cells of the terminal."""
        return self.screen.terminal.cells

    def stock(self) -> list[list[Cell]]:
        """The cells of a new terminal that Textual's own output paints with the same screen."""
        app, width, height = self.app, *self.app.size
        compositor = app.screen._compositor
        due = set(compositor._dirty_regions)
        update = compositor.render_update(full=True, screen_stack=app._background_screens)
        compositor._dirty_regions.update(due)  # rendering took them for painted
        terminal = Terminal(width, height)
        terminal.feed(cast(LayoutUpdate, update).render_segments(app.console))
        return terminal.cells

    async def same(self) -> None:
        """Wait until the terminal shows what a whole repaint would."""
        await self.idle()
        await until(lambda: self.shown() == self.stock(), self._difference())

    def _difference(self) -> str:
        pairs = zip(self.shown(), self.stock(), strict=True)
        found = [(y, mine, theirs) for y, (mine, theirs) in enumerate(pairs) if mine != theirs]
        return "\n".join(
            f"line {y}, column {x}: {one} instead of {other}"
            for y, mine, theirs in found[:3]
            for x, (one, other) in enumerate(zip(mine, theirs, strict=True))
            if one != other
        )


@asynccontextmanager
async def wire_console(
    monkeypatch: pytest.MonkeyPatch,
    *,
    size: tuple[int, int] = (200, 50),
    view: str = "fleets",
    source: FakeSource | None = None,
) -> AsyncIterator[WireConsole]:
    """A console over `source` (without one `large_estate`), idle; its terminal counts as fast on any machine."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    source, clock, screen = source or large_estate(), Clock(), Screen(*size)
    app = KuratorApp(source, Settings(), clock=clock, view=view)
    app.meter.clock = lambda: 0.0
    async with running(app, screen, monkeypatch, shows="filter"):
        made = WireConsole(app, screen, source, Driver(app, source, Pilot(app), clock))
        with app._context():
            await made.idle()
            yield made
