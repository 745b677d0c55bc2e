"""Several charts in columns and rows, as one widget: what changed of them is repainted line by line, nothing else.

How many fit is `fitting`; which of them are shown is the business of whoever shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from kurator_tui.widgets.chart import Chart, ChartView, compose
from kurator_tui.widgets.palette import Line, Painted, text_of, to_strip

GAP = 2
"""Cells between two charts."""
NARROWEST, LOWEST = 46, 7
"""Cells and lines below which a chart says little."""
MOST_COLUMNS = 4
FEW = 12
"""Lines of charts that are repainted each for itself."""
SHAPE = 4.5
"""Cells a line of a chart that reads well."""


class Raster(NamedTuple):
    """So many charts beside and below each other."""

    columns: int = 1
    rows: int = 1

    @property
    def places(self) -> int:
        """Charts that are shown at once."""
        return self.columns * self.rows


def fitting(number: int, width: int, height: int) -> Raster:
    """The raster for `number` charts: all if they fit, in the shape that reads best; else as many as do."""
    columns = max(1, min(MOST_COLUMNS, (width + GAP) // (NARROWEST + GAP)))
    rows = max(1, height // LOWEST)
    if number > columns * rows:
        return Raster(columns, rows)
    fits = [
        Raster(across, ceil(number / across))
        for across in range(1, columns + 1)
        if ceil(max(1, number) / across) <= rows
    ]
    return min(fits, key=lambda raster: _oddness(raster, width, height)) if number else Raster()


def _oddness(raster: Raster, width: int, height: int) -> float:
    cells, lines = max(1, width // raster.columns - GAP), max(1, height // raster.rows)
    return abs(log(cells / lines / SHAPE))


class ChartGrid(Painted):
    """Shows charts, the first one at the top left. A click chooses one."""

    PAINTS = ChartView.PAINTS
    DEFAULT_CSS = "ChartGrid { height: 1fr; width: 1fr; }"

    class Clicked(Message):
        """A chart was clicked on: its place in the raster, and where on it, 0.0 left and 1.0 right."""

        def __init__(self, place: int, share: float) -> None:
            super().__init__()
            self.place, self.share = place, share

    class Resized(Message):
        """Another raster may fit now."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ascii = ascii_only
        self._raster = Raster()
        self._charts: tuple[Chart, ...] = ()
        self._lines: list[list[Line]] = []
        self._boxes: list[Region] = []
        self._based: Style | None = None
        self._on_base: dict[str, Style] | None = None

    @property
    def charts(self) -> tuple[Chart, ...]:
        """What is shown."""
        return self._charts

    @property
    def text(self) -> str:
        """All charts as plain text, one below the other."""
        return "\n".join(text_of(line) for lines in self._lines for line in lines)

    def plot_width(self, raster: Raster) -> int:
        """Cells that a chart of `raster` has."""
        return max(1, (self.size.width + GAP) // raster.columns - GAP)

    def show(self, charts: Sequence[Chart], raster: Raster) -> None:
        """Show `charts`; those that are as before cost nothing, of others the lines that differ are repainted."""
        boxes = self._laid_out(len(charts), raster)
        if boxes != self._boxes:
            self._charts, self._raster, self._boxes = tuple(charts), raster, boxes
            self._lines = [self._composed(chart, box) for chart, box in zip(charts, boxes, strict=True)]
            self.refresh()
            return
        changed: list[Region] = []
        for at, (chart, box) in enumerate(zip(charts, boxes, strict=True)):
            if chart == self._charts[at]:
                continue
            old, new = self._lines[at], self._composed(chart, box)
            self._lines[at] = new
            changed += [
                Region(box.x, box.y + y, box.width, 1)
                for y, line in enumerate(new)
                if y >= len(old) or line != old[y]
            ]
        self._charts = tuple(charts)
        if len(changed) > FEW:  # a strip is put together for each region
            self.refresh(Region(0, min(each.y for each in changed), self.size.width, self.size.height))
        elif changed:
            self.refresh(*changed)

    def _composed(self, chart: Chart, box: Region) -> list[Line]:
        return compose(chart, box.width, box.height, ascii_only=self._ascii)

    def _laid_out(self, number: int, raster: Raster) -> list[Region]:
        """The box of each chart; the last row and column take what is left over."""
        width, height = self.plot_width(raster), max(1, self.size.height // raster.rows)
        boxes = []
        for at in range(min(number, raster.places)):
            row, column = divmod(at, raster.columns)
            x, y = column * (width + GAP), row * height
            last = row == raster.rows - 1
            boxes.append(Region(x, y, width, self.size.height - y if last else height))
        return boxes

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    def on_click(self, event: events.Click) -> None:
        for place, box in enumerate(self._boxes):
            if box.contains(event.x, event.y):
                self.post_message(self.Clicked(place, (event.x - box.x) / max(1, box.width - 1)))

    def render_line(self, y: int) -> Strip:
        segments: list[Segment] = []
        reached = 0
        for at, box in enumerate(self._boxes):
            if box.y <= y < box.bottom:
                segments += [Segment(" " * (box.x - reached), self._base)] if box.x > reached else []
                segments += self._segments(at, y - box.y, box.width)
                reached = box.right
        return Strip(segments, reached).adjust_cell_length(self.size.width, self._base)

    def _segments(self, at: int, y: int, width: int) -> list[Segment]:
        """Line `y` of a chart. Below its head a chart with lines is of our own characters, each of one cell."""
        line = self._lines[at][y]
        if not y or not self._charts[at].series:
            return list(to_strip(line, width, self.paints, self._base))
        styles = self._styles
        segments = [Segment(text, styles[style]) for text, style in line]
        length = sum(len(text) for text, _ in line)
        return segments if length >= width else [*segments, Segment(" " * (width - length), self._base)]

    @property
    def _base(self) -> Style:
        """The widget's own style: asking for it costs as much as drawing a line."""
        if self._based is None:
            self._based = self.rich_style
        return self._based

    @property
    def _styles(self) -> dict[str, Style]:
        """Style name -> that paint on the widget's own style."""
        if self._on_base is None:
            base = self._base
            self._on_base = {name: base + style for name, style in self.paints.items()}
        return self._on_base

    def notify_style_update(self) -> None:
        self._based = self._on_base = None
        super().notify_style_update()
