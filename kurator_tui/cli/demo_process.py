"""A demo estate as a child process, for as long as one command runs.

The child ends when its stdin closes, so it cannot outlive us, however we end.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import click

from kurator_tui.cli.options import Options
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.cells import inert

PATIENCE = 30.0
"""Seconds the estate may take to come up."""
GRACE = 5.0
"""Seconds it has to end by itself."""


class DemoFailed(ConsoleError):
    title = "The demo did not start"


class DemoEnded(ConsoleError):
    title = "The demo ended"


@dataclass(frozen=True, slots=True)
class Estate:
    """A running demo: its kubeconfig's path and the ready line it printed."""

    kubeconfig: str
    ready: dict[str, Any]


def command(options: Options) -> list[str]:
    """The demo's command line for these options."""
    return [
        *(sys.executable, "-P", "-m", "kurator_tui.demo", "-o", "json", "--watch-parent"),
        *("--members", str(options.members), "--scenario", options.scenario),
        *("--seed", str(options.seed), "--speed", str(options.speed)),
    ]


@contextmanager
def estate(options: Options) -> Iterator[Estate]:
    """A demo that runs inside the `with` block.

    Raises DemoFailed when it does not come up, and DemoEnded at the end of the block, whatever came of that, when
    the demo did not live so long: nothing in there was wrong with the clusters. What a scenario kept to itself
    until the end is printed to stderr then.
    """
    try:
        process = subprocess.Popen(
            command(options), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as error:
        raise DemoFailed(str(error)) from None
    heard: deque[str] = deque(maxlen=20)
    listener = threading.Thread(target=_listen, args=(process.stderr, heard), daemon=True)
    listener.start()
    lost = ""
    try:
        ready = _ready(process, listener, heard)
        try:
            yield ready
        finally:
            lost = _death(process)
    finally:
        for line in _end(process, listener):
            click.echo(line, err=True)
        if lost:
            raise DemoEnded(lost, "Start it again.")


def _listen(stderr: IO[bytes] | None, heard: deque[str]) -> None:
    """Read stderr to its end, or a demo that writes much would stand still; the last lines are kept."""
    for line in stderr or ():
        if text := line.decode(errors="replace").strip():
            heard.append(text)


def _ready(process: subprocess.Popen[bytes], listener: threading.Thread, heard: deque[str]) -> Estate:
    late = threading.Event()

    def give_up() -> None:
        late.set()
        process.kill()

    alarm = threading.Timer(PATIENCE, give_up)
    alarm.start()
    try:
        line = process.stdout.readline() if process.stdout else b""
    finally:
        alarm.cancel()
    try:
        ready = json.loads(line)
        return Estate(str(ready["kubeconfig"]), ready)
    except (ValueError, KeyError, TypeError) as error:
        process.kill()
        listener.join(5)
        why = f"it was not ready in {PATIENCE:g} s" if late.is_set() else "it ended before it was ready"
        raise DemoFailed(heard[-1] if heard else why, "Run: kurator-tui demo --serve") from error


def _death(process: subprocess.Popen[bytes]) -> str:
    """How a demo ended by itself; '' while it runs, and when it was told to end, as by the user's Ctrl-C."""
    code = process.poll()
    if code in (None, 0, -signal.SIGINT):
        return ""
    if code > 0:
        return f"its process ended with {code}, and its clusters with it"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"its process was ended by {name}, and its clusters with it"


def _end(process: subprocess.Popen[bytes], listener: threading.Thread) -> list[str]:
    """End it and its pipes; the lines that it tells at its end."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    listener.join(GRACE)
    lines = _told(process.stdout)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    return lines


def _told(stdout: IO[bytes] | None) -> list[str]:
    try:
        found = json.loads(stdout.read()) if stdout is not None else {}
    except (ValueError, OSError):
        return []
    lines = found.get("told") if isinstance(found, dict) else None
    return [inert(str(line)) for line in lines] if isinstance(lines, list) else []
