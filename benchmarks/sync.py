"""The first sync: 50 members with 2,000 pods each, against a bare client that only downloads and decodes them.

The bare client reads what the feeder reads: pods in gzipped pages of 500, 16 lists at a time, over TLS, through
the same typed decoder. It opens no watch, asks nothing else, keeps its rows in a list and draws nothing.
Both clocks start when the process is spawned, with servers that can answer at once: the start of the interpreter
and every import are in the figures; in the console's, so is typing `:pods` once it has drawn its first frame.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

from benchmarks.console import console
from benchmarks.estate import Estate, load
from benchmarks.harness import Figure, median, say

MEMBERS, PODS = 50, 100_000
RUNS = 5
FIRST_BUDGET, RATIO_BUDGET = 1.0, 1.5
CONNECTIONS = 16
"""Of the bare client: as many lists at a time as the feeder allows itself."""


def run(quick: bool = False) -> list[Figure]:
    """Seconds to the first row and to all; the ratio of the latter to the bare client in paired runs."""
    firsts, alls, bares = [], [], []
    with load(MEMBERS, pods=PODS) as estate:
        for number in range(1 + (2 if quick else RUNS)):
            bare = _bare(estate)
            first, everything = _console(estate)
            if number:  # the first pair warms the disk cache
                firsts.append(first)
                alls.append(everything)
                bares.append(bare)
    ratios = [mine / yardstick for mine, yardstick in zip(alls, bares, strict=True)]
    what = f"{MEMBERS} members x {PODS // MEMBERS:,} pods"
    bare_name = "raw transfer and typed projection"
    return [
        Figure(
            "first row of the first member",
            median(firsts),
            "s",
            FIRST_BUDGET,
            max(firsts),
        ),
        Figure(f"all rows of {what} / {bare_name}", median(ratios), "x", RATIO_BUDGET, max(ratios)),
        Figure(f"all rows of {what}", median(alls), "s", None, max(alls), (bare_name, median(bares))),
    ]


def _bare(estate: Estate) -> float:
    """Seconds of the whole process, as for the console."""
    command = [sys.executable, "-m", "benchmarks.raw_client", estate.kubeconfig, "--without", "host"]
    began = time.monotonic()
    found = json.loads(subprocess.check_output([*command, "--connections", str(CONNECTIONS)]))
    taken = time.monotonic() - began
    if found["rows"]["pods"] != PODS:
        raise RuntimeError(f"the bare client found {found['rows']}")
    say(f"bare client {taken:.2f} s, {found['seconds']:.2f} of it requests, {found['cpu']:.2f} of it CPU")
    return taken


def _console(estate: Estate) -> tuple[float, float]:
    with console(estate.kubeconfig) as running:
        running.command("pods")
        began = running.terminal.began
        first = running.until_true(lambda: running.count("pods") > 0, every=0.005)
        last = running.until_true(lambda: running.count("pods") >= PODS, every=0.01)
        say(f"console {first - began:.2f} s and {last - began:.2f} s")
        return first - began, last - began
