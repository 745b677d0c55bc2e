"""Base of the widgets that are one line: status, tabs, footer. Repaints only when the line differs."""

from __future__ import annotations

from textual.strip import Strip

from kurator_tui.widgets.palette import Line, Painted, text_of, to_strip


class OneLine(Painted):
    """A widget of one line; a subclass composes it for a given width."""

    DEFAULT_CSS = "OneLine { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: Line = ()
        self._composed_for = 0

    def compose_line(self, width: int) -> Line:
        """The line for `width` cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Compose again and repaint if something differs."""
        line = self._compose_now()
        if line != self._shown:
            self._shown = line
            self.refresh()

    def _compose_now(self) -> Line:
        self._composed_for = self.size.width
        return self.compose_line(self._composed_for)

    def on_resize(self) -> None:
        self.redraw()

    def render_line(self, y: int) -> Strip:
        if self._composed_for != self.size.width:  # painted before the resize event comes: the first frame is
            self._shown = self._compose_now()
        line = self._shown if y == 0 else ()
        return to_strip(line, self.size.width, self.paints, self.rich_style)

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return text_of(self._shown)
