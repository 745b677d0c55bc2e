"""Base of the widgets that are one line: status, tabs, footer. Repaints only when the line differs."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from kurator_tui.widgets.palette import CLASSES, Line, css, resolve, text_of, to_strip


class OneLine(Widget):
    """A widget of one line; a subclass composes it for a given width."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(CLASSES)
    DEFAULT_CSS = "OneLine { height: 1; width: 1fr; }\n" + css("OneLine")

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: Line = ()
        self._styles_by_class: dict[str, Style] | None = None

    def compose_line(self, width: int) -> Line:
        """The line for `width` cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Compose again and repaint if something differs."""
        line = self.compose_line(self.size.width)
        if line != self._shown:
            self._shown = line
            self.refresh()

    def on_resize(self) -> None:
        self.redraw()

    def notify_style_update(self) -> None:
        self._styles_by_class = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        if self._styles_by_class is None:
            self._styles_by_class = resolve(self)
        line = self._shown if y == 0 else ()
        return to_strip(line, self.size.width, self._styles_by_class, self.rich_style)

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return text_of(self._shown)
