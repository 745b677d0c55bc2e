"""First full frame: kurator-tui on a live estate against a bare Textual application with a table, in the same run.

The figure is the median of the ratios of paired runs. Both start from bytecode, as if installed.
"""

from __future__ import annotations

import compileall
import statistics
import sys
from pathlib import Path

import kurator_tui
from benchmarks.harness import Figure
from benchmarks.terminal import first_frame
from kurator_tui.cli.demo_process import estate
from kurator_tui.cli.options import Options

BUDGET = 1.3
RUNS = 9
BARE = [sys.executable, "-m", "benchmarks.bare_table"]
BARE_SHOWS = ("column9", "cell 0.0", "Quit")
CONSOLE_SHOWS = ("Fleets", "HEALTH", "filter")


def run(quick: bool = False) -> list[Figure]:
    """The ratio, and the milliseconds behind it."""
    compileall.compile_dir(Path(kurator_tui.__file__).parent, quiet=2)  # pip does it when it installs
    bare: list[float] = []
    console: list[float] = []
    with estate(Options(scenario="frozen")) as running:
        command = [sys.executable, "-m", "kurator_tui", "--kubeconfig", running.kubeconfig]
        for number in range((5 if quick else RUNS) + 1):
            frames = first_frame(BARE, BARE_SHOWS), first_frame(command, CONSOLE_SHOWS)
            if number:  # the first pair warms the disk cache
                bare.append(frames[0].full_frame)
                console.append(frames[1].full_frame)
    ratios = [mine / yardstick for mine, yardstick in zip(console, bare, strict=True)]
    mine, yardstick = statistics.median(console) * 1000, statistics.median(bare) * 1000
    return [
        Figure("first full frame / bare table", statistics.median(ratios), "x", BUDGET, max(ratios)),
        Figure("first full frame", mine, "ms", None, max(console) * 1000, ("a bare Textual table", yardstick)),
    ]
