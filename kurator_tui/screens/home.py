"""Screens 3, 8, 9 and 0: homes for systems of the platform. A line of sections above the table of one kind."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult

from kurator_tui.kinds.homes import sections_of
from kurator_tui.screens.kinds import KindScreen
from kurator_tui.widgets.section_line import SectionLine

LEAST_LINES = 10
"""Lines of a screen below which the line of sections gives its line to the rows."""


class HomeScreen(KindScreen):
    """The rows of one section."""

    DEFAULT_CSS = """
    HomeScreen.-low SectionLine { display: none; }
    """

    def compose(self) -> ComposeResult:
        yield SectionLine(sections_of(self.kind.id), self.kind.id, ascii_only=self.look.ascii_only)
        yield from super().compose()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height < LEAST_LINES, "-low")
