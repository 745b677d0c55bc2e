"""The metrics overview of 100 clusters: how many queries it takes, and that nothing waits for a Thanos that hangs.

A real console and feeder on a fleet of real servers; Thanos is `benchmarks.thanos_server`. While it hangs every
request of the feeder's is held for a minute: keys go on, and other kinds are opened as quickly as before.
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

from benchmarks.console import Console, console
from benchmarks.estate import die_with_parent, load
from benchmarks.harness import Figure
from benchmarks.terminal import Terminal

MEMBERS, PODS, NODES = 100, 1000, 100
QUERIES = 12
KEYS = (b"j", b"j", b"k", b"j", b"\x06", b"\x02", b"G", b"g")
COUNT = 120
KEY_BUDGET, PAUSE_BUDGET = 50.0, 50.0
SLOWER = 2.0
"""How many times as long a kind may take to open while Thanos hangs."""


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
        calm = running.keys((KEYS * count)[:count])
        opened = _opening(running, "ns")
        _get(url, "/hang")
        running.command("metrics")
        hanging = running.keys((KEYS * count)[:count])
        late = _opening(running, "events")
        _get(url, "/answer")
    what = f"metrics overview of {MEMBERS} clusters"
    pauses = hanging.report["pauses"]
    return [
        Figure(f"{what}: queries", asked, "", QUERIES, note="from the key to the last panel"),
        Figure(f"{what}: key to the last panel", shown * 1000, "ms"),
        Figure(
            f"{what}, Thanos hangs: key p99",
            hanging.at(0.99),
            "ms",
            KEY_BUDGET,
            max(hanging.total, default=None),
            ("Thanos answers", calm.at(0.99)),
            f"{len(hanging.total)} keys, {hanging.unanswered} unanswered, p50 {hanging.at(0.5):.1f} ms",
        ),
        Figure(f"{what}, Thanos hangs: worst pause", pauses["worst_ms"], "ms", PAUSE_BUDGET),
        Figure(
            f"{what}, Thanos hangs: another kind of {MEMBERS} members is opened",
            late / opened,
            "x",
            SLOWER,
            note=f"{late:.2f} s, {opened:.2f} s while it answers",
        ),
    ]


def _open(terminal: Terminal, url: str) -> tuple[float, int]:
    """Seconds until the overview is complete, and the ranges that were asked for."""
    before = _get(url, "/asked")["asked"]
    pressed = terminal.type(b"5")
    terminal.until_shown("P99")
    terminal.until_quiet(1.0)
    return terminal.frames[-1].ended - pressed, _get(url, "/asked")["asked"] - before


def _opening(running: Console, kind: str) -> float:
    """Seconds from the command until the rows of all members are known."""
    began = time.monotonic()
    running.command(kind)
    running.until(lambda state: state["synced"], every=0.02)
    return time.monotonic() - began


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
