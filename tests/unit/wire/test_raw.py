"""The terminal lent to a remote process: its bytes as they are, and everything given back afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import SuspendNotSupported

from kurator_tui.wire.raw import RawTerminal
from tests.unit.wire.apps import BoardApp, Screen, running, until
from tests.unit.wire.test_display import shows

Patch = pytest.MonkeyPatch


class Remote:
    """A remote process: what reaches it, and its end."""

    def __init__(self, app: BoardApp, *, lines: bool = False) -> None:
        self.app, self.lines = app, lines
        self.typed = b""
        self.resized = 0
        self.over = asyncio.Event()
        self.terminal: RawTerminal | None = None
        self.fails = False

    def take(self, data: bytes) -> None:
        self.typed += data

    def resize(self) -> None:
        self.resized += 1

    async def run(self) -> None:
        with self.app.lend_terminal(self.take, self.resize, lines=self.lines) as self.terminal:
            await self.over.wait()
            if self.fails:
                raise RuntimeError("broken")

    @property
    def has_it(self) -> bool:
        return self.terminal is not None and self.terminal._open


@asynccontextmanager
async def lent(
    app: BoardApp, screen: Screen, monkeypatch: Patch, *, lines: bool = False
) -> AsyncIterator[tuple[Remote, asyncio.Task[None]]]:
    async with running(app, screen, monkeypatch):
        remote = Remote(app, lines=lines)
        task = asyncio.create_task(remote.run())
        await until(lambda: remote.has_it, "the terminal")
        yield remote, task
        remote.over.set()
        await asyncio.gather(task, return_exceptions=True)


async def test_bytes_pass_both_ways_as_they_are_and_the_screen_comes_back(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with lent(app, screen, monkeypatch) as (remote, task):
        assert remote.terminal is not None
        at = len(screen.raw)
        euro = "€".encode()
        remote.terminal.write(b"\r\nweb-1# " + euro[:1])
        remote.terminal.write(euro[1:] + b"\x07")
        await until(lambda: euro + b"\x07" in screen.raw[at:], "the prompt")
        screen.press(b"\x03\x1a\x11\r\x1b[A\xff")
        await until(lambda: len(remote.typed) == 8, "the keys")
        assert remote.typed == b"\x03\x1a\x11\r\x1b[A\xff", "no key is a signal, none is translated"
        assert not app.keys
        remote.over.set()
        await task
        await until(shows(app, screen), "the screen as it was")
        screen.press(b"x")
        await until(lambda: app.keys == ["x"], "a key for the console")


async def test_nothing_of_the_console_is_written_meanwhile(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with lent(app, screen, monkeypatch) as (remote, task):
        await asyncio.to_thread(screen.reading.wait)
        await until(lambda: b"\x1b[22;0t" in screen.raw, "the terminal")
        at, counted = len(screen.raw), app.meter.bytes
        for number in range(3):
            await app.turn(f"turn {number}")
        assert (screen.raw[at:], app.meter.bytes) == (b"", counted)
        remote.over.set()
        await task
        await until(shows(app, screen), "what changed meanwhile")


def taken_back(screen: Screen, at: int) -> int:
    """Where the console entered its screen again after the process spoke; -1 before that is read."""
    return screen.raw.find(b"\x1b[?1049h", screen.raw.find(b"root@web-1", at))


async def test_what_the_process_left_is_undone(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with lent(app, screen, monkeypatch) as (remote, task):
        assert remote.terminal is not None
        at = len(screen.raw)
        remote.terminal.write(b"\x1b[?1049h\x1b[?1000h\x1b[?2004h\x1b[?25l\x1b[31m\x1b]0;root@web-1\x07\x1b[5;")
        remote.over.set()
        await task
        await until(lambda: taken_back(screen, at) > 0, "the screen is taken back")
        undone = screen.raw[at : taken_back(screen, at)]
        for sequence in (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?2004l", b"\x1b[?25h", b"\x1b[m", b"\x1b[23;0t"):
            assert undone.rfind(sequence) > undone.rfind(b"root@web-1"), sequence
        await until(shows(app, screen), "the screen as it was")


async def test_another_size_is_told_and_the_screen_has_it_afterwards(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with lent(app, screen, monkeypatch) as (remote, task):
        assert remote.terminal is not None
        screen.size(100, 30)
        os.kill(os.getpid(), signal.SIGWINCH)
        await until(lambda: remote.resized == 1, "the news")
        assert remote.terminal.size == (100, 30)
        remote.over.set()
        await task
        await until(lambda: app.size == (100, 30), "the size")
        await until(shows(app, screen), "the screen")


async def test_a_process_that_was_stopped_meanwhile_is_raw_again(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    before = termios.tcgetattr(screen.slave)
    async with lent(app, screen, monkeypatch) as (remote, _task):
        termios.tcsetattr(screen.slave, termios.TCSANOW, before)  # as a shell does that got the terminal back
        os.kill(os.getpid(), signal.SIGCONT)
        await until(lambda: remote.resized == 1, "the news")
        assert not termios.tcgetattr(screen.slave)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)


async def test_a_process_without_a_terminal_gets_lines_that_are_echoed(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with lent(app, screen, monkeypatch, lines=True) as (remote, _task):
        assert remote.terminal is not None
        at = len(screen.raw)
        screen.press(b"status\r")
        await until(lambda: remote.typed == b"status\n", "a line")
        remote.terminal.write(b"one\ntwo\n")
        await until(lambda: b"one\r\ntwo\r\n" in screen.raw[at:], "the answer")
        assert b"status\r\n" in screen.raw[at:]


async def test_a_mistake_gives_the_screen_back_and_is_told(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with lent(app, screen, monkeypatch) as (remote, task):
        remote.fails = True
        remote.over.set()
        with pytest.raises(RuntimeError, match="broken"):
            await task
        await until(shows(app, screen), "the screen as it was")


async def test_the_end_of_the_console_leaves_the_terminal_as_it_was_found(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    before = termios.tcgetattr(screen.slave)
    async with running(app, screen, monkeypatch) as running_app:
        remote = Remote(app)
        task = asyncio.create_task(remote.run())
        await until(lambda: remote.has_it, "the terminal")
        app.exit()
        await until(running_app.done, "the end")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until(lambda: b"\x1b[23;0t" in screen.raw, "the last word")
        assert termios.tcgetattr(screen.slave)[:4] == before[:4]
        assert screen.raw.rfind(b"\x1b[?1049l") > screen.raw.rfind(b"\x1b[?1049h")
        assert screen.raw.rfind(b"\x1b[?25h") > screen.raw.rfind(b"\x1b[?25l")


async def test_a_terminal_that_vanishes_ends_the_console(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with lent(app, screen, monkeypatch):
        screen.hang_up()
        await until(lambda: app.return_code == 129, "the end")


async def test_there_must_be_a_terminal() -> None:
    app = BoardApp()
    async with app.run_test():
        with pytest.raises(SuspendNotSupported), app.lend_terminal(lambda _data: None, lambda: None):
            pass
