"""First full frame against a bare Textual application with a table in the same run: empty, and with snapshot rows.

The figure is the median of the ratios of paired runs. All start from bytecode, as if installed. The rows of the
snapshot are of an earlier console; its servers are gone by then, so that nothing else can have shown them.
"""

from __future__ import annotations

import compileall
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import kurator_tui
from benchmarks.harness import Figure
from benchmarks.terminal import first_frame, terminal
from kurator_tui.cli.demo_process import estate
from kurator_tui.cli.options import Options

BUDGET = 1.3
RUNS = 9
BARE = [sys.executable, "-m", "benchmarks.bare_table"]
BARE_SHOWS = ("column9", "cell 0.0", "Quit")
CONSOLE_SHOWS = ("Fleets", "HEALTH", "filter")
ROW = "production"
"""A fleet of the demo: only a row can say it."""


def run(quick: bool = False) -> list[Figure]:
    """The ratios, and the milliseconds behind them."""
    compileall.compile_dir(Path(kurator_tui.__file__).parent, quiet=2)  # pip does it when it installs
    bare: list[float] = []
    empty: list[float] = []
    remembered: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "kurator_tui", "--kubeconfig", str(Path(folder) / "kubeconfig")]
        env = {"XDG_CACHE_HOME": folder}
        _remember(command, env, Path(folder) / "kubeconfig")
        for number in range((5 if quick else RUNS) + 1):
            frames = (
                first_frame(BARE, BARE_SHOWS),
                first_frame([*command, "--no-cache"], CONSOLE_SHOWS, env=env),
                first_frame(command, (*CONSOLE_SHOWS, ROW), env=env),
            )
            if number:  # the first ones warm the disk cache
                for shown, found in zip(frames, (bare, empty, remembered), strict=True):
                    found.append(shown.full_frame * 1000)
    yardstick = ("a bare Textual table", statistics.median(bare))
    return [
        figure
        for what, found in (("first full frame", empty), ("first full frame with snapshot rows", remembered))
        for figure in (
            _ratio(f"{what} / bare table", found, bare),
            Figure(what, statistics.median(found), "ms", None, max(found), yardstick),
        )
    ]


def _ratio(what: str, mine: list[float], bare: list[float]) -> Figure:
    ratios = [each / yardstick for each, yardstick in zip(mine, bare, strict=True)]
    return Figure(what, statistics.median(ratios), "x", BUDGET, max(ratios))


def _remember(command: list[str], env: Mapping[str, str], kubeconfig: Path) -> None:
    """Run a console on a live estate until it shows its rows, and end it: it leaves them."""
    with estate(Options(scenario="frozen")) as running:
        shutil.copy(running.kubeconfig, kubeconfig)
        with terminal(command, env=env) as console:
            console.until_shown(*CONSOLE_SHOWS, ROW)
            console.until_quiet(0.3)
