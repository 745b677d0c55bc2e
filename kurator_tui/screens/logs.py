"""Logs over the frame: opened from rows, closed with Esc; the table below keeps its place.

Lines come in batches and are drawn at most ten times a second; keys are answered at once. While the reader looks
at older lines, the stream is held before they would be pushed out of the ring.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from textual.app import ComposeResult
from textual.message import Message

from kurator_tui.config.action import LOGS
from kurator_tui.config.actions import Action, Context, in_view
from kurator_tui.kinds.ansible import summary
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.log_lines import LogLine
from kurator_tui.link.messages import ToConsole
from kurator_tui.screens.commands import complete
from kurator_tui.screens.keyed import BarsScreen
from kurator_tui.screens.keys import Keys
from kurator_tui.screens.log_feed import LogFeed, Span, whose
from kurator_tui.screens.log_targets import Logged
from kurator_tui.screens.log_title import LogTitle, LogTitleLine
from kurator_tui.screens.source import LIVE, Source
from kurator_tui.screens.table_turns import Look
from kurator_tui.store.log_ring import Sieve
from kurator_tui.widgets.command_bar import CommandBar
from kurator_tui.widgets.filter_bar import FilterBar
from kurator_tui.widgets.footer import Footer
from kurator_tui.widgets.log_text import LogLook, origin
from kurator_tui.widgets.log_view import LogView

PACE = 0.1
"""Seconds between two pictures while lines come."""
SLICE = 0.008
"""Seconds of a turn in which a filter looks at older lines."""
NEAR = 2000
"""Lines to the end of the ring at which the stream is held."""
FOOTER = sorted((action for action in in_view(LOGS) if action.footer), key=lambda action: action.footer)


class LogsBase(BarsScreen):
    """Title, lines, bars, footer, and the way to what is drawn; `log_keys.LogsScreen` adds what keys do."""

    DEFAULT_CSS = """
    LogsBase { layout: vertical; background: $background; }
    LogsBase > ToastRack { margin-bottom: 2; }
    """

    def __init__(
        self, source: Source, look: Look, keys: Keys, logged: Logged, row: Row | None, *, previous: bool = False
    ) -> None:
        super().__init__()
        self.source, self.look, self.logged = source, look, logged
        self.keys = Keys(keys.keymap)
        self.view = LogView()
        self.bar = FilterBar()
        self.commands = CommandBar(self._complete)
        self.feed = LogFeed(source, logged, look.clock, self._changed)
        self.patterns = {"include": "", "exclude": "", "highlight": ""}
        self.editing = "include"
        """Which of them the bar is about."""
        self.names_chosen = False
        """Whether the user said if names are shown: else they are where there are several."""
        self._row = row
        self._previous = previous
        self._parts = (False, False, False, False)
        """Of cluster, namespace, pod and container: those that differ, and so are shown."""
        self._sources = 0
        self._due: asyncio.TimerHandle | None = None
        self._drawn = 0.0
        self._counted = (0.0, 0)
        self._rate = 0.0
        self._stop_listening: Callable[[], None] = lambda: None
        self.view.look = LogLook(ascii_only=look.ascii_only)
        self.view.label = self._label

    def compose(self) -> ComposeResult:
        yield LogTitleLine()
        yield self.view
        yield self.bar
        yield self.commands
        yield Footer()

    # -- life -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.view.focus()
        self._stop_listening = self.source.listen(self._hear)
        self.set_interval(1.0, self.tick)
        self.open(Span(self.feed.span.tail, previous=self._previous))

    def on_unmount(self) -> None:
        self._stop_listening()
        self.feed.close()
        if self._due is not None:
            self._due.cancel()

    def _hear(self, fact: ToConsole | None) -> None:
        if fact is None and self.source.feeder_state == LIVE:
            self.feed.reopen()

    def open(self, span: Span) -> None:
        """Read `span` from now on."""
        self.feed.open(span)
        self._counted, self._rate = (time.monotonic(), 0), 0.0
        self.view.follow = span.tail is not None or span.seconds is not None
        self._sift()

    # -- drawing ----------------------------------------------------------------------------------------------

    @property
    def settled(self) -> bool:
        """Whether everything that came is shown."""
        return self._due is None and not self.view.sieve.working

    def _changed(self) -> None:
        """Something came: draw it soon."""
        if self.is_attached:
            self.view.sieve.follow()
            self._hold()
            self._schedule()

    def _schedule(self) -> None:
        if self._due is None:
            wait = max(0.0, self._drawn + PACE - time.perf_counter())
            self._due = asyncio.get_running_loop().call_later(wait, self.call_later, self.draw)

    def draw(self) -> None:
        """Bring lines, title and footer up to date."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if not self.is_attached:
            return
        self._drawn = time.perf_counter()
        sieve = self.view.sieve
        if sieve.working and sieve.work(SLICE) and sieve.working:
            self._schedule()
        if len(self.feed.sources) != self._sources:
            self._name_sources()
        self.view.empty = self._nothing()
        self.view.redraw()
        self.refresh_title()
        self.refresh_footer()

    def tick(self) -> None:
        """A second went by."""
        now, came = time.monotonic(), self.feed.ring.came
        then, before = self._counted
        self._rate = (came - before) / max(0.001, now - then) if came >= before else 0.0
        self._counted = (now, came)
        self.refresh_title()

    def _hold(self) -> None:
        """Hold the stream while the reader looks at what would be pushed out, and go on when not."""
        ring, view = self.feed.ring, self.view
        margin = min(NEAR, ring.most_lines // 4)
        near = not view.follow and ring.room < margin and view.top - ring.first < margin
        self.feed.hold(near)

    def _sift(self) -> None:
        """Show what the filters let through."""
        from kurator_tui.store.patterns import compile_search

        found = [compile_search(text) if text else None for text in map(self.patterns.get, ("include", "exclude"))]
        sieve = Sieve(self.feed.ring, *found)
        sieve.work(SLICE)
        self.view.show(sieve)
        self.draw()
        if sieve.working:
            self._schedule()

    def _name_sources(self) -> None:
        """Names have the parts that differ, and as much room as the longest needs."""
        self._sources = len(self.feed.sources)
        sources = {whose(one): one for one in self.feed.sources.values()}.values()
        if not sources:
            return
        if not self.names_chosen and self.view.look.names != (len(sources) > 1):
            self.view.draw_as(replace(self.view.look, names=len(sources) > 1))
        columns = list(zip(*(whose(one) for one in sources), strict=True))
        cluster, namespace, pod, container = (len(set(column)) > 1 for column in columns)
        parts = (cluster, namespace, pod or not container, container)
        room = max(12, self.size.width // 3)
        pad = max((len(origin(one, parts, room)) for one in sources), default=0)
        if (parts, pad) != (self._parts, self.view.pad):
            self._parts, self.view.pad = parts, pad
            self.view.forget()

    def _label(self, line: LogLine) -> str:
        source = self.feed.sources.get(line.source)
        if source is None:
            return ""
        return origin(source, self._parts, max(12, self.size.width // 3))

    def _nothing(self) -> str:
        feed = self.feed
        if len(feed.ring):
            return "no line matches the filters; Esc clears them"
        if feed.end is not None:
            return f"{feed.end.title}: {feed.end.message}" if feed.end.title else "no line: the log is empty"
        return "no line yet" if feed.state.sources else "asking which containers there are"

    def refresh_title(self) -> None:
        """The title says what is shown, what is missing, and how it is read."""
        feed, ring, look = self.feed, self.feed.ring, self.view.look
        state, limited = feed.state, self.view.sieve.limited
        offset = "UTC" if look.utc else time.strftime("%z") or "local"
        self.query_one(LogTitleLine).show(
            LogTitle(
                name=("Previous log " if feed.span.previous else "Log ") + self.logged.title,
                lines=len(ring),
                shown=len(self.view.sieve) if limited else None,
                gone=ring.gone,
                missing=ring.missing,
                rate=self._rate,
                open=state.open,
                waiting=max(0, state.sources - state.open - state.ended),
                ended=state.ended,
                state=self._state(),
                trouble="" if self.source.feeder_state == LIVE else self.source.feeder_state,
                run=summary(feed.run),
                filters=tuple(
                    f"{sign}{text}" for sign, text in zip("/!*", self.patterns.values(), strict=True) if text
                ),
                looks=tuple(
                    text
                    for text in (
                        feed.span.text,
                        f"times {offset}" if look.timestamps else "",
                        "" if look.wrap else "cut",
                        f"fields {','.join(look.fields)}" if look.fields else "",
                        f"JSON {look.form}" if look.form != "raw" else "",
                    )
                    if text
                ),
                ascii_only=look.ascii_only,
            )
        )

    @property
    def complete(self) -> bool:
        """Whether every container there is was read once."""
        state = self.feed.state
        return self.feed.end is not None or 0 < state.sources <= state.open + state.ended

    def _state(self) -> str:
        feed = self.feed
        if feed.asking:
            return "fetching older"
        if feed.end is not None:
            return "broken" if feed.end.title else "complete"
        if feed.held:
            return "held: G goes on"
        return "following" if self.view.follow else "paused"

    # -- messages of the view -----------------------------------------------------------------------------------

    def on_log_view_follow_changed(self, message: LogView.FollowChanged) -> None:
        self._hold()
        self.refresh_title()

    def on_log_view_moved(self, message: LogView.Moved) -> None:
        self._hold()

    def on_log_view_above_top(self, message: LogView.AboveTop) -> None:
        """Older lines are fetched when the reader wants to see above the first one."""
        if reason := self.feed.fetch():
            self.say(reason)

    # -- from keys to actions -----------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        """What actions may look at now."""
        return Context(view=LOGS, row=self._row, filter=self.patterns["include"], can_back=True)

    @property
    def called(self) -> str:
        return "logs"

    def footer_actions(self, context: Context) -> Iterable[Action]:
        return FOOTER

    def _complete(self, text: str) -> list[str]:
        return complete(text, lambda _action: ())

    # -- filters ------------------------------------------------------------------------------------------------

    def heard_bar(self, message: Message | None) -> None:
        match message:
            case FilterBar.Changed():
                self.set_pattern(self.editing, message.text.strip())
            case FilterBar.Kept() if self.set_pattern(self.editing, message.text.strip()):
                self.bar.close()
            case FilterBar.Kept():
                self.bar.open(message.text)
                self.set_pattern(self.editing, message.text.strip())
            case FilterBar.Cleared():
                self.set_pattern(self.editing, "")
            case _:
                pass

    def set_pattern(self, which: str, text: str) -> bool:
        """Include, exclude or highlight by `text`; what cannot be used is said in the bar and changes nothing."""
        from kurator_tui.store.patterns import compile_spans

        if text == self.patterns[which]:
            return True
        try:
            spans = compile_spans(text) if text else None
        except ValueError as error:
            self.bar.show_error(str(error))
            return False
        self.patterns[which] = text
        if which == "exclude":
            self._sift()
            return True
        mark = self.patterns["highlight"] or self.patterns["include"]
        spans = compile_spans(mark) if mark else None
        self.view.draw_as(replace(self.view.look, highlight=spans))
        if which == "include":
            self._sift()
        self.refresh_title()
        return True
