"""`kurator-tui record -o FILE`: what the console would see, into a file, without a screen."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kurator_tui.cli.options import Options, target, target_options
from kurator_tui.errors import ConsoleError, UsageError

if TYPE_CHECKING:
    from kurator_tui.config.history_files import RecordingFile
    from kurator_tui.link.recorder import Recorder


KINDS = ("fleets", "clusters", "incidents", "findings", "blindspots", "nodes", "pods")
"""What is recorded in any case. With `blindspots` all that analysers read is watched, though not recorded."""


class CannotRecord(ConsoleError):
    """The file cannot be written, or not any more."""

    title = "Nothing is recorded"


@click.command()
@click.option(
    "-o", "--output", "path", required=True, metavar="FILE", help="The recording; replaced if it exists."
)
@click.option("--kind", "words", multiple=True, metavar="KIND", help="Record this kind, too; can be repeated.")
@click.option(
    "--screens", "every", is_flag=True, help="Record what each numbered screen shows; it is watched as long."
)
@click.option("--for", "length", default="", metavar="TIME", help="So long, e.g. 10m [default: until Ctrl-C]")
@target_options
def command(options: Options, path: str, words: tuple[str, ...], every: bool, length: str) -> None:
    """Record fleets, clusters, incidents, nodes and pods, to be shown again by `kurator-tui replay FILE`.

    What looks like a secret in a text is masked. The file is for its owner only.
    """
    from kurator_tui.cli.words import place_of
    from kurator_tui.kinds.homes import screen_kinds
    from kurator_tui.store.moments import seconds_of

    seconds = seconds_of(length) if length else None
    if length and not seconds:
        raise UsageError(f"{length!r} is no length of time", "e.g. 90s, 10m, 2h")
    kinds = tuple(dict.fromkeys((*KINDS, *(screen_kinds() if every else ()), *(place_of(word) for word in words))))
    from kurator_tui.config.history_files import RecordingFile

    try:
        file = RecordingFile(Path(path))
    except OSError as error:
        raise CannotRecord(f"cannot write {path}: {error.strerror}") from error
    try:
        with target(options) as pointed:
            size = asyncio.run(record(pointed, kinds, file, seconds))
    finally:
        file.close()
    click.echo(f"{path}: {size} bytes", err=True)


async def record(options: Options, kinds: tuple[str, ...], file: RecordingFile, seconds: float | None) -> int:
    """Record until a signal, or for so many seconds; returns the size in bytes. Raises ConsoleError."""
    from kurator_tui.cli.run import session
    from kurator_tui.link.recorder import Recorder

    ended = asyncio.Event()
    async with session(options, kinds) as (opened, _notices, _complete):
        recorder = Recorder(opened.store, file, time.time)
        recorder.notice = lambda _notice: ended.set()
        recorder.hear(opened.host)
        opened.listen(recorder.hear)
        await _recording(recorder, ended, seconds)
    if recorder.failure:
        raise CannotRecord(f"the recording ends here: {recorder.failure}", "What is there can be replayed.")
    return recorder.written


async def _recording(recorder: Recorder, ended: asyncio.Event, seconds: float | None) -> None:
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM) if sys.platform != "win32" else ()
    for number in numbers:
        loop.add_signal_handler(number, ended.set)
    task = asyncio.create_task(recorder.run())
    task.add_done_callback(lambda _task: ended.set())
    try:
        async with asyncio.timeout(seconds):
            await ended.wait()
    except TimeoutError:
        pass
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
        task.cancel()
        await asyncio.wait({task})
        await recorder.close()
    if not task.cancelled():
        task.result()
