"""The user's terminal handed over to a process elsewhere: what is typed goes there, what comes is written.

To be opened only while the screen is suspended, so that nobody else reads the keyboard or writes. Nothing here
waits, except `close` for a terminal that does not read, and that for a second at most. Whatever the process did
to the terminal (alternate screen, mouse, colours, title) is undone by `close`, which also ends raw mode.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import termios
from collections.abc import Callable
from typing import IO, Any

from kurator_tui.wire.meter import Meter
from kurator_tui.wire.outlet import Outlet

PIECE = 16 * 1024
"""Bytes read from the keyboard at a time."""
KEEP_TITLE, GIVE_TITLE_BACK = b"\x1b[22;0t", b"\x1b[23;0t"
MODES = (1, 9, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 2048)
"""Private modes a program may leave on: cursor keys, keypad, mouse, focus, paste, synchronized output."""
UNDO = (
    b"\x18"  # ends an escape sequence that was cut short
    + b"".join(b"\x1b[?%dl" % mode for mode in MODES)
    + b"\x1b7\x1b[r\x1b[?1049l\x1b8"  # scrolls everywhere, no alternate screen; the cursor stays
    + b"\x1b[?7h\x1b[?25h\x1b[4l\x1b>\x1b(B\x0f\x1b[0 q\x1b[m"
)
"""Gives a terminal back as a shell expects it."""


class RawTerminal:
    """The terminal of `input_fd` and `screen` between `open` and `close`.

    `typed` gets what is typed, `resized` is called when the size has changed, `gone` once when the terminal is
    lost: all in the event loop.
    """

    def __init__(
        self,
        input_fd: int,
        screen: IO[str],
        typed: Callable[[bytes], None],
        resized: Callable[[], None],
        gone: Callable[[], None],
        *,
        lines: bool = False,
    ) -> None:
        """`lines`: the far end has no terminal of its own, so this one echoes and translates the ends of lines."""
        self._fd, self._screen = input_fd, screen
        self._typed, self._resized, self._gone = typed, resized, gone
        self._lines = lines
        self._loop = asyncio.get_running_loop()
        self.meter = Meter()
        """What is written is counted here, apart from what the console itself writes."""
        self._outlet = Outlet(screen, self.meter, lambda: self._soon(self._lose))
        self._before: list[Any] | None = None
        self._continued: Any = None
        self._open = False

    # -- life -------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Take the terminal. Raises OSError or termios.error when it is none any more."""
        self._before = termios.tcgetattr(self._fd)
        self._open = True
        self._outlet.start()
        self._make_raw()
        self._loop.add_reader(self._fd, self._read)
        self._continued = signal.getsignal(signal.SIGCONT)
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        self._loop.add_signal_handler(signal.SIGCONT, self._go_on)
        self.write(KEEP_TITLE)

    def close(self) -> None:
        """Give the terminal back as it was. Idempotent."""
        if not self._open:
            return
        self._open = False
        self._loop.remove_reader(self._fd)
        self._loop.remove_signal_handler(signal.SIGWINCH)
        self._loop.remove_signal_handler(signal.SIGCONT)
        signal.signal(signal.SIGCONT, self._continued)
        self._outlet.put(UNDO + GIVE_TITLE_BACK)
        self._outlet.stop()
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(self._fd, termios.TCSANOW, self._before or [])

    def _make_raw(self) -> None:
        iflag, oflag, cflag, lflag, ispeed, ospeed, cc = self._before or []
        translating = termios.ICRNL if self._lines else 0
        iflag &= ~(termios.IXON | termios.IXOFF | termios.INLCR | termios.IGNCR | termios.ICRNL | termios.ISTRIP)
        iflag &= ~(termios.BRKINT | termios.PARMRK | termios.INPCK)
        iflag |= translating
        lflag &= ~(termios.ICANON | termios.ISIG | termios.IEXTEN | termios.ECHO)
        if self._lines:
            lflag |= termios.ECHO
            oflag |= termios.OPOST | termios.ONLCR
        else:
            oflag &= ~termios.OPOST
        cc = list(cc)
        cc[termios.VMIN], cc[termios.VTIME] = 1, 0
        raw = [iflag, oflag, cflag & ~termios.PARENB | termios.CS8, lflag, ispeed, ospeed, cc]
        termios.tcsetattr(self._fd, termios.TCSANOW, raw)

    # -- output -----------------------------------------------------------------------------------------------

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows)."""
        with contextlib.suppress(OSError):
            columns, rows = os.get_terminal_size(self._fd)
            return columns or 80, rows or 24
        return 80, 24

    @property
    def pending(self) -> int:
        """Bytes the terminal has not taken yet."""
        return self._outlet.pending

    def write(self, data: bytes) -> None:
        """Write `data`; never waits."""
        self._outlet.put(data)

    def call_when_free(self, callback: Callable[[], None]) -> bool:
        """Call `callback` once, in the loop, when the terminal has taken everything; False when it has now."""
        return self._outlet.call_when_free(lambda: self._soon(callback))

    def _soon(self, callback: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(callback)

    # -- input ------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            data = os.read(self._fd, PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._typed(data)
        else:
            self._lose()

    def _lose(self) -> None:
        if self._open:
            self._loop.remove_reader(self._fd)
            self._gone()

    def _go_on(self) -> None:
        """The process was stopped from outside and goes on: the shell may have changed the terminal."""
        with contextlib.suppress(OSError, termios.error):
            self._make_raw()
        self._resized()
