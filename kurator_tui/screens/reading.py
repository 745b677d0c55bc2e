"""Reading one object over the frame: described, as YAML, its events. One stream serves all three, live.

It is opened from a row and closed with Esc; the table below keeps its place. Lines that changed are marked for
some seconds. Secrets are masked; one value at a time is shown for ten seconds, and forgotten.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from kurator_tui.config.actions import Context
from kurator_tui.describe.yaml_lines import yaml_lines, yaml_text
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.reading import Which
from kurator_tui.kinds.verbs import VERBS
from kurator_tui.screens.keys import Request
from kurator_tui.screens.log_targets import logged
from kurator_tui.screens.reading_base import EVENTS, YAML, ReadingBase
from kurator_tui.screens.reading_lines import decoded, key_under
from kurator_tui.screens.reading_target import NoObject, target
from kurator_tui.screens.reading_title import TABS
from kurator_tui.store.patterns import compile_spans
from kurator_tui.widgets.command_bar import CommandBar
from kurator_tui.widgets.filter_bar import FilterBar

if TYPE_CHECKING:
    from kurator_tui.screens.frame_actions import Frame

REVEALED = 10.0
"""Seconds that a value is shown."""


def open_reading(frame: Frame, tab: str) -> None:
    """Read the object of the row under the cursor, beginning with `tab`."""
    kind, row = frame.current.kind, frame.context.row
    if row is None:
        return
    try:
        which = target(kind, row)
    except NoObject as reason:
        frame.say(str(reason), level="warning")
        return
    frame.app.push_screen(ReadingScreen(frame, which, row, tab), frame.commanded)


class ReadingScreen(ReadingBase):
    """One object with its keys. The methods are named by the action registry."""

    def __init__(self, frame: Frame, which: Which, row: Row, tab: str) -> None:
        super().__init__(frame.source, frame.look, frame.keys, which, row, tab)
        self.commands = CommandBar(frame.complete)
        self.commands.learner = frame.learn
        self.frame, self.opened_from = frame, frame.current.kind.id
        self.subject = Row(which.cluster, which.namespace, which.name, row.uid, row.created)
        """The object as a row: the one it was opened from may be of another kind."""

    @property
    def context(self) -> Context:
        return self.frame.judged(replace(super().context, row=self.subject), self.kind)

    async def on_key(self, event: events.Key) -> None:
        if self.bar.is_open and self.bar.input.has_focus:
            self._heard_bar(await self.bar.take(event))
        elif not await self.take_command(event):
            await self.press(event)

    def on_paste(self, event: events.Paste) -> None:
        if self.bar.is_open:
            self._heard_bar(self.bar.paste(event.text))
        elif self.commands.is_open:
            self.commands.paste(event.text)

    # -- tabs and looks ---------------------------------------------------------------------------------------

    def do_read(self, request: Request) -> None:
        """Open a tab; each keeps its place."""
        if request.argument not in TABS or request.argument == self.tab:
            return
        self._places[self.tab] = self.text.cursor
        self.tab = request.argument
        self.text.wrap, self.text.shift = self._wraps[self.tab], 0
        self._draw()

    def do_read_next(self, request: Request) -> None:
        tabs = list(TABS)
        self.do_read(Request(argument=tabs[(tabs.index(self.tab) + 1) % len(tabs)]))

    def do_read_wrap(self, request: Request) -> None:
        self.text.toggle_wrap()
        self._wraps[self.tab] = self.text.wrap

    def do_read_managed(self, request: Request) -> None:
        self._managed = not self._managed
        if self.tab != YAML:
            self.do_read(Request(argument=YAML))
        self._open()

    def do_read_order(self, request: Request) -> None:
        self._oldest = not self._oldest
        if self.tab == EVENTS:
            self._shown = None
            self._draw()

    # -- finding ----------------------------------------------------------------------------------------------

    def do_find(self, request: Request) -> None:
        self.bar.open(self.searched)

    def do_find_next(self, request: Request) -> None:
        self._next(request.count)

    def do_find_previous(self, request: Request) -> None:
        self._next(-request.count)

    def _next(self, step: int) -> None:
        if not self.text.next_match(step):
            self.say(f"nothing is found: {self.searched}" if self.searched else "nothing is searched for: / does")

    def _heard_bar(self, message: Message | None) -> None:
        match message:
            case FilterBar.Changed():
                self._find(message.text)
            case FilterBar.Kept():
                self._find(message.text)
                self.bar.close()
            case FilterBar.Cleared():
                self._find("")
            case _:
                pass

    def _find(self, text: str) -> None:
        """Search while it is typed. `/…/` is a regular expression, anything else is text; any case."""
        regular = len(text) > 2 and text.startswith("/") and text.endswith("/")
        try:
            spans = compile_spans(text[1:-1] if regular else re.escape(text)) if text else None
        except ValueError as error:
            self.bar.show_error(str(error))
            return
        self.searched = text
        found = self.text.find(spans)
        self.bar.show_count(f"{found} line{'' if found == 1 else 's'}" if text else "")
        self._refresh_title(self.look.clock())

    # -- copying and secrets ----------------------------------------------------------------------------------

    def do_read_copy(self, request: Request) -> None:
        """The value that is shown and under the cursor, else the whole text of the tab."""
        obj = self._collector.object
        key = self._key_under_cursor()
        if self._revealed is not None and key == self._revealed[0]:
            self.app.copy_to_clipboard(self._revealed[1])
            self.say(f"copied the value of {inert(key)}")
        elif obj is not None:
            if self.tab == YAML:
                text = yaml_text(yaml_lines(obj))
            else:
                revealed, self._revealed = self._revealed, None
                text = "".join(
                    f"{inert(line.text).rstrip()}\n" for line in self._lines(self._drawn, self.look.clock())
                )
                self._revealed = revealed
            self.app.copy_to_clipboard(text)
            self.say(f"copied {text.count(chr(10))} lines of {TABS[self.tab]}")

    def _key_under_cursor(self) -> str:
        lines = self.text.lines
        return key_under(lines[self.text.cursor].about) if self.text.cursor < len(lines) else ""

    def do_read_reveal(self, request: Request) -> None:
        key = self._key_under_cursor()
        if not key:
            self.say("the cursor is on no value: move it to a key below data")
        elif self._revealed is not None and self._revealed[0] == key:
            self._revealed = None
            self._draw()
        else:
            self._asked_key = key
            self.run_worker(self._reveal(key), exit_on_error=False)

    async def _reveal(self, key: str) -> None:
        which = self.which
        try:
            value = await self.source.call(
                "reveal", cluster=which.cluster, namespace=which.namespace, name=which.name, key=key
            )
        except ConsoleError as error:
            self.say(error.title, error.message, error.hint, level="error")
            return
        if self.is_attached and key == self._asked_key:
            self._revealed = (key, decoded(value))
            self._revealed_until = self.look.clock() + REVEALED
            self._draw()

    # -- where it leads ---------------------------------------------------------------------------------------

    def do_open_logs(self, request: Request) -> None:
        self._open_logs()

    def do_open_previous(self, request: Request) -> None:
        self._open_logs(previous=True)

    def _open_logs(self, *, previous: bool = False) -> None:
        """Logs over this; Esc comes back here."""
        whose = logged(self.which.kind, [self.subject])
        self.frame.read_logs(whose, self.subject, previous=previous)

    def do_shell(self, request: Request) -> None:
        self.frame.shells.enter("shell", self.subject, self.which.kind)

    def do_verb(self, request: Request) -> None:
        verb = VERBS[request.argument]
        which = self.which
        target = Target(which.cluster, which.kind, which.namespace, which.name)
        self.frame.changes.begin(verb, (target,) if verb.targeted else ())

    def do_undo(self, request: Request) -> None:
        self.frame.do_undo(request)

    def do_owner(self, request: Request) -> None:
        self.dismiss(None)
        self.frame.owner_of(self.kind, self.subject)

    async def do_compare(self, request: Request) -> None:
        self.dismiss(None)
        await self.frame.compare(self.subject)

    # -- console ----------------------------------------------------------------------------------------------

    def do_back(self, request: Request) -> None:
        """What is found is let go first, then the object."""
        if self.searched:
            self._find("")
            self.bar.close()
        else:
            self.dismiss(None)

    def do_read_close(self, request: Request) -> None:
        self.dismiss(None)

    def do_resync(self, request: Request) -> None:
        """Read it again."""
        self._open()
