"""All lines of one chart with their values: under the cursor, and the least and greatest over its time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kurator_tui.kinds.units import amount
from kurator_tui.widgets.chart import Chart, ChartView, style_of, value_at
from kurator_tui.widgets.layout import cells, pad
from kurator_tui.widgets.lines_view import LinesView
from kurator_tui.widgets.palette import ACCENT, MUTED, STRONG, Line, Piece

NUMBER = 9
"""Cells of a value."""


def readout_lines(chart: Chart, width: int, *, ascii_only: bool = False) -> list[Line]:
    """A line for each series, in the order and colours of the chart, below a heading."""
    bar, mark = ("-", ">") if ascii_only else ("━", "▸")
    columns = ("AT CURSOR" if chart.cursor is not None else "NOW", "MIN", "MAX")
    number = NUMBER if width >= 48 else 0
    shown = columns if number else columns[:1]
    names = max(8, width - 4 - len(shown) * (NUMBER + 1))
    heading = "".join(f" {text:>{NUMBER}}" for text in shown)
    lines: list[Line] = [(Piece("   " + pad("LINE", names), MUTED), Piece(heading, MUTED))]
    others = {each.name: each for each in chart.others}
    for at, series in enumerate(chart.series):
        chosen = series.name == chart.chosen
        low, high = _span(series.values)
        values = (value_at(series, chart), low, high)[: len(shown)]
        text = "".join(f" {amount(value, chart.unit):>{NUMBER}}" for value in values)
        sign = mark if chosen else bar
        lines.append(
            (
                Piece(f" {sign} ", style_of(chart, at)),
                Piece(pad(series.name or chart.title, names), STRONG if chosen else style_of(chart, at)),
                Piece(text, STRONG if chosen else style_of(chart, at)),
            )
        )
        if series.name in others:
            before = amount(value_at(others[series.name], chart), chart.unit)
            lines.append(
                (Piece("   " + pad("  a day before", names), MUTED), Piece(f" {before:>{NUMBER}}", MUTED))
            )
    if chart.markers:
        lines += [(), (Piece(" Releases", ACCENT),)]
        lines += [
            (Piece(f"   {chart.timezone(each.at):%H:%M:%S}  {each.text}"[: width - 1], MUTED),)
            for each in chart.markers
        ]
    return lines


def _span(values: Sequence[float]) -> tuple[float, float]:
    """(least, greatest) finite value; NaN without one."""
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else (math.nan, math.nan)


class Readout(LinesView, can_focus=False):
    """Shows the readout of a chart."""

    PAINTS = ChartView.PAINTS

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._chart = Chart("")
        self._ascii = ascii_only

    def show(self, chart: Chart) -> None:
        """Show the values of `chart`; the chosen line stays in sight."""
        self._chart = chart
        self.redraw()
        at = next((y for y, line in enumerate(self._shown) if _chosen(line)), None)
        if at is not None:
            top, height = int(self.scroll_offset.y), self.scrollable_content_region.height
            self.move(min(max(top, at - height + 1), at) - top)

    def compose_lines(self, width: int) -> list[Line]:
        return readout_lines(self._chart, width, ascii_only=self._ascii)


def _chosen(line: Line) -> bool:
    return bool(line) and line[0].text.strip() in ("▸", ">") and cells(line[0].text) == 3
