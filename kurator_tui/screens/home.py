"""Screens 3, 8, 9 and 0: homes for systems of the platform. A line of sections above the table of one kind."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.app import ComposeResult

from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.homes import section_title, sections_of
from kurator_tui.screens.kinds import KindScreen
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_turns import Look
from kurator_tui.widgets.section_line import SectionLine

LEAST_LINES = 10
"""Lines of a screen below which the line of sections gives its line to the rows."""


class HomeScreen(KindScreen):
    """The rows of one section, by whose title they are called."""

    DEFAULT_CSS = """
    HomeScreen.-low SectionLine { display: none; }
    """

    def __init__(self, source: Source, look: Look, kind: AnyKind, **named: Any) -> None:
        super().__init__(source, look, kind, **named)
        self.title = section_title(kind.id)

    def compose(self) -> ComposeResult:
        yield SectionLine(sections_of(self.kind.id), self.kind.id, ascii_only=self.look.ascii_only)
        yield from super().compose()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height < LEAST_LINES, "-low")
