"""A row as the texts of its cells: measured, cached by row identity, and drawn into a strip.

Knows kinds, freshness and the clock; knows no widget, no scroll position and no selection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from kurator_tui.kinds.base import AnyColumn, AnyKind, Column, Format, Key, Level, Row, Value
from kurator_tui.kinds.cells import ASCII_GLYPHS, GLYPHS, cell_text, duration
from kurator_tui.store.freshness import STATE_LEVELS, Freshness, State
from kurator_tui.store.view import View
from kurator_tui.widgets.layout import Placed, cells, pad
from kurator_tui.widgets.palette import LEVEL_CLASSES

FreshnessOf = Callable[[Row], Freshness]

CACHE_SIZE = 2000
"""Rows whose texts are kept."""
_TIMED = frozenset({Format.AGE, Format.UNTIL})
_TELLING = frozenset({Level.PROGRESSING, Level.DEGRADED, Level.FAILED})
"""Levels that add their glyph to a coloured cell, so that colour is not the only carrier."""


def freshness_text(freshness: Freshness, now: float, *, ascii_only: bool = False) -> str:
    """Glyph, state and, when the rows are old, since when: `… stale 4m`. Empty when they can be trusted."""
    if freshness.trustworthy:
        return ""
    glyph = (ASCII_GLYPHS if ascii_only else GLYPHS)[STATE_LEVELS[freshness.state]]
    age = f" {duration(now - freshness.since)}" if freshness.state is State.STALE and freshness.since else ""
    return f"{glyph} {freshness.state}{age}"


@dataclass(slots=True, eq=False)
class Entry:
    """One row as drawn: equal entries are the same object, so lines are compared by identity."""

    row: Row
    now: float
    texts: tuple[str, ...]
    levels: tuple[Level | None, ...]
    dim: bool
    glyph: str
    """Health glyph for the gutter; empty when a column shows the health."""
    strips: dict[tuple[int, bool, bool], Strip] = field(default_factory=dict)
    """(layout generation, selected, marked) -> strip."""


class RowText:
    """Cells of the rows of one kind."""

    def __init__(self, kind: AnyKind, freshness: FreshnessOf | None, *, now: float, ascii_only: bool) -> None:
        self.kind = kind
        self.now = now
        self.ascii_only = ascii_only
        self.generation = 0
        self._freshness = freshness
        self._entries: dict[Key, Entry] = {}
        self._glyphs = ASCII_GLYPHS if ascii_only else GLYPHS
        self._own: tuple[AnyColumn, ...] = kind.shown
        self._health_shown = any(column.format is Format.HEALTH and not column.wide for column in self._own)
        self._data_column: AnyColumn = Column("data", "DATA", self._freshness_value, priority=0)
        self._set_columns(untrusted=False)

    @property
    def gutter(self) -> int:
        """Cells left of the first column: cursor or mark and, where no column has it, the health glyph."""
        return 1 if self._health_shown else 3

    @property
    def ellipsis(self) -> str:
        """What stands for text that was cut."""
        return "~" if self.ascii_only else "…"

    @property
    def timed(self) -> bool:
        """Whether texts change as time goes by."""
        return bool(self._timed)

    # -- columns ----------------------------------------------------------------------------------------------

    def _set_columns(self, *, untrusted: bool) -> None:
        self.columns = (*self._own, self._data_column) if untrusted else self._own
        self._timed = [
            at
            for at, column in enumerate(self.columns)
            if column.format in _TIMED
            or column is self._data_column
            or (column.format is Format.HEALTH and self._freshness is None)
        ]
        self.widths = [cells(column.title) for column in self.columns]
        self._entries.clear()
        self.generation += 1

    def check_freshness(self, view: View) -> bool:
        """Show the DATA column while some cluster's rows are not live; whether that changed.

        Freshness is asked by row and belongs to its cluster, so one row of each is asked about.
        """
        of = self._freshness
        untrusted = of is not None and any(
            not of(row).trustworthy and view.shows(row.cluster)
            for row in map(view.sample, view.clusters)
            if row is not None
        )
        if untrusted == (self.columns is not self._own):
            return False
        self._set_columns(untrusted=untrusted)
        return True

    def stale(self) -> None:
        """Freshness may differ now: no cached entry can be trusted to be dimmed rightly."""
        for entry in self._entries.values():
            entry.now = float("nan")

    def _freshness_value(self, row: Row) -> Value:
        if self._freshness is None:
            return None
        return freshness_text(self._freshness(row), self.now, ascii_only=self.ascii_only)

    # -- cells ------------------------------------------------------------------------------------------------

    def entry(self, row: Row) -> Entry:
        """The cells of `row`; the same object as before unless something shown differs."""
        old = self._entries.get(row.key)
        if old is not None and old.row is row and old.now == self.now:
            return old
        new = self._make(row)
        if old is not None and (old.texts, old.levels, old.dim, old.glyph) == (
            new.texts,
            new.levels,
            new.dim,
            new.glyph,
        ):
            old.row, old.now = row, self.now
            return old
        if len(self._entries) >= CACHE_SIZE:
            self._entries.clear()
        self._entries[row.key] = new
        self._measure(new)
        return new

    def _make(self, row: Row) -> Entry:
        health = self.kind.health(row).level
        dim = health is Level.STALE if self._freshness is None else not self._freshness(row).trustworthy
        texts: list[str] = []
        levels: list[Level | None] = []
        for at, column in enumerate(self.columns):
            text, level = self._cell(column, row)
            texts.append(text)
            levels.append(health if at == 0 and level is None and health is not Level.HEALTHY else level)
        glyph = "" if self._health_shown else self._glyphs[health]
        return Entry(row, self.now, tuple(texts), tuple(levels), dim, glyph)

    def _cell(self, column: AnyColumn, row: Row) -> tuple[str, Level | None]:
        value: Value = column.value(row)
        text = cell_text(value, column.format, self.now, ascii_only=self.ascii_only)
        if column.format is Format.HEALTH and isinstance(value, str):
            if value == Level.STALE and self._freshness is None and (since := getattr(row, "since", 0.0)):
                text = f"{text} {duration(self.now - since)}"
            return text, Level(value)
        if column.level is None or not text:
            return text, None
        level: Level = column.level(row)
        if level in _TELLING:
            text = self._glyphs[level] + text
        return text, level

    def _measure(self, entry: Entry) -> None:
        widths = self.widths
        for at, text in enumerate(entry.texts):
            width = cells(text)
            if width > widths[at]:
                widths[at] = width

    # -- strips -----------------------------------------------------------------------------------------------

    def strip(
        self,
        entry: Entry,
        placed: Sequence[Placed],
        width: int,
        styles: Mapping[str, Style],
        base: Style,
        *,
        selected: bool,
        marked: bool,
    ) -> Strip:
        """`entry` on exactly `width` cells; cached until the layout's generation changes."""
        key = (self.generation, selected, marked)
        strip = entry.strips.get(key)
        if strip is None:
            if entry.strips and next(iter(entry.strips))[0] != self.generation:
                entry.strips.clear()
            row = base + styles["livetable--marked"] if marked else base
            if entry.dim:
                row = base + styles[LEVEL_CLASSES[Level.STALE]]
            if selected:
                row = base + styles["livetable--cursor"]
            segments = self._segments(
                entry, placed, styles, row, plain=selected or entry.dim, gutter=(selected, marked)
            )
            strip = entry.strips[key] = Strip(segments).adjust_cell_length(width, row)
        return strip

    def _segments(
        self,
        entry: Entry,
        placed: Sequence[Placed],
        styles: Mapping[str, Style],
        row: Style,
        *,
        plain: bool,
        gutter: tuple[bool, bool],
    ) -> list[Segment]:
        """Runs of one style each: neighbours of the same style are joined, which saves bytes on the wire."""
        health = None if plain or not entry.glyph else entry.levels[0]
        sign = row if health is None else row + styles[LEVEL_CLASSES[health]]
        runs: list[tuple[str, Style]] = [(self._gutter_text(entry, *gutter), sign)]
        x = self.gutter
        for place in placed:
            level = None if plain else entry.levels[place.index]
            style = row if level is None or level is Level.HEALTHY else row + styles[LEVEL_CLASSES[level]]
            if level is Level.HEALTHY and place.column.format is Format.HEALTH:
                style = row + styles[LEVEL_CLASSES[level]]
            text = entry.texts[place.index]
            keeps = place.column.keeps
            cell = pad(text, place.width, right=place.right, ellipsis=self.ellipsis, keeps=keeps)
            runs.append((" " * (self.gutter + place.x - x) + cell, style))
            x = self.gutter + place.x + place.width
        segments: list[Segment] = []
        for text, style in runs:
            if segments and segments[-1].style == style:
                segments[-1] = Segment(segments[-1].text + text, style)
            else:
                segments.append(Segment(text, style))
        return segments

    def _gutter_text(self, entry: Entry, selected: bool, marked: bool) -> str:
        signs = " >+#" if self.ascii_only else " ▸✓◆"
        sign = signs[selected + 2 * marked]
        return f"{sign}{entry.glyph} " if entry.glyph else sign
