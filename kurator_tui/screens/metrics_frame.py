"""From a key on a page of charts to the action it means; its bars, footer, help and menu."""

from __future__ import annotations

from inspect import isawaitable

from textual import events
from textual.message import Message

from kurator_tui.config.action import CHARTS
from kurator_tui.config.actions import ACTIONS, Action, Context, in_view
from kurator_tui.config.keymap import display
from kurator_tui.kinds.base import Row
from kurator_tui.screens.commands import UnknownCommand, complete, parse
from kurator_tui.screens.keys import Keys, Request
from kurator_tui.screens.metrics_completion import Queries
from kurator_tui.screens.metrics_page import ChartsBase
from kurator_tui.screens.metrics_target import Target
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_turns import Look
from kurator_tui.widgets.command_bar import CommandBar
from kurator_tui.widgets.filter_bar import FilterBar
from kurator_tui.widgets.footer import Footer, Hint

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

    def key_texts(self, action: Action) -> list[str]:
        """The keys of `action` as people write them."""
        return [display(key, ascii_only=self.look.ascii_only) for key in self.keys.keymap.keys(action.id)]

    def on_mount(self) -> None:
        self.refresh_footer()

    def refresh_footer(self) -> None:
        """The footer says what works here."""
        context = self.context
        hints = [self._hint(action, context) for action in FOOTER]
        if self.keys.count:
            hints.insert(0, Hint(self.keys.count, f"times the next move: {self.keys.count}j"))
        self.query_one(Footer).show([hint for hint in hints if hint.key])

    def _hint(self, action: Action, context: Context) -> Hint:
        reason = action.off(context)
        return Hint(next(iter(self.key_texts(action)), ""), action.label.casefold(), reason is None, reason or "")

    async def on_key(self, event: events.Key) -> None:
        if self.bar.is_open and self.bar.input.has_focus:
            self.heard_bar(await self.bar.take(event))
            return
        if self.commands.is_open:
            await self._heard_command(await self.commands.take(event))
            return
        asked = self.keys.press(event.key, self.context)
        if asked is not None or self.keys.count:
            event.stop()
            event.prevent_default()
        if asked is not None:
            await self.perform(*asked)
        if self.is_attached:
            self.refresh_footer()

    def on_paste(self, event: events.Paste) -> None:
        if self.bar.is_open:
            self.heard_bar(self.bar.paste(event.text))
        elif self.commands.is_open:
            self.commands.paste(event.text)

    async def perform(self, action: Action, request: Request) -> None:
        """Do `action`, or say why it cannot be done."""
        reason = action.off(self.context)
        if reason is None:
            done = getattr(self, action.method)(request)
            if isawaitable(done):
                await done
        elif not action.quiet:
            self.say(f"{action.label}: {reason}", level="warning")

    async def chosen_action(self, id: str | None) -> None:
        """An action of the menu."""
        if id is not None:
            await self.perform(ACTIONS[id], Request(argument=ACTIONS[id].value))

    def say(self, title: str, message: str = "", hint: str = "", *, level: str = "information") -> None:
        """A toast."""
        from kurator_tui.screens.overlays import say

        say(self.app, title, message, hint, level=level)

    # -- bars and panels ------------------------------------------------------------------------------------------

    def completions(self, text: str) -> list[str]:
        return self.queries.words(text) or complete(text, lambda _action: ())

    async def _heard_command(self, message: Message | None) -> None:
        """What is about charts is done here; for anything else the table is shown again."""
        if not isinstance(message, CommandBar.Submitted):
            return
        try:
            action, request = parse(message.text)
        except UnknownCommand as error:
            self.say(str(error), level="error")
            return
        if action.in_view(CHARTS):
            await self.perform(action, request)
        else:
            self.dismiss(message.text)

    def heard_bar(self, message: Message | None) -> None:
        """What was typed into the filter bar."""
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

    def do_command(self, request: Request) -> None:
        self.commands.open()

    def do_leave(self, request: Request) -> None:
        from kurator_tui.screens.overlays import ask_to_quit

        ask_to_quit(self.app)

    def do_help(self, request: Request) -> None:
        from kurator_tui.screens.overlays import help_panel

        self.app.push_screen(help_panel("charts", self.context, self.key_texts))

    def do_menu(self, request: Request) -> None:
        from kurator_tui.screens.overlays import menu

        self.app.push_screen(menu("Charts", self.context, self.key_texts), self.chosen_action)
