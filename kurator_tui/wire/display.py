"""An application whose screen reaches the terminal as changed cells, and which never waits for the terminal.

It overrides Textual's private `App._display`. Whatever fails on that way, once, is logged, and from then on
Textual's own output is used; so it is, without a word, where there is no terminal of ours (headless, inline, web).
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.color import Color, ColorParseError
from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, SuspendNotSupported
from textual.geometry import Size
from textual.screen import Screen

from kurator_tui.wire import program
from kurator_tui.wire.frames import Frames, Update
from kurator_tui.wire.meter import Meter
from kurator_tui.wire.pacing import Pacing
from kurator_tui.wire.pens import DEPTHS, Pens
from kurator_tui.wire.terminal import Skills

if TYPE_CHECKING:
    from kurator_tui.wire.driver import TerminalDriver
    from kurator_tui.wire.raw import RawTerminal

SWITCH = "KURATOR_TUI_WIRE"
"""Environment variable: `stock` sends what Textual would send, for comparison."""
_LOG = logging.getLogger(__name__)


class WireApp(App[int], inherit_bindings=False):
    """Textual's App on a `TerminalDriver`, sending differences. `meter` counts what it sends."""

    def __init__(self, *, max_kbps: float = 0) -> None:
        """`max_kbps`: kilobits a second the terminal is sent at most, 0 for no limit."""
        self.meter = Meter()
        self.pacing = Pacing(max_kbps)
        self._frames: Frames | None = None
        self._missed = False
        super().__init__()
        self._terminal_driver = _terminal_driver()
        if self._terminal_driver is not None:
            self.driver_class = self._terminal_driver
        self.meter.stock = os.environ.get(SWITCH) == "stock"

    def on_resize(self, event: events.Resize) -> None:
        """A terminal that changed its size, or came back, may show anything."""
        if (now := self._size_now()) not in (None, event.size):
            event.prevent_default()  # told late: a newer size was told before it
            self.post_message(events.Resize(now, now))
            return
        if self._frames is not None:
            self._frames.forget()
            if event.size == self._frames.size:  # Textual repaints nothing then
                self._guarded(self._frames.flush)

    def _size_now(self) -> Size | None:
        """The terminal's size; None where nobody can tell.

        A signal that comes while the one before is handled tells the newer size first, and then the older one.
        """
        driver, ours = self._driver, self._terminal_driver
        return driver.size_now() if ours is not None and isinstance(driver, ours) else None

    def redraw(self) -> None:
        """Send everything again: some other program wrote on the screen."""
        if self._frames is not None and not self.meter.stock:
            self._frames.forget()
            self._guarded(self._frames.flush)
        else:
            self._repaint_all()

    @contextmanager
    def lend_terminal(
        self, typed: Callable[[bytes], None], resized: Callable[[], None], *, lines: bool = False
    ) -> Iterator[RawTerminal]:
        """The terminal for somebody else (see `wire.raw`) while the screen is suspended; then all is drawn again.

        After a cancellation nothing is drawn: the console ends. Raises SuspendNotSupported without a terminal.
        """
        driver, ours = self._driver, self._terminal_driver
        if ours is None or not isinstance(driver, ours) or not driver.input_tty:
            raise SuspendNotSupported("there is no terminal to hand over")
        hang_up = partial(self.exit, None, 128 + signal.SIGHUP)
        failure: Exception | None = None
        with self.suspend():
            raw = driver.raw(typed, resized, hang_up, lines=lines)
            try:
                raw.open()
                yield raw
            except Exception as error:  # noqa: BLE001 - raised again when the screen is back
                failure = error
            finally:
                raw.close()
        if failure is not None:
            raise failure

    async def run_program(self, command: Sequence[str]) -> int:
        """Run a program of the user's on the terminal (see `wire.program`) while the screen is suspended.

        Its exit code, or -n when signal n ended it. Raises OSError where it cannot be started, and
        SuspendNotSupported without a terminal.
        """
        driver, ours = self._driver, self._terminal_driver
        if ours is None or not isinstance(driver, ours) or not driver.input_tty:
            raise SuspendNotSupported("there is no terminal to hand over")
        code, failure = 0, None
        with self.suspend():
            try:
                code = await program.run(command)
            except OSError as error:  # raised again when the screen is back
                failure = error
        if failure is not None:
            raise failure
        return code

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        ours = self._terminal_driver
        if ours is None or not isinstance(driver, ours) or renderable is None:
            super()._display(screen, renderable)
        elif self.meter.stock or not isinstance(renderable, ChopsUpdate | LayoutUpdate):
            self._display_stock(driver, screen, renderable)
        else:
            try:
                if self._running and not self._closed and not self._batch_count:
                    self._display_changes(driver, screen, renderable)
            except Exception as error:  # noqa: BLE001 - whatever it is, the screen must go on
                self._fall_back(error)
                self._display_stock(driver, screen, renderable)
            else:
                self.post_display_hook()

    def _display_changes(self, driver: TerminalDriver, screen: Screen[Any], update: Update) -> None:
        frames = self._frames
        if frames is None:
            frames = self._frames = self._make_frames(driver)
        frames.synchronized = self._sync_available
        size = screen.outer_size
        frames.show(update, size, size.clamp_offset(self.cursor_position))

    def _make_frames(self, driver: TerminalDriver) -> Frames:
        depth = None if self.no_color else DEPTHS.get(self.console.color_system or "mono", DEPTHS["16"])
        frames = Frames(
            driver,
            Pens(depth, self._ground()),
            asyncio.get_running_loop(),
            skills=Skills.of(os.environ),
            repaint=self._repaint_all,
            failed=self._fall_back,
        )
        frames.asks = driver.asks
        driver.when_answered = frames.answered
        return frames

    def _ground(self) -> Color | None:
        try:
            return Color.parse(self.theme_variables.get("background", ""))
        except ColorParseError:
            return None

    # -- stock output -----------------------------------------------------------------------------------------

    def _display_stock(self, driver: TerminalDriver, screen: Screen[Any], renderable: RenderableType) -> None:
        """Textual's output, except that it is left out while the terminal is not ready for it."""
        if self._frames is not None:
            self._frames.forget()
        if driver.outlet.call_when_free(lambda: self._freed(driver)):
            self._missed = True
            self.meter.shed += 1
            self.meter.waits()
            self.post_display_hook()
            return
        self.meter.frames += 1
        super()._display(screen, renderable)

    def _freed(self, driver: TerminalDriver) -> None:
        """From the writing thread: the terminal has taken everything."""
        self.meter.goes_on()
        driver.call_soon(self._catch_up)

    def _catch_up(self) -> None:
        if self._missed:
            self._missed = False
            self._repaint_all()

    def _repaint_all(self) -> None:
        if self._screen_stack:
            self.screen.refresh()

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen must go on
            self._fall_back(error)

    def _fall_back(self, error: Exception) -> None:
        """Log the first failure and use stock output from now on."""
        if not self.meter.stock:
            self.meter.stock = True
            if self._frames is not None:
                self._frames.close()
            _LOG.error("the display of changes failed and is off: %s", type(error).__name__, exc_info=error)
            self._repaint_all()


def _terminal_driver() -> type[TerminalDriver] | None:
    """The driver of real terminals, None where they have no POSIX interface."""
    if sys.platform == "win32":
        return None
    from kurator_tui.wire.driver import TerminalDriver

    return TerminalDriver
