"""The frame all screens share: status line, tab line, one screen, footer; and the way from a key to an action.

It switches screens by showing and hiding them, so that a switch is one frame and each keeps its place. What a key
does is in the registry of actions; a method of the open screen or of `FrameActions` does it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from inspect import isawaitable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.reactive import Reactive
from textual.widget import Widget

from kurator_tui.config.action import ROW_GROUP
from kurator_tui.config.actions import ACTIONS, SCREENS, Action, Context
from kurator_tui.config.keymap import Keymap, display
from kurator_tui.config.planned import PLANNED
from kurator_tui.config.settings import Settings
from kurator_tui.config.verb_actions import object_kind
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.kinds.overview import CLUSTERS, FLEETS
from kurator_tui.link.messages import Noticed, ToConsole
from kurator_tui.screens.bars import Bars
from kurator_tui.screens.keys import Keys, Request
from kurator_tui.screens.pace import Pace
from kurator_tui.screens.places import Places
from kurator_tui.screens.prompt_screen import PromptScreen
from kurator_tui.screens.reactions import Gauges
from kurator_tui.screens.registry import make_screen
from kurator_tui.screens.resting import rest
from kurator_tui.screens.source import Source
from kurator_tui.screens.summary import describe
from kurator_tui.screens.table_base import TableBase
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.table_turns import Look
from kurator_tui.screens.thrift import Thrift, shed
from kurator_tui.store.scope import EVERYTHING, Scope
from kurator_tui.widgets.covered import CoveredContainer
from kurator_tui.widgets.footer import Footer, Hint
from kurator_tui.widgets.status_line import StatusLine
from kurator_tui.widgets.tab_line import Tab, TabLine

NO_TABS, NO_FOOTER = 10, 7
"""Lines below which the tab line, and then the footer, give their line to the rows."""
FOOTER = sorted((action for action in ACTIONS.values() if action.footer), key=lambda action: action.footer)
"""Actions of the footer, in order."""


class FrameBase(PromptScreen, inherit_bindings=False):
    """Holds the screens and what they share; `frame_actions.Frame` adds what its keys do."""

    DEFAULT_CSS = """
    FrameBase { layout: vertical; background: $background; }
    FrameBase #body { height: 1fr; width: 1fr; layout: vertical; }
    FrameBase > ToastRack { margin-bottom: 2; }
    FrameBase.-no-tabs TabLine { display: none; }
    FrameBase.-no-footer Footer { display: none; }
    """
    AUTO_FOCUS: ClassVar[str | None] = ""
    # The stock reactive paints the whole screen when the focus moves; whoever gets or loses it paints itself.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    status_pause: float = 0.25
    """Seconds between two looks at all members for the status line, while things change."""

    def __init__(
        self,
        source: Source,
        settings: Settings,
        keymap: Keymap,
        look: Look,
        *,
        view: str,
        problems: tuple[str, ...],
    ) -> None:
        super().__init__()
        self.source, self.settings, self.look = source, settings, look
        self.keys = Keys(keymap)
        self.scope: Scope = EVERYTHING
        self.places = Places(view)
        self.screens: dict[str, TableScreen] = {}
        """Place -> its screen, shown or waiting to be shown again."""
        self.gauges = Gauges(thrift=Thrift(settings.max_memory << 20))
        self._problems = problems
        self._stale_status = False
        self._said_status = 0.0
        self._footer_of: tuple[Context, str] | None = None
        """What the footer was made of."""
        self._promised: set[str] = set()
        """Planned keys of which it was said that they do nothing yet."""
        self.bars = Bars(self)

    def compose(self) -> ComposeResult:
        yield StatusLine()
        yield TabLine()
        with CoveredContainer(id="body"):
            yield self._make(self.places.place)
        yield Footer()

    def _make(self, place: str) -> TableScreen:
        screen = self.screens[place] = make_screen(place, self.source, self.look, self.gauges)
        screen.scope = self.scope
        return screen

    # -- life -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        for kind in (FLEETS.id, CLUSTERS.id, INCIDENTS.id):
            self.source.subscribe(kind)
        self._stops = [*self._listen(), self.source.listen(self._hear)]
        self.gauges.meter = getattr(self.app, "meter", None)
        self.gauges.reactions.start()
        self._pace = Pace(self.source, self.gauges.meter)
        self.watch(self.app, "app_focus", self._keep_pace, init=False)
        self.refresh_status()
        self.refresh_tabs()
        self.refresh_footer()
        self.ticks = self.set_interval(1.0, self._tick)
        for problem in self._problems:
            self.say(problem, level="error")

    def _listen(self) -> list[Callable[[], None]]:
        """Hear of all changes of the store that is shown; what stops that."""
        store = self.source.store
        return [
            store.listen(lambda _kind, _delta: self._status_changed()),
            store.listen_freshness(lambda _cluster, _kind, _freshness: self._status_changed()),
        ]

    def on_unmount(self) -> None:
        self.gauges.reactions.stop()
        for stop in self._stops:
            stop()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height < NO_TABS, "-no-tabs")
        self.set_class(event.size.height < NO_FOOTER, "-no-footer")

    def _tick(self) -> None:
        self.refresh_status()
        if self.places.place in self.screens:  # not while it is made again, with other columns
            self.current.tick()
        rest(self.screens, self.places, self.look.clock())
        self._keep_pace()
        if self.gauges.thrift.due():
            self.call_later(shed, self)

    def _keep_pace(self) -> None:
        self._pace.update(focused=self.app.app_focus)

    def _hear(self, fact: ToConsole | None) -> None:
        if isinstance(fact, Noticed):
            self.call_later(self._notice, fact)
        else:
            self._status_changed()

    def _notice(self, fact: Noticed) -> None:
        if fact.fatal:
            from kurator_tui.screens.fatal import FatalScreen

            self.app.push_screen(FatalScreen(fact))
        else:
            self.say(fact.title, fact.message, fact.hint, level=fact.level)

    def _status_changed(self) -> None:
        """Say it soon; not each time, while a thousand members connect."""
        if not self._stale_status:
            self._stale_status = True
            wait = max(0.0, self._said_status + self.status_pause - time.monotonic())
            # No timer of Textual's: whoever told the change may know no app.
            asyncio.get_running_loop().call_later(wait, self.call_later, self.refresh_status)

    # -- what is shown ----------------------------------------------------------------------------------------

    @property
    def view(self) -> str:
        """The open view, as the action registry knows it."""
        return self.places.view

    @property
    def current(self) -> TableScreen:
        """The open screen."""
        return self.screens[self.places.place]

    @property
    def context(self) -> Context:
        """What actions may look at now."""
        places = self.places
        return replace(self.current.context, can_back=places.can_back, can_forward=places.can_forward)

    async def open_place(self, place: str) -> None:
        """Open a view or a kind and remember it in the history. Raises KeyError for a kind nobody knows."""
        before = self.current
        if self.places.open(place):
            await self._show(before)

    async def travel(self, step: int) -> None:
        """Go `step` places in the history."""
        before = self.current
        if self.places.travel(step):
            await self._show(before)

    async def _show(self, before: TableScreen) -> None:
        """Show the screen of this place instead of `before`."""
        self.bars.close()
        with self.app.batch_update():  # one frame, and none of an empty body
            before.display = False
            if self.places.place in self.screens:
                self.current.display = True
                self.set_focus(self.current.table)
            else:
                await self.query_one("#body").mount(self._make(self.places.place))
        for kind in self.places.retire():
            await self.forget(kind)
        self.refresh_tabs()
        self.refresh_footer()

    async def forget(self, kind: str) -> None:
        """The rows of `kind` are not looked at: they go, and come again when it is opened again."""
        screen = self.screens.pop(kind, None)
        if screen is not None:
            await screen.leave()

    def refresh_status(self) -> None:
        """The status line says what is known now."""
        self._stale_status = False
        self._said_status = time.monotonic()
        status = describe(
            self.source,
            self.look.clock(),
            fleet=self.settings.fleet,
            read_only=self.settings.read_only,
            ascii_only=self.look.ascii_only,
            clusters=self.scope.clusters,
            plans=self.plan_badge(),
            put_off=self.put_off,
            as_of=self.not_live(),
            unrecorded=self.unrecorded(),
        )
        self.query_one(StatusLine).show(status)

    def put_off(self, row: IncidentRow) -> bool:
        """Whether nobody need look at an incident now."""
        return False

    def not_live(self) -> tuple[str, ...]:
        """What says that other rows than those of now are shown, and shorter; empty where they are live."""
        return ()

    def unrecorded(self) -> str:
        """Why nothing is kept to look back at, "" while it is."""
        return ""

    def plan_badge(self) -> tuple[int, int] | None:
        """(settled, all) targets of the plans that are being applied; None for none."""
        return None

    def refresh_tabs(self) -> None:
        """The tab line says which screen is open, and the scope."""
        tabs = tuple(Tab(screen.digit, screen.title, screen.short, screen.built) for screen in SCREENS)
        active = next((screen.digit for screen in SCREENS if screen.view == self.places.tab), "")
        self.query_one(TabLine).show(tabs, active, self.scope.text())

    def refresh_footer(self) -> None:
        """The footer says what works on this row, or what was counted so far."""
        if self.places.place not in self.screens or not self.current.is_mounted:
            return
        context = self.context
        if (said := (context, self.keys.count)) == self._footer_of:
            return
        self._footer_of = said
        hints = [self._hint(action, context) for action in self.footer_actions(context)]
        if self.keys.count:
            hints.insert(0, Hint(self.keys.count, self._count_label()))
        self.query_one(Footer).show([hint for hint in hints if hint.key])

    def footer_actions(self, context: Context) -> list[Action]:
        """What the footer tells of."""
        return [action for action in FOOTER if action.in_view(self.view) and action.concerns(context)]

    def _hint(self, action: Action, context: Context) -> Hint:
        reason = action.off(context)
        return Hint(next(iter(self.key_texts(action)), ""), action.label.casefold(), reason is None, reason or "")

    def _count_label(self) -> str:
        action = self.keys.keymap.action(self.view, self.keys.count)
        reason = None if action is None else action.off(self.context)
        said = f"{action.label}: {reason}; " if action is not None and reason else ""
        return f"{said}or a count: {self.keys.count}j" if said else f"times the next move: {self.keys.count}j"

    def key_texts(self, action: Action) -> list[str]:
        """The keys that `action` has on this row, as people write them."""
        keymap, context = self.keys.keymap, self.current.context
        kind = object_kind(self.current.kind, context.row) or context.kind
        keys = [key for key in keymap.keys(action.id) if keymap.action(self.view, key, kind) in (None, action)]
        return [display(key, ascii_only=self.look.ascii_only) for key in keys]

    def say(self, title: str, message: str = "", hint: str = "", *, level: str = "information") -> None:
        """A toast; `level` is information, warning or error."""
        from kurator_tui.screens.overlays import say

        say(self.app, title, message, hint, level=level)

    def not_understood(self, text: str, error: Exception) -> None:
        """The command `text` means nothing."""
        self.say(str(error), level="error")

    # -- from keys to actions -----------------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        self.call_after_refresh(self.gauges.reactions.painted, event.time)
        self.current.pressed()
        if await self.bars.take(event):
            return
        counted = self.keys.count
        asked = self.keys.press(event.key, self.context)
        if asked is not None:
            event.stop()
            event.prevent_default()
            await self.perform(*asked)
        elif counted != self.keys.count:
            event.stop()
            self.refresh_footer()
        elif event.key in PLANNED and event.key not in self._promised:
            self._promised.add(event.key)
            self.say(f"{PLANNED[event.key]}: not built yet")

    async def on_paste(self, event: events.Paste) -> None:
        await self.bars.take(event)

    async def perform(self, action: Action, request: Request) -> None:
        """Do `action`, or say why it cannot be done."""
        reason = action.off(self.context)
        if reason is None:
            if action.group == ROW_GROUP:
                self.current.mean()
            for target in (self.current, self):
                if (method := getattr(target, action.method, None)) is not None:
                    done = method(request)
                    if isawaitable(done):
                        await done
                    break
        elif not action.quiet:
            self.say(f"{action.label}: {reason}", level="warning")
        self.refresh_footer()

    async def learn(self, text: str) -> str:
        """Ask what completes a command. Returns what is wrong with it and where, "" for nothing."""
        return ""

    def complete(self, text: str) -> list[str]:
        """Whole commands that `text` may become."""
        return []

    # -- messages ---------------------------------------------------------------------------------------------

    def on_table_base_context_changed(self, message: TableBase.ContextChanged) -> None:
        self.refresh_footer()
        self.bars.show_matches()

    async def on_tab_line_opened(self, message: TabLine.Opened) -> None:
        screen = next(screen for screen in SCREENS if screen.digit == message.key)
        await self.perform(ACTIONS[f"screen.{screen.view}"], Request(argument=screen.view))
