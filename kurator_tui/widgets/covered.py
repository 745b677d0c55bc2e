"""Widgets that only arrange others, which cover them: what would be painted under those is not made line by line.

Textual paints every widget that a changed line crosses, the covered ones too, for as many lines as they have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.containers import Container
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.widget import Widget as _Base
else:
    _Base = object  # Textual takes styles from the first base that is a widget


class Covered(_Base):
    """Put before a widget: paints its background: one line, as often as wanted.

    With a border or padding it paints as any widget.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        if any(self.styles.gutter):
            return super().render_lines(crop)
        background = self.background_colors[1]
        strip = Strip.blank(crop.width, Style.from_color(bgcolor=background.rich_color))
        for filter in self.get_line_filters():
            strip = strip.apply_filter(filter, background)
        return [strip] * crop.height


class CoveredContainer(Covered, Container):
    """A container that its children cover."""
