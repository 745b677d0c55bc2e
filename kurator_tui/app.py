"""The console process: settings, key map, theme and link become screens. It composes; it does not do."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.filter import LineFilter
from textual.screen import Screen

from kurator_tui import memory
from kurator_tui.config.keymap import Keymap, load_keymap, preset
from kurator_tui.config.reading import FileProblem
from kurator_tui.config.settings import Settings
from kurator_tui.config.theme import DEFAULT
from kurator_tui.screens.frame_actions import Frame
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_turns import Look
from kurator_tui.screens.theming import dress
from kurator_tui.screens.timed import Timed
from kurator_tui.wire.ascii import AsciiOnly
from kurator_tui.wire.display import WireApp

if TYPE_CHECKING:
    from kurator_tui.config.silences import SilencesFile
    from kurator_tui.config.views import ViewsFile
    from kurator_tui.link.history import History
    from kurator_tui.screens.game import Game

_LOG = logging.getLogger(__name__)

BROKEN = 70
"""Exit code of an error in kurator-tui itself."""
QUIET = 1.0
"""Seconds after a key in which nothing is tidied up."""


class KuratorApp(WireApp, inherit_bindings=False):
    """The console over one source. It reads nothing itself: `run` starts the source beside it."""

    TITLE = "kurator-tui"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        source: Source,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        keymap: Keymap | None = None,
        problems: tuple[str, ...] = (),
        view: str = "",
        history: History | None = None,
    ) -> None:
        """`history` is what can be looked back at, None for nothing."""
        super().__init__(max_kbps=settings.max_kbps)
        self._typed = 0.0
        self.animation_level = "none"
        try:
            dress(self, settings.theme)
        except FileProblem as problem:
            problems = (*problems, str(problem))
            dress(self, DEFAULT)
        self._filters_of_ours = (AsciiOnly(),) if settings.ascii else ()
        timed = None
        if history is not None:
            source = timed = Timed(source, history, clock)
            clock = timed.clock
        as_of = timed.mark if timed is not None else str
        look = Look(clock, settings.ascii, settings.wide, settings.faults_only, as_of)
        self.frame = Frame(
            source,
            settings,
            keymap or preset(settings.keys),
            look,
            view=view or settings.start,
            problems=problems,
        )
        self.frame.timed = timed

    def get_default_screen(self) -> Screen[None]:
        return self.frame

    def get_line_filters(self) -> Sequence[LineFilter]:
        return (*super().get_line_filters(), *self._filters_of_ours)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self._typed = time.monotonic()
        await super().on_event(event)

    @property
    def typing(self) -> bool:
        """Whether somebody typed a moment ago, and may go on."""
        return time.monotonic() - self._typed < QUIET

    def on_key(self, event: events.Key) -> None:
        """What no dialog and no bar took: only leaving works everywhere."""
        action = self.frame.keys.keymap.action(self.frame.view, event.key)
        if action is not None and action.id == "leave":
            from kurator_tui.screens.overlays import ask_to_quit

            event.prevent_default()
            ask_to_quit(self, self.frame.farewell())

    def _fatal_error(self) -> None:
        """An error of ours ends the console; `run` raises it. Textual would print every frame's locals instead."""
        self._close_messages_no_wait()

    @property
    def failure(self) -> Exception | None:
        """The error that ended the console, None when it ended as it should."""
        return self._exception

    def terminate(self, number: int) -> None:
        """End because of a signal: the terminal is restored, the exit code is 128 + `number`."""
        self.exit(return_code=128 + number)


def run(
    source: Source,
    settings: Settings,
    problems: tuple[str, ...] = (),
    views: ViewsFile | None = None,
    silences: SilencesFile | None = None,
    *,
    history: History | None = None,
    game: Game | None = None,
    clock: Callable[[], float] = time.time,
) -> int:
    """Run the console on `source` until it ends; returns the exit code. Raises what broke it.

    `problems` are what is wrong with the files of settings, to be said on the screen; `views` and `silences`
    were read already.
    `game` marks a player. `clock` is that of what `source` tells.
    """
    memory.tune(middle=memory.PATIENT)
    keymap, more = load_keymap(settings.keys)
    app = KuratorApp(source, settings, keymap=keymap, problems=(*problems, *more), clock=clock, history=history)
    app.frame.views_file, app.frame.silences_file = views, silences
    if game is not None:
        app.frame.inbox.game = game
    return asyncio.run(_live(app, app.frame.source, mouse=settings.mouse))


async def _live(app: KuratorApp, source: Source, *, mouse: bool) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, app.terminate, number)
    reading = asyncio.create_task(source.run())
    tidying = asyncio.create_task(memory.tidy(lambda: app.typing))
    reading.add_done_callback(lambda task: None if task.cancelled() else _ended(app, task))
    try:
        await app.run_async(mouse=mouse)
    finally:
        tidying.cancel()
        await source.close()
        await _end_of(reading, app)
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0


def _ended(app: KuratorApp, task: asyncio.Task[None]) -> None:
    """A source that breaks ends the console: rows that nobody keeps would only look true."""
    if task.exception() is not None and app.return_code is None:
        app.exit(return_code=BROKEN)


async def _end_of(reading: asyncio.Task[None], app: KuratorApp) -> None:
    """What the source still told screens that were going must not hide how the console ended."""
    try:
        await reading
    except asyncio.CancelledError:
        pass
    except Exception:
        if app.return_code in (None, BROKEN):
            raise
        _LOG.exception("the source failed while the console ended")
