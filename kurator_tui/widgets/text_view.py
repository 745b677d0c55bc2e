"""A text of many lines with a cursor: scrolled, wrapped, searched, with the lines that changed marked at the edge.

Only lines that look different are repainted, and of thousands only those that are seen are drawn. It knows nothing
of what the text is about: each line carries that along.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip

from kurator_tui.kinds.cells import inert
from kurator_tui.widgets.layout import cells, truncate
from kurator_tui.widgets.lines_view import LinesView
from kurator_tui.widgets.palette import PAINTS, PLAIN, Line, Paint, Piece, text_of

GUTTER = 2
"""Cells at the left edge: the mark of a changed line, and the cursor."""
CHANGED, FOUND, CURSOR = "textview--changed", "textview--found", "textview--cursor"


Spans = Callable[[str], list[tuple[int, int]]]
"""Finds where something is in a text: (start, end) of each place."""


class TextLine(NamedTuple):
    """One line: its pieces, the cells by which its continuation is indented, and what it is about."""

    pieces: Line
    hang: int = 0
    about: object = None

    @property
    def text(self) -> str:
        """As plain text."""
        return text_of(self.pieces)


class _Shown(NamedTuple):
    """What one line of the screen shows; equal ones look the same."""

    pieces: Line
    cursor: bool
    mark: bool
    first: bool
    """Whether a line begins here."""


def fold(line: TextLine, width: int) -> list[Line]:
    """`line` on lines of at most `width` cells, broken behind spaces where there are any."""
    if len(text := inert(line.text)) <= width and cells(text) <= width:
        return [line.pieces]
    rows: list[Line] = []
    row: list[Piece] = []
    hang = min(line.hang, width // 2)
    room = width
    for piece in line.pieces:
        rest = inert(piece.text)
        while cells(rest) > room:
            head = truncate(rest, room, ellipsis="") if room > 0 else ""
            at = head.rfind(" ") + 1
            if at > max(1, len(head) // 3):
                head = head[:at]
            elif not head and row and room < width - hang:
                head = ""
            rest = rest[len(head) :] if head or row else rest[1:]
            rows.append((*row, Piece(head, piece.style)))
            row, room = ([Piece(" " * hang)] if hang else []), width - hang
        row.append(Piece(rest, piece.style))
        room -= cells(rest)
    return [*rows, tuple(row)]


class TextView(LinesView):
    """Shows `TextLine`s; `cursor` is the index of the line under the cursor."""

    PAINTS: ClassVar[Mapping[str, Paint]] = {
        **PAINTS,
        CURSOR: Paint("block-cursor-foreground", "block-cursor-background"),
        FOUND: Paint("background", "warning", bold=True),
        CHANGED: Paint("text-warning", bold=True),
    }

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self.ascii_only = ascii_only
        self.cursor = 0
        self.wrap = False
        self.shift = 0
        """Cells that are skipped at the left, where lines are not wrapped."""
        self.marked: frozenset[int] = frozenset()
        """Lines that changed."""
        self.matches: list[int] = []
        """Lines that the search found."""
        self._spans: Spans | None = None
        self._lines: Sequence[TextLine] = ()
        self._starts: list[int] = []
        """Of each line the row it begins at; empty where each has one row."""
        self._painted: list[_Shown | None] = []

    # -- what is shown ----------------------------------------------------------------------------------------

    @property
    def lines(self) -> Sequence[TextLine]:
        """All lines."""
        return self._lines

    def show(self, lines: Sequence[TextLine], *, cursor: int, marked: frozenset[int] = frozenset()) -> None:
        """Show `lines`, those in `marked` as changed; the line under the cursor keeps its place on the screen."""
        top = self._row_of(self.cursor) - int(self.scroll_offset.y)
        self._lines, self.marked = lines, marked
        self.cursor = max(0, min(cursor, len(lines) - 1))
        self._search()
        self._compose_now(self.scrollable_content_region.width)
        self._extend()
        self._place(self._row_of(self.cursor) - top)

    def mark(self, marked: frozenset[int]) -> None:
        """Mark other lines."""
        self.marked = marked
        self._repaint()

    def compose_lines(self, width: int) -> list[Line]:
        room = max(1, width - GUTTER)
        self._starts = []
        if not self.wrap:
            return [line.pieces for line in self._lines]
        rows: list[Line] = []
        for line in self._lines:
            self._starts.append(len(rows))
            rows += fold(line, room)
        return rows

    def _row_of(self, line: int) -> int:
        return self._starts[line] if line < len(self._starts) else line

    def _line_of(self, row: int) -> int:
        return bisect_right(self._starts, row) - 1 if self._starts else row

    # -- search -----------------------------------------------------------------------------------------------

    def find(self, spans: Spans | None) -> int:
        """Highlight what `spans` finds and go to the first from here on. Returns in how many lines it is."""
        self._spans = spans
        self._search()
        if self.matches and self.cursor not in self.matches:
            self.go(next((at for at in self.matches if at >= self.cursor), self.matches[0]))
        self._repaint()
        return len(self.matches)

    def next_match(self, step: int) -> int:
        """Go to the next match (or `step` matches on); returns its number from 1, 0 without any."""
        if not self.matches:
            return 0
        at = bisect_right(self.matches, self.cursor) - 1
        on = at >= 0 and self.matches[at] == self.cursor
        chosen = (at + step + (1 if step < 0 and not on else 0)) % len(self.matches)
        self.go(self.matches[chosen])
        return chosen + 1

    def _search(self) -> None:
        spans = self._spans
        self.matches = [] if spans is None else [at for at, line in enumerate(self._lines) if spans(line.text)]

    # -- moving -----------------------------------------------------------------------------------------------

    def go(self, line: int) -> None:
        """The cursor goes to `line`."""
        self.cursor = max(0, min(line, len(self._lines) - 1))
        self._place(int(self.scroll_offset.y))

    def _place(self, top: int) -> None:
        """Scroll to `top`, as far as the cursor is seen then, and repaint what differs."""
        height = max(1, self.scrollable_content_region.height)
        row = self._row_of(self.cursor)
        below = self._row_of(self.cursor + 1) if self.cursor + 1 < len(self._lines) else len(self._shown)
        top = max(min(top, row), min(row, below - height))
        if self.cursor == 0:
            top = 0
        top = max(0, min(top, len(self._shown) - height))
        if top != int(self.scroll_offset.y):
            self._jump(top)
        self._repaint()

    def move(self, delta: int) -> None:
        self.go(self.cursor + delta)

    def page(self, direction: int, *, half: bool = False) -> None:
        height = max(1, self.scrollable_content_region.height)
        rows = direction * max(1, height // 2 if half else height - 1)
        row = max(0, min(self._row_of(self.cursor) + rows, len(self._shown) - 1))
        line = self._line_of(row)
        if line == self.cursor:  # one line may be higher than a page
            line += 1 if direction > 0 else -1
        top = int(self.scroll_offset.y) + rows
        self.cursor = max(0, min(line, len(self._lines) - 1))
        self._place(top)

    def home(self) -> None:
        self.go(0)

    def end(self) -> None:
        self.go(len(self._lines) - 1)

    def column_shift(self, delta: int) -> None:
        """Skip more or fewer cells at the left."""
        if not self.wrap:
            widest = max((cells(text_of(line)) for line in self._visible()), default=0)
            self.shift = max(0, min(self.shift + delta * 8, max(self.shift, widest - 8)))
            self._repaint()

    def toggle_wrap(self) -> None:
        """Fold long lines, or cut them."""
        self.wrap, self.shift = not self.wrap, 0
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        row = int(self.scroll_offset.y) + event.y
        if row < len(self._shown):
            self.go(self._line_of(row))

    # -- drawing ----------------------------------------------------------------------------------------------

    def redraw(self) -> None:
        self._compose_now(self.scrollable_content_region.width)
        self._extend()
        self._place(int(self.scroll_offset.y))

    def _extend(self) -> None:
        size = self.scrollable_content_region.size
        self.virtual_size = Size(size.width, max(len(self._shown), size.height))

    def _visible(self) -> list[Line]:
        top = int(self.scroll_offset.y)
        return self._shown[top : top + self.scrollable_content_region.height]

    def _repaint(self) -> None:
        """Refresh the lines that look different."""
        size = self.scrollable_content_region.size
        now = [self._state(y) for y in range(size.height)]
        old, self._painted = self._painted, now
        changed = [y for y, state in enumerate(now) if y >= len(old) or old[y] != state]
        if changed and self.is_attached:
            self.refresh(*[Region(0, y, size.width, 1) for y in changed])

    def _state(self, y: int) -> _Shown | None:
        row = y + int(self.scroll_offset.y)
        if row >= len(self._shown):
            return None
        line = self._line_of(row)
        first = self._row_of(line) == row
        return _Shown(self._pieces(self._shown[row]), line == self.cursor, line in self.marked, first)

    def _pieces(self, pieces: Line) -> Line:
        """As they are drawn: shifted, with what was found in its own style."""
        if self._spans is not None and (found := self._spans(text_of(pieces))):
            pieces = _highlighted(pieces, found)
        return _shifted(pieces, self.shift) if self.shift else pieces

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if self._composed_for != width:  # painted before the resize event comes
            self._compose_now(width)
        state, paints, base = self._state(y), self.paints, self.rich_style
        if state is None:
            return Strip.blank(width, base)
        sign = ("+" if self.ascii_only else "▌") if state.mark else " "
        pointer = (">" if self.ascii_only else "›") if state.cursor and state.first else " "
        under = base + paints[CURSOR] if state.cursor else base
        segments = [Segment(sign, base + paints[CHANGED]), Segment(pointer, under)]
        room = width - GUTTER
        for text, style in state.pieces:
            text = truncate(inert(text), room)
            if text:
                own = paints[style]
                plain = state.cursor and style != FOUND
                segments.append(Segment(text, under if plain else base + own))
                room -= cells(text)
            if room <= 0:
                break
        return Strip(segments).adjust_cell_length(width, under)


def _highlighted(pieces: Line, spans: Sequence[tuple[int, int]]) -> Line:
    """`pieces` with the `spans` of their text in the style of what was found."""
    shown: list[Piece] = []
    at = 0
    for text, style in pieces:
        done = 0
        for start, end in spans:
            first, last = max(start - at, done), min(end - at, len(text))
            if first < last:
                shown += [Piece(text[done:first], style), Piece(text[first:last], FOUND)]
                done = last
        shown.append(Piece(text[done:], style))
        at += len(text)
    return tuple(piece for piece in shown if piece.text)


def _shifted(pieces: Line, skip: int) -> Line:
    """`pieces` without their first `skip` cells."""
    left: list[Piece] = []
    for text, style in pieces:
        shown = inert(text)
        width = cells(shown)
        if skip >= width:
            skip -= width
            continue
        if skip:
            dropped = truncate(shown, skip, ellipsis="")
            shown, skip = shown[len(dropped) :], 0
        left.append(Piece(shown, style))
    return tuple(left) or (Piece("", PLAIN),)
