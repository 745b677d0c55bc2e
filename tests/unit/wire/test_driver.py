"""The driver across stops, suspensions and the end: one reader of the keyboard, a terminal given back as found."""

from __future__ import annotations

import os
import signal
import sys
import termios
import threading
from pathlib import Path

import pytest

from kurator_tui.wire.driver import _screen_file
from tests.unit.wire.apps import CURSOR, BoardApp, Screen, running, until
from tests.unit.wire.test_display import shows

Patch = pytest.MonkeyPatch


def readers() -> int:
    return sum(thread.name == "textual-input" for thread in threading.enumerate())


async def test_a_console_stopped_from_outside_starts_afresh(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    before = termios.tcgetattr(screen.slave)
    async with running(app, screen, monkeypatch) as task:
        await until(shows(app, screen), "all lines")
        termios.tcsetattr(screen.slave, termios.TCSANOW, before)  # as a shell does that got the terminal back
        screen.terminal.feed("\x1b[2J[1]+  Stopped")
        os.kill(os.getpid(), signal.SIGCONT)
        await until(shows(app, screen), "all lines again")
        assert readers() == 1, "two would share the keys between them"
        assert not termios.tcgetattr(screen.slave)[3] & termios.ICANON
        screen.press(b"ab")
        await until(lambda: app.keys == ["a", "b"], "the keys")
        app.exit()
        await until(task.done, "the end")
        assert termios.tcgetattr(screen.slave)[:4] == before[:4]


async def test_no_answer_is_left_for_the_shell_to_read(monkeypatch: Patch) -> None:
    for name in ("FAREWELL", "ON_ITS_WAY"):  # the terminal is a thread of a busy machine
        monkeypatch.setattr(f"kurator_tui.wire.driver.{name}", 60.0)
    app, screen = BoardApp(), Screen(120, 40)
    async with running(app, screen, monkeypatch) as task:
        for turn in range(12):
            await app.turn(f"turn {turn}")
        app.exit()
        await until(task.done, "the end")
        assert screen.raw.count(CURSOR) > 1
        os.set_blocking(screen.slave, False)
        with pytest.raises(BlockingIOError):
            os.read(screen.slave, 100)


async def test_the_terminal_is_given_back(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch) as task:
        app.exit()
        await until(task.done, "the end")
        await until(lambda: screen.raw.rfind(b"\x1b[?1049l") > 0, "the main screen")
        await until(lambda: screen.raw.rfind(b"\x1b[?25h") > screen.raw.rfind(b"\x1b[?25l"), "the cursor")


async def test_the_end_comes_although_the_terminal_does_not_read(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(120, 40)
    async with running(app, screen, monkeypatch) as task:
        screen.reading.clear()
        for turn in range(40):
            await app.turn(f"turn {turn}")
        app.exit()
        await until(task.done, "the end")
        screen.reading.set()


def test_the_screen_goes_to_the_terminal_when_stderr_is_a_file(monkeypatch: Patch, tmp_path: Path) -> None:
    screen = Screen(80, 24)
    with (tmp_path / "log").open("w") as log, os.fdopen(os.dup(screen.slave), "w") as terminal:
        monkeypatch.setattr(sys, "__stderr__", log)
        monkeypatch.setattr(sys, "__stdout__", terminal)
        assert _screen_file() is terminal
        monkeypatch.setattr(sys, "__stderr__", terminal)
        monkeypatch.setattr(sys, "__stdout__", log)
        assert _screen_file() is terminal
        monkeypatch.undo()
    screen.close()
