"""The console sends differences; what its terminal shows is what Textual's own output would show, cell by cell."""

from __future__ import annotations

import os
import pty
import random
import signal
import subprocess
import sys

import pytest

from tests.e2e.console import PATIENCE
from tests.e2e.wire_console import WireConsole, change, wire_console

Patch = pytest.MonkeyPatch
pytestmark = pytest.mark.alone
MOVES = ("move.down", "move.up", "page.down", "page.up", "half.down", "move.top", "move.bottom", "move.left")
TURNS = 60


async def something(console: WireConsole, dice: random.Random) -> None:
    """One thing that a user or a cluster does."""
    driver, table = console.driver, console.app.frame.current.table
    choice = dice.random()
    if console.app.screen is not console.app.frame:
        await driver.press("escape")
    elif choice < 0.35:
        view = table.view
        for row in [view.row(dice.randrange(len(view))) for _ in range(dice.randint(1, 60))] if view else []:
            console.source.put(change(row, dice.randrange(1000)))
    elif choice < 0.75:
        await driver.press(*[dice.choice(MOVES) for _ in range(dice.randint(1, 4))])
    elif choice < 0.80:
        await driver.command(dice.choice(("fleets", "clusters", "workloads", "cost")))
    elif choice < 0.90:
        await driver.press(dice.choice(("S", "A", "W", "enter", "escape", "space", "m", "question_mark")))
    elif choice < 0.94:
        await driver.filter(dice.choice(("1", "member", "")))
    else:
        await driver.later(dice.choice((1, 60)))


@pytest.mark.parametrize(("size", "seed"), [((200, 50), 1), ((80, 24), 2)])
async def test_after_hundreds_of_updates_the_terminal_shows_what_a_repaint_would(
    size: tuple[int, int], seed: int, monkeypatch: Patch
) -> None:
    dice = random.Random(seed)
    async with wire_console(monkeypatch, size=size) as console:
        for turn in range(TURNS):
            await something(console, dice)
            if turn % 12 == 0:
                await console.same()
        await console.same()
        assert not console.app.meter.stock
        assert console.app.meter.frames > TURNS / 2


async def test_a_storm_of_sizes_ends_with_a_whole_screen(monkeypatch: Patch) -> None:
    async with wire_console(monkeypatch, size=(120, 40)) as console:
        for size in ((80, 24), (200, 50), (40, 10), (120, 40), (100, 30)):
            console.screen.size(*size)
            os.kill(os.getpid(), signal.SIGWINCH)
            await console.driver.press("move.down")
        await console.idle()
        assert console.app.size == (100, 30)
        console.screen.terminal.screen.resize(30, 100)
        os.kill(os.getpid(), signal.SIGWINCH)
        await console.same()


async def test_a_terminal_that_stops_reading_gets_little_but_the_last_frame(monkeypatch: Patch) -> None:
    async with wire_console(monkeypatch, size=(200, 50), view="clusters") as console:
        table = console.app.frame.current.table
        assert table.view is not None
        console.screen.reading.clear()
        held = len(console.screen.raw)
        for turn in range(40):
            for at in range(40):
                console.source.put(change(table.view.row(at), turn * 7 + at))
            await console.driver.press("page.down" if turn % 2 else "page.up")
        assert console.app.meter.shed > 0
        console.screen.reading.set()
        await console.same()
        assert len(console.screen.raw) - held <= 100_000


def test_a_terminal_that_vanishes_without_a_word_ends_the_console() -> None:
    """No SIGHUP comes where the terminal is not the controlling one: the console has to notice by itself."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "kurator_tui", "demo"]
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=env
    ) as console:
        try:
            os.close(slave)
            seen = b""
            while b"filter" not in seen:
                seen += os.read(master, 65536)
            os.close(master)
            assert console.wait(PATIENCE) == 128 + signal.SIGHUP
        finally:
            console.kill()
