"""From compositor updates to frames: each update changes the back picture, a frame goes out when there is room.

While the terminal is not ready, updates go on changing the back picture and merge; the next frame shows their
sum. So nothing old is ever sent, and nobody waits. Runs in the event loop's thread only.
"""

from __future__ import annotations

import contextlib
from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from typing import Protocol

from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Offset, Size

from kurator_tui.wire.cells import Cells
from kurator_tui.wire.diff import Differ
from kurator_tui.wire.grid import Grid
from kurator_tui.wire.meter import Meter
from kurator_tui.wire.outlet import Outlet
from kurator_tui.wire.pacing import QUESTION, Pacing
from kurator_tui.wire.pens import Pens
from kurator_tui.wire.terminal import Skills

Update = ChopsUpdate | LayoutUpdate
BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
"""Synchronized output: the terminal shows nothing of what is between them before the end."""
PIECE = 2048
"""Characters handed over at a time while the terminal is slow."""


class Line(Protocol):
    """The way to the terminal, as the driver has it."""

    outlet: Outlet
    pacing: Pacing
    meter: Meter

    def write(self, data: str) -> None:
        """Hand text over; never waits."""

    def asked(self) -> None:
        """The text just handed over ended with `pacing.QUESTION`."""


class Frames:
    """`show` takes updates, `flush` sends what is due, `forget` when the terminal may show anything."""

    def __init__(
        self,
        line: Line,
        pens: Pens,
        loop: AbstractEventLoop,
        *,
        skills: Skills,
        repaint: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """`repaint` asks for an update of the whole screen; `failed` is told what broke outside of `show`."""
        self._line, self._loop, self._skills = line, loop, skills
        self._repaint, self._failed = repaint, failed
        self._cells = Cells(pens)
        self._outlet = line.outlet
        self._grid = Grid(self._cells, 0, 0)
        self._differ = Differ(self._grid, skills)
        self._cursor = Offset(0, 0)
        self._waiting = self._closed = False
        self._timer: TimerHandle | None = None
        self.asks = True
        """Whether the terminal may be asked where its cursor is."""
        self.synchronized = False
        """Whether the terminal said that it has synchronized output."""

    @property
    def size(self) -> Size:
        """Size of the picture shown."""
        return Size(self._grid.width, self._grid.height)

    def show(self, update: Update, size: Size, cursor: Offset) -> None:
        """Take over `update` of a screen of `size` and send what there is room for."""
        whole = isinstance(update, LayoutUpdate)
        if self._outlet is not self._line.outlet:
            self.forget()
        if size != self.size or self._cells.full:
            self._begin(size)
            if not whole:
                self._repaint()
        if self._waiting:
            self._line.meter.shed += 1
        if isinstance(update, LayoutUpdate):
            self._take_whole(update)
        else:
            self._take_chops(update)
        self._cursor = cursor
        self.flush()

    def forget(self) -> None:
        """The terminal may show anything: the next frame is a whole one."""
        if self._outlet is not self._line.outlet:
            self._outlet = self._line.outlet
            self._go_on()
        self._grid.forget()

    def flush(self) -> None:
        """Send one frame if something differs and there is room; else come back when there is."""
        if self._waiting or self._closed or self._outlet is not self._line.outlet or not self._grid.dirty:
            return
        line = self._line
        if self._outlet.call_when_free(self._freed):
            self._wait()
            return
        room = line.pacing.allowance()
        if not room:
            self._wait()
            self._timer = self._loop.call_later(line.pacing.wait(), self._resume)
            return
        if line.meter.slow:
            room = min(room, PIECE)
        frame = self._differ.frame(room)
        if frame:
            self._send(frame)
            if self._grid.dirty:
                self.flush()

    def close(self) -> None:
        """Send nothing any more: somebody else writes the screen now."""
        self._closed = True
        self._go_on()

    def answered(self) -> None:
        """The terminal has read what was sent: there may be room."""
        if self._timer is not None:
            self._resume()

    def _begin(self, size: Size) -> None:
        self._cells.reset()
        self._grid = Grid(self._cells, size.width, size.height)
        self._differ = Differ(self._grid, self._skills)

    def _take_whole(self, update: LayoutUpdate) -> None:
        left, top, width, _ = update.region
        for y, strips in enumerate(update.strips, top):
            x = left
            for strip in strips:
                cells = self._cells.of(strip)
                self._grid.paint(x, y, cells, left + width - x)
                x += strip.cell_length

    def _take_chops(self, update: ChopsUpdate) -> None:
        for y, first, end in update.spans:
            for stop, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is not None and x < end and stop > first:
                    self._grid.paint(x, y, self._cells.of(strip), stop - x)

    def _send(self, frame: str) -> None:
        line = self._line
        x, y = self._cursor
        frame += f"\x1b[{y + 1};{x + 1}H" if x or y else "\x1b[H"
        if self.synchronized:
            frame = BEGIN + frame + END
        asks = self.asks and line.pacing.should_ask()
        line.write(frame + QUESTION if asks else frame)
        if asks:
            line.asked()
        line.meter.frames += 1

    # -- waiting ----------------------------------------------------------------------------------------------

    def _wait(self) -> None:
        self._waiting = True
        self._line.meter.waits()

    def _go_on(self) -> None:
        self._waiting = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._line.meter.goes_on()

    def _freed(self) -> None:
        """From the writing thread: all was accepted."""
        self._line.meter.goes_on()
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(self._resume)

    def _resume(self) -> None:
        self._go_on()
        try:
            self.flush()
        except Exception as error:  # noqa: BLE001 - whatever it is, stock output goes on
            self._failed(error)
