"""Base of the panes that show composed lines and scroll: detail, grid, help.

Scroll position stays when the content changes; only lines that differ are repainted. No key bindings of its own:
`move`, `page`, `home` and `end` are named as the table's, so that one registry moves both.
"""

from __future__ import annotations

from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kurator_tui.widgets.palette import Line, Painted, text_of, to_strip


class LinesView(Painted, ScrollView, can_focus=True, inherit_bindings=False):
    """A scrollable list of lines; a subclass composes them for a given width."""

    DEFAULT_CSS = """
    LinesView { height: 1fr; width: 1fr; overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }
    """

    # The stock reactive repaints and lays out the whole screen whenever the number of lines changes.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False, repaint=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: list[Line] = []
        self._composed_for = 0

    def compose_lines(self, width: int) -> list[Line]:
        """All lines for `width` cells."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """All lines as plain text, also those out of sight."""
        return "\n".join(text_of(line) for line in self._shown)

    def redraw(self) -> None:
        """Compose again; repaint the visible lines that differ."""
        size = self.scrollable_content_region.size
        old = self._shown
        self._compose_now(size.width)
        self.virtual_size = Size(size.width, max(len(self._shown), size.height))
        top = int(self.scroll_offset.y)
        if top > self.max_scroll_y:
            self._jump(self.max_scroll_y)
            return
        changed = [
            at - top
            for at in range(top, top + size.height)
            if (old[at] if at < len(old) else ()) != (self._shown[at] if at < len(self._shown) else ())
        ]
        if changed:
            self.refresh(*[Region(0, at, size.width, 1) for at in changed])

    def _compose_now(self, width: int) -> None:
        self._composed_for, self._shown = width, self.compose_lines(width)

    def _jump(self, top: int) -> None:
        self.scroll_target_y = self.scroll_y = float(top)

    def move(self, delta: int) -> None:
        """Scroll by `delta` lines."""
        self._jump(int(self.scroll_offset.y) + delta)

    def page(self, direction: int, *, half: bool = False) -> None:
        """Scroll by `direction` pages (or half pages)."""
        height = self.scrollable_content_region.height
        self.move(direction * max(1, height // 2 if half else height))

    def home(self) -> None:
        """Scroll to the first line."""
        self._jump(0)

    def end(self) -> None:
        """Scroll to the last line."""
        self._jump(self.max_scroll_y)

    def watch_virtual_size(self, size: Size) -> None:
        if self.is_attached and self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = size.height

    def on_resize(self) -> None:
        self.redraw()
        self.refresh()

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Textual sends no Resize where somebody looked at a region between a change of the layout and this."""
        if size != self._size:
            self.call_later(self.call_later, self._settle)  # behind the Resize, if it comes
        return super()._size_updated(size, virtual_size, container_size, layout)

    def _settle(self) -> None:
        size = self.scrollable_content_region.size
        if size and self.virtual_size != Size(size.width, max(len(self._shown), size.height)):
            self.on_resize()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if self._composed_for != width:  # painted before the resize event comes
            self._compose_now(width)
        at = y + int(self.scroll_offset.y)
        line = self._shown[at] if at < len(self._shown) else ()
        return to_strip(line, width, self.paints, self.rich_style)
