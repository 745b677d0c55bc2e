"""The part of the frame that shows the fleet as it was: steps back and on, the timeline, live again.

What is live goes on underneath. Steps that are asked for while one is on its way are added up.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.worker import Worker

from kurator_tui.config.actions import ACTIONS, Action, Context
from kurator_tui.config.time_actions import NOW_ONLY, SAME_KEYS, TIME_ACTIONS
from kurator_tui.errors import ConsoleError
from kurator_tui.screens.frame import FrameBase
from kurator_tui.screens.keys import Request
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.timed import Timed

if TYPE_CHECKING:  # nobody has looked back before the first frame
    from kurator_tui.link.messages import Noticed
    from kurator_tui.link.past import Moment
    from kurator_tui.screens.kinds import KindScreen

GROUP = "time"
MOST = 500
"""Moments that the timeline offers: the last ones."""


class TimeTravel(FrameBase):
    """What the keys of time are sent to; `frame_actions.Frame` has it."""

    timed: Timed | None = None
    """The source, where there is a history."""
    _moment: Moment | None = None
    """What is shown, while it is not what is live."""
    _steps = 0
    """Steps that were asked for and not begun."""
    _walk: Worker[None] | None = None
    """What takes them."""
    _said: frozenset[str] = frozenset()
    """What is wrong with recordings, as far as it was said."""

    # -- what is said -------------------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        timed = self.timed
        if timed is None:
            return super().context
        past = timed.at is not None
        return replace(super().context, history=True, past=past, as_of=timed.why_not())

    def not_live(self) -> tuple[str, ...]:
        return self.timed.status() if self.timed is not None else ()

    def unrecorded(self) -> str:
        return self.timed.unrecorded() if self.timed is not None else ""

    def footer_actions(self, context: Context) -> list[Action]:
        """Of another moment, and of a recording: the ways through time, and what works."""
        here = super().footer_actions(context)
        if not context.as_of:
            return here
        return [action for action in (*TIME_ACTIONS, *here) if action.off(context) is None]

    def on_mount(self) -> None:
        if self.timed is not None and (recorder := self.timed.history.recorder) is not None:
            recorder.notice = self._no_more

    def _no_more(self, notice: Noticed) -> None:
        self.call_later(self._notice, notice)

    # -- keys -----------------------------------------------------------------------------------------------------

    async def perform(self, action: Action, request: Request) -> None:
        """The keys of one rollout step through what was seen of it; of another moment they step as everywhere."""
        if self.timed is not None and self.timed.at is not None and action.id in SAME_KEYS:
            action = ACTIONS[SAME_KEYS[action.id]]
        await super().perform(action, request)

    def do_time_back(self, request: Request) -> None:
        self._step(-request.count)

    def do_time_forward(self, request: Request) -> None:
        self._step(request.count)

    def do_time_live(self, request: Request) -> None:
        self.workers.cancel_group(self, GROUP)
        self.go_live()

    def do_time_line(self, request: Request) -> None:
        """Choose a moment, or go to the one that is named."""
        if self.timed is None:
            return
        if not request.argument:
            self.run_worker(self._offer(self.timed), group=GROUP, exclusive=True)
            return
        from kurator_tui.store.moments import EXAMPLES, moment

        found = moment(request.argument, self.timed.now())
        if found is None:
            self.say(f"{request.argument!r} is no moment", EXAMPLES, level="error")
        else:
            self.run_worker(self._visit(self.timed, found), group=GROUP, exclusive=True)

    async def _offer(self, timed: Timed) -> None:
        from kurator_tui.screens.overlays import timeline_picker

        if (recorder := timed.history.recorder) is not None:
            await asyncio.shield(recorder.record())
        turns = await timed.history.past.timeline(timed.now(), MOST)
        if not turns:
            self.say("no incident changed in what is recorded", "{ goes back 10 s; :timeline 14:02 to a moment")
            return
        picker, moments = timeline_picker(turns, timed.now())

        def picked(values: frozenset[str] | None) -> None:
            for value in values or ():
                self.run_worker(self._visit(timed, moments[value]), group=GROUP, exclusive=True)

        self.app.push_screen(picker, picked)

    # -- the way there ------------------------------------------------------------------------------------------

    def _step(self, steps: int) -> None:
        self._steps += steps
        if self.timed is not None and (self._walk is None or self._walk.is_finished):
            self._walk = self.run_worker(self._take_steps(self.timed), group=GROUP, exclusive=True)

    async def _take_steps(self, timed: Timed) -> None:
        from kurator_tui.link.past import STEP

        past = timed.history.past
        while self._steps:
            steps, self._steps = self._steps, 0
            at = timed.clock()
            await self._look(timed, at + min(steps, 0) * STEP)
            found: float | None = None
            for _ in range(abs(steps)):
                beyond = past.before(at) if steps < 0 else past.after(at)
                if beyond is None:
                    break
                at = found = beyond
            if steps < 0 and found is None:
                self.say("nothing before is recorded")
            elif steps > 0 and (found is None or found >= past.end):
                self.go_live()
            else:
                await self._show_moment(timed, at)

    async def _look(self, timed: Timed, since: float) -> None:
        """What is recorded by now, from `since` on; what is wrong with it is said once."""
        past = timed.history.past
        if timed.history.recorder is not None:
            await asyncio.shield(timed.history.recorder.record())  # what is begun is written, whoever waits
        await past.look(timed.now(), since)
        for problem in past.problems:
            self._say_once(f"History: {problem}")

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said |= {text}
            self.say(text, level="warning")

    async def _visit(self, timed: Timed, at: float) -> None:
        """Show the moment `at`, or the nearest one that is recorded before it."""
        await self._look(timed, at)
        past = timed.history.past
        if past.span(at) is None:
            ends = [span.last for span in past.spans if span.last < at]
            begins = [span.first for span in past.spans]
            at = max(ends) if ends else min(begins, default=at)
        await self._show_moment(timed, at)

    async def _show_moment(self, timed: Timed, at: float) -> None:
        shown, self._moment = self._moment, None  # half of a way that is given up is no moment
        try:
            moment = await timed.history.past.show(at, shown)
        except ConsoleError as error:
            self.say(error.title, error.message, error.hint, level="warning")
            self.go_live()
            return
        self._moment = moment
        before = timed.store
        timed.show(moment.rebuilt.store, at)
        self._arrived(other=timed.store is not before)
        if left_out := sorted(moment.rebuilt.left_out):
            self._say_once(f"History: of another version, not shown: {', '.join(left_out)}")

    async def on_kind_screen_opened(self, message: KindScreen.Opened) -> None:
        """Enter on a row of then: what belongs to it only its cluster knows, so its details are shown."""
        from kurator_tui.kinds.children import ROW_CHILDREN

        if self.context.as_of and message.screen_of_kind.kind.id not in (*ROW_CHILDREN, "namespaces"):
            message.prevent_default()
            await message.screen_of_kind.open_details()

    def go_live(self) -> None:
        """Show what is now."""
        self._steps, self._moment = 0, None
        if self.timed is not None and self.timed.at is not None:
            self.timed.show_live()
            self.timed.history.past.rest()
            self._arrived(other=True)

    def _arrived(self, *, other: bool) -> None:
        """Another moment is shown: all that depends on it is drawn again."""
        if other:
            self._follow()
        for screen in self.screens.values():
            if screen.is_mounted and screen.display:
                screen.arrived()
        self.refresh_status()
        self.refresh_footer()

    def _follow(self) -> None:
        """The source has another store: all screens show that one from now on."""
        *stops, stop_facts = self._stops
        for stop in stops:
            stop()
        self._stops = [*self._listen(), stop_facts]
        for screen in self.screens.values():
            if screen.is_mounted:
                screen.follow()

    async def _show(self, before: TableScreen) -> None:
        """A view that knows only what is now brings everything back to now."""
        if self.view in NOW_ONLY and self.timed is not None and self.timed.at is not None:
            self.go_live()
            self.say("live again: this view shows only what is now")
        await super()._show(before)
