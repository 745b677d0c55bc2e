"""`kurator-tui --help`, a whole process, against a bare interpreter in the same run."""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.harness import Figure, median

BUDGET = 300.0
RUNS = 7
HELP = [sys.executable, "-m", "kurator_tui", "--help"]
BARE = [sys.executable, "-c", "pass"]


def run(quick: bool = False) -> list[Figure]:
    """Milliseconds of wall time, median of a few runs after one that warms the disk cache."""
    door: list[float] = []
    bare: list[float] = []
    for number in range((3 if quick else RUNS) + 1):
        pair = _milliseconds(HELP), _milliseconds(BARE)
        if number:
            door.append(pair[0])
            bare.append(pair[1])
    return [
        Figure("kurator-tui --help", median(door), "ms", BUDGET, max(door), ("a bare interpreter", median(bare))),
    ]


def _milliseconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000
