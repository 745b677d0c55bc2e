"""A screen as a picture and as text, without a terminal: for `screenshot`, the docs and reports."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from rich.console import Console
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from kurator_tui.config.keymap import preset
from kurator_tui.config.settings import Settings
from kurator_tui.config.theme import DEFAULT
from kurator_tui.screens.frame_actions import Frame
from kurator_tui.screens.metrics_target import Target
from kurator_tui.screens.source import Source
from kurator_tui.screens.table_turns import Look
from kurator_tui.screens.theming import dress

PATIENCE = 30.0
"""Seconds that a screen is waited for which asks for more than rows."""
TURN, QUIET = 0.004, 4
"""Seconds of a turn, and turns in which nothing happens after which a screen is drawn."""


class _Picture(App[int]):
    """One view of a source that somebody else runs, drawn nowhere."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, source: Source, view: str, theme: str, look: Look) -> None:
        super().__init__()
        self.animation_level = "none"
        self._frame = Frame(source, Settings(), preset("default"), look, view=view, problems=())
        dress(self, theme or DEFAULT)

    def get_default_screen(self) -> Screen[None]:
        return self._frame


async def render(
    source: Source,
    view: str,
    size: tuple[int, int],
    *,
    theme: str = "",
    details: bool = False,
    page: str = "",
    keys: Sequence[str] = (),
    ascii_only: bool = False,
    clock: Callable[[], float] = time.time,
    arranged: Sequence[Callable[[Frame], Awaitable[None]]] = (),
    still: bool = False,
) -> tuple[str, str]:
    """(SVG, text) of `view` (`fleets`, `clusters`) on `size` (columns, lines), from what `source` holds.

    `keys` (names as a terminal event has them) are pressed one after another before it is drawn; before them each
    of `arranged` may do anything to the frame. With `still` nothing comes from the source any more: only the
    screen is waited for, whatever else this process does. The caller runs the source and decides when it is
    complete enough. Raises FileProblem for an unknown theme.
    """
    app = _Picture(source, view, theme, Look(clock, ascii_only=ascii_only))
    async with app.run_test(size=size) as pilot:
        pause = partial(_drawn, app) if still else pilot.pause
        await pause()
        for arrange in arranged:
            await arrange(app._frame)
            await pause()
        if page:
            app._frame.open_charts(Target(page))
            await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await _complete(app, pilot)
        await _complete(app, pilot)
        await pause()
        if details:
            await app._frame.current.open_details(focus=False)
            await pilot.pause()  # lays out; at the next one the panes have heard of their sizes
            await pilot.pause()
        return app.export_screenshot(title=f"kurator-tui · {view}"), screen_text(app)


async def _drawn(app: _Picture) -> None:
    """Wait until nothing is queued, no layout is due and the table shows its rows: a few turns in a row."""
    until, quiet = time.monotonic() + PATIENCE, 0
    while quiet < QUIET and time.monotonic() < until:
        await asyncio.sleep(TURN)
        screen = app.screen
        screen._on_timer_update()
        queued = any(not pump._message_queue.empty() for pump in (app, *app.screen_stack, *screen.walk_children()))
        due = screen._layout_required or bool(screen._callbacks)
        quiet = 0 if queued or due or not app._frame.current.settled else quiet + 1


async def _complete(app: _Picture, pilot: Pilot[int]) -> None:
    """Wait until what the screen asks for by itself has been answered, or nearly so."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        shown = app._frame.current if app.screen is app._frame else app.screen
        if getattr(shown, "complete", True):
            return
        await pilot.pause(0.1)


def screen_text(app: App[int]) -> str:
    """The cells of the screen as lines of text, without trailing blanks."""
    width, height = app.size
    console = Console(
        width=width, height=height, file=io.StringIO(), record=True, force_terminal=True, legacy_windows=False
    )
    console.print(app.screen._compositor.render_update(full=True, screen_stack=app._background_screens))
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    return "\n".join(lines).rstrip("\n") + "\n"
