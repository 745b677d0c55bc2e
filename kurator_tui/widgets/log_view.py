"""A window on log lines: follows the end, or stays where the reader is while lines come and go.

It draws only lines that differ, and gives the display the same strip for the same line, so that a terminal scrolls
by itself. It knows no key, no stream and no filter: the screen appends to the ring and calls `redraw`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from kurator_tui.kinds.log_lines import LogLine
from kurator_tui.store.log_ring import LogRing, Sieve
from kurator_tui.widgets.layout import wrap
from kurator_tui.widgets.log_text import LOG_PAINTS, LogLook, compose
from kurator_tui.widgets.palette import MUTED, Line, Paint, Painted, Piece, to_strip

KEPT = 1000
"""Log lines whose drawing is remembered."""
WHEEL = 3

Row = tuple[int, int, bool]
"""(position, number of its line on the screen, whether it is under the cursor); a negative number is no line."""
Label = Callable[[LogLine], str]


class LogView(Painted, can_focus=True, inherit_bindings=False):
    """Shows what a sieve lets through of a ring."""

    PAINTS: ClassVar[Mapping[str, Paint]] = {
        **LOG_PAINTS,
        "log--cursor": Paint("foreground", "surface-lighten-1"),
    }
    DEFAULT_CSS = "LogView { height: 1fr; width: 1fr; }"

    class AboveTop(Message):
        """The reader wants to see what is before the first line."""

    class FollowChanged(Message):
        """The end is followed now, or not any more."""

    class Moved(Message):
        """The cursor is on another line."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sieve = Sieve(LogRing())
        self.empty = ""
        """What is said while there is no line."""
        self.look = LogLook()
        self.label: Label = lambda line: ""
        self.pad = 0
        self._follow = True
        self._top = (0, 0)
        self._cursor = 0
        self._rows: list[Row] = []
        self._composed: dict[int, list[Line]] = {}
        self._strips: dict[Row, Strip] = {}
        self._said: list[str] = []
        self._width = 0

    # -- what is shown ----------------------------------------------------------------------------------------

    def show(self, sieve: Sieve) -> None:
        """Other lines, or others of the same ring; the cursor stays at its position."""
        if sieve.ring is not self.sieve.ring:
            self._top, self._cursor = (sieve.ring.first, 0), sieve.ring.first
            self.forget()
        self.sieve = sieve
        self.redraw()

    def draw_as(self, look: LogLook) -> None:
        """Draw every line as `look` says."""
        self.look = look
        self.forget()
        self.redraw()

    def forget(self) -> None:
        """Lines look different now: nothing drawn before is used again."""
        self._composed.clear()
        self._strips.clear()
        self._rows = []

    @property
    def follow(self) -> bool:
        """Whether the newest line is kept in sight."""
        return self._follow

    @follow.setter
    def follow(self, follow: bool) -> None:
        if follow != self._follow:
            if not follow and len(self.sieve):
                self._cursor = self.sieve.position(len(self.sieve) - 1)
            self._follow = follow
            self.redraw()
            self.post_message(self.FollowChanged())

    @property
    def cursor(self) -> int:
        """Position of the line under the cursor; the last one while following."""
        if self._follow and len(self.sieve):
            return self.sieve.position(len(self.sieve) - 1)
        return self._cursor

    @property
    def top(self) -> int:
        """Position of the first line in sight."""
        return self._top[0]

    @property
    def line(self) -> LogLine | None:
        """The line under the cursor."""
        index = self.sieve.index(self.cursor)
        return self.sieve.ring[self.sieve.position(index)] if index < len(self.sieve) else None

    @property
    def text(self) -> str:
        """The lines in sight as plain text."""
        return "\n".join(self.render_line(y).text.rstrip() for y in range(len(self._rows)))

    def redraw(self) -> None:
        """Show what there is now; repaints the lines of the screen that differ."""
        if not self.is_attached or not self.size.height:
            return
        if self._width != self.size.width:
            self._width = self.size.width
            self.forget()
        old, self._rows = self._rows, self._window()
        if len(old) != len(self._rows) or not len(self.sieve):
            self.refresh()
            return
        changed = [at for at, row in enumerate(self._rows) if row != old[at]]
        if changed:
            self.refresh(*[Region(0, at, self._width, 1) for at in changed])

    # -- the window -------------------------------------------------------------------------------------------

    def _folded(self, position: int) -> list[Line]:
        found = self._composed.get(position)
        if found is None:
            if len(self._composed) >= KEPT:
                self._composed.clear()
                self._strips.clear()
            line = self.sieve.ring[position]
            found = compose(line, self.label(line), self.look, self._width, pad=self.pad)
            self._composed[position] = found
        return found

    def _height(self, index: int) -> int:
        return len(self._folded(self.sieve.position(index)))

    def _window(self) -> list[Row]:
        """What each line of the screen shows."""
        height, count = self.size.height, len(self.sieve)
        if not count:
            self._said = wrap(self.empty, max(1, self._width - 2)) if self.empty else []
            return [(0, -1 - at, False) for at in range(height)]
        index, sub = (count, 0) if self._follow else self._start()
        rows: list[tuple[int, int]] = []
        while index < count and len(rows) < height:
            position = self.sieve.position(index)
            rows += [(position, at) for at in range(sub, self._height(index))]
            index, sub = index + 1, 0
        if len(rows) < height and index == count:
            rows = self._last(height)
        rows = rows[:height]
        self._top = rows[0]
        cursor = None if self._follow else self._cursor_index()
        at = None if cursor is None else self.sieve.position(cursor)
        shown: list[Row] = [(position, number, position == at) for position, number in rows]
        return shown + [(0, -1 - at, False) for at in range(height - len(rows))]

    def _start(self) -> tuple[int, int]:
        """(index, line of it) at the top."""
        position, sub = self._top
        index = self.sieve.index(position)
        if index < len(self.sieve) and self.sieve.position(index) == position:
            return index, min(sub, self._height(index) - 1)
        return index, 0

    def _last(self, height: int) -> list[tuple[int, int]]:
        """The last `height` lines."""
        return self._upto(len(self.sieve) - 1, height)

    def _upto(self, index: int, height: int) -> list[tuple[int, int]]:
        """`height` lines that end with the last one of `index`, or fewer where there are none before."""
        rows: list[tuple[int, int]] = []
        while index >= 0 and len(rows) < height:
            position = self.sieve.position(index)
            rows[:0] = [(position, at) for at in range(self._height(index))]
            index -= 1
        return rows[-height:]

    def _cursor_index(self) -> int:
        return min(self.sieve.index(self._cursor), len(self.sieve) - 1)

    # -- moving -----------------------------------------------------------------------------------------------

    def move(self, delta: int) -> None:
        """Move the cursor by lines; a line taller than the window is scrolled through first."""
        if not len(self.sieve) or (self._follow and delta > 0):
            return
        self._leave_end()
        index = self._cursor_index()
        if abs(delta) == 1 and self._scroll_inside(index, delta):
            return
        if index + delta < 0:
            self.post_message(self.AboveTop())
        self._put(max(0, min(index + delta, len(self.sieve) - 1)))

    def _scroll_inside(self, index: int, delta: int) -> bool:
        """Scroll by one line where the cursor's line goes on outside of the window; whether it did."""
        position, height = self.sieve.position(index), self._height(index)
        seen = [number for at, number, _cursor in self._rows if at == position]
        if not seen or height <= self.size.height:
            return False
        if delta > 0 and seen[-1] < height - 1 and len(self._rows) == self.size.height:
            self._top = (position, seen[0] + 1) if self._rows[0][0] == position else (position, 0)
        elif delta < 0 and seen[0] > 0:
            self._top = (position, seen[0] - 1)
        else:
            return False
        self.redraw()
        return True

    def page(self, direction: int, *, half: bool = False) -> None:
        """Scroll by pages (or half pages); the cursor stays at its place in the window."""
        if not len(self.sieve) or (self._follow and direction > 0):
            return
        self._leave_end()
        height = self.size.height
        step = max(1, height // 2 if half else height - 1) * abs(direction)
        place = next((y for y, row in enumerate(self._rows) if row[2]), 0)
        before = self._top
        if direction < 0:
            self._top = self._before(self._start(), step)
        else:
            self._top = self._after(self._start(), step)
        self._rows = self._window()
        if self._top == before:
            index = 0 if direction < 0 else len(self.sieve) - 1
            if direction < 0:
                self.post_message(self.AboveTop())
        else:
            at = [row[0] for row in self._rows if row[1] >= 0]
            index = self.sieve.index(at[min(place, len(at) - 1)])
        self._rows = []
        self._put(index)

    def _before(self, start: tuple[int, int], step: int) -> tuple[int, int]:
        index, sub = start
        while step > sub and index > 0:
            step -= sub + 1
            index -= 1
            sub = self._height(index) - 1
        return self.sieve.position(index), max(0, sub - step)

    def _after(self, start: tuple[int, int], step: int) -> tuple[int, int]:
        index, sub = start
        while index < len(self.sieve) - 1 and sub + step >= self._height(index):
            step -= self._height(index) - sub
            index, sub = index + 1, 0
        return self.sieve.position(index), min(sub + step, self._height(index) - 1)

    def home(self) -> None:
        """To the first line; from there, before it."""
        if len(self.sieve):
            self._leave_end()
            if self._cursor_index() == 0:
                self.post_message(self.AboveTop())
            self._put(0)

    def end(self) -> None:
        """To the last line, and follow."""
        self.follow = True

    def go(self, position: int) -> None:
        """Put the cursor on the line at `position`, in sight."""
        self._leave_end()
        self._put(min(self.sieve.index(position), len(self.sieve) - 1))

    def _leave_end(self) -> None:
        if self._follow:
            self.follow = False

    def _put(self, index: int) -> None:
        """The cursor on a line, scrolled no further than needed."""
        before, self._cursor = self._cursor, self.sieve.position(index)
        top, sub = self._start()
        height = self.size.height
        if index < top or (index == top and sub):
            self._top = (self._cursor, 0)
        else:
            rows, at = -sub, top
            while at <= index and rows <= height:
                rows += self._height(at)
                at += 1
            if rows > height:
                over = self._upto(index, height)
                self._top = over[0] if over[0][0] != self._cursor else (self._cursor, 0)
        self.redraw()
        if self._cursor != before:
            self.post_message(self.Moved())

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(WHEEL)

    # -- drawing ----------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self.redraw()

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._width != width or not self._rows:  # painted before the resize event comes
            self._width = width
            self.forget()
            self._rows = self._window()
        row = self._rows[y] if y < len(self._rows) else (0, -1, False)
        position, number, under = row
        strip = self._strips.get(row)
        if strip is not None and strip.cell_length == width:
            return strip
        base = self.rich_style
        if not len(self.sieve):
            said = self._said[y] if y < len(self._said) else ""
            return to_strip((Piece(f" {said}", MUTED),), width, self.paints, base)
        if number < 0 or not self.sieve.ring.first <= position < self.sieve.ring.end:
            return Strip.blank(width, base)
        if under:
            base += self.paints["log--cursor"]
        folded = self._folded(position)
        strip = to_strip(folded[number] if number < len(folded) else (), width, self.paints, base)
        self._strips[row] = strip
        return strip
