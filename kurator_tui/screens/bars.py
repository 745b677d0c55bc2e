"""The bars under a screen in which one types: the filter and the command. Each is mounted when first used, so that
the first frame does not wait for it; what a bar tells is done before the next key is taken."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING

from textual import events

from kurator_tui.screens.commands import UnknownCommand, parse
from kurator_tui.widgets.footer import Footer

if TYPE_CHECKING:
    from kurator_tui.screens.frame import FrameBase
    from kurator_tui.widgets.command_bar import CommandBar
    from kurator_tui.widgets.filter_bar import FilterBar


class Bars:
    """The filter bar and the command bar of one frame, and what is done with what is typed into them."""

    def __init__(self, frame: FrameBase) -> None:
        self._frame = frame
        self._filter: FilterBar | None = None
        self._command: CommandBar | None = None

    @property
    def typing(self) -> FilterBar | CommandBar | None:
        """The bar that takes the keys now."""
        return next((bar for bar in (self._filter, self._command) if bar is not None and bar.is_open), None)

    async def filter(self) -> FilterBar:
        """The filter bar, mounted when first asked for."""
        if self._filter is None:
            from kurator_tui.widgets.filter_bar import FilterBar

            self._filter = FilterBar()
            await self._frame.mount(self._filter, before=self._frame.query_one(Footer))
        return self._filter

    async def command(self) -> CommandBar:
        """The command bar, mounted when first asked for."""
        if self._command is None:
            from kurator_tui.widgets.command_bar import CommandBar

            self._command = CommandBar(self._frame.complete)
            self._command.learner = self._frame.learn
            await self._frame.mount(self._command, before=self._frame.query_one(Footer))
        return self._command

    def close(self) -> None:
        """Close both; nothing is done with what was typed."""
        for bar in (self._filter, self._command):
            if bar is not None:
                bar.close()

    async def take(self, event: events.Key | events.Paste) -> bool:
        """Give a key or pasted text to the open bar and do what it tells; False where none is open."""
        if (bar := self.typing) is None:
            return False
        message = bar.paste(event.text) if isinstance(event, events.Paste) else await bar.take(event)
        if message is not None and (handler := getattr(self, message.handler_name, None)) is not None:
            done = handler(message)
            if isawaitable(done):
                await done
        return True

    def show_matches(self) -> None:
        """The filter bar says how much matches what was typed, once it is known."""
        bar, screen = self._filter, self._frame.current
        if bar is not None and bar.is_open and bar.value.strip() == screen.filter_text != "":
            shown, total = screen.counts()
            bar.show_count("" if screen.working else f"{shown} of {total}")

    # -- what the bars tell -----------------------------------------------------------------------------------

    async def on_command_bar_submitted(self, message: CommandBar.Submitted) -> None:
        try:
            action, request = parse(message.text)
        except UnknownCommand as error:
            self._frame.not_understood(message.text, error)
        else:
            await self._frame.perform(action, request)

    async def on_filter_bar_changed(self, message: FilterBar.Changed) -> None:
        bar = await self.filter()
        if error := self._frame.current.set_filter(message.text):
            bar.show_error(error)
        else:
            self.show_matches()

    async def on_filter_bar_kept(self, message: FilterBar.Kept) -> None:
        """The title line shows the filter from now on."""
        (await self.filter()).close()
        if error := self._frame.current.set_filter(message.text):
            self._frame.say(error, level="error")

    def on_filter_bar_cleared(self, message: FilterBar.Cleared) -> None:
        self._frame.current.set_filter("")
