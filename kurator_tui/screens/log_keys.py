"""What the keys do while logs are read: move, filter, find, look, save, copy, close."""

from __future__ import annotations

import asyncio
import os
import re
import time
from dataclasses import replace

from kurator_tui.kinds.log_lines import LogLine
from kurator_tui.screens.keys import Request
from kurator_tui.screens.log_feed import Span, most_tail
from kurator_tui.screens.logs import LogsBase
from kurator_tui.store.moments import EXAMPLES, moment, seconds_of
from kurator_tui.widgets.log_text import JSON_FORMS, mark_text, plain, stamp

COLUMNS = 20
"""Characters that lines which are cut move to the side at once."""
FOUND = 0.005
"""Seconds of a turn in which a match is looked for."""


class LogsScreen(LogsBase):
    """The methods are named by the action registry."""

    # -- moving -----------------------------------------------------------------------------------------------

    def do_move_down(self, request: Request) -> None:
        self.view.move(request.count)

    def do_move_up(self, request: Request) -> None:
        self.view.move(-request.count)

    def do_move_left(self, request: Request) -> None:
        self._shift(-COLUMNS * request.count)

    def do_move_right(self, request: Request) -> None:
        self._shift(COLUMNS * request.count)

    def _shift(self, by: int) -> None:
        look = self.view.look
        if not look.wrap:
            self.view.draw_as(replace(look, shift=max(0, look.shift + by)))

    def do_move_top(self, request: Request) -> None:
        self.view.home()

    def do_move_bottom(self, request: Request) -> None:
        self.view.end()

    def do_page_down(self, request: Request) -> None:
        self.view.page(request.count)

    def do_page_up(self, request: Request) -> None:
        self.view.page(-request.count)

    def do_half_down(self, request: Request) -> None:
        self.view.page(request.count, half=True)

    def do_half_up(self, request: Request) -> None:
        self.view.page(-request.count, half=True)

    def do_log_follow(self, request: Request) -> None:
        self.view.follow = not self.view.follow

    # -- what is read -------------------------------------------------------------------------------------------

    def do_log_previous(self, request: Request) -> None:
        self.open(replace(self.feed.span, previous=not self.feed.span.previous))

    def do_log_range(self, request: Request) -> None:
        """Read `tail`, `head`, or the last `10m`; up to now."""
        word, previous = request.argument, self.feed.span.previous
        if word == "tail":
            self.open(Span(most_tail(self.logged), previous=previous))
        else:
            self.open(Span(seconds=seconds_of(word), previous=previous))

    def do_log_since(self, request: Request) -> None:
        """From so long ago, or from a moment on; up to where it ended before."""
        word, span = request.argument.strip(), self.feed.span
        begin = moment(word, self.look.clock())
        if begin is None:
            self.say(f"since {word or 'when'}? as in {EXAMPLES}", level="error")
            return
        ago = seconds_of(word) if span.until is None else None
        since = begin if ago is None else None
        self._between(replace(span, tail=None, seconds=ago, since=since))

    def do_log_until(self, request: Request) -> None:
        """Up to so long ago, or up to a moment; without one, on and on."""
        word, span = request.argument.strip(), self.feed.span
        end = moment(word, self.look.clock()) if word else None
        if word and end is None:
            self.say(f"until {word}? as in {EXAMPLES}", level="error")
            return
        self._between(replace(span, until=end))

    def _between(self, span: Span) -> None:
        if span.until is not None and span.begin(self.look.clock()) >= span.until:
            self.say("nothing is between: it would end before it begins", level="error")
        else:
            self.open(span)

    def do_log_tail(self, request: Request) -> None:
        word = request.argument.strip()
        if word.isascii() and word.isdigit() and 0 < int(word) <= 100_000:
            self.open(replace(self.feed.span, tail=int(word), seconds=None, since=None))
        else:
            self.say("tail is a number of lines, up to 100000", level="error")

    def do_resync(self, request: Request) -> None:
        """Read it again."""
        self.open(self.feed.span)

    # -- how it looks -------------------------------------------------------------------------------------------

    def do_log_timestamps(self, request: Request) -> None:
        self._look(timestamps=not self.view.look.timestamps)

    def do_log_zone(self, request: Request) -> None:
        self._look(utc=not self.view.look.utc, timestamps=True)

    def do_log_wrap(self, request: Request) -> None:
        self._look(wrap=not self.view.look.wrap, shift=0)

    def do_log_names(self, request: Request) -> None:
        self.names_chosen = True
        self._look(names=not self.view.look.names)

    def do_log_json(self, request: Request) -> None:
        at = JSON_FORMS.index(self.view.look.form)
        self._look(form=JSON_FORMS[(at + 1) % len(JSON_FORMS)], fields=())

    def do_log_fields(self, request: Request) -> None:
        fields = tuple(word for word in re.split(r"[,\s]+", request.argument) if word)
        self._look(fields=fields)

    def _look(self, **changes: object) -> None:
        self.view.draw_as(replace(self.view.look, **changes))  # type: ignore[arg-type]
        self.refresh_title()

    # -- filters and finding --------------------------------------------------------------------------------------

    def do_log_include(self, request: Request) -> None:
        self._edit("include")

    def do_log_exclude(self, request: Request) -> None:
        self._edit("exclude")

    def do_log_highlight(self, request: Request) -> None:
        self._edit("highlight")

    def _edit(self, which: str) -> None:
        self.editing = which
        self.bar.open(self.patterns[which])
        self.bar.note({"include": "only these", "exclude": "without these", "highlight": "find"}[which])

    def do_log_next(self, request: Request) -> None:
        self._find(1)

    def do_log_before(self, request: Request) -> None:
        self._find(-1)

    def _find(self, step: int) -> None:
        if self.view.look.highlight is None:
            self.say("nothing is searched for: * or / does")
        else:
            self.run_worker(self._found(step), group="find", exclusive=True)

    async def _found(self, step: int) -> None:
        """Look for the next match, a few milliseconds at a time."""
        from kurator_tui.store.patterns import compile_search

        text = self.patterns["highlight"] or self.patterns["include"]
        search, sieve = compile_search(text), self.view.sieve
        index, until = sieve.index(self.view.cursor) + step, time.perf_counter() + FOUND
        while 0 <= index < len(sieve):
            position = sieve.position(index)
            line = sieve.ring[position]
            if not line.mark and search(line.text) is not None:
                self.view.go(position)
                self.refresh_title()
                return
            index += step
            if time.perf_counter() > until:
                await asyncio.sleep(0)
                index, until = sieve.index(position) + step, time.perf_counter() + FOUND
        self.say(f"no more {text}")

    # -- out of here ----------------------------------------------------------------------------------------------

    def do_log_copy(self, request: Request) -> None:
        line = self.view.line
        if line is not None:
            self.app.copy_to_clipboard(self._written(line))
            self.say("copied the line")

    def _written(self, line: LogLine) -> str:
        """A line as a file has it: whole, with what the view shows before it, and inert."""
        look, source = self.view.look, self.feed.sources.get(line.source)
        name = f"{source.cluster}/{source.namespace}/{source.pod}/{source.container}" if source else ""
        when = stamp(line.time, look) if look.timestamps else ""
        if line.mark:
            return plain(f"{when}-- {mark_text(line, name)}")
        return plain(f"{when}{name + ' ' if look.names and name else ''}{line.text}")

    async def do_log_save(self, request: Request) -> None:
        """Write the lines shown to a new file, readable by its owner only."""
        path = self._file(request.argument.strip())
        lines = self.view.sieve.lines()

        def write() -> None:
            with os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
            ) as out:
                for line in lines:
                    out.write(self._written(line) + "\n")

        try:
            await asyncio.to_thread(write)
        except OSError as error:
            self.say(f"cannot write {path}", error.strerror or str(error), level="error")
        else:
            self.say(f"{len(lines):,} lines saved to {path}")

    def _file(self, asked: str) -> str:
        """Where to save: as asked, else in this directory under a name of its own."""
        name = re.sub(r"[^A-Za-z0-9.@_-]+", "-", self.logged.title)[:80].strip("-") or "logs"
        moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(self.look.clock()))
        return os.path.abspath(os.path.expanduser(asked or f"{name}-{moment}.log"))

    def do_back(self, request: Request) -> None:
        """Filters are cleared first, then the table is shown again."""
        filtered = [which for which, text in self.patterns.items() if text]
        for which in filtered:
            self.set_pattern(which, "")
        self.bar.close()
        if not filtered:
            self.dismiss(None)

    def do_log_close(self, request: Request) -> None:
        self.dismiss(None)
