"""Textual's terminal driver on an `Outlet`: it never waits, a terminal that vanishes ends the console.

Textual writes from a thread through a queue of 30 places: a terminal that does not read blocks the event loop,
and one that is gone (a closed window, a lost connection) kills the thread, which blocks it for ever.
It also takes every SIGCONT for the end of a suspension of its own; here a console that was stopped from outside
starts its terminal afresh instead of starting a second reader of the keyboard.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from kurator_tui.wire.meter import Meter
from kurator_tui.wire.outlet import Outlet
from kurator_tui.wire.pacing import QUESTION, Pacing
from kurator_tui.wire.raw import RawTerminal

if TYPE_CHECKING:
    from textual.app import App

FAREWELL = 0.3
"""Seconds the end waits for an answer on its way, which the shell would otherwise read as typed."""
ON_ITS_WAY = 5.0
"""Seconds after which an answer is not expected any more: not every terminal answers."""


class TerminalDriver(LinuxDriver):
    """Uses the `meter` and the `pacing` of its app when that has them."""

    def __init__(self, app: App[Any], **arguments: Any) -> None:
        super().__init__(app, **arguments)
        self._screen_file = _screen_file()
        self.meter: Meter = getattr(app, "meter", None) or Meter()
        self.pacing: Pacing = getattr(app, "pacing", None) or Pacing()
        self.outlet = self._open()
        self.when_answered: Callable[[], None] = lambda: None
        """Called in the loop when the terminal has read up to a question."""
        self._questions = 0
        self._asked_at = 0.0
        self._answered = threading.Event()

    @property
    def asks(self) -> bool:
        """Whether answers of the terminal would reach us."""
        return bool(self.input_tty)

    def write(self, data: str) -> None:
        self.pacing.sent(self.outlet.write(data))

    def size_now(self) -> Size | None:
        """The size the terminal has now; None where it tells its sizes itself."""
        return None if self._in_band_window_resize else Size(*self._get_terminal_size())

    def call_soon(self, callback: Callable[[], object]) -> None:
        """From any thread: call `callback` in the loop."""
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(callback)

    def asked(self) -> None:
        """The text just written ended with `pacing.QUESTION`."""
        self.pacing.asked()
        self._questions += 1
        self._asked_at = time.monotonic()
        self._answered.clear()

    def process_message(self, message: Message) -> None:
        """Runs in the thread that reads. Answers to our questions go no further."""
        if isinstance(message, events.CursorPosition):
            self._questions = max(0, self._questions - 1)
            if not self._questions:
                self._answered.set()
            self.call_soon(self._take_answer)
            return
        super().process_message(message)

    def _take_answer(self) -> None:
        self.pacing.answered()
        self.when_answered()

    def raw(
        self,
        typed: Callable[[bytes], None],
        resized: Callable[[], None],
        gone: Callable[[], None],
        *,
        lines: bool = False,
    ) -> RawTerminal:
        """This terminal for somebody else; to be used while this driver is suspended only."""
        return RawTerminal(self.fileno, self._screen_file, typed, resized, gone, lines=lines)

    @property
    def _reads(self) -> bool:
        return self._key_thread is not None and self._key_thread.is_alive()

    # -- life -------------------------------------------------------------------------------------------------

    def _open(self) -> Outlet:
        app = self._app
        hang_up = partial(app.exit, None, 128 + signal.SIGHUP)
        return Outlet(self._screen_file, self.meter, lambda: self.call_soon(hang_up))

    def start_application_mode(self) -> None:
        self.outlet.stop(0)
        self.outlet = self._open()
        self.outlet.start()
        self.pacing.reset()
        self._questions = 0
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self.asks and self._reads:
            self.write(QUESTION)
            self.asked()

    def disable_input(self) -> None:
        if self._questions and self._reads and time.monotonic() - self._asked_at < ON_ITS_WAY:
            self._answered.wait(FAREWELL)
        super().disable_input()

    def close(self) -> None:
        super().close()
        self.outlet.stop()

    def _sigcont_application(self, *arguments: Any) -> None:
        if self._auto_restart and not self._must_signal_resume and self._reads:
            self.suspend_application_mode()  # stopped by SIGSTOP: the shell may have changed everything
        super()._sigcont_application(*arguments)


def _screen_file() -> IO[str]:
    """Stderr, as Textual has it; stdout when stderr goes to a file, where a screen does not belong."""
    for stream in (sys.__stderr__, sys.__stdout__):
        if stream is not None and stream.isatty():
            return stream
    assert sys.__stderr__ is not None, "a console needs a terminal"
    return sys.__stderr__
