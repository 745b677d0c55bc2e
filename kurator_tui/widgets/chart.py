"""One chart as lines of text: title and legend, axes with units, Braille lines, thresholds, markers and a cursor.

`compose` is pure; `ChartView` is a widget that shows what it returns and repaints the lines that differ. Nothing
here asks for data.

    title                                          ━ eu-1 3.2  ━ eu-2 1.1  +3
      4 ┤⣀⣀⡠⠤⠒⠒⠉
      0 ┤         ⠉⠉⠒⠤
         14:00        14:20        14:40
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from textual.geometry import Region
from textual.strip import Strip

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.units import amount, label, moments, ticks
from kurator_tui.widgets.braille import NOBODY, Canvas
from kurator_tui.widgets.layout import cells, truncate, wrap
from kurator_tui.widgets.palette import (
    LEVEL_CLASSES,
    MUTED,
    PAINTS,
    PLAIN,
    STRONG,
    Line,
    Paint,
    Painted,
    Piece,
    cut,
    spread,
    to_strip,
    width_of,
)

SERIES = tuple(f"chart--{number}" for number in range(6))
"""Styles of the lines, in turn."""
LEAST = 3
"""Lines below which only title and values are shown."""
SHARES = {"ratio": 1.0, "percent": 100.0}
"""Unit of a share -> all of it."""
LEAST_SPREAD = 0.02
"""Part of the values that the axis spans at least: noise is no curve."""
_TICKS_APART = 3
"""Lines between two labels of the axis, at least."""
_MOMENT = 12
"""Cells between two labels of the time axis, at least."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line: its values are equally far apart over the chart's time, NaN where there is none."""

    name: str
    values: Sequence[float]

    @property
    def last(self) -> float:
        """The newest value there is, NaN without one."""
        return next((value for value in reversed(self.values) if not math.isnan(value)), math.nan)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line at `value`: what lies beyond it is of `level`."""

    value: float
    level: Level


@dataclass(frozen=True, slots=True)
class Marker:
    """Something that happened at `at` (Unix seconds), e.g. a release."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn. Times are Unix seconds; `seconds` is the length of the time axis, which ends at `end`."""

    title: str
    unit: str = ""
    end: float = 0.0
    seconds: float = 3600.0
    series: tuple[Drawn, ...] = ()
    others: tuple[Drawn, ...] = ()
    """The same lines at another time (yesterday), drawn behind."""
    thresholds: tuple[Threshold, ...] = ()
    markers: tuple[Marker, ...] = ()
    cursor: float | None = None
    """The moment whose values are read out; None for the newest."""
    chosen: str = ""
    """Name of the line that stands out, the others being muted; "" for none."""
    total: int = 0
    """How many lines there are, where not all are drawn."""
    note: str = ""
    """Why there is nothing, or what is missing."""
    stale: bool = False
    focused: bool = False
    timezone: Callable[[float], datetime] = field(default=datetime.fromtimestamp)


def compose(chart: Chart, width: int, height: int, *, ascii_only: bool = False) -> list[Line]:
    """`height` lines of at most `width` cells."""
    lines = [_head(chart, width, ascii_only=ascii_only)]
    if height >= LEAST:
        lines += _body(chart, width, height - 1, ascii_only=ascii_only)
    elif height == LEAST - 1:
        lines.append(cut([Piece(chart.note, MUTED)], width))
    return lines[:height] + [()] * max(0, height - len(lines))


# -- the first line -----------------------------------------------------------------------------------------------


def value_at(drawn: Drawn, chart: Chart) -> float:
    """The value under the cursor; the newest without one."""
    if chart.cursor is None or not len(drawn.values):
        return drawn.last
    share = 1 - (chart.end - chart.cursor) / chart.seconds if chart.seconds else 1.0
    at = round(share * (len(drawn.values) - 1))
    return drawn.values[at] if 0 <= at < len(drawn.values) else math.nan


def style_of(chart: Chart, number: int) -> str:
    """How the line `number` is painted."""
    if chart.stale or (chart.chosen and chart.series[number].name != chart.chosen):
        return MUTED
    return STRONG if chart.chosen else SERIES[number % len(SERIES)]


