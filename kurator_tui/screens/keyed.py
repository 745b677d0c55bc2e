"""Base of the screens over the frame: from a key to the action it means, by the registry; footer, help, menu."""

from __future__ import annotations

from collections.abc import Iterable
from inspect import isawaitable
from typing import ClassVar

from textual import events
from textual.message import Message
from textual.screen import Screen, ScreenResultType

from kurator_tui.config.actions import ACTIONS, Action, Context
from kurator_tui.config.keymap import display
from kurator_tui.screens.commands import UnknownCommand, parse
from kurator_tui.screens.keys import Keys, Request
from kurator_tui.screens.table_turns import Look
from kurator_tui.widgets.command_bar import CommandBar
from kurator_tui.widgets.filter_bar import FilterBar
from kurator_tui.widgets.footer import Footer, Hint
from kurator_tui.widgets.text_view import TextView


class KeyedScreen(Screen[ScreenResultType], inherit_bindings=False):
    """Has a `Footer`. The methods that keys call are named by the action registry."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    keys: Keys
    look: Look

    @property
    def context(self) -> Context:
        """What actions may look at now."""
        raise NotImplementedError

    @property
    def called(self) -> str:
        """What help and menu are of."""
        raise NotImplementedError

    @property
    def menu_title(self) -> str:
        """What stands over the menu."""
        return self.called

    def footer_actions(self, context: Context) -> Iterable[Action]:
        """What the footer shows, in order; what is off is drawn so."""
        raise NotImplementedError

    def farewell(self) -> str:
        """What else ends with the console."""
        return ""

    async def press(self, event: events.Key) -> None:
        """Do what a key means here."""
        asked = self.keys.press(event.key, self.context)
        if asked is not None or self.keys.count:
            event.stop()
            event.prevent_default()
        if asked is not None:
            await self.perform(*asked)
        self.refresh_footer()

    async def perform(self, action: Action, request: Request) -> None:
        """Do `action`, or say why it cannot be done."""
        reason = action.off(self.context)
        if reason is None:
            done = getattr(self, action.method)(request)
            if isawaitable(done):
                await done
        elif not action.quiet:
            self.say(f"{action.label}: {reason}", level="warning")

    def say(self, title: str, message: str = "", hint: str = "", *, level: str = "information") -> None:
        """A toast."""
        from kurator_tui.screens.overlays import say

        say(self.app, title, message, hint, level=level)

    def key_texts(self, action: Action) -> list[str]:
        """The keys of `action` as people write them."""
        return [display(key, ascii_only=self.look.ascii_only) for key in self.keys.keymap.keys(action.id)]

    def refresh_footer(self) -> None:
        """The footer says what works here, or what was counted so far."""
        if not self.is_attached:
            return
        context = self.context
        hints = [self._hint(action, context) for action in self.footer_actions(context)]
        if self.keys.count:
            hints.insert(0, Hint(self.keys.count, f"times the next move: {self.keys.count}j"))
        self.query_one(Footer).show([hint for hint in hints if hint.key])

    def _hint(self, action: Action, context: Context) -> Hint:
        reason = action.off(context)
        return Hint(next(iter(self.key_texts(action)), ""), action.label.casefold(), reason is None, reason or "")

    def do_leave(self, request: Request) -> None:
        from kurator_tui.screens.overlays import ask_to_quit

        ask_to_quit(self.app, self.farewell())

    def do_help(self, request: Request) -> None:
        from kurator_tui.screens.overlays import help_panel

        self.app.push_screen(help_panel(self.called, self.context, self.key_texts))

    def do_menu(self, request: Request) -> None:
        from kurator_tui.screens.overlays import menu

        self.app.push_screen(menu(self.menu_title, self.context, self.key_texts), self.chosen_action)

    async def chosen_action(self, id: str | None) -> None:
        """An action of the menu."""
        if id is not None:
            await self.perform(ACTIONS[id], Request(argument=ACTIONS[id].value))


class CommandedScreen(KeyedScreen[str | None]):
    """One with a command bar of its own, so that what is typed fast reaches no table below.

    It dismisses with a command that is not about it: the frame's `commanded` does that.
    """

    commands: CommandBar

    def do_command(self, request: Request) -> None:
        self.commands.open()

    async def take_command(self, event: events.Key) -> bool:
        """Give a key to the open bar and do what it tells; False where it is not open."""
        if not self.commands.is_open:
            return False
        await self._heard_command(await self.commands.take(event))
        return True

    async def _heard_command(self, message: Message | None) -> None:
        """What is about this is done here; for anything else the table is shown again."""
        if not isinstance(message, CommandBar.Submitted):
            return
        try:
            action, request = parse(message.text)
        except UnknownCommand as error:
            self.say(str(error), level="error")
            return
        if action.in_view(self.context.view):
            await self.perform(action, request)
        else:
            self.dismiss(message.text)


class BarsScreen(CommandedScreen):
    """One with a filter bar, too."""

    bar: FilterBar

    @property
    def menu_title(self) -> str:
        return self.called.capitalize()

    def heard_bar(self, message: Message | None) -> None:
        """What was typed into the filter bar."""
        raise NotImplementedError

    async def on_key(self, event: events.Key) -> None:
        if self.bar.is_open and self.bar.input.has_focus:
            self.heard_bar(await self.bar.take(event))
        elif not await self.take_command(event):
            await self.press(event)

    def on_paste(self, event: events.Paste) -> None:
        if self.bar.is_open:
            self.heard_bar(self.bar.paste(event.text))
        elif self.commands.is_open:
            self.commands.paste(event.text)


class TextScreen(KeyedScreen[ScreenResultType]):
    """One whose keys move in a text."""

    @property
    def body(self) -> TextView:
        """The text."""
        raise NotImplementedError

    def do_move_down(self, request: Request) -> None:
        self.body.move(request.count)

    def do_move_up(self, request: Request) -> None:
        self.body.move(-request.count)

    def do_move_left(self, request: Request) -> None:
        self.body.column_shift(-request.count)

    def do_move_right(self, request: Request) -> None:
        self.body.column_shift(request.count)

    def do_move_top(self, request: Request) -> None:
        """First line; with a count, that line."""
        self.body.go(request.count - 1)

    def do_move_bottom(self, request: Request) -> None:
        self.body.end()

    def do_page_down(self, request: Request) -> None:
        self.body.page(request.count)

    def do_page_up(self, request: Request) -> None:
        self.body.page(-request.count)

    def do_half_down(self, request: Request) -> None:
        self.body.page(request.count, half=True)

    def do_half_up(self, request: Request) -> None:
        self.body.page(-request.count, half=True)
