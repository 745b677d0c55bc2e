"""The drawing half of the live table: lines, header, columns, and which lines of the screen differ.

Holds no selection logic and no movement; `LiveTable` decides, this draws. Only lines that differ are repainted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kurator_tui.kinds.base import Key
from kurator_tui.store.view import View
from kurator_tui.widgets.layout import Placed, cells, fit_columns, pad, wrap
from kurator_tui.widgets.palette import MUTED, PAINTS, Paint, Painted
from kurator_tui.widgets.row_text import Entry, FreshnessOf, RowText

HEADER = 1
"""Lines of the sticky header."""
NO_MATCH = "nothing matches the filter, Esc clears it"

LineState = tuple[Entry | str | None, bool, bool]
"""What one line shows: an entry or a text, whether it is selected, whether it is marked."""


class TableCanvas(Painted, ScrollView, can_focus=True, inherit_bindings=False):
    """Draws the window `scroll_y … scroll_y + height` of a view."""

    PAINTS: ClassVar[Mapping[str, Paint]] = {
        **PAINTS,
        "livetable--header": Paint("text-muted", bold=True),
        "livetable--sorted": Paint("text-accent", bold=True),
        "livetable--cursor": Paint("block-cursor-foreground", "block-cursor-background"),
        "livetable--marked": Paint("text-secondary", bold=True),
    }
    DEFAULT_CSS = """
    TableCanvas { height: 1fr; width: 1fr; overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }
    """

    # The stock reactive repaints and lays out the whole screen for each row that comes or goes.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False, repaint=False)

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        ascii_only: bool = False,
        empty: str = "nothing here yet",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.marked: set[Key] = set()
        self.owed = False
        """Whether visible lines changed and were not repainted."""
        self.no_match = NO_MATCH
        self._clock = clock
        self._ascii = ascii_only
        self._empty = empty
        self._wide = False
        self._shift = 0
        self._view: View | None = None
        self._freshness: FreshnessOf | None = None
        self._text: RowText | None = None
        self._placed: list[Placed] = []
        self._lines: list[LineState] = []
        self._header: Strip | None = None
        self._cursor = 0
        self._quiet = False
        self._thumb = (0, 0)
        self._fitted: tuple[object, ...] = ()
        self._laid_out = Size(0, 0)

    @property
    def _top(self) -> int:
        return int(self.scroll_offset.y)

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _height(self) -> int:
        """Lines for rows."""
        return max(0, self.scrollable_content_region.height - HEADER)

    # -- scrolling --------------------------------------------------------------------------------------------

    def _scroll_quietly(self, top: int) -> None:
        """Scroll without repainting: the caller repaints the lines that differ."""
        self._quiet = True
        try:
            self.scroll_target_y = self.scroll_y = float(top)
        finally:
            self._quiet = False

    def _update_extent(self) -> None:
        """Tell the scroll bar how many lines there are: never fewer than are seen, which would draw a thumb."""
        rows = 0 if self._view is None else len(self._view)
        self.virtual_size = Size(self._width, max(rows, self._height) + HEADER)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        self._move_thumb()
        if not self._quiet:
            self._repaint()

    def watch_virtual_size(self, size: Size) -> None:
        self._move_thumb()

    def _move_thumb(self) -> None:
        """Tell the scroll bar, but only what can be seen: one row of thousands moves the thumb by nothing."""
        if not (self.is_attached and self.show_vertical_scrollbar):
            return
        lines, height = self.virtual_size.height, self._height + HEADER
        eighths = 8 * height / max(1, lines)
        thumb = (round(eighths * height), round(eighths * self.scroll_y))
        if thumb != self._thumb:
            self._thumb = thumb
            self.vertical_scrollbar.window_virtual_size = lines
            self.vertical_scrollbar.position = self.scroll_y

    # -- lines ------------------------------------------------------------------------------------------------

    def _message(self) -> str:
        """What an empty table says."""
        return self.no_match if self._view is not None and self._view.total else self._empty

    def _state(self) -> list[LineState]:
        """What every line of the window shows now."""
        view, text, height = self._view, self._text, self._height
        if view is None or text is None or not len(view):
            said = wrap(self._message(), max(1, self._width - 2))[:height]
            return [(said[at] if at < len(said) else None, False, False) for at in range(height)]
        top = self._top
        lines: list[LineState] = []
        for at in range(top, min(top + height, len(view))):
            row = view.row(at)
            lines.append((text.entry(row), at == self._cursor, row.key in self.marked))
        lines.extend([(None, False, False)] * (height - len(lines)))
        return lines

    def _repaint(self) -> None:
        """Refresh exactly the lines that show something else than they did."""
        self.owed = False
        lines = self._state()
        if self._fit():
            self._lines = lines
            self.refresh()
            return
        old, self._lines = self._lines, lines
        if len(old) != len(lines):
            self.refresh()
            return
        changed = [at for at, (before, now) in enumerate(zip(old, lines, strict=True)) if before != now]
        if changed:
            width = self._width
            self.refresh(*[Region(0, at + HEADER, width, 1) for at in changed])

    def _relayout(self) -> None:
        """Everything may look different: columns, header and all lines."""
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        """Columns, header and all lines for the size the widget has now."""
        self._laid_out = self.scrollable_content_region.size
        self._header = None
        if self._text is not None:
            self._text.generation += 1
        self._lines = self._state()
        self._fit()

    def _fit(self) -> bool:
        """Place the columns by what was measured so far; whether one moved."""
        text, view = self._text, self._view
        if text is None or view is None:
            return False
        room = self._width - text.gutter
        state = (text.columns, tuple(text.widths), view.sort_key, room, self._wide, self._shift)
        if state == self._fitted:
            return False
        self._fitted = state
        widths = [
            max(width, cells(column.title) + (column.key == view.sort_key))
            for column, width in zip(text.columns, text.widths, strict=True)
        ]
        placed = fit_columns(text.columns, widths, room, wide=self._wide, shift=self._shift)
        if placed == self._placed:
            return False
        self._placed, self._header = placed, None
        text.generation += 1
        return True

    # -- drawing ----------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        self._header = None
        if self._text is not None:
            self._text.generation += 1
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The cached lines as they are.

        Textual's cache of styles would copy each of them to put it between a border and padding, which a table has
        not; the display knows again what it has shown by the identity of a line.
        """
        if any(self.styles.gutter):
            return super().render_lines(crop)
        if self._laid_out != self.scrollable_content_region.size:  # painted before the resize event comes
            self._lay_out()
        styles, base = self.paints, self.rich_style
        strips = [self._line(y, styles, base) for y in crop.line_range]
        if crop.x or crop.right < self._width:
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        for filter in self.get_line_filters():
            background = self.background_colors[1]
            strips = [strip.apply_filter(filter, background) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        if self._laid_out != self.scrollable_content_region.size:  # painted before the resize event comes
            self._lay_out()
        return self._line(y, self.paints, self.rich_style)

    def _line(self, y: int, styles: dict[str, Style], base: Style) -> Strip:
        """Line `y` of the widget; the same object as before unless it looks different."""
        width = self._laid_out.width
        if y < HEADER:
            if self._header is None:
                self._header = self._header_strip(styles, base)
            return self._header
        at = y - HEADER
        shown, selected, marked = self._lines[at] if at < len(self._lines) else (None, False, False)
        if isinstance(shown, str):
            return Strip([Segment(" " + shown, base + styles[MUTED])]).adjust_cell_length(width, base)
        if shown is None or self._text is None:
            return Strip.blank(width, base)
        return self._text.strip(shown, self._placed, width, styles, base, selected=selected, marked=marked)

    def _header_strip(self, styles: dict[str, Style], base: Style) -> Strip:
        view, text, width = self._view, self._text, self._width
        if view is None or text is None:
            return Strip.blank(width, base)
        plain, sorted_style = base + styles["livetable--header"], base + styles["livetable--sorted"]
        arrow = ("^v" if self._ascii else "↑↓")[view.descending]
        segments = [Segment((("<" if self._ascii else "‹") if self._shift else " ").ljust(text.gutter), plain)]
        x = 0
        for place in self._placed:
            is_sorted = place.column.key == view.sort_key
            title = place.column.title + (arrow if is_sorted else "")
            segments.append(Segment(" " * (place.x - x), plain))
            segments.append(
                Segment(pad(title, place.width, right=place.right), sorted_style if is_sorted else plain)
            )
            x = place.x + place.width
        return Strip(segments).adjust_cell_length(width, plain)
