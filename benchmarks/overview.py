"""The metrics overview of 100 clusters: how many queries it takes, and that nothing waits for a Thanos that hangs.

A real console and feeder on a fleet of real servers; Thanos is `benchmarks.thanos_server`. While it hangs every
request of the feeder's is held for a minute: keys go on, and rows of members come as ever.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.console import Console, Latencies, console
from benchmarks.estate import die_with_parent, load
from benchmarks.harness import Figure
from benchmarks.terminal import Terminal

MEMBERS, PODS, NODES = 100, 1000, 100
QUERIES = 12
KEYS = (b"j", b"j", b"k", b"j", b"\x06", b"\x02", b"G", b"g")
COUNT = 120
KEY_BUDGET, PAUSE_BUDGET = 50.0, 50.0
SETTLED = 2.0
"""Seconds without another query after which all were asked."""
ROWS_BUDGET = 2.0


def run(quick: bool = False) -> list[Figure]:
    """Queries, keys and pauses; `quick` presses half of the keys."""
    count = COUNT // 2 if quick else COUNT
    with (
        load(MEMBERS, pods=PODS, nodes=NODES) as estate,
        thanos(sorted(estate.clusters)) as url,
        console(estate.kubeconfig, "--thanos", url) as running,
    ):
        running.until(lambda state: state["synced"])
        time.sleep(3.0)
        shown, asked = _open(running.terminal, url)
        calm, usual = _keys(running, count)
        _get(url, "/hang")
        hanging, spent = _keys(running, count)
        opened = _opening(running)
        _get(url, "/answer")
    what = f"metrics overview of {MEMBERS} clusters"
    pauses = hanging.report["pauses"]
    return [
        Figure(f"{what}: queries", asked, "", QUERIES, note="until nothing more is asked, forecasts included"),
        Figure(f"{what}: key to its columns", shown * 1000, "ms"),
        Figure(
            f"{what}, Thanos hangs: key p99",
            hanging.at(0.99),
            "ms",
            KEY_BUDGET,
            max(hanging.total, default=None),
            ("Thanos answers", calm.at(0.99)),
            f"{len(hanging.total)} keys, {hanging.unanswered} unanswered, p50 {hanging.at(0.5):.1f} ms",
        ),
        Figure(
            f"{what}, Thanos hangs: worst pause",
            pauses["worst_ms"],
            "ms",
            PAUSE_BUDGET,
            note=f"{pauses['worst_cpu_ms']:.0f} ms of it CPU",
        ),
        Figure(
            f"{what}, Thanos hangs: CPU of the console a key", spent, "ms", None, None, ("Thanos answers", usual)
        ),
        Figure(f"{what}, Thanos hangs: all rows of {PODS:,} pods after", opened, "s", ROWS_BUDGET),
    ]


def _open(terminal: Terminal, url: str) -> tuple[float, int]:
    """Seconds until the overview has its columns, and the ranges that were asked for until none was any more."""
    before = _get(url, "/asked")["asked"]
    pressed = terminal.type(b"5")
    shown = terminal.until_shown("P99") - pressed
    asked, since = before, time.monotonic()
    while time.monotonic() - since < SETTLED:
        time.sleep(0.1)
        if (now := _get(url, "/asked")["asked"]) != asked:
            asked, since = now, time.monotonic()
    return shown, asked - before


def _opening(running: Console) -> float:
    """Seconds from the command until the pods of all members are there."""
    began = time.monotonic()
    running.command("pods")
    return running.until_true(lambda: running.count("pods") >= PODS, every=0.02) - began


def _keys(running: Console, count: int) -> tuple[Latencies, float]:
    """Latencies, and milliseconds of CPU a key with all that the console does beside."""
    before = running.costs()[0]
    found = running.keys((KEYS * count)[:count])
    return found, (running.costs()[0].cpu - before.cpu) / count * 1000


@contextmanager
def thanos(clusters: list[str]) -> Iterator[str]:
    """The URL of a Thanos that knows `clusters`, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.thanos_server", *clusters]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent()
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.terminate()
        process.wait()
        process.stdout.close()


def _get(url: str, path: str) -> Any:
    with urllib.request.urlopen(url + path, timeout=10.0) as answer:
        return json.load(answer)
