"""Opening the console: the feeder is spawned first, Textual imported after it, so that both start at once."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from msgspec import structs

from kurator_tui import memory
from kurator_tui.cli.history import history
from kurator_tui.cli.options import Options, target
from kurator_tui.cli.silences import use_silences
from kurator_tui.cli.views import use_views, use_views_aloud
from kurator_tui.link.spawn import spawn
from kurator_tui.link.terminal import capture

if TYPE_CHECKING:
    from kurator_tui.config.rows_file import RowsFile
    from kurator_tui.screens.game import Game

SHARE = 3 / 8
"""The console's part of the memory that a container allows: its feeders need more."""


def open_console(options: Options) -> int:
    """Run the console, or print both views once where there is no terminal. Returns the exit code."""
    if options.theme:
        from kurator_tui.config.theme import load_theme

        load_theme(options.theme)  # one that does not exist is wrong usage, with a terminal and without
    with target(options, aloud=False) as pointed:
        terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
        if not terminal or os.environ.get("TERM") == "dumb":
            return print_once(pointed)
        return run_console(pointed)


def print_once(options: Options) -> int:
    """Fleets and clusters as tables on stdout."""
    from kurator_tui.cli.get import print_view

    use_views_aloud()
    for view in ("fleets", "clusters"):
        click.echo(asyncio.run(print_view(options, view, "table")))
    click.echo("This is no terminal: kurator-tui printed its views once. In a terminal it opens the live console.")
    return 0


def run_console(options: Options) -> int:
    """The live console; returns its exit code."""
    tty, termios = capture()
    process = spawn()
    from kurator_tui.config.settings import load_settings

    settings, problems = load_settings()
    prepare_terminal(options.colors or settings.colors)
    from kurator_tui.app import run
    from kurator_tui.link.session import Session

    options = replace(
        options,
        theme=options.theme or settings.theme,
        fleet=options.fleet or settings.fleet,
        read_only=options.read_only or settings.read_only,
        no_cache=options.no_cache or not settings.cache,
        protected=tuple(settings.protected),
        read_only_clusters=tuple(settings.read_only_clusters),
        events_of_changes=settings.events_of_changes,
        edge_site_label=settings.edge_site_label,
        share_inbox=settings.share_inbox,
    )
    chosen = structs.replace(
        settings,
        theme=options.theme,
        fleet=options.fleet,
        read_only=options.read_only,
        max_kbps=settings.max_kbps if options.max_kbps is None else options.max_kbps,
        max_memory=options.max_memory or settings.max_memory or int(memory.allowed() * SHARE) >> 20,
    )
    session = Session(options.configured(tty, termios), process, keeper=rows_file(options))
    views, wrong = use_views()
    if views is not None:
        from kurator_tui.link.arranged import tell

        tell(session)
    silences, faults = use_silences(session)
    with history(options, settings, session) as kept:
        problems = [*problems, *wrong, *faults]
        game = game_of(options)
        code = run(session, chosen, tuple(problems), views, silences=silences, history=kept, game=game)
    for line in game.lines() if game is not None else ():
        click.echo(line, err=True)
    return code


def game_of(options: Options) -> Game | None:
    """Who marks the player of a game day; None where there is none."""
    if not options.game:
        return None
    from kurator_tui.screens.game import Game

    return Game.of(options.game)


def prepare_terminal(colors: str) -> None:
    """Set what Textual reads when it is imported and started: pace, the length of a lone Esc, colour depth."""
    os.environ.setdefault("TEXTUAL_FPS", "240")
    os.environ.setdefault("ESCDELAY", "25")
    if colors == "mono":
        os.environ["NO_COLOR"] = "1"
    elif colors != "auto":
        os.environ.pop("NO_COLOR", None)
        os.environ["TEXTUAL_COLOR_SYSTEM"] = "standard" if colors == "16" else colors


def rows_file(options: Options) -> RowsFile | None:
    """Where the last known rows of the estate are; None when none are kept."""
    if options.no_cache or sys.platform == "win32":
        return None
    from kurator_tui.config.estate import estate
    from kurator_tui.config.paths import cache_dir
    from kurator_tui.config.rows_file import RowsFile

    found = estate(options.configured(), os.environ)
    return RowsFile(cache_dir(), found) if found is not None else None