def _head(chart: Chart, width: int, *, ascii_only: bool) -> Line:
    bar, arrow = ("-", ">") if ascii_only else ("━", "▸")
    title = f"{arrow} {chart.title}" if chart.focused else chart.title
    left = [Piece(title, STRONG if chart.focused else PLAIN)]
    if chart.cursor is not None:
        left.append(Piece(f"  {chart.timezone(chart.cursor):%H:%M:%S}", MUTED))
    room = width - width_of(left) - 2
    right: list[Piece] = []
    shown = 0
    ordered = sorted(range(len(chart.series)), key=lambda at: chart.series[at].name != chart.chosen)
    for number in ordered:
        drawn = chart.series[number]
        text = amount(value_at(drawn, chart), chart.unit)
        name = truncate(drawn.name, max(18, min(32, width // 4)))
        piece = f"{bar} {name} {text}" if name else text
        rest = max(len(chart.series), chart.total) - shown - 1
        if cells(piece) + 2 + (5 if rest else 0) > room:
            break
        right.append(Piece(("  " if right else "") + piece, style_of(chart, number)))
        room -= cells(piece) + 2
        shown += 1
    if rest := max(len(chart.series), chart.total) - shown:
        right.append(Piece(f"  +{rest}", MUTED))
    return spread(left, right, width)


# -- the picture --------------------------------------------------------------------------------------------------


def _body(chart: Chart, width: int, height: int, *, ascii_only: bool) -> list[Line]:
    drawn = [value for each in (*chart.others, *chart.series) for value in each.values if math.isfinite(value)]
    if not drawn:
        return _nothing(chart, width, height)
    rows = height - 1
    least, greatest = min(drawn), max(drawn)
    limits = [each.value for each in chart.thresholds if each.value <= max(0.0, 2 * greatest)]
    low, high = min(0.0, least, *limits), max(greatest, *limits, low_top(greatest, chart.unit))
    if chart.unit in SHARES and least > 0.8 * high:  # 97 to 100 % is a line at the top otherwise
        low = min(least, (1 - LEAST_SPREAD) * high)
    axis = ticks(low, high, max(2, rows // _TICKS_APART + 1), chart.unit)
    labels = _labels(axis, rows, chart.unit)
    gutter = max(cells(text) for text in labels.values())
    plot = max(4, width - gutter - 2)
    canvas = Canvas(plot, rows)
    for number, each in enumerate(chart.others):
        canvas.line(len(chart.series) + number, each.values, axis[0], axis[-1])
    last = len(chart.series) - 1
    for number in sorted(range(len(chart.series)), key=lambda at: (chart.series[at].name == chart.chosen, -at)):
        canvas.line(number, chart.series[number].values, axis[0], axis[-1])
    styles = {number: style_of(chart, number) for number in range(last + 1)}
    tick = "|" if ascii_only else "┤"
    grounds = _grounds(chart, plot, rows, axis, ascii_only=ascii_only)
    lines: list[Line] = []
    for y in range(rows):
        label = labels.get(y)
        edge = (
            f"{label:>{gutter}} {tick}" if label is not None else " " * (gutter + 1) + ("|" if ascii_only else "│")
        )
        row = _row(canvas, y, styles, grounds, ascii_only=ascii_only)
        lines.append((Piece(edge, MUTED), *row))
    lines.append(_times(chart, gutter + 2, plot))
    return lines


def low_top(greatest: float, unit: str) -> float:
    """The top that an axis has at least: all of a share that comes near it."""
    whole = SHARES.get(unit)
    return whole if whole is not None and greatest > 0.5 * whole else 0.0


def _nothing(chart: Chart, width: int, height: int) -> list[Line]:
    """The note in the middle; its lines stand below each other, and are wrapped where they are wide."""
    room = max(1, width - 2)
    texts: list[str] = []
    for text in (chart.note or "no data").splitlines():
        texts += [text] if cells(text) <= room else wrap(text, room)
    texts = texts[:height]
    blank = " " * max(0, (width - max(map(cells, texts), default=0)) // 2)
    above = (height - len(texts)) // 2
    lines: list[Line] = [(Piece(blank + truncate(text, room), MUTED),) for text in texts]
    return [()] * above + lines + [()] * (height - above - len(lines))


def _labels(axis: Sequence[float], rows: int, unit: str) -> dict[int, str]:
    reach = axis[-1] - axis[0]
    found: dict[int, str] = {}
    for value in axis:
        row = round((axis[-1] - value) / reach * (rows - 1)) if reach else rows - 1
        found.setdefault(row, label(value, unit))
    return found


Grounds = tuple[dict[int, tuple[str, str]], dict[int, tuple[str, str]]]
"""(row, column) -> (glyph, style) of what shows through where no line is."""


def _grounds(chart: Chart, plot: int, rows: int, axis: Sequence[float], *, ascii_only: bool) -> Grounds:
    across: dict[int, tuple[str, str]] = {}
    down: dict[int, tuple[str, str]] = {}
    reach = axis[-1] - axis[0]
    for limit in chart.thresholds:
        if reach and axis[0] <= limit.value <= axis[-1]:
            row = round((axis[-1] - limit.value) / reach * (rows - 1))
            across[row] = ("-" if ascii_only else "┈", LEVEL_CLASSES[limit.level])
    for marker in chart.markers:
        if (x := _column(chart, marker.at, plot)) is not None:
            down[x] = (":" if ascii_only else "┊", MUTED)
    if chart.cursor is not None and (x := _column(chart, chart.cursor, plot)) is not None:
        down[x] = ("|" if ascii_only else "│", STRONG)
    return across, down


def _column(chart: Chart, at: float, plot: int) -> int | None:
    share = 1 - (chart.end - at) / chart.seconds if chart.seconds else 1.0
    return round(share * (plot - 1)) if 0 <= share <= 1 else None


def _row(canvas: Canvas, y: int, styles: Mapping[int, str], grounds: Grounds, *, ascii_only: bool) -> list[Piece]:
    across, down = grounds
    pieces: list[Piece] = []
    x = 0
    for text, owner in canvas.row(y, ascii_only=ascii_only):
        if owner != NOBODY:
            pieces.append(Piece(text, styles.get(owner, MUTED)))
        else:
            pieces += _ground(x, len(text), across.get(y), down)
        x += len(text)
    return pieces


def _ground(x: int, length: int, line: tuple[str, str] | None, down: Mapping[int, tuple[str, str]]) -> list[Piece]:
    """Empty cells with what shows through them."""
    glyph, style = line or (" ", PLAIN)
    pieces: list[Piece] = []
    for column in sorted(column for column in down if x <= column < x + length):
        if column > x:
            pieces.append(Piece(glyph * (column - x), style))
        pieces.append(Piece(*down[column]))
        length -= column + 1 - x
        x = column + 1
    if length:
        pieces.append(Piece(glyph * length, style))
    return pieces


def _times(chart: Chart, indent: int, plot: int) -> Line:
    """Labels of the time axis, and markers' words where they fit."""
    text = [" "] * plot

    def put(x: int, word: str) -> None:
        x = min(max(0, x), plot - len(word))
        if x >= 0 and all(char == " " for char in text[max(0, x - 1) : x + len(word) + 1]):
            text[x : x + len(word)] = word

    for marker in chart.markers:
        if (x := _column(chart, marker.at, plot)) is not None:
            word = truncate(marker.text, 16)
            if word.isprintable() and cells(word) == len(word):
                put(x - len(word) // 2, word)
    start = chart.end - chart.seconds
    offset = (chart.timezone(start).astimezone().utcoffset() or datetime.min - datetime.min).total_seconds()
    long = "%d %b" if chart.seconds > 2 * 86400 else "%H:%M" if chart.seconds >= 600 else "%H:%M:%S"
    for at in moments(start, chart.end, plot // _MOMENT, offset):
        word = f"{chart.timezone(at):{long}}"
        x = _column(chart, at, plot)
        if x is not None:
            put(x - len(word) // 2, word)
    return (Piece(" " * indent + "".join(text).rstrip(), MUTED),)


# -- the widget ---------------------------------------------------------------------------------------------------


class ChartView(Painted):
    """Shows one chart in the room it has."""

    PAINTS: ClassVar[Mapping[str, Paint]] = {
        **PAINTS,
        SERIES[0]: Paint("text-primary"),
        SERIES[1]: Paint("text-success"),
        SERIES[2]: Paint("text-warning"),
        SERIES[3]: Paint("text-accent"),
        SERIES[4]: Paint("text-error"),
        SERIES[5]: Paint("text-muted"),
    }
    DEFAULT_CSS = "ChartView { height: 1fr; width: 1fr; }"

    def __init__(self, chart: Chart, *, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._chart = chart
        self._ascii = ascii_only
        self._lines: list[Line] = []
        self._measured = (0, 0)

    @property
    def chart(self) -> Chart:
        """What is shown."""
        return self._chart

    @chart.setter
    def chart(self, chart: Chart) -> None:
        self._chart = chart
        self.redraw()

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return "\n".join("".join(piece.text for piece in line) for line in self._lines)

    def redraw(self) -> None:
        """Compose again; repaint the lines that differ."""
        if not self.is_attached or not self.size.height:
            return
        old, self._lines = self._lines, self._compose_now()
        changed = [y for y, line in enumerate(self._lines) if y >= len(old) or line != old[y]]
        if changed:
            self.refresh(*[Region(0, y, self.size.width, 1) for y in changed])

    def _compose_now(self) -> list[Line]:
        self._measured = (self.size.width, self.size.height)
        return compose(self._chart, *self._measured, ascii_only=self._ascii)

    def on_resize(self) -> None:
        self._lines = []
        self.redraw()

    def render_line(self, y: int) -> Strip:
        if self._measured != (self.size.width, self.size.height):  # painted before the resize event comes
            self._lines = self._compose_now()
        line = self._lines[y] if y < len(self._lines) else ()
        return to_strip(line, self.size.width, self.paints, self.rich_style)
