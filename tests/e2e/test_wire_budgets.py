"""What reaches a terminal of 200x50 stays within its budget, on every screen there is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kurator_tui.config.actions import COST, VIEWS
from kurator_tui.config.rollout_actions import ROLLOUT, ROLLOUTS
from kurator_tui.config.triage_actions import TRIAGE
from kurator_tui.config.verb_actions import AUDIT
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.rollouts import Gate, Verdict
from tests.e2e.wire_console import (
    EVERYWHERE,
    ROWS,
    WireConsole,
    change,
    elsewhere,
    going,
    incidents,
    release,
    tell_sparks,
    wire_console,
)
from tests.ui import metrics_source
from tests.ui.estate import cluster
from tests.ui.metrics_driver import shown
from tests.ui.metrics_source import measured
from tests.ui.plan_source import ENTRIES, carts

CELL, LINE, PAGE, TICK = 120, 1000, 8000, 100
MINUTE = 6000
RELEASE = 500
"""Bytes a second while a release runs: a tenth of a line of 40 kbit/s."""
Patch = pytest.MonkeyPatch
pytestmark = pytest.mark.alone


async def show(console: WireConsole, view: str) -> None:
    """Open `view` as a user does. A board has a column a member, the rollout that is opened a row a member."""
    if view in (ROLLOUTS, ROLLOUT):
        release(console.source, members=ROWS if view == ROLLOUT else 8)
    if view == TRIAGE:
        incidents(console.source)
    await console.driver.command(ROLLOUTS if view == ROLLOUT else view)
    if view == ROLLOUT:
        await console.driver.filter(f"name:{EVERYWHERE}")
        await console.driver.press("open")
        assert console.app.frame.current.context.view == ROLLOUT


ASKED = ("metrics", AUDIT)
"""Views whose rows are answers, not rows of the store."""


@pytest.mark.parametrize("view", [view for view in VIEWS if view not in ASKED])
async def test_the_budgets_of_a_view(view: str, monkeypatch: Patch) -> None:
    async with wire_console(monkeypatch) as console:
        await show(console, view)
        table = console.app.frame.current.table
        assert table.view is not None
        assert len(table.view) > 100, "a screen with too few rows scrolls nothing: give it some in large_estate"
        await console.driver.press("move.top")

        if view != COST:  # which shows what itself sends
            before = await console.cost()
            assert await console.cost() == before, "nothing happens, nothing is sent"

        costs = []
        for turn in range(3):
            shown = table.view.row(5)
            before = await console.cost()
            console.source.put(change(shown, turn))
            costs.append(await console.cost() - before)
        if view == COST:
            assert min(costs) <= CELL
        else:
            # a rollout's weight is drawn three times where it is opened: number, bar, what is left
            assert 0 < min(costs) <= max(costs) <= (2 * CELL if view == ROLLOUT else CELL)
            before = await console.cost()
            last = table.view.row(len(table.view) - 1)
            console.source.put(elsewhere(last))
            assert await console.cost() == before, "a row out of sight costs nothing"

        await scrolls(console, line=2 * LINE if view == ROLLOUT else LINE)  # there with the story of the next one


async def scrolls(console: WireConsole, *, line: int = LINE, page: int = PAGE) -> None:
    """Scrolling costs what came into sight."""
    height = console.app.frame.current.table.size.height
    await console.driver.press(*["move.down"] * (height - 2))
    lines = [await console.bytes_of("move.down") for _ in range(3)]
    assert 0 < max(lines) <= line, "one line scrolled"
    pages = [await console.bytes_of("page.down") for _ in range(3)]
    assert 0 < max(pages) <= page
    await console.same()


async def test_scrolling_the_metrics_of_many_members(monkeypatch: Patch) -> None:
    names = [f"member-{number:03}" for number in range(ROWS)]
    monkeypatch.setattr(metrics_source, "members", lambda: names)
    source = measured()
    source.put(*(cluster(name) for name in names))
    async with wire_console(monkeypatch, source=source) as console:
        source.clock = console.driver.clock
        await console.driver.press("5")
        await shown(console.driver)
        before = await console.cost()
        assert await console.cost() == before, "nothing happens, nothing is sent"
        await scrolls(console, page=2 * PAGE)  # half of it are curves: three bytes a cell, no two alike


async def test_scrolling_the_audit(monkeypatch: Patch) -> None:
    source = carts()
    source.audited = [{**entry, "plan": f"{number:03}"} for number in range(ROWS) for entry in ENTRIES]
    async with wire_console(monkeypatch, source=source) as console:
        await console.driver.command(AUDIT)
        before = await console.cost()
        assert await console.cost() == before, "nothing happens, nothing is sent"
        await scrolls(console)


async def test_a_rollout_on_a_board_of_hundreds_of_members(monkeypatch: Patch) -> None:
    async with wire_console(monkeypatch) as console:
        release(console.source, members=ROWS)
        await console.driver.command(ROLLOUTS)
        before = await console.cost()
        console.source.put(going(EVERYWHERE, "member-003", weight=70, level=Level.FAILED))
        assert 0 < await console.cost() - before <= 3 * CELL, "its glyph, the worst one, the reason"
        await console.same()


@pytest.mark.parametrize("view", [ROLLOUTS, ROLLOUT])
async def test_a_dozen_seconds_of_a_release(view: str, monkeypatch: Patch) -> None:
    """Three canaries take a step each ten seconds while times in phase and to the next check go on."""
    async with wire_console(monkeypatch, view="clusters") as console:
        gate = Gate("request-success-rate", low=99.0, values=(99.9,), verdict=str(Verdict.OK))
        members = ("member-000", "member-001", "member-002")

        def step(number: int) -> None:
            now = console.driver.clock.now
            said = tuple((now - at, f"Advance web.shop canary weight {10 * at}") for at in range(number + 1))
            values = tuple(99.9 - at / 10 for at in range(number + 1))
            for name in members:
                gates = (replace(gate, values=values, at=now),)
                more = {"interval": 10.0, "next_check": now + 10, "gates": gates, "messages": said}
                console.source.put(going(EVERYWHERE, name, weight=10 * number, split=(90, 10), **more))

        step(1)
        await console.driver.command(ROLLOUTS)
        if view == ROLLOUT:
            await console.driver.press("open")
        assert console.app.frame.current.context.view == view
        before = await console.cost()
        for second in range(12):
            if second % 10 == 0:
                step(2 + second // 10)
            await console.driver.later(1)
        assert 0 < await console.cost() - before <= 12 * RELEASE
        await console.same()


async def test_a_dozen_seconds_of_metrics(monkeypatch: Patch) -> None:
    """All panels are answered anew each ten seconds."""
    source = measured()
    async with wire_console(monkeypatch, view="clusters", source=source) as console:
        source.clock = console.driver.clock
        await console.driver.press("5")
        await shown(console.driver)
        assert "LAST 1H" in console.driver.screen()
        before = await console.cost()
        for second in range(12):
            if second % 10 == 0:
                source.tell_again()
                await shown(console.driver)
            await console.driver.later(1)
        assert 0 < await console.cost() - before <= 12 * RELEASE
        await console.same()


@pytest.mark.parametrize("view", ["clusters", "fleets"])
async def test_a_round_of_sparklines(view: str, monkeypatch: Patch) -> None:
    async with wire_console(monkeypatch, view=view) as console:
        tell_sparks(console.source, [0.1, 0.5, 0.9])
        before = await console.cost()
        tell_sparks(console.source, [0.1, 0.5, 0.9])
        assert await console.cost() == before, "a round that tells nothing new costs nothing"
        tell_sparks(console.source, [0.5, 0.9, 0.1])
        assert 0 < await console.cost() - before <= PAGE
        await console.same()


async def test_a_minute_with_a_clock(monkeypatch: Patch) -> None:
    async with wire_console(monkeypatch) as console:
        await console.driver.later(1)
        costs = []
        for _ in range(60):
            before = await console.cost()
            await console.driver.later(1)
            costs.append(await console.cost() - before)
        assert sum(costs) <= MINUTE
        assert sorted(costs)[30] <= TICK
        await console.same()


async def test_a_thousand_changed_cells(monkeypatch: Patch) -> None:
    """Ten batches of a hundred cells each, as they come in one second."""
    async with wire_console(monkeypatch, view="clusters") as console:
        table = console.app.frame.current.table
        assert table.view is not None
        before = await console.cost()
        for turn in range(10):
            for at in range(34):
                row = table.view.row(at)
                console.source.put(change(row, turn * 111))
        sent = await console.cost() - before
        assert 0 < sent <= 5000
        await console.same()
