"""A demo estate as a child process, for as long as one command runs.

The child ends when its stdin closes, so it cannot outlive us, however we end.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kurator_tui.cli.options import Options
from kurator_tui.errors import ConsoleError

PATIENCE = 30.0
"""Seconds the estate may take to come up."""


class DemoFailed(ConsoleError):
    title = "The demo did not start"


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
    """A demo that runs inside the `with` block. Raises DemoFailed."""
    process = subprocess.Popen(
        command(options), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield _ready(process)
    finally:
        _end(process)


def _ready(process: subprocess.Popen[str]) -> Estate:
    if process.stdout is None or process.stderr is None:
        raise DemoFailed("no pipe to the demo")
    alarm = threading.Timer(PATIENCE, process.kill)
    alarm.start()
    try:
        line = process.stdout.readline()
    finally:
        alarm.cancel()
    try:
        ready = json.loads(line)
        return Estate(ready["kubeconfig"], ready)
    except (ValueError, KeyError, TypeError) as error:
        process.kill()
        last = process.stderr.read().strip().splitlines()[-1:]
        raise DemoFailed(last[0] if last else f"it was not ready in {PATIENCE:.0f} s") from error


def _end(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
