"""A real application on a real pseudo-terminal, in this process: the driver, the display and their thread."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from kurator_tui.wire.display import WireApp
from tests.unit.wire.terminal import Terminal

PATIENCE = 60.0
CURSOR, SYNC = b"\x1b[6n", b"\x1b[?2026$p"


class Board(Widget):
    """Shows `lines`; repaints the ones that are told to differ."""

    DEFAULT_CSS = "Board { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[int, str] = {}

    def put(self, y: int, text: str) -> None:
        self.lines[y] = text
        self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        style = Style.parse("white on #202020" if y % 2 else "bold green on #303030")
        return Strip([Segment(self.lines.get(y, f"line {y}"), style)]).adjust_cell_length(self.size.width, style)


class BoardApp(WireApp):
    """One board."""

    def __init__(self, max_kbps: float = 0) -> None:
        super().__init__(max_kbps=max_kbps)
        self.board = Board()
        self.keys: list[str] = []
        self.displays = 0

    def post_display_hook(self) -> None:
        self.displays += 1

    async def turn(self, text: str = "") -> None:
        """Change every line and wait until the screen was displayed, wherever its bytes are."""
        before = self.displays
        for y in range(self.size.height):
            self.board.put(y, f"{text} line {y} " + text[-1:] * 60)
        await until(lambda: self.displays > before, "a display")

    def compose(self) -> ComposeResult:
        yield self.board

    def on_key(self, event: object) -> None:
        self.keys.append(str(getattr(event, "key", "")))


class Screen:
    """The other end of the pseudo-terminal: a thread reads it into an emulator, at will."""

    def __init__(self, width: int, height: int, *, answers: bool = True) -> None:
        self.master, self.slave = pty.openpty()
        self.terminal = Terminal(width, height)
        self.answers = answers
        self.raw = b""
        self.reading = threading.Event()
        self.reading.set()
        self.bytes_per_second = 0
        self._ends = False
        self._decode = __import__("codecs").getincrementaldecoder("utf-8")("replace").decode
        self._resized: tuple[int, int] | None = None
        self.size(width, height)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def size(self, width: int, height: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self._resized = (width, height)

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def close(self) -> None:
        self._ends = True
        self.reading.set()
        self._thread.join(PATIENCE)
        for fd in (self.master, self.slave):
            with contextlib.suppress(OSError):
                os.close(fd)

    def hang_up(self) -> None:
        """The window is closed."""
        self._ends = True
        self.reading.set()
        self._thread.join(PATIENCE)
        os.close(self.master)

    def _read(self) -> None:
        while not self._ends:
            self.reading.wait()
            if not select.select([self.master], [], [], 0.02)[0]:
                continue
            count = 65536
            if self.bytes_per_second:
                threading.Event().wait(0.05)
                count = max(1, self.bytes_per_second // 20)
            with contextlib.suppress(OSError):
                self._take(os.read(self.master, count))

    def _take(self, data: bytes) -> None:
        self.raw += data
        if self._resized is not None:
            width, height = self._resized
            self._resized = None
            self.terminal.screen.resize(height, width)
        if self.answers:
            os.write(self.master, b"\x1b[1;1R" * data.count(CURSOR) + b"\x1b[?2026;2$y" * data.count(SYNC))
        text = self._decode(data)
        for query in ("\x1b[?2026$p", "\x1b[?2048$p", "\x1b[>25u", "\x1b[<u"):  # pyte prints what it cannot parse
            text = text.replace(query, "")
        self.terminal.feed(text)


async def until(true: Callable[[], bool], what: str) -> None:
    """Let the loop run until it is so."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while not true():
        assert asyncio.get_running_loop().time() < end, f"never: {what}"
        await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    app: WireApp,
    screen: Screen,
    monkeypatch: pytest.MonkeyPatch,
    *,
    term: str = "xterm-256color",
    shows: str = "line 0",
) -> AsyncIterator[asyncio.Task[object]]:
    """`app` on `screen` for as long as the block lasts."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", "truecolor")
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    with (
        os.fdopen(os.dup(screen.slave), "r") as stdin,
        os.fdopen(os.dup(screen.slave), "w") as stdout,
        os.fdopen(os.dup(screen.slave), "w", encoding="utf-8") as stderr,
    ):
        monkeypatch.setattr(sys, "__stdin__", stdin)
        monkeypatch.setattr(sys, "__stdout__", stdout)
        monkeypatch.setattr(sys, "__stderr__", stderr)
        task: asyncio.Task[object] = asyncio.create_task(app.run_async())
        try:
            await until(lambda: any(shows in line for line in screen.terminal.text), "the first frame")
            yield task
        finally:
            app.exit()
            await asyncio.wait_for(asyncio.shield(task), PATIENCE)
            screen.close()
            for number, handler in handlers.items():
                signal.signal(number, handler)
            monkeypatch.undo()


SIGNALS: Sequence[signal.Signals] = (
    signal.SIGTSTP,
    signal.SIGCONT,
    signal.SIGWINCH,
    signal.SIGTTOU,
    signal.SIGTTIN,
)
