"""Keys while 100,000 objects are listed: from many members with a few pages each, and from few with many.

The pods' table is open before the first page arrives; keys are pressed until the last row is there.
"""

from __future__ import annotations

import time
from itertools import cycle

from benchmarks.console import Latencies, console
from benchmarks.estate import load
from benchmarks.harness import Figure, percentile, say

PODS = 100_000
SHAPES = (200, 10)
"""Members that share them."""
RUNS = 3
P95_BUDGET, WORST_BUDGET = 100.0, 200.0
KEYS = (b"j", b"j", b"\x06", b"k", b"G", b"g", b"j", b"\x06", b"\x02")
GAP = (0.04, 0.12)
FIRST = 100
"""Rows from which on every key changes the screen."""


def run(quick: bool = False) -> list[Figure]:
    """p95 and worst of the keys of a few starts."""
    figures = []
    for members in SHAPES[:1] if quick else SHAPES:
        with load(members, pods=PODS) as estate:
            runs = [_start(estate.kubeconfig) for _ in range(1 if quick else RUNS)]
        keys = [key for found, _ in runs for key in found.total]
        lost = sum(found.unanswered for found, _ in runs)
        took = [seconds for _, seconds in runs]
        what = f"key during lists of {PODS:,} pods from {members} members"
        pauses = [found.report["pauses"] for found, _ in runs]
        worst = max(pauses, key=lambda pause: float(pause["worst_ms"]))
        note = f"{len(keys)} keys, {lost} unanswered; all rows after {min(took):.1f}-{max(took):.1f} s"
        pause = f"worst pause of the loop {worst['worst_ms']:.0f} ms, {worst['worst_cpu_ms']:.0f} ms of it CPU"
        figures += [
            Figure(f"{what}, p95", percentile(keys, 0.95), "ms", P95_BUDGET, note=note),
            Figure(f"{what}, worst", max(keys, default=0.0), "ms", WORST_BUDGET, note=pause),
        ]
    return figures


def _start(kubeconfig: str) -> tuple[Latencies, float]:
    """The keys of one start, and the seconds until all rows were there."""
    with console(kubeconfig) as running:
        began = time.monotonic()
        running.command("pods")
        running.until_true(lambda: running.count("pods") >= FIRST, every=0.005)
        ended = 0.0

        def complete() -> bool:
            nonlocal ended
            if not ended and running.count("pods") >= PODS:
                ended = time.monotonic()
            return bool(ended)

        found = running.keys(cycle(KEYS), gap=GAP, done=complete)
        say(f"{PODS:,} rows after {ended - began:.1f} s, {len(found.total)} keys")
        return found, ended - began
