"""From a key on a page of charts to the action it means; its bars, footer, help and menu."""

from __future__ import annotations

from collections.abc import Iterable

from textual.message import Message

from kurator_tui.config.action import CHARTS
from kurator_tui.config.actions import Action, Context, in_view
from kurator_tui.kinds.base import Row
from kurator_tui.screens.commands import complete
from kurator_tui.screens.keys import Keys, Request
from kurator_tui.screens.metrics_completion import Queries
from kurator_tui.screens.metrics_page import ChartsBase
from kurator_tui.screens.metrics_target import Target
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_turns import Look
from kurator_tui.widgets.filter_bar import FilterBar

FOOTER = sorted((action for action in in_view(CHARTS) if action.footer), key=lambda action: action.footer)


class ChartsFrame(ChartsBase):
    """Dismisses with a command for the table below, or None; `metrics_keys.ChartsScreen` adds what keys do."""

    def __init__(self, source: Source, look: Look, keys: Keys, target: Target, row: Row | None = None) -> None:
        self.queries = Queries(source)
        super().__init__(source, look, target)
        self.commands.learner = self.queries.learn
        self.keys = Keys(keys.keymap)
        self._row = row

    @property
    def context(self) -> Context:
        """What actions may look at now."""
        return Context(view=CHARTS, row=self._row, filter=self.words, can_back=True)

    @property
    def called(self) -> str:
        return "charts"

    def footer_actions(self, context: Context) -> Iterable[Action]:
        return FOOTER

    def on_mount(self) -> None:
        self.refresh_footer()

    # -- bars and panels ------------------------------------------------------------------------------------------

    def completions(self, text: str) -> list[str]:
        return self.queries.words(text) or complete(text, lambda _action: ())

    def heard_bar(self, message: Message | None) -> None:
        match message:
            case FilterBar.Changed():
                self.filter_lines(message.text)
            case FilterBar.Kept():
                self.filter_lines(message.text)
                self.bar.close()
            case FilterBar.Cleared():
                self.filter_lines("")
            case _:
                pass

    def filter_lines(self, words: str) -> None:
        """Draw only lines whose names have `words`."""
        self.words = words.strip()
        self.draw()

    def do_chart_filter(self, request: Request) -> None:
        self.bar.open(self.words)
