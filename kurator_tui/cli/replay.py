"""`kurator-tui replay FILE`: the console on a recording; without a terminal what it holds, as tables."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import click
from msgspec import structs

from kurator_tui.cli.options import Options
from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.cells import inert
from kurator_tui.link.recording import NoRecording, Recording, load
from kurator_tui.link.replay import Playing

PRINTED = ("fleets", "clusters", "incidents")
FASTEST = 1000.0


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--speed",
    type=click.FloatRange(0, FASTEST),
    default=1.0,
    help="How fast the recorded time goes on; 0: not at all [default: 1]",
)
@click.option(
    "--at", metavar="TIME", default="", help="Begin at 14:02, or 10m before its end [default: its start]"
)
@click.pass_context
def command(context: click.Context, file: str, speed: float, at: str) -> None:
    """Show a recording as if it happened now. Nothing is asked of any cluster, and nothing can be changed."""
    path = Path(file)
    if speed != speed:
        raise UsageError("nan is no speed")
    recording = opened(path)
    begin = moment_of(recording, at)
    terminal = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))
    if not terminal or os.environ.get("TERM") == "dumb":
        click.echo(printed(recording, begin if at else recording.last), nl=False)
        return
    playing = Playing(begin, speed, time.time(), recording.last)
    context.exit(run_replay(context.obj or Options(), path, playing))


def opened(path: Path) -> Recording:
    """Raises NoRecording for what cannot be shown, UsageError for what cannot be read."""
    try:
        recording = load(path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if recording.first is None:
        raise NoRecording(f"{path} ends before the first moment that could be shown", recording.problem)
    return recording


def moment_of(recording: Recording, text: str) -> float:
    """The moment that `--at` means, of those that can be shown. Raises UsageError."""
    from kurator_tui.store.moments import EXAMPLES, moment

    first = recording.first or 0.0
    if not text:
        return first
    found = moment(text, recording.last, first)
    if found is None:
        raise UsageError(f"{text!r} is no moment", EXAMPLES)
    return min(max(found, first), recording.last)


def printed(recording: Recording, at: float) -> str:
    """Fleets, clusters and incidents as they were, and what is wrong with the recording."""
    from kurator_tui.link.rebuilt import Rebuilt

    rebuilt = Rebuilt()
    for number, each in enumerate(recording.records):
        if each.at <= at:
            rebuilt.take(recording, number)
    told = [f"As of {_time(at)}, of {_time(recording.first or 0.0)} to {_time(recording.last)}\n"]
    if recording.problem:
        told.append(f"The recording is {recording.problem}\n")
    if rebuilt.left_out:
        names = ", ".join(sorted(inert(name) for name in rebuilt.left_out))
        told.append(f"Of another version, and not shown: {names}\n")
    return "".join(told) + "".join(f"\n{_table(kind, rebuilt.store.rows(kind), at)}" for kind in PRINTED)


def _table(id: str, rows: Iterable[Row], at: float) -> str:
    """The rows in the order of the screen."""
    from kurator_tui.cli.output import render
    from kurator_tui.kinds.registry import KINDS
    from kurator_tui.store.view import View

    kind = KINDS[id]
    view = View(kind, kind.order, descending=kind.descending)
    view.load(rows)
    return render(kind, list(view), "table", now=at, width=None, wide=False)


def _time(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def run_replay(options: Options, path: Path, playing: Playing) -> int:
    """The console on the recording; returns its exit code."""
    from kurator_tui.config.settings import load_settings

    settings, problems = load_settings()
    from kurator_tui.cli.console import prepare_terminal

    prepare_terminal(options.colors or settings.colors)
    from kurator_tui.app import run
    from kurator_tui.cli.views import use_views
    from kurator_tui.config.history_files import OneFile
    from kurator_tui.link.history import History
    from kurator_tui.link.messages import Configured
    from kurator_tui.link.past import Past
    from kurator_tui.link.session import Session

    chosen = structs.replace(
        settings, theme=options.theme or settings.theme, read_only=True, fleet="", cache=False
    )
    session = Session(Configured(read_only=True, shards=1), start=lambda: playing.start(path), clock=playing.clock)
    views, wrong = use_views()
    history = History(Past(OneFile(path)), file=path.name)
    return run(session, chosen, (*problems, *wrong), views, history=history, clock=playing.clock)
